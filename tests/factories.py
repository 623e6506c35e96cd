"""Plain functions that make what a test needs, with sensible values for everything it does not care about."""

import datetime
import hashlib
import itertools
import uuid
from dataclasses import replace
from typing import Any

from django.utils import timezone

from assessments.actions import (
    assessments,
    bundle_work,
    bundles,
    form_imports,
    frameworks,
    goals,
    imports,
    lineage,
    people,
    programmes,
    rater_links,
    ratings,
    reopening,
    second_ratings,
    self_assessments,
    short_forms,
)
from assessments.actions.ratings import Change
from assessments.importers.reading import Answers
from assessments.models import (
    Activity,
    Assessment,
    AuditEvent,
    BundleFile,
    BundleStatus,
    FormImport,
    FrameworkImport,
    FrameworkRevision,
    Goal,
    Membership,
    Organisation,
    Outcome,
    Programme,
    RaterLink,
    ReportBundle,
    Role,
    ShortForm,
    Signature,
    Supervision,
    User,
)
from assessments.revisions import (
    ActivityData,
    CompetenceData,
    DomainData,
    LevelData,
    PointData,
    RevisionData,
    ScaleData,
)
from tests import filled

PASSWORD = "orchard-lantern-harbour"
LONG_AGO = datetime.date(2025, 1, 6)

_numbers = itertools.count(1)


def make_person(name: str, role: str, organisation: Organisation, *, programme: str = "") -> User:
    email = f"{name.lower().replace(' ', '.')}.{next(_numbers)}@example.org"
    return people.create_person(
        by=None,
        email=email,
        name=name,
        organisation=organisation,
        role=role,
        programme=programme,
        starts_on=LONG_AGO,
        password=PASSWORD,
    )


def make_supervision(
    therapist: User,
    supervisor: User,
    organisation: Organisation,
    *,
    starts_on: datetime.date = LONG_AGO,
    ends_on: datetime.date | None = None,
) -> Supervision:
    return Supervision.objects.create(
        therapist=therapist,
        supervisor=supervisor,
        organisation=organisation,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def make_context(**changes: Any) -> dict[str, Any]:
    return {
        "source": Assessment.Source.RECORDED,
        "session_on": timezone.localdate() - datetime.timedelta(days=2),
        "is_consent_confirmed": True,
        "case_number": 2,
        "session_number": 7,
        "planned_total": 16,
        "phase": "middle",
        "problem_area": "dispute",
        "format": "in_person",
        "minutes_reviewed": 50,
        "selected_by": "supervisor",
        "difficulty": "ordinary",
        **changes,
    }


def make_draft(
    supervisor: User, therapist: User, revision: FrameworkRevision, *, codes: str = "S2 S7", **context: Any
) -> Assessment:
    """A draft that covers the activities named by `codes`."""
    return assessments.start(
        by=supervisor,
        therapist=therapist,
        revision=revision,
        activities=Activity.objects.filter(revision=revision, code__in=codes.split()),
        context=make_context(**context),
    )


def rate(assessment: Assessment, code: str, answer: int | str = 3, **values: Any) -> int:
    """Give one rating as the assessment's supervisor; returns its version."""
    is_level = isinstance(answer, int)
    current = assessment.ratings.filter(competence__code=code).first()
    change = Change(
        code=code,
        key=uuid.uuid4(),
        base_version=current.version if current else 0,
        outcome=Outcome.LEVEL if is_level else str(answer),
        position=answer if is_level else None,
        **values,
    )
    return ratings.save(by=assessment.supervisor, assessment_id=assessment.pk, change=change).version


def make_change(code: str, answer: int | str = 3, **values: Any) -> Change:
    """One answer as a device sends it, by default to something not rated yet."""
    is_level = isinstance(answer, int)
    return Change(
        **{
            "code": code,
            "key": uuid.uuid4(),
            "base_version": 0,
            "outcome": Outcome.LEVEL if is_level else str(answer),
            "position": answer if is_level else None,
            **values,
        }
    )


def make_shared(supervisor: User, therapist: User, revision: FrameworkRevision, **kwargs: Any) -> Assessment:
    draft = make_draft(supervisor, therapist, revision, **kwargs)
    rate(draft, "S2.1", 4)
    rate(draft, "S2.2", 3, note="Named two of the three stages.")
    rate(draft, "S2.9", Outcome.NOT_OBSERVED)
    return assessments.share(by=supervisor, assessment=draft)


def make_signed(supervisor: User, therapist: User, revision: FrameworkRevision, **kwargs: Any) -> Assessment:
    shared = make_shared(supervisor, therapist, revision, **kwargs)
    assessments.sign_off(by=therapist, assessment=shared)
    return assessments.sign_off(by=supervisor, assessment=shared)


def make_scale_data(**changes: Any) -> ScaleData:
    values: dict[str, Any] = {
        "key": "three-steps",
        "version": 1,
        "name": "Three steps",
        "direction": "ascending",
        "threshold": "3",
        "levels": [LevelData("1", "Not met"), LevelData("2", "Partly met"), LevelData("3", "Met")],
    }
    return ScaleData(**values | changes)


def make_revision_data(**changes: Any) -> RevisionData:
    """A small framework with everything in it: a nested activity, sub-points, three kinds."""
    inner = ActivityData(
        key="a1a",
        code="A1a",
        title="Ability to listen for silences",
        short_title="Silences",
        competences=[CompetenceData("a1a-1", "A1a.1", "attitude", "A stance of patience with silence.")],
    )
    outer = ActivityData(
        key="a1",
        code="A1",
        title="Ability to listen",
        short_title="Listening",
        competences=[
            CompetenceData(
                "a1-1",
                "A1.1",
                "knowledge",
                "Knowledge of what listening asks for.",
                points=[PointData("a1-1-a", "A1.1.a", "Attention.")],
            ),
            CompetenceData("a1-2", "A1.2", "skill", "An ability to listen.", is_safety_critical=True),
        ],
        activities=[inner],
    )
    values: dict[str, Any] = {
        "framework": "small",
        "framework_title": "Small framework",
        "number": "1.0",
        "title": "Small list",
        "scale": make_scale_data(),
        "is_redistributable": True,
        "domains": [DomainData(key="a", code="A", title="First domain", short_title="First", activities=[outer])],
    }
    return RevisionData(**values | changes)


def make_next_data(**changes: Any) -> RevisionData:
    """The revision after that: A1.1 stays, A1.2 is reworded, A1a.1 goes, A2.1 is new."""
    data = make_revision_data(number="1.1", previous="1.0")
    domain = data.domains[0]
    outer = domain.activities[0]
    first, second = outer.competences
    reworded = replace(second, text="An ability to listen closely.")
    added = ActivityData(
        key="a2",
        code="A2",
        title="Ability to ask",
        short_title="Asking",
        competences=[CompetenceData("a2-1", "A2.1", "skill", "Asks openly and waits for an answer.")],
    )
    outer = replace(outer, competences=[first, reworded], activities=[])
    return replace(data, **{"domains": [replace(domain, activities=[outer, added])]} | changes)


def make_next(*, is_published: bool = False, **changes: Any) -> FrameworkRevision:
    """A draft that follows revision 1.0, which there must be; published, all its proposals are confirmed."""
    revision = frameworks.load(by=None, data=make_next_data(**changes))
    if not is_published:
        return revision
    lineage.confirm(by=None, revision=revision, links=revision.links.values_list("pk", flat=True))
    return frameworks.publish(by=None, revision=revision)


def make_import(
    by: User, content: str = "code,title\nA,Listen\n", *, name: str = "list.csv", **answers: Any
) -> FrameworkImport:
    """An uploaded file that lies open; `answers` are what was chosen about it."""
    return imports.upload(
        by=by, file_name=name, content=content.encode(), format="CSV table", answers=Answers(**answers)
    )


def make_revision(*, is_published: bool = True, **changes: Any) -> FrameworkRevision:
    revision = frameworks.load(by=None, data=make_revision_data(**changes))
    return frameworks.publish(by=None, revision=revision) if is_published else revision


def make_short_form(
    admin: User,
    revision: FrameworkRevision,
    *,
    name: str = "Session review",
    purpose: str = "session_review",
    codes: str = "S2 S7",
) -> ShortForm:
    chosen = Activity.objects.filter(revision=revision, code__in=codes.split())
    return short_forms.save(by=admin, revision=revision, name=name, purpose=purpose, activities=chosen)


def make_programme(admin: User, organisation: Organisation, *, name: str = "Year 1", **asks: int | bool) -> Programme:
    """By default that of Amara's membership; it asks for four cases unless it is told what."""
    return programmes.save(by=admin, organisation=organisation, name=name, asks=asks or {"cases": 4})


def end_membership(person: User) -> None:
    Membership.objects.filter(user=person).update(ends_on=timezone.localdate() - datetime.timedelta(days=1))


def days_ago(days: int) -> datetime.date:
    return timezone.localdate() - datetime.timedelta(days=days)


def event_types(**of: Any) -> list[str]:
    """The history of something, oldest first, as the types of its events."""
    return list(AuditEvent.objects.filter(**of).values_list("type", flat=True))


def make_rated(
    supervisor: User,
    therapist: User,
    revision: FrameworkRevision,
    answers: dict[str, int | str],
    *,
    days: int = 2,
    **context: Any,
) -> Assessment:
    """A shared assessment of a session so many days ago: the answers by code, and the activities they lie in."""
    codes = sorted({code.split(".")[0] for code in answers})
    draft = make_draft(supervisor, therapist, revision, codes=" ".join(codes), session_on=days_ago(days), **context)
    for code, answer in answers.items():
        rate(draft, code, answer, note="It did not apply." if answer == Outcome.NOT_APPLICABLE else "")
    return assessments.share(by=supervisor, assessment=draft)


def make_goal(assessment: Assessment, text: str = "Name the three stages.", **values: Any) -> Goal:
    """A goal in a draft, tied to nothing."""
    values = {"due_on": None, "competences": [], **values}
    return goals.save(by=assessment.supervisor, assessment=assessment, text=text, **values)


def make_agreed(
    supervisor: User,
    therapist: User,
    revision: FrameworkRevision,
    *,
    days: int = 30,
    text: str = "Say less.",
    **of: Any,
) -> Goal:
    """A goal of an assessment that is shared; its session was so many days ago."""
    draft = make_draft(supervisor, therapist, revision, session_on=days_ago(days))
    rate(draft, "S2.1")
    agreed = make_goal(draft, text, **of)
    assessments.share(by=supervisor, assessment=draft)
    return Goal.objects.get(pk=agreed.pk)


def close_goal(goal: Goal, *, status: str = "met", result: str = "Heard it.", share: bool = True) -> Assessment:
    """Close an agreed goal in an assessment of its own."""
    agreed_in = goal.assessment
    draft = make_draft(agreed_in.supervisor, agreed_in.therapist, agreed_in.revision)
    rate(draft, "S2.1")
    goals.close(by=draft.supervisor, assessment=draft, goal=goal, status=status, result=result)
    return assessments.share(by=draft.supervisor, assessment=draft) if share else draft


def make_withdrawn(
    supervisor: User, therapist: User, revision: FrameworkRevision, *, is_shared: bool = True
) -> Assessment:
    make = make_shared if is_shared else make_draft
    assessment = make(supervisor, therapist, revision)
    return assessments.withdraw(by=supervisor, assessment=assessment, reason="It is about another session.")


def sign(assessment: Assessment, person: User) -> Signature:
    """A signature without what follows from it."""
    role = Role.THERAPIST if person.pk == assessment.therapist_id else Role.SUPERVISOR
    return Signature.objects.create(assessment=assessment, person=person, role=role, signed_at=timezone.now())


def make_form_import(
    supervisor: User,
    therapist: User,
    revision: FrameworkRevision,
    ratings: dict[str, Any] | None = None,
    *,
    name: str = "Amara, October.xlsx",
    **about: Any,
) -> FormImport:
    """An uploaded form that lies open; `about` is what its first sheet says."""
    content = filled.filled(revision, {"S2.1": "4"} if ratings is None else ratings, **about)
    return form_imports.upload(by=supervisor, therapist=therapist, revision=revision, file_name=name, content=content)


def make_from_a_form(
    supervisor: User, therapist: User, revision: FrameworkRevision, ratings: dict[str, Any] | None = None, **about: Any
) -> Assessment:
    """The draft that an earlier form became."""
    kept = make_form_import(supervisor, therapist, revision, ratings, **about)
    return form_imports.enter(by=supervisor, kept=kept)


def make_self_draft(
    therapist: User, revision: FrameworkRevision, *, codes: str = "S2 S7", **context: Any
) -> Assessment:
    """A therapist's draft about themselves, after reflection."""
    [organisation] = [row.organisation for row in therapist.current_memberships if row.role == Role.THERAPIST]
    return self_assessments.start(
        by=therapist,
        organisation=organisation,
        revision=revision,
        activities=Activity.objects.filter(revision=revision, code__in=codes.split()),
        context=make_context(source="reflection", is_consent_confirmed=False, **context),
    )


def make_self_shared(therapist: User, revision: FrameworkRevision, **kwargs: Any) -> Assessment:
    """It waits for a second view."""
    return share_self(make_self_draft(therapist, revision, **kwargs))


def share_self(draft: Assessment) -> Assessment:
    rate(draft, "S2.1", 5)
    rate(draft, "S2.2", 3, note="I named all three of them.")
    return assessments.share(by=draft.therapist, assessment=draft)


def make_asked(
    supervisor: User, therapist: User, revision: FrameworkRevision, **kwargs: Any
) -> tuple[Assessment, Assessment]:
    """The therapist's draft that was asked for, and the supervisor's rated draft of the same session."""
    draft = make_draft(supervisor, therapist, revision, **kwargs)
    rate(draft, "S2.1", 4)
    rate(draft, "S2.2", 3, note="Named two of the three stages.")
    return self_assessments.ask(by=supervisor, assessment=draft), draft


def make_second(
    supervisor: User, therapist: User, rater: User, revision: FrameworkRevision, **kwargs: Any
) -> tuple[Assessment, Assessment]:
    """The supervisor's rated draft, and the second rating of the same session that was asked for."""
    draft = make_draft(supervisor, therapist, revision, **kwargs)
    rate(draft, "S2.1", 4)
    rate(draft, "S2.2", 3, note="Named two of the three stages.")
    return draft, second_ratings.ask(by=supervisor, assessment=draft, rater=rater)


def make_rated_twice(
    supervisor: User, therapist: User, rater: User, revision: FrameworkRevision, **kwargs: Any
) -> tuple[Assessment, Assessment]:
    """Both ratings of one session, shared and open: the same level, and one apart."""
    first, second = make_second(supervisor, therapist, rater, revision, **kwargs)
    assessments.share(by=supervisor, assessment=first)
    rate(second, "S2.1", 4)
    rate(second, "S2.2", 4)
    assessments.share(by=rater, assessment=second)
    return Assessment.objects.get(pk=first.pk), Assessment.objects.get(pk=second.pk)


def make_pair(
    supervisor: User, therapist: User, revision: FrameworkRevision, **kwargs: Any
) -> tuple[Assessment, Assessment]:
    """The therapist's own and the supervisor's assessment of one session, both shared and open."""
    own, draft = make_asked(supervisor, therapist, revision, **kwargs)
    assessments.share(by=supervisor, assessment=draft)
    share_self(own)
    return Assessment.objects.get(pk=own.pk), Assessment.objects.get(pk=draft.pk)


def make_reopened(lead: User, signed: Assessment, *, reason: str = "Two levels were swapped.") -> Assessment:
    """The new version, a draft of the same supervisor."""
    return reopening.reopen(by=lead, assessment=signed, reason=reason)


def ask_for_lead(organisation: Organisation) -> None:
    """From now on a training lead signs as well."""
    Organisation.objects.filter(pk=organisation.pk).update(has_lead_signature=True)


def make_rater_link(
    supervisor: User,
    therapist: User,
    revision: FrameworkRevision,
    *,
    email: str = "consultant@example.org",
    name: str = "Dr Ruth Okello",
    days: int = 14,
    codes: str = "S2 S7",
    **context: Any,
) -> RaterLink:
    """A consultant who sat in is asked to rate the session; the invitation is the latest message."""
    link, token = rater_links.invite(
        by=supervisor,
        therapist=therapist,
        email=email,
        name=name,
        profession="Consultant psychiatrist",
        days=days,
        revision=revision,
        activities=Activity.objects.filter(revision=revision, code__in=codes.split()),
        context=make_context(**context),
    )
    rater_links.deliver(by=supervisor, link=link, address=f"http://testserver/rate/{token}/")
    return RaterLink.objects.get(pk=link.pk)


def send_code(token: str) -> bool:
    link, code = rater_links.new_code(token=token)
    return rater_links.deliver_code(link=link, code=code)


def make_bundle(lead: User, organisation: Organisation, revision: FrameworkRevision, **asked: Any) -> ReportBundle:
    """All reports of an organisation, asked for today; nothing is made yet."""
    values = {"programme": "", "on": timezone.localdate(), "has_assessments": True, "has_profiles": True, **asked}
    return bundles.ask(by=lead, organisation=organisation, revision=revision, **values)


def make_ready_bundle(
    lead: User, organisation: Organisation, revision: FrameworkRevision, therapist: User, **asked: Any
) -> ReportBundle:
    """One that is made, of a single profile report."""
    bundle = make_bundle(lead, organisation, revision, **asked)
    ReportBundle.objects.filter(pk=bundle.pk).update(status=BundleStatus.RUNNING, total=1, finished=1)
    name, content = f"{therapist.name} ({str(therapist.pk)[-8:]})/profile-{bundle.stands_on}.pdf", b"%PDF-1.7"
    BundleFile.objects.create(
        bundle=bundle,
        therapist=therapist,
        name=name,
        stands_on=bundle.stands_on,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )
    bundle_work.step()
    return ReportBundle.objects.get(pk=bundle.pk)


def make_stopped_bundle(lead: User, organisation: Organisation, revision: FrameworkRevision) -> ReportBundle:
    bundle = make_bundle(lead, organisation, revision)
    bundles.end(bundle, BundleStatus.FAILED, reason="A report could not be made.")
    return bundle
