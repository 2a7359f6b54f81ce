"""Envelopes of a request before it is a case, and its inbox: an address to which nobody needs a key to write.

Words and contacts are two envelopes, sealed to the team. The private half of the inbox is sealed to the team until
acceptance, then under the reach key of the case.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import crypto
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import Team, User
from accounts.services import genuine
from accounts.services.teams import team_private_key
from cases.choices import Purpose
from cases.models import HelpRequest
from cases.services.sealed import payload
from cases.vault.models import Sealed

WORDS, CONTACTS, INBOX = "request.words", "request.contacts", "request.inbox_private"
RISK, REFERRAL = "request.risk", "request.referral"
PURPOSES = {
    WORDS: Purpose.WORDS,
    CONTACTS: Purpose.CONTACTS,
    INBOX: Purpose.INBOX,
    RISK: Purpose.WORDS,
    REFERRAL: Purpose.WORDS,
}


def envelope_binding(request_id: object, field: str, team: Team) -> bytes:
    return crypto.binding("request", request_id, field, PURPOSES[field], team.pk, team.version)


def new_inbox() -> crypto.Pair:
    return crypto.new_pair()


def seal_request(*, request: HelpRequest, words: str, contacts: dict[str, str], inbox: crypto.Pair, by: User) -> None:
    """Seal a new request to its team. Whoever logs it cannot read it back unless she is a member. Raises KeySwapped."""
    public_key = genuine.team_key(request.team)
    values = {WORDS: words, CONTACTS: contacts, INBOX: inbox.private.hex()}
    for field, value in values.items():
        _row(request, field, value, public_key, 1, by).save(force_insert=True)


def revise_request(*, request: HelpRequest, field: str, value: Any, by: User) -> None:
    """Seal the next version of an envelope to the team; the older ones stay. Raises KeySwapped, WrongState."""
    last = Sealed.objects.filter(request=request, field=field).order_by("-revision").values_list("revision", flat=True)
    row = _row(request, field, value, genuine.team_key(request.team), (last.first() or 0) + 1, by)
    if not insert_once(row):
        raise WrongState(_("Somebody has changed this meanwhile. Look at it again; what you typed is still here."))


def _row(request: HelpRequest, field: str, value: Any, public_key: bytes, revision: int, by: User) -> Sealed:
    return Sealed(
        record_id=request.pk,
        field=field,
        request=request,
        purpose=PURPOSES[field],
        key_version=request.team.version,
        payload=crypto.seal_to_person(
            public_key,
            payload.pack(value),
            bound_to=envelope_binding(request.pk, field, request.team),
            schema=payload.SCHEMA,
        ),
        revision=revision,
        written_at=timezone.now(),
        written_by=by,
    )


def open_request(*, request: HelpRequest, fields: tuple[str, ...], by: User) -> dict[str, Any]:
    """Open envelopes of a request as a member of its team. Raises NotAllowed, crypto.CannotOpen."""
    private_key = team_private_key(team=request.team, by=by)
    found = Sealed.objects.filter(request=request, field__in=fields, current=True)
    return {row.field: _open(row, request, private_key) for row in found}


def open_contacts_of_many(*, requests: Iterable[HelpRequest], by: User) -> dict[UUID, dict[str, str]]:
    """Contacts of many requests in one query, for comparing; those of a team that she is not in are left out."""
    by_id = {request.pk: request for request in requests}
    teams = {request.team_id: request.team for request in by_id.values()}
    private_keys: dict[UUID, bytes] = {}
    for pk, team in teams.items():
        with suppress(NotAllowed):
            private_keys[pk] = team_private_key(team=team, by=by)
    found = Sealed.objects.filter(request__in=list(by_id), field=CONTACTS, current=True)
    return {
        row.record_id: _open(row, by_id[row.record_id], private_keys[by_id[row.record_id].team_id])
        for row in found
        if by_id[row.record_id].team_id in private_keys
    }


def _open(row: Sealed, request: HelpRequest, private_key: bytes) -> Any:
    plaintext, schema = crypto.open_as_person(
        private_key, row.payload, bound_to=envelope_binding(request.pk, row.field, request.team)
    )
    return payload.unpack(row.field, plaintext, schema)
