"""The only door of the views to people, keys and teams. PostgreSQL judges the same rows again."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import audit, crypto, database, passkeys
from accounts.choices import Action, Role, TeamKind
from accounts.exceptions import KeyLocked
from accounts.models import MailAddress, PublicKey, Team, TeamMember, User, Vouch
from accounts.paging import PAGE_SIZE, Page

STATES = {
    "deactivated": (_("Deactivated"), "grey"),
    "invited": (_("Invited"), "yellow"),
    "enrolled": (_("Enrolled, not vouched for"), "orange"),
    "vouched": (_("Vouched for"), "green"),
}


def get_invitation(token: str) -> Any:
    """Whom a link invites; None for a link that was used, has ended or never was."""
    return database.row("invitation_read", crypto.token_hash(token)) if 20 <= len(token) <= 100 else None


def list_people(*, name: str = "") -> QuerySet[Any]:
    """Everybody the actor may see, with whether somebody vouched for the present key."""
    vouched = Vouch.objects.filter(
        public_key__user=OuterRef("pk"), public_key__retired_at__isnull=True, fingerprint=F("public_key__fingerprint")
    )
    found = User.objects.annotate(vouched=Exists(vouched)).order_by("-is_active", "display_name", "pk")
    if name:
        found = found.filter(Q(display_name__icontains=name) | Q(login_name__icontains=name))
    return found


def get_person(person_id: UUID) -> Any:
    found = list_people().filter(pk=person_id).first()
    if found is None:
        raise Http404
    return found


def get_address(person: User) -> str:
    return MailAddress.objects.filter(user=person).values_list("address", flat=True).first() or ""


def get_second_address(user: User) -> str:
    """Where urgent texts to her go as well; empty where she has set none."""
    return MailAddress.objects.filter(user=user).values_list("second", flat=True).first() or ""


def list_devices() -> list[Any]:
    """The actor's devices of a second factor: the app for codes first, then her passkeys by age."""
    return database.rows("devices_own")


def get_device(device_id: UUID, *, passkey: bool = False) -> Any:
    """One of them; 404 for somebody else's, and where only a passkey will do."""
    for device in list_devices():
        if device.id == device_id and (device.is_passkey or not passkey):
            return device
    raise Http404


def wants_second_device(user: User) -> bool:
    """Whether she is asked for a second device: she holds keys, has one device only, and passkeys work here."""
    holds_keys = user.has(Role.CASEWORKER) or user.has(Role.LAWYER)
    return holds_keys and len(user.devices) < 2 and passkeys.where() != ""


def state_of(person: Any) -> str:
    """invited, enrolled, vouched or deactivated."""
    if not person.is_active:
        return "deactivated"
    if person.enrolled_at is None:
        return "invited"
    return "vouched" if person.vouched else "enrolled"


@dataclass(frozen=True)
class OwnKey:
    """What a person's account page says about her key."""

    words: list[str]
    swapped: bool  # the published key is not the one that she holds
    locked: bool
    vouched_by: str
    vouched_at: object


def get_own_key(user: User) -> OwnKey:
    """The words come from the private key that she holds, so that a swapped public key shows."""
    columns = ("public_key", "vouch__vouched_by__display_name", "vouch__vouched_at")
    published = PublicKey.objects.filter(user=user, retired_at__isnull=True).values_list(*columns).first()
    key, name, vouched_at = published or (b"", "", None)
    try:
        public = crypto.public_of(user.keyring.private_key)
    except KeyLocked:
        return OwnKey([], False, True, name or "", vouched_at)
    words = crypto.fingerprint_words(crypto.fingerprint(public))
    return OwnKey(words, bytes(key) != public, False, name or "", vouched_at)


# --- Vouching ---------------------------------------------------------------------------------
def may_vouch(user: User) -> bool:
    """A caseworker who administers nobody, and who is in a team or vouched for herself."""
    if not user.has(Role.CASEWORKER) or user.has(Role.ADMINISTRATOR):
        return False
    return bool(database.value("vouched", user.pk) or database.value("my_teams"))


def list_keys_to_vouch(user: User) -> QuerySet[PublicKey]:
    """Keys nobody has vouched for, of people who work on cases, except her own and those of people she invited."""
    return (
        PublicKey.objects.filter(retired_at__isnull=True, vouch__isnull=True, user__is_active=True)
        .filter(user__roles__overlap=[Role.CASEWORKER, Role.LAWYER])
        .exclude(user=user)
        .exclude(user__invited_by=user)
        .select_related("user")
        .order_by("user__display_name", "pk")
    )


def get_key_to_vouch(user: User, key_id: UUID) -> PublicKey:
    found = list_keys_to_vouch(user).filter(pk=key_id).first()
    if found is None:
        raise Http404
    return found


# --- Teams ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class TeamSeen:
    """A team with its members by name."""

    kind: str
    label: str | Promise
    team: Team
    members: list[User]
    is_mine: bool


def list_teams(user: User) -> list[TeamSeen]:
    """The present teams; empty until somebody has set them up."""
    members: dict[str, list[UUID]] = {}
    for row in database.rows("team_people"):
        members.setdefault(row.kind, []).append(row.user_id)
    people = {
        person.pk: person for person in list_people().filter(pk__in={pk for ids in members.values() for pk in ids})
    }
    return [
        TeamSeen(
            kind=team.kind,
            label=TeamKind(team.kind).label,
            team=team,
            members=[people[pk] for pk in members.get(team.kind, []) if pk in people],
            is_mine=user.pk in members.get(team.kind, []),
        )
        for team in Team.objects.filter(retired_at__isnull=True).order_by("kind")
    ]


def list_candidates(teams: list[TeamSeen]) -> list[User]:
    """Vouched caseworkers who administer nobody and are not in every team yet."""
    everywhere = set.intersection(*[{person.pk for person in team.members} for team in teams]) if teams else set()
    found = list_people().filter(
        is_active=True, enrolled_at__isnull=False, vouched=True, roles__contains=[Role.CASEWORKER]
    )
    return list(found.exclude(roles__contains=[Role.ADMINISTRATOR]).exclude(pk__in=everywhere))


def teams_to_renew(user: User) -> list[Team]:
    """Teams of hers that somebody has left since their pair was made."""
    mine = TeamMember.objects.filter(user=user).values("team")
    return list(Team.objects.filter(pk__in=mine, retired_at__isnull=True, renew_due_at__isnull=False).order_by("kind"))


def get_team_member(user: User, kind: str, person_id: UUID) -> tuple[Team, User]:
    """A team of hers and another member of it; 404 for anything else."""
    for seen in list_teams(user):
        for person in seen.members:
            if seen.is_mine and seen.kind == kind and person.pk == person_id != user.pk:
                return seen.team, person
    raise Http404


def intake_ready() -> bool:
    """Two members of intake, both vouched for: until then no request can be accepted."""
    return bool(database.value("intake_ready"))


LATE = 5 * 60  # seconds since the worker's last tick


def get_health() -> Any:
    """Ages and numbers only."""
    return database.row("health")


def health_status(found: Any) -> str:
    """Late where the worker has not ticked for five minutes, or never, or a day's head of the log was not mailed."""
    late = found.seconds_since_tick is None or found.seconds_since_tick > LATE
    late = late or bool(found.heads_missing and settings.AUDIT_HEAD_RECIPIENTS)
    return "late" if late else "ok"


# --- The log ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Head:
    """A head of the log, as it is read out and as it is typed."""

    sequence: int
    hex: str
    words: list[str]


def log_heads(*, page: int) -> tuple[Head, Page]:
    """The head of the log as it is now, and the days with the heads that were kept. PostgreSQL shows others nothing."""
    now = database.row("audit_head")
    rows = database.rows("audit_days", settings.TIME_ZONE, (page - 1) * PAGE_SIZE, PAGE_SIZE + 1)
    for row in rows:
        row.head = _head(row) if row.hash is not None else None
    audit.seen(Action.LOG_VIEWED, "")
    return _head(now), Page(rows, page)


def _head(found: Any) -> Head:
    digest = bytes(found.hash)
    return Head(found.sequence, digest.hex(), crypto.fingerprint_words(digest))
