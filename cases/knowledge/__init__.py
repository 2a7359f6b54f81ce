"""The knowledge of the field as data: files of this folder, read strictly, once per process.

A file that is not exactly what its dataclass declares stops the start (CasesConfig.ready). Nothing here is a decision:
each file says how far it has been reviewed.
"""

from functools import cache
from pathlib import Path

from cases.knowledge import checks
from cases.knowledge.common import label
from cases.knowledge.consents import Consents
from cases.knowledge.incidents import IncidentTypes
from cases.knowledge.letters import Letters
from cases.knowledge.reading import KnowledgeError, read
from cases.knowledge.screen import RiskScreen

FOLDER = Path(__file__).parent

__all__ = [
    "Consents",
    "IncidentTypes",
    "KnowledgeError",
    "Letters",
    "RiskScreen",
    "consents",
    "incident_types",
    "label",
    "letters",
    "load",
    "risk_screen",
]


@cache
def incident_types() -> IncidentTypes:
    """Types of incidents, and what is noted about them."""
    return read(FOLDER / "incident_types.yaml", IncidentTypes, checks.in_incident_types)


@cache
def risk_screen() -> RiskScreen:
    """Questions, rules and levels of risk."""
    return read(FOLDER / "risk_screen.yaml", RiskScreen, checks.in_risk_screen)


@cache
def letters() -> Letters:
    """Letters and phrases to fill in."""
    return read(FOLDER / "letters.yaml", Letters, checks.in_letters)


@cache
def consents() -> Consents:
    """What she is asked to agree to, and what stops when she takes it back."""
    return read(FOLDER / "consents.yaml", Consents, checks.in_consents)


def load() -> None:
    """Read every file. Raises KnowledgeError."""
    letters()
    consents()
    incident_types()
    risk_screen()
