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

from accounts import audit, crypto, database
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import Team, User
from accounts.services import genuine
from accounts.services.teams import team_private_key
from cases.choices import Purpose
from cases.models import HelpRequest
from cases.services.sealed import payload
from cases.services.sealed.content import Version
from cases.vault.models import Sealed

WORDS, CONTACTS, INBOX = "request.words", "request.contacts", "request.inbox_private"
CHANGES = "request.changes"  # what was added or corrected, in codes
RISK, REFERRAL = "request.risk", "request.referral"
WALL = "request.wall"  # of a record beside the request: why somebody must not see it
PURPOSES = {
    WORDS: Purpose.WORDS,
    CONTACTS: Purpose.CONTACTS,
    INBOX: Purpose.INBOX,
    RISK: Purpose.WORDS,
    CHANGES: Purpose.WORDS,
    REFERRAL: Purpose.WORDS,
    WALL: Purpose.WORDS,
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


def seal_beside(*, request: HelpRequest, record_id: UUID, field: str, value: Any, by: User) -> None:
    """Seal a text of a record that belongs to the request, once. Raises KeySwapped."""
    _row(request, field, value, genuine.team_key(request.team), 1, by, record_id).save(force_insert=True)


def open_beside(*, request: HelpRequest, field: str, by: User) -> dict[UUID, Any]:
    """Texts of the records that belong to the request, as a member of its team. Raises NotAllowed, crypto.CannotOpen."""
    found = list(Sealed.objects.filter(request=request, field=field, current=True))
    if not found:
        return {}
    private_key = team_private_key(team=request.team, by=by)
    return {row.record_id: _open(row, request, private_key) for row in found}


def _row(
    request: HelpRequest,
    field: str,
    value: Any,
    public_key: bytes,
    revision: int,
    by: User,
    record_id: UUID | None = None,
) -> Sealed:
    record = record_id or request.pk
    return Sealed(
        record_id=record,
        field=field,
        request=request,
        purpose=PURPOSES[field],
        key_version=request.team.version,
        payload=crypto.seal_to_person(
            public_key,
            payload.pack(value),
            bound_to=envelope_binding(record, field, request.team),
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


def revision_of(*, request: HelpRequest, field: str) -> int:
    """How many versions of an envelope there are."""
    found = Sealed.objects.filter(request=request, field=field, current=True).values_list("revision", flat=True)
    return found.first() or 0


def versions_of(*, request: HelpRequest, field: str, by: User) -> list[Version]:
    """Every version of an envelope, newest first. Raises NotAllowed, crypto.CannotOpen."""
    found = list(Sealed.objects.filter(request=request, field=field).select_related("written_by").order_by("-revision"))
    if not found:
        return []
    private_key = team_private_key(team=request.team, by=by)
    return [
        Version(
            row.revision,
            _open(row, request, private_key),
            row.written_at,
            row.written_by.display_name if row.written_by else "",
        )
        for row in found
    ]


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
    plaintext, schema = crypto.open_as_person(private_key, row.payload, bound_to=_place(row, request, request.team))
    return payload.unpack(row.field, plaintext, schema)


def _place(row: Sealed, request: HelpRequest, team: Team) -> bytes:
    """Where an envelope belongs: to the request, and why somebody must not see it to that wall."""
    return envelope_binding(row.record_id if row.field == WALL else request.pk, row.field, team)


def reseal_request(*, request: HelpRequest, to: Team, by: User) -> bool:
    """Seal every envelope of a waiting request, in every version, to the new pair of its team.

    False where somebody wrote or was faster meanwhile, and where an envelope does not open. Raises NotAllowed, KeySwapped.
    """
    private_key, public_key = team_private_key(team=request.team, by=by), genuine.team_key(to)
    envelopes = []
    for row in Sealed.objects.filter(request=request):
        try:
            place = _place(row, request, request.team)
            plaintext, schema = crypto.open_as_person(private_key, row.payload, bound_to=place)
        except crypto.CannotOpen:
            return False
        sealed = crypto.seal_to_person(public_key, plaintext, bound_to=_place(row, request, to), schema=schema)
        envelopes.append({"id": str(row.pk), "payload": sealed.hex()})
    try:
        with audit.unit():
            database.value("request_reseal", request.pk, {"envelopes": envelopes})
    except database.Refused:
        return False
    return True
