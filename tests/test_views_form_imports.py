"""The way of an earlier form to a draft on screen: template, upload, preview, confirm; and its mark on every page."""

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from assessments.actions import assessments, form_imports
from assessments.importers.filled_forms import MAX_BYTES
from assessments.models import Assessment, FormImport
from tests import factories
from tests.conftest import signed_in, told, words
from tests.filled import ABOUT, fill, filled, saved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

HOME = "/assessments/import/"
MARK = "From an earlier form"


@pytest.fixture
def client(supervisor):
    return signed_in(supervisor)


@pytest.fixture
def upload(client, therapist, revision):
    """Sends a file as the page does; `about` is what else the form says."""

    def send(content, **about):
        values = {"therapist": therapist.pk, "revision": revision.pk} | about
        return client.post(HOME, values | {"file": SimpleUploadedFile("October.xlsx", content)})

    return send


def day():
    return f"{timezone.localdate():%-d %B %Y}"


def get(client, name, *args):
    return words(client.get(reverse(name, args=args)))


# the page


def test_page_offers_template_and_upload(client, therapist):
    page = words(client.get(HOME))

    assert "Load an earlier form" in page
    assert "1. Take the template" in page
    assert "Choose a therapist Amara Okafor" in page
    assert "Forms being looked at" not in page


def test_page_has_each_id_once(client, therapist):
    ids = re.findall(r' id="([^"]+)"', client.get(HOME).content.decode())

    assert len(ids) == len(set(ids))


def test_page_takes_the_therapist_from_the_address(client, therapist):
    page = client.get(HOME, {"therapist": therapist.pk}).content.decode()

    assert f'<option value="{therapist.pk}" selected>' in page


def test_page_lists_what_lies_open_of_ones_own(client, supervisor, therapist, revision, northfield):
    colleague = factories.make_person("Dr Iris Novak", "supervisor", northfield)
    factories.make_supervision(therapist, colleague, northfield)
    factories.make_form_import(supervisor, therapist, revision)
    factories.make_form_import(colleague, therapist, revision, name="Hers.xlsx")

    page = words(client.get(HOME))

    assert "Forms being looked at Amara Okafor: Amara, October.xlsx" in page
    assert "Hers.xlsx" not in page


def test_page_is_linked_from_the_start_and_the_list(client, therapist):
    pages = [client.get(reverse(name)).content.decode() for name in ["assessment-start", "assessments"]]

    assert [f'href="{HOME}"' in page for page in pages] == [True, True]


def test_list_of_a_therapist_links_to_no_upload(therapist):
    assert HOME not in signed_in(therapist).get(reverse("assessments")).content.decode()


# the template


def test_template_is_downloaded_with_the_codes_of_the_revision(client, revision):
    response = client.get(f"{HOME}template.xlsx", {"revision": revision.pk})

    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert response.headers["Content-Disposition"] == 'attachment; filename="earlier-form-ipt-1.0.xlsx"'
    assert book["Ratings"].max_row - 1 == revision.competences.filter(is_rateable=True).count()


@pytest.mark.parametrize("revision_pk", ["", "0", "nonsense", "\x00"])
def test_template_of_no_revision_is_missing(client, revision_pk):
    assert client.get(f"{HOME}template.xlsx", {"revision": revision_pk}).status_code == 404


def test_template_of_a_draft_revision_is_missing(client):
    sketch = factories.make_revision(is_published=False)

    assert client.get(f"{HOME}template.xlsx", {"revision": sketch.pk}).status_code == 404


def test_page_offers_the_revision_in_use_of_the_home_framework_first(client, revision):
    factories.make_revision()

    page = client.get(HOME).context["form"]

    assert [label for _, label in page.fields["revision"].choices] == [str(revision), "Small list 1.0"]


# the upload


def test_template_downloaded_and_filled_is_uploaded_and_entered(client, upload, revision):
    template = client.get(f"{HOME}template.xlsx", {"revision": revision.pk}).content
    book = openpyxl.load_workbook(io.BytesIO(template))

    preview = upload(saved(fill(book, ABOUT, {"S2.1": "4", "S2.9": "not observed"})))
    done = client.post(preview.url)

    assessment = Assessment.objects.get()
    assert done.url == reverse("assessment-check", args=[assessment.pk])
    assert told(done) == [
        "The form is entered as a draft: 1 level, 1 not observed, 0 not applicable and 0 notes, in 1 activity."
        " Look it over before you share it."
    ]
    assert [rating.outcome for rating in assessment.ratings.order_by("competence__position")] == [
        "level",
        "not_observed",
    ]


def test_upload_goes_on_to_the_preview(upload, revision):
    response = upload(filled(revision, {"S2.1": "4"}))

    assert response.url == FormImport.objects.get().get_absolute_url()


def test_file_that_is_no_workbook_is_not_kept(upload):
    response = upload(b"Code,Level\nS2.1,4\n")

    assert response.status_code == 422
    assert "File : This is not an Excel workbook (.xlsx). Fill in the template" in words(response)
    assert FormImport.objects.count() == 0


def test_file_that_is_too_large_is_not_read(upload):
    response = upload(b"PK\x03\x04" + bytes(MAX_BYTES))

    assert "This file is larger than 5 MB. Upload the filled template." in words(response)


def test_upload_says_what_is_missing(client, therapist):
    page = words(client.post(HOME, {}))

    assert [f"{label}: this is missing." in page for label in ["Therapist", "Framework and revision"]] == [True, True]
    assert "Filled template (.xlsx): this is missing." in page


@pytest.mark.parametrize("wrong", [{"revision": "0"}, {"revision": "nonsense"}, {"therapist": "nonsense"}])
def test_upload_takes_only_what_is_offered(upload, revision, wrong):
    response = upload(filled(revision, {"S2.1": "4"}), **wrong)

    assert list(response.context["form"].errors) == list(wrong)
    assert FormImport.objects.count() == 0


def test_upload_about_a_therapist_of_somebody_else_is_refused(upload, revision, other_therapist):
    response = upload(filled(revision, {"S2.1": "4"}), therapist=other_therapist.pk)

    assert (response.status_code, FormImport.objects.count()) == (200, 0)


# the preview


def test_preview_says_what_was_understood(client, supervisor, therapist, revision):
    ratings = {
        "S2.1": "4",
        "S2.2": {"Level": "4", "Note": "Steady.", "Concern": "yes"},
        "S7.1": "o",
    }
    kept = factories.make_form_import(
        supervisor, therapist, revision, ratings, summary="Held the focus.", phase="Middle"
    )

    page = words(client.get(kept.get_absolute_url()))

    assert "Date of the session or document 31 October 2025 What it rests on Role play" in page
    assert "Consent to the recording Not confirmed Case number 2 Session number Not stated Phase Middle" in page
    assert "Summary Held the focus." in page
    in_s2 = revision.competences.filter(is_rateable=True, activity__code="S2").count()
    assert f"S2 Role disputes 0 2 0 0 0 0 0 {in_s2 - 2} 1 1" in page
    assert "Enter it as a draft" in page
    assert Assessment.objects.count() == 0


def test_preview_tells_problems_and_offers_no_draft(client, supervisor, therapist, revision):
    kept = factories.make_form_import(supervisor, therapist, revision, {"S2.1": "good"}, session_on=None)

    page = words(client.get(kept.get_absolute_url()))

    assert "Things to mend before it can be loaded" in page
    assert "Date of the session or document : This is missing. Write it as 30/11/2025." in page
    assert "column Level : 'good' is no level." in page
    assert "Date of the session or document Not stated" in page
    assert "Enter it as a draft" not in page
    assert "Discard it and upload the mended form" in page


def test_preview_of_a_form_of_which_nothing_is_understood_says_so(client, supervisor, therapist, revision):
    kept = form_imports.upload(
        by=supervisor, therapist=therapist, revision=revision, file_name="a.xlsx", content=b"PK\x03\x04"
    )

    page = words(client.get(kept.get_absolute_url()))

    assert "The workbook is damaged and cannot be opened." in page
    assert "None was understood." in page


def test_preview_warns_of_what_a_draft_may_lack(client, supervisor, therapist, revision):
    kept = factories.make_form_import(supervisor, therapist, revision, {"S2.1": {"Level": "1", "Concern": "yes"}})

    page = words(client.get(kept.get_absolute_url()))

    assert "To know before you confirm Sheet Ratings, row" in page
    assert "A concern needs a note before the assessment can be shared." in page


def test_preview_warns_of_what_may_identify_a_client(client, supervisor, therapist, revision):
    kept = factories.make_form_import(supervisor, therapist, revision, summary="Call 07700 900123.")

    assert "This looks as if it holds a phone number." in words(client.get(kept.get_absolute_url()))


def test_preview_shows_what_is_written_as_text(client, supervisor, therapist, revision):
    kept = factories.make_form_import(supervisor, therapist, revision, summary="<script>alert(1)</script>")

    assert "&lt;script&gt;alert(1)" in client.get(kept.get_absolute_url()).content.decode()


def test_preview_tells_that_the_same_file_was_entered_before(client, supervisor, therapist, revision):
    content = filled(revision, {"S2.1": "4"})
    first, second = (
        form_imports.upload(by=supervisor, therapist=therapist, revision=revision, file_name="a.xlsx", content=content)
        for _ in range(2)
    )
    form_imports.enter(by=supervisor, kept=first)

    page = words(client.get(second.get_absolute_url()))

    assert f"You entered this very file before: the assessment of {day()} . Confirming makes another one." in page


def test_preview_of_an_entered_form_goes_to_its_draft(client, supervisor, therapist, revision):
    kept = factories.make_form_import(supervisor, therapist, revision)
    draft = form_imports.enter(by=supervisor, kept=kept)

    for answer in [client.get(kept.get_absolute_url()), client.post(kept.get_absolute_url())]:
        assert answer.url == reverse("assessment-check", args=[draft.pk])
    assert Assessment.objects.count() == 1


def test_preview_of_a_discarded_form_goes_back(client, supervisor, therapist, revision):
    kept = factories.make_form_import(supervisor, therapist, revision)
    form_imports.discard(by=supervisor, kept=kept)

    response = client.get(kept.get_absolute_url())

    assert (response.url, told(response)) == (HOME, ["This form was discarded. Upload it again to start afresh."])


def test_confirming_a_form_with_problems_says_why_not(client, supervisor, therapist, revision):
    kept = factories.make_form_import(supervisor, therapist, revision, {"S2.1": "good"})

    page = words(client.post(kept.get_absolute_url()))

    assert "It was not entered The form has problems to mend first." in page


def test_discarding_removes_the_file(client, supervisor, therapist, revision):
    kept = factories.make_form_import(supervisor, therapist, revision)

    response = client.post(reverse("assessment-import-discard", args=[kept.pk]))

    assert told(response) == ["Amara, October.xlsx is discarded. Nothing of it was kept."]
    assert response.url == f"{HOME}?therapist={therapist.pk}"
    assert FormImport.objects.get().content is None


def test_discarding_twice_says_so(client, supervisor, therapist, revision):
    kept = factories.make_form_import(supervisor, therapist, revision)
    url = reverse("assessment-import-discard", args=[kept.pk])
    client.post(url)

    assert told(client.post(url))[-1] == "This form lies open no longer. Nothing was changed."


def test_form_of_a_colleague_does_not_exist(supervisor, therapist, revision, northfield):
    colleague = factories.make_person("Dr Iris Novak", "supervisor", northfield)
    factories.make_supervision(therapist, colleague, northfield)
    kept = factories.make_form_import(supervisor, therapist, revision)

    response = signed_in(colleague).get(kept.get_absolute_url())

    assert response.status_code == 404


def test_nobody_sees_a_form_without_signing_in():
    assert FormImport.objects.visible_to(None).count() == 0


# the mark


@pytest.fixture
def entered(supervisor, therapist, revision):
    return factories.make_from_a_form(supervisor, therapist, revision)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("assessment", []),
        ("assessment-context", []),
        ("assessment-rate", ["S2"]),
        ("assessment-check", []),
        ("assessment-share", []),
        ("assessment-history", []),
        ("assessment-withdraw", []),
        ("assessment-hand-over", []),
    ],
)
def test_every_page_of_the_draft_is_marked(client, entered, name, code):
    assert f"{MARK} Entered on {day()} by Dr Helen Marsh." in get(client, name, entered.pk, *code)


@pytest.mark.parametrize("name", ["assessment", "assessment-reply", "assessment-sign-off", "assessment-history"])
def test_every_page_of_the_shared_one_is_marked_for_the_therapist(supervisor, therapist, entered, name):
    assessments.share(by=supervisor, assessment=entered)

    assert f"{MARK} Entered on {day()} by Dr Helen Marsh." in get(signed_in(therapist), name, entered.pk)


def test_lists_are_marked(client, supervisor, therapist, entered):
    listed, drafts = get(client, "assessments"), get(client, "therapists")
    assessments.share(by=supervisor, assessment=entered)
    profile, waiting = get(client, "therapist", therapist.pk), get(signed_in(therapist), "therapist", therapist.pk)

    assert f"Role play, case 2 {MARK} Dr Helen Marsh" in listed
    assert f"{MARK}. Session of 31 October 2025" in drafts
    assert f"Role play, case 2, with Dr Helen Marsh. {MARK}" in profile
    assert "Role play, case 2, from an earlier form, shared by Dr Helen Marsh" in waiting


@pytest.mark.parametrize("name", ["assessments", "therapists"])
def test_lists_mark_nothing_that_was_given_here(client, draft, name):
    assert MARK not in get(client, name)


@pytest.mark.parametrize("name", ["assessment", "assessment-check", "assessment-share"])
def test_pages_mark_nothing_that_was_given_here(client, draft, name):
    assert MARK not in get(client, name, draft.pk)


def test_history_tells_what_came_in(client, entered):
    page = get(client, "assessment-history", entered.pk)

    assert "Entered from an earlier form To rate S2 Came in 1 level Checksum" in page
