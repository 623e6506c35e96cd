"""Links between any two revisions of a framework: stored ones where there are any, else proposed ones."""

import pytest
from django.contrib.auth.models import AnonymousUser

from assessments import queries
from assessments.actions import frameworks, lineage
from assessments.models import FrameworkRevision
from assessments.revisions import CompetenceData
from tests.factories import make_revision, make_revision_data
from tests.test_difference import activity
from tests.test_difference import revision as revision_of

pytestmark = pytest.mark.django_db

LISTEN = "An ability to listen without interrupting what the client says"
GRIEF = "Knowledge of how mourning differs from depression"
NOBODY = AnonymousUser()


def domains(texts):
    rows = [CompetenceData(key, key.upper(), "skill", text) for key, text in texts.items()]
    return revision_of(activity("a", *rows)).domains


def make_first(texts):
    return make_revision(domains=domains(texts))


def make_next(previous, number, texts, *, is_confirmed=True, is_published=True, lineage_=()):
    """The revision that follows, with its links as loading proposes them."""
    data = make_revision_data(number=number, previous=previous.number, domains=domains(texts), lineage=list(lineage_))
    revision = frameworks.load(by=None, data=data)
    if is_confirmed:
        confirm(revision)
    return frameworks.publish(by=None, revision=revision) if is_published else revision


def confirm(revision):
    lineage.confirm(by=None, revision=revision, links=revision.links.values_list("pk", flat=True))


def edges(links):
    return sorted((link.kind, link.older, link.newer) for link in links)


def test_links_of_the_next_revision_are_the_stored_ones():
    first = make_first({"x": LISTEN, "y": GRIEF})
    second = make_next(first, "1.1", {"x": GRIEF, "z": LISTEN})

    assert edges(queries.links_between(first, second)) == [
        ("added", "", "z"),
        ("removed", "y", ""),
        ("reworded", "x", "x"),
    ]
    assert queries.comparison(first, second).is_confirmed


def test_links_backwards_are_the_stored_ones_turned_round():
    first = make_first({"x": LISTEN, "y": GRIEF})
    second = make_next(first, "1.1", {"x": LISTEN})

    found = queries.comparison(second, first)

    assert (found.difference.counts, found.is_confirmed) == ({"unchanged": 1, "added": 1}, True)


def test_links_over_two_steps_are_composed():
    first = make_first({"x": LISTEN})
    second = make_next(first, "1.1", {"x": f"{LISTEN} today"})
    third = make_next(second, "1.2", {"x": f"{LISTEN} today", "y": GRIEF})

    assert edges(queries.links_between(first, third)) == [("added", "", "y"), ("reworded", "x", "x")]


def test_links_between_revisions_without_a_chain_are_proposed():
    first, second = make_first({"x": LISTEN}), make_revision(number="2.0", domains=domains({"y": LISTEN}))

    assert edges(queries.links_between(first, second)) == [("unchanged", "x", "y")]
    assert not queries.comparison(first, second).is_confirmed


def test_links_that_nobody_confirmed_are_told_as_proposed():
    first = make_first({"x": LISTEN})
    draft = make_next(first, "1.1", {"x": GRIEF}, is_confirmed=False, is_published=False)

    found = queries.comparison(first, draft)

    assert (found.difference.counts, found.is_confirmed) == ({"reworded": 1}, False)


def test_step_that_was_never_given_links_is_proposed():
    first = make_first({"x": LISTEN})
    data = make_revision_data(number="1.1", previous="1.0", domains=domains({"y": LISTEN}))
    draft = frameworks.load(by=None, data=data)

    assert edges(queries.links_between(first, draft)) == [("unchanged", "x", "y")]


def test_revisions_are_read_by_their_numbers():
    first, second = make_first({"x": LISTEN}), make_revision(number="2.0", domains=domains({"x": LISTEN}))

    assert queries.revision_pair(NOBODY, "small", "2.0", "1.0") == (second, first)


@pytest.mark.parametrize(("older", "newer"), [("1.0", "9"), ("9", "1.0"), ("1.0", "2.0")])
def test_pair_of_which_one_may_not_be_read_is_missing(older, newer):
    make_first({"x": LISTEN})
    make_revision(number="2.0", is_published=False)

    with pytest.raises(FrameworkRevision.DoesNotExist):
        queries.revision_pair(NOBODY, "small", older, newer)


def test_framework_without_readable_revision_is_missing():
    make_revision(is_published=False)

    with pytest.raises(FrameworkRevision.DoesNotExist):
        queries.readable_revisions(NOBODY, "small")


@pytest.mark.parametrize("is_published", [True, False])
def test_other_revisions_are_those_that_may_be_read(is_published):
    first = make_first({"x": LISTEN})
    make_revision(number="2.0", is_published=is_published, domains=domains({"x": LISTEN}))

    assert queries.has_other_revisions(NOBODY, first) is is_published
