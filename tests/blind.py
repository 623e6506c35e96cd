"""Every page and file in which the content of two ratings of one session could turn up, and what turns up there.

A session names its people, and `pair` holds both ratings.
"""

import io
import zipfile

from django.urls import reverse

from tests.conftest import signed_in

OF_AN_ASSESSMENT = [
    "assessment",
    "assessment-history",
    "assessment-comparison",
    "second-rating-comparison",
    "assessment-reply",
    "assessment-sign-off",
    "assessment-check",
    "assessment-share",
    "assessment-context",
    "assessment-hand-over",
    "assessment-take-back",
    "assessment-withdraw",
]


def pages(session):
    person = {"pk": session.therapist.pk}
    start = reverse("assessment-start")
    for rating in session.pair:
        yield from (reverse(name, args=[rating.pk]) for name in OF_AN_ASSESSMENT)
        yield reverse("assessment-rate", args=[rating.pk, "S2"])
        yield from (
            f"{start}?{query}" for query in [f"self={rating.pk}", f"from={rating.pk}", f"from={rating.pk}&next"]
        )
    yield from (start, f"{start}?therapist={session.therapist.pk}")
    yield from (reverse(name) for name in ["home", "assessments", "therapists"])
    yield f"{reverse('therapist', kwargs=person)}?colour=median"
    for name in ["therapist", "therapist-agenda", "therapist-requirements", "therapist-accesses"]:
        yield reverse(name, kwargs=person)
    for name in ["therapist-activity", "therapist-activity-figure"]:
        yield reverse(name, kwargs={**person, "code": "S2"})
    yield from (reverse(name) for name in ["cohort", "cohort-agreement", "cohort-progress"])
    yield reverse("cohort-activity", args=["S2"])


def leaks(session, who, secrets):
    """Those of the secrets that somebody gets to read."""
    text = _seen(session, who)
    return [secret for secret in secrets if secret in text]


def _seen(session, who):
    client = signed_in(getattr(session, who))
    found = [client.get(page, follow=True).content.decode() for page in pages(session)]
    found.append(client.post(reverse("cohort-download", kwargs={"extension": "csv"})).content.decode())
    archive = client.post(reverse("therapist-archive", args=[session.therapist.pk]))
    if archive.status_code == 200:
        packed = zipfile.ZipFile(io.BytesIO(b"".join(archive) if archive.streaming else archive.content))
        found += [packed.read(name).decode(errors="replace") for name in packed.namelist()]
    return "\n".join(found)


def report_status(session, who, assessment):
    return signed_in(getattr(session, who)).get(reverse("assessment-report", args=[assessment.pk])).status_code
