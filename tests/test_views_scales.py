"""The pages on which an administrator makes scales."""

import re

import pytest
from django.urls import reverse

from assessments.actions import scales
from assessments.models import RatingScale
from assessments.queries.revisions import scale_data
from assessments.revisions import LevelData
from assessments.revisions.scales import fingerprint
from tests import factories
from tests.conftest import signed_in, told, words
from tests.factories import make_scale_data

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]


@pytest.fixture
def client(admin):
    return signed_in(admin)


@pytest.fixture
def scale(admin):
    return scales.save_scale(by=admin, data=make_scale_data())


def form(*levels, **values):
    """What the page sends: a name, and levels as (value, label)."""
    typed = {"name": "Two steps", "direction": "ascending", "threshold": "1", "has_not_applicable": "on"}
    for place, (value, label) in enumerate(levels or [("1", "No"), ("2", "Yes")]):
        typed |= {f"level-{place}-{name}": "" for name in ["skill", "knowledge", "attitude", "supervision"]}
        typed |= {f"level-{place}-value": value, f"level-{place}-label": label}
    return typed | values


def editing(scale, *levels, **values):
    return form(*levels, seen=fingerprint(scale_data(scale)), **values)


def labels(response):
    """The labels in the editor, in order."""
    return re.findall(r'name="level-\d-label"[^>]*value="([^"]*)"', response.content.decode())


def faults(response):
    return [sentence for _, sentence in response.context["form"].errors]


def test_list_tells_what_freezes_a_scale(client, scale):
    text = words(client.get(reverse("scales")))

    assert "IPT development scale , version 1 ipt-development 1 5, 1 to 5 IPT competence list" in text
    assert "Three steps , version 1 three-steps 1 3, 1 to 3 Nothing yet Open for changes" in text


def test_list_tells_of_drafts_that_use_a_scale(client, scale):
    factories.make_revision(is_published=False, scale=scale_data(scale))

    assert "Small list 1.0 , draft Open for changes" in words(client.get(reverse("scales")))


def test_new_scale_begins_with_three_blank_levels_and_no_preview(client):
    response = client.get(reverse("scale-new"))

    assert len(response.context["rows"]) == 3
    assert "Preview" not in words(response)


def test_scale_is_made(client):
    response = client.post(reverse("scale-new"), form(("0", "No"), ("1", "Yes"), not_observed="Not seen."))

    made = RatingScale.objects.get(key="two-steps")
    assert response.url == reverse("scale", args=[made.pk])
    assert scale_data(made) == make_scale_data(
        key="two-steps",
        name="Two steps",
        threshold="1",
        levels=[LevelData("0", "No"), LevelData("1", "Yes")],
        not_observed="Not seen.",
    )
    assert told(response) == ["Two steps, version 1 is saved."]


def test_scale_without_not_applicable_is_made(client):
    typed = form()
    del typed["has_not_applicable"]

    client.post(reverse("scale-new"), typed)

    assert RatingScale.objects.get(key="two-steps").has_not_applicable is False


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"name": "Über_Grad 2"}, "uber-grad-2"),
        ({"key": "own-key"}, "own-key"),
        ({"name": "x" * 59 + " yz"}, "x" * 59),
    ],
)
def test_key_is_made_from_the_name_unless_given(client, values, key):
    client.post(reverse("scale-new"), form(**values))

    assert RatingScale.objects.filter(key=key).exists()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": ""}, ["Name: this is missing."]),
        ({"name": "量表"}, ["No key can be made from this name. Write one, such as four-steps."]),
        ({"key": "No Key!"}, ["Write the key with small letters, digits and hyphens, such as four-steps."]),
        (
            {"key": "ipt-development"},
            ["The key ipt-development is taken. Choose another key, or make a new version"],
        ),
        ({"threshold": "9"}, ["Choose the level that is expected of an independent practitioner."]),
        ({"level-1-label": "No"}, ["Level 2: the label “No” is that of level 1, too. Give each its own."]),
        ({"level-0-value": ""}, ["Level 1: give it a value, or remove it."]),
        (
            {"level-0-value": "12345678901"},
            ["Level 1, value: This is longer than 10 characters. Shorten it; nothing was saved."],
        ),
        (
            {"level-1-label": "x" * 61},
            ["Level 2, label: This is longer than 60 characters. Shorten it; nothing was saved."],
        ),
        (
            {"level-1-skill": "x" * 20_001},
            ["Level 2, for a skill: This is longer than 20,000 characters. Shorten it; nothing was saved."],
        ),
        (
            {"level-0-attitude": "a\x07b"},
            ["Level 1, for an attitude: This holds a control character that cannot be kept. Type the text again,"],
        ),
        ({"not_observed": "x" * 20_001}, ["This is longer than 20,000 characters. Shorten it; nothing was saved."]),
    ],
)
def test_fault_is_told_in_a_sentence(client, values, expected):
    response = client.post(reverse("scale-new"), form(**values))

    found = faults(response)
    assert [sentence[: len(start)] for sentence, start in zip(found, expected, strict=True)] == expected


def test_text_of_twenty_thousand_characters_is_taken(client):
    client.post(reverse("scale-new"), form(**{"level-0-skill": "x" * 20_000}))

    assert RatingScale.objects.get(key="two-steps").levels.first().skill == "x" * 20_000


def test_one_level_is_not_enough(client):
    response = client.post(reverse("scale-new"), form(("1", "Yes"), threshold="0"))

    assert faults(response) == ["A scale needs at least two levels. Add another one."]


def test_fault_leads_to_its_field(client):
    response = client.post(reverse("scale-new"), form(threshold="", direction="", **{"level-1-label": ""}))

    text = response.content.decode()
    targets = re.findall(r'<li><a href="#([^"]+)"', text)
    assert targets == ["id_direction_0"]
    assert all(f'id="{target}"' in text for target in targets)


def test_nothing_typed_is_lost_by_a_fault(client):
    response = client.post(reverse("scale-new"), form(("1", "No"), ("2", ""), **{"level-1-skill": "Quick\nand steady"}))

    assert labels(response) == ["No"]
    assert "Quick\nand steady</textarea>" in response.content.decode()


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ("add", ["A", "B", "C", None]),
        ("remove-1", ["A", "C"]),
        ("up-1", ["B", "A", "C"]),
        ("down-1", ["A", "C", "B"]),
        ("half", ["A", "Between A and B", "B", "Between B and C", "C"]),
        ("preview", ["A", "B", "C"]),
        ("up-٣", ["A", "B", "C"]),
        ("remove-", ["A", "B", "C"]),
    ],
)
def test_button_of_the_levels_shows_the_form_again(client, turn, expected):
    typed = form(("1", "A"), ("2", "B"), ("3", "C"), turn=turn, name="Typed", key="my-key")

    response = client.post(reverse("scale-new"), typed)

    assert [each["label"].value() or None for each in response.context["form"].level_forms] == expected
    assert 'value="Typed"' in response.content.decode()
    assert 'value="my-key"' in response.content.decode()
    assert faults(response) == []
    assert not RatingScale.objects.filter(key="my-key").exists()


def test_chosen_threshold_moves_with_its_level(client):
    response = client.post(reverse("scale-new"), form(threshold="1", turn="up-1"))

    assert re.findall(r'name="threshold" id="threshold-(\d)" value="\d" checked', response.content.decode()) == ["0"]


def test_texts_too_long_survive_a_button(client):
    long = "x" * 20_001

    response = client.post(reverse("scale-new"), form(turn="add", **{"level-0-skill": long}))

    assert f"{long}</textarea>" in response.content.decode()


def test_nine_levels_have_no_room_for_more(client):
    response = client.post(reverse("scale-new"), form(*((str(n), f"L{n}") for n in range(9)), turn="add"))

    assert len(response.context["rows"]) == 9
    assert "Nine levels are the most" in words(response)
    assert "Add a level" not in words(response)


def test_preview_shows_what_was_typed_with_its_tints(client):
    response = client.post(reverse("scale-new"), form(direction="descending", turn="preview"))

    preview = response.content.decode().split('id="preview-title"')[1]
    assert re.findall(r'class="sw (l\w)">([^<]*)<', preview)[:2] == [("l5", "1"), ("l1", "2")]


def test_unused_scale_opens_in_the_editor(client, scale):
    response = client.get(reverse("scale", args=[scale.pk]))

    assert labels(response) == ["Not met", "Partly met", "Met"]
    assert "id_key" not in response.content.decode()


def test_unused_scale_changes(client, scale):
    client.post(reverse("scale", args=[scale.pk]), editing(scale, ("1", "No"), ("2", "Yes"), name="Changed"))

    assert scale_data(RatingScale.objects.get(pk=scale.pk)) == make_scale_data(
        name="Changed", threshold="2", levels=[LevelData("1", "No"), LevelData("2", "Yes")]
    )


def test_scale_from_a_file_keeps_its_key_whatever_it_holds(client, admin):
    loaded = factories.make_revision(is_published=False, scale=make_scale_data(key="steps.v1_a")).scale

    client.post(reverse("scale", args=[loaded.pk]), editing(loaded, name="Changed", key="other"))

    stored = RatingScale.objects.get(pk=loaded.pk)
    assert (stored.key, stored.name) == ("steps.v1_a", "Changed")


def test_second_editor_is_told_and_chooses(client, scale, admin):
    url = reverse("scale", args=[scale.pk])
    mine = editing(scale, name="Mine")
    scales.save_scale(by=admin, data=make_scale_data(name="Theirs"), scale=scale, seen=fingerprint(make_scale_data()))

    response = client.post(url, mine)

    text = words(response)
    assert (response.status_code, RatingScale.objects.get(pk=scale.pk).name) == (409, "Theirs")
    assert "Somebody changed this scale meanwhile" in text
    assert "Name Theirs Mine" in text
    client.post(url, mine | {"seen": response.context["form"].seen})
    assert RatingScale.objects.get(pk=scale.pk).name == "Mine"


def test_frozen_scale_is_read_only(client, revision):
    response = client.get(reverse("scale", args=[revision.scale.pk]))

    text = words(response)
    assert "Make a new version" in text
    assert "4 Competent Expected of an independent practitioner Reliable at the standard" in text
    assert "Not applicable Outside this therapist's programme. Needs a reason." in text
    assert "level-0-value" not in response.content.decode()


def test_frozen_scale_without_not_applicable_says_so(client):
    scale = factories.make_revision(scale=make_scale_data(has_not_applicable=False)).scale

    assert "Not applicable Not an answer on this scale." in words(client.get(reverse("scale", args=[scale.pk])))


def test_scale_frozen_while_edited_keeps_what_was_typed_on_screen(client, scale):
    typed = editing(scale, name="Typed")
    factories.make_revision(scale=scale_data(scale))

    response = client.post(reverse("scale", args=[scale.pk]), typed)

    assert faults(response) == ["This scale is in use by now and never changes. Make a new version of it."]
    assert 'value="Typed"' in response.content.decode()


def test_new_version_opens_in_the_editor(client, revision):
    response = client.post(reverse("scale-version", args=[revision.scale.pk]))

    made = RatingScale.objects.get(key="ipt-development", version=2)
    assert response.url == reverse("scale", args=[made.pk])
    assert "Version 2 of ipt-development , open for changes" in words(client.get(response.url))


def test_second_new_version_is_refused_with_the_reason(client, revision):
    url = reverse("scale-version", args=[revision.scale.pk])
    client.post(url)

    response = client.post(url)

    assert response.url == reverse("scale", args=[revision.scale.pk])
    assert told(response)[-1] == "Version 2 of this scale is not in use yet. Change that one."


def test_pages_lead_to_one_another(client, scale):
    for name, args in [("scales", []), ("scale-new", []), ("scale", [scale.pk]), ("short-forms", [])]:
        text = client.get(reverse(name, args=args)).content.decode()

        assert f'href="{reverse("scales")}"' in text
        assert f'href="{reverse("short-forms")}"' in text
