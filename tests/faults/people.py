"""Those who rate while something is broken: an organisation of their own, so that the demo does not show them."""

from typing import Any

from django.test import Client

from tests.browser.rating import PASSWORD

# The fault table asks for as many at once.
RATERS = 50


def make_raters() -> dict[str, Any]:
    """`raters`, each with a session and a draft of the whole framework; `activities` with the codes to rate in each."""
    from assessments.actions import people  # noqa: PLC0415  models exist after django.setup()
    from assessments.models import Competence, FrameworkRevision, Role  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    revision = FrameworkRevision.objects.select_related("scale").get(framework__slug="ipt")
    organisation = people.create_organisation(by=None, name="Eastgate")
    codes: dict[str, list[str]] = {}
    rateable = Competence.objects.rateable().filter(revision=revision).order_by("activity__position", "position")
    for activity, code in rateable.values_list("activity__code", "code"):
        codes.setdefault(activity, []).append(code)
    raters = [_rater(number, organisation, revision, " ".join(codes)) for number in range(RATERS)]
    lead = _person("Lead of Eastgate", Role.LEAD, organisation)
    admin = _person("Admin of Eastgate", Role.ADMIN, organisation)
    # A second supervisor of the first therapist, to whom a draft can be handed over.
    factories.make_supervision(raters[0]["about"], raters[1]["account"], organisation)
    return {
        "raters": [_told(rater) for rater in raters],
        "activities": list(codes.items()),
        "eastgate": {"lead": _session(lead), "admin": _session(admin)},
    }


def _person(name: str, role: str, organisation: Any, password: str | None = None) -> Any:
    """As a rule without a password, which takes long to store on purpose."""
    from assessments.actions import people  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    email = f"{name.lower().replace(' ', '.')}@example.org"
    return people.create_person(
        by=None,
        email=email,
        name=name,
        organisation=organisation,
        role=role,
        starts_on=factories.LONG_AGO,
        password=password,
    )


def _rater(number: int, organisation: Any, revision: Any, codes: str) -> dict[str, Any]:
    from assessments.models import Role  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    # The first one also signs in.
    supervisor = _person(f"Supervisor {number}", Role.SUPERVISOR, organisation, None if number else PASSWORD)
    therapist = _person(f"Therapist {number}", Role.THERAPIST, organisation)
    factories.make_supervision(therapist, supervisor, organisation)
    draft = factories.make_draft(supervisor, therapist, revision, codes=codes)
    return {"account": supervisor, "about": therapist, "draft": draft}


def _told(rater: dict[str, Any]) -> dict[str, str]:
    return {
        "session": _session(rater["account"]),
        "person": str(rater["account"].pk),
        "assessment": str(rater["draft"].pk),
    }


def _session(person: Any) -> str:
    client = Client()
    client.force_login(person)
    return str(client.session.session_key)
