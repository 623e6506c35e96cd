"""The statement of fitness and how concerns are handled: who gives them, where they stand, and where they do not."""

import pytest
from django.urls import reverse

from assessments import records
from assessments.actions import assessments
from assessments.exceptions import Refused
from assessments.forms.assessments import TextsForm
from tests import factories
from tests.conftest import signed_in, told, words
from tests.test_archive import table
from tests.test_report_pdf import context, document, printed, render

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["of oneself", "second"])
def other(request, supervisor, therapist, other_supervisor, revision):
    """A draft of somebody who rates, and whose rating counts in no profile."""
    if request.param == "second":
        return factories.make_second(supervisor, therapist, other_supervisor, revision)[1]
    return factories.make_self_draft(therapist, revision)


NO_TEXTS = {"summary": "", "strengths": "", "needs": ""}
CHECK = "assessment-check"


def save(draft, **changes):
    return assessments.save_texts(by=draft.supervisor, assessment=draft, **NO_TEXTS | changes)


def share(draft):
    factories.rate(draft, "S2.1", 2, note="Missed it.", is_concern=True)
    return assessments.share(by=draft.supervisor, assessment=draft)


def page(person, name, assessment):
    return signed_in(person).get(reverse(name, args=[assessment.pk]))


# giving it


def test_statement_is_saved_and_cleared_again(draft):
    save(draft, fitness="reached")

    assert save(draft, fitness="").fitness == ""
    assert factories.event_types(assessment=draft) == ["assessment_started", "texts_saved", "texts_saved"]


def test_what_was_not_asked_for_stays(draft):
    save(draft, fitness="reached", concerns_handled="Told at once.")

    draft = save(draft, summary="All in all.")

    assert (draft.fitness, draft.concerns_handled) == ("reached", "Told at once.")


def test_statement_is_refused_where_no_supervisor_assesses(other):
    with pytest.raises(Refused, match="only in a supervisor\u2019s own assessment"):
        save(other, fitness="reached")

    assert save(other, fitness="").fitness == ""


def test_check_page_presets_no_judgement(supervisor, draft):
    form = page(supervisor, CHECK, draft).context["form"]

    chosen = [option.data["label"] for option in form["fitness"] if option.data["selected"]]
    assert chosen == ["No statement"]
    assert "not an accreditation by IPT-UK or UCL" in words(page(supervisor, CHECK, draft))


def test_check_page_asks_about_concerns_only_where_there_are_some(supervisor, draft):
    before = "concerns_handled" in page(supervisor, CHECK, draft).context["form"].fields
    factories.rate(draft, "S2.1", 2, note="Missed it.", is_concern=True)

    assert (before, "How the concerns are handled" in words(page(supervisor, CHECK, draft))) == (False, True)


def test_check_page_keeps_the_text_of_a_concern_that_was_cleared(supervisor, draft):
    save(draft, concerns_handled="Told at once.")

    assert "Told at once." in words(page(supervisor, CHECK, draft))


def test_check_page_asks_for_no_statement_where_no_supervisor_assesses(other):
    assert "fitness" not in page(other.supervisor, CHECK, other).context["form"].fields


def test_check_page_saves_the_texts_where_no_supervisor_assesses(other):
    sent = {"strengths": "Warmth.", "needs": "", "summary": "", "fitness": "reached"}

    response = signed_in(other.supervisor).post(reverse(CHECK, args=[other.pk]), sent)

    other.refresh_from_db()
    assert (response.status_code, other.strengths, other.fitness) == (302, "Warmth.", "")


def test_check_page_saves_both(supervisor, draft):
    factories.rate(draft, "S2.1", 2, note="Missed it.", is_concern=True)
    sent = {"fitness": "not_yet", "concerns_handled": "Rang the lead, a@example.org."}

    response = signed_in(supervisor).post(reverse(CHECK, args=[draft.pk]), sent)

    draft.refresh_from_db()
    assert (draft.fitness, draft.concerns_handled) == ("not_yet", "Rang the lead, a@example.org.")
    assert "an e-mail address" in told(response)[0]


def test_form_knows_no_other_statement():
    form = TextsForm({"fitness": "competent"})

    assert list(form.errors) == ["fitness"]


# where it stands


def test_reader_sees_statement_and_what_was_done(therapist, draft):
    save(draft, fitness="reached_with_cpd", concerns_handled="Told at once.")

    text = words(page(therapist, "assessment", share(draft)))

    assert "Statement of fitness Reached, with recommendations for further development This is the supervisor" in text
    assert "How it is handled Told at once." in text


def test_reader_is_told_of_no_statement_where_there_is_none(therapist, shared):
    assert "Statement of fitness" not in words(page(therapist, "assessment", shared))


def test_history_says_it_in_words(supervisor, draft):
    save(draft, fitness="unable")
    save(draft, fitness="")

    text = words(page(supervisor, "assessment-history", draft))

    assert "Statement of fitness before Unable to judge Statement of fitness None" in text


def test_profile_says_nothing_of_it(supervisor, therapist, draft):
    save(draft, fitness="reached")
    share(draft)

    assert "Satisfactory standard" not in words(page(supervisor, "therapist", therapist))


def test_record_holds_both_where_they_say_something(draft):
    save(draft, fitness="reached", concerns_handled="Told at once.")

    found = records.build(draft)

    assert (found["assessment"]["fitness"], found["texts"]["concerns_handled"]) == ("reached", "Told at once.")


def test_record_leaves_both_out_where_they_say_nothing(draft):
    found = records.build(draft)

    assert ("fitness" in found["assessment"], "concerns_handled" in found["texts"]) == (False, False)


def test_archive_tells_of_the_statement(therapist, draft):
    save(draft, fitness="reached")
    share(draft)

    (row,) = table(therapist, "replies-and-signatures.csv")

    assert [row[name] for name in ["What", "By", "As", "Answer"]] == [
        "Statement of fitness",
        "Dr Helen Marsh",
        "Supervisor",
        "Satisfactory standard reached",
    ]


# the report


def stating(fitness="reached", **texts):
    content = document("shared")
    content["assessment"]["fitness"] = fitness
    return {**content, "texts": {**content["texts"], **texts}}


def test_report_says_whose_judgement_it_is():
    facts = context(stating())

    assert facts["fitness"] == {
        "line": "Satisfactory standard reached.",
        "whose": "This is the supervisor\u2019s own judgement, not an accreditation by IPT-UK or UCL.",
    }
    assert dict(facts["glance"])["Statement of fitness"] == "Satisfactory standard reached."


def test_report_without_a_statement_says_so():
    facts = context(document())

    assert facts["fitness"] == {"line": "None is given.", "whose": ""}


def test_report_prints_what_was_done_about_concerns():
    text = printed(render(stating(concerns_handled="The lead was told.\nSeen again.")))

    assert "HowtheconcernsarehandledTheleadwastold.Seenagain." in text
    assert text.index("Concern.Safetywasnotaskedabout.") < text.index("Howtheconcernsarehandled")


def test_summary_of_one_domain_gives_no_sum():
    counts = context(document(domains=document()["domains"][:1]))["counts"]

    assert [name for name, _ in counts.rows] == ["1\u2002Domain 1"]


def test_summary_counts_by_level_and_domain():
    counts = context(document())["counts"]

    assert [swatch.label for swatch in counts.heads][-3:] == ["Not observed", "Not applicable", "Not rated"]
    assert counts.rows == [
        ("1\u2002Domain 1", [2, 2, 2, 3, 2, 0, 0, 0]),
        ("2\u2002Domain 2", [0, 1, 3, 2, 1, 3, 0, 1]),
        ("3\u2002Domain 3", [0, 0, 0, 0, 0, 0, 2, 4]),
        ("All", [2, 3, 5, 5, 3, 3, 2, 5]),
    ]


def test_summary_of_a_scale_without_not_applicable_has_no_column_for_it():
    content = document()
    counts = context({**content, "scale": {**content["scale"], "has_not_applicable": False}})["counts"]

    assert [swatch.label for swatch in counts.heads][-2:] == ["Not observed", "Not rated"]


def test_summary_says_each_thing_in_a_line():
    reply = {"agreement": "disagree", "text": "No.", "replied_at": "2026-11-16T09:12:00+00:00"}
    closed = [{"text": "Say less.", "competences": [], "due_on": None, "status": "met", "result": "Heard it."}]

    rows = dict(context({**stating("unable"), "reply": reply, "goals_closed": closed})["glance"])

    assert rows == {
        "Who": "Amara Okafor, assessed by Dr Helen Marsh",
        "Rests on": "Recorded session, 14 November 2026",
        "Coverage": "18 of 28 competences rated; 3 not observed, 2 not applicable and 5 not rated.",
        "Statement of fitness": "Unable to judge.",
        "Concerns": "1 concern",
        "Development goals": "2 agreed and 1 from before closed.",
        "Therapist\u2019s answer": "I disagree. Amara Okafor, 16 November 2026, 09:12 GMT",
        "Signatures": "Dr Helen Marsh, supervisor: signed 14 November 2026, 10:42 GMT;"
        " Amara Okafor, therapist: not signed",
    }


def test_summary_without_gaps_goals_or_concerns():
    rated = [{**domain, "activities": domain["activities"][1:]} for domain in document()["domains"][:1]]

    rows = dict(context(document(domains=rated, goals=[]))["glance"])

    assert rows["Coverage"] == "6 of 6 competences rated."
    assert (rows["Concerns"], rows["Development goals"]) == ("None was flagged.", "None.")


def test_summary_of_oneself_speaks_of_no_supervisor():
    content = document("shared")
    content["assessment"] |= {"role": "self", "shared_at": "2026-11-15T09:00:00+00:00"}

    rows = context(content)["glance"]

    assert [term for term, _ in rows] == ["Who", "Rests on", "Coverage", "Concerns"]
    assert rows[0] == ("Who", "Amara Okafor, rated by themselves")


@pytest.mark.parametrize(("kind", "told"), [("full", "Full: every"), ("short", "Short: only")])
def test_cover_names_the_kind(kind, told):
    assert dict(context(document(), kind=kind)["facts"])["This report"].startswith(told)


def test_sources_are_said_once():
    assert context(document())["sources"] == (
        "Every rating rests on this: Recorded session, 14 November 2026."
        " Unless it says otherwise, Dr Helen Marsh gave it."
    )
