"""What an organisation decides about signing, for its administrators."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from assessments import queries
from assessments.actions import organisations as actions
from assessments.forms.organisations import OrganisationForm
from assessments.models import Role
from assessments.views.access import SignedInRequest, requires


@requires(Role.ADMIN)
def organisation(request: SignedInRequest, pk: UUID) -> HttpResponse:
    stored = queries.organisation_administered(request.user, pk)
    initial = {"has_lead_signature": stored.has_lead_signature, "reply_days": stored.reply_days}
    form = OrganisationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.change(by=request.user, organisation=stored, **form.cleaned_data)
        messages.success(request, f"The rules of signing at {stored.name} are saved.")
        return redirect("organisation", pk)
    return render(request, "people/organisation.html", {"form": form, "organisation": stored})
