"""Handing over a shift: signed by both, what was said is a letter to each of the two, kept for seven days."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.choices import Action, Role
from accounts.crypto import once
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases.access import require_role, vouched_ids
from cases.access.handover import Open
from cases.models import ShiftHandover
from cases.services.sealed import to_person


def give(*, nonce: UUID, to: User, words: str, found: Sequence[Open], by: User) -> None:
    """ "I hand over": signed with the time. The same form sent twice is one hand-over. Raises WrongState, NotAllowed."""
    require_role(by, Role.CASEWORKER)
    if to.pk == by.pk:
        raise WrongState(_("Choose somebody else."))
    if len(vouched_ids([to.pk, by.pk])) < 2:
        raise WrongState(_("Nobody has vouched for both your keys yet. Read the words with each other first."))
    row = ShiftHandover(pk=uuid4(), nonce=once(nonce, to.pk, words), from_user=by, to_user=to, given_at=timezone.now())
    value = {"words": words, "open": [list(item) for item in found]}
    with audit.unit() as entries:
        if insert_once(row):
            for recipient in (by, to):
                to_person.write(record_id=row.pk, field=to_person.HANDOVER, recipient=recipient, value=value, by=by)
            database.value("handover_told", row.pk)
            entries.record(Action.HANDOVER_GIVEN, row.pk)


class Said(NamedTuple):
    """What was handed over."""

    words: str
    found: list[Open]


def read(*, handover: ShiftHandover, by: User) -> Said | None:
    """What was said, for either of the two, without cases that she must not see; None after seven days."""
    value = to_person.read(record_id=handover.pk, field=to_person.HANDOVER, by=by)
    if not value:
        return None
    hidden = {str(one) for one in database.value("walled")}
    return Said(value["words"], [row for row in (Open(*item) for item in value["open"]) if row.about not in hidden])


def withdraw(*, handover: ShiftHandover, by: User) -> None:
    """Take back what was sent to the wrong one, until it is signed: it goes with its letters. Raises NotAllowed, WrongState."""
    if handover.from_user_id != by.pk:
        raise NotAllowed
    try:
        with audit.unit() as entries:
            database.value("handover_withdraw", handover.pk)
            entries.record(Action.HANDOVER_WITHDRAWN, handover.pk)
    except database.Refused:
        raise WrongState(_("She has taken over already. Nothing was withdrawn.")) from None


def take(*, handover: ShiftHandover, by: User) -> None:
    """ "I have taken over": signed with the time. A second click changes nothing.

    Raises NotAllowed, WrongState: it was withdrawn meanwhile.
    """
    if handover.to_user_id != by.pk:
        raise NotAllowed
    with audit.unit() as entries:
        if ShiftHandover.objects.filter(pk=handover.pk, taken_at__isnull=True).update(taken_at=timezone.now()):
            entries.record(Action.HANDOVER_TAKEN, handover.pk)
        elif not ShiftHandover.objects.filter(pk=handover.pk).exists():
            raise withdrawn(handover.from_user.display_name)


def withdrawn(name: str) -> WrongState:
    """What to say to whoever has a hand-over before her that is not there any more."""
    said = _("%(name)s has taken this hand-over back. You have taken over nothing.")
    return WrongState(said % {"name": name})
