"""Attacks on frameworks: published content, trees, scales, short forms."""

from django.utils import timezone

from assessments.models import (
    Activity,
    BackgroundPage,
    Competence,
    Domain,
    FrameworkRevision,
    RatingLevel,
    ShortForm,
)
from tests import factories
from tests.attacks.sql import copying

REVISION = "UPDATE assessments_frameworkrevision SET "
FORM = "INSERT INTO assessments_shortform_activities (shortform_id, activity_id) VALUES "

ATTACKS = {
    "guard_revision_begins_as_draft_insert": [
        copying(FrameworkRevision, "revision", number="'new'"),
        copying(FrameworkRevision, "retired", number="'new'"),
        copying(FrameworkRevision, "discarded", number="'new'"),
    ],
    "guard_revision_is_frozen_once_published_update": [
        f"{REVISION}title = 'New' WHERE id = {{revision}}",
        f"{REVISION}title = 'New' WHERE id = {{retired}}",
        f"{REVISION}title = 'New', status = 'retired', retired_at = published_at WHERE id = {{revision}}",
        f"{REVISION}retired_at = '2020-01-01' WHERE id = {{retired}}",
    ],
    "guard_revision_is_frozen_once_published_delete": [
        "DELETE FROM assessments_frameworkrevision WHERE id = {revision}",
        "DELETE FROM assessments_frameworkrevision WHERE id = {retired}",
    ],
    "guard_revision_takes_known_steps_update": [
        f"{REVISION}status = '{after}' WHERE id = {{{before}}}"
        for before, after in [
            ("sketch", "retired"),
            ("sketch", "lost"),
            ("revision", "draft"),
            ("revision", "discarded"),
            ("retired", "draft"),
            ("retired", "published"),
            ("retired", "discarded"),
            ("discarded", "published"),
            ("discarded", "retired"),
        ]
    ],
    "guard_backgroundpage_is_frozen_once_published_insert": [copying(BackgroundPage, "page", key="'new'")],
    "guard_backgroundpage_is_frozen_once_published_update": [
        "UPDATE assessments_backgroundpage SET text = 'New' WHERE id = {page}",
        "UPDATE assessments_backgroundpage SET revision_id = {sketch} WHERE id = {page}",
    ],
    "guard_backgroundpage_keeps_its_revision_update": [
        "UPDATE assessments_backgroundpage SET revision_id = {revision} WHERE id = {sketch_page}",
        "UPDATE assessments_backgroundpage SET revision_id = {whole} WHERE id = {sketch_page}",
    ],
    "guard_backgroundpage_is_frozen_once_published_delete": [
        "DELETE FROM assessments_backgroundpage WHERE id = {page}"
    ],
    "guard_domain_is_frozen_once_published_insert": [copying(Domain, "domain", key="'new'", code="'new'")],
    "guard_domain_is_frozen_once_published_update": [
        "UPDATE assessments_domain SET title = 'New' WHERE id = {domain}",
        "UPDATE assessments_domain SET revision_id = {sketch} WHERE id = {domain}",
    ],
    "guard_domain_keeps_its_revision_update": [
        "UPDATE assessments_domain SET revision_id = {revision} WHERE id = {sketch_domain}",
        "UPDATE assessments_domain SET revision_id = {whole} WHERE id = {sketch_domain}",
    ],
    "guard_domain_is_frozen_once_published_delete": ["DELETE FROM assessments_domain WHERE id = {domain}"],
    "guard_activity_is_frozen_once_published_insert": [copying(Activity, "activity", key="'new'", code="'new'")],
    "guard_activity_is_frozen_once_published_update": [
        "UPDATE assessments_activity SET position = 99 WHERE id = {activity}",
        "UPDATE assessments_activity SET revision_id = {sketch}, domain_id = {sketch_domain} WHERE id = {activity}",
    ],
    "guard_activity_keeps_its_revision_update": [
        "UPDATE assessments_activity SET revision_id = {revision}, domain_id = {domain} WHERE id = {sketch_activity}",
        "UPDATE assessments_activity SET revision_id = {whole}, domain_id = {whole_domain}"
        " WHERE id = {sketch_activity}",
    ],
    "guard_activity_is_frozen_once_published_delete": ["DELETE FROM assessments_activity WHERE id = {activity}"],
    "guard_competence_is_frozen_once_published_insert": [copying(Competence, "competence", key="'new'", code="'new'")],
    "guard_competence_is_frozen_once_published_update": [
        "UPDATE assessments_competence SET text = 'New' WHERE id = {competence}",
        "UPDATE assessments_competence SET revision_id = {sketch}, activity_id = {sketch_activity}"
        " WHERE id = {competence}",
    ],
    "guard_competence_keeps_its_revision_update": [
        "UPDATE assessments_competence SET revision_id = {revision}, activity_id = {activity}"
        " WHERE id = {sketch_competence}",
        "UPDATE assessments_competence SET revision_id = {whole}, activity_id = {whole_activity}"
        " WHERE id = {sketch_competence}",
    ],
    "guard_competence_is_frozen_once_published_delete": ["DELETE FROM assessments_competence WHERE id = {competence}"],
    "guard_activity_stays_in_its_domain_insert": [
        copying(Activity, "sketch_activity", key="'new'", code="'new'", domain_id="{domain}"),
        copying(Activity, "sketch_activity", key="'new'", code="'new'", parent_id="{second_activity}"),
    ],
    "guard_activity_stays_in_its_domain_update": [
        "UPDATE assessments_activity SET domain_id = {domain} WHERE id = {sketch_activity}",
        "UPDATE assessments_activity SET parent_id = {second_activity} WHERE id = {sketch_activity}",
        "UPDATE assessments_activity SET parent_id = {activity} WHERE id = {sketch_activity}",
        "UPDATE assessments_activity SET parent_id = id WHERE id = {sketch_activity}",
    ],
    "guard_competence_stays_in_its_activity_insert": [
        copying(Competence, "sketch_competence", key="'new'", code="'new'", activity_id="{activity}"),
        copying(Competence, "sketch_competence", key="'new'", code="'new'", parent_id="{inner_competence}"),
    ],
    "guard_competence_stays_in_its_activity_update": [
        "UPDATE assessments_competence SET activity_id = {activity} WHERE id = {sketch_competence}",
        "UPDATE assessments_competence SET parent_id = {inner_competence} WHERE id = {sketch_competence}",
        "UPDATE assessments_competence SET parent_id = {competence} WHERE id = {sketch_competence}",
        "UPDATE assessments_competence SET parent_id = id WHERE id = {sketch_competence}",
    ],
    "guard_scale_is_frozen_once_used_update": [
        "UPDATE assessments_ratingscale SET threshold = 1 WHERE id = {scale}",
        "UPDATE assessments_ratingscale SET name = 'New' WHERE id = {retired_scale}",
    ],
    "guard_scale_is_frozen_once_used_delete": ["DELETE FROM assessments_ratingscale WHERE id = {scale}"],
    "guard_level_is_frozen_once_used_insert": [copying(RatingLevel, "level", position="9", label="'Beyond'")],
    "guard_level_is_frozen_once_used_update": [
        "UPDATE assessments_ratinglevel SET label = 'New' WHERE id = {level}",
        "UPDATE assessments_ratinglevel SET scale_id = {scale}, position = 9 WHERE id = {sketch_level}",
        "UPDATE assessments_ratinglevel SET scale_id = {sketch_scale}, position = 9 WHERE id = {level}",
    ],
    "guard_level_is_frozen_once_used_delete": ["DELETE FROM assessments_ratinglevel WHERE id = {level}"],
    "guard_short_form_is_frozen_once_used_update": [
        "UPDATE assessments_shortform SET name = 'New' WHERE id = {used_form}",
        "UPDATE assessments_shortform SET purpose = 'other' WHERE id = {used_form}",
        "UPDATE assessments_shortform SET revision_id = {second} WHERE id = {used_form}",
        "UPDATE assessments_shortform SET created_at = '2020-01-01' WHERE id = {used_form}",
    ],
    "guard_short_form_is_frozen_once_used_delete": ["DELETE FROM assessments_shortform WHERE id = {used_form}"],
    "guard_short_form_keeps_its_revision_update": [
        "UPDATE assessments_shortform SET revision_id = {second} WHERE id = {form}"
    ],
    "guard_short_form_keeps_its_activities_insert": [f"{FORM}({{used_form}}, {{other_activity}})"],
    "guard_short_form_keeps_its_activities_update": [
        "UPDATE assessments_shortform_activities SET activity_id = {other_activity} WHERE shortform_id = {used_form}",
        "UPDATE assessments_shortform_activities SET shortform_id = {used_form} WHERE shortform_id = {form}",
    ],
    "guard_short_form_keeps_its_activities_delete": [
        "DELETE FROM assessments_shortform_activities WHERE shortform_id = {used_form}"
    ],
    "guard_short_form_stays_in_its_revision_insert": [
        f"{FORM}({{form}}, {{sketch_activity}})",
        f"{FORM}({{form}}, {{whole_activity}})",
    ],
}

SOUND = [
    f"{REVISION}status = 'retired', retired_at = published_at WHERE id = {{revision}}",
    f"{REVISION}status = 'published', published_at = '2026-01-01' WHERE id = {{sketch}}",
    f"{REVISION}status = 'discarded' WHERE id = {{sketch}}",
    f"{REVISION}status = 'draft' WHERE id = {{discarded}}",
    copying(FrameworkRevision, "sketch", number="'new'"),
    copying(ShortForm, "used_form", name="'New'"),
    "UPDATE assessments_shortform SET name = 'New' WHERE id = {form}",
    "UPDATE assessments_shortform SET is_retired = TRUE WHERE id = {used_form}",
    f"{FORM}({{form}}, {{other_activity}})",
    "DELETE FROM assessments_shortform_activities WHERE shortform_id = {form}",
    "UPDATE assessments_backgroundpage SET text = 'New' WHERE id = {sketch_page}",
    copying(Domain, "sketch_domain", key="'new'", code="'new'"),
    copying(Activity, "sketch_activity", key="'new'", code="'new'", parent_id="{sketch_activity}"),
    copying(Competence, "sketch_competence", key="'new'", code="'new'", parent_id="{sketch_competence}"),
    "UPDATE assessments_competence SET text = 'New' WHERE id = {sketch_competence}",
    "DELETE FROM assessments_competence WHERE id = {inner_competence}",
    "UPDATE assessments_ratingscale SET name = 'New' WHERE id = {sketch_scale}",
    copying(RatingLevel, "sketch_level", position="9", label="'Beyond'"),
]


def rows():
    revision = FrameworkRevision.objects.get(framework__slug="ipt")
    activity = Activity.objects.get(revision=revision, code="S2")
    forms = {
        name: ShortForm.objects.create(revision=revision, name=name, purpose="mid_case")
        for name in ["form", "used_form"]
    }
    for form in forms.values():
        form.activities.set([activity])
    return {
        **forms,
        **_sketch(),
        "ipt": revision.framework,
        "revision": revision,
        "page": revision.pages.first(),
        "domain": Domain.objects.get(revision=revision, activities__code="S2"),
        "activity": activity,
        "other_activity": Activity.objects.get(revision=revision, code="S3"),
        "competence": Competence.objects.get(revision=revision, code="S2.1"),
        "unrated": Competence.objects.get(revision=revision, code="S2.3"),
        "point": Competence.objects.get(revision=revision, code="S2.2.a"),
        "scale": revision.scale,
        "level": revision.scale.levels.first(),
    }


def _sketch():
    """A retired revision, and a draft one on a scale that nothing uses yet."""
    retired = factories.make_revision()
    FrameworkRevision.objects.filter(pk=retired.pk).update(status="retired", retired_at=timezone.now())
    sketch = factories.make_revision(is_published=False, number="2.0", scale=factories.make_scale_data(version=2))
    second = Domain.objects.create(revision=sketch, key="b", code="B", title="B", short_title="B", position=1)
    return {
        "retired": retired,
        "retired_scale": retired.scale,
        "sketch": sketch,
        "sketch_page": BackgroundPage.objects.create(revision=sketch, key="about", title="About", position=0),
        "sketch_domain": sketch.domains.get(code="A"),
        "sketch_activity": sketch.activities.get(code="A1"),
        "second_activity": Activity.objects.create(
            revision=sketch, domain=second, key="b1", code="B1", title="B1", short_title="B1", position=9
        ),
        "sketch_competence": sketch.competences.get(code="A1.1"),
        "inner_competence": sketch.competences.get(code="A1a.1"),
        "sketch_scale": sketch.scale,
        "sketch_level": sketch.scale.levels.first(),
    }
