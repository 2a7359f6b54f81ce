"""Letters and phrases of the organisation: everybody who works here reads them."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from accounts.choices import Role
from accounts.models import User
from cases.access import require_role
from cases.models import LetterTemplate

READERS = (Role.CASEWORKER, Role.LAWYER, Role.COORDINATOR)
MOST = 200  # of one kind in one language


def list_templates(user: User, *, kind: str, language: str) -> QuerySet[LetterTemplate]:
    """Those in use, by title."""
    require_role(user, *READERS)
    found = LetterTemplate.objects.filter(kind=kind, language=language, retired_at__isnull=True)
    return found.order_by("title", "pk")[:MOST]


def get_template(user: User, template_id: UUID) -> LetterTemplate:
    """One that is in use. Raises Http404."""
    require_role(user, *READERS)
    found = LetterTemplate.objects.filter(pk=template_id, retired_at__isnull=True).first()
    if found is None:
        raise Http404
    return found
