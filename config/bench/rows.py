"""The rows of a large installation, table by table. Ciphertext is real where somebody can open it, else noise."""

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from uuid import UUID, uuid4

from accounts import crypto
from cases.choices import CASE_PURPOSES, ROLE_KEYS, ROLE_PERMISSIONS, NoteType, Purpose, Severity
from cases.codes import TimelineKind
from cases.services.sealed import payload
from cases.services.sealed.keys import CaseKey, wrap_binding
from cases.services.sealed.rows import field_binding
from config.bench.plan import Holder, Plan, readable_codes

Rows = Iterator[tuple]
WRAP = 82  # bytes: head, encapsulated key, key, tag
NOTE = "She called again and asked what happens next. We went through the list together and agreed on the next step. "


def people(holders: Iterable[Holder], now: datetime) -> Rows:
    """Every tenth is a lawyer. They have no password: nobody signs in as one of them."""
    for number, holder in enumerate(holders):
        role = "lawyer" if number % 10 == 9 else "caseworker"
        name = f"scale-{holder.id.hex[:12]}"
        yield holder.id, name, f"Colleague {number + 1}", [role], True, "en", "auto", uuid4(), now, now


def cases(plans: list[Plan]) -> Rows:
    for plan, code in zip(plans, readable_codes(), strict=False):
        closed = (plan.opened_at, plan.lead.id) if plan.is_closed else (None, None)
        state = "closed" if plan.is_closed else "open"
        yield (
            *(plan.id, code, uuid4(), "standard", state, plan.stage, plan.risk, "sr"),
            *("no", "survivor", "from_25", "woman", False, "", "", ""),
            *(plan.opened_at, plan.lead.id, *closed, plan.due_on, os.urandom(32)),
        )


def assignments(plans: list[Plan]) -> Rows:
    for plan in plans:
        for holder, role in plan.people:
            at = plan.opened_at
            yield uuid4(), plan.id, holder.id, str(role), "live", at, plan.lead.id, at, at, "", "", False


def permissions(plans: list[Plan], ids: dict[str, int]) -> Rows:
    for plan in plans:
        for holder, role in plan.people:
            for permission in ROLE_PERMISSIONS[role]:
                yield plan.id, holder.id, ids[permission]


def key_versions(plans: list[Plan]) -> Rows:
    for plan in plans:
        for purpose in CASE_PURPOSES:
            made = _commitment(plan, str(purpose)) if plan.keys else os.urandom(32)
            yield uuid4(), plan.id, str(purpose), 1, made, plan.opened_at, plan.lead.id


def _commitment(plan: Plan, purpose: str) -> bytes:
    return CaseKey(plan.id, purpose, 1, plan.keys[purpose]).commitment()


def logged_keys(plan: Plan) -> Iterator[str]:
    """What the log says of the keys of a case that somebody can really open."""
    for purpose in plan.keys:
        yield f"{purpose}:1:{_commitment(plan, purpose).hex()}"


def wraps(plans: list[Plan]) -> Rows:
    for plan in plans:
        for holder, role in plan.people:
            for purpose in ROLE_KEYS[role]:
                sealed = _wrap(plan, holder, str(purpose))
                yield uuid4(), plan.id, str(purpose), 1, holder.id, "live", sealed, plan.opened_at, plan.lead.id


def _wrap(plan: Plan, holder: Holder, purpose: str) -> bytes:
    if not holder.public_key:
        return os.urandom(WRAP)
    bound_to = wrap_binding(plan.id, purpose, 1, holder.id)
    return crypto.seal_to_person(holder.public_key, plan.keys[purpose], bound_to=bound_to)


def deadlines(plans: list[Plan]) -> Rows:
    for plan in plans:
        if plan.due_on:
            severity = Severity.values[plan.number % 3]
            yield plan.deadline_id, plan.id, uuid4(), plan.due_on, severity, "running", plan.opened_at, plan.lead.id


def notes(plans: list[Plan]) -> Rows:
    for plan in plans:
        for note in plan.notes:
            yield note, plan.id, uuid4(), str(NoteType.CASE_NOTE), plan.opened_at, plan.lead.id


def identity_entries(plans: list[Plan]) -> Rows:
    for plan in plans:
        for entry, _said in plan.card:
            yield entry, plan.id, uuid4(), plan.opened_at, plan.lead.id


def timeline(plans: list[Plan]) -> Rows:
    """The line of its opening and one for each note."""
    for plan in plans:
        yield uuid4(), plan.id, str(TimelineKind.STATE), None, "opened", plan.opened_at, plan.lead.id
        for note in plan.notes:
            yield uuid4(), plan.id, str(TimelineKind.CASE_NOTE), note, "", plan.opened_at, plan.lead.id


def sealed(plans: list[Plan]) -> Rows:
    """Title, summary, reach and words of every case, the text of its date and of each note."""
    for plan in plans:
        contents: list[tuple[UUID, str, str | dict[str, str], Purpose]] = [
            (plan.id, "case.title", f"Case number {plan.number}", Purpose.CONTENT),
            (plan.id, "case.summary", NOTE * 3, Purpose.CONTENT),
            (plan.id, "case.reach", {"phone": "+381 60 000 00 00"}, Purpose.REACH),
            (plan.id, "case.words", NOTE * 2, Purpose.IDENTITY),
            *((note, "note.text", NOTE * 4, Purpose.CONTENT) for note in plan.notes),
            *((entry, "identity.entry", said, Purpose.IDENTITY) for entry, said in plan.card),
        ]
        if plan.due_on:
            contents.append((plan.deadline_id, "deadline.text", "Call her", Purpose.CONTENT))
        for record, name, value, purpose in contents:
            envelope = _seal(plan, record, name, payload.pack(value), str(purpose))
            yield uuid4(), record, name, plan.id, str(purpose), 1, envelope, 1, True, plan.opened_at, plan.lead.id


def _seal(plan: Plan, record: UUID, name: str, packed: bytes, purpose: str) -> bytes:
    if not plan.keys:
        return os.urandom(len(packed) + 30)
    bound_to = field_binding(plan.id, record, name, purpose, 1, 1)
    return crypto.seal_with_key(plan.keys[purpose], packed, bound_to=bound_to, schema=payload.SCHEMA)


# Table, columns, rows. Guardian's permission rows need the ids of the permissions and stand apart.
TABLES: tuple[tuple[str, str, Callable[[list[Plan]], Rows]], ...] = (
    (
        "cases_case",
        "id, code, subject_id, compartment, state, stage, risk, language, minor, person_category, age_band, gender,"
        " on_duty_may_call, closure_reason, legal_outcome, hold_reason, opened_at, opened_by_id, closed_at,"
        " closed_by_id, next_due_on, inbox_public_key",
        cases,
    ),
    (
        "cases_assignment",
        "id, case_id, user_id, role, state, offered_at, offered_by_id, keys_sealed_at, live_at, end_reason,"
        " ask_reason, advice_only",
        assignments,
    ),
    ("vault_keyversion", "id, case_id, purpose, version, commitment, made_at, made_by_id", key_versions),
    ("vault_wrap", "id, case_id, purpose, version, user_id, state, sealed, made_at, made_by_id", wraps),
    ("cases_deadline", "id, case_id, nonce, due_on, severity, state, set_at, set_by_id", deadlines),
    ("cases_note", "id, case_id, nonce, type, written_at, written_by_id", notes),
    ("cases_identityentry", "id, case_id, nonce, added_at, added_by_id", identity_entries),
    ("cases_timelineentry", "id, case_id, kind, record_id, detail, at, by_id", timeline),
    (
        "vault_sealed",
        "id, record_id, field, case_id, purpose, key_version, payload, revision, current, written_at, written_by_id",
        sealed,
    ),
)
USER_COLUMNS = "id, login_name, display_name, roles, is_active, language, theme, session_epoch, invited_at, enrolled_at"
PERMISSION_COLUMNS = "content_object_id, user_id, permission_id"
