"""The shipped framework, against the listing it was written from: codes, kinds, scopes, form of each sentence."""

import re
from collections import Counter
from pathlib import Path

import pytest

from assessments.importers import own_yaml
from assessments.models import Competence

IPT = own_yaml.read((Path(__file__).parent.parent / "fixtures" / "ipt-1.0.yaml").read_bytes())
ACTIVITIES = {activity.code: activity for activity in IPT.all_activities()}
COMPETENCES = list(IPT.all_competences())
POINTS = [point for competence in COMPETENCES for point in competence.points]

# Knowledge, skill or attitude of each statement in turn.
KINDS = {
    "G1": "KKKKKKS",
    "G2": "KKKKKKKS",
    "G3": "KKSSSAA",
    "G4": "KKKSSSA",
    "G5": "KKAASSSS",
    "G6": "SSSSSSS",
    "G7": "KKSSSSA",
    "G8": "SSSSSSA",
    "G9": "KSSSSSA",
    "G10": "SSSSSSSS",
    "G11": "KKSSSSSA",
    "G12": "KKSSSSS",
    "G13": "ASSSSSSA",
    "B1": "KKKKKKKS",
    "B2": "AAASSSS",
    "B3": "SSSSSSS",
    "B4": "SSSSSSSS",
    "B5": "SSSSSSS",
    "B6": "SSSSSSSSS",
    "B7": "SSSSSSSS",
    "B8": "SSSSSSSS",
    "B9": "SSSSSSSS",
    "S1": "KKSSSSSSS",
    "S2": "KKSSSSSSSS",
    "S3": "KKSSSSSSS",
    "S4": "KKSSSSSSS",
    "S5": "KSSSSSS",
    "S6": "KSSSSSSS",
    "S7": "KSSSSSSA",
    "S8": "KSSSSSSS",
    "S9": "KSSSSSSS",
    "S10": "KSSSSSA",
    "S11": "KSSSSSSS",
    "P1": "KKSSSSS",
    "P2": "KKSSSSSSS",
    "P3": "KKSSSSSSS",
    "P4": "KKKKKSSSS",
    "P5": "KKSSSSSS",
    "P6": "KKKSSSSS",
    "M1": "SSSSSSA",
    "M2": "SSSSSSA",
    "M3": "SSSSA",
    "M4": "SSSSSSA",
    "M5": "SSSSSSS",
    "M6": "SSSSSSSA",
}
# How many sub-points a statement has; every other one has none.
POINT_COUNTS = {
    **{"G2.1": 6, "G3.3": 4, "G5.6": 4, "G5.7": 4, "G7.3": 4, "G7.6": 4, "G11.4": 5, "G13.3": 4},
    **{"B1.8": 4, "B4.4": 5, "B6.3": 7, "B7.2": 4, "B7.7": 4, "B8.3": 2, "B9.5": 5},
    **{"S1.5": 3, "S2.2": 3, "S2.5": 3, "S3.4": 3, "S3.5": 3, "S4.3": 3, "S4.5": 4, "S5.5": 4, "S7.1": 5, "S9.4": 5},
    **{"S11.6": 4, "P3.8": 5},
}
PHASES = {
    **dict.fromkeys(["G6", "G10", "B3", "B4", "B5", "B6", "B7"], "initial"),
    **dict.fromkeys(["B8", "S1", "S2", "S3", "S4", "S7", "S8", "S9"], "middle"),
    **dict.fromkeys(["G9", "B9"], "ending"),
    "P1": "maintenance",
}
PROBLEM_AREAS = {"S1": "grief", "S2": "dispute", "S3": "transition", "S4": "sensitivity"}
SAFETY_CRITICAL = {"G3.5", *(f"G11.{number}" for number in range(1, 9)), "B6.7", "S2.10", "P2.3", "P6.4"}
OPENINGS = {
    "knowledge": r"Knowledge (of|that) ",
    "skill": r"An ability to ",
    "attitude": r"A (commitment|readiness|willingness) to |A stance of ",
}
FORBIDDEN = re.compile(r"\b(patients?|competency|competencies|trainees?)\b", re.I)


def scope(code):
    if code in PROBLEM_AREAS:
        return "focus"
    return "optional" if code.startswith("P") else "core"


def group(code):
    if code.startswith("S"):
        return "Strategies for the four problem areas" if code in PROBLEM_AREAS else "Techniques"
    if code.startswith("M"):
        return "Generic" if code in {"M1", "M2", "M3"} else "IPT-specific"
    return ""


def title_status(code):
    if code == "P4":
        return "published"
    return "sister" if code.startswith("G") or code in {"M1", "M2", "M3"} else "own"


def in_plain_words(text):
    return " ".join(re.findall(r"[a-z]+", text.lower()))


def test_domains_are_the_five_published():
    assert [(domain.code, domain.title, len(list(domain.all_activities()))) for domain in IPT.domains] == [
        ("1", "Generic therapeutic competences", 13),
        ("2", "Basic IPT competences", 9),
        ("3", "Specific IPT techniques", 11),
        ("4", "Specific applications", 6),
        ("5", "Metacompetences", 6),
    ]


def test_counts_are_those_of_the_listing():
    assert (len(ACTIVITIES), len(COMPETENCES), len(POINTS)) == (45, 348, 111)


def test_activities_stand_in_the_order_of_the_listing():
    assert list(ACTIVITIES) == list(KINDS)


@pytest.mark.parametrize("code", KINDS)
def test_activity_has_the_kinds_of_the_listing(code):
    kinds = "".join(competence.kind[0].upper() for competence in ACTIVITIES[code].competences)

    assert kinds == KINDS[code]


def test_competence_codes_count_up_in_their_activity():
    codes = [competence.code for competence in COMPETENCES]

    assert codes == [f"{code}.{number}" for code, kinds in KINDS.items() for number in range(1, len(kinds) + 1)]


def test_sub_points_are_counted_as_in_the_listing():
    assert {each.code: len(each.points) for each in COMPETENCES if each.points} == POINT_COUNTS


def test_sub_point_codes_are_letters_in_turn():
    for competence in COMPETENCES:
        letters = "abcdefg"[: len(competence.points)]

        assert [point.code for point in competence.points] == [f"{competence.code}.{letter}" for letter in letters]


def test_keys_are_the_codes_in_lower_case():
    entries = [*ACTIVITIES.values(), *COMPETENCES, *POINTS]

    assert [entry.key for entry in entries] == [entry.code.lower().replace(".", "-") for entry in entries]


def test_keys_and_codes_are_unique():
    entries = [*IPT.domains, *ACTIVITIES.values(), *COMPETENCES, *POINTS]

    for name in ["key", "code"]:
        assert len({getattr(entry, name) for entry in entries}) == len(entries)


@pytest.mark.parametrize("code", KINDS)
def test_activity_is_placed_as_in_the_listing(code):
    activity = ACTIVITIES[code]

    assert {
        "scope": activity.scope,
        "phase": activity.phase,
        "problem_area": activity.problem_area,
        "group_heading": activity.group_heading,
        "title_status": activity.title_status,
    } == {
        "scope": scope(code),
        "phase": PHASES.get(code, ""),
        "problem_area": PROBLEM_AREAS.get(code, ""),
        "group_heading": group(code),
        "title_status": title_status(code),
    }


def test_activity_is_not_nested():
    assert [activity.code for activity in ACTIVITIES.values() if activity.activities] == []


def test_titles_seen_in_a_source_are_kept():
    assert [ACTIVITIES[code].title for code in ["G3", "G5", "G13", "P4", "M1", "M3"]] == [
        "Knowledge of, and ability to operate within, professional and ethical guidelines",
        "Ability to work with difference (cultural competence)",
        "Ability to make use of supervision",
        "IPT for eating disorders (IPT-ED)",
        "Capacity to use clinical judgment when implementing treatment models",
        "Capacity to use and respond to humour",
    ]


def test_short_titles_are_unique_and_short():
    titles = [activity.short_title for activity in ACTIVITIES.values()]

    assert (len(set(titles)), max(map(len, titles)) <= 20) == (45, True)


def test_safety_critical_competences_are_those_of_the_listing():
    assert {competence.code for competence in COMPETENCES if competence.is_safety_critical} == SAFETY_CRITICAL


@pytest.mark.parametrize("competence", COMPETENCES, ids=lambda competence: competence.code)
def test_statement_is_one_full_sentence_of_its_kind(competence):
    text = competence.text

    assert re.match(OPENINGS.get(competence.kind, "$"), text)
    assert re.search(r"[a-z)’']\.$", text)
    assert not re.search(r"[.!?] [A-Z]|\n|  ", text)
    assert 70 <= len(text) <= 230


def test_statements_are_all_different():
    repeated = [text for text, count in Counter(in_plain_words(each.text) for each in COMPETENCES).items() if count > 1]

    assert repeated == []


def test_sub_points_are_all_different():
    repeated = [text for text, count in Counter(in_plain_words(point.text) for point in POINTS).items() if count > 1]

    assert repeated == []


def test_sub_points_are_short_sentences_and_guidance():
    assert [point.code for point in POINTS if not re.fullmatch(r"[A-Z].{5,140}[a-z)]\.", point.text)] == []
    assert [point.code for point in POINTS if point.is_rateable] == []


def test_statements_use_the_product_s_words():
    texts = {entry.code: entry.text for entry in [*COMPETENCES, *POINTS]}
    texts |= {entry.code: f"{entry.title} {entry.introduction}" for entry in [*IPT.domains, *ACTIVITIES.values()]}

    assert {code: hit[0] for code, text in texts.items() if (hit := FORBIDDEN.search(text))} == {}


def test_every_activity_has_an_introduction_of_its_own():
    introductions = [activity.introduction for activity in ACTIVITIES.values()]

    assert (len(set(introductions)), min(map(len, introductions)) >= 80) == (45, True)


def test_edition_says_what_it_is():
    assert (IPT.framework, IPT.framework_title, IPT.number) == ("ipt", "Interpersonal psychotherapy", "1.0")
    assert (IPT.title, IPT.language) == ("IPT competence list, own-words edition", "en-GB")
    assert (IPT.is_redistributable, "not endorsed by UCL" in IPT.notice) == (True, True)


def test_background_pages_are_the_seven():
    assert [page.key for page in IPT.pages] == [
        "about-ipt",
        "structure",
        "services",
        "clinicians",
        "commissioners",
        "authors",
        "licence",
    ]


def test_background_pages_have_text():
    assert [page.key for page in IPT.pages if len(page.text) < 300 or not page.summary] == []


def test_scale_has_five_levels_and_its_threshold():
    scale = IPT.scale

    assert (scale.key, scale.version, scale.direction, scale.threshold) == ("ipt-development", 1, "ascending", "4")
    assert [(level.value, level.label) for level in scale.levels] == [
        ("1", "Not yet demonstrated"),
        ("2", "Emerging"),
        ("3", "Developing"),
        ("4", "Competent"),
        ("5", "Advanced"),
    ]


def test_scale_anchors_every_level_for_every_kind():
    anchors = [getattr(level, kind) for level in IPT.scale.levels for kind in OPENINGS]

    assert (len(set(anchors)), "" in anchors) == (15, False)


def test_fixture_loads_in_printed_order(revision):
    stored = (
        Competence.objects.filter(revision=revision).order_by("position").values_list("code", "text", "is_rateable")
    )

    listed = []
    for competence in COMPETENCES:
        listed.append((competence.code, competence.text, True))
        listed += [(point.code, point.text, False) for point in competence.points]
    assert list(stored) == listed


def test_fixture_loads_whole(revision):
    counts = [rows.count() for rows in [revision.domains, revision.activities, revision.competences, revision.pages]]

    assert (counts, revision.content_sha256) == ([5, 45, 459, 7], IPT.sha256)
