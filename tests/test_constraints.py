"""Every named constraint, broken past our own code so that only the database can refuse.

The guards of `assessments.guards` are taken down first: here each constraint stands alone.
"""

import copy
import datetime
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import CheckConstraint, F, Subquery, UniqueConstraint
from django.utils import timezone

from assessments import guards
from assessments.actions import accesses, goals, outbox, people, second_ratings
from assessments.models import (
    Assessment,
    AuditEvent,
    BundleFile,
    CarryOver,
    Competence,
    CompetenceLink,
    Digest,
    FormImport,
    Framework,
    FrameworkImport,
    FrameworkRevision,
    Membership,
    Organisation,
    Programme,
    RaterLink,
    RecordAccess,
    Report,
    ReportBundle,
    Role,
    ShortForm,
    SignedRecord,
    User,
)
from assessments.models.programme import CONDITIONS
from tests import factories

pytestmark = pytest.mark.django_db

MODELS = list(apps.get_app_config("assessments").get_models())
OWNERS = {constraint.name: (model, constraint) for model in MODELS for constraint in model._meta.constraints}
NOW, TODAY = timezone.now(), timezone.localdate()
YESTERDAY, A_SECOND = factories.days_ago(1), datetime.timedelta(seconds=1)

# Of a bundle of reports: that it has ended, and that it is ready.
OVER = {"ended_at": NOW, "expires_at": NOW}
WHOLE = {"status": "done", "total": 1, "finished": 1, "size": 1, "sha256": "0" * 64}
OF_ONESELF = {"role": "self", "therapist": F("supervisor")}
SIGNED = {"status": "signed_off", "shared_at": NOW, "signed_off_at": NOW}
WITHDRAWN = {"status": "withdrawn", "withdrawn_at": NOW, "withdrawn_reason": "Wrong person."}
SHARED = {"status": "shared", "shared_at": NOW}
A_SIGNED_ONE = Subquery(Assessment.objects.filter(status="signed_off").values("pk")[:1])
SECOND = {"role": "second", "second_of": F("pk")}

# Check constraint: changes to a sound row, each of which breaks it.
BREAKING = {
    "user_email_is_in_lower_case": [{"email": "Amara@example.org"}],
    "user_has_a_name": [{"name": ""}],
    "membership_role_is_a_choice": [{"role": "guest"}, {"role": ""}],
    "membership_ends_on_or_after_its_start": [{"starts_on": TODAY, "ends_on": YESTERDAY}],
    "supervision_ends_on_or_after_its_start": [{"starts_on": TODAY, "ends_on": YESTERDAY}],
    "supervision_joins_two_people": [{"therapist": F("supervisor")}],
    "scale_direction_is_a_choice": [{"direction": "sideways"}, {"direction": ""}],
    "level_position_is_a_key": [{"position": 0}, {"position": 10}],
    "level_has_a_label": [{"label": ""}, {"value": ""}],
    "revision_status_is_a_choice": [{"status": "superseded"}],
    "revision_has_a_time_once_published": [{"status": "draft"}, {"published_at": None}],
    "revision_has_a_time_once_retired": [{"status": "retired"}, {"retired_at": NOW}],
    "revision_follows_another_one": [{"previous": F("pk")}],
    "domain_has_a_title": [{"title": ""}, {"code": ""}, {"key": ""}],
    "activity_scope_is_a_choice": [{"scope": "extra"}, {"scope": ""}],
    "activity_phase_is_a_choice": [{"phase": "late"}],
    "activity_problem_area_is_a_choice": [{"problem_area": "work"}],
    "activity_title_status_is_a_choice": [{"title_status": "guessed"}, {"title_status": ""}],
    "activity_has_a_title": [{"title": ""}, {"code": ""}, {"key": ""}],
    "competence_kind_is_a_choice": [{"kind": "talent"}, {"kind": ""}],
    "competence_has_a_text": [{"text": ""}, {"code": ""}, {"key": ""}],
    "import_status_is_a_choice": [{"status": "lost", "closed_at": NOW}],
    "import_has_a_time_once_closed": [{"status": "discarded"}, {"closed_at": NOW}],
    "import_names_its_revision_once_loaded": [
        {"status": "loaded", "closed_at": NOW},
        {"status": "loaded", "closed_at": NOW, "framework": 1},
        {"status": "loaded", "closed_at": NOW, "revision": 1},
        {"revision": 1, "framework": 1},
        {"status": "discarded", "closed_at": NOW, "revision": 1, "framework": 1},
    ],
    "link_kind_is_a_choice": [{"kind": "renamed"}, {"kind": ""}],
    "link_basis_is_a_choice": [{"basis": "guess"}, {"basis": ""}],
    "link_has_the_ends_of_its_kind": [
        {"older": None},
        {"newer": None},
        {"older": None, "newer": None},
        {"kind": "added"},
        {"kind": "added", "newer": None},
        {"kind": "added", "older": None, "newer": None},
        {"kind": "removed"},
        {"kind": "removed", "older": None},
        {"kind": "removed", "older": None, "newer": None},
        {"kind": "split", "newer": None},
        {"kind": "merged", "older": None},
    ],
    "link_likeness_is_in_per_cent": [{"likeness": 101}],
    "link_confirmed_has_a_time": [{"confirmed_at": None}],
    "carry_over_is_undone_after_it_was_decided": [
        {"undone_at": NOW - A_SECOND},
        {"undone_by": F("decided_by")},
        {"undone_by": F("decided_by"), "undone_at": NOW - A_SECOND},
    ],
    "short_form_purpose_is_a_choice": [{"purpose": "holiday"}, {"purpose": ""}],
    "short_form_has_a_name": [{"name": ""}],
    "programme_has_a_name": [{"name": ""}],
    "programme_asks_for_something": [{"cases": None}],
    "programme_numbers_start_at_one": [
        {"cases": 0},
        {"recordings_per_case": 0},
        {"problem_areas": 0},
        {"assessments": 0},
    ],
    "programme_counts_recordings_in_cases": [{"cases": None, "recordings_per_case": 3}],
    "programme_asks_for_problem_areas_there_are": [{"problem_areas": 5}],
    "assessment_status_is_a_choice": [{"status": "lost"}],
    "assessment_origin_is_a_choice": [{"origin": "elsewhere"}, {"origin": ""}],
    "assessment_from_a_form_names_who_entered_it": [{"origin": "form"}, {"entered_by": F("supervisor")}],
    "bundle_status_is_a_choice": [OVER | {"status": "lost"}, OVER | {"status": ""}],
    "bundle_asks_for_something": [{"has_assessments": False, "has_profiles": False}],
    "bundle_counts_within_its_total": [{"finished": 1}, {"total": 0}, {"total": 1, "finished": 2}],
    "bundle_is_leased_only_while_running": [{"leased_until": NOW}],
    "bundle_has_a_time_once_ended": [
        {"ended_at": NOW},
        {"expires_at": NOW},
        OVER,
        {"status": "cancelled"},
        {"status": "cancelled", "ended_at": NOW},
        OVER | {"status": "cancelled", "expires_at": NOW - A_SECOND},
    ],
    "bundle_is_whole_once_done": [
        {"sha256": "0" * 64},
        {"size": 1},
        OVER | {"status": "done"},
        OVER | WHOLE | {"sha256": ""},
        OVER | WHOLE | {"size": None},
        OVER | WHOLE | {"total": None, "finished": 0},
        OVER | WHOLE | {"total": 2},
    ],
    "bundle_has_a_reason_once_failed": [{"reason": "It took too long."}, OVER | {"status": "failed"}],
    "bundle_is_emptied_once_expired": [
        {"emptied_at": NOW},
        OVER | {"status": "cancelled", "emptied_at": NOW - A_SECOND},
    ],
    "bundle_file_keeps_profiles_alone": [
        {"content": b"%PDF"},
        {"content": b"%PDF", "sha256": "0" * 64, "assessment": Subquery(Assessment.objects.drafts().values("pk")[:1])},
    ],
    "form_import_keeps_its_file_while_open": [
        {"content": None},
        {"closed_at": NOW},
        {"assessment": Subquery(Assessment.objects.values("pk")[:1])},
    ],
    "assessment_source_is_a_choice": [{"source": "hearsay"}, {"source": ""}],
    "assessment_phase_is_a_choice": [{"phase": "late"}],
    "assessment_problem_area_is_a_choice": [{"problem_area": "work"}],
    "assessment_format_is_a_choice": [{"format": "letter"}],
    "assessment_selected_by_is_a_choice": [{"selected_by": "client"}],
    "assessment_difficulty_is_a_choice": [{"difficulty": "easy"}],
    "assessment_reply_agreement_is_a_choice": [{"reply_agreement": "perhaps", "replied_at": NOW}],
    "assessment_role_is_a_choice": [{"role": "peer"}],
    "assessment_joins_two_people_unless_of_oneself": [{"therapist": F("supervisor")}, {"role": "self"}],
    "assessment_is_paired_only_if_of_oneself": [{"pair": F("pk")}],
    "assessment_is_opened_only_if_rated_beside": [{"opened_at": NOW, "shared_at": NOW, "status": "shared"}],
    "assessment_rests_on_reflection_only_if_of_oneself": [{"source": "reflection"}],
    "assessment_is_opened_only_once_shared": [OF_ONESELF | {"opened_at": NOW}],
    "assessment_by_an_occasional_rater_has_no_reply": [
        {"role": "occasional", "reply_agreement": "agree", "replied_at": NOW}
    ],
    "rater_link_takes_few_tries": [{"code_tries": 6}],
    "rater_link_sends_few_codes_a_day": [{"codes_sent": 6}],
    "rater_link_code_has_a_time": [{"code_sha256": "0" * 64}, {"code_sent_at": NOW}],
    "assessment_of_oneself_has_no_reply": [OF_ONESELF | {"reply_agreement": "agree", "replied_at": NOW}],
    "assessment_fitness_is_a_choice": [{"fitness": "perhaps"}],
    "assessment_states_fitness_only_by_a_supervisor": [OF_ONESELF | {"fitness": "reached"}],
    "assessment_has_a_previous_only_once_shared": [{"previous": A_SIGNED_ONE}],
    "assessment_has_a_previous_only_by_a_supervisor": [OF_ONESELF | SHARED | {"previous": A_SIGNED_ONE}],
    "assessment_is_not_its_own_previous": [SHARED | {"previous": F("pk")}],
    "assessment_is_second_of_another_only_as_second": [{"second_of": F("pk")}, {"role": "second"}],
    "assessment_second_has_no_reply": [SECOND | {"reply_agreement": "agree", "replied_at": NOW}],
    "assessment_of_a_recording_has_consent": [{"is_consent_confirmed": False}],
    "assessment_numbers_start_at_one": [
        {"case_number": 0},
        {"session_number": 0},
        {"planned_total": 0},
        {"minutes_reviewed": 0},
    ],
    "assessment_has_a_time_once_shared": [{"shared_at": NOW}, {"status": "shared"}],
    "assessment_has_a_time_once_signed_off": [
        {"signed_off_at": NOW},
        {"status": "signed_off", "shared_at": NOW},
    ],
    "assessment_has_a_reason_once_withdrawn": [
        {"withdrawn_at": NOW},
        {"withdrawn_reason": "Wrong person."},
        {"status": "withdrawn", "withdrawn_at": NOW},
        {"status": "withdrawn", "withdrawn_reason": "Wrong person."},
    ],
    "assessment_closed_as_is_a_choice": [SIGNED | {"closed_as": "moved", "closed_reason": "Gone."}],
    "assessment_has_a_reason_once_closed": [{"closed_reason": "Gone."}, SIGNED | {"closed_as": "left"}],
    "assessment_is_closed_only_by_signing_off": [{"closed_as": "left", "closed_reason": "Gone."}],
    "organisation_waits_one_to_ninety_days": [{"reply_days": 0}, {"reply_days": 91}],
    "assessment_reply_has_a_time": [
        {"reply": "Yes."},
        {"reply_agreement": "agree"},
        {"replied_at": NOW},
        {"reply": "Yes.", "replied_at": NOW},
    ],
    "rating_outcome_is_a_choice": [{"outcome": "good", "level": None}],
    "rating_has_a_level_only_as_outcome": [{"level": None}, {"outcome": "not_observed"}],
    "rating_pending_holds_something": [{"outcome": "pending", "level": None, "note": ""}],
    "rating_time_mark_is_within_ten_hours": [{"time_mark": 36_000}],
    "standing_outcome_is_a_choice": [{"outcome": "good", "position": None}],
    "standing_has_a_position_only_as_level": [
        {"position": None},
        {"last_rated_on": None},
        {"outcome": "not_observed"},
        {"outcome": "pending", "position": None},
    ],
    "standing_counts_within_its_activity": [{"rated": 11, "total": 10}],
    "quarter_outcome_is_a_choice": [{"outcome": "good", "position": None}],
    "quarter_has_a_position_only_as_level": [
        {"position": None},
        {"outcome": "not_observed"},
        {"outcome": "pending", "position": None},
    ],
    "quarter_ends_after_its_start": [{"ends_on": F("begins_on")}],
    "signature_role_is_a_choice": [{"role": "witness"}],
    "digest_is_sent_or_dropped": [{"sent_at": NOW, "dropped_at": NOW, "attempts": 1}],
    "digest_is_sent_by_a_try": [{"sent_at": NOW}],
    "notice_kind_is_a_choice": [{"kind": "whispered"}, {"kind": ""}],
    "notice_is_told_or_dropped": [{"digest": Subquery(Digest.objects.values("pk")[:1]), "dropped_at": NOW}],
    "goal_status_is_a_choice": [{"status": "forgotten", "closed_at": NOW}, {"status": "", "closed_at": NOW}],
    "goal_says_what": [{"text": ""}],
    "goal_owner_is_a_choice": [{"owner": "nobody"}],
    "goal_has_a_time_once_closed": [{"status": "met"}, {"status": "dropped"}, {"closed_at": NOW}],
    "goal_has_no_result_while_open": [
        {"result": "Named all three."},
        {"closed_in": F("assessment"), "closed_by": F("therapist")},
    ],
    "goal_closed_somewhere_is_closed_by_somebody": [
        {"closed_by": F("therapist")},
        {"status": "met", "closed_at": NOW, "closed_in": F("assessment")},
    ],
    "event_type_is_a_choice": [{"type": "something"}, {"type": ""}],
    "access_opened_is_a_choice": [{"opened": "diary"}],
    "access_names_an_assessment_unless_profile": [{"opened": "assessment"}],
    "report_kind_is_a_choice": [{"kind": "long"}, {"kind": ""}],
    "record_links_to_the_one_before": [
        {"previous_sha256": "0" * 64},
        {"sequence": 2},
        {"sequence": 0, "previous_sha256": "0" * 64},
    ],
}

# Every state that is no choice breaks the other rule as well, and the database names either.
SAME_BREACH = {
    "assessment_status_is_a_choice": "assessment_has_a_time_once_shared",
    "revision_status_is_a_choice": "revision_has_a_time_once_published",
    "standing_outcome_is_a_choice": "standing_has_a_position_only_as_level",
    "quarter_outcome_is_a_choice": "quarter_has_a_position_only_as_level",
}

# Unique constraint: what a copy of a row changes, from a draft at hand, so that it meets no other constraint.
COPYING = {
    "membership_is_open_once_per_role": lambda draft: {},
    "supervision_is_open_once_per_pair": lambda draft: {"id": uuid4()},
    "scale_version_is_unique": lambda draft: {"name": "Another"},
    "level_position_is_unique_in_its_scale": lambda draft: {"label": "Beyond"},
    "level_label_is_unique_in_its_scale": lambda draft: {"position": 9},
    "revision_number_is_unique_in_its_framework": lambda draft: {"title": "Another"},
    "page_key_is_unique_in_its_revision": lambda draft: {"title": "Another"},
    "domain_key_is_unique_in_its_revision": lambda draft: {"code": "new"},
    "domain_code_is_unique_in_its_revision": lambda draft: {"key": "new"},
    "activity_key_is_unique_in_its_revision": lambda draft: {"code": "new"},
    "activity_code_is_unique_in_its_revision": lambda draft: {"key": "new"},
    "competence_key_is_unique_in_its_revision": lambda draft: {"code": "new"},
    "competence_code_is_unique_in_its_revision": lambda draft: {"key": "new"},
    "link_joins_two_competences_once": lambda draft: {"kind": "covered"},
    "link_removes_a_competence_once": lambda draft: {"basis": "person"},
    "link_adds_a_competence_once": lambda draft: {"basis": "person"},
    "link_gives_an_identity_once": lambda draft: {"kind": "reworded", "older": unlinked("1.0")},
    "link_takes_an_identity_once": lambda draft: {"kind": "editorial", "newer": unlinked("2.0")},
    "carry_over_stands_once_per_revision": lambda draft: {"decided_at": NOW},
    "short_form_name_is_unique_while_offered": lambda draft: {"purpose": "other"},
    "programme_name_is_unique_while_offered": lambda draft: {"id": uuid4(), "name": "ipt practitioner 2025"},
    "standing_is_one_per_activity": lambda draft: {"rated": 0},
    "quarter_begins_once_per_domain": lambda draft: {"ends_on": datetime.date.max},
    "quarter_is_open_once_per_domain": lambda draft: {"begins_on": factories.LONG_AGO},
    "assessment_has_one_living_successor": lambda draft: {"id": uuid4()},
    "rating_is_one_per_competence": lambda draft: {"note": "Another."},
    "outbox_key_is_one_per_person_and_assessment": lambda draft: {"key": "another"},
    "bundle_is_open_once_a_person": lambda draft: {"id": uuid4(), "status": "running"},
    "bundle_file_has_a_name_of_its_own": lambda draft: {"therapist": draft.supervisor},
    "bundle_file_is_one_per_assessment": lambda draft: {"name": "another.pdf"},
    "bundle_file_is_one_profile_per_therapist": lambda draft: {"name": "another.pdf"},
    "signature_stands_once_per_role": lambda draft: {"signed_at": NOW},
    "assessment_has_one_standing_second": lambda draft: {"id": uuid4()},
    "digest_is_one_a_day": lambda draft: {"id": uuid4(), "sent_at": NOW, "attempts": 1},
    "digest_is_open_once_per_person": lambda draft: {"id": uuid4(), "on": YESTERDAY},
    "notice_waits_once_per_kind": lambda draft: {"created_at": NOW},
    "event_change_key_is_used_once": lambda draft: {"data": {}},
    "access_to_profile_is_noted_once_a_day": lambda draft: {"at": NOW},
    "access_to_assessment_is_noted_once_a_day": lambda draft: {"at": NOW},
    "report_is_one_of_its_kind": lambda draft: {"sha256": "0" * 64},
    "record_has_its_place_in_the_chain": lambda draft: {"assessment": draft},
}

# A constraint and a change that it must let through.
SOUND = [
    ("membership_ends_on_or_after_its_start", {"starts_on": TODAY, "ends_on": TODAY}),
    ("supervision_ends_on_or_after_its_start", {"starts_on": TODAY, "ends_on": TODAY}),
    ("level_position_is_a_key", {"position": 9}),
    ("revision_has_a_time_once_published", {"status": "draft", "published_at": None}),
    ("revision_has_a_time_once_retired", {"status": "retired", "retired_at": NOW}),
    ("activity_phase_is_a_choice", {"phase": ""}),
    ("import_has_a_time_once_closed", {"status": "discarded", "closed_at": NOW}),
    ("import_names_its_revision_once_loaded", {"status": "loaded", "closed_at": NOW, "revision": 1, "framework": 1}),
    ("import_names_its_revision_once_loaded", {"status": "discarded", "closed_at": NOW, "framework": 1}),
    ("link_has_the_ends_of_its_kind", {"kind": "removed", "newer": None}),
    ("link_has_the_ends_of_its_kind", {"kind": "added", "older": None}),
    ("link_has_the_ends_of_its_kind", {"kind": "split"}),
    ("link_likeness_is_in_per_cent", {"likeness": 100}),
    ("link_likeness_is_in_per_cent", {"likeness": None}),
    ("link_confirmed_has_a_time", {"confirmed_by": None}),
    ("link_confirmed_has_a_time", {"confirmed_by": None, "confirmed_at": None}),
    ("carry_over_is_undone_after_it_was_decided", {"undone_at": NOW}),
    ("carry_over_is_undone_after_it_was_decided", {"undone_at": NOW, "undone_by": F("decided_by")}),
    *(("programme_asks_for_something", {"cases": None, name: 1}) for name in ["problem_areas", "assessments"]),
    *(("programme_asks_for_something", {"cases": None, name: True}) for name in CONDITIONS),
    ("programme_numbers_start_at_one", {"recordings_per_case": 1, "problem_areas": 1, "assessments": 1}),
    ("programme_counts_recordings_in_cases", {"recordings_per_case": 3}),
    ("programme_asks_for_problem_areas_there_are", {"problem_areas": 4}),
    ("assessment_format_is_a_choice", {"format": ""}),
    ("assessment_joins_two_people_unless_of_oneself", OF_ONESELF),
    ("assessment_is_paired_only_if_of_oneself", OF_ONESELF | {"pair": F("pk")}),
    ("assessment_joins_two_people_unless_of_oneself", {"role": "occasional"}),
    ("rater_link_takes_few_tries", {"code_tries": 5}),
    ("rater_link_sends_few_codes_a_day", {"codes_sent": 5}),
    ("rater_link_code_has_a_time", {"code_sha256": "0" * 64, "code_sent_at": NOW}),
    ("assessment_rests_on_reflection_only_if_of_oneself", OF_ONESELF | {"source": "reflection"}),
    ("assessment_is_opened_only_once_shared", OF_ONESELF | {"status": "shared", "shared_at": NOW, "opened_at": NOW}),
    ("assessment_is_second_of_another_only_as_second", SECOND),
    ("assessment_is_opened_only_if_rated_beside", SECOND | {"status": "shared", "shared_at": NOW, "opened_at": NOW}),
    ("assessment_from_a_form_names_who_entered_it", {"origin": "form", "entered_by": F("supervisor")}),
    ("assessment_has_a_reason_once_closed", SIGNED | {"closed_as": "left", "closed_reason": "Gone."}),
    ("organisation_waits_one_to_ninety_days", {"reply_days": 90}),
    ("form_import_keeps_its_file_while_open", {"content": None, "closed_at": NOW}),
    ("bundle_asks_for_something", {"has_assessments": False}),
    ("bundle_counts_within_its_total", {"total": 2, "finished": 2}),
    ("bundle_is_leased_only_while_running", {"status": "running", "leased_until": NOW}),
    ("bundle_is_whole_once_done", OVER | WHOLE),
    ("bundle_has_a_reason_once_failed", OVER | {"status": "failed", "reason": "It took too long."}),
    ("bundle_is_emptied_once_expired", OVER | {"status": "cancelled", "emptied_at": NOW}),
    ("bundle_file_keeps_profiles_alone", {"content": b"%PDF", "sha256": "0" * 64}),
    ("assessment_of_a_recording_has_consent", {"source": "live", "is_consent_confirmed": False}),
    ("assessment_numbers_start_at_one", {"case_number": None, "session_number": 1, "minutes_reviewed": 1}),
    ("assessment_has_a_time_once_shared", {"status": "shared", "shared_at": NOW}),
    ("assessment_has_a_time_once_signed_off", {"status": "signed_off", "shared_at": NOW, "signed_off_at": NOW}),
    ("assessment_has_a_reason_once_withdrawn", {"status": "withdrawn", "withdrawn_at": NOW, "withdrawn_reason": "R."}),
    ("assessment_reply_has_a_time", {"reply_agreement": "agree", "replied_at": NOW}),
    ("rating_has_a_level_only_as_outcome", {"outcome": "not_observed", "level": None}),
    ("rating_pending_holds_something", {"outcome": "pending", "level": None, "note": "", "is_priority": True}),
    ("rating_pending_holds_something", {"outcome": "pending", "level": None, "note": "", "time_mark": 0}),
    ("rating_time_mark_is_within_ten_hours", {"time_mark": 35_999}),
    ("standing_has_a_position_only_as_level", {"outcome": "not_observed", "position": None, "last_rated_on": None}),
    ("standing_counts_within_its_activity", {"rated": 10, "total": 10}),
    ("quarter_has_a_position_only_as_level", {"outcome": "not_applicable", "position": None}),
    ("quarter_ends_after_its_start", {"ends_on": datetime.date.max}),
    ("digest_is_sent_or_dropped", {"sent_at": NOW, "attempts": 1}),
    ("digest_is_sent_or_dropped", {"dropped_at": NOW}),
    ("notice_is_told_or_dropped", {"dropped_at": NOW}),
    ("notice_is_told_or_dropped", {"digest": Subquery(Digest.objects.values("pk")[:1])}),
    ("record_links_to_the_one_before", {"sequence": 2, "previous_sha256": "0" * 64}),
]

# A unique constraint and a copy that it must let through.
SOUND_COPIES = [
    ("membership_is_open_once_per_role", {"ends_on": TODAY}),
    ("membership_is_open_once_per_role", {"role": "admin"}),
    ("supervision_is_open_once_per_pair", {"id": uuid4(), "ends_on": TODAY}),
    ("scale_version_is_unique", {"version": 2}),
    ("revision_number_is_unique_in_its_framework", {"number": "1.1"}),
    ("competence_key_is_unique_in_its_revision", {"key": "new", "code": "new"}),
    ("link_takes_an_identity_once", {"kind": "split", "newer": lambda: unlinked("2.0")}),
    ("link_gives_an_identity_once", {"kind": "merged", "older": lambda: unlinked("1.0")}),
    ("carry_over_stands_once_per_revision", {"undone_at": NOW}),
    ("short_form_name_is_unique_while_offered", {"name": "Another"}),
    ("short_form_name_is_unique_while_offered", {"is_retired": True}),
    ("programme_name_is_unique_while_offered", {"id": uuid4(), "name": "Another"}),
    ("programme_name_is_unique_while_offered", {"id": uuid4(), "retired_at": NOW}),
    ("quarter_begins_once_per_domain", {"begins_on": factories.LONG_AGO, "ends_on": datetime.date.max}),
    ("quarter_is_open_once_per_domain", {"begins_on": factories.LONG_AGO, "ends_on": datetime.date.max}),
    ("assessment_has_one_living_successor", WITHDRAWN | {"id": uuid4()}),
    ("assessment_has_one_living_successor", {"id": uuid4(), "predecessor": None}),
    ("bundle_is_open_once_a_person", OVER | {"id": uuid4(), "status": "cancelled"}),
    ("signature_stands_once_per_role", {"voided_at": NOW}),
    (
        "assessment_has_one_standing_second",
        {"id": uuid4(), "status": "withdrawn", "withdrawn_at": NOW, "withdrawn_reason": "R."},
    ),
    ("event_change_key_is_used_once", {"change_key": None}),
    ("report_is_one_of_its_kind", {"kind": "short"}),
    ("digest_is_open_once_per_person", {"id": uuid4(), "on": YESTERDAY, "dropped_at": NOW}),
    ("digest_is_one_a_day", {"id": uuid4(), "on": YESTERDAY, "sent_at": NOW, "attempts": 1}),
    ("notice_waits_once_per_kind", {"dropped_at": NOW}),
    ("notice_waits_once_per_kind", {"kind": "signed"}),
    ("access_to_profile_is_noted_once_a_day", {"on": YESTERDAY}),
    ("access_to_assessment_is_noted_once_a_day", {"opened": "report"}),
]

# Columns that are unique by themselves, and how a copy of their row is otherwise told apart.
ALONE = [
    (User, "email", {"id": uuid4()}),
    (Organisation, "name", {"id": uuid4()}),
    (Framework, "slug", {}),
    (SignedRecord, "assessment_id", {"sequence": 2, "previous_sha256": "0" * 64}),
    (RaterLink, "assessment_id", {"id": uuid4(), "token_sha256": "0" * 64}),
    (RaterLink, "token_sha256", {"id": uuid4(), "assessment_id": lambda: by_a("supervisor").pk}),
]


@pytest.fixture(scope="module")
def draft(django_db_setup, django_db_blocker):
    """A row in every table, and no guards. The draft is given; everything is undone after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        northfield = people.create_organisation(by=None, name="Northfield")
        supervisor = factories.make_person("Dr Helen Marsh", Role.SUPERVISOR, northfield)
        therapist = factories.make_person("Amara Okafor", Role.THERAPIST, northfield)
        factories.make_supervision(therapist, supervisor, northfield)
        revision = FrameworkRevision.objects.get(framework__slug="ipt")
        signed = factories.make_signed(supervisor, therapist, revision)
        Report.objects.create(record=signed.signed_record, content=b"%PDF", issued_at=NOW, issued_by=supervisor)
        lead = factories.make_person("Margaret Ellison", Role.LEAD, northfield)
        accesses.note_opening(by=lead, therapist=therapist, opened="profile")
        accesses.note_opening(by=lead, therapist=therapist, opened="assessment", assessment=signed)
        draft = factories.make_draft(supervisor, therapist, revision)
        rater = factories.make_person("Dr Samuel Adeyemi", Role.SUPERVISOR, northfield)
        second_ratings.ask(by=supervisor, assessment=signed, rater=rater)
        factories.rate(draft, "S2.1")
        factories.make_rater_link(supervisor, therapist, revision)
        outbox.open_outbox(by=supervisor, assessment_id=draft.pk)
        FormImport.objects.create(
            uploaded_by=supervisor, therapist=therapist, revision=revision, file_name="form.xlsx", content=b"PK"
        )
        Programme.objects.create(organisation=northfield, name="IPT practitioner 2025", cases=4)
        _bundle(lead, signed)
        goals.save(by=supervisor, assessment=draft, text="Name the stages.", due_on=None, competences=[])
        Digest.objects.create(person=lead, on=TODAY, created_at=NOW, next_try_at=NOW)
        connection.check_constraints()
        guards.remove()
        _library(supervisor)
        draft.predecessor = signed
        draft.save(update_fields=["predecessor"])
        yield draft
        transaction.set_rollback(True)


def _bundle(lead, signed):
    """Asked for, with a profile and the report of an assessment planned."""
    bundle = factories.make_bundle(lead, signed.organisation, signed.revision)
    ReportBundle.objects.update(status="running")
    for name, assessment in [("profile.pdf", None), ("assessment.pdf", signed)]:
        BundleFile.objects.create(
            bundle=bundle, therapist=signed.therapist, assessment=assessment, name=name, stands_on=TODAY
        )
    ReportBundle.objects.update(status="waiting")


def _library(person):
    """Two revisions of a framework, with a link of each shape and one competence that has none on either side."""
    older = factories.make_revision()
    newer = factories.make_revision(number="2.0", previous="1.0", is_published=False)
    newer.links.all().delete()
    for kind, before, after in [("unchanged", "A1.1", "A1.1"), ("removed", "A1.2", None), ("added", None, "A1.2")]:
        CompetenceLink.objects.create(
            revision=newer,
            older=older.competences.filter(code=before).first(),
            newer=newer.competences.filter(code=after).first(),
            kind=kind,
            basis="key",
            confirmed_by=person,
            confirmed_at=NOW,
        )
    CarryOver.objects.create(revision=newer, decided_at=NOW, decided_by=person)
    ShortForm.objects.create(revision=newer, name="Mid-case", purpose="mid_case")
    FrameworkImport.objects.create(uploaded_by=person, file_name="list.csv", content=b"Code", sha256="0" * 64)


def by_a(role):
    return Assessment.objects.filter(role=role).latest("created_at")


def unlinked(number):
    return Competence.objects.get(revision__framework__slug="small", revision__number=number, code="A1a.1")


def sample(name, draft):
    """The row that a constraint is tried on."""
    model, _ = OWNERS[name]
    if model is Assessment:
        return Assessment.objects.second().get() if name == "assessment_has_one_standing_second" else draft
    rows = model.objects.order_by("pk")
    if model is CompetenceLink:
        only = {"link_removes_a_competence_once": "removed", "link_adds_a_competence_once": "added"}
        return rows.get(kind=only.get(name, "unchanged"))
    if model is RecordAccess:
        is_profile = name in {"access_names_an_assessment_unless_profile", "access_to_profile_is_noted_once_a_day"}
        return rows.get(assessment__isnull=is_profile)
    if model is BundleFile:
        return rows.get(assessment__isnull=name != "bundle_file_is_one_per_assessment")
    if model is AuditEvent:
        return rows.filter(change_key__isnull=False).first()
    return rows.last() if model is Membership else rows.first()


def a_copy(row, **changes):
    twin = copy.copy(row)
    twin.pk, twin._state = None, copy.copy(row._state)
    for name, value in changes.items():
        setattr(twin, name, value() if callable(value) else value)
    return twin


def blamed(error):
    """What the database says was broken: PostgreSQL names the constraint, SQLite a unique one by its columns."""
    if connection.vendor == "postgresql":
        return error.__cause__.diag.constraint_name
    return str(error).partition(" constraint failed: ")[2]


def as_blamed(name):
    model, constraint = OWNERS[name]
    if connection.vendor == "postgresql" or isinstance(constraint, CheckConstraint):
        return name
    if constraint.expressions:
        return f"index '{name}'"
    columns = [model._meta.get_field(field).column for field in constraint.fields]
    return ", ".join(f"{model._meta.db_table}.{column}" for column in columns)


@contextmanager
def refused_by(*names):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        yield
    assert blamed(refusal.value) in {as_blamed(name) for name in names}


def test_every_constraint_is_tried_here():
    kinds = {CheckConstraint: set(BREAKING), UniqueConstraint: set(COPYING)}

    declared = {kind: {name for name, (_, rule) in OWNERS.items() if isinstance(rule, kind)} for kind in kinds}

    assert kinds == declared
    assert set(OWNERS) == set(BREAKING) | set(COPYING)


def test_every_constraint_has_a_name_of_its_own():
    assert len(OWNERS) == sum(len(model._meta.constraints) for model in MODELS)


@pytest.mark.parametrize(
    ("name", "changes"), [(name, changes) for name, several in BREAKING.items() for changes in several]
)
def test_check_constraint_refuses(draft, name, changes):
    row = sample(name, draft)

    with refused_by(name, SAME_BREACH.get(name, name)):
        type(row).objects.filter(pk=row.pk).update(**changes)


@pytest.mark.parametrize(("name", "changes"), SOUND)
def test_check_constraint_allows(draft, name, changes):
    row = sample(name, draft)

    assert type(row).objects.filter(pk=row.pk).update(**changes) == 1


@pytest.mark.parametrize("name", COPYING)
def test_unique_constraint_refuses_a_second_row(draft, name):
    row = sample(name, draft)
    second = a_copy(row, **COPYING[name](draft))

    with refused_by(name):
        type(row).objects.bulk_create([second])


@pytest.mark.parametrize(("name", "changes"), SOUND_COPIES)
def test_unique_constraint_allows_another_row(draft, name, changes):
    row = sample(name, draft)
    count = type(row).objects.count()

    type(row).objects.bulk_create([a_copy(row, **changes)])

    assert type(row).objects.count() == count + 1


@pytest.mark.parametrize(("model", "column", "changes"), ALONE)
def test_unique_column_refuses_a_second_row(draft, model, column, changes):
    row = model.objects.order_by("pk").first()

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        model.objects.bulk_create([a_copy(row, **changes)])

    assert column in blamed(refusal.value)
