"""New versions of a case key: somebody who could open the old one has left.

What is written from now on is sealed under a key that she never had; what was written stays readable with the old one.
Made in the request that ends her role where the key is at hand, else with the next text of whoever holds it.
"""

from contextlib import suppress
from typing import Any
from uuid import UUID

from accounts import audit, crypto, database
from accounts.exceptions import KeySwapped
from accounts.models import PublicKey, Team, User
from accounts.services import genuine
from cases.choices import CaseState, Purpose
from cases.models import Case
from cases.services.sealed.held import CaseKey, wrap_binding
from cases.services.sealed.rows import sealed_row
from cases.vault.models import RotationDue, Sealed

INBOX = "case.inbox_private"


def renew_due_keys(*, case_id: UUID, by: User) -> None:
    """New versions of whatever is due on a case and held by `by`. Raises KeySwapped."""
    for purpose in RotationDue.objects.filter(case_id=case_id).values_list("purpose", flat=True):
        renew_if_due(case_id=case_id, purpose=purpose, by=by)


def renew_after_an_end(*, case: Case, by: User) -> None:
    """Somebody's sight of a case has ended, and that stands whatever happens here.

    New keys are made now where `by` holds them, else with the next text, which also meets a swapped key.
    """
    if case.state == CaseState.OPEN:
        with suppress(KeySwapped):
            renew_due_keys(case_id=case.pk, by=by)


def renew_if_due(*, case_id: UUID, purpose: str, by: User) -> None:
    """A new version, wrapped to everybody who is entitled to it now. Where somebody was faster, hers stands.

    PostgreSQL says who they are and takes no other list. Raises KeySwapped where a public key is not the one in the log.
    """
    if not RotationDue.objects.filter(case_id=case_id, purpose=purpose).exists():
        return
    with audit.unit():
        recipients = database.rows("rotation_begin", case_id, purpose)  # from here on the case is locked
        if by.pk in {recipient.user_id for recipient in recipients}:
            _renew(CaseKey(case_id, purpose, recipients[0].version, crypto.new_key()), recipients, by)


def _renew(key: CaseKey, recipients: list[Any], by: User) -> None:
    wraps = {"wraps": _wraps(key, recipients)}
    pair = crypto.new_pair() if key.purpose == Purpose.REACH else None
    public = pair.public if pair else None
    database.value("key_rotate", key.case_id, key.purpose, key.version, key.commitment(), wraps, public)
    if pair:
        # What comes in from now on is sealed to a new inbox; the older private halves stay, and only read.
        found = Sealed.objects.filter(record_id=key.case_id, field=INBOX).order_by("-revision")
        last = found.values_list("revision", flat=True).first() or 0
        sealed_row(key, key.case_id, INBOX, pair.private.hex(), last + 1, by).save(force_insert=True)


def _wraps(key: CaseKey, recipients: list[Any]) -> list[dict[str, str]]:
    """The new key sealed to each: never to a public key that the log does not know."""
    people = {recipient.user_id for recipient in recipients if recipient.user_id}
    rows = PublicKey.objects.select_related("vouch").filter(user__in=people, retired_at__isnull=True)
    public_keys = {row.user_id: genuine.person_key(row) for row in rows}
    teams = Team.objects.filter(pk__in={recipient.team_id for recipient in recipients if recipient.team_id})
    public_keys |= {team.pk: genuine.team_key(team) for team in teams}
    wraps = []
    for recipient in recipients:
        to = recipient.user_id or recipient.team_id
        bound_to = wrap_binding(key.case_id, key.purpose, key.version, to)
        sealed = crypto.seal_to_person(public_keys[to], key.key, bound_to=bound_to)
        wraps.append({"to": str(to), "sealed": sealed.hex()})
    return wraps
