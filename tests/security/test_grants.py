"""An identity open to somebody besides lead and backup: who asks, who approves, what covers it, what is forged."""

from contextlib import nullcontext
from functools import partial
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from psycopg import errors

from accounts import crypto, database
from accounts.exceptions import NotAllowed, WrongState
from cases.access import grants
from cases.access.closing import list_blocks
from cases.access.consents import get_consent
from cases.access.identity import active_grant
from cases.choices import CaseRole
from cases.compartments import GrantState
from cases.models import IdentityEntry, Notice
from cases.policies import GRANT_COVERED_BY
from cases.services import consents, identity, protection
from cases.services import grants as service
from cases.services.closing import close_case
from config.database.clauses import grant_cover
from tests.cases.helpers import agree, assign, open_case, rate
from tests.conftest import as_definer
from tests.security.attack import open_table, plant, rewritten, run, switched_off
from tests.security.granting import (
    ANYBODY,
    ANYTHING,
    PROTECT,
    WALL,
    act,
    approve,
    ask,
    case_with_a_card,
    consent_of,
    granted,
    look,
    names,
    on_the_case,
    shown,
    state,
    wraps,
)
from tests.security.test_identity import NAME


@pytest.fixture
def code(cast):
    return case_with_a_card(cast)


# --- The way it is meant ----------------------------------------------------------------------
def test_asked_approved_looked_and_ended_by_hand(cast, code, definer):
    grant = ask(cast, code)
    assert ask(cast, code) == grant  # a second click
    with on_the_case(cast, "boba", code) as (boba, opened):
        assert [row.pk for row in grants.list_waiting(boba)] == [grant]
        assert Notice.objects.filter(user=boba, kind="grant", acknowledged_at__isnull=True).count() == 1
        assert list_blocks(opened.case).grants
    assert approve(cast, code, grant) == GrantState.ACTIVE
    assert approve(cast, code, grant) == GrantState.ACTIVE  # a second click
    assert wraps(definer, cast) == 1
    look(cast, code)
    assert names(cast, code) == ["Milica Petrović"]
    act(cast, code, grant, service.end_grant, "lana")
    act(cast, code, grant, service.end_grant, "lana")
    assert shown(cast) == 0
    assert wraps(definer, cast) == 0
    assert state(definer, grant) == ("ended", "by_hand")
    with pytest.raises(NotAllowed):
        look(cast, code)
    lines = definer.execute("SELECT detail FROM cases_timelineentry WHERE detail ~ '^grant' ORDER BY at").fetchall()
    assert [line for (line,) in lines] == ["grant_asked:grant:document", "grant_active:grant", "grant_ended:by_hand"]
    logged = definer.execute(
        "SELECT action FROM accounts_auditevent WHERE action ~ '^grant' ORDER BY sequence"
    ).fetchall()
    assert [action for (action,) in logged] == ["grant_asked", "grant_approved", "grant_ended"]


def test_a_case_does_not_close_while_it_is_open_to_somebody(cast, code):
    grant = granted(cast, code)
    rate(cast, code, "standard")
    shut = {"state": "closed", "reason": "needs_met", "outcome": "none", "text": ""}
    with on_the_case(cast, "ana", code) as (ana, opened):
        with pytest.raises(WrongState):
            close_case(case=opened.case, by=ana, **shut)
        with pytest.raises(database.Refused, match="blocked"), transaction.atomic():
            database.value("case_close", opened.case.pk, "closed", "needs_met", "none")
    act(cast, code, grant, service.end_grant, "ana")
    with on_the_case(cast, "ana", code) as (ana, opened):
        close_case(case=opened.case, by=ana, **shut)


def test_refused_and_asked_anew(cast, code, definer):
    grant = ask(cast, code)
    act(cast, code, grant, partial(service.decline_grant, text=""), "boba")
    assert state(definer, grant)[0] == "declined"
    with pytest.raises(WrongState):
        approve(cast, code, grant)
    assert ask(cast, code) != grant


def test_one_at_a_time(cast, code):
    granted(cast, code)
    with pytest.raises(WrongState):
        ask(cast, code, reason="other")


def test_whoever_holds_the_key_already_or_only_interprets_does_not_ask(cast, code):
    assign(cast, code, "ceca", CaseRole.INTERPRETER)
    for name in ("ana", "boba", "ceca"):
        with pytest.raises(NotAllowed):
            ask(cast, code, name)
    asked = ("grant_ask", uuid4(), None, "grant", "document")
    with cast.acting("ljilja"), pytest.raises(database.Refused), transaction.atomic():
        database.value(*asked)
    assign(cast, code, "ljilja")
    plant("UPDATE cases_assignment SET advice_only = true WHERE user_id = %s", cast.ljilja.pk)
    with pytest.raises(NotAllowed):
        ask(cast, code, "ljilja", kind="representation")


def test_postgresql_has_the_list_of_the_policies(definer):
    (source,) = definer.execute("SELECT prosrc FROM pg_proc WHERE proname = 'consent_covers'").fetchone()
    assert grant_cover() in source
    assert len(GRANT_COVERED_BY) == 10


# --- Who approves -----------------------------------------------------------------------------
def test_nobody_approves_her_own(cast, code):
    grant, consent = ask(cast, code), consent_of(cast, code)
    with pytest.raises(NotAllowed):
        approve(cast, code, grant, "lana", consent=consent)
    directly(cast, "lana", grant, consent)


APPROVERS = {
    "a supervisor": ("ceca", ""),
    "a walled holder": ("boba", WALL),
    "a holder without the key": ("boba", "DELETE FROM vault_wrap WHERE purpose = 'identity' AND user_id = %s"),
    "somebody who left": ("boba", "UPDATE cases_assignment SET state = 'ended' WHERE user_id = %s"),
}


@pytest.mark.parametrize("who", APPROVERS)
def test_only_holders_with_the_key_and_without_a_wall_approve(cast, code, who):
    name, change = APPROVERS[who]
    assign(cast, code, "ceca", CaseRole.SUPERVISOR)
    grant, consent = ask(cast, code), consent_of(cast, code)
    if change:
        plant(change, getattr(cast, name).pk)
    directly(cast, name, grant, consent)


def directly(cast, name, grant, consent):
    """Asked of PostgreSQL itself, with something sealed to Lana already: refused, and done with the control off."""
    plant(
        "INSERT INTO vault_wrap (id, case_id, purpose, version, user_id, state, sealed, made_at, made_by_id)"
        " SELECT gen_random_uuid(), c.id, 'identity', 1, %s, 'offered', 'x', now(), %s FROM cases_case c",
        cast.lana.pk,
        getattr(cast, name).pk,
    )
    call = ("grant_approve", grant, consent.pk, 24)
    with cast.acting(name), pytest.raises(database.Refused, match="not_allowed"), transaction.atomic():
        database.value(*call)
    with switched_off(*ANYBODY), cast.acting(name):
        assert database.value(*call) == "active"


def test_of_a_protected_case_two_holders_agree(cast, code, definer):
    plant(PROTECT)
    grant = ask(cast, code)
    for _click in range(2):
        assert approve(cast, code, grant) == GrantState.ASKED
    assert wraps(definer, cast) == 0
    with on_the_case(cast, "boba", code) as (boba, _opened):
        assert [row.pk for row in grants.list_waiting(boba)] == [grant]
    assert approve(cast, code, grant, "boba", hours=168) == GrantState.ACTIVE
    row = definer.execute("SELECT hours, approved_by_id, second_by_id FROM cases_identitygrant").fetchone()
    assert row == (24, cast.ana.pk, cast.boba.pk)  # the shorter time counts
    look(cast, code)
    assert names(cast, code) == ["Milica Petrović"]


def test_a_first_approval_that_stands_no_more_is_given_anew(cast, code, definer):
    plant(PROTECT)
    grant = ask(cast, code)
    approve(cast, code, grant)
    first = consent_of(cast, code).pk
    with on_the_case(cast, "ana", code) as (ana, opened):
        consents.withdraw_consent(consent=get_consent(opened, first), by=ana)
    plant("UPDATE cases_consent SET withdrawn_at = withdrawn_at - interval '1 day' WHERE withdrawn_at IS NOT NULL")
    with on_the_case(cast, "ana", code) as (ana, opened):
        paper = {"how": "written", "recipient": "Lana", "signed_on": timezone.localdate()}
        agree(opened.case, "representation", by=ana, **paper)
    assert approve(cast, code, grant, "boba") == GrantState.ASKED
    assert wraps(definer, cast) == 0
    assert approve(cast, code, grant, "ana") == GrantState.ACTIVE


# --- What covers it ---------------------------------------------------------------------------
UNFIT = {
    "refused": "UPDATE cases_consent SET given = false",
    "withdrawn": "UPDATE cases_consent SET withdrawn_at = now()",
    "expired a second ago": "UPDATE cases_consent SET expires_at = clock_timestamp() - interval '1 second'",
    "for something else": "UPDATE cases_consent SET purpose = 'statistics'",
}


@pytest.mark.parametrize("change", UNFIT.values(), ids=UNFIT)
def test_a_consent_that_does_not_cover_it_gives_nothing(cast, code, definer, change):
    grant, consent = ask(cast, code), consent_of(cast, code)
    plant(change)
    with pytest.raises(WrongState):
        approve(cast, code, grant, consent=consent)
    assert wraps(definer, cast) == 0
    with switched_off(*ANYTHING):
        assert approve(cast, code, grant, consent=consent) == GrantState.ACTIVE


def test_a_consent_that_ends_in_a_moment_still_covers_and_ends_it(cast, code, definer):
    grant = ask(cast, code)
    plant("UPDATE cases_consent SET expires_at = clock_timestamp() + interval '1 hour'")
    approve(cast, code, grant)
    ends = definer.execute(
        "SELECT until = o.expires_at FROM cases_identitygrant g JOIN cases_consent o ON o.id = g.consent_id"
    )
    assert ends.fetchone() == (True,)


def test_a_consent_of_another_case_covers_nothing(cast, code):
    other = open_case(cast)
    with on_the_case(cast, "ana", other) as (ana, opened):
        agree(opened.case, "representation", how="written", recipient="Lana", by=ana)
    grant, consent = ask(cast, code), consent_of(cast, other)
    with pytest.raises(WrongState):
        approve(cast, code, grant, consent=consent)
    with switched_off(*ANYTHING):
        assert approve(cast, code, grant, consent=consent) == GrantState.ACTIVE
    with pytest.raises(NotAllowed):  # and then the policies ask whose consent it is
        look(cast, code)


def test_representation_wants_it_in_writing(cast, code):
    plant("UPDATE cases_consent SET how = 'spoken'")
    grant = ask(cast, code, kind="representation")
    with pytest.raises(WrongState):
        approve(cast, code, grant)
    plant("UPDATE cases_consent SET how = 'written'")
    assert approve(cast, code, grant) == GrantState.ACTIVE


@pytest.mark.parametrize("hours", [0, 169, None])
def test_at_most_seven_days(cast, code, hours):
    grant = ask(cast, code)
    with pytest.raises(NotAllowed):
        approve(cast, code, grant, hours=hours)


def test_no_grant_is_active_without_a_number_of_hours_whoever_writes_it(cast, code):
    granted(cast, code)
    for hours in ("NULL", "0", "169"):
        with pytest.raises(errors.CheckViolation):
            plant(f"UPDATE cases_identitygrant SET hours = {hours}")


@pytest.mark.parametrize("control", [True, False])
def test_protecting_a_case_ends_what_one_person_approved(cast, code, definer, control):
    grant = granted(cast, code)
    with nullcontext() if control else rewritten("case_protect", "g.second_by_id IS NULL", "false"):
        with on_the_case(cast, "ana", code) as (ana, opened):
            protection.protect_case(case=opened.case, by=ana)
        assert state(definer, grant) == (("ended", "protected") if control else ("active", ""))
        assert wraps(definer, cast) == (0 if control else 1)


@pytest.mark.parametrize("control", [True, False])
def test_representation_on_a_protected_case_is_confirmed_by_another_holder_each_time(cast, code, definer, control):
    plant(PROTECT)
    grant = ask(cast, code, kind="representation")
    approve(cast, code, grant)
    approve(cast, code, grant, "boba")
    with nullcontext() if control else rewritten("grant_confirm", "IS NOT DISTINCT FROM app.uid()", "= g.case_id"):
        if not control:
            act(cast, code, grant, service.confirm_grant, "boba")
            return
        with pytest.raises(WrongState):
            act(cast, code, grant, service.confirm_grant, "boba")
        act(cast, code, grant, service.confirm_grant, "ana")
        with pytest.raises(WrongState):
            act(cast, code, grant, service.confirm_grant, "ana")
    row = definer.execute("SELECT approved_by_id, second_by_id FROM cases_identitygrant").fetchone()
    assert row == (cast.boba.pk, cast.ana.pk)


def test_a_key_that_nobody_vouched_for_gets_nothing(cast, code):
    grant = ask(cast, code)
    plant(
        "DELETE FROM accounts_vouch v USING accounts_publickey k WHERE k.id = v.public_key_id AND k.user_id = %s",
        cast.lana.pk,
    )
    with pytest.raises(WrongState):
        approve(cast, code, grant)
    consent = consent_of(cast, code).pk
    with cast.acting("ana"), pytest.raises(database.Refused, match="not_vouched"), transaction.atomic():
        database.value("grant_approve", grant, consent, 24)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cases_assignment SET state = 'ended' WHERE user_id = %s",
        "UPDATE cases_assignment SET role = 'interpreter' WHERE user_id = %s",
        "UPDATE accounts_user SET is_active = false, deactivated_at = now(), deactivated_by_id = id WHERE id = %s",
        WALL,
    ],
)
def test_whoever_is_not_on_the_case_as_she_was_gets_nothing(cast, code, change):
    grant, consent = ask(cast, code), consent_of(cast, code)
    plant(change, cast.lana.pk)
    with cast.acting("ana"), pytest.raises(database.Refused, match="left_case"), transaction.atomic():
        database.value("grant_approve", grant, consent.pk, 24)


# --- Forged and moved -------------------------------------------------------------------------
FORGED = (
    "INSERT INTO cases_identitygrant (id, case_id, person_id, assignment_id, consent_id, kind, reason, state, asked_at,"
    " asked_by_id, approved_at, approved_by_id, hours, until, end_reason) SELECT gen_random_uuid(), a.case_id, a.user_id, a.id, o.id,"
    " 'grant', 'document', 'active', now(), a.user_id, now(), a.offered_by_id, 24, now() + interval '1 day', ''"
    " FROM cases_assignment a JOIN cases_consent o ON o.case_id = a.case_id WHERE a.role = 'lawyer'"
)


def test_a_forged_row_is_refused_and_opens_nothing_without_a_key(cast, code):
    with cast.acting("lana"), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        run(FORGED)
    opened = ("GRANT INSERT ON cases_identitygrant TO PUBLIC", open_table("cases_identitygrant"))
    with switched_off(*opened), cast.acting("lana"):
        run(FORGED)  # without the control
    look(cast, code)
    assert shown(cast) == 0


def test_a_grant_is_good_for_its_own_case_only(cast, code):
    """A row that names the role or the consent of another case opens neither."""
    granted(cast, code)
    other = open_case(cast)
    assign(cast, other, "lana", voucher="")
    with on_the_case(cast, "ana", other) as (ana, opened):
        agree(opened.case, "representation", how="written", recipient="Lana", by=ana)
        identity.add_entry(case=opened.case, nonce=uuid4(), values=NAME, by=ana)
        second = opened.case
    plant(FORGED + " AND a.case_id = %s", second.pk)

    def entries():
        with on_the_case(cast, "lana", other) as (lana, opened):
            found = IdentityEntry.objects.filter(case=opened.case).count()
            assert (active_grant(lana, opened.case) is not None) == (found > 0)
            return found

    assert entries() == 1  # as it should be: this is what each part is worth
    moved = "UPDATE cases_identitygrant SET {0} = (SELECT {0} FROM cases_identitygrant WHERE case_id <> %s) WHERE case_id = %s"
    for part in ("assignment_id", "consent_id"):
        before = run_as_definer(f"SELECT {part} FROM cases_identitygrant WHERE case_id = %s", second.pk)
        plant(moved.format(part), second.pk, second.pk)
        assert entries() == 0, part
        plant(f"UPDATE cases_identitygrant SET {part} = %s WHERE case_id = %s", before, second.pk)


def run_as_definer(statement, *arguments):
    with as_definer() as definer:
        return definer.execute(statement, arguments).fetchone()[0]


def test_wraps_of_two_grants_exchanged_open_nothing(cast, code):
    other = open_case(cast)
    assign(cast, other, "lana", voucher="")
    with on_the_case(cast, "ana", other) as (ana, opened):
        agree(opened.case, "representation", how="written", recipient="Lana", by=ana)
        identity.add_entry(case=opened.case, nonce=uuid4(), values=NAME, by=ana)
    for one in (code, other):
        approve(cast, one, ask(cast, one))
        look(cast, one)
        assert names(cast, one) == ["Milica Petrović"]
    plant(
        "UPDATE vault_wrap w SET sealed = o.sealed FROM vault_wrap o WHERE w.user_id = %s AND w.purpose = 'identity'"
        " AND o.user_id = w.user_id AND o.purpose = w.purpose AND o.case_id <> w.case_id",
        cast.lana.pk,
    )
    for one in (code, other):
        with pytest.raises(crypto.CannotOpen):
            names(cast, one)
