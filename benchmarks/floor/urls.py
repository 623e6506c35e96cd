from django.http import HttpRequest, HttpResponse
from django.urls import path

from benchmarks.floor.models import Line


def line(request: HttpRequest, pk: int) -> HttpResponse:
    """28 bytes, read by their key."""
    return HttpResponse(Line.objects.get(pk=pk).text, content_type="text/plain")


urlpatterns = [path("line/<int:pk>/", line)]
