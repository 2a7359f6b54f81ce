"""The plan of a large installation: who is on which case. Pure, the same for the same sizes except for ids and keys."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from accounts import crypto
from cases.choices import CASE_PURPOSES, CaseRole, Risk, Stage

HUNDRED = 100  # cases of one person, and notes on her first case
THOUSAND = 1000  # notes on her second case
NOTES = 2  # on every other case
DAYS = 120  # due dates lie between ten days ago and this far ahead


@dataclass(frozen=True)
class Holder:
    """Somebody of the large installation; with a public key she can really open what is sealed to her."""

    id: UUID
    public_key: bytes = b""


@dataclass(frozen=True)
class Plan:
    """One case. `keys` are there if one of its holders can open it, else its ciphertext is noise."""

    number: int
    people: tuple[tuple[Holder, CaseRole], ...]
    opened_at: datetime
    due_on: date | None
    is_closed: bool
    notes: tuple[UUID, ...]
    id: UUID = field(default_factory=uuid4)
    deadline_id: UUID = field(default_factory=uuid4)
    keys: dict[str, bytes] = field(default_factory=dict)
    card: tuple[tuple[UUID, dict[str, str]], ...] = ()  # entries of the identity card

    @property
    def lead(self) -> Holder:
        return self.people[0][0]

    @property
    def stage(self) -> str:
        return Stage.values[self.number % len(Stage.values)]

    @property
    def risk(self) -> str:
        return Risk.values[self.number % len(Risk.values)]


def plans(
    *, cases: int, people: list[Holder], hundred: Holder | None, half: Holder | None, now: datetime
) -> Iterator[Plan]:
    """Three people on each case. `hundred` leads a hundred of them, `half` works on every second one."""
    step = max(1, cases // HUNDRED)
    led = set(range(min(1, cases - 1), cases, step)[:HUNDRED]) if hundred else set()
    notes = dict(zip(sorted(led), (HUNDRED, THOUSAND), strict=False))
    for number in range(cases):
        own = number in led
        lead = hundred if own and hundred else people[number % len(people)]
        third = half if half and number % 2 == 0 else people[(number * 13 + 2) % len(people)]
        backup = next(person for person in _from(people, number * 7 + 1) if person.id not in {lead.id, third.id})
        on_it = _without_twice(((lead, CaseRole.LEAD), (backup, CaseRole.BACKUP), (third, CaseRole.CASEWORKER)))
        is_closed = number % 10 == 7 and not own
        due = now.date() + timedelta(days=number * 37 % (DAYS + 10) - 10)
        yield Plan(
            number=number,
            people=on_it,
            opened_at=now - timedelta(minutes=number % 500_000),
            due_on=None if is_closed or number % 5 == 3 else due,
            is_closed=is_closed,
            notes=tuple(uuid4() for _note in range(notes.get(number, NOTES))),
            keys={str(purpose): crypto.new_key() for purpose in CASE_PURPOSES}
            if any(person.public_key for person, _role in on_it)
            else {},
        )


def _from(people: list[Holder], start: int) -> Iterator[Holder]:
    return (people[(start + offset) % len(people)] for offset in range(len(people)))


def _without_twice(pairs: tuple[tuple[Holder, CaseRole], ...]) -> tuple[tuple[Holder, CaseRole], ...]:
    seen: dict[UUID, tuple[Holder, CaseRole]] = {}
    for holder, role in pairs:
        seen.setdefault(holder.id, (holder, role))
    return tuple(seen.values())


def readable_codes() -> Iterator[str]:
    """Codes of cases without end, none twice."""
    used: set[str] = set()
    while True:
        code = crypto.new_readable_code()
        if code not in used:
            used.add(code)
            yield code
