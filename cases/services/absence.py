"""Days on which somebody is away: her reminders go to the backup; she keeps her access."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.choices import Action, Role
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases.models import Absence


def may_enter_for(person: User, by: User) -> bool:
    """Her own days, or everybody's for a coordinator or an administrator."""
    return person.pk == by.pk or by.has(Role.COORDINATOR) or by.has(Role.ADMINISTRATOR)


def add_absence(*, person: User, from_on: date, until_on: date, by: User) -> Absence:
    """Enter days away. The same days twice are one entry. Raises NotAllowed, WrongState."""
    if not may_enter_for(person, by):
        raise NotAllowed
    if until_on < from_on:
        raise WrongState(_("The last day lies before the first."))
    if until_on < timezone.localdate():
        raise WrongState(_("These days have passed."))
    absence = Absence(user=person, from_on=from_on, until_on=until_on, entered_at=timezone.now(), entered_by=by)
    with audit.unit() as entries:
        if insert_once(absence):
            entries.record(Action.ABSENCE_ENTERED, absence.pk)
    return absence


def cancel_absence(*, absence: Absence, by: User) -> None:
    """She is not away after all, or is back earlier. A second click changes nothing. Raises NotAllowed."""
    if not may_enter_for(absence.user, by):
        raise NotAllowed
    with audit.unit() as entries:
        if Absence.objects.filter(pk=absence.pk, cancelled_at__isnull=True).update(cancelled_at=timezone.now()):
            entries.record(Action.ABSENCE_CANCELLED, absence.pk)
