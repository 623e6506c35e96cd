import json

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path

UPSERT = (
    "INSERT INTO floor_rating (assessment, code, answer) VALUES (%s, %s, %s)"
    " ON CONFLICT (assessment, code) DO UPDATE SET answer = excluded.answer"
)
EVENT = "INSERT INTO floor_event (at, by_id, data) VALUES (now(), %s, %s) RETURNING id"


def save(request: HttpRequest, assessment: str, code: str) -> HttpResponse:
    """One upsert and one event for somebody who is signed in."""
    if not request.user.is_authenticated:
        return JsonResponse({"error": "signed out"}, status=401)
    answer = request.POST["answer"]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(UPSERT, [assessment, code, answer])
        cursor.execute(EVENT, [request.user.pk, json.dumps({"code": code, "answer": answer})])
        version = cursor.fetchone()[0]
    return JsonResponse({"version": version})


urlpatterns = [
    path("floor/<str:assessment>/<str:code>/", save),
    path("", include("ipt.urls")),
]
