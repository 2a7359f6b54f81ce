"""A wall against the coordinator ends what she asked for on the case."""

from contextlib import nullcontext

import pytest

from cases.access import get_case
from cases.access.moves import list_moves
from cases.models import MoveRequest
from cases.services import walls
from tests.cases.helpers import log, open_case
from tests.security.attack import switched_off
from tests.security.test_conflict_slip import as_function
from tests.security.test_moves import wish
from tests.security.test_walls_meet import the_same

NOTHING_ENDS = "app.moves_end(cases uuid[], people uuid[]) RETURNS void LANGUAGE sql AS $$ SELECT $$"


@pytest.fixture
def asked(cast) -> tuple[str, str]:
    """Koka asks for Ceca on two cases of Ana."""
    cast.intake()
    cast.vouch("ana", "ceca")
    codes = open_case(cast), open_case(cast)
    for code in codes:
        assert wish(cast, code)
    return codes


def keep_out(cast, code) -> list[str]:
    """Returns where Ana is asked still."""
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        walls.keep_out(case=case, person=cast.koka, reason="named", text="", second=False, by=ana)
        return [move.case.code for move in list_moves(ana)]


def test_the_wish_of_whoever_must_not_see_the_case_ends_with_the_wall(cast, asked):
    """Nothing of it is left on the lead's desk, and nothing on the board of whoever asked; another case is not touched."""
    code, other = asked
    assert cast.client("ana").get("/").content.decode().count("asks you to bring Ceca") == 2
    assert keep_out(cast, code) == [other]
    with cast.acting("ana"):
        assert [row.state for row in MoveRequest.objects.filter(case__code=code)] == ["declined"]
    assert cast.client("ana").get("/").content.decode().count("asks you to bring Ceca") == 1
    assert code not in cast.client("koka").get("/board").content.decode()


def test_without_it_the_wish_would_stay_with_the_lead(cast, asked):
    with switched_off(*as_function(NOTHING_ENDS)):
        assert set(keep_out(cast, asked[0])) == set(asked)


@pytest.mark.parametrize("control", [True, False])
def test_it_ends_too_where_the_wall_comes_from_a_request_that_is_the_same(cast, asked, control):
    code, other = asked
    walled = log(cast, must_not_see=(cast.koka.pk,), wall_text="Family")
    with nullcontext() if control else switched_off(*as_function(NOTHING_ENDS)):
        the_same(cast, walled, code)
        with cast.acting("ana") as ana:
            still = {move.case.code for move in list_moves(ana)}
    assert still == ({other} if control else {code, other})
