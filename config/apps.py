"""The outermost layer as an application, so that its commands are found."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
