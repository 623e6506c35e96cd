"""DJANGO_SETTINGS_MODULE chooses which of the two floors this is."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
