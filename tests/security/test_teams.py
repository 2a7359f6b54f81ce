"""Intake teams: who may make them, who may come in, and the administrator who invites herself."""

import re

import pytest
from django.test import Client

from accounts import actor, audit, crypto, database
from accounts.backend import SignedInBackend
from accounts.exceptions import NotAllowed, WrongState
from accounts.keyring import Keyring
from accounts.models import PublicKey, Team, TeamMember
from accounts.services import people, teams
from cases.services.requests import log_request
from tests.accounts.helpers import fresh_codes, sign_in
from tests.accounts.test_people import enrolment, opened
from tests.cases.helpers import log, new_request


def team(kind: str = "intake") -> Team:
    return Team.objects.get(kind=kind, retired_at__isnull=True)


def members(definer) -> set[str]:
    return {
        name
        for (name,) in definer.execute(
            "SELECT u.login_name FROM accounts_teammember m JOIN accounts_user u ON u.id = m.user_id"
        )
    }


def test_set_up_through_the_pages(cast, definer):
    ana, boba = cast.client("ana"), cast.client("boba")
    assert b"no request can be accepted" in ana.get("/teams").content
    assert ana.post("/teams/set-up").status_code == 302
    assert b"no request can be accepted" in ana.get("/teams").content
    assert b"set up already" in boba.post("/teams/set-up", follow=True).content
    assert b"Nobody can be let in now" in ana.get("/teams/add").content
    cast.vouch("ana", "boba")
    for kind in ("intake", "restricted"):
        assert ana.post("/teams/add", {"kind": kind, "person": str(cast.boba.pk)}).status_code == 302
    assert b"no request can be accepted" in ana.get("/teams").content  # nobody has vouched for Ana
    cast.vouch("boba", "ana")
    page = boba.get("/teams").content
    assert b"no request can be accepted" not in page
    assert b"Ana" in page
    with cast.acting("boba") as by:
        mine = team()
        assert crypto.public_of(teams.team_private_key(team=mine, by=by)) == bytes(mine.public_key)


def test_only_vouched_caseworkers_who_do_not_administer_come_in(cast, definer):
    cast.intake()
    for name in ("ceca", "lana", "koka"):
        cast.person(name)
    page = cast.client("ana").get("/teams/add").content
    for name in (b"Ceca", b"Lana", b"Koka", b"Vera"):
        assert name not in page
    for name in ("ceca", "lana", "koka", "vera"):
        with cast.acting("ana") as ana, pytest.raises(WrongState):
            teams.add_member(team=team(), person=cast.person(name).user, by=ana)
    cast.vouch("ana", "ceca")
    with cast.acting("ana") as ana:
        teams.add_member(team=team(), person=cast.ceca, by=ana)  # the same call, once somebody has vouched
    assert members(definer) == {"ana", "boba", "ceca"}


def test_restricted_intake_has_three_at_the_most(cast):
    cast.intake()
    names = ["ceca", "dara"]
    with cast.acting("vera") as vera:
        dara, token = people.invite(
            login_name="dara",
            display_name="Dara",
            roles=["caseworker"],
            language="en",
            address="d@example.org",
            by=vera,
        )
    cast._enrol("dara", dara, token)
    for name in names:
        cast.vouch("ana", name)
    with cast.acting("ana") as ana:
        teams.add_member(team=team("restricted"), person=cast.ceca, by=ana)
    with cast.acting("ana") as ana, pytest.raises(WrongState, match="three"):
        teams.add_member(team=team("restricted"), person=cast.person("dara").user, by=ana)


def test_who_is_no_member_adds_nobody_and_has_no_key(cast):
    cast.intake()
    cast.vouch("ana", "ceca")
    client = cast.client("ceca")
    assert client.get("/teams/add").status_code == 403
    assert client.post("/teams/add", {"kind": "intake", "person": str(cast.ceca.pk)}).status_code == 403
    with cast.acting("ceca") as ceca:
        with pytest.raises(NotAllowed):
            teams.team_private_key(team=team(), by=ceca)
        assert TeamMember.objects.count() == 0  # whatever others hold is not hers to see
    with cast.acting("ceca"), pytest.raises(database.Refused):
        database.value("team_add", team().pk, cast.ceca.pk, b"forged")


@pytest.mark.parametrize("name", ["vera", "lana", "koka"])
def test_others_have_no_pages_of_teams(cast, name):
    client = cast.client(name)
    assert client.get("/teams").status_code == 403
    assert client.post("/teams/set-up").status_code == 403
    with cast.acting(name) as by, pytest.raises(NotAllowed):
        teams.create_team(kind="intake", by=by)


def self_invited(cast, definer) -> tuple[Client, object, Keyring]:
    """Vera invites "Nada", opens the link herself and enrols with her own phone."""
    vera = cast.client("vera")
    fields = {
        "display_name": "Nada",
        "login_name": "nada",
        "address": "n@example.org",
        "roles": ["caseworker"],
        "language": "en",
    }
    token = re.search(r"/invitation/([\w-]{43})", vera.post("/people/invite", fields).content.decode())[1]
    browser, hidden, secret = opened(token)
    browser.post("/invitation", enrolment(hidden, secret))
    fresh_codes(definer)

    class Nada:
        login_name = "nada"
        totp_secret = secret

    assert sign_in(browser, Nada).status_code == 302
    (user_id,) = definer.execute("SELECT id FROM accounts_user WHERE login_name = 'nada'").fetchone()
    return browser, SignedInBackend().get_user(user_id), browser.session.session_hash


def test_an_administrator_who_invites_herself_gets_nowhere(cast, definer):
    cast.intake()
    browser, nada, session_hash = self_invited(cast, definer)
    assert browser.get("/teams/add").status_code == 403
    assert b"set up already" in browser.post("/teams/set-up", follow=True).content
    assert b"You cannot vouch yet" in browser.get("/vouch").content
    (key_id, print_) = definer.execute(
        "SELECT id, fingerprint FROM accounts_publickey WHERE user_id = %s", [nada.pk]
    ).fetchone()
    assert cast.client("vera").post(f"/vouch/{key_id}", {"words": "any"}).status_code == 403
    with audit.outer_transaction():
        actor.act_as(user_id=nada.pk, session_hash=session_hash)
        with pytest.raises(NotAllowed):
            people.vouch(key=PublicKey.objects.get(pk=key_id), fingerprint=print_, by=nada)
        assert database.value("my_teams") == []
    with cast.acting("ana") as ana, pytest.raises(WrongState, match="vouched"):
        teams.add_member(team=team(), person=nada, by=ana)
    assert members(definer) == {"ana", "boba"}


def test_and_with_vouching_switched_off_she_would(cast, definer):
    """The control is what keeps her out: a planted vouch, and the same call lets her in."""
    cast.intake()
    _browser, nada, _session_hash = self_invited(cast, definer)
    definer.execute(
        "INSERT INTO accounts_vouch (public_key_id, fingerprint, vouched_by_id, vouched_at)"
        " SELECT id, fingerprint, %s, now() FROM accounts_publickey WHERE user_id = %s",
        [cast.boba.pk, nada.pk],
    )
    with cast.acting("ana") as ana:
        teams.add_member(team=team(), person=nada, by=ana)
    assert members(definer) == {"ana", "boba", "nada"}


def test_nothing_is_sealed_to_a_team_that_nobody_could_open(cast, definer):
    """When the last member is gone, logging says so, and a new pair can be made."""
    cast.intake()
    code = log(cast)
    cast.vouch("ana", "ceca")
    for name in ("ana", "boba"):
        with cast.acting("vera") as vera:
            people.deactivate(person=getattr(cast, name), by=vera)
    with cast.acting("ceca") as ceca, pytest.raises(WrongState):
        log_request(new=new_request(), by=ceca)
    with cast.acting("ceca") as ceca:
        teams.set_up(by=ceca)
        assert log_request(new=new_request(), by=ceca) != code
    versions = definer.execute("SELECT kind, max(version) FROM accounts_team GROUP BY kind ORDER BY kind").fetchall()
    assert versions == [("intake", 2), ("restricted", 2)]
