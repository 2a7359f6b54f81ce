"""Team keys: intake and restricted intake. The private half is sealed to each member by a member."""

from uuid import uuid4

from accounts import audit, crypto, database
from accounts.choices import TeamKind
from accounts.exceptions import NotAllowed
from accounts.models import PublicKey, Team, TeamMember, User
from accounts.services import genuine
from accounts.services.people import explain


def member_binding(team_id: object, user_id: object) -> bytes:
    """Where the sealed private half of a team's pair belongs: this team, this member."""
    return crypto.binding("team", team_id, user_id)


def current_key(user: User) -> bytes | None:
    """The public half of her present key. Raises KeySwapped where somebody changed the row."""
    key = PublicKey.objects.select_related("vouch").filter(user=user, retired_at__isnull=True).first()
    return genuine.person_key(key) if key is not None else None


def set_up(*, by: User) -> None:
    """The first intake member makes both pairs. Raises WrongState, NotAllowed."""
    with audit.unit():
        for kind in (TeamKind.INTAKE, TeamKind.RESTRICTED):
            create_team(kind=kind, by=by)


def create_team(*, kind: TeamKind, by: User) -> None:
    """Make the pair of a team; the first intake member makes both. Raises WrongState, NotAllowed."""
    own = current_key(by)
    if own is None:
        raise NotAllowed
    pair, team_id = crypto.new_pair(), uuid4()
    sealed = crypto.seal_to_person(own, pair.private, bound_to=member_binding(team_id, by.pk))
    try:
        with audit.unit():
            database.value("team_create", team_id, str(kind), pair.public, sealed)
    except database.Refused as refused:
        raise explain(refused) from None


def team_private_key(*, team: Team, by: User) -> bytes:
    """The private half, for a member with her keyring open. Raises NotAllowed for everybody else."""
    membership = TeamMember.objects.filter(team=team, user=by).first()
    if membership is None:
        raise NotAllowed
    return by.keyring.open(membership.sealed_team_key, bound_to=member_binding(team.pk, by.pk))


def add_member(*, team: Team, person: User, by: User) -> None:
    """Let a vouched caseworker into a team. Never automatic, never by an administrator."""
    key = current_key(person)
    if key is None:
        raise NotAllowed
    private = team_private_key(team=team, by=by)
    sealed = crypto.seal_to_person(key, private, bound_to=member_binding(team.pk, person.pk))
    try:
        with audit.unit():
            database.value("team_add", team.pk, person.pk, sealed)
    except database.Refused as refused:
        raise explain(refused) from None


def remove_member(*, team: Team, person: User, by: User) -> None:
    """Take somebody out of a team and make its new pair at once. Raises WrongState, NotAllowed.

    She keeps her account and her cases. What waits is sealed anew afterwards, piece by piece.
    """
    try:
        with audit.unit():
            database.value("team_remove", team.pk, person.pk)
            renew_pair(team=team, by=by)
    except database.Refused as refused:
        raise explain(refused) from None


def renew_pair(*, team: Team, by: User) -> None:
    """A new pair for whoever is a member now, and nobody else. Where a colleague was faster, hers stands.

    Raises KeySwapped where a member's public key is not the one in the log.
    """
    members = [row.team_recipients for row in database.rows("team_recipients", team.pk)]
    keys = PublicKey.objects.select_related("vouch").filter(user__in=members, retired_at__isnull=True)
    pair, team_id = crypto.new_pair(), uuid4()
    wraps = [
        {
            "to": str(key.user_id),
            "sealed": crypto.seal_to_person(
                genuine.person_key(key), pair.private, bound_to=member_binding(team_id, key.user_id)
            ).hex(),
        }
        for key in keys
    ]
    try:
        with audit.unit():
            database.value("team_renew", team_id, team.pk, pair.public, {"wraps": wraps})
    except database.Refused as refused:
        if refused.reason != "wrong_state":
            raise explain(refused) from None
