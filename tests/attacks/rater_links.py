"""Attacks on occasional raters: links that lead elsewhere, ended ones brought back, goals of a rater."""

from assessments.actions import rater_links
from assessments.models import FrameworkRevision, Goal, RaterLink
from tests import factories
from tests.attacks.sql import copying

ATTACKS = {
    "guard_rater_link_leads_to_an_occasional_rating_insert": [
        copying(RaterLink, "rater_link", id="{new}", assessment_id="{draft}", token_sha256="'another'"),
    ],
    "guard_rater_link_keeps_where_it_leads_update": [
        "UPDATE assessments_raterlink SET assessment_id = {draft} WHERE id = {rater_link}",
        "UPDATE assessments_raterlink SET asked_by_id = {lead} WHERE id = {rater_link}",
    ],
    "guard_rater_link_stays_ended_update": [
        "UPDATE assessments_raterlink SET ended_at = NULL WHERE id = {rater_link_ended}",
        "UPDATE assessments_raterlink SET token_sha256 = 'another' WHERE id = {rater_link_ended}",
    ],
    "guard_goal_is_not_agreed_by_an_occasional_rater_insert": [
        copying(Goal, "goal", id="{new}", assessment_id="{occasional}"),
    ],
    "guard_goal_is_not_closed_by_an_occasional_rater_update": [
        "UPDATE assessments_goal SET status = 'met', closed_at = created_at, closed_by_id = {lead},"
        " closed_in_id = {occasional} WHERE id = {shared_goal}",
    ],
}
SOUND = ["UPDATE assessments_raterlink SET code_tries = 1 WHERE id = {rater_link}"]


def rows(cast):
    revision = FrameworkRevision.objects.get(framework__slug="ipt")
    link = factories.make_rater_link(cast.supervisor, cast.therapist, revision)
    ended = factories.make_rater_link(cast.supervisor, cast.therapist, revision)
    return {
        "rater_link": link,
        "occasional": link.assessment,
        "rater_link_ended": rater_links.end(by=cast.supervisor, link=ended, reason="Another session was meant."),
    }
