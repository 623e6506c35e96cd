import re

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.actions import assessments, goals
from assessments.models import Membership, Outcome, RecordAccess, Role, Supervision
from assessments.revisions import LevelData
from tests import factories
from tests.conftest import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

THERAPISTS = "/therapists/"
PER_PAGE = 50


def day(value):
    return f"{value:%-d %B %Y}"


def profile(person, reader=None, **query):
    return signed_in(reader or person).get(reverse("therapist", args=[person.pk]), query)


def accesses(person):
    return signed_in(person).get(reverse("therapist-accesses", args=[person.pk]))


def card(response, code):
    """What the profile says of one activity, as it is read."""
    found = re.findall(r'<li class="box.*?</li>', response.text, re.S)
    cards = [" ".join(re.sub(r"<[^>]+>", " ", html).split()) for html in found]
    return next(text for text in cards if f" {code} " in text)


# the list


def test_list_shows_present_therapists_of_a_supervisor(supervisor, therapist, other_therapist):
    response = signed_in(supervisor).get(THERAPISTS)

    assert [line.row.therapist for line in response.context["rows"]] == [therapist]


def test_list_leaves_out_whom_somebody_supervised_before(supervisor, therapist):
    Supervision.objects.update(ends_on=factories.days_ago(1))

    response = signed_in(supervisor).get(THERAPISTS)

    assert "No therapists yet" in words(response)


def test_list_shows_a_lead_everybody_of_the_organisation(lead, therapist, other_therapist, outside_therapist):
    response = signed_in(lead).get(THERAPISTS)

    assert [line.row.therapist for line in response.context["rows"]] == [therapist, other_therapist]


def test_list_offers_a_lead_no_start(lead, therapist):
    text = words(signed_in(lead).get(THERAPISTS))

    assert "The therapists of your organisations" in text
    assert "Start" not in text


def test_list_offers_a_supervisor_a_start_for_each(supervisor, therapist):
    html = signed_in(supervisor).get(THERAPISTS).text

    assert f'href="/assessments/new/?therapist={therapist.pk}"' in html


def test_list_says_what_has_not_begun(supervisor, therapist):
    text = words(signed_in(supervisor).get(THERAPISTS))

    assert "Amara Okafor Year 1 Supervision agenda of Amara Okafor Last assessment None yet Nothing rated yet" in text
    assert "Nothing waits for you." in text


def test_list_says_since_when_without_a_programme(other_supervisor, other_therapist):
    text = words(signed_in(other_supervisor).get(THERAPISTS))

    assert "Daniel Reyes Since 6 January 2025" in text


def test_list_shows_the_last_assessment(supervisor, shared):
    text = words(signed_in(supervisor).get(THERAPISTS))

    assert f"Last assessment {day(shared.session_on)} Recorded session, case 2" in text


def test_list_shows_how_somebody_stands(supervisor, shared):
    text = words(signed_in(supervisor).get(THERAPISTS))

    assert re.search(r"Rated 2 of \d+ \. 1 Competent, 1 Developing, 1 Not observed and \d+ Not rated", text)


def test_list_counts_no_draft_as_rated(supervisor, draft):
    factories.rate(draft, "S2.1", 4)

    text = words(signed_in(supervisor).get(THERAPISTS))

    assert "None yet Nothing rated yet Draft open" in text


@pytest.mark.parametrize(("drafts", "sentence"), [(1, "One draft is in progress."), (2, "Two drafts are in progress.")])
def test_list_counts_drafts_in_words(supervisor, therapist, revision, drafts, sentence):
    for _ in range(drafts):
        factories.make_draft(supervisor, therapist, revision)

    assert f"Nothing waits for you. {sentence}" in words(signed_in(supervisor).get(THERAPISTS))


def test_list_offers_to_begin_a_draft(supervisor, draft):
    text = words(signed_in(supervisor).get(THERAPISTS))

    assert "0 of 18 rated Begin at S2 with Amara Okafor" in text


def test_list_offers_to_resume_a_draft_after_the_last_answer(supervisor, draft):
    factories.rate(draft, "S7.2", 4)

    response = signed_in(supervisor).get(THERAPISTS)

    assert "1 of 18 rated Resume at S7.3 with Amara Okafor" in words(response)
    assert f'href="/assessments/{draft.pk}/activities/S7/#item-S7.3"' in response.text


def test_list_offers_to_check_a_draft_that_is_complete(supervisor, therapist, revision):
    draft = factories.make_draft(supervisor, therapist, revision, codes="S7")
    for number in range(1, 9):
        factories.rate(draft, f"S7.{number}", 4)

    assert "8 of 8 rated Check the draft about Amara Okafor" in words(signed_in(supervisor).get(THERAPISTS))


def test_list_says_that_no_draft_is_open_beside_what_waits(supervisor, therapist, shared):
    assessments.reply(by=therapist, assessment=shared, agreement="agree", text="")

    assert "No draft is open." in words(signed_in(supervisor).get(THERAPISTS))


def test_list_asks_to_read_a_reply(supervisor, therapist, shared):
    assessments.reply(by=therapist, assessment=shared, agreement="agree", text="")

    text = words(signed_in(supervisor).get(THERAPISTS))

    assert "One thing waits for you." in text
    assert "Read the reply of Amara Okafor" in text
    assert f"Amara replied on {day(timezone.localdate())} To read" in text


def test_list_asks_to_sign_after_the_therapist(supervisor, therapist, shared):
    assessments.sign_off(by=therapist, assessment=shared)

    text = words(signed_in(supervisor).get(THERAPISTS))

    assert "Sign the assessment of Amara Okafor" in text
    assert f"Amara signed on {day(timezone.localdate())} To sign" in text


def test_list_counts_what_waits_in_words(supervisor, therapist, revision):
    for _ in range(2):
        shared = factories.make_shared(supervisor, therapist, revision)
        assessments.reply(by=therapist, assessment=shared, agreement="agree", text="")

    assert "Two things wait for you." in words(signed_in(supervisor).get(THERAPISTS))


def test_list_asks_nothing_of_a_signed_one(supervisor, signed):
    assert "Nothing waits for you." in words(signed_in(supervisor).get(THERAPISTS))


def test_list_asks_nothing_while_the_therapist_has_the_next_move(supervisor, shared):
    assert "Nothing waits for you." in words(signed_in(supervisor).get(THERAPISTS))


def test_list_keeps_drafts_of_those_who_left(supervisor, draft):
    Supervision.objects.update(ends_on=factories.days_ago(1))

    text = words(signed_in(supervisor).get(THERAPISTS))

    assert "One draft is in progress." in text
    assert "You supervise nobody at present." in text


def test_list_escapes_names(supervisor, northfield):
    person = factories.make_person("<b>Eve</b>", Role.THERAPIST, northfield, programme="<i>Year</i>")
    factories.make_supervision(person, supervisor, northfield)

    html = signed_in(supervisor).get(THERAPISTS).text

    assert "&lt;b&gt;Eve&lt;/b&gt;" in html
    assert "<i>Year</i>" not in html


# the profile


def test_profile_before_anything_is_rated(therapist):
    text = words(profile(therapist))

    assert "Nothing is rated yet for Amara." in text
    assert "Nothing is rated yet, so every core and focus activity is still to come." in text
    assert "None has been shared yet." in text
    assert "No goal is open." in text


def test_profile_shows_the_median_of_an_activity(therapist, shared):
    response = profile(therapist)

    assert card(response, "S2") == (
        "3 Ability to work with interpersonal role disputes S2 Median level 3, Developing. 2 of 10 rated Focus"
    )


def test_profile_shows_four_kinds_of_nothing_apart(supervisor, therapist, revision):
    answers = {"S2.1": 1, "S4.1": Outcome.NOT_OBSERVED}
    answers |= {f"S7.{number}": Outcome.NOT_APPLICABLE for number in range(1, 9)}
    factories.make_rated(supervisor, therapist, revision, answers)

    response = profile(therapist)

    assert [re.search(r" (Median level 1|Not \w+)", card(response, code))[1] for code in ["S2", "S4", "S7", "S8"]] == [
        "Median level 1",
        "Not observed",
        "Not applicable",
        "Not rated",
    ]
    assert re.findall(r'<span class="spine (\w+)"', response.text)[23:30] == ["l1", "ln", "lo", "ln", "ln", "la", "ln"]


def test_profile_counts_optional_ones_once_begun(supervisor, therapist, revision):
    before = profile(therapist)
    factories.make_rated(supervisor, therapist, revision, {"P1.1": 3})

    after = profile(therapist)

    assert "Optional, none begun" in words(before)
    assert re.search(r"Specific applications 1 of \d+ rated, median 3 Developing", words(after))


def test_profile_says_what_is_not_applicable_of_a_domain(supervisor, therapist, revision):
    factories.make_rated(supervisor, therapist, revision, {"S2.1": Outcome.NOT_APPLICABLE})

    assert re.search(r"Specific IPT techniques 0 of \d+ rated; 1 not applicable", words(profile(therapist)))


def test_profile_leaves_drafts_out(therapist, draft):
    factories.rate(draft, "S2.1", 4)

    text = words(profile(therapist))

    assert "Nothing is rated yet for Amara." in text
    assert "None has been shared yet." in text


def test_profile_shows_the_supervisor_their_own_draft(supervisor, therapist, draft):
    response = profile(therapist, supervisor)

    assert f'<a href="/assessments/{draft.pk}/">' in response.text


def test_profile_links_no_draft_for_the_lead(lead, therapist, draft):
    response = profile(therapist, lead)

    assert f'<a href="/assessments/{draft.pk}/">' not in response.text
    assert "Draft" in words(response)


def test_profile_asks_the_therapist_to_sign(therapist, shared):
    text = words(profile(therapist))

    assert f"Read and sign the assessment of {day(shared.session_on)}" in text


def test_profile_says_what_was_done_with_what_waits(supervisor, therapist, shared):
    assessments.reply(by=therapist, assessment=shared, agreement="agree", text="")
    assessments.sign_off(by=supervisor, assessment=shared)

    today = day(timezone.localdate())
    assert f"; signed by Dr Helen Marsh on {today}; you replied on {today} To sign" in words(profile(therapist))


def test_profile_asks_nothing_once_signed(therapist, shared):
    assessments.sign_off(by=therapist, assessment=shared)

    assert "Waiting for you" not in words(profile(therapist))


def test_profile_asks_the_supervisor_nothing(supervisor, therapist, shared):
    assert "Waiting for you" not in words(profile(therapist, supervisor))


def test_profile_offers_the_supervisor_a_start(supervisor, therapist):
    response = profile(therapist, supervisor)

    assert f'href="/assessments/new/?therapist={therapist.pk}"' in response.text
    assert "Who opened my record" not in words(response)


def test_profile_offers_the_therapist_the_list_of_openings(therapist):
    response = profile(therapist)

    assert f'href="/therapists/{therapist.pk}/accesses/"' in response.text
    assert "Start an assessment" not in words(response)


def test_profile_offers_the_lead_neither(lead, therapist):
    text = words(profile(therapist, lead))

    assert "Profile of Amara Okafor" in text
    assert "Start an assessment" not in text
    assert "Who opened my record" not in text


def test_profile_shows_open_goals_once_shared(supervisor, therapist, revision):
    draft = factories.make_draft(supervisor, therapist, revision)
    factories.rate(draft, "S2.1", 3)
    due, tied = factories.days_ago(-30), [draft.ratings.get().competence]
    goals.save(by=supervisor, assessment=draft, text="Rehearse endings", due_on=due, competences=tied)
    before = words(profile(therapist))
    assessments.share(by=supervisor, assessment=draft)

    after = words(profile(therapist))

    assert "Rehearse endings" not in before
    assert f"Rehearse endings In progress S2.1. Worked on by the therapist. Look at it again by {day(due)}." in after


def test_profile_lists_what_is_missing_or_stale(supervisor, therapist, revision):
    long_ago = factories.make_rated(supervisor, therapist, revision, {"S7.1": 3}, days=200)
    factories.make_rated(supervisor, therapist, revision, {"S2.1": 3, "S1.1": Outcome.NOT_OBSERVED}, days=2)

    text = words(profile(therapist))

    assert f"S7 Communication Older than six months {day(long_ago.session_on)}" in text
    assert "Looked for, not observed – Never" in text
    assert "No case with this problem area – Never" in text
    assert "Never rated – Never" in text


def test_profile_says_when_nothing_is_missing(supervisor, therapist, revision):
    small = factories.make_revision()
    response = profile(therapist)

    assert small != revision
    assert "has been rated within the last six months" not in words(response)


def test_profile_shows_levels_by_domain_as_a_table(therapist, shared):
    html = profile(therapist).text

    head = re.findall(r'<th scope="col" class="r">([^<]+)</th>', html)
    row = re.search(r'<th scope="row">Techniques</th>(.*?)</tr>', html)[1]
    assert head[:8] == [
        "Advanced",
        "Competent",
        "Developing",
        "Emerging",
        "Not yet demonstrated",
        "Not observed",
        "Not applicable",
        "Not rated",
    ]
    assert re.findall(r">(\d+)<", row)[:7] == ["0", "1", "1", "0", "0", "1", "0"]


def test_profile_of_an_earlier_day_knows_nothing_later(supervisor, therapist, revision):
    factories.make_rated(supervisor, therapist, revision, {"S2.1": 5}, days=2)
    factories.make_rated(supervisor, therapist, revision, {"S2.1": 2}, days=100)

    earlier = profile(therapist, on=factories.days_ago(50).isoformat())

    assert "Median level 2, Emerging" in card(earlier, "S2")


def test_profile_of_today_shows_the_latest_level(supervisor, therapist, revision):
    factories.make_rated(supervisor, therapist, revision, {"S2.1": 5}, days=2)
    factories.make_rated(supervisor, therapist, revision, {"S2.1": 2}, days=100)

    assert "Median level 5, Advanced" in card(profile(therapist), "S2")


@pytest.mark.parametrize("on", ["", "zzz", "2026-02-31", "9999-12-31", "31/12/2025", "\x00"])
def test_profile_of_nonsense_or_the_future_is_of_today(therapist, on):
    response = profile(therapist, on=on)

    assert response.context["profile"].on == timezone.localdate()


def test_profile_of_the_first_day_of_all_is_empty(therapist, shared):
    response = profile(therapist, on="0001-01-01")

    assert "Nothing is rated yet for Amara." in words(response)


def test_profile_shows_six_of_the_recent_assessments(supervisor, therapist, revision):
    for _ in range(7):
        factories.make_shared(supervisor, therapist, revision)

    response = profile(therapist)

    recent = response.text.partition('id="recent-title"')[2]
    assert recent.count('<span class="vh">, assessment of Amara Okafor</span>') == 6


def test_profile_says_why_it_closed_with_the_supervision(supervisor, therapist):
    Supervision.objects.update(ends_on=factories.days_ago(1))

    response = profile(therapist, supervisor)

    assert response.status_code == 403
    assert "Your supervision of this therapist has ended. You can still read what you wrote yourself." in words(
        response
    )


def test_profile_is_closed_to_the_administrator(admin, therapist):
    response = profile(therapist, admin)

    assert response.status_code == 403
    assert "Administrators manage people and frameworks. They do not read ratings." in words(response)


def test_profile_of_somebody_who_is_no_therapist_is_missing(supervisor):
    assert profile(supervisor).status_code == 404


def test_profile_stays_open_to_a_therapist_who_left(therapist, shared):
    factories.end_membership(therapist)

    assert profile(therapist).status_code == 200


# who opened it


def test_opening_is_noted_once_a_day(supervisor, lead, therapist):
    for reader in [supervisor, supervisor, lead, therapist]:
        profile(therapist, reader)

    assert list(RecordAccess.objects.order_by("id").values_list("by__name", "opened")) == [
        ("Dr Helen Marsh", "profile"),
        ("Margaret Ellison", "profile"),
    ]


def test_opening_that_was_refused_is_not_noted(admin, therapist):
    profile(therapist, admin)

    assert not RecordAccess.objects.exists()


def test_accesses_before_anybody_came(therapist):
    assert "Nobody has opened it yet" in words(accesses(therapist))


def test_accesses_name_who_opened_what(therapist, lead, shared):
    lead.profession = "Clinical psychologist"
    lead.save()
    client = signed_in(lead)
    client.get(reverse("therapist", args=[therapist.pk]))
    client.get(shared.get_absolute_url())

    text = words(accesses(therapist))

    assert text.count("Margaret Ellison, Clinical psychologist") == 2
    assert f"Assessment of {day(shared.session_on)}" in text


def test_accesses_are_paged(therapist, northfield):
    lead = factories.make_person("Margaret Ellison", Role.LEAD, northfield)
    RecordAccess.objects.bulk_create(
        RecordAccess(therapist=therapist, by=lead, opened="profile", on=factories.days_ago(number))
        for number in range(PER_PAGE + 1)
    )

    response = accesses(therapist)

    assert (len(response.context["page"]), "1 to 50 of 51" in words(response)) == (PER_PAGE, True)


def test_accesses_are_for_the_therapist_alone(supervisor, therapist):
    response = signed_in(supervisor).get(reverse("therapist-accesses", args=[therapist.pk]))

    assert "Only the therapist sees who opened the record." in words(response)


def test_person_with_two_roles_sees_both_homes(supervisor, therapist, northfield):
    Membership.objects.create(user=supervisor, organisation=northfield, role=Role.LEAD, starts_on=factories.LONG_AGO)

    response = signed_in(supervisor).get(THERAPISTS)

    assert [line.row.therapist for line in response.context["rows"]] == [therapist]


def test_profile_of_nine_reversed_levels_counts_from_the_first(supervisor, therapist):
    levels = [LevelData(f"{number}", f"Step {number}") for number in range(1, 10)]
    scale = factories.make_scale_data(levels=levels, threshold="2", direction="descending", has_not_applicable=False)
    revision = factories.make_revision(framework="ipt", number="9.0", scale=scale)
    draft = factories.make_draft(supervisor, therapist, revision, codes="A1 A1a")
    for code, position in [("A1.1", 1), ("A1.2", 9), ("A1a.1", 2)]:
        factories.rate(draft, code, position)
    assessments.share(by=supervisor, assessment=draft)

    response = signed_in(therapist).get(reverse("therapist", args=[therapist.pk]))

    context = response.context
    assert "Of 3 competences rated so far, 2 are at Step 1 or Step 2." in words(response)
    assert [swatch.sign for swatch in context["legend"]] == [*"123456789", "", "–"]
    assert [(swatch.cls, swatch.name) for swatch, _ in context["counts"]] == [
        ("l5", "Step 1"),
        ("l5", "Step 2"),
        ("l1", "Step 9"),
    ]
