"""Agreement of two raters over the whole organisation, domain by domain, and the pairs behind it."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from assessments import queries, wording
from assessments.agreement import FEW
from assessments.forms.cohort import SpanForm, span_form
from assessments.models import Role
from assessments.queries.cohort_agreement import CohortAgreement, GroupAgreement
from assessments.queries.groups import SMALLEST_GROUP
from assessments.views.access import SignedInRequest, requires
from assessments.views.cohort import Asked, asked_for
from assessments.views.second_ratings import told

PER_PAGE = 25


@dataclass(frozen=True)
class PairLine:
    """A session that was rated twice; `told` is for whoever may read both."""

    second: Any
    told: dict[str, Any] | None


@requires(Role.LEAD, Role.ADMIN)
def cohort_agreement(request: SignedInRequest) -> HttpResponse:
    """The figures for all who oversee the organisation, where the group is large enough; the pairs for its leads."""
    asked = asked_for(request)
    form = span_form(request.GET)
    found = queries.cohort_agreement(asked.organisation, asked.revision, form.span)
    context = {
        "asked": asked,
        "form": form,
        "found": found,
        "headline": _headline(found, asked),
        "whole": _told(found.whole, asked) if found.pairs else None,
        "domains": [(domain, _told(each, asked)) for domain, each in found.domains],
        "smallest": SMALLEST_GROUP,
        "few": FEW,
        **(_pairs(request, asked, form) if asked.is_led else {"page": None, "lines": []}),
    }
    return render(request, "cohort/cohort_agreement.html", context)


def _told(group: GroupAgreement, asked: Asked) -> dict[str, Any] | None:
    """Without figures where the group is too small for the reader."""
    return told(group.agreement) if _is_shown(group, asked) else None


def _is_shown(group: GroupAgreement, asked: Asked) -> bool:
    return asked.is_led or group.is_told


def _headline(found: CohortAgreement, asked: Asked) -> str:
    """`In 12 sessions that were rated twice, 240 of 310 competences stand at the same level.`"""
    if not found.pairs:
        return "No session in these days was rated twice."
    if not _is_shown(found.whole, asked):
        return f"Sessions of fewer than {wording.in_words(SMALLEST_GROUP, 'therapist')} were rated twice in these days."
    whole = found.whole.agreement
    sessions = "one session that was" if found.pairs == 1 else f"{found.pairs} sessions that were"
    return (
        f"In {sessions} rated twice, {whole.exact} of {wording.count(whole.number, 'competence')}"
        f" {'stands' if whole.exact == 1 else 'stand'} at the same level."
    )


def _pairs(request: SignedInRequest, asked: Asked, form: SpanForm) -> dict[str, Any]:
    pairs = queries.pairs_rated_twice(request.user, asked.organisation, asked.revision, form.span)
    page = Paginator(pairs, PER_PAGE).get_page(request.GET.get("page"))
    within = queries.agreement_within([row.pk for row in page if row.may_read])
    lines: list[PairLine] = [PairLine(row, told(within[row.pk]) if row.pk in within else None) for row in page]
    return {"page": page, "lines": lines}
