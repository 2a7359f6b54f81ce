"""WSGI application of the public site: own process, own host name, own secret, own database role."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["SIDRO_PROCESS"] = "public"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
