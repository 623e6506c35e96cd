"""Occasional raters as their therapist's supervisors see them: asked, how far each has come, more time, an end."""

from typing import Any
from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from assessments import permissions, queries
from assessments.actions import rater_links as actions
from assessments.actions.rater_links import Invitation
from assessments.exceptions import Refused
from assessments.forms.rater_links import AskRaterForm, EndLinkForm, ExtendForm
from assessments.models import User
from assessments.queries import rater_links as links
from assessments.queries.framework import HOME_FRAMEWORK
from assessments.views.access import SignedInRequest, signed_in


def _supervised(user: User, pk: UUID) -> Any:
    """The therapist, whom this person supervises now."""
    person = queries.therapist_known_to(user, pk)
    permissions.check_can_start(user, person)
    return person


@signed_in
def rater_links(request: SignedInRequest, pk: UUID) -> HttpResponse:
    person = _supervised(request.user, pk)
    context = {"therapist": person, "rows": links.rater_links(request.user, person), "form": ExtendForm()}
    return render(request, "therapists/raters.html", context)


@signed_in
def rater_ask(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Ask somebody who has no account to rate one session."""
    person = _supervised(request.user, pk)
    slug = request.GET.get("framework", "").replace("\x00", "")
    revision = queries.current_revision(request.user, slug or HOME_FRAMEWORK)
    form = AskRaterForm(request.POST or None, revision=revision, short_forms=queries.short_forms_offered(revision))
    if request.method == "POST" and form.is_valid():
        try:
            _count(request)
            invitation = actions.invite(
                by=request.user,
                therapist=person,
                **form.asked,
                revision=revision,
                activities=form.chosen_activities,
                short_form=form.short_form,
                context=form.context,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            _deliver(request, invitation)
            return redirect("rater-links", pk)
    context = {
        "therapist": person,
        "form": form,
        "revision": revision,
        "others": queries.frameworks_to_rate(revision),
    }
    return render(request, "therapists/rater_ask.html", context)


def _count(request: SignedInRequest) -> None:
    """Nobody fills a stranger's letterbox. Raises Refused."""
    if not ratelimit.consume(request, action="rater_link", user=request.user):
        raise Refused("You have sent twenty links today. Go on tomorrow.")


def _deliver(request: SignedInRequest, invitation: Invitation) -> None:
    """E-mail the link, and say whether that went well."""
    link, token = invitation
    name = link.assessment.supervisor.name
    address = request.build_absolute_uri(reverse("rater-link", args=[token]))
    if actions.deliver(by=request.user, link=link, address=address):
        messages.success(request, f"The link is on its way to {name}. It works until {link.ends_on:%-d %B %Y}.")
    else:
        messages.warning(request, f"The e-mail to {name} could not be sent just now. Send the link anew later.")


@signed_in
@require_POST
def rater_send(request: SignedInRequest, pk: UUID, link_pk: UUID) -> HttpResponse:
    """Send the link anew."""
    link = links.rater_link(request.user, _supervised(request.user, pk), link_pk)
    try:
        _count(request)
        _deliver(request, actions.renew(by=request.user, link=link))
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("rater-links", pk)


@signed_in
@require_POST
def rater_extend(request: SignedInRequest, pk: UUID, link_pk: UUID) -> HttpResponse:
    """Give more time."""
    link = links.rater_link(request.user, _supervised(request.user, pk), link_pk)
    form = ExtendForm(request.POST)
    if not form.is_valid():
        messages.warning(request, str(form.errors["days"][0]))
        return redirect("rater-links", pk)
    try:
        link = actions.extend(by=request.user, link=link, days=form.cleaned_data["days"])
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, f"It works until {link.ends_on:%-d %B %Y}.")
    return redirect("rater-links", pk)


@signed_in
def rater_end(request: SignedInRequest, pk: UUID, link_pk: UUID) -> HttpResponse:
    """End a link before its time."""
    person = _supervised(request.user, pk)
    link = links.rater_link(request.user, person, link_pk)
    permissions.check_can_manage_link(request.user, link)
    form = EndLinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.end(by=request.user, link=link, reason=form.cleaned_data["reason"])
        messages.success(request, "Ended. The link leads nowhere now.")
        return redirect("rater-links", pk)
    return render(request, "therapists/rater_end.html", {"therapist": person, "link": link, "form": form})
