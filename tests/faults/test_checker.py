"""The checker itself: it finds what is wrong in a journal or a database that was tampered with, and nothing else."""

import sqlite3
import uuid
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest

from tests.faults import checker
from tests.faults.checker import Books, Event
from tests.faults.rater import Change, Rater

ASSESSMENT = "0190a000-0000-7000-8000-000000000001"


def change(number, code, *, base=0, version=None):
    key = str(uuid.UUID(int=number))
    made = Change(key, ASSESSMENT, code, position=number % 5 + 1, note=f"Answer {number}.", base=base, due=0.0)
    made.version = version
    return made


def event(of, *, before=None, key=None):
    after = {"outcome": "level", "position": of.position, "note": of.note}
    return Event(of.version, key or of.key, ASSESSMENT, {"code": of.code, "before": before, "after": after})


@pytest.fixture
def journal():
    """S1.1 was answered twice, S1.2 once."""
    return [change(1, "S1.1", version=11), change(2, "S1.2", version=12), change(3, "S1.1", base=11, version=13)]


@pytest.fixture
def books(journal):
    first = event(journal[0])
    events = [first, event(journal[1]), event(journal[2], before=first.data["after"])]
    return Books(events, {each.item: (each.id, *each.told) for each in events})


def counts(journal, books):
    return {name: number for name, number in checker.compare(journal, books).counts.items() if number}


def test_books_that_agree_with_the_journal_have_nothing_wrong(journal, books):
    assert counts(journal, books) == {}


def test_acknowledged_answer_that_is_not_in_the_books_is_lost(journal, books):
    gone = replace(books, events=books.events[:1] + books.events[2:])
    del gone.standing[ASSESSMENT, "S1.2"]

    assert counts(journal, gone) == {"lost": 1}


def test_answer_that_was_stored_with_other_words_is_lost(journal, books):
    journal[1].note = "What was really said."

    assert counts(journal, books) == {"lost": 1}


def test_answer_that_was_never_acknowledged_is_not_missed(journal, books):
    assert counts([*journal, change(4, "S1.3")], books) == {}


def test_same_key_twice_is_a_duplicate(journal, books):
    again = replace(books.events[2], id=14, data={**books.events[2].data, "before": books.events[2].data["after"]})
    books.events.append(again)
    books.standing[again.item] = (14, *again.told)

    assert counts(journal, books) == {"duplicates": 1, "overwrites": 1}


def test_same_words_under_another_key_are_a_duplicate(journal, books):
    copied = event(journal[1], before=books.events[1].data["after"], key=str(uuid.UUID(int=99)))
    books.events.append(replace(copied, id=14))
    books.standing[copied.item] = (14, *copied.told)

    assert counts(journal, books) == {"duplicates": 1}


def test_answer_over_one_that_its_person_had_not_seen_is_an_overwrite(journal, books):
    journal[2].base = 0

    assert counts(journal, books) == {"overwrites": 1}


@pytest.mark.parametrize("standing", [(12, 5, "Something else."), (11, 3, "Answer 2."), None])
def test_other_value_than_the_last_event_says_is_an_overwrite(journal, books, standing):
    books.standing[ASSESSMENT, "S1.2"] = standing

    assert counts(journal, books) == {"overwrites": 1}


def test_value_without_an_event_is_an_overwrite(journal, books):
    books.standing[ASSESSMENT, "S1.9"] = (17, 3, "From nowhere.")

    assert counts(journal, books) == {"overwrites": 1}


def test_event_that_does_not_continue_the_one_before_is_a_break(journal, books):
    books.events[2].data["before"] = None

    assert counts(journal, books) == {"breaks": 1}


def test_answers_that_were_stored_in_another_order_are_a_break(journal, books):
    assert counts([journal[1], journal[0], journal[2]], books) == {"breaks": 1}


# A database that really was tampered with


@pytest.fixture
def rated(server):
    """Two answers on one item, one on another, and the server stopped."""
    rater = Rater(server.port, server.facts["raters"][0])
    first, second, *_ = rater.open("S6")
    for code in (first, first, second):
        rater.answer(code)
    rater.close()
    server.stop()
    return server.database_url, rater.journal


def tamper(url, *statements):
    """Past the guards, as only an owner of the database can."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
            guards = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for statement in [*(f'DROP TRIGGER "{name}"' for (name,) in guards), *statements]:
                connection.execute(statement)
        return
    with psycopg.connect(url) as connection:
        for statement in ["SET session_replication_role = replica", *statements]:
            connection.execute(statement.encode())


def found(rated):
    url, journal = rated
    return {name: n for name, n in checker.compare(journal, checker.read_books(url, journal)).counts.items() if n}


@pytest.mark.faults(0, "Checker", quick=True)
def test_untouched_database_has_nothing_wrong(rated):
    assert found(rated) == {}


@pytest.mark.faults(0, "Checker")
def test_event_taken_out_of_the_database_is_lost(rated):
    url, journal = rated
    last = journal[2]
    rating = f"DELETE FROM assessments_rating WHERE version = {last.version}"
    tamper(url, rating, f"DELETE FROM assessments_auditevent WHERE id = {last.version}")

    assert found(rated) == {"lost": 1}


@pytest.mark.faults(0, "Checker")
def test_value_changed_in_the_database_is_an_overwrite(rated):
    url, journal = rated
    tamper(url, f"UPDATE assessments_rating SET note = 'Other words.' WHERE version = {journal[2].version}")

    assert found(rated) == {"overwrites": 1}


@pytest.mark.faults(0, "Checker")
def test_event_written_once_more_is_a_duplicate(rated):
    url, journal = rated
    columns = "at, by_id, type, organisation_id, assessment_id, person_id, revision_id"
    key = uuid.UUID(int=99).hex
    given = f"'{key}'" if url.startswith("sqlite") else f"uuid '{key}'"
    kept = f"SELECT {columns}, {given}, data FROM assessments_auditevent WHERE id = {journal[2].version}"
    tamper(url, f"INSERT INTO assessments_auditevent ({columns}, change_key, data) {kept}")

    # It continues nothing, and what stands does not come from it.
    assert found(rated) == {"duplicates": 1, "overwrites": 1, "breaks": 1}
