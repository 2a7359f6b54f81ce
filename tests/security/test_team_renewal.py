"""A member leaves a team: a new pair for whoever stays, what waits sealed to it, nothing for her."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from accounts import crypto, database
from accounts.access import intake_ready
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import Team
from accounts.services import people, teams
from cases.access import get_case, get_request
from cases.access.team_keys import left_to_do
from cases.models import HelpRequest
from cases.services import arming, walls
from cases.services.accept import accept_request
from cases.services.answering import acknowledge
from cases.services.sealed import inbox, rotation
from cases.services.team_keys import go_on
from tests.cases.helpers import WORDS, arm, armed_for, log, open_case
from tests.security.attack import plant, switched_off
from tests.security.test_wraps import check


@pytest.fixture
def three(cast):
    """Ana, Boba and Ceca are intake."""
    cast.intake()
    cast.vouch("boba", "ceca")
    with cast.acting("ana") as ana:
        teams.add_member(team=intake(), person=cast.ceca, by=ana)


def intake():
    return Team.objects.get(kind="intake", retired_at__isnull=True)


def remove(cast, name, by="ana"):
    with cast.acting(by) as member:
        teams.remove_member(team=intake(), person=getattr(cast, name), by=member)


def words(cast, code, name):
    with cast.acting(name) as reader:
        return inbox.open_request(request=get_request(reader, code), fields=(inbox.WORDS,), by=reader)[inbox.WORDS]


def test_a_member_taken_out_reads_nothing_and_her_copy_of_the_key_opens_nothing_new(cast, three, definer):
    code = log(cast)
    with cast.acting("ceca") as ceca:
        old_private = teams.team_private_key(team=intake(), by=ceca)
    remove(cast, "ceca")
    with cast.acting("ana") as ana:
        assert go_on(by=ana) == 1
        assert not left_to_do(ana)
    later = log(cast, by="boba")
    assert words(cast, code, "boba") == words(cast, later, "ana") == WORDS
    with cast.acting("ceca"):
        assert HelpRequest.objects.filter(code=later).count() == 0
    rows = definer.execute(
        "SELECT r.id, s.field, s.payload, t.id, t.version FROM vault_sealed s JOIN cases_helprequest r ON r.id = s.request_id"
        " JOIN accounts_team t ON t.id = r.team_id"
    ).fetchall()
    assert len(rows) == 6
    for request_id, field, payload, team_id, version in rows:
        assert version == 2
        place = crypto.binding("request", request_id, field, inbox.PURPOSES[field], team_id, version)
        with pytest.raises(crypto.CannotOpen):
            crypto.open_as_person(old_private, bytes(payload), bound_to=place)


def test_every_version_of_every_envelope_is_sealed_anew(cast, three):
    code, lana = log(cast), cast.lana
    with cast.acting("boba") as boba:
        request = get_request(boba, code)
        inbox.revise_request(request=request, field=inbox.RISK, value={"sc1": "no"}, by=boba)
        inbox.revise_request(request=request, field=inbox.RISK, value={"sc1": "yes"}, by=boba)
        walls.keep_out_of_request(request=request, person=lana, reason="knows", text="Her cousin.", by=boba)
    remove(cast, "ceca")
    with cast.acting("ana") as ana:
        go_on(by=ana)
        opened = inbox.open_request(
            request=get_request(ana, code), fields=(inbox.WORDS, inbox.CONTACTS, inbox.RISK, inbox.INBOX), by=ana
        )
        assert opened[inbox.RISK] == {"sc1": "yes"}
        assert len(opened) == 4
        assert list(walls.read_reasons_of_request(request=get_request(ana, code), by=ana).values()) == ["Her cousin."]
        case = accept_request(request=get_request(ana, code), title="T", looked_through="L", by=ana)
        assert case.pk


def test_while_it_is_not_done_whoever_stays_reads_and_new_requests_go_to_the_new_key(cast, three):
    code = log(cast)
    remove(cast, "ceca")
    assert words(cast, code, "boba") == WORDS
    with cast.acting("boba") as boba:
        assert left_to_do(boba).to_reseal == 1
        acknowledge(request=get_request(boba, code), by=boba)
    assert words(cast, log(cast, by="boba"), "ana") == WORDS


def test_after_a_deactivation_the_next_sign_in_of_a_member_makes_the_pair(cast, three):
    code = log(cast)
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.ceca, by=vera)
    with cast.acting("boba") as boba:
        assert [team.kind for team in left_to_do(boba).to_renew] == ["intake"]
    client = cast.client("boba")
    desk = client.get("/").content.decode()
    assert 'hx-trigger="load, submit"' in desk
    part = client.post("/team-keys", headers={"HX-Request": "true", "Sidro-Background": "1"}).content.decode()
    assert "sealed to their present keys" in part
    with cast.acting("ana"):
        assert intake().version == 2
    assert words(cast, code, "ana") == WORDS
    assert "New key of a team" not in client.get("/").content.decode()


def test_in_pieces_and_resumed_by_anybody(cast, three, monkeypatch):
    codes = [log(cast) for _number in range(3)]
    remove(cast, "ceca")
    monkeypatch.setattr("cases.services.team_keys.A_PIECE", 2)
    with cast.acting("ana") as ana:
        assert go_on(by=ana) == 2
    with cast.acting("boba") as boba:
        assert left_to_do(boba).to_reseal == 1
        assert go_on(by=boba) == 1
    assert {words(cast, code, "ana") for code in codes} == {WORDS}


def test_requests_given_to_her_have_nobody_again_and_accepted_ones_follow(cast, three, definer):
    open_case(cast)
    code = log(cast)
    definer.execute("UPDATE cases_helprequest SET assignee_id = %s WHERE code = %s", [cast.ceca.pk, code])
    remove(cast, "ceca")
    found = definer.execute(
        "SELECT r.state, r.assignee_id, t.version FROM cases_helprequest r JOIN accounts_team t ON t.id = r.team_id ORDER BY 1"
    )
    assert found.fetchall() == [("accepted", None, 2), ("new", None, 1)]


def test_with_one_member_left_intake_is_not_ready_and_health_says_so(cast, definer):
    cast.intake()
    remove(cast, "boba")
    with cast.acting("ana"):
        assert not intake_ready()
    assert "fewer than two members" in cast.client("ana").get("/teams").content.decode()
    assert definer.execute("SELECT intake_members, pairs_to_renew FROM app.health()").fetchone() == (1, 0)


def test_the_last_member_keeps_what_only_she_can_open(cast, definer):
    cast.intake()
    for name in ("boba", "ana"):
        with cast.acting("vera") as vera:
            people.deactivate(person=getattr(cast, name), by=vera)
    members = definer.execute("SELECT DISTINCT user_id FROM accounts_teammember").fetchall()
    assert members == [(cast.ana.pk,)]


def test_reach_that_is_armed_stays_reachable_through_the_old_pair(cast, three):
    code = open_case(cast)
    attempt = armed_for(cast, code, "boba")
    remove(cast, "ceca")
    with cast.acting("boba") as boba:
        assert arming.open_call(attempt_id=attempt, by=boba).contacts
    with cast.acting("ana") as ana:
        arming.disarm(case=get_case(ana, code).case, by=ana)
    arm(cast, code)  # to the new pair


def test_who_may_take_whom_out(cast, three):
    for by, name in (("ana", "ana"), ("lana", "boba"), ("vera", "boba"), ("koka", "boba")):
        with cast.acting(by) as person, pytest.raises((NotAllowed, WrongState)):
            teams.remove_member(team=intake(), person=getattr(cast, name), by=person)
    with cast.acting("ana") as ana, pytest.raises(WrongState):
        teams.remove_member(team=intake(), person=cast.koka, by=ana)
    plant("UPDATE accounts_session SET stepped_up_at = now() - interval '6 minutes'")
    with cast.acting("ana"), pytest.raises(database.Refused, match="step_up"):
        database.value("team_remove", intake().pk, cast.ceca.pk)


def test_postgresql_takes_no_pair_for_somebody_new_nor_one_that_is_not_due(cast, three):
    assert cast.lana

    def renew(team, to):
        given = {"wraps": [{"to": str(getattr(cast, name).pk), "sealed": "00"} for name in to]}
        return database.value("team_renew", uuid4(), team.pk, b"p" * 32, given)

    with cast.acting("ana"), pytest.raises(database.Refused, match="wrong_state"), transaction.atomic():
        renew(intake(), ["ana", "boba", "ceca"])
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.ceca, by=vera)
    for to in (["ana"], ["ana", "boba", "lana"], ["ana", "ceca"], ["ana", "boba", "boba"]):
        with cast.acting("ana"), pytest.raises(database.Refused, match="recipients_differ"), transaction.atomic():
            renew(intake(), to)
    with cast.acting("lana"), pytest.raises(database.Refused, match="wrong_state"), transaction.atomic():
        renew(intake(), ["ana", "boba"])


def test_no_envelope_is_left_out_and_no_request_of_others_is_touched(cast, three):
    code = log(cast)
    remove(cast, "ceca")
    with cast.acting("ana") as ana:
        request = get_request(ana, code)
        for given in ({"envelopes": []}, {"envelopes": [{"id": str(uuid4()), "payload": "00"}]}):
            with pytest.raises(database.Refused, match="wrong_state"), transaction.atomic():
                database.value("request_reseal", request.pk, given)
    for name in ("ceca", "lana", "vera"):
        with cast.acting(name), pytest.raises(database.Refused, match="wrong_state"), transaction.atomic():
            database.value("request_reseal", request.pk, {"envelopes": []})


def test_nothing_is_written_to_the_old_pair_once_it_was_sealed_anew(cast, three):
    code = log(cast)
    with cast.acting("boba") as boba:
        before = HelpRequest.objects.select_related("team").get(code=code)
    remove(cast, "ceca")
    with cast.acting("ana") as ana:
        go_on(by=ana)
    with cast.acting("boba") as boba, pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        inbox.revise_request(request=before, field=inbox.RISK, value={}, by=boba)
    with switched_off("ALTER TABLE vault_sealed DISABLE ROW LEVEL SECURITY"), cast.acting("boba") as boba:
        inbox.revise_request(request=before, field=inbox.RISK, value={}, by=boba)


def test_memberships_of_an_old_pair_go_when_nothing_is_sealed_to_it(cast, three, definer):
    log(cast)
    remove(cast, "ceca")
    check()
    count = "SELECT count(*) FROM accounts_teammember m JOIN accounts_team t ON t.id = m.team_id WHERE t.retired_at IS NOT NULL"
    assert definer.execute(count).fetchone() == (2,)
    with cast.acting("ana") as ana:
        go_on(by=ana)
    definer.execute("DELETE FROM vault_wrapcheck")
    check()
    assert definer.execute(count).fetchone() == (0,)


def test_a_new_pair_of_intake_makes_the_reach_key_due_where_it_is_armed(cast, three, definer):
    code = open_case(cast)
    arm(cast, code)
    remove(cast, "ceca")
    with cast.acting("ana") as ana:
        go_on(by=ana)
        case_id = get_case(ana, code).case.pk
        rotation.renew_due_keys(case_id=case_id, by=ana)
    newest = "SELECT w.team_id FROM vault_wrap w WHERE w.purpose = 'reach' AND w.team_id IS NOT NULL AND w.version = 2"
    with cast.acting("ana"):
        assert definer.execute(newest).fetchall() == [(intake().pk,)]


@pytest.mark.parametrize("control", [True, False])
def test_an_envelope_in_the_place_of_another_request_opens_nothing(cast, three, monkeypatch, control):
    """Neither when it is read, nor when the envelopes are sealed to a new pair, which would make the exchange good."""
    if not control:
        bound = inbox.envelope_binding
        monkeypatch.setattr(inbox, "envelope_binding", lambda _request, field, team: bound("any", field, team))
    first, second = log(cast), log(cast, words="The words of another survivor.")
    plant(
        "UPDATE vault_sealed s SET payload = o.payload FROM vault_sealed o, cases_helprequest a, cases_helprequest b"
        " WHERE s.field = %s AND o.field = s.field AND s.request_id = a.id AND o.request_id = b.id AND a.code = %s AND b.code = %s",
        inbox.WORDS,
        first,
        second,
    )
    if control:
        with pytest.raises(crypto.CannotOpen):
            words(cast, first, "ana")
        remove(cast, "ceca")
        with cast.acting("ana") as ana:
            go_on(by=ana)
        with pytest.raises(crypto.CannotOpen):
            words(cast, first, "ana")
        assert words(cast, second, "ana") == "The words of another survivor."
    else:
        assert words(cast, first, "ana") == "The words of another survivor."
