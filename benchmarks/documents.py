"""The report of a full assessment, against the same statements as a plain five-column table in WeasyPrint and Chromium.

Started by run.py: documents.py ASSESSMENT. Prints JSON: seconds of the processor of each, the median of runs in turns,
and the rows found in our own. Each counts with all that it started, to its end; what else the machine did meanwhile
does not count. The tables are processes of their own from their start. Ours is the second report of a web worker: the
helper that sets pages was started with its first.
"""

import ctypes
import datetime
import html
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipt.settings")
django.setup()

from assessments import records  # noqa: E402  models exist after setup()
from assessments.models import Assessment, Rating  # noqa: E402
from assessments.reports import pdf, press  # noqa: E402

RUNS = 5
ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of <sys/prctl.h>
WEASYPRINT = (
    "import sys, weasyprint;weasyprint.HTML(string=sys.stdin.read()).write_pdf(sys.argv[1], pdf_variant='pdf/ua-1')"
)
STYLE = """
    @page { size: A4; margin: 2cm } body { font: 9pt sans-serif }
    table { width: 100%; table-layout: fixed; border-collapse: collapse } thead { display: table-header-group }
    th, td { border: 1px solid #999; padding: 2pt 4pt; text-align: left; vertical-align: top }
    th:nth-child(1) { width: 9% } th:nth-child(2) { width: 42% } th:nth-child(3) { width: 11% }
    th:nth-child(4) { width: 14% }
"""


def main(pk: str) -> None:
    assessment = Assessment.objects.get(pk=pk)
    ratings = list(assessment.ratings.select_related("competence__activity__domain", "level").order_by("competence"))
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "ours.pdf", Path(folder) / "theirs.pdf"
        page = Path(folder) / "table.html"
        page.write_text(table(ratings))
        times = in_turns(
            ours=lambda: of_a_report(lambda: ours.write_bytes(report(assessment))),
            weasyprint=lambda: of_a_process(lambda: weasyprint(page, theirs)),
            chromium=lambda: of_a_process(lambda: chromium(page, theirs)),
        )
        text = subprocess.run(["pdftotext", ours, "-"], capture_output=True, text=True, check=True).stdout
        words = set(text.split())
    found = sum(rating.competence.code in words for rating in ratings)
    print(json.dumps({**times, "rows": len(ratings), "found": found}))


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
    pdf.set_pages("<html lang=en><title>x</title>", identifier="00" * 32)
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


def report(assessment: Assessment) -> bytes:
    document = records.build(assessment)
    digest = records.sha256(records.canonical(document))
    return pdf.render(document, sha256=digest, issued_on=datetime.date(2026, 11, 30))


def table(ratings: list[Rating]) -> str:
    names = ("Code", "Competence", "Kind", "Level", "Note")
    rows = "".join(f"<tr>{''.join(f'<td>{html.escape(text)}</td>' for text in row(rating))}</tr>" for rating in ratings)
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Report</title><style>{STYLE}</style></head>'
        f"<body><h1>Report</h1><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></body></html>"
    )


def row(rating: Rating) -> tuple[str, ...]:
    competence = rating.competence
    level = rating.level.label if rating.level else rating.get_outcome_display()
    text = " ".join([competence.text, *(point.text for point in competence.points.all())])
    return (competence.code, text, competence.get_kind_display(), level, rating.note)


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
