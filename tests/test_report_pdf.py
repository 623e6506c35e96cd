"""The assessment report: nothing is lost, nothing is let in, the same record gives the same bytes."""

import datetime
import io
import os
import re
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

import pikepdf
import pytest
import weasyprint
from django.template.loader import render_to_string
from fontTools.ttLib import woff2

from assessments import charts, records
from assessments.exceptions import RenderingFailed
from assessments.reports import assessment, pdf, typeset

ISSUED_ON = datetime.date(2026, 11, 23)
SUPERVISOR = {"id": "s-1", "name": "Dr Helen Marsh", "profession": "Clinical psychologist"}
THERAPIST = {"id": "t-1", "name": "Amara Okafor", "profession": "Counselling psychologist"}
COLLEAGUE = {"id": "s-2", "name": "Dr Samuel Adeyemi", "profession": ""}
LABELS = ["Not yet demonstrated", "Emerging", "Developing", "Competent", "Advanced"]
A4_WIDTH, MARGIN = 595.28, 51.02  # points
NOTES = [
    "<script>alert('tag')</script> & \"quotes\"",
    "<link rel=attachment href=file:///etc/passwd> <img src=http://127.0.0.1:1/x>",
    "A smile \U0001f600 at 14:20",
    "donaudampfschifffahrtsgesellschaft" * 8,
    "First line\nsecond line",
]


def rating(position=None, *, outcome="level", note="", by=SUPERVISOR, **flags):
    return {
        "outcome": outcome,
        "position": position,
        "note": note,
        "is_concern": flags.get("concern", False),
        "is_priority": flags.get("priority", False),
        "rated_by": by,
        "rated_at": "2026-06-14T09:30:00+00:00",
    }


def competence(code, given, *, kind="skill", points=()):
    return {
        "key": code.lower(),
        "code": code,
        "kind": kind,
        "text": f"An ability to do what {code} asks for, in a way that another person can follow without help.",
        "is_safety_critical": code == "B1.1",
        "points": [{"code": f"{code}.{n}", "text": text} for n, text in enumerate(points)],
        "rating": given,
    }


def activity(code, ratings, **more):
    rows = [competence(f"{code}.{n}", given, **more) for n, given in enumerate(ratings, 1)]
    return {
        "code": code,
        "title": f"Ability to work with {code}",
        "short_title": f"Work {code}",
        "scope": "focus",
        "phase": "middle" if code == "B1" else "",
        "competences": rows,
    }


def domains():
    """Three domains, five activities: 18 rated, 3 not observed, 2 not applicable, 5 not rated."""
    noted = [rating(1 + n % 5, note=note) for n, note in enumerate(NOTES)]
    not_observed = [rating(outcome="not_observed", note="No dispute came up.") for _ in range(3)]
    outside = [rating(outcome="not_applicable", note="Outside the programme.") for _ in range(2)]
    concern = rating(2, note="Safety was not asked about.", concern=True, priority=True, by=COLLEAGUE)
    levels = [rating(n) for n in [3, 4, 4, 5, 1, 2, 3, 4, 5, 3, 3, 4]]
    groups = [
        [activity("G1", noted), activity("G2", levels[:6], kind="knowledge", points=["Sub-point of it."])],
        [activity("B1", [concern, *not_observed, *levels[6:], None])],
        [activity("A1", outside), activity("A2", [None] * 4)],
    ]
    return [
        {"code": str(n), "title": f"Domain {n} in full", "short_title": f"Domain {n}", "activities": group}
        for n, group in enumerate(groups, 1)
    ]


def document(status="draft", **changes):
    signed = {"role": "supervisor", "person": SUPERVISOR, "signed_at": "2026-11-14T10:42:09+00:00"}
    return {
        "format": records.FORMAT,
        "chain": {"sequence": 2, "previous_sha256": "ab" * 32} if status == "signed_off" else None,
        "assessment": {
            **dict.fromkeys(["phase", "problem_area", "format", "selected_by", "difficulty"], ""),
            **dict.fromkeys(["case_number", "session_number", "planned_total", "minutes_reviewed"]),
            "id": "0193a4c2-7e10-7c4a-9b1d-3f7a91c208de",
            "status": status,
            "source": "recorded",
            "session_on": "2026-11-14",
            "signed_off_at": "2026-06-20T10:42:09+00:00",
            "withdrawn_at": "2026-11-20T10:42:09+00:00",
            "withdrawn_reason": "Rated against the wrong recording.",
        },
        "organisation": {"id": "o-1", "name": "Northfield Psychological Therapies"},
        "therapist": {**THERAPIST, "programme": ""},
        "supervisor": SUPERVISOR,
        "revision": {
            "framework": "ipt",
            "number": "1.0",
            "title": "IPT competence list",
            "authors": "The authors",
            "licence": "CC BY 4.0",
            "attribution": "After Lemma, Roth and Pilling (2010).",
            "notice": "Independently written.",
            "content_sha256": "cd" * 32,
        },
        "scale": {
            "key": "ipt-development",
            "version": 1,
            "name": "IPT development scale",
            "direction": "ascending",
            "threshold": 4,
            "levels": [
                {
                    "position": n,
                    "value": str(n),
                    "label": label,
                    "skill": f"Skill anchor {n}.",
                    "knowledge": "",
                    "attitude": "",
                }
                for n, label in enumerate(LABELS, 1)
            ],
        },
        "domains": domains(),
        "texts": {"summary": "All in all.", "strengths": "Warmth.\nPatience.", "needs": "Safety."},
        "goals": [
            {"id": "g-1", "text": "Ask about safety.", "competences": ["B1.1"], "due_on": "2026-12-12"},
            {"id": "g-2", "text": "Read on.", "competences": [], "due_on": None},
        ],
        "reply": None,
        "signatures": [] if status == "draft" else [signed],
        **changes,
    }


def looking_back(*activities, status="draft", **changes):
    rows = [{"code": code, "competences": number, "then": then, "now": now} for code, number, then, now in activities]
    previous = {"id": "a-0", "session_on": "2026-05-03", "sha256": "ef" * 32, "activities": rows}
    return document(status, previous=previous, **changes)


def render(content, **limits):
    sha256 = records.sha256(records.canonical(content))
    return pdf.render(content, sha256=sha256, issued_on=ISSUED_ON, **limits)


def context(content, **of):
    return assessment.context(content, sha256="0123456789abcdef" * 4, issued_on=ISSUED_ON, **of)


def printed(content):
    """The text of all pages without white space, since lines break anywhere."""
    text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return squeezed(text.stdout.decode())


def squeezed(text):
    return re.sub(r"\s+", "", text)


@pytest.fixture(scope="module")
def draft():
    return render(document())


def test_report_prints_every_rated_statement_with_its_note(draft):
    rows = [row for domain in domains() for part in domain["activities"] for row in part["competences"]]
    rated = [row for row in rows if row["rating"]]

    text = printed(draft)

    assert len(rated) == 23
    assert [row["code"] for row in rated if squeezed(row["code"] + row["text"]) not in text] == []
    assert [row["rating"]["note"] for row in rated if squeezed(row["rating"]["note"]) not in text] == []
    # The concern is gathered at the front and stands in its place as well.
    assert len(re.findall(r"[ABG]\d\.\d+Anabilitytodowhat", text)) == 29


def test_short_report_counts_what_was_not_rated_without_listing_it():
    text = printed(render(document(), kind="short"))

    assert "Notratedinthisassessment:A2WorkA2(4competences)." in text
    assert "A2.1" not in text


def test_full_report_lists_what_was_not_rated_as_such(draft):
    found = [row for domain in context(document())["domains"] for part in domain.activities for row in part.statements]
    unrated = [row for row in found if row.swatch.css == "ln"]

    assert (len(found), [row.code for row in unrated]) == (28, ["B1.11", "A2.1", "A2.2", "A2.3", "A2.4"])
    assert {(row.meta, row.note, row.is_concern) for row in unrated} == {
        ("Not\u00a0rated\u00a0\u00b7\u00a0Skill", "", False)
    }
    assert "A2.1Anabilitytodo" in printed(draft)


def statements(content):
    found = [part.statements for domain in context(content)["domains"] for part in domain.activities]
    return {row.code: row for rows in found for row in rows}


def test_statement_opens_with_its_level_or_with_its_code_alone():
    rows = statements(document())

    assert [(rows[code].opening, rows[code].css) for code in ["G1.4", "B1.1", "B1.2", "A1.1", "A2.1"]] == [
        ("4\u2002G1.4", "of-l4"),
        ("2\u2002B1.1", "of-l2 is-concern"),
        ("B1.2", "of-lo"),
        ("A1.1", "of-la"),
        ("A2.1", "of-ln"),
    ]


def test_spine_has_the_tint_of_its_swatch():
    sheet = pdf.CHILD.with_name("report.css").read_text()
    spines, swatches = (
        dict(re.findall(rf"^\.{prefix}(l[1-5a]) {{ {name}: (#\w+);", sheet, re.MULTILINE))
        for prefix, name in [("of-", "border-color"), ("", "background-color")]
    )

    assert sorted(spines) == ["l1", "l2", "l3", "l4", "l5", "la"]
    assert spines == swatches


def test_word_wider_than_a_page_is_broken_in_a_statement():
    content = document()
    content["domains"][0]["activities"][0]["competences"][0]["text"] = "W" * 150

    assert statements(content)["G1.1"].css == "of-l1 is-long"
    boxes = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=render(content), capture_output=True, check=True)
    edges = [float(edge) for edge in re.findall(rb'xMax="([\d.]+)"[^>]*>W', boxes.stdout)]
    assert len(edges) > 1
    assert max(edges) < A4_WIDTH - MARGIN + 0.1


def goal_lines(**changes):
    return [goal["when"] for goal in context(document(**changes))["goals"]]


def test_goal_of_an_old_record_names_nobody():
    assert goal_lines() == ["B1.1 \u00b7 By 12 December 2026", "No date set"]


def test_goal_names_who_works_on_it_and_how_it_is_judged():
    goal = {"id": "g-1", "text": "Ask.", "competences": [], "due_on": None, "owner": "both", "judged_by": "A tape."}

    assert goal_lines(goals=[goal]) == ["Worked on by both \u00b7 No date set \u00b7 Judged by: A tape."]


def test_report_prints_what_became_of_earlier_goals():
    goal = {"id": "g-0", "text": "Say less.", "competences": [], "due_on": None, "owner": "both"}
    closed = [
        {**goal, "agreed_in": "a-0", "status": "met", "result": "Two silences."},
        {**goal, "agreed_in": "a-0", "status": "dropped", "result": ""},
    ]

    told = context(document(goals_closed=closed))["goals_closed"]

    assert [row["closed"] for row in told] == ["Closed: met. Two silences.", "Closed: no longer pursued."]
    assert "Goalsfrombefore" in printed(render(document(goals_closed=closed)))


def test_draft_says_on_each_page_that_it_is_one(draft):
    with pikepdf.open(io.BytesIO(draft)) as report:
        pages = len(report.pages)

    assert printed(draft).count("Draft.Notshared,notsigned") >= pages


def test_report_gives_the_same_bytes_again(draft):
    assert render(document()) == draft


def test_report_is_tagged_and_titled(draft):
    with pikepdf.open(io.BytesIO(draft)) as report:
        root = report.Root

        assert root.MarkInfo.Marked
        assert root.Lang == "en-GB"
        assert "/StructTreeRoot" in root
        assert report.docinfo.Title == "Assessment report 91C208DE, Amara Okafor"
        with report.open_outline() as outline:
            assert [item.title for item in outline.root[0].children][:2] == ["Summary", "Where it stands"]


def test_report_lets_nothing_in(draft):
    with pikepdf.open(io.BytesIO(draft)) as report:
        assert list(report.attachments) == ["record.json"]
    assert b"root:" not in draft
    assert draft.count(b"/Type /EmbeddedFile") == 1


def test_printed_fonts_are_those_of_the_pages():
    folder = Path(pdf.__file__).parent

    assert [path.name for path in sorted((folder / "fonts").glob("*.ttf"))] == [
        path.with_suffix(".ttf").name for path in sorted((folder.parent / "static" / "fonts").glob("*.woff2"))
    ]
    for path in (folder.parent / "static" / "fonts").glob("*.woff2"):
        unpacked = io.BytesIO()
        woff2.decompress(io.BytesIO(path.read_bytes()), unpacked)
        assert (folder / "fonts" / path.name).with_suffix(".ttf").read_bytes() == unpacked.getvalue()


def test_child_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    render(document())
    with pytest.raises(RenderingFailed):
        render(document(), timeout=0.05)

    assert [path.name for path in tmp_path.iterdir()] == [f"ipt-reports-{os.getuid()}"]


def test_pages_say_to_a_strict_reader_what_they_say_to_a_forgiving_one():
    html = render_to_string("reports/assessment.html", context(document()))

    strict, forgiving = typeset.Pages(html, typeset.PackagedFiles()), weasyprint.HTML(string=html)
    assert said(strict) == said(forgiving)


def said(pages):
    """The name, classes and text of each element of the body, and all its words in order."""
    body = pages.etree_element.find("body")
    return [(each.tag, each.get("class"), each.text) for each in body.iter()], "".join(body.itertext()).split()


def test_settled_parts_make_the_same_file():
    html = weasyprint.HTML(string="<html lang=en><title>x</title><h1>One</h1><p>Two <b>three</b>.</p>")
    options = {"pdf_variant": "pdf/ua-1", "pdf_identifier": b"0" * 16}

    settled, plain = html.write_pdf(finisher=typeset.finish, **options), html.write_pdf(**options)
    assert unpacked(settled) == unpacked(plain)
    assert len(settled) < 1.02 * len(plain)


def unpacked(report):
    """Every part of a file but those that say where the others are."""
    with pikepdf.open(io.BytesIO(report)) as file:
        streams = [part for part in file.objects if isinstance(part, pikepdf.Stream)]
        contents = [part.read_bytes() for part in streams if part.get("/Type") not in {"/ObjStm", "/XRef"}]
        return contents, [part.unparse() for part in file.objects if not isinstance(part, pikepdf.Stream)]


def test_statements_are_items_of_lists(draft):
    with pikepdf.open(io.BytesIO(draft)) as report:
        kinds = Counter(str(part.S) for part in report.objects if getattr(part, "Type", None) == "/StructElem")

    # 28 statements, one concern told twice, two goals.
    assert kinds["/LI"] == 31
    assert kinds["/LI"] == kinds["/LBody"]


def test_report_embeds_every_font(draft):
    listing = subprocess.run(["pdffonts", "-"], input=draft, capture_output=True, check=True, text=False)
    rows = [line.split()[-5] for line in listing.stdout.decode().splitlines()[2:]]

    assert rows
    assert set(rows) == {"yes"}


def test_report_sets_other_latin_letters_in_a_font_of_their_own():
    person = {"id": "t-1", "name": "Łukasz Żák", "profession": "", "programme": ""}

    report = render(document(therapist=person))

    fonts = subprocess.run(["pdffonts", "-"], input=report, capture_output=True, check=True).stdout.decode()
    assert "Łukasz Żák" in " ".join(
        subprocess.run(["pdftotext", "-", "-"], input=report, capture_output=True, check=True).stdout.decode().split()
    )
    # Two files of one family would share glyph numbers, and the page would show other letters than the text holds.
    assert "+Source-Serif-4-Extended " in fonts


def test_child_is_killed_when_it_takes_too_long():
    begun = time.monotonic()

    with pytest.raises(RenderingFailed, match="too long"):
        render(document(), timeout=0.05)

    assert time.monotonic() - begun < 5


def test_report_waits_its_turn_and_gives_up(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    with pdf._slot(0), pdf._slot(0), pytest.raises(RenderingFailed, match="Other reports"):
        render(document(), patience=0.15)


@pytest.mark.parametrize(
    "html", ["<img src='file:///etc/passwd'/>", "<link rel='attachment' href='http://127.0.0.1/'/>"]
)
def test_child_stops_at_an_address_that_is_not_ours(html, caplog):
    with pdf._slot(1) as slot, pytest.raises(RenderingFailed, match="could not be made"):
        pdf._typeset(f"<html><title>x</title>{html}</html>", "00" * 32, slot=slot, timeout=30)

    assert "FatalURLFetchingError" in caplog.text


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("draft", "Draft. Not shared, not signed"),
        ("shared", "Shared, not yet signed"),
        ("signed_off", "Signed off on 20 June 2026, 11:42 BST"),
        ("withdrawn", "Withdrawn on 20 November 2026, 10:42 GMT. Rated against the wrong recording."),
    ],
)
def test_cover_states_how_far_the_assessment_is(status, sentence):
    assert ("State", sentence) in context(document(status))["facts"]


def test_only_a_signed_report_bears_no_watermark():
    marks = [context(document(status))["state"].watermark for status in ["draft", "shared", "withdrawn", "signed_off"]]

    assert marks == ["Draft. Not shared, not signed", "Shared, not yet signed", "Withdrawn", ""]


def test_headline_counts_and_gives_no_share():
    facts = context(document())

    assert facts["headline"] == "Of 18 competences rated, 8 are at Competent or Advanced."
    assert facts["rest"] == "3 are not observed, 2 are not applicable and 5 are not rated."


def test_headline_of_nothing_rated():
    empty = [{**domains()[2], "activities": [activity("A2", [None])]}]

    assert context(document(domains=empty))["headline"] == "No competence has been rated."
    assert context(document(domains=[]))["bars"] == []
    assert context(document(domains=[]))["rest"] == ""


def test_descending_scale_counts_towards_its_first_level():
    scale = {**document()["scale"], "direction": "descending", "threshold": 2}

    facts = context(document(scale=scale))

    assert facts["headline"] == "Of 18 competences rated, 5 are at Not yet demonstrated or Emerging."
    assert facts["scale"].swatch(1).css == "l5"


def test_rating_by_somebody_else_names_them():
    [concern] = context(document())["concerns"]

    assert concern.meta == (
        "Emerging\u00a0\u00b7\u00a0Skill\u00a0\u00b7 Safety-critical\u00a0\u00b7 Priority"
        "\u00a0\u00b7 Rated by Dr Samuel Adeyemi, 14 June 2026, 10:30 BST"
    )


def test_signatures_show_who_has_not_signed():
    lead = {"role": "lead", "person": COLLEAGUE, "signed_at": "2026-07-01T12:00:00+00:00"}
    given = document("shared")["signatures"]

    rows = context(document("shared", signatures=[*given, lead]))["signatures"]

    assert [(row["role"], row["when"]) for row in rows] == [
        ("Supervisor", "Signed 14 November 2026, 10:42 GMT"),
        ("Therapist", "Not signed"),
        ("Training lead", "Signed 1 July 2026, 13:00 BST"),
    ]


def test_reply_is_printed_with_its_agreement():
    reply = {"agreement": "agree_in_part", "text": "Yes.\n\nAnd no.", "replied_at": "2026-11-16T09:12:00+00:00"}

    facts = context(document("shared", reply=reply))["reply"]

    assert facts == {"line": "I agree in part. Amara Okafor, 16 November 2026, 09:12 GMT", "lines": ["Yes.", "And no."]}


def test_missing_reply_is_said():
    assert context(document("draft"))["reply"]["line"] == "None: a draft is not shown to the therapist."
    assert context(document("shared"))["reply"]["line"] == "None has been given."


def test_occasion_and_session_in_words():
    facts = {
        **document()["assessment"],
        "case_number": 2,
        "session_number": 7,
        "planned_total": 16,
        "phase": "middle",
        "problem_area": "dispute",
        "format": "in_person",
        "minutes_reviewed": 50,
        "selected_by": "random",
        "difficulty": "demanding",
    }

    rows = dict(context(document(assessment=facts))["facts"])

    assert rows["Rests on"] == "Recorded session, case 2, session 7 of 16, 14 November 2026"
    assert rows["Session"] == (
        "Middle phase, role dispute, in person, 50 minutes reviewed, chosen by chance, demanding session"
    )


def test_signed_report_names_its_place_in_the_chain():
    rows = dict(context(document("signed_off"))["about"])

    assert rows["Signed record"] == "Number 2 of Northfield Psychological Therapies"
    assert rows["Record before it"].startswith("SHA-256 abab abab")


def test_framework_of_many_domains_takes_a_second_band_of_the_map():
    bands = context(document(domains=domains() * 2))["bands"]

    assert [len(band["domains"]) for band in bands] == [5, 1]


def test_bars_share_one_measure_and_leave_out_empty_parts():
    parts = [charts.Part("l4", "Competent", 3), charts.Part("l5", "Advanced", 0), charts.Part("ln", "Not rated", 1)]

    long, short = charts.stacked_bars([("A", "3 rated", parts), ("B", "1 rated", parts[:1])])

    assert long.alternative == "A: 3 Competent, 1 Not rated"
    assert [segment.width for segment in long.segments] == ["478.5", "158.5"]
    assert [segment.width for segment in short.segments] == ["478.5"]
    assert [segment.count for segment in long.segments] == ["3", "1"]


def scale(**changes):
    """Nine levels, of which the first is furthest on."""
    levels = [
        {"position": n, "value": f"{n}", "label": f"Step {n}", "skill": f"Skill {n}.", "knowledge": "", "attitude": ""}
        for n in range(1, 10)
    ]
    base = {"key": "nine", "version": 3, "name": "Nine steps", "direction": "descending", "threshold": 2}
    return {**base, "levels": levels, **changes}


def test_report_prints_nine_levels_furthest_on_first():
    found = context(document(scale=scale()))

    assert [swatch.css[1:] for swatch, _ in found["scale"].anchors] == list("554333211")
    assert str(found["scale"]) == "Nine steps, nine levels, version 3"
    assert found["headline"] == "Of 18 competences rated, 5 are at Step 1 or Step 2."


def test_report_of_nine_levels_loses_no_anchor():
    text = printed(render(document(scale=scale())))

    assert [n for n in range(1, 10) if f"Step{n}Skill{n}." not in text] == []


def test_report_says_what_having_no_level_means():
    text = printed(render(document(scale=scale(not_observed="Not called for", not_applicable="Not taught here."))))

    assert "Notobserved:Notcalledfor.Notapplicable:Nottaughthere.Notrated:Nothingwasentered." in text


def test_report_of_a_scale_without_not_applicable_leaves_it_out():
    found = context(document(scale=scale(has_not_applicable=False)))["scale"]

    assert [name for name, _ in found.without_level] == ["Not observed", "Not rated"]
    assert [swatch.label for swatch in found.key][9:] == ["Not observed", "Not rated"]


@pytest.mark.parametrize(("form", "expected"), [({"short_form": "Session review"}, ["Session review"]), ({}, [])])
def test_cover_names_the_short_form(form, expected):
    content = document()
    content["assessment"] |= form

    assert [text for term, text in context(content)["facts"] if term == "Short form"] == expected
