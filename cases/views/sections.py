"""The sections of a case, as tabs on each of its pages."""

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.rendering import NavigationItem

# URL name and label; a section that does not exist is left out.
SECTIONS: tuple[tuple[str, Promise], ...] = (
    ("cases:case_detail", _("Overview")),
    ("cases:case_timeline", _("Timeline")),
    ("cases:incident_list", _("What happened")),
    ("cases:case_plan", _("Plan")),
    ("cases:assignment_list", _("People")),
    ("cases:consent_list", _("Consents")),
    ("cases:case_identity", _("Identity")),
    ("cases:case_trail", _("Who looked")),
    ("cases:file_list", _("Files and letters")),
    ("cases:case_facts", _("Facts and state")),
)
# Of a case of which everything but one date was erased.
LEFT = {"cases:case_detail", "cases:assignment_list", "cases:case_trail"}
# Of a protected case, to its deputy: when something is due, and whose it is.
DEPUTYS = {"cases:case_detail", "cases:assignment_list", "cases:case_trail"}


def sections(code: str, current: str, *, erased: bool = False, deputy: bool = False) -> list[NavigationItem]:
    """The tabs of a case; `current` is the URL name of the page."""
    found = []
    for name, label in SECTIONS:
        if (erased and name not in LEFT) or (deputy and name not in DEPUTYS):
            continue
        try:
            url = reverse(name, args=[code])
        except NoReverseMatch:
            continue
        found.append(NavigationItem(label, url, "page" if name == current else ""))
    return found
