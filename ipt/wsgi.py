import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipt.settings")
application = get_wsgi_application()

from assessments.queries import storage_fault  # noqa: E402  models exist from here on

if fault := storage_fault():
    raise ImproperlyConfigured(fault)
