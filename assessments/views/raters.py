"""The way in of an occasional rater: a link, a code by e-mail, one assessment, and a word of thanks."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from assessments.actions import rater_links as actions
from assessments.exceptions import Refused
from assessments.forms.rater_links import CodeForm
from assessments.models import RaterLink, Status
from assessments.queries import rater_links as links
from assessments.queries.outbox import KEPT_FOR
from assessments.views.access import SignedInRequest, anyone, signed_in
from assessments.views.confined import is_confined, let_in, only_assessment

# By it the browser, and nobody else, finds the way back to the link after a session has ended.
COOKIE = "rater-link"
WRONG_CODE = (
    "This is not the code, or it is older than 15 minutes. Look at the newest e-mail, or have another one sent. "
    "After five tries a code is worth nothing."
)
NOT_SENT = "The e-mail could not be sent just now. Try again in a few minutes."


def _quiet(response: HttpResponse) -> HttpResponse:
    """The address is a secret: it is kept in no cache and handed on to no page."""
    response["Referrer-Policy"] = "strict-origin"
    response["Cache-Control"] = "no-store, private"
    return response


def _nowhere(request: HttpRequest) -> HttpResponse:
    """The same for every link that does not lead anywhere, whatever the reason."""
    return _quiet(render(request, "raters/nowhere.html", status=404))


@anyone("the link of the e-mail leads here, and the code says who comes")
def rater_link(request: HttpRequest, token: str) -> HttpResponse:
    """Who asks and for what, without naming whom it is about; then the code."""
    if handed_in := links.link_handed_in(token):
        return _quiet(render(request, "raters/thanks.html", {"link": handed_in}))
    try:
        link = links.running_link(token)
        form = CodeForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            if confirmed := actions.enter_code(token=token, code=form.cleaned_data["code"]):
                return _let_in(request, confirmed, token)
            form.add_error("code", WRONG_CODE)
    except RaterLink.DoesNotExist:
        return _nowhere(request)
    if is_confined(request) and only_assessment(request) == link.assessment_id:
        return _quiet(redirect("rater-home"))
    return _quiet(render(request, "raters/link.html", {"link": link, "form": form, "token": token}))


def _let_in(request: HttpRequest, link: RaterLink, token: str) -> HttpResponse:
    let_in(request, link.assessment.supervisor, link.assessment_id)
    if request.COOKIES.get(COOKIE) == token:
        messages.success(request, "You are back. A page that you left open goes on by itself.")
    response = redirect("rater-home")
    response.set_cookie(
        COOKIE,
        token,
        max_age=KEPT_FOR,
        path=reverse("rater-home"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return _quiet(response)


@anyone("whoever holds the link may have a code sent to the person it is for")
@require_POST
def rater_code(request: HttpRequest, token: str) -> HttpResponse:
    try:
        link, code = actions.new_code(token=token)
    except RaterLink.DoesNotExist:
        return _nowhere(request)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        if actions.deliver_code(link=link, code=code):
            messages.success(request, "The code is sent. It is valid for 15 minutes.")
        else:
            messages.warning(request, NOT_SENT)
    return _quiet(redirect("rater-link", token))


@anyone("the browser that came in by a link finds back to it")
def rater_again(request: HttpRequest) -> HttpResponse:
    token = request.COOKIES.get(COOKIE, "")
    return _quiet(redirect("rater-link", token)) if token else _nowhere(request)


@signed_in
def rater_home(request: SignedInRequest) -> HttpResponse:
    """On to the assessment; once there is nothing more to do, what became of it."""
    if not is_confined(request):
        return redirect("home")
    link = links.link_of_rater(request.user, only_assessment(request))
    if link.assessment.shared_at:
        return render(request, "raters/thanks.html", {"link": link})
    if link.assessment.status == Status.WITHDRAWN:
        return render(request, "raters/declined.html", {"link": link})
    return redirect(link.assessment)
