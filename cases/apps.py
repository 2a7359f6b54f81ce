"""The cases app."""

from django.apps import AppConfig
from django.utils.module_loading import import_string

from cases import knowledge


class CasesConfig(AppConfig):
    name = "cases"

    def ready(self) -> None:
        """A broken knowledge file stops every process here; web servers run no system checks."""
        knowledge.load()
        hooks = import_string("accounts.hooks.on_handover")  # once the models are there
        hooks.append(import_string("cases.services.sealed.parked.take_over"))
