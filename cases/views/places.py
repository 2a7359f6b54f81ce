"""What a text of a case is called, and the page on which it is read and changed."""

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

HERE = "cases:case_detail"
_PLACES: dict[str, tuple[Promise, str, tuple[str, ...]]] = {
    "case.title": (_("Working title"), "cases:text_change", ("title",)),
    "case.summary": (_("What happened"), "cases:text_change", ("summary",)),
    "case.told": (_("Already told"), "cases:text_change", ("told",)),
    "note.text": (_("Note"), "cases:case_timeline", ()),
    "deadline.text": (_("Date"), HERE, ()),
    "task.text": (_("Task or promise"), "cases:case_plan", ()),
    "attempt.text": (_("Contact attempt"), "cases:case_timeline", ()),
    "incident.text": (_("What happened"), "cases:incident_list", ()),
    "incident.names": (_("Who did this"), "cases:incident_list", ()),
    "approval.reason": (_("Second person"), "cases:case_timeline", ()),
    "identity.reason": (_("Reason of an opening"), "cases:case_identity", ()),
    "grant.reason": (_("Identity"), "cases:case_identity", ()),
    "grant.refusal": (_("Identity"), "cases:case_identity", ()),
    "consent.recipient": (_("Consent"), "cases:consent_list", ()),
    "safety_plan.items": (_("Safety plan"), "cases:safety_plan", ()),
    "risk.answers": (_("Rating of risk"), "cases:case_risk", ()),
    "file.name": (_("File"), "cases:file_list", ()),
    "file.description": (_("File"), "cases:file_list", ()),
}
_OTHER: tuple[Promise, str, tuple[str, ...]] = (_("Text"), "cases:case_timeline", ())
# Texts of which a next version can be written; everything else stays as it was written.
_CHANGEABLE = frozenset(
    {"case.title", "case.summary", "case.told", "incident.text", "incident.names", "safety_plan.items"}
)


def can_be_changed(field: str) -> bool:
    """Whether its page offers to write it anew."""
    return field in _CHANGEABLE


def place(code: str, field: str) -> tuple[Promise, str]:
    """The word for a field, and the address of its page on this case. Everything else stands in the timeline."""
    label, page, parts = _PLACES.get(field, _OTHER)
    return label, reverse(page, args=[code, *parts])
