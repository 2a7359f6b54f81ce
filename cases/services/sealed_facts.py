"""Sensitive facts of a protected case: under its content key, while the columns say only that they are sealed."""

from typing import Any

from accounts.models import User
from cases.choices import Compartment, Purpose
from cases.codes import TimelineKind
from cases.compartments import SEALED_FACTS
from cases.models import Case
from cases.services import timeline
from cases.services.sealed import content

FIELD = "case.protected"
UNKNOWN = dict.fromkeys(SEALED_FACTS, "unknown")


def is_protected(case: Case) -> bool:
    """Whether her sensitive facts are sealed."""
    return case.compartment == Compartment.PROTECTED


def change(*, case: Case, values: dict[str, Any], by: User) -> None:
    """Change them: a new version; the history says that, not what. Raises NotHeld, WrongState."""
    file(case=case, values=values, by=by)
    timeline.tell(case_id=case.pk, kind=TimelineKind.CHANGE, detail="sealed_fact", by=by)


def file(*, case: Case, values: dict[str, Any], by: User) -> None:
    """Seal the next version; what is not named stays as it was. Raises NotHeld, WrongState."""
    seen, before = _newest(case, by)
    content.revise(
        case_id=case.pk,
        record_id=case.pk,
        field=FIELD,
        value={**UNKNOWN, **before, **{name: str(value) for name, value in values.items()}},
        purpose=Purpose.CONTENT,
        seen=seen,
        by=by,
    )


def open_again(*, case: Case, by: User) -> None:
    """After two agreed that the case is not protected any more: they stand in the columns again. Raises NotHeld."""
    Case.objects.filter(pk=case.pk).update(**{**UNKNOWN, **_newest(case, by)[1]})


def _newest(case: Case, by: User) -> tuple[int, dict[str, str]]:
    known = content.versions(case_id=case.pk, record_id=case.pk, field=FIELD, purpose=Purpose.CONTENT, by=by)
    return (known[0].revision, known[0].value) if known else (0, {})
