"""The report of a full assessment, against the same content with its statements in a table of five columns.

Started by run.py: documents.py ASSESSMENT. Prints JSON: seconds of the processor of each, the median of runs in turns,
and the rows found in our own. Each counts with all that it started, to its end; what else the machine did meanwhile
does not count. WeasyPrint and Chromium are processes of their own from their start, set the table in the typefaces of
the report, and attach no record. Ours is the second report of a web worker: the helper that sets pages was started
with its first. Beside the table whose columns have their widths (`same`) stand one whose columns WeasyPrint measures
(`auto`), nothing but the statements in a table with widths (`bare`), and a page that says nothing (`empty`).
"""

import ctypes
import datetime
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import django
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipt.settings")
django.setup()

from assessments import records  # noqa: E402  models exist after setup()
from assessments.models import Assessment  # noqa: E402
from assessments.models.audit import ReportKind  # noqa: E402
from assessments.reports import assessment as report  # noqa: E402
from assessments.reports import pdf, press  # noqa: E402

RUNS = 9
ISSUED_ON = datetime.date(2026, 11, 30)
ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of <sys/prctl.h>
WEASYPRINT = (
    "import sys, weasyprint;weasyprint.HTML(string=sys.stdin.read()).write_pdf(sys.argv[1], pdf_variant='pdf/ua-1')"
)
PLAIN = "@page { size: A4; margin: 2cm } body { font: 9pt sans-serif }"
COLUMNS = """
    .five { width: 100%; table-layout: auto; border-collapse: collapse; overflow-wrap: normal }
    .five thead { display: table-header-group }
    .five th, .five td { border: 1px solid #999; padding: 2pt 4pt; text-align: left; vertical-align: top }
"""
# A table gains much when somebody has measured its columns for this very text, so that is what a report has to beat.
WIDTHS = """
    .five { table-layout: fixed }
    .five thead th:nth-child(1) { width: 9% } .five thead th:nth-child(2) { width: 42% }
    .five thead th:nth-child(3) { width: 14% } .five thead th:nth-child(4) { width: 11% }
"""
# The part of a report that comes after its statements begins with this.
AFTER = '<section class="about">'


def main(pk: str) -> None:
    document = records.build(Assessment.objects.get(pk=pk))
    facts = report.context(document, sha256=digest(document), issued_on=ISSUED_ON, kind=ReportKind.FULL)
    rows = [row for domain in facts["domains"] for activity in domain.rated for row in activity.statements]
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "ours.pdf", Path(folder) / "theirs.pdf"
        pages = {
            "same": same_content(facts, COLUMNS + WIDTHS),
            "auto": same_content(facts, COLUMNS),
            "bare": page(five_columns(lines(rows)), COLUMNS + WIDTHS),
            "empty": page("", COLUMNS),
        }
        files = {name: Path(folder) / f"{name}.html" for name in pages}
        for name, text in pages.items():
            files[name].write_text(text)
        times = in_turns(
            ours=lambda: of_a_report(lambda: ours.write_bytes(made(pk))),
            **{name: partial(of_a_process, partial(weasyprint, file, theirs)) for name, file in files.items()},
            chromium=lambda: of_a_process(lambda: chromium(files["same"], theirs)),
        )
        text = subprocess.run(["pdftotext", ours, "-"], capture_output=True, text=True, check=True).stdout
    words = set(text.split())
    print(json.dumps({**times, "rows": len(rows), "found": sum(row.code in words for row in rows)}))


def in_turns(**measures: Callable[[], float]) -> dict[str, float]:
    """The median of each, in seconds of the processor."""
    # Chromium leaves its helpers to whoever adopts orphans; only what is waited for is counted.
    ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0)
    times: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(RUNS):
        for name, measure in measures.items():
            times[name].append(measure())
    return {name: median(taken) for name, taken in times.items()}


def of_a_process(make: Callable[[], object]) -> float:
    begun = processor_seconds()
    make()
    with suppress(ChildProcessError):
        while os.wait():
            pass
    return processor_seconds() - begun


def of_a_report(make: Callable[[], object]) -> float:
    """This process and the helper's children. The helper is loaded before, and ended after, as others wait for all."""
    pdf.set_pages("<html lang='en'><title>x</title></html>", identifier="00" * 32)
    [helper] = press._helpers
    begun = processor_seconds() + seconds_of(helper.process.pid)
    make()
    taken = processor_seconds() + seconds_of(helper.process.pid) - begun
    press.stop()
    return taken


def seconds_of(pid: int) -> float:
    """What a process and all that it waited for have used: fields 14 to 17 of its line in /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
    return sum(map(int, fields)) / os.sysconf("SC_CLK_TCK")


def processor_seconds() -> float:
    """What this process and all that it waited for have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def made(pk: str) -> bytes:
    document = records.build(Assessment.objects.get(pk=pk))
    return pdf.render(document, sha256=digest(document), issued_on=ISSUED_ON)


def digest(document: records.Document) -> str:
    return records.sha256(records.canonical(document))


def same_content(facts: dict[str, Any], columns: str) -> str:
    """The report as it is, but for its statements: they stand in a table for each domain."""
    around = render_to_string("reports/assessment.html", {**facts, "domains": []})
    styled = around.replace("</head>", f"<style>{printed_style()}{columns}</style></head>")
    before, mark, after = styled.partition(AFTER)
    return f"{before}<p>{facts['sources']}</p>{''.join(map(domain_table, facts['domains']))}{mark}{after}"


def printed_style() -> str:
    """The style sheets of a report, with what they load as files that anybody can read."""
    folder = pdf.CHILD.parent
    packaged = {file.name: file.as_uri() for part in ("fonts", "stamps") for file in (folder / part).iterdir()}
    style = "".join((folder / f"{name}.css").read_text() for name in ("fonts", "report"))
    return re.sub(r'"report:([^"]+)"', lambda found: packaged[found[1]], style)


def domain_table(domain: report.Domain) -> SafeString:
    groups = ((each.code, each.title, each.facts, lines(each.statements)) for each in domain.rated)
    rows = format_html_join("", '<tr><th colspan="5">{} {}: {}</th></tr>{}', groups)
    return format_html("<h2>{} {}</h2>{}", domain.code, domain.title, five_columns(rows))


def five_columns(rows: SafeString) -> SafeString:
    head = format_html_join("", '<th scope="col">{}</th>', zip(("Code", "Competence", "Level", "Kind", "Note")))
    return format_html('<table class="five"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>', head, rows)


def lines(rows: list[report.Statement]) -> SafeString:
    return format_html_join("", f"<tr>{'<td>{}</td>' * 5}</tr>", map(cells, rows))


def cells(row: report.Statement) -> tuple[str, ...]:
    level, _, kind = row.meta.replace("\u00a0", " ").partition(" · ")
    return (row.code, f"{row.text} {row.points}", f"{row.swatch.sign} {level}", kind, row.note)


def page(body: str, columns: str) -> str:
    head = f'<meta charset="utf-8"><title>Report</title><style>{PLAIN}{columns}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'


def weasyprint(page: Path, target: Path) -> None:
    command = [sys.executable, "-I", "-c", WEASYPRINT, str(target)]
    subprocess.run(command, input=page.read_text(), text=True, check=True, capture_output=True)


def chromium(page: Path, target: Path) -> None:
    program = shutil.which("chromium") or sys.exit("Chromium was not found. Run: sudo apt-get install -y chromium")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-pdf-header-footer"]
    command = [program, *options, f"--print-to-pdf={target}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main(sys.argv[1])
