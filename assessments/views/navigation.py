from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from assessments.models import Role, User
from assessments.views.confined import is_confined

# What lies beside the frameworks under "Manage".
MANAGED = ["scales", "short-forms"]


@dataclass(frozen=True)
class NavigationLink:
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class SignedInAs:
    name: str
    role: str
    has_account: bool = True


def navigation(request: HttpRequest) -> dict[str, object]:
    """The links of the page head for whoever asks, and who that is."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        places = [("Frameworks", reverse("frameworks")), ("Sign in", reverse("account_login"))]
        return {"nav": _links(places, request.path)}
    if is_confined(request):
        return {
            "nav": _links([("Your rating", reverse("rater-home"))], request.path),
            "who": SignedInAs(user.name, "Occasional rater", has_account=False),
        }
    roles = [Role(role).label for role in Role if role in user.roles]
    return {"nav": _links(_places(user), request.path), "who": SignedInAs(user.name, ", ".join(roles))}


def _places(user: User) -> list[tuple[str, str]]:
    places = []
    if Role.THERAPIST in user.roles:
        places.append(("My profile", reverse("therapist", args=[user.pk])))
    if Role.SUPERVISOR in user.roles:
        places.append(("My therapists", reverse("therapists")))
    elif Role.LEAD in user.roles:
        places.append(("Therapists", reverse("therapists")))
    if user.roles - {Role.ADMIN}:
        places.append(("Assessments", reverse("assessments")))
    if Role.ADMIN in user.roles:
        places.append(("People", reverse("people")))
        places.append(("Manage", reverse("manage-frameworks")))
    if user.roles & {Role.LEAD, Role.ADMIN}:
        places.append(("Cohort", reverse("cohort")))
    return [*places, ("Frameworks", reverse("frameworks"))]


def _links(places: list[tuple[str, str]], path: str) -> list[NavigationLink]:
    """The link whose address the path extends furthest is the current one."""
    if path.startswith(tuple(reverse(name) for name in MANAGED)):
        path = reverse("manage-frameworks")
    fitting = [url for _, url in places if path.startswith(url)]
    current = max(fitting, key=len, default="")
    return [NavigationLink(label, url, url == current) for label, url in places]
