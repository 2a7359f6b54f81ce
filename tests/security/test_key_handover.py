"""Handing over the key of somebody who has left: two keepers, one successor, what was parked, and nothing else."""

import pytest

from accounts import crypto, database, hooks
from accounts.exceptions import NotAllowed, WrongState
from accounts.services import ceremonies, people, takeover
from cases.access import get_case
from cases.models import Assignment, Case
from cases.services.sealed import content, keys, parked
from tests.cases.helpers import assign, open_case
from tests.keepers import give, make_copies, pass_delay, three_keepers
from tests.security.attack import plant, rewritten


@pytest.fixture
def codes(cast) -> list[str]:
    """Three keepers, Ana's copies made; Ceca vouched for."""
    cast.intake()
    found = three_keepers(cast)
    make_copies(cast, "ana")
    cast.vouch("boba", "ceca")
    return found


def leave(cast, name: str = "ana") -> None:
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.person(name).user, by=vera)


def name(cast, *protected: str, to: str = "ceca"):
    with cast.acting("vera") as vera:
        return takeover.name_successor(
            departed=cast.ana, successor=cast.person(to).user, protected=list(protected), by=vera
        )


def opened(cast, definer, codes, request_id, to: str = "ceca") -> None:
    with cast.acting(to) as by:
        words = " ".join(takeover.begin(request_id=request_id, by=by))
    give(codes[0], words)
    pass_delay(definer)
    give(codes[2], words)


def finish(cast, request_id, to: str = "ceca") -> int:
    with cast.acting(to) as by:
        return takeover.finish(request_id=request_id, by=by)


def test_the_hook_is_registered_once():
    assert hooks.on_handover == [parked.take_over]


def test_the_sole_holder_leaves_and_her_case_is_readable_again(cast, definer, codes):
    code = open_case(cast)
    assign(cast, code, "lana")  # holds content, and could give it to nobody
    leave(cast)
    request_id = name(cast)
    opened(cast, definer, codes, request_id)
    with cast.acting("ceca"):
        assert not Case.objects.filter(code=code).exists()
    assert finish(cast, request_id) == 1
    with cast.acting("ceca") as ceca:
        case = get_case(ceca, code).case
        assert Assignment.objects.get(case=case, user=ceca, state="live").role == "lead"
        for purpose in ("content", "reach"):
            assert content.read(case_id=case.pk, record_ids=[case.pk], purpose=purpose, by=ceca), purpose
        assert keys.held_keys(case_id=case.pk, purpose="identity", by=ceca)  # opened like everybody, with a reason
    assert definer.execute(
        "SELECT count(*) FROM vault_wrap WHERE state = 'parked' OR user_id = %s", [cast.ana.pk]
    ).fetchone() == (0,)
    left = "SELECT count(*) FROM accounts_ceremony WHERE result IS NOT NULL OR sealed_request IS NOT NULL"
    assert definer.execute(left).fetchone() == (0,)
    assert definer.execute("SELECT count(*) FROM accounts_keepercopy").fetchone() == (0,)
    with pytest.raises(WrongState):
        finish(cast, request_id)


def test_it_is_offered_only_where_something_was_set_aside(cast, codes):
    open_case(cast)
    leave(cast, "boba")  # holds no key of the case
    leave(cast)
    vera = cast.client("vera")
    pages = [vera.get(f"/people/{person.pk}").content.decode() for person in (cast.ana, cast.boba)]
    assert ["Hand it over with two key keepers" in page for page in pages] == [True, False]
    assert ["there is nothing to hand over" in page for page in pages] == [False, True]
    with cast.acting("vera"):
        assert [database.value("handover_waits", person.pk) for person in (cast.ana, cast.boba)] == [True, False]
    with cast.acting("ceca"):
        assert database.value("handover_waits", cast.ana.pk) is False


def test_where_somebody_leads_the_case_the_successor_is_backup(cast, definer, codes):
    code = open_case(cast)
    assign(cast, code, "boba", role="backup", voucher="")
    plant(
        "DELETE FROM vault_wrap w USING accounts_user u WHERE u.id = w.user_id AND u.login_name = 'boba' AND w.purpose = 'identity'"
    )
    leave(cast)
    with cast.acting("boba"):
        database.value("lead_take", Case.objects.get(code=code).pk)
    request_id = name(cast)
    opened(cast, definer, codes, request_id)
    assert finish(cast, request_id) == 1
    with cast.acting("ceca") as ceca:
        assert Assignment.objects.get(case__code=code, user=ceca, state="live").role == "backup"


def test_protected_cases_only_by_name(cast, definer, codes):
    named, silent, plain = open_case(cast), open_case(cast), open_case(cast)
    plant("UPDATE cases_case SET compartment = 'protected' WHERE code IN (%s, %s)", named, silent)
    leave(cast)
    request_id = name(cast, named, "ZZZZ-ZZZZ")
    opened(cast, definer, codes, request_id)
    with rewritten("parked_wraps", "c.compartment = 'standard'", "true"), cast.acting("ceca"):
        assert len({row.case_id for row in database.rows("parked_wraps", request_id)}) == 3
    assert finish(cast, request_id) == 2
    with cast.acting("ceca"):
        assert set(Case.objects.values_list("code", flat=True)) == {named, plain}
    assert definer.execute("SELECT count(*) FROM accounts_keepercopy").fetchone() == (
        6,
    )  # one case still needs her key


def test_a_wall_beats_the_hand_over(cast, definer, codes):
    code = open_case(cast)
    leave(cast)
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id) SELECT gen_random_uuid(), c.id, u.id, now(), u.id"
        " FROM cases_case c, accounts_user u WHERE c.code = %s AND u.login_name = 'ceca'",
        code,
    )
    request_id = name(cast)
    opened(cast, definer, codes, request_id)
    with rewritten("parked_wraps", "NOT app.is_walled(app.uid(), c.id)", "true"), cast.acting("ceca"):
        assert database.rows("parked_wraps", request_id)
    assert finish(cast, request_id) == 0
    with cast.acting("ceca"):
        assert not Case.objects.exists()


def test_nobody_but_the_successor_sees_or_takes_what_is_parked(cast, definer, codes):
    open_case(cast)
    leave(cast)
    request_id = name(cast)
    with cast.acting("ceca"):
        assert database.rows("parked_wraps", request_id) == []  # before two codes were given
    opened(cast, definer, codes, request_id)
    for other in ("boba", "vera"):
        with cast.acting(other) as by:
            assert database.rows("parked_wraps", request_id) == []
            with pytest.raises(WrongState):
                takeover.finish(request_id=request_id, by=by)
    with rewritten("parked_wraps", "h.successor_id = app.uid()", "true"), cast.acting("boba") as boba:
        rows = database.rows("parked_wraps", request_id)
        assert rows  # with the rule off she reads wraps, and opens none: the key is sealed to the successor
        with pytest.raises(crypto.CannotOpen):
            boba.keyring.open(
                rows[0].sealed, bound_to=crypto.binding("wrap", rows[0].case_id, rows[0].purpose, 1, cast.ana.pk)
            )


def test_who_names_and_who_may_take_over(cast, definer, codes):
    open_case(cast)
    with pytest.raises(WrongState):
        name(cast)  # she has not left
    leave(cast)
    with cast.acting("boba") as boba, pytest.raises(NotAllowed):
        takeover.name_successor(departed=cast.ana, successor=cast.ceca, protected=[], by=boba)
    for successor in ("vera", "koka", "lana"):
        cast.person(successor)
        with pytest.raises((WrongState, NotAllowed)):
            name(cast, to=successor)
    definer.execute("UPDATE accounts_user SET roles = '{administrator,caseworker}' WHERE login_name = 'vera'")
    with pytest.raises(NotAllowed):
        name(cast, to="vera")  # an administrator never names herself
    name(cast)
    with pytest.raises(WrongState):
        name(cast, to="boba")  # one at a time


def test_an_administrator_can_stop_it_before_the_second_code(cast, definer, codes):
    open_case(cast)
    leave(cast)
    request_id = name(cast)
    with cast.acting("ceca") as ceca:
        words = " ".join(takeover.begin(request_id=request_id, by=ceca))
    give(codes[0], words)
    with cast.acting("vera"):
        ceremonies.stop(request_id=request_id)
    with cast.acting("ceca") as ceca, pytest.raises(WrongState):
        takeover.finish(request_id=request_id, by=ceca)
