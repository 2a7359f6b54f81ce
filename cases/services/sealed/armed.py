"""The reach key sealed to the intake team while reach is armed, and opened by whoever is on call."""

from typing import Any

from django.utils import timezone

from accounts import crypto
from accounts.database import insert_once
from accounts.models import Team, User
from accounts.services import genuine
from accounts.services.teams import team_private_key
from cases.choices import Purpose, WrapState
from cases.models import Case
from cases.services.sealed import payload
from cases.services.sealed.keys import held_keys, newest_key, wrap_binding
from cases.services.sealed.rows import field_binding
from cases.vault.models import Sealed, Wrap

REACH = "case.reach"


def offer_to_team(*, case: Case, team: Team, by: User) -> None:
    """Seal the reach key to a team: the newest version, and the one under which it stands how she is reached.

    Raises NotHeld, KeySwapped.

    PostgreSQL lets it in only for the present intake team, and only while reach is armed.
    """
    public_key = genuine.team_key(team)
    newest = newest_key(case_id=case.pk, purpose=Purpose.REACH, by=by)  # one that the log knows
    card = Sealed.objects.filter(case_id=case.pk, record_id=case.pk, field=REACH, current=True)
    wanted = {newest.version, *card.values_list("key_version", flat=True)}
    wraps = [
        Wrap(
            case=case,
            purpose=Purpose.REACH,
            version=key.version,
            team=team,
            state=WrapState.LIVE,
            sealed=crypto.seal_to_person(
                public_key, key.key, bound_to=wrap_binding(case.pk, Purpose.REACH, key.version, team.pk)
            ),
            made_at=timezone.now(),
            made_by=by,
        )
        for key in held_keys(case_id=case.pk, purpose=Purpose.REACH, by=by).values()
        if key.version in wanted
    ]
    for wrap in wraps:  # each by itself: a version that was due and made just above came with the team's wrap
        insert_once(wrap)


def open_reach(*, sealed: Any, by: User) -> dict[str, str]:
    """Open what app.duty_reach gave, with the team's private key. Raises NotAllowed, crypto.CannotOpen."""
    private_key = team_private_key(team=Team.objects.get(pk=sealed.team_id), by=by)
    key, _schema = crypto.open_as_person(
        private_key, sealed.wrap, bound_to=wrap_binding(sealed.case_id, Purpose.REACH, sealed.version, sealed.team_id)
    )
    place = field_binding(sealed.case_id, sealed.case_id, REACH, Purpose.REACH, sealed.version, sealed.revision)
    plaintext, schema = crypto.open_with_key(key, sealed.payload, bound_to=place)
    return payload.unpack(REACH, plaintext, schema)
