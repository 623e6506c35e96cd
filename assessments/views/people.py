"""Accounts, roles and supervisions, for administrators."""

from collections.abc import Callable
from uuid import UUID

from allauth.account.forms import ResetPasswordForm
from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from assessments import permissions, queries
from assessments.actions import people as actions
from assessments.exceptions import Refused
from assessments.forms.people import ChangePersonForm, EndForm, MembershipForm, PersonForm, SupervisionForm
from assessments.models import Organisation, Role, User
from assessments.views.access import SignedInRequest, requires

PER_PAGE = 50


def _organisations(user: User) -> list[Organisation]:
    rows = [row.organisation for row in user.current_memberships if row.role == Role.ADMIN]
    return sorted(rows, key=lambda organisation: organisation.name)


def _supervisors_for(person: User, organisations: list[Organisation]) -> list[User]:
    """Whom to choose from; nobody supervises themselves."""
    return [supervisor for supervisor in queries.supervisors_in(organisations) if supervisor != person]


@requires(Role.ADMIN)
def people(request: SignedInRequest) -> HttpResponse:
    page = Paginator(queries.people_managed(request.user), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "people/people.html", {"page": page, "organisations": _organisations(request.user)})


@requires(Role.ADMIN)
def person_new(request: SignedInRequest) -> HttpResponse:
    form = PersonForm(request.POST or None, organisations=_organisations(request.user))
    if request.method == "POST" and form.is_valid():
        try:
            person = actions.create_person(by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("email", str(refusal))
        else:
            _invite(request, person)
            messages.success(request, f"{person.name} has an account. A link to set a password is on its way.")
            return redirect("person", person.pk)
    programmes = queries.programmes_offered(_organisations(request.user))
    return render(request, "people/person_new.html", {"form": form, "programmes": programmes})


def _invite(request: SignedInRequest, person: User) -> None:
    """Send the same link as a forgotten password: random, short-lived, good once."""
    invitation = ResetPasswordForm({"email": person.email})
    invitation.full_clean()
    invitation.save(request)


def _managed(user: User, pk: UUID) -> User:
    person = User.objects.in_organisations_of(user).prefetch_related("memberships__organisation").get(pk=pk)
    permissions.check_can_manage(user, person)
    return person


@requires(Role.ADMIN)
def person(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One person's account, roles and supervisions, with a small form for each change."""
    person = _managed(request.user, pk)
    initial = {"name": person.name, "profession": person.profession, "is_active": person.is_active}
    form = ChangePersonForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and _done(request, form, actions.change_person, person=person):
        return redirect("person", pk)
    return _person_page(request, person, change=form)


def _person_page(request: SignedInRequest, person: User, **bound: Form) -> HttpResponse:
    organisations = _organisations(request.user)
    initial = {"name": person.name, "profession": person.profession, "is_active": person.is_active}
    memberships = list(person.memberships.all())
    context = {
        "person": person,
        "memberships": memberships,
        "is_therapist": any(membership.role == Role.THERAPIST for membership in memberships),
        "supervisions": person.supervisions.select_related("supervisor", "organisation"),
        "supervisions_given": person.supervisions_given.select_related("therapist", "organisation"),
        "change": ChangePersonForm(initial=initial),
        "membership": MembershipForm(organisations=organisations, prefix="membership"),
        "supervision": SupervisionForm(
            organisations=organisations, supervisors=_supervisors_for(person, organisations), prefix="supervision"
        ),
        "programmes": queries.programmes_offered(organisations),
        "end": EndForm(),
        **bound,
    }
    return render(request, "people/person.html", context | {"form": next(iter(bound.values()), None)})


def _done(request: SignedInRequest, form: Form, action: Callable[..., object], **kwargs: object) -> bool:
    """Run an action with a form's data; a refusal becomes the form's error."""
    try:
        action(by=request.user, **kwargs, **form.cleaned_data)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, "Saved.")
    return True


@requires(Role.ADMIN)
@require_POST
def membership_start(request: SignedInRequest, pk: UUID) -> HttpResponse:
    person = _managed(request.user, pk)
    form = MembershipForm(request.POST, organisations=_organisations(request.user), prefix="membership")
    if form.is_valid() and _done(request, form, actions.start_membership, person=person):
        return redirect("person", pk)
    return _person_page(request, person, membership=form)


@requires(Role.ADMIN)
@require_POST
def membership_end(request: SignedInRequest, pk: UUID, membership_pk: int) -> HttpResponse:
    person = _managed(request.user, pk)
    membership = get_object_or_404(person.memberships.select_related("user", "organisation"), pk=membership_pk)
    form = EndForm(request.POST)
    if form.is_valid() and _done(request, form, actions.end_membership, membership=membership):
        return redirect("person", pk)
    return _person_page(request, person, end=form)


@requires(Role.ADMIN)
@require_POST
def supervision_start(request: SignedInRequest, pk: UUID) -> HttpResponse:
    person = _managed(request.user, pk)
    organisations = _organisations(request.user)
    supervisors = _supervisors_for(person, organisations)
    form = SupervisionForm(request.POST, organisations=organisations, supervisors=supervisors, prefix="supervision")
    if form.is_valid() and _done(request, form, actions.start_supervision, therapist=person):
        return redirect("person", pk)
    return _person_page(request, person, supervision=form)


@requires(Role.ADMIN)
@require_POST
def supervision_end(request: SignedInRequest, pk: UUID, supervision_pk: UUID) -> HttpResponse:
    person = _managed(request.user, pk)
    rows = person.supervisions.select_related("therapist", "organisation")
    supervision = get_object_or_404(rows, pk=supervision_pk)
    form = EndForm(request.POST)
    if form.is_valid() and _done(request, form, actions.end_supervision, supervision=supervision):
        return redirect("person", pk)
    return _person_page(request, person, end=form)
