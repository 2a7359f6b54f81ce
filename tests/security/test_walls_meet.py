"""A wall holds for all that is the same matter, marking two as the same asks the walls first; walls on closed cases."""

from contextlib import nullcontext
from threading import Thread
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404

from accounts import database
from accounts.exceptions import NotAllowed, WrongState
from cases.access import get_case, get_request
from cases.access.walls import list_walls
from cases.choices import CaseRole
from cases.compartments import WallReason
from cases.models import Approval, HelpRequest
from cases.services import answering, approvals, closing, held, identity, walls
from cases.services.casework import write_note
from tests.cases.helpers import agree, assign, log, open_case, rate
from tests.conftest import as_definer
from tests.security.attack import NOTED_AT_ONCE, plant, rewritten, run, switched_off
from tests.security.test_identity import NAME

BOTH = {"reason": WallReason.NAMED, "text": "He is her brother."}


@pytest.fixture
def code(cast):
    """Ana leads; Boba is on intake and not on the case."""
    cast.intake()
    return open_case(cast)


def keep_out(cast, code, name, by="ana"):
    with cast.acting(by) as person:
        case = get_case(person, code).case
        walls.keep_out(case=case, person=getattr(cast, name), second=False, by=person, **BOTH)


def the_same(cast, request_code, code):
    with cast.acting("ana") as ana:
        request, case = get_request(ana, request_code), get_case(ana, code).case
        answering.mark_duplicate(request=request, other=None, case=case, nonce=uuid4(), note="", by=ana)


def sees_requests(cast, name) -> set[str]:
    cast.again(name)
    with cast.acting(name):
        return set(HelpRequest.objects.values_list("code", flat=True))


# --- The same matter --------------------------------------------------------------------------
@pytest.mark.parametrize("control", [True, False])
def test_a_wall_on_a_case_covers_what_is_marked_as_the_same(cast, code, definer, control):
    keep_out(cast, code, "boba")
    second = log(cast)
    plant("UPDATE cases_helprequest SET assignee_id = %s WHERE code = %s", cast.boba.pk, second)
    assert second in sees_requests(cast, "boba")
    with nullcontext() if control else rewritten("same_matter", "r.duplicate_of_id = m.id", "false"):
        the_same(cast, second, code)
        assert (second in sees_requests(cast, "boba")) is not control
    if not control:
        return
    assert definer.execute("SELECT assignee_id FROM cases_helprequest WHERE code = %s", [second]).fetchone() == (None,)
    left = "SELECT count(*) FROM cases_notice n JOIN cases_helprequest r ON r.id = n.request_id"
    assert definer.execute(f"{left} WHERE n.user_id = %s AND r.code = %s", [cast.boba.pk, second]).fetchone() == (0,)
    with cast.acting("boba") as boba, pytest.raises(Http404):
        get_request(boba, second)
    with cast.acting("ana") as ana:  # opened again it is a matter of its own
        answering.reopen_request(request=get_request(ana, second), by=ana)
    assert second in sees_requests(cast, "boba")


@pytest.mark.parametrize("control", [True, False])
def test_whom_the_wall_of_the_other_matter_now_covers_is_signed_out(cast, code, control):
    keep_out(cast, code, "boba")
    second = log(cast)
    client = cast.client("boba")
    off = rewritten("walls_join", "PERFORM app.sessions_end(k.person) FROM", "PERFORM k.person FROM")
    with nullcontext() if control else off:
        the_same(cast, second, code)
    assert client.get("/account").status_code == (302 if control else 200)


def test_whoever_must_not_see_the_second_request_is_kept_out_of_the_case_first(cast, code):
    assign(cast, code, "ceca", CaseRole.CASEWORKER)
    second = log(cast, by="ana", must_not_see=(cast.ceca.pk,))
    with pytest.raises(WrongState, match="keeps her out"):
        the_same(cast, second, code)
    with cast.acting("ana"), pytest.raises(DatabaseError, match="wall_first"), transaction.atomic():
        run(
            "UPDATE cases_helprequest SET state = 'duplicate', ended_at = now(), ended_by_id = app.uid(),"
            " end_reason = 'same_matter', duplicate_of_id = (SELECT request_id FROM cases_case) WHERE code = %s",
            second,
        )
    with cast.acting("ceca") as ceca:
        assert get_case(ceca, code)
    keep_out(cast, code, "ceca")
    the_same(cast, second, code)
    with cast.acting("ana") as ana:
        found = list_walls(get_case(ana, code).case.pk)
        assert [wall.name for wall in found] == ["Ceca", "Ceca"]
        assert list_walls(get_request(ana, second).pk) == []  # they are those of the case now
        for wall in found:
            with pytest.raises(NotAllowed):
                walls.lift_of_request(wall=wall, by=ana)
    with cast.acting("boba") as boba:
        request = get_request(boba, second)
        with pytest.raises(WrongState):
            walls.keep_out_of_request(request=request, person=cast.ana, by=boba, **BOTH)  # she leads the case


def test_a_wall_of_the_second_request_holds_for_the_case_from_then_on(cast, code):
    second = log(cast, must_not_see=(cast.boba.pk,))
    the_same(cast, second, code)
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        assert [wall.name for wall in list_walls(case.pk)] == ["Boba"]
        asked = walls.ask_to_lift(case=case, wall=list_walls(case.pk)[0], text="It was an error.", by=ana)
        assert database.value("may_be_asked", cast.boba.pk, case.pk) is False
    assert asked.kind == "lift_wall"


def test_two_that_name_each_other_end(cast, code, definer):
    first, _second = log(cast), log(cast)
    same = "UPDATE cases_helprequest r SET duplicate_of_id = o.id FROM cases_helprequest o WHERE r.id <> o.id"
    with switched_off("ALTER TABLE cases_helprequest DISABLE TRIGGER USER"):
        plant(same)
    (number,) = definer.execute(
        "SELECT count(*) FROM cases_helprequest r, app.same_matter(r.id) WHERE r.code = %s", [first]
    ).fetchone()
    assert number == 4  # with the request that became a case, and that case


# --- A closed case ----------------------------------------------------------------------------
def test_two_keep_a_holder_out_of_a_closed_case_and_let_her_in_again(cast, code):
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    assign(cast, code, "ceca", CaseRole.CASEWORKER)
    plant("UPDATE cases_assignment SET role = 'supervisor' WHERE user_id = %s", cast.ceca.pk)
    rate(cast, code, "standard")
    with cast.acting("ana") as ana:
        shut = {"state": "closed", "reason": "needs_met", "outcome": "none", "text": ""}
        closing.close_case(case=get_case(ana, code).case, by=ana, **shut)
        case_id = get_case(ana, code).case.pk
    client = cast.client("ana")
    page = f"/cases/{code}/walls/new"
    with cast.acting("ceca"), pytest.raises(database.Refused, match="not_allowed"), transaction.atomic():
        database.value("wall_ask", case_id, uuid4(), "set_wall", None, f"{cast.boba.pk}:named")  # no holder
    with cast.acting("ana"), pytest.raises(database.Refused, match="not_allowed"), transaction.atomic():
        database.value("wall_ask", case_id, uuid4(), "close_case", None, "closed:needs_met:none")
    assert 'name="text"' not in client.get(page).content.decode()
    assert client.post(page, {"person": str(cast.boba.pk), "reason": "named"}).status_code == 302
    again = client.post(page, {"person": str(cast.boba.pk), "reason": "named"})
    assert again.status_code == 422
    with cast.acting("ceca") as ceca:
        approvals.answer_approval(approval=Approval.objects.get(), approves=True, by=ceca)
    with cast.acting("boba") as boba, pytest.raises(Http404):
        get_case(boba, code)
    with cast.acting("ana") as ana:
        wall = list_walls(case_id)[0]
    assert client.post(f"/cases/{code}/walls/{wall.id}/lift", {}).status_code == 302
    with cast.acting("ceca") as ceca:
        approvals.answer_approval(approval=Approval.objects.get(state="asked"), approves=True, by=ceca)
    with cast.acting("ana") as ana:
        assert list_walls(case_id) == []


# --- The head of the log ----------------------------------------------------------------------
def head_is_free() -> bool:
    with as_definer() as other:
        try:
            other.execute("SELECT 1 FROM accounts_audithead FOR UPDATE NOWAIT")
        except Exception:  # noqa: BLE001 - the lock is held
            return False
        return True


@pytest.fixture
def card(cast, code):
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    with cast.acting("ana") as ana:
        identity.add_entry(case=get_case(ana, code).case, nonce=uuid4(), values=NAME, by=ana)
    return code


@pytest.mark.parametrize("control", [True, False])
def test_the_log_is_free_while_texts_are_compared_and_says_so_afterwards(cast, card, definer, control):
    off = switched_off(*NOTED_AT_ONCE)
    with nullcontext() if control else off, cast.acting("ana") as ana:
        held.said_of_case(case_id=get_case(ana, card).case.pk, by=ana)
        assert head_is_free() is control
    rows = definer.execute("SELECT actor FROM accounts_auditevent WHERE action = 'identity_compared'").fetchall()
    assert (str(cast.ana.pk),) in rows
    assert definer.execute("SELECT count(*) FROM app.audit_waiting").fetchone() == (0,)


def test_what_waits_for_the_log_is_not_taken_away(cast, card):
    with cast.acting("ana") as ana:
        held.said_of_case(case_id=get_case(ana, card).case.pk, by=ana)
        for statement in ("DELETE FROM app.audit_waiting", "SELECT * FROM app.audit_waiting"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                run(statement)


@pytest.mark.parametrize("control", [True, False])
def test_a_note_and_a_consent_on_one_case_do_not_wait_for_each_other_in_a_circle(cast, card, control):
    """Ana has looked and written; Boba locks the case and writes the log; then Ana commits.

    Where looking takes the head of the log at once, Boba waits for Ana with the case locked.
    """
    cast.person("boba").keyring  # noqa: B018 - opened before the race
    problems = []

    def consent() -> None:
        try:
            with cast.acting("boba") as boba:
                agree(get_case(boba, card).case, "contact", by=boba)
        except Exception as problem:  # noqa: BLE001 - a thread tells its test
            problems.append(problem)
        finally:
            connection.close()

    other = Thread(target=consent)
    with nullcontext() if control else switched_off(*NOTED_AT_ONCE):
        with cast.acting("ana") as ana:
            case = get_case(ana, card).case
            held.said_of_case(case_id=case.pk, by=ana)
            write_note(case=case, nonce=uuid4(), type="case_note", text="At the same time.", by=ana)
            other.start()
            other.join(timeout=20 if control else 3)
            waited = other.is_alive()
        other.join()
    assert problems == []
    assert waited is not control
