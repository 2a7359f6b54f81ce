"""Must not see, on a request: whom nobody alerts, who is left, who lifts it, and that it holds for the case as well."""

from contextlib import nullcontext

import pytest
from django.http import Http404

from accounts.exceptions import NotAllowed, WrongState
from accounts.models import Team
from accounts.services import teams
from cases.access import get_request
from cases.access.walls import list_walls
from cases.services import walls
from cases.services.accept import accept_request
from cases.services.requests import log_request
from tests.cases.helpers import log, new_request, on_call, open_case
from tests.security.attack import plant, rewritten, run
from tests.security.test_walls import BOTH, keep_out, sees


def urgent(**changes):
    return new_request(in_danger_now=True, **changes)


@pytest.mark.parametrize("named", [True, False])
def test_whom_she_names_while_logging_is_not_alerted(cast, definer, named):
    """Boba is on call. Without the wall the alert goes to her: that is the control."""
    cast.intake()
    on_call(cast, "boba")
    with cast.acting("ceca") as ceca:
        new = urgent(must_not_see=(cast.boba.pk,) if named else (), wall_text="Her neighbour")
        code = log_request(new=new, by=ceca)
        assert log_request(new=new, by=ceca) == code  # the same form again
    told = definer.execute("SELECT user_id FROM cases_notice WHERE kind = 'alert'").fetchall()
    assert told == [(cast.ana.pk if named else cast.boba.pk,)]
    mailed = definer.execute("SELECT recipient_id FROM cases_mailout").fetchall()
    assert ((cast.boba.pk,) in mailed) is not named
    assert definer.execute("SELECT count(*) FROM cases_wall").fetchone() == (1 if named else 0,)
    with cast.acting("boba") as boba:
        if named:
            with pytest.raises(Http404):
                get_request(boba, code)
            assert run("SELECT count(*) FROM cases_helprequest, vault_sealed") == [(0,)]
        else:
            assert get_request(boba, code)


def test_a_request_that_nobody_could_read_is_not_logged(cast):
    cast.intake()
    cast.person("lana")
    with cast.acting("ceca") as ceca, pytest.raises(WrongState):
        log_request(new=new_request(must_not_see=(cast.ana.pk, cast.boba.pk)), by=ceca)
    with cast.acting("ana") as ana:
        request = get_request(ana, log_request(new=new_request(), by=ana))
        walls.keep_out_of_request(request=request, person=cast.lana, by=ana, **BOTH)
        walls.keep_out_of_request(request=request, person=cast.boba, by=ana, **BOTH)
        with pytest.raises(NotAllowed):
            walls.keep_out_of_request(request=request, person=cast.ana, by=ana, **BOTH)


def test_a_wall_on_a_request_holds_for_its_case_and_one_on_a_case_for_its_request(cast, definer):
    cast.intake()
    code = log(cast, must_not_see=(cast.boba.pk,), wall_text="Her neighbour")
    with cast.acting("ana") as ana:
        request = get_request(ana, code)
        case = accept_request(request=request, title="T", looked_through="Looked through.", by=ana)
        found = list_walls(case.pk)
        assert [wall.name for wall in found] == ["Boba"]
        assert list(walls.read_reasons(case=case, walls=found, by=ana).values()) == ["Her neighbour"]
    assert sees(cast, case.code, "boba") == (False, 0)
    other = open_case(cast)
    with cast.acting("boba"):
        assert len(run("SELECT 1 FROM cases_helprequest")) == 1  # the request that the other case was
    keep_out(cast, other, "boba")
    with cast.acting("boba"):
        assert run("SELECT 1 FROM cases_helprequest") == []


def test_two_members_of_the_team_lift_a_wall_on_a_request(cast, definer):
    cast.intake()
    code = log(cast, must_not_see=(cast.lana.pk,))
    with cast.acting("ana") as ana:
        wall = list_walls(get_request(ana, code).pk)[0]
        assert walls.lift_of_request(wall=wall, by=ana) is False
        assert walls.lift_of_request(wall=wall, by=ana) is False  # alone she lifts nothing, however often she asks
    with cast.acting("ceca") as ceca, pytest.raises(NotAllowed):
        walls.lift_of_request(wall=wall, by=ceca)
    with cast.acting("boba") as boba:
        assert walls.lift_of_request(wall=wall, by=boba) is True
        assert list_walls(get_request(boba, code).pk) == []


def asked_past_the_site(cast, name):
    with cast.acting(name):
        return run("SELECT count(*) FROM app.request_walls_asked()")[0][0]


def test_whoever_may_lift_it_finds_it_on_her_desk_and_nobody_else(cast):
    cast.intake()
    cast.person("koka")
    cast.vouch("ana", "ceca")
    code = log(cast, must_not_see=(cast.boba.pk,))
    with cast.acting("ana") as ana:
        teams.add_member(team=Team.objects.get(kind="intake"), person=cast.ceca, by=ana)
        wall = list_walls(get_request(ana, code).pk)[0]
        walls.lift_of_request(wall=wall, by=ana)

    def on_her_desk(name):
        return f"/requests/{code}/walls" in cast.client(name).get("/").content.decode()

    assert [on_her_desk(name) for name in ("ana", "boba", "ceca", "lana", "koka")] == [False, False, True, False, False]
    allowed = "app.may_get_request(app.uid(), r.id) AND NOT app.is_of_a_case(r.id)"
    assert [asked_past_the_site(cast, name) for name in ("boba", "ceca", "lana", "koka")] == [0, 1, 0, 0]
    with rewritten("request_walls_asked", allowed, "true"):
        assert [asked_past_the_site(cast, name) for name in ("boba", "lana", "koka")] == [1, 1, 1]
    with cast.acting("ceca") as ceca:
        assert walls.lift_of_request(wall=wall, by=ceca) is True
    assert not on_her_desk("ceca")


def test_what_she_has_taken_goes_back_to_the_queue(cast):
    cast.intake()
    code = log(cast)
    plant("UPDATE cases_helprequest SET assignee_id = %s", cast.boba.pk)
    cast.client("boba")
    with cast.acting("ana") as ana:
        request = get_request(ana, code)
        walls.keep_out_of_request(request=request, person=cast.boba, by=ana, **BOTH)
        assert get_request(ana, code).assignee_id is None


@pytest.mark.parametrize("control", [True, False])
def test_whom_a_wall_keeps_from_a_request_of_her_team_is_signed_out(cast, control):
    cast.intake()
    code = log(cast)
    client = cast.client("boba")
    off = rewritten("wall_request_set", "PERFORM app.sessions_end(person);", "NULL;")
    with nullcontext() if control else off, cast.acting("ana") as ana:
        walls.keep_out_of_request(request=get_request(ana, code), person=cast.boba, by=ana, **BOTH)
    assert client.get("/account").status_code == (302 if control else 200)
