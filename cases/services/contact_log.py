"""Calls that leave no request: counted by kind, channel, language and length, and nothing else."""

from uuid import UUID, uuid4

from django.utils import timezone

from accounts import audit
from accounts.choices import Action, Role
from accounts.crypto import once
from accounts.database import insert_once
from accounts.models import User
from cases.access import require_role
from cases.models import ContactLog


def count_contact(*, nonce: UUID, kind: str, channel: str, language: str, duration: str, by: User) -> None:
    """Count a contact. The same form sent twice counts one."""
    require_role(by, Role.CASEWORKER)
    contact = ContactLog(
        pk=uuid4(),
        nonce=once(nonce, kind, channel, language, duration),
        kind=kind,
        channel=channel,
        language=language,
        duration=duration,
        logged_at=timezone.now(),
        logged_by=by,
    )
    with audit.unit() as entries:
        if insert_once(contact):
            entries.record(Action.CONTACT_LOGGED, contact.pk, detail=kind)


def undo_contact(*, contact_id: UUID, by: User) -> None:
    """Take one of her own back; it no longer counts. A second click changes nothing."""
    with audit.unit() as entries:
        own = ContactLog.objects.filter(pk=contact_id, logged_by=by, undone_at__isnull=True)
        if own.update(undone_at=timezone.now()):
            entries.record(Action.CONTACT_UNDONE, contact_id)
