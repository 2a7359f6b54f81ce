"""The vault as an app of its own, label `vault`, in the same database."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "cases.vault"
    label = "vault"
