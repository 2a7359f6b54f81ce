"""Addresses of the public site: the health page until the form for asking for help is built."""

from django.urls import path

from accounts.views.health import public_health

handler400 = "config.errors.bad_request"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"

urlpatterns = [path("health", public_health, name="health")]
