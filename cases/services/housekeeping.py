"""The weekly list: what its lines are about, and lines that she puts off until next week."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts import audit
from accounts.choices import Action
from accounts.database import insert_once
from accounts.models import User
from cases.codes import TidyRule
from cases.models import PutOff
from cases.services.sealed import content

FIELDS = {TidyRule.DATE_NOBODY: "deadline.text", TidyRule.TASK_LATE: "task.text"}


def read_texts(*, lines: Iterable[Any], by: User) -> dict[UUID, str]:
    """What the dates and tasks among the lines say: two queries for each kind, however many there are."""
    texts: dict[UUID, str] = {}
    for rule, field in FIELDS.items():
        records = {line.record_id: line.of_case for line in lines if line.rule == rule}
        texts |= content.read_fields(field=field, records=records, by=by)
    return texts


def put_off(*, line: Any, by: User) -> date:
    """Not this week: the line of her list comes back on the next Monday, which is returned. A second click changes nothing."""
    today = timezone.localdate()
    monday = today + timedelta(days=7 - today.weekday())
    with audit.unit() as entries:
        changed = insert_once(PutOff(user=by, rule=line.rule, record_id=line.record_id, until_on=monday))
        if not changed:
            same = PutOff.objects.filter(user=by, rule=line.rule, record_id=line.record_id)
            changed = bool(same.exclude(until_on=monday).update(until_on=monday))
        if changed:
            entries.record(Action.TIDYING_PUT_OFF, line.record_id, detail=line.rule)
    return monday


def show_again(*, by: User) -> None:
    """All that she has put off is on her list again. A second click changes nothing."""
    today = timezone.localdate()
    with audit.unit() as entries:
        if PutOff.objects.filter(user=by, until_on__gt=today).update(until_on=today):
            entries.record(Action.TIDYING_SHOWN_AGAIN, by.pk)
