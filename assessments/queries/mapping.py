"""The mapping of a draft onto the revision it follows, decision by decision."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q

from assessments.exceptions import Refused
from assessments.models import Competence, CompetenceLink, FrameworkRevision, LinkKind, Rating
from assessments.revisions import spans
from assessments.revisions.spans import Span

PER_PAGE, DIGITS = 50, 18
OPEN, ALL = "open", "all"


@dataclass
class Decision:
    """What became of one old competence, or where one new competence comes from: one or several links."""

    key: str
    links: list[CompetenceLink] = field(default_factory=list)
    ratings: int = 0

    @property
    def first(self) -> CompetenceLink:
        return self.links[0]

    @property
    def older(self) -> Competence | None:
        return self.first.older

    @property
    def newer(self) -> list[Competence]:
        return [link.newer for link in self.links if link.newer]

    @property
    def code(self) -> str:
        """What a person calls the row: the old code, or the new one of a competence that comes from nowhere."""
        return self.older.code if self.older else self.codes

    @property
    def codes(self) -> str:
        return ", ".join(row.code for row in self.newer)

    @property
    def is_confirmed(self) -> bool:
        return all(link.confirmed_at for link in self.links)

    @property
    def is_moved(self) -> bool:
        return bool(self.older and len(self.newer) == 1 and self.older.activity.title != self.newer[0].activity.title)

    @property
    def words(self) -> tuple[list[Span], list[Span]]:
        """Old and new words, each marked as kept, removed or added; of one competence that became one other."""
        older, newer = self.older, self.newer
        return spans.words(older.text if older else "", newer[0].text if len(newer) == 1 else "")


def mapping_page(revision: FrameworkRevision, *, show: str, number: str | None) -> "Page[Any]":
    """A page of decisions in printed order of the older revision, new competences last."""
    groups: dict[str, list[int]] = defaultdict(list)
    shown = set()
    rows = revision.links.order_by("older__position", "newer__position", "id")
    for pk, older, newer, kind, confirmed_at in rows.values_list("pk", "older", "newer", "kind", "confirmed_at"):
        key = f"o{older}" if older else f"n{newer}"
        groups[key].append(pk)
        if show in {ALL, kind} or (show == OPEN and confirmed_at is None):
            shown.add(key)
    ordered = [key for key in groups if key.startswith("o")] + [key for key in groups if key.startswith("n")]
    page: Page[Any] = Paginator([key for key in ordered if key in shown], PER_PAGE).get_page(number)
    page.object_list = _decisions(revision, {key: groups[key] for key in page.object_list})
    return page


def _decisions(revision: FrameworkRevision, groups: dict[str, list[int]]) -> list[Decision]:
    wanted = [pk for pks in groups.values() for pk in pks]
    related = ["older__activity", "newer__activity", "confirmed_by"]
    links = {link.pk: link for link in CompetenceLink.objects.filter(pk__in=wanted).select_related(*related)}
    counted = _ratings(link.older_id for link in links.values())
    found = []
    for key, pks in groups.items():
        here = [links[pk] for pk in pks]
        found.append(Decision(key, here, ratings=counted[here[0].older_id]))
    return found


def _ratings(competences: Iterable[int | None]) -> Counter[int | None]:
    """How many ratings rest on each competence: what is at stake in a decision."""
    counted = Rating.objects.given().filter(competence__in=[pk for pk in competences if pk]).order_by()
    return Counter(dict(counted.values_list("competence").annotate(number=Count("pk"))))


def mapping_counts(revision: FrameworkRevision) -> Counter[str]:
    """Decisions by kind, those still open, and all of them."""
    counts: Counter[str] = Counter()
    seen: dict[str, bool] = {}
    for older, newer, kind, confirmed_at in revision.links.values_list("older", "newer", "kind", "confirmed_at"):
        key = f"o{older}" if older else f"n{newer}"
        if key not in seen:
            counts[kind] += 1
            counts[ALL] += 1
        seen[key] = seen.get(key, False) or confirmed_at is None
    counts[OPEN] = sum(seen.values())
    return counts


def decisions(revision: FrameworkRevision, keys: list[str]) -> list[Decision]:
    """Rows of the page, by the keys they carry; a key that names nothing here is passed over."""
    older = [int(key[1:]) for key in keys if key[:1] == "o" and _is_number(key[1:])]
    newer = [int(key[1:]) for key in keys if key[:1] == "n" and _is_number(key[1:])]
    groups: dict[str, list[int]] = defaultdict(list)
    rows = revision.links.filter(Q(older__in=older) | Q(older=None, newer__in=newer)).order_by("newer__position", "id")
    for pk, before, after in rows.values_list("pk", "older", "newer"):
        groups[f"o{before}" if before else f"n{after}"].append(pk)
    return _decisions(revision, groups)


def _is_number(text: str) -> bool:
    """What fits a column; nothing else names a row."""
    return text.isdecimal() and len(text) <= DIGITS


def ends_of_decision(revision: FrameworkRevision, key: str, codes: list[str]) -> tuple[Competence, list[Competence]]:
    """The old competence of a row and the new ones that a person named by their codes.

    The row of a new competence names the old one it comes from instead. Raises Refused for codes that do not exist.
    """
    side, pk = key[:1], int(key[1:]) if _is_number(key[1:]) else 0
    if side == "n":
        newer = revision.competences.rateable().get(pk=pk)
        if len(codes) != 1:
            raise Refused("Name the one competence of the earlier revision that it comes from.")
        older = _coded(revision.previous, codes)[0]
        others = revision.links.filter(older=older, newer__isnull=False).select_related("newer")
        return older, [*(link.newer for link in others if link.newer and link.newer_id != newer.pk), newer]
    older = Competence.objects.rateable().get(pk=pk, revision=revision.previous)
    return older, _coded(revision, codes)


def _coded(revision: FrameworkRevision | None, codes: list[str]) -> list[Competence]:
    by_code = {row.code.casefold(): row for row in Competence.objects.rateable().filter(revision=revision)}
    unknown = [code for code in codes if code.casefold() not in by_code]
    if unknown:
        number = revision.number if revision else ""
        raise Refused(f"{', '.join(unknown)}: there is no such competence in revision {number}. Check the code.")
    return list(dict.fromkeys(by_code[code.casefold()] for code in codes))


def kinds_to_choose(decision: Decision) -> list[tuple[str, str]]:
    """A new competence is new, or comes from somewhere; an old one became something or was removed."""
    left_out = LinkKind.REMOVED if decision.older is None else LinkKind.ADDED
    return [(value, label) for value, label in LinkKind.choices if value != left_out]
