from django.urls import include, path

handler500 = "assessments.views.errors.failed"
urlpatterns = [path("", include("assessments.urls"))]
