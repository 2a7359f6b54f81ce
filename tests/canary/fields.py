"""Every sealed field, and who may read it in the world of the matrix. A test holds this list against the code.

To add one: its name here, and what writes it in seeding.py. A run fails while a declared field was not written.
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"[a-z_]+\.[a-z_]+")

CONTENT = frozenset({"ana", "lana"})
INTAKE = frozenset({"ana", "boba"})
LEAD = frozenset({"ana"})

# Sealed texts: who may read them.
FIELDS: dict[str, frozenset[str]] = {
    "request.words": INTAKE,
    "request.contacts": INTAKE,
    "request.referral": INTAKE,
    "case.words": LEAD,
    "case.reach": INTAKE,  # Boba is on call, and reach is armed for her
    "case.title": CONTENT,
    "case.summary": CONTENT,
    "case.told": CONTENT,
    "note.text": CONTENT,
    "deadline.text": CONTENT,
    "task.text": CONTENT,
    "incident.text": CONTENT,
    "incident.names": CONTENT,
    "approval.reason": CONTENT,
    "attempt.text": CONTENT,
    "safety_plan.items": CONTENT,
    "file.name": CONTENT,
    "file.meta": CONTENT,
    "wall.reason": LEAD,
    "request.wall": INTAKE,
    "identity.entry": LEAD,
    "identity.reason": CONTENT,
    "grant.reason": CONTENT,
    "grant.refusal": CONTENT,
    "consent.recipient": CONTENT,
    "consent.error": CONTENT,
    "handover.text": INTAKE,
    "slip.names": frozenset({"ljilja"}),
}
# Sealed, and no text: answers from closed lists are searched for as a whole, private halves as keys.
CODED = {"risk.answers", "request.risk", "request.changes", "case.protected"}
KEYS = {"case.inbox_private", "request.inbox_private"}
# Not in vault_sealed or vault_letter: pieces of files; the password; what is typed into forms that are refused.
OTHERS: dict[str, frozenset[str]] = {
    "file.content": CONTENT,
    "password": frozenset(),
}
# Strings of this shape in the services that name no sealed field.
NO_FIELDS = {"content.xml", "sidro.reminders", "sidro.ledger", "sidro.wraps", "app.text_looked"}


def named_in_the_code() -> set[str]:
    """Every string of the services that looks like the name of a sealed field."""
    found = set()
    for path in (ROOT / "cases" / "services").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAME.fullmatch(node.value):
                found.add(node.value)
    return found - NO_FIELDS
