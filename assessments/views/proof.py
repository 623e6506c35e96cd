"""The public page that says whether a report was issued here. It stores nothing and tells nobody's name for a hash."""

import hashlib
import json
from dataclasses import dataclass, field

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from assessments import queries
from assessments.actions import reports
from assessments.exceptions import RenderingFailed
from assessments.forms.proof import VerifyForm
from assessments.models.audit import ReportKind
from assessments.queries import Genuine
from assessments.reports import attached, cover, words
from assessments.views.access import anyone

# Anybody may ask here, so whoever is signed in and waits for a report goes first.
PATIENCE = 2.0


@dataclass(frozen=True)
class Answer:
    """What the page says, and of whom where the asker holds the file."""

    heading: str
    sentence: str
    is_genuine: bool = True
    facts: list[tuple[str, str]] = field(default_factory=list)


UNKNOWN_FILE = Answer(
    "This file is not a report issued here, or it was changed afterwards",
    "Nothing in it was signed here as it stands.",
    is_genuine=False,
)
UNSIGNED_FILE = Answer(
    "This is not a report of a signed assessment",
    "The file says that it was made before the assessment was signed. Only what both have signed is issued and can be"
    " checked. Ask for the signed report.",
    is_genuine=False,
)
UNKNOWN_CHECKSUM = Answer(
    "This checksum belongs to nothing signed or issued here",
    "Compare it with the page, figure by figure. The one at the foot of a draft is not known here.",
    is_genuine=False,
)


@anyone("whoever is shown a report may ask whether it is genuine")
def verify(request: HttpRequest) -> HttpResponse:
    is_try = request.method == "POST"
    may_try = not is_try or bool(ratelimit.consume(request, action="verify"))
    form = VerifyForm(*((request.POST, request.FILES) if is_try else ()), may_try=may_try)
    answer = None
    if is_try and form.is_valid():
        file, checksum = form.cleaned_data["file"], form.cleaned_data["checksum"]
        answer = _of_checksum(checksum) if checksum else _of_file(file.read())
        form = VerifyForm()
    status = 422 if form.errors else 200
    return render(request, "pages/verify.html", {"form": form, "answer": answer}, status=status if may_try else 429)


def _of_checksum(checksum: str) -> Answer:
    """Genuine or not, which kind and of which day: a checksum can be guessed from a page that lies open."""
    is_whole = len(checksum) == hashlib.sha256().digest_size * 2
    found = queries.genuine(checksum) if is_whole else queries.genuine_as_printed(checksum)
    if found is None:
        return UNKNOWN_CHECKSUM
    what = "the file of a report issued" if found.is_report else "the record of an assessment signed"
    return Answer(
        "This checksum is genuine",
        f"It is that of {what} here. The assessment was signed off on {cover.signed_off_on(_document(found))}."
        " Choose the file to see whom it is about, and whether the file is whole.",
    )


def _of_file(content: bytes) -> Answer:
    digest = hashlib.sha256(content).hexdigest()
    if found := queries.genuine(digest):
        what = "report" if found.is_report else "record"
        sentence = f"It is the {what} as it was {'issued' if found.is_report else 'signed'} here, byte for byte."
        return Answer(f"This {what} is genuine", sentence, facts=_facts(found))
    carried = attached.documents(content)
    if found := queries.genuine_record([hashlib.sha256(each).hexdigest() for each in carried]):
        return _of_other_file(found, content)
    return UNSIGNED_FILE if any(map(attached.is_unsigned, carried)) else UNKNOWN_FILE


def _of_other_file(found: Genuine, content: bytes) -> Answer:
    """It carries a signed record, but its own bytes are not kept here. What was never kept is made again."""
    kinds = found.kinds_issued
    try:
        # One after the other: the first that is the same ends it.
        printed = (
            reports.rendered(found.record, kind=kind, patience=PATIENCE) for kind in ReportKind if kind not in kinds
        )
        is_same = content in printed
    except RenderingFailed:
        return Answer(
            "The record in this file is genuine",
            "It carries a record that was signed here. Its pages could not be compared just now: go by what stands"
            " here, or try again in a minute.",
            facts=_facts(found),
        )
    if is_same:
        sentence = "It is byte for byte what is printed here from the signed record."
        return Answer("This report is genuine", sentence, facts=_facts(found))
    if kinds:
        return Answer(
            "The record in this file is genuine, but the file was changed",
            "It carries a record that was signed here. The file itself was changed or saved again after it was issued:"
            " go by what stands here, not by its pages, and ask for the file as it was issued.",
            is_genuine=False,
            facts=_facts(found),
        )
    return Answer(
        "The record in this file is genuine, its pages are not known",
        "It carries a record that was signed here. The file was changed or saved again, or an earlier version of this"
        " service made it: go by what stands here, not by its pages.",
        is_genuine=False,
        facts=_facts(found),
    )


def _document(found: Genuine) -> dict[str, object]:
    document: dict[str, object] = json.loads(found.record.content)
    return document


def _facts(found: Genuine) -> list[tuple[str, str]]:
    rows = cover.proof(_document(found), found.record.sha256)
    if since := queries.replaced_since(found.record.assessment_id):
        day = words.day(timezone.localdate(since))
        rows.append(("Replaced", f"It was reopened. A new version counts in its place since {day}."))
    return rows
