"""What a person can carry, kept by herself or by whoever runs the house."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.choices import Action, Role
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from cases.models import WorkProfile


def save_profile(*, person: User, values: dict[str, Any], by: User) -> None:
    """Keep capacity, hours, languages, countries, supervisor. Raises NotAllowed, WrongState.

    Nobody makes herself somebody's supervisor: a supervisor sees what lands on a person.
    """
    if person.pk != by.pk and not (by.has(Role.COORDINATOR) or by.has(Role.ADMINISTRATOR)):
        raise NotAllowed
    supervisor = values.get("supervisor")
    if supervisor == by and not WorkProfile.objects.filter(pk=person.pk, supervisor=by).exists():
        raise WrongState(
            _("You cannot make yourself the supervisor of somebody. Ask her, or a coordinator, to name you.")
        )
    changed = {**values, "changed_at": timezone.now(), "changed_by": by}
    try:
        with audit.unit() as entries:
            if not WorkProfile.objects.filter(pk=person.pk).update(**changed):
                insert_once(WorkProfile(user=person, **changed))
            entries.record(Action.WORK_PROFILE_SAVED, person.pk)
    except database.Refused:
        raise NotAllowed from None
