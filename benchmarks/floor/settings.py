"""Unit T: no middleware, no apps of others, a connection that stays open."""

import dj_database_url

SECRET_KEY = "not-a-secret"  # noqa: S105  it protects nothing
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["benchmarks.floor"]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "benchmarks.floor.urls"
DATABASES = {"default": dj_database_url.config(conn_max_age=None)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
