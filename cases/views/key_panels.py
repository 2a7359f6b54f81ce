"""Cards of the desk about keys and acts of two: asked once, because most desks have none of them."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.keeper_access import desk_hints
from accounts.models import User
from cases.views.panel import NextStep, Panel


def keys(user: User) -> Panel | None:
    """Somebody asks keepers to open a key that concerns her, a key to take over, acts that one person does alone."""
    hints = desk_hints()
    if not any((hints.ceremonies, hints.handovers, hints.announced, hints.to_review)):
        return None
    url = reverse("accounts:keeper_list" if user.has(Role.ADMINISTRATOR) else "accounts:account")
    step = NextStep(3, _("Look who asks the key keepers to open a key"), url) if hints.ceremonies else None
    return Panel("cases/desk/keys.html", {"hints": hints, "url": url}, step)
