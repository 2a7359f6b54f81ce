"""A wish of a coordinator takes only its own line from the desks, and no other line about the same case."""

import pytest

from cases.choices import AssignmentState
from cases.models import Assignment, MoveRequest
from cases.services.assignment import end_assignment
from cases.services.moves import answer_move, take_back
from tests.cases.helpers import assign, open_case
from tests.security.test_moves import wish

CHANGED = "Who works on this case has changed."
ASKED = "Koka asks you to bring Ceca onto this case."


@pytest.fixture
def code(cast):
    cast.intake()
    cast.vouch("ana", "ceca")
    return open_case(cast)


def leave(cast, name: str) -> None:
    with cast.acting(name) as person:
        row = Assignment.objects.select_related("case", "user").get(user=person, state=AssignmentState.LIVE)
        end_assignment(assignment=row, reason="own_wish", by=person)


def desk(cast) -> tuple[int, int]:
    """How often Ana reads that somebody asks, and that somebody has left."""
    page = cast.client("ana").get("/").content.decode()
    return page.count(ASKED), page.count(CHANGED)


def test_a_wish_that_is_taken_back_takes_its_own_line_only(cast, code, definer):
    assign(cast, code, "lana")
    asked = wish(cast, code)
    assert desk(cast) == (1, 0)
    definer.execute("UPDATE cases_notice SET acknowledged_at = now() WHERE kind = 'move'")
    leave(cast, "lana")
    with cast.acting("koka") as koka:
        take_back(code=code, move_id=asked, by=koka)
    assert desk(cast) == (0, 1)


def test_who_leaves_while_a_wish_waits_has_a_line_of_her_own(cast, code):
    assign(cast, code, "lana")
    asked = wish(cast, code)
    leave(cast, "lana")
    assert desk(cast) == (1, 1)
    with cast.acting("koka") as koka:
        take_back(code=code, move_id=asked, by=koka)
    assert desk(cast) == (0, 1)


def test_an_answer_takes_the_line_of_the_wish_only(cast, code):
    assign(cast, code, "lana")
    wish(cast, code)
    leave(cast, "lana")
    with cast.acting("ana") as ana:
        answer_move(move=MoveRequest.objects.select_related("case").get(), state="declined", by=ana)
    assert desk(cast) == (0, 1)
