"""The cases app."""

from django.apps import AppConfig

from cases import knowledge


class CasesConfig(AppConfig):
    name = "cases"

    def ready(self) -> None:
        """A broken knowledge file stops every process here; web servers run no system checks."""
        knowledge.load()
