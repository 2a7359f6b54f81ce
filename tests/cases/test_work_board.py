"""The work board: fixed columns for coordinators, no content, nothing protected, nothing walled."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts import database
from accounts.exceptions import NotAllowed
from cases.access import get_case, work_board
from cases.choices import ROLE_KEYS, ROLE_PERMISSIONS, Severity
from cases.services.deadlines import set_deadline
from tests.cases.helpers import assign, open_case
from tests.security.attack import plant

COLUMNS = {
    "code",
    "stage",
    "risk",
    "held_by",
    "lead_away",
    "lead_load",
    "others",
    "offers",
    "moves",
    "next_due_on",
    "overdue",
    "unattended",
    "opened_on",
}


@pytest.fixture
def board(cast):
    cast.intake()
    codes = [open_case(cast) for _case in range(3)]
    assign(cast, codes[0], "lana")
    with cast.acting("ana") as ana:
        set_deadline(
            case=get_case(ana, codes[1]).case,
            nonce=uuid4(),
            due_on=timezone.localdate(),
            severity=Severity.ROUTINE,
            assignee=None,
            text="Call",
            by=ana,
        )
    return codes


def shown(cast, name: str = "koka") -> list:
    with cast.acting(name) as person:
        return list(work_board(person, page=1)[0])


def test_the_coordinator_sees_who_holds_what_and_what_is_late(cast, board):
    plant("UPDATE cases_deadline SET due_on = %s", timezone.localdate() - timedelta(days=2))
    rows = shown(cast)
    assert [row.code for row in rows] == [board[1], board[0], board[2]]
    assert [row.overdue for row in rows] == [1, 0, 0]
    assert {row.held_by for row in rows} == {"Ana"}
    assert next(row for row in rows if row.code == board[0]).others == 1
    assert set(vars(rows[0])) == COLUMNS


def test_each_order_and_each_filter_of_the_board(cast, board):
    plant("UPDATE cases_case SET risk = 'elevated', next_due_on = current_date + 1 WHERE code = %s", board[0])
    plant(
        "UPDATE cases_case SET risk = 'immediate', opened_at = opened_at - interval '9 days' WHERE code = %s", board[2]
    )
    plant("UPDATE cases_case SET next_due_on = current_date - 1 WHERE code = %s", board[1])
    plant("UPDATE cases_assignment SET state = 'ended' WHERE role = 'lead' AND case_id = (SELECT id FROM cases_case WHERE code = %s)", board[0])  # fmt: skip

    def codes(**chosen):
        with cast.acting("koka") as koka:
            return [row.code for row in work_board(koka, page=1, **chosen)[0]]

    assert codes() == [board[1], board[0], board[2]]
    assert codes(sort="risk") == [board[2], board[1], board[0]], "unknown stands beside high"
    assert codes(sort="opened") == [board[2], board[0], board[1]]
    assert codes(sort="load") == [board[1], board[2], board[0]], "whoever nobody leads comes last"
    assert codes(sort="i.id; DROP TABLE cases_case") == codes()
    assert codes(only="overdue") == [board[1]]
    assert codes(only="alone") == [board[0]]
    assert codes(only="moving") == []
    assert codes(risk="immediate") == [board[2]]


@pytest.mark.parametrize("name", ["ana", "lana", "vera", "ceca"])
def test_nobody_else_sees_it_not_even_past_access(cast, board, name):
    with pytest.raises(NotAllowed):
        shown(cast, name)
    with cast.acting(name):
        assert database.rows("work_board", 0, 50, "UTC", "", "", "", "") == []
        assert database.value("protected_without_holder") == 0


def test_protected_and_walled_cases_are_not_on_it(cast, board):
    plant("UPDATE cases_case SET compartment = 'protected' WHERE code = %s", board[0])
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_case WHERE code = %s",
        cast.koka.pk,
        cast.ana.pk,
        board[1],
    )
    assert [row.code for row in shown(cast)] == [board[2]]
    with cast.acting("koka") as koka:
        assert work_board(koka, page=1)[1] == 0
    plant("UPDATE cases_assignment SET state = 'ended' WHERE role = 'lead'")
    with cast.acting("koka") as koka:
        assert work_board(koka, page=1)[1] == 1


def test_roles_on_a_case_mean_the_same_in_python_and_in_postgresql(definer):
    for role, permissions in ROLE_PERMISSIONS.items():
        assert definer.execute("SELECT app.role_permissions(%s)", [str(role)]).fetchone() == (list(permissions),)
        assert definer.execute("SELECT app.role_keys(%s)", [str(role)]).fetchone() == (
            [str(key) for key in ROLE_KEYS[role]],
        )
