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
        warned = import_string("accounts.hooks.warns_of_leaving")
        warned.append(import_string("cases.access.leaving.warn_of_leaving"))
        finished = import_string("accounts.hooks.delayed_done")
        finished.append(import_string("cases.services.protection.after_delay"))
