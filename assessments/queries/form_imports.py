"""Reads of earlier forms on their way to a draft: what lies open, and what one says."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from assessments import scoring
from assessments.exceptions import ImportRejected
from assessments.importers import filled_forms
from assessments.importers.filled_forms import FilledForm, FilledRating
from assessments.importers.form_layout import Words, rateable
from assessments.models import FormImport, FrameworkRevision, User
from assessments.models.assessment import Source
from assessments.models.framework import Phase, ProblemArea
from assessments.queries.framework import HOME_FRAMEWORK
from assessments.queries.revisions import domains_data, scale_data
from assessments.revisions import ActivityData, RevisionData
from assessments.scoring import NOT_RATED, Distribution, Mark

# What a form says by one of a few words: by field, the printed word of each stored value.
FORM_WORDS: Words = {
    name: {value: str(label) for value, label in choices.choices if value != Source.REFLECTION}
    for name, choices in {"source": Source, "phase": Phase, "problem_area": ProblemArea}.items()
}


@dataclass(frozen=True)
class FilledActivity:
    """An activity of which the form says something. What it leaves blank is not rated."""

    code: str
    short_title: str
    ratings: list[FilledRating]
    distribution: Distribution

    @property
    def notes(self) -> int:
        return sum(bool(rating.note) for rating in self.ratings)

    @property
    def concerns(self) -> int:
        return sum(rating.is_concern for rating in self.ratings)


@dataclass(frozen=True)
class PreviewedForm:
    """An uploaded form read under its revision, activity by activity."""

    form: FilledForm
    activities: list[FilledActivity] = field(default_factory=list)

    @property
    def distribution(self) -> Distribution:
        return scoring.distribution(rating.mark for rating in self.form.ratings)

    @property
    def notes(self) -> int:
        return sum(activity.notes for activity in self.activities)


def revisions_to_rate_on(user: User) -> list[FrameworkRevision]:
    """Every published revision; the one in use of the home framework first."""
    published = FrameworkRevision.objects.visible_to(user).published().select_related("framework", "scale")
    return sorted(published.newest_first(), key=lambda revision: revision.framework.slug != HOME_FRAMEWORK)


def revision_of_template(user: User, pk: str) -> FrameworkRevision:
    """A published revision by what an address says of it. Raises DoesNotExist, also for nonsense."""
    chosen = next((each for each in revisions_to_rate_on(user) if str(each.pk) == pk), None)
    if chosen is None:
        raise FrameworkRevision.DoesNotExist
    return chosen


def form_data(revision: FrameworkRevision) -> RevisionData:
    """What a form knows of a revision: what it is called, its tree and its scale."""
    return RevisionData(
        framework=revision.framework.slug,
        framework_title=revision.framework.title,
        number=revision.number,
        title=revision.title,
        rights_holder=revision.rights_holder,
        scale=scale_data(revision.scale),
        domains=domains_data(revision),
    )


def open_form_imports(user: User) -> QuerySet[FormImport]:
    return FormImport.objects.visible_to(user).open().select_related("therapist").defer("content")


def form_import(user: User, pk: UUID) -> FormImport:
    """One's own upload. Raises DoesNotExist for anybody else's."""
    mine = FormImport.objects.visible_to(user)
    return mine.select_related("therapist", "revision__framework", "revision__scale").get(pk=pk)


def loaded_before(kept: FormImport) -> FormImport | None:
    """The same bytes, which the same person made an assessment of the same therapist of before."""
    same = FormImport.objects.filter(
        sha256=kept.sha256, therapist=kept.therapist_id, uploaded_by=kept.uploaded_by_id, assessment__isnull=False
    )
    return same.first()


def previewed_form(revision: FrameworkRevision, content: bytes) -> PreviewedForm:
    """What the form says; a file that cannot be read at all says why."""
    data = form_data(revision)
    try:
        form = filled_forms.read(content, data, FORM_WORDS, today=timezone.localdate())
    except ImportRejected as rejected:
        return PreviewedForm(FilledForm(problems=rejected.problems))
    given = {rating.code: rating for rating in form.ratings}
    activities: dict[str, ActivityData] = {}
    codes: dict[str, list[str]] = {}
    for activity, node in rateable(data):
        activities[activity.code] = activity
        codes.setdefault(activity.code, []).append(node.code)
    filled = [_filled(activities[code], inside, given) for code, inside in codes.items()]
    return PreviewedForm(form, [activity for activity in filled if activity.ratings])


def _filled(activity: ActivityData, codes: list[str], given: dict[str, FilledRating]) -> FilledActivity:
    marks: list[Mark] = [given[code].mark if code in given else NOT_RATED for code in codes]
    ratings = [given[code] for code in codes if code in given]
    return FilledActivity(activity.code, activity.short_title, ratings, scoring.distribution(marks))
