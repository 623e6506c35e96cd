import datetime
import uuid

import pytest
from django import forms
from django.http import QueryDict
from django.utils import timezone

from assessments.actions.ratings import CLEAR, Change
from assessments.forms.assessments import (
    CHOSEN,
    WHOLE,
    ContextForm,
    GoalForm,
    HandOverForm,
    ReasonForm,
    ReplyForm,
    SignOffForm,
    StartForm,
    TextsForm,
    context_of,
)
from assessments.forms.fields import MAX_NOTE, MAX_TEXT, Date, Form, Line, Number, OneOf, Text
from assessments.forms.people import ChangePersonForm, EndForm, MembershipForm, PersonForm, SupervisionForm
from assessments.forms.ratings import RatingForm, posted_answers
from assessments.models import Competence, Organisation, Outcome, User
from tests import factories

pytestmark = pytest.mark.django_db

CONTROL = "This holds a control character that cannot be kept. Type the text again, or paste it plain."


def cleaned(field, value):
    return field.clean(value)


def refusal(field, value):
    with pytest.raises(forms.ValidationError) as refused:
        field.clean(value)
    return refused.value.messages


def errors(form):
    return {name: list(messages) for name, messages in form.errors.items()}


# Fields


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("  Named.  ", "Named."),
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("Tab\there", "Tab\there"),
        ("", ""),
        ("Zoë 😀", "Zoë 😀"),
    ],
)
def test_text_is_trimmed_and_has_one_kind_of_line_break(typed, text):
    assert cleaned(Text(required=False), typed) == text


@pytest.mark.parametrize("character", ["\x01", "\x08", "\x0b", "\x0c", "\x1b", "\x7f"])
def test_text_with_a_control_character_is_refused(character):
    assert refusal(Text(), f"a{character}b") == [CONTROL]


def test_text_with_a_null_is_refused():
    assert CONTROL in refusal(Text(), "a\x00b")


@pytest.mark.parametrize("character", ["\u202a", "\u202e", "\u2066", "\u2069"])
def test_line_that_turns_what_follows_it_is_refused_and_text_is_not(character):
    turned = "This holds a hidden character that turns the direction of text. Type it again."
    assert refusal(Line(max_length=9), f"Ada{character}") == [turned]
    assert cleaned(Text(), f"Ada{character}b") == f"Ada{character}b"


def test_text_may_be_as_long_as_its_limit():
    assert len(cleaned(Text(), "x" * MAX_TEXT)) == MAX_TEXT


def test_text_past_its_limit_is_refused():
    assert refusal(Text(max_length=MAX_NOTE), "x" * (MAX_NOTE + 1)) == [
        "This is longer than 5,000 characters. Shorten it; nothing was saved."
    ]


def test_text_counts_a_line_break_once():
    assert len(cleaned(Text(max_length=3), "a\r\nb")) == 3


def test_text_has_its_rows():
    assert Text(rows=7).widget.attrs["rows"] == 7


@pytest.mark.parametrize("typed", ["2026-11-30", "30/11/2026"])
def test_date_is_read(typed):
    assert cleaned(Date(), typed) == datetime.date(2026, 11, 30)


@pytest.mark.parametrize("typed", ["30.11.2026", "11/30/2026", "2026-02-30", "tomorrow"])
def test_date_that_is_none_is_refused(typed):
    assert refusal(Date(), typed) == ["This is not a date. Write it as 30/11/2026."]


def test_date_is_shown_as_the_browser_wants_it():
    assert 'value="2026-11-30"' in Date().widget.render("on", datetime.date(2026, 11, 30))


@pytest.mark.parametrize(("typed", "number"), [("1", 1), (" 99 ", 99), ("", None)])
def test_number_is_read(typed, number):
    assert cleaned(Number(max_value=99, required=False), typed) == number


@pytest.mark.parametrize("typed", ["0", "-1", "100", "1.5", "seven"])
def test_number_outside_its_limits_is_refused(typed):
    assert len(refusal(Number(max_value=99), typed)) == 1


def test_number_asks_for_a_keyboard_of_digits():
    assert Number(max_value=9).widget.attrs["inputmode"] == "numeric"


class Small(Form):
    first_name = forms.CharField()
    on = forms.CharField(label="Day")
    row = OneOf(label="Row", empty_label="Choose one")
    rows = forms.ModelChoiceField(queryset=User.objects.none())


def test_form_says_by_name_what_is_missing():
    assert errors(Small({})) == {
        "first_name": ["First name: this is missing."],
        "on": ["Day: this is missing."],
        "row": ["Row: this is missing."],
        "rows": ["Rows: this is missing."],
    }


def test_one_of_gives_the_row_itself(supervisor, therapist):
    field = OneOf()
    field.offer([supervisor, therapist])

    assert (list(field.choices), cleaned(field, str(therapist.pk))) == (
        [(str(supervisor.pk), "Dr Helen Marsh"), (str(therapist.pk), "Amara Okafor")],
        therapist,
    )


def test_one_of_begins_with_its_empty_label(supervisor):
    field = OneOf(empty_label="Choose one")
    field.offer([supervisor])

    assert next(iter(field.choices)) == ("", "Choose one")


@pytest.mark.parametrize("key", ["nonsense", "01900000-0000-7000-8000-000000000000"])
def test_one_of_refuses_any_other_row(supervisor, key):
    field = OneOf()
    field.offer([supervisor])

    assert refusal(field, key) == ["This is not one of the choices. Choose one that is shown."]


# An assessment


def posted_context(**changes):
    return {
        "source": "recorded",
        "session_on": "30/11/2025",
        "is_consent_confirmed": "on",
        "extent": WHOLE,
        **changes,
    }


def test_context_of_the_least_is_taken(revision):
    form = ContextForm(posted_context(), revision=revision)

    assert errors(form) == {}
    assert form.context == {
        "source": "recorded",
        "session_on": datetime.date(2025, 11, 30),
        "is_consent_confirmed": True,
        "case_number": None,
        "session_number": None,
        "planned_total": None,
        "phase": "",
        "problem_area": "",
        "format": "",
        "minutes_reviewed": None,
        "selected_by": "",
        "difficulty": "",
    }


def test_context_in_full_is_taken(revision):
    told = {
        "case_number": 2,
        "session_number": 7,
        "planned_total": 16,
        "phase": "middle",
        "problem_area": "dispute",
        "format": "in_person",
        "minutes_reviewed": 50,
        "selected_by": "supervisor",
        "difficulty": "ordinary",
    }
    form = ContextForm(posted_context(**told), revision=revision)

    assert errors(form) == {}
    assert {name: form.context[name] for name in told} == told


def test_context_names_what_is_missing(revision):
    assert errors(ContextForm({}, revision=revision)) == {
        "source": ["What it rests on: this is missing."],
        "session_on": ["Date of the session or document: this is missing."],
        "extent": ["Extent: this is missing."],
    }


def test_context_of_a_session_to_come_is_refused(revision):
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)

    assert errors(ContextForm(posted_context(session_on=tomorrow), revision=revision)) == {
        "session_on": ["This day lies in the future. Give the day the session took place."]
    }


def test_context_of_a_session_today_is_taken(revision):
    assert ContextForm(posted_context(session_on=timezone.localdate()), revision=revision).is_valid()


def test_context_of_a_recording_needs_consent(revision):
    assert errors(ContextForm(posted_context(is_consent_confirmed=""), revision=revision)) == {
        "is_consent_confirmed": ["Confirm the client's consent, or choose another source than a recorded session."]
    }


@pytest.mark.parametrize("source", ["live", "role_play", "case_report", "discussion"])
def test_context_of_anything_else_needs_none(revision, source):
    assert ContextForm(posted_context(source=source, is_consent_confirmed=""), revision=revision).is_valid()


def test_context_of_a_chosen_extent_needs_a_choice(revision):
    assert errors(ContextForm(posted_context(extent=CHOSEN), revision=revision)) == {
        "activities": ["Tick at least one domain or activity to rate."]
    }


def test_context_takes_activities_of_its_revision_only(revision):
    foreign = factories.make_revision().activities.first()
    form = ContextForm(posted_context(extent=CHOSEN, activities=[foreign.pk]), revision=revision)

    assert set(errors(form)) == {"activities"}


def test_whole_extent_is_all_but_what_is_optional(revision):
    form = ContextForm(posted_context(), revision=revision)

    assert form.is_valid()
    assert [activity.code for activity in form.chosen_activities] == [
        activity.code for activity in revision.activities.exclude(code__startswith="P").order_by("position")
    ]


def test_chosen_extent_joins_domains_and_activities_in_printed_order(revision):
    picked = [revision.activities.get(code=code).pk for code in ["S7", "P1", "G3"]]
    domains = [revision.domains.get(code="5").pk]
    form = ContextForm(posted_context(extent=CHOSEN, activities=picked, domains=domains), revision=revision)

    assert form.is_valid()
    assert [activity.code for activity in form.chosen_activities] == [
        "G3",
        "S7",
        "P1",
        *(f"M{number}" for number in range(1, 7)),
    ]


def test_extent_is_laid_out_like_the_map(revision):
    columns = ContextForm(revision=revision).extent_columns

    assert [(column.domain.code, len(column.activities)) for column in columns] == [
        ("1", 13),
        ("2", 9),
        ("3", 11),
        ("4", 6),
        ("5", 6),
    ]
    assert columns[1].activities[0].data["label"] == "B1 Principles"


def test_context_of_a_draft_is_the_form_s_beginning(draft):
    initial = context_of(draft)

    assert (initial["source"], initial["case_number"], initial["extent"]) == ("recorded", 2, CHOSEN)
    assert {activity.code for activity in initial["activities"]} == {"S2", "S7"}


def test_start_offers_the_therapists_given(revision, therapist, other_therapist):
    therapists = User.objects.filter(pk=therapist.pk)

    found = [
        StartForm(posted_context(therapist=person.pk), revision=revision, therapists=therapists).is_valid()
        for person in [therapist, other_therapist]
    ]

    assert found == [True, False]


def test_start_asks_for_the_therapist_first(revision):
    form = StartForm(revision=revision, therapists=User.objects.none())

    assert next(iter(form.fields)) == "therapist"


def test_texts_may_all_be_blank():
    form = TextsForm({})

    assert form.is_valid()
    assert form.cleaned_data == {"strengths": "", "needs": "", "summary": "", "concerns_handled": "", "fitness": ""}


def test_texts_have_a_limit():
    assert errors(TextsForm({"needs": "x" * 10_001})) == {
        "needs": ["This is longer than 10,000 characters. Shorten it; nothing was saved."]
    }


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("", []),
        ("S2.8", ["S2.8"]),
        ("s2.8, S7.3", ["S2.8", "S7.3"]),
        (" S7.3 ;S2.8;; ", ["S7.3", "S2.8"]),
        ("S2.8, s2.8", ["S2.8"]),
    ],
)
def test_goal_is_tied_to_competences_by_code(revision, typed, codes):
    form = GoalForm({"text": "Listen.", "codes": typed}, revision=revision)

    assert form.is_valid()
    assert [competence.code for competence in form.cleaned_data["codes"]] == codes


@pytest.mark.parametrize("typed", ["A1a.1", "a1a.1", "A1A.1"])
def test_goal_finds_a_code_that_is_printed_in_small_letters(typed):
    form = GoalForm({"text": "Listen.", "codes": typed}, revision=factories.make_revision())

    assert errors(form) == {}
    assert [competence.code for competence in form.cleaned_data["codes"]] == ["A1a.1"]


@pytest.mark.parametrize(
    ("typed", "unknown"), [("S2.8, S2.99, X1", "S2.99, X1"), ("S2.2.a", "S2.2.A"), ("S2.8 S7.3", "S2.8 S7.3")]
)
def test_goal_refuses_a_code_that_cannot_be_rated(revision, typed, unknown):
    assert errors(GoalForm({"text": "Listen.", "codes": typed}, revision=revision)) == {
        "codes": [f"{unknown}: no competence of this revision has this code."]
    }


def test_goal_needs_a_text(revision):
    assert errors(GoalForm({"text": "  "}, revision=revision)) == {"text": ["What to work on: this is missing."]}


def test_goal_may_have_a_date(revision):
    form = GoalForm({"text": "Listen.", "due_on": "2027-01-31"}, revision=revision)

    assert form.is_valid()
    assert form.cleaned_data["due_on"] == datetime.date(2027, 1, 31)


def test_reason_is_compulsory():
    assert errors(ReasonForm({"reason": " "})) == {"reason": ["Reason: this is missing."]}


def test_hand_over_offers_the_supervisors_given(supervisor, other_supervisor):
    supervisors = User.objects.filter(pk=other_supervisor.pk)

    found = [
        HandOverForm({"to": person.pk, "reason": "Leave."}, supervisors=supervisors).is_valid()
        for person in [supervisor, other_supervisor]
    ]

    assert (found, list(HandOverForm(supervisors=supervisors).fields)) == ([False, True], ["to", "reason"])


@pytest.mark.parametrize("agreement", ["agree_in_part", "disagree"])
def test_reply_that_differs_says_how(agreement):
    assert errors(ReplyForm({"agreement": agreement, "text": " "})) == {"text": ["Say what you see differently."]}


@pytest.mark.parametrize(("agreement", "text"), [("agree", ""), ("agree", "Yes."), ("disagree", "I saw it otherwise.")])
def test_reply_is_taken(agreement, text):
    form = ReplyForm({"agreement": agreement, "text": text})

    assert form.is_valid()
    assert form.cleaned_data == {"agreement": agreement, "text": text}


def test_reply_needs_an_answer():
    assert errors(ReplyForm({"text": "Well."})) == {"agreement": ["Your answer: this is missing."]}


def test_signing_takes_the_password(supervisor):
    assert SignOffForm({"password": factories.PASSWORD}, user=supervisor, may_try=True).is_valid()


@pytest.mark.parametrize("typed", ["wrong", factories.PASSWORD.upper(), f" {factories.PASSWORD}"])
def test_signing_refuses_any_other_password(supervisor, typed):
    assert errors(SignOffForm({"password": typed}, user=supervisor, may_try=True)) == {
        "password": ["This is not your password. Nothing was signed."]
    }


def test_signing_never_shows_the_password_again(supervisor):
    assert "wrong" not in SignOffForm({"password": "wrong"}, user=supervisor, may_try=True).as_p()


# People


def posted_person(northfield, **changes):
    return {
        "name": "Ada Byron",
        "email": "Ada.Byron@Example.org",
        "organisation": str(northfield.pk),
        "role": "therapist",
        "starts_on": "2026-01-31",
        **changes,
    }


def test_person_is_taken(northfield):
    form = PersonForm(posted_person(northfield), organisations=[northfield])

    assert form.is_valid()
    assert form.cleaned_data == {
        "name": "Ada Byron",
        "email": "Ada.Byron@Example.org",
        "profession": "",
        "organisation": northfield,
        "role": "therapist",
        "programme": "",
        "starts_on": datetime.date(2026, 1, 31),
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "A\x07da"}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"email": "ada"}, "email"),
        ({"profession": "Nurse\x1b"}, "profession"),
        ({"role": "boss"}, "role"),
        ({"starts_on": "soon"}, "starts_on"),
        ({"organisation": str(uuid.uuid4())}, "organisation"),
    ],
)
def test_person_with_a_mistake_is_refused(northfield, changes, field):
    form = PersonForm(posted_person(northfield, **changes), organisations=[northfield])

    assert list(form.errors) == [field]


def test_person_starts_today_unless_told_otherwise(northfield):
    form = PersonForm(organisations=[northfield])

    assert form["starts_on"].value() == timezone.localdate()


def test_changed_person_is_taken():
    form = ChangePersonForm({"name": "Ada Byron", "profession": "Nurse"})

    assert form.is_valid()
    assert form.cleaned_data == {"name": "Ada Byron", "profession": "Nurse", "is_active": False}


def test_changed_person_keeps_a_name():
    assert errors(ChangePersonForm({"is_active": "on"})) == {"name": ["Name: this is missing."]}


def test_membership_is_of_an_organisation_offered(northfield, southbank):
    posted = {"role": "lead", "starts_on": "2026-01-31"}

    found = [
        MembershipForm(posted | {"organisation": str(each.pk)}, organisations=[northfield]).is_valid()
        for each in [northfield, southbank]
    ]

    assert found == [True, False]


def test_supervision_is_by_a_supervisor_offered(northfield, supervisor, other_supervisor):
    posted = {"organisation": str(northfield.pk), "starts_on": "2026-01-31"}
    organisations = list(Organisation.objects.all())

    found = [
        SupervisionForm(
            posted | {"supervisor": str(each.pk)}, organisations=organisations, supervisors=[supervisor]
        ).is_valid()
        for each in [supervisor, other_supervisor]
    ]

    assert found == [True, False]


def test_supervision_needs_a_supervisor(northfield):
    posted = {"organisation": str(northfield.pk), "supervisor": "", "starts_on": "2026-01-31"}
    form = SupervisionForm(posted, organisations=[northfield], supervisors=[])

    assert errors(form) == {"supervisor": ["Supervisor: this is missing."]}


def test_end_needs_a_day():
    assert errors(EndForm({})) == {"ends_on": ["Last day: this is missing."]}


# Answers

KEY = uuid.UUID("0190f5fe-7c00-7a00-8000-000000000001")


def rating(**values):
    return RatingForm({"key": str(KEY), "version": "0", "answer": "3", **values})


def test_answer_with_a_level_becomes_a_change():
    form = rating(note=" Clear. ", concern="on", priority="on", version="12")

    assert form.is_valid()
    assert form.change("S2.1") == Change(
        code="S2.1",
        key=KEY,
        base_version=12,
        outcome=Outcome.LEVEL,
        position=3,
        note="Clear.",
        is_concern=True,
        is_priority=True,
    )


@pytest.mark.parametrize("answer", [Outcome.NOT_OBSERVED, Outcome.NOT_APPLICABLE, Outcome.PENDING, CLEAR])
def test_answer_without_a_level_becomes_a_change(answer):
    form = rating(answer=answer)

    assert form.is_valid()
    assert form.change("S2.1") == Change(code="S2.1", key=KEY, base_version=0, outcome=answer)


def test_answer_without_a_key_is_given_one():
    form = rating(key="")

    assert form.is_valid()
    assert form.change("S2.1").key != form.change("S2.1").key


@pytest.mark.parametrize("answer", ["level", "10", "33", "²", "٣", "-1", "yes", "3.0", "not observed"])
def test_answer_of_nonsense_is_refused(answer):
    assert errors(rating(answer=answer)) == {"answer": ["This is not an answer. Choose one of the levels shown."]}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"answer": ""}, "answer"),
        ({"version": ""}, "version"),
        ({"version": "-1"}, "version"),
        ({"version": "x"}, "version"),
        ({"key": "x"}, "key"),
        ({"note": "x" * 5001}, "note"),
        ({"note": "a\x07b"}, "note"),
    ],
)
def test_answer_with_a_mistake_is_refused(values, field):
    assert list(rating(**values).errors) == [field]


def answers(revision, posted):
    post = QueryDict(mutable=True)
    post.update(posted)
    competences = Competence.objects.filter(revision=revision, code__in=["S2.1", "S2.2"]).order_by("position")
    bound = posted_answers(post, competences)
    assert all(form.is_valid() for form in bound.values())
    return {code: form.change(code).outcome for code, form in bound.items()}


@pytest.mark.parametrize(
    ("posted", "outcomes"),
    [
        ({}, {}),
        ({"answer-S2.1": "3"}, {}),
        ({"version-S2.1": "0"}, {}),
        ({"version-S2.1": "0", "answer-S2.1": "3"}, {"S2.1": "level"}),
        ({"version-S2.1": "0", "answer-S2.1": "not_observed"}, {"S2.1": "not_observed"}),
        ({"version-S2.1": "0", "note-S2.1": "Later."}, {"S2.1": "pending"}),
        ({"version-S2.1": "0", "concern-S2.1": "on"}, {"S2.1": "pending"}),
        ({"version-S2.1": "0", "priority-S2.1": "on"}, {"S2.1": "pending"}),
        ({"version-S2.1": "7"}, {"S2.1": "clear"}),
        ({"version-S2.1": "7", "answer-S2.1": "3", "clear": "S2.1"}, {"S2.1": "clear"}),
        ({"version-S2.1": "7", "answer-S2.1": "3", "clear": "S2.2"}, {"S2.1": "level"}),
        (
            {"version-S2.1": "0", "answer-S2.1": "3", "version-S2.2": "4", "answer-S2.2": "not_applicable"},
            {"S2.1": "level", "S2.2": "not_applicable"},
        ),
        ({"version-S9.9": "0", "answer-S9.9": "3"}, {}),
    ],
)
def test_posted_page_becomes_answers(revision, posted, outcomes):
    assert answers(revision, posted) == outcomes


def test_posted_answer_keeps_what_was_typed(revision):
    post = QueryDict(mutable=True)
    post.update({"version-S2.1": "7", "answer-S2.1": "3", "note-S2.1": "Clear.", "concern-S2.1": "on"})

    form = posted_answers(post, Competence.objects.filter(revision=revision, code="S2.1"))["S2.1"]

    assert form.is_valid()
    assert form.change("S2.1").values == {
        "outcome": "level",
        "position": 3,
        "note": "Clear.",
        "is_concern": True,
        "is_priority": False,
        "points_seen": "",
        "time_mark": None,
    }


def test_signing_refused_after_too_many_tries(supervisor):
    form = SignOffForm({"password": factories.PASSWORD}, user=supervisor, may_try=False)

    assert form.errors["password"] == ["Too many tries. Wait five minutes, then try again. Nothing was signed."]
