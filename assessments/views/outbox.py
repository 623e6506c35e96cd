"""What the scripts ask for besides saving: the key of the outbox, and an ear for what it keeps."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from assessments.actions import outbox as actions
from assessments.forms.outbox import OutboxForm
from assessments.views.access import SignedInRequest, signed_in


@signed_in
@require_POST
def outbox(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Hand out the key of this person's outbox, and note what a device says it keeps."""
    form = OutboxForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": "invalid", "message": "This is no report of unsent answers."}, status=422)
    key = actions.open_outbox(by=request.user, assessment_id=pk)
    device, unsent = form.cleaned_data["device"], form.cleaned_data["unsent"]
    if device and unsent is not None:
        actions.report_unsent(by=request.user, assessment_id=pk, device=device, unsent=unsent)
    return JsonResponse({"person": str(request.user.pk), "key": key})
