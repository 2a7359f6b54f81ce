"""Envelopes of a request before it is a case, and its inbox: an address to which nobody needs a key to write.

Words and contacts are two envelopes, sealed to the team. The private half of the inbox is sealed to the team until
acceptance, then under the reach key of the case.
"""

from typing import Any

from django.utils import timezone

from accounts import crypto
from accounts.models import Team, User
from accounts.services import genuine
from accounts.services.teams import team_private_key
from cases.choices import Purpose
from cases.models import HelpRequest
from cases.services.sealed import payload
from cases.vault.models import Sealed

WORDS, CONTACTS, INBOX = "request.words", "request.contacts", "request.inbox_private"
PURPOSES = {WORDS: Purpose.WORDS, CONTACTS: Purpose.CONTACTS, INBOX: Purpose.INBOX}


def envelope_binding(request_id: object, field: str, team: Team) -> bytes:
    return crypto.binding("request", request_id, field, PURPOSES[field], team.pk, team.version)


def new_inbox() -> crypto.Pair:
    return crypto.new_pair()


def seal_request(*, request: HelpRequest, words: str, contacts: dict[str, str], inbox: crypto.Pair, by: User) -> None:
    """Seal a new request to its team. Whoever logs it cannot read it back unless she is a member. Raises KeySwapped."""
    public_key = genuine.team_key(request.team)
    values = {WORDS: words, CONTACTS: contacts, INBOX: inbox.private.hex()}
    for field, value in values.items():
        _seal(request, field, value, public_key, by)


def _seal(request: HelpRequest, field: str, value: Any, public_key: bytes, by: User) -> None:
    Sealed(
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
        written_at=timezone.now(),
        written_by=by,
    ).save(force_insert=True)


def open_request(*, request: HelpRequest, fields: tuple[str, ...], by: User) -> dict[str, Any]:
    """Open envelopes of a request as a member of its team. Raises NotAllowed, crypto.CannotOpen."""
    private_key = team_private_key(team=request.team, by=by)
    found = Sealed.objects.filter(request=request, field__in=fields)
    opened = {}
    for row in found:
        plaintext, schema = crypto.open_as_person(
            private_key, row.payload, bound_to=envelope_binding(request.pk, row.field, request.team)
        )
        opened[row.field] = payload.unpack(row.field, plaintext, schema)
    return opened
