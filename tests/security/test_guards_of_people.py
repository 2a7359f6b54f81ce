"""Guards of functions about people, keys, offers and erasing, met past the site and taken out (as test_guards.py)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from psycopg.types.json import Jsonb

from accounts.services import people, recovery
from cases.access import get_case, get_request
from cases.choices import CaseRole
from cases.services.assignment import offer_assignment
from tests.cases.helpers import SLIP, log, open_case
from tests.security.attack import plant, run
from tests.security.guarding import Call, a_case, met_and_taken_out

TOMORROW = timedelta(days=1)
FIRST_OF_ALL = "(app.is_owner() AND NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.enrolled_at IS NOT NULL))"


def an_administrator_invites_herself(cast) -> Call:
    """Ana is no administrator, and would be one under another name."""
    cast.intake()
    values = (
        uuid4(),
        "mallory",
        "Mallory",
        ["administrator"],
        "en",
        "m@example.net",
        b"t" * 32,
        timezone.now() + TOMORROW,
    )
    guard = (
        f"NOT (app.has_role('administrator')\n          OR {FIRST_OF_ALL}\n"
        "          OR (app.restoring() AND given_roles = '{administrator}'))"
    )
    return Call("ana", "person_invite", values, "not_allowed", guard)


def invited(cast):
    cast.person("ana")
    with cast.acting("vera") as vera:
        person, _token = people.invite(
            login_name="mina",
            display_name="Mina",
            roles=["caseworker"],
            language="en",
            address="mina@example.net",
            by=vera,
        )
    return person


def somebody_takes_over_an_invitation(cast) -> Call:
    values = (invited(cast), b"t" * 32, timezone.now() + TOMORROW)
    guard = f"NOT (app.has_role('administrator')\n          OR {FIRST_OF_ALL})"
    return Call("ana", "invitation_renew", values, "not_allowed", guard)


def who_has_enrolled_is_invited_again(cast) -> Call:
    """Whoever opened the link would set her password."""
    cast.person("ana")
    return Call(
        "vera", "invitation_renew", (cast.ana.pk, b"t" * 32, timezone.now() + TOMORROW), "wrong_state", "NOT FOUND"
    )


def a_lawyer_gets_the_key_of_intake(cast) -> Call:
    cast.intake()
    cast.vouch("boba", "lana")
    with cast.acting("ana"):
        team = run("SELECT id FROM accounts_team WHERE kind = 'intake'")[0][0]
    guard = (
        "NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = person AND u.is_active AND 'caseworker' = ANY (u.roles)\n"
        "                  AND NOT 'administrator' = ANY (u.roles))"
    )
    return Call("ana", "team_add", (team, cast.lana.pk, b"x" * 80), "role_does_not_fit", guard)


def a_colleague_is_deactivated_by_a_colleague(cast) -> Call:
    cast.intake()
    return Call("ana", "person_deactivate", (cast.boba.pk,), "not_allowed", "NOT app.has_role('administrator')")


def another_password_with_a_wrong_code(cast) -> Call:
    """Boba sets a password for Ana with a recovery code that she made up."""
    cast.intake()
    with cast.acting("boba") as boba:
        private_key = boba.keyring.private_key
    proof = recovery.prepare(user_id=cast.ana.pk, password="sasvim nova recenica ovde", private_key=private_key)
    values = (cast.ana.pk, b"made up", Jsonb(proof.columns))
    guard = "person = app.uid() OR b.recovery_check = sha256(recovery_proof)"
    return Call("boba", "proof_change", values, "not_allowed", guard, instead="TRUE")


def offered(cast, *, seal: bool = True):
    """Lana is asked onto Ana's case as its lawyer, and has not answered the slip."""
    cast.intake()
    code = open_case(cast)
    cast.vouch("boba", "lana")
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        asked = offer_assignment(case=case, person=cast.lana, role=CaseRole.LAWYER, slip=SLIP, by=ana).pk
    if not seal:
        plant("DELETE FROM vault_wrap WHERE user_id = %s", cast.lana.pk)
    return asked


def keys_said_to_be_sealed(cast) -> Call:
    asked = offered(cast, seal=False)
    guard = "NOT app.keys_complete(hit.case_id, hit.user_id, hit.role, 'offered')"
    return Call("ana", "assignment_keys_sealed", (asked,), "keys_missing", guard)


def accepted_before_the_slip(cast) -> Call:
    return Call("lana", "assignment_answer", (offered(cast), True), "slip_missing", "NOT app.slip_clear(wanted)")


def accepted_without_keys(cast) -> Call:
    asked = offered(cast, seal=False)
    plant("UPDATE cases_conflictslip SET answer = 'clear', answered_at = now()")
    guard = "hit.keys_sealed_at IS NULL OR NOT app.keys_complete(hit.case_id, hit.user_id, hit.role, 'offered')"
    return Call("lana", "assignment_answer", (asked, True), "keys_missing", guard)


def accepted_in_a_role_that_she_lost(cast) -> Call:
    asked = offered(cast)
    plant("UPDATE cases_conflictslip SET answer = 'clear', answered_at = now()")
    plant("UPDATE accounts_user SET roles = '{coordinator}' WHERE id = %s", cast.lana.pk)
    guard = "NOT app.may_take_role(hit.user_id, hit.role)"
    return Call("lana", "assignment_answer", (asked, True), "role_does_not_fit", guard)


def a_colleague_is_put_off_the_case(cast) -> Call:
    """Ceca works on it and holds not all keys."""
    _code, _case = a_case(cast)
    with cast.acting("ana"):
        lawyer = run("SELECT id FROM cases_assignment WHERE user_id = %s", cast.lana.pk)[0][0]
    return Call("ceca", "assignment_end", (lawyer, "work_done"), "not_allowed", "NOT FOUND")


def a_request_is_erased_without_the_second_factor(cast) -> Call:
    cast.intake()
    code = log(cast)
    with cast.acting("ana") as ana:
        request = get_request(ana, code).pk
    plant("UPDATE cases_helprequest SET state = 'information_given', ended_at = now(), ended_by_id = %s", cast.ana.pk)
    values = (request, "her_wish", uuid4())
    return Call("ana", "request_erase", values, "step_up", "NOT app.stepped_up()", stepped_up=False)


GUARDS = (
    an_administrator_invites_herself, somebody_takes_over_an_invitation, who_has_enrolled_is_invited_again,
    a_lawyer_gets_the_key_of_intake, a_colleague_is_deactivated_by_a_colleague, another_password_with_a_wrong_code,
    keys_said_to_be_sealed, accepted_before_the_slip, accepted_without_keys, accepted_in_a_role_that_she_lost,
    a_colleague_is_put_off_the_case, a_request_is_erased_without_the_second_factor,
)  # fmt: skip


@pytest.mark.parametrize("arrange", GUARDS, ids=lambda made: made.__name__)
def test_what_a_function_refuses(cast, arrange):
    met_and_taken_out(cast, arrange(cast))
