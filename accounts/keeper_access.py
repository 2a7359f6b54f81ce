"""What the pages about key keepers, ceremonies and small teams show. Everything comes from definer functions."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts import crypto, database, hooks, quorum
from accounts.access import list_people
from accounts.choices import CeremonyKind, CeremonyState, Role
from accounts.models import Acceptance, User

WANTED = 3  # keepers: with three any two open
NAMES_SHOWN = 25
ACTS_SHOWN = 50


@dataclass(frozen=True)
class KeeperSeen:
    """A keeper with the state of her key."""

    row: Any
    state: str  # invited, made, confirmed, outdated: made before proofs were kept, so it proves nobody

    @property
    def id(self) -> UUID:
        return self.row.id


def list_keepers() -> list[KeeperSeen]:
    return [KeeperSeen(row, _state(row)) for row in database.rows("keepers_list")]


def _state(row: Any) -> str:
    if row.key_made_at is None:
        return "invited"
    if not row.proved:
        return "outdated"
    return "confirmed" if row.confirmed_at else "made"


def get_keeper(keeper_id: UUID) -> KeeperSeen:
    found = next((keeper for keeper in list_keepers() if keeper.id == keeper_id), None)
    if found is None:
        raise Http404
    return found


def list_keepers_to_confirm(user: User) -> list[KeeperSeen]:
    """Keepers with a key that nobody has confirmed, for a member of intake, except those she named herself."""
    if not database.value("my_teams"):
        return []
    return [row for row in list_keepers() if row.state == "made" and row.row.invited_by_id != user.pk]


def get_keeper_link(token: str) -> Any:
    """Whom a keeper's link is for; None for a link that was used, has ended or never was."""
    return database.row("keeper_invited", crypto.token_hash(token)) if 20 <= len(token) <= 100 else None


def get_coverage() -> Any:
    """Of how many people two keepers could open the key; names of those whose copies miss, some of them."""
    return database.row("keeper_coverage", NAMES_SHOWN)


def warn_of_leaving(person: User) -> list[str]:
    """What an administrator reads before she deactivates somebody with a key: copies that miss, and what other apps say."""
    said = [sentence for warn in hooks.warns_of_leaving for sentence in warn(person.pk)]
    copies = database.row("keeper_copies_of", person.pk) if person.is_active else None
    if copies is None or 0 < copies.wanted == copies.there:
        return said
    if not copies.wanted:
        return [*said, _("There are no two key keepers: what only she can open is lost for good.")]
    if not copies.there:
        return [
            *said,
            _(
                "The key keepers have no copy of her key: what only she can open is lost for good, unless she signs in first."
            ),
        ]
    return [
        *said,
        _(
            "Copies of her key miss for some key keepers: not every two of them could hand it over, unless she signs in first."
        ),
    ]


def get_acceptance() -> Acceptance | None:
    """That the organisation accepted in writing that lost means lost."""
    return Acceptance.objects.filter(kind="loss").first()


# --- Ceremonies -------------------------------------------------------------------------------
def list_ceremonies(proof: bytes = b"") -> list[Any]:
    """Those that run and that the actor, or the keeper whose code gives this proof, may stop."""
    found = database.rows("ceremonies_running", proof)
    for row in found:
        row.kind_words, row.state_words = CeremonyKind(row.kind).label, CeremonyState(row.state).label
        row.can_stop = row.state not in ("opened", "done")
    return found


def list_stopped() -> list[Any]:
    """Those that a keeper stopped in the last thirty days, for whom they concern and for administrators."""
    found = database.rows("ceremonies_stopped")
    for row in found:
        row.kind_words = CeremonyKind(row.kind).label
    return found


def list_running_handovers(person: User) -> list[Any]:
    """The hand-over of what only she could open that runs, for administrators: at most one."""
    return [row for row in list_ceremonies() if row.about == person.pk and row.kind == CeremonyKind.HANDOVER]


def has_left_keys(person: User) -> bool:
    """Whether something was set aside of somebody who has left, for administrators: only then it can be handed over."""
    return bool(database.value("handover_waits", person.pk))


def list_handovers() -> list[Any]:
    """What she was named to take over, with the words for the keepers."""
    found = database.rows("handover_mine")
    for row in found:
        row.words = crypto.fingerprint_words(row.fingerprint) if row.fingerprint else []
        row.state_words = CeremonyState(row.state).label
    return found


def list_successors(user: User) -> list[User]:
    """Who may take over: vouched caseworkers who administer nobody."""
    found = list_people().filter(is_active=True, enrolled_at__isnull=False, vouched=True)
    found = found.filter(roles__contains=[Role.CASEWORKER]).exclude(roles__contains=[Role.ADMINISTRATOR])
    return list(found.exclude(pk=user.pk))


# --- Small teams ------------------------------------------------------------------------------
@dataclass(frozen=True)
class ActSeen:
    """An announced act with the words of its rule."""

    row: Any
    what: str | Promise
    person: User | None

    @property
    def state(self) -> str:
        if self.row.reviewed_at:
            return "reviewed"
        if self.row.done_at:
            return "done"
        return "cancelled" if self.row.cancelled_at else "open"

    @property
    def is_due(self) -> bool:
        return self.row.due_at <= timezone.now()


def list_acts() -> list[ActSeen]:
    rows = database.rows("delayed_list", ACTS_SHOWN)
    wanted = [row.record_id for row in rows if row.rule == "vouch" and row.record_id]
    people = {person.pk: person for person in list_people().filter(pk__in=wanted)} if wanted else {}
    return [ActSeen(row, _what(row.rule), people.get(row.record_id)) for row in rows]


def _what(code: str) -> str | Promise:
    rule = quorum.by_code(code)
    return rule.what if rule is not None else code


def may_do_alone(rule: str, record_id: UUID) -> bool:
    """Whether fewer people than the rule needs are able now, so that the page offers the fallback."""
    return bool(database.value("fallback_open", rule, record_id))


def announced(rule: str, record_id: UUID) -> ActSeen | None:
    """Her own announcement of this act that is neither done nor stopped."""
    return next(
        (act for act in list_acts() if act.state == "open" and (act.row.rule, act.row.record_id) == (rule, record_id)),
        None,
    )


def desk_hints() -> Any:
    """Numbers for the desk, asked once: ceremonies that concern her, hand-overs named to her, acts to look at."""
    return database.row("key_hints")
