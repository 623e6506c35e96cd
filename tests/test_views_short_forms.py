"""The pages on which an administrator makes short forms, and starting from one."""

import re

import pytest
from django.urls import reverse

from assessments import records
from assessments.actions import assessments, short_forms
from assessments.models import Activity, Assessment, FrameworkRevision, ShortForm
from assessments.queries import short_form_content, short_form_fingerprint
from tests import factories
from tests.conftest import signed_in, told, words
from tests.factories import make_short_form

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]


@pytest.fixture
def client(admin):
    return signed_in(admin)


@pytest.fixture
def session_form(admin, revision):
    """Nothing started from it yet."""
    return make_short_form(admin, revision, name="Session", codes="S2 S7")


@pytest.fixture
def started(session_form, supervisor, therapist):
    """Helen's draft about Amara, begun from the short form."""
    return assessments.start(
        by=supervisor,
        therapist=therapist,
        revision=session_form.revision,
        short_form=session_form,
        context=factories.make_context(),
    )


def keys(revision, codes):
    return list(Activity.objects.filter(revision=revision, code__in=codes.split()).values_list("pk", flat=True))


def form(revision, **values):
    return {"name": "Session", "purpose": "session_review", "activities": keys(revision, "S2 S7"), **values}


def editing(short_form, **values):
    seen = short_form_fingerprint(short_form_content(short_form))
    return form(short_form.revision, seen=seen, **values)


def ticked(response):
    text = response.content.decode()
    pks = re.findall(r'<input type="checkbox" name="activities" value="(\d+)"[^>]*checked', text)
    return list(Activity.objects.filter(pk__in=pks).order_by("position").values_list("code", flat=True))


def test_list_tells_the_forms_of_each_revision(client, session_form, started):
    text = words(client.get(reverse("short-forms")))

    assert "Session Session review S2, S7 18 1 assessment Offered" in text


def test_list_tells_that_a_revision_has_none(client, revision):
    assert "own-words edition 1.0 None yet." in words(client.get(reverse("short-forms"))).replace(
        "Make a short form of IPT competence list, own-words edition 1.0 ", ""
    )


def test_list_keeps_the_forms_of_a_retired_revision(client, admin):
    retired = factories.make_revision()
    make_short_form(admin, retired, name="Of old", codes="A1")
    FrameworkRevision.objects.filter(pk=retired.pk).update(status="retired", retired_at=retired.published_at)

    text = words(client.get(reverse("short-forms")))

    assert "Small list 1.0 Retired" in text
    assert "Of old" in text


def test_short_form_is_made(client, revision):
    response = client.post(f"{reverse('short-form-new')}?revision={revision.pk}", form(revision))

    assert short_form_content(ShortForm.objects.get()) == {
        "name": "Session",
        "purpose": "session_review",
        "activities": ["S2", "S7"],
    }
    assert (response.url, told(response)) == (reverse("short-forms"), ["The short form Session is saved."])


def test_page_counts_the_competences_of_each_activity(client, revision):
    text = words(client.get(reverse("short-form-new")))

    assert "3 Techniques S1 Grief 9 competences S2 Role disputes 10 competences" in text


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": ""}, "Name: this is missing."),
        ({"name": "a\x07b"}, "This holds a control character that cannot be kept."),
        ({"purpose": ""}, "What it is for: this is missing."),
        ({"activities": []}, "Tick at least one activity."),
        ({"activities": ["x"]}, "This is not one of the choices. Choose one that is shown."),
        ({"activities": ["9" * 30]}, "This is not one of the choices. Choose one that is shown."),
    ],
)
def test_fault_is_told_in_a_sentence(client, revision, values, expected):
    response = client.post(reverse("short-form-new"), form(revision, **values))

    assert expected in words(response)
    assert not ShortForm.objects.exists()


def test_name_that_is_taken_is_refused_with_what_was_typed(client, session_form):
    response = client.post(reverse("short-form-new"), form(session_form.revision))

    assert "This revision has a short form called Session. Choose another name, or retire that one." in words(response)
    assert ticked(response) == ["S2", "S7"]


@pytest.mark.parametrize("query", ["?revision=0", "?revision=999999999", "?copy=999999999"])
def test_unknown_revision_or_copy_is_missing(client, revision, query):
    assert client.get(reverse("short-form-new") + query).status_code == 404


@pytest.mark.parametrize("query", ["?revision=x", "?revision=1" + "0" * 30, "?copy="])
def test_nonsense_in_the_address_means_nothing(client, revision, query):
    assert client.get(reverse("short-form-new") + query).status_code == 200


def test_without_a_published_revision_nothing_is_made(client, revision):
    FrameworkRevision.objects.filter(pk=revision.pk).update(status="retired", retired_at=revision.published_at)

    response = client.get(reverse("short-form-new"))

    assert response.url == reverse("short-forms")
    assert "No revision is published" in words(client.get(response.url))


def test_unused_short_form_opens_in_the_editor(client, session_form):
    response = client.get(reverse("short-form", args=[session_form.pk]))

    assert ticked(response) == ["S2", "S7"]
    assert "Retire" in words(response)


def test_unused_short_form_changes(client, session_form):
    typed = editing(session_form, name="Longer", activities=keys(session_form.revision, "S3"))

    client.post(reverse("short-form", args=[session_form.pk]), typed)

    assert short_form_content(ShortForm.objects.get())["activities"] == ["S3"]


def test_second_editor_is_told_and_chooses(client, session_form, admin):
    url, mine = reverse("short-form", args=[session_form.pk]), editing(session_form, name="Mine")
    client.post(url, editing(session_form, name="Theirs"))

    response = client.post(url, mine)

    assert (response.status_code, ShortForm.objects.get().name) == (409, "Theirs")
    assert "It is now called Theirs, with S2, S7." in words(response)
    client.post(url, mine | {"seen": response.context["seen"]})
    assert ShortForm.objects.get().name == "Mine"


def test_form_sent_without_what_was_seen_overwrites_nothing(client, session_form):
    response = client.post(reverse("short-form", args=[session_form.pk]), form(session_form.revision, name="Blind"))

    assert (response.status_code, ShortForm.objects.get().name) == (409, "Session")


def test_used_short_form_is_read_only(client, session_form, started):
    response = client.get(reverse("short-form", args=[session_form.pk]))

    text = words(response)
    assert "It is in use and never changes." in text
    assert "2 with 18 competences in all. S2 Role disputes 10 competences S7 Communication 8 competences" in text
    assert 'name="activities"' not in response.content.decode()


def test_retired_short_form_is_read_only_and_not_retired_again(client, session_form):
    response = client.post(reverse("short-form-retire", args=[session_form.pk]))

    assert told(response) == ["Session is no longer offered. What was started from it keeps its name."]
    page = words(client.get(reverse("short-form", args=[session_form.pk])))
    assert "Retired It is no longer offered." in page
    assert "cannot be undone" not in page


def test_short_form_used_while_edited_keeps_what_was_typed_on_screen(client, session_form, started):
    response = client.post(reverse("short-form", args=[session_form.pk]), editing(session_form, name="Typed"))

    assert "This short form was used or retired by now and never changes." in words(response)
    assert 'value="Typed"' in response.content.decode()


def test_copy_begins_with_the_same_activities(client, session_form):
    url = f"{reverse('short-form-new')}?copy={session_form.pk}&revision={session_form.revision.pk}"

    response = client.get(url)

    assert ticked(response) == ["S2", "S7"]
    assert 'value="Copy of Session"' in response.content.decode()


def test_copy_of_a_retired_form_takes_its_name(client, session_form, admin):
    short_forms.retire(by=admin, short_form=session_form)

    response = client.get(f"{reverse('short-form-new')}?copy={session_form.pk}")

    assert 'value="Session"' in response.content.decode()


def test_copy_into_another_revision_goes_by_key(client, admin):
    source = make_short_form(admin, factories.make_revision(), name="Listen", codes="A1 A1a")
    newer = factories.make_revision(number="2.0")

    response = client.get(f"{reverse('short-form-new')}?copy={source.pk}&revision={newer.pk}")

    assert ticked(response) == ["A1", "A1a"]
    assert 'value="Listen"' in response.content.decode()


# Starting from one


def starting(therapist, extent):
    return factories.make_context() | {"therapist": therapist.pk, "extent": extent}


def test_start_offers_the_short_forms_beside_the_other_extents(supervisor, therapist, session_form):
    text = words(signed_in(supervisor).get(reverse("assessment-start")))

    assert (
        "Whole framework: every core and focus activity "
        "Short form: Session (2 activities, 18 competences) "
        "Only the domains and activities ticked below"
    ) in text


def test_start_from_a_short_form(supervisor, therapist, session_form):
    response = signed_in(supervisor).post(reverse("assessment-start"), starting(therapist, f"form-{session_form.pk}"))

    draft = Assessment.objects.get()
    assert response.url == reverse("assessment-rate", args=[draft.pk, "S2"])
    assert (draft.short_form, draft.activities.count()) == (session_form, 2)


def test_start_from_the_whole_framework_has_no_short_form(supervisor, therapist, session_form):
    signed_in(supervisor).post(reverse("assessment-start"), starting(therapist, "whole"))

    assert Assessment.objects.get().short_form is None


def test_start_from_a_form_that_was_retired_meanwhile_is_refused(supervisor, therapist, session_form, admin):
    short_forms.retire(by=admin, short_form=session_form)

    response = signed_in(supervisor).post(reverse("assessment-start"), starting(therapist, f"form-{session_form.pk}"))

    assert "This is no longer offered. Choose one that is shown." in words(response)


@pytest.mark.parametrize(
    ("name", "with_pk"), [("assessments", False), ("assessment", True), ("assessment-context", True)]
)
def test_page_names_the_short_form_of_a_draft(supervisor, started, name, with_pk):
    text = words(signed_in(supervisor).get(reverse(name, args=[started.pk] if with_pk else [])))

    assert "hort form: Session" in text or "the short form Session" in text


def test_report_page_names_the_short_form(supervisor, started):
    factories.rate(started, "S2.1")
    assessments.share(by=supervisor, assessment=started)

    assert "Short form: Session." in words(signed_in(supervisor).get(reverse("assessment", args=[started.pk])))


def test_corrected_extent_is_told_in_the_history(supervisor, started):
    client = signed_in(supervisor)
    context = factories.make_context() | {"extent": "chosen", "activities": keys(started.revision, "S2")}

    client.post(reverse("assessment-context", args=[started.pk]), context)

    text = words(client.get(reverse("assessment-history", args=[started.pk])))
    assert "To rate before: S2, S7 after: S2" in text
    assert "Short form before: Session after: None" in text


def test_record_names_the_short_form_only_where_there_is_one(started, draft):
    assert records.build(started)["assessment"]["short_form"] == "Session"
    assert "short_form" not in records.build(draft)["assessment"]
