"""Rules that need two people, with two people and with five and one absent: nothing deadlocks, nothing weakens silently."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import crypto, database, quorum
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import PublicKey, Team
from accounts.services import delayed, people, teams
from cases.access import get_case, get_request
from cases.codes import ApprovalKind
from cases.models import Approval, Case
from cases.services import approvals
from cases.services.accept import accept_request
from tests.cases.helpers import assign, log
from tests.security.attack import plant, rewritten


def away(definer, *names: str) -> None:
    today = timezone.localdate()
    for name in names:
        definer.execute(
            "INSERT INTO cases_absence (id, user_id, from_on, until_on, entered_at, entered_by_id)"
            " SELECT gen_random_uuid(), u.id, %s, %s, now(), u.id FROM accounts_user u WHERE u.login_name = %s",
            [today - timedelta(days=1), today + timedelta(days=5), name],
        )


def pass_delay(definer, seconds: int = 1) -> None:
    definer.execute("UPDATE accounts_delayedact SET due_at = clock_timestamp() - make_interval(secs => %s)", [seconds])


def asked(cast, code: str, by: str = "ana") -> Approval:
    """She asks for a second person to take back that somebody is under 18."""
    with cast.acting(by) as person:
        case = get_case(person, code).case
        return approvals.ask_approval(
            case=case, kind=ApprovalKind.CLEAR_MINOR, detail="no", reason="A slip.", by=person
        )


def announce(cast, record_id, rule: str = "clear_minor", by: str = "ana"):
    with cast.acting(by) as person:
        delayed.announce(rule=rule, record_id=record_id, by=person)
        return next(row for row in database.rows("delayed_list", 10) if row.mine and row.rule == rule)


def do(cast, act, by: str = "ana", words: str = "") -> None:
    with cast.acting(by) as person:
        delayed.do(act_id=act.id, words=words, by=person)


@pytest.fixture
def minor(cast) -> str:
    """A case of Ana's about somebody under 18; Ana and Boba are all the caseworkers there are, with Vera."""
    cast.intake()
    return accepted(cast, log(cast, by="boba", minor="now"))


def accepted(cast, code: str) -> str:
    with cast.acting("ana") as ana:
        return accept_request(request=get_request(ana, code), title="Group", looked_through="Pictures.", by=ana).code


def flag(definer, code: str) -> str:
    return definer.execute("SELECT minor FROM cases_case WHERE code = %s", [code]).fetchone()[0]


def test_the_table_in_the_database_is_the_one_in_the_code(transactional_db, definer):
    for rule in quorum.RULES:
        found = definer.execute(
            "SELECT needs, roles, barred, delay, review FROM app.quorum_rule(%s)", [rule.code]
        ).fetchone()
        wanted = (
            rule.needs,
            list(rule.roles),
            list(rule.barred),
            timedelta(hours=rule.delay_hours),
            timedelta(days=rule.review_days),
        )
        assert found == (wanted if rule.delay_hours else None), rule.code


def test_with_two_able_the_fallback_is_closed_with_one_away_it_opens(cast, definer, minor):
    approval = asked(cast, minor)
    with pytest.raises(WrongState, match="colleagues who can"):
        announce(cast, approval.pk)
    away(definer, "boba")
    act = announce(cast, approval.pk)
    with pytest.raises(WrongState, match="too early"):
        do(cast, act)
    assert flag(definer, minor) == "now"
    pass_delay(definer, -30)
    with pytest.raises(WrongState, match="too early"):
        do(cast, act)
    pass_delay(definer)
    do(cast, act)
    assert flag(definer, minor) == "no"
    with pytest.raises(WrongState):
        do(cast, act)


def test_a_request_is_not_erased_by_one_and_the_table_says_so(cast, definer):
    rule = quorum.by_code("request_erase")
    assert rule in quorum.RULES
    assert rule.instead
    assert not rule.delay_hours
    cast.intake()
    log(cast)
    away(definer, "boba")
    (request,) = definer.execute("SELECT id FROM cases_helprequest").fetchone()
    with cast.acting("ana"), pytest.raises(database.Refused, match="not_allowed"):
        database.value("delayed_ask", "request_erase", request)


def test_five_people_and_one_away_the_rule_holds(cast, definer, minor):
    for name in ("ceca", "lana", "koka"):
        cast.person(name)
    approval = asked(cast, minor)
    away(definer, "boba")
    with pytest.raises(WrongState, match="colleagues who can"):
        announce(cast, approval.pk)
    with cast.acting("ana"), pytest.raises(database.Refused, match="people_able"):
        database.value("delayed_ask", "clear_minor", approval.pk)
    with rewritten("fallback_open", "app.able_number(rule, record) < q.needs", "true"):
        announce(cast, approval.pk)  # with the judgement off it weakens silently


def test_who_comes_back_in_time_is_asked(cast, definer, minor):
    approval = asked(cast, minor)
    away(definer, "boba")
    act = announce(cast, approval.pk)
    pass_delay(definer)
    definer.execute("DELETE FROM cases_absence")
    with pytest.raises(WrongState, match="colleagues who can"):
        do(cast, act)
    assert flag(definer, minor) == "now"


def test_it_is_offered_once_it_is_due_and_not_before(cast, definer, minor):
    approval = asked(cast, minor)
    away(definer, "boba")
    act = announce(cast, approval.pk)
    client, offer = cast.client("ana"), f'action="/two-people/{act.id}/do"'
    early = client.get("/two-people").content.decode()
    assert offer not in early
    assert "It can be done from" in early
    assert f"/two-people/{act.id}/stop" in early
    pass_delay(definer)
    assert offer in client.get("/two-people").content.decode()


def test_only_who_asked_does_it_anybody_stops_it_somebody_else_reviews(cast, definer, minor):
    approval = asked(cast, minor)
    away(definer, "boba")
    with pytest.raises(NotAllowed):
        announce(cast, approval.pk, by="boba")
    definer.execute("DELETE FROM cases_mailout")
    act = announce(cast, approval.pk)
    told = definer.execute(
        "SELECT u.login_name, o.kind FROM cases_mailout o JOIN accounts_user u ON u.id = o.recipient_id ORDER BY 1"
    )
    assert told.fetchall() == [("boba", "now"), ("vera", "now")]
    pass_delay(definer)
    with cast.acting("boba"), pytest.raises(database.Refused, match="wrong_state"):
        database.value("delayed_do", act.id, b"")
    with cast.acting("vera") as vera:
        delayed.cancel(act_id=act.id, by=vera)
    with pytest.raises(WrongState):
        do(cast, act)
    act = announce(cast, approval.pk)
    pass_delay(definer)
    do(cast, act)
    with cast.acting("ana") as ana, pytest.raises(NotAllowed):
        delayed.review(act_id=act.id, by=ana)
    with cast.acting("boba"):
        (row,) = [row for row in database.rows("delayed_list", 10) if row.done_at]
        assert row.record_id is None  # no case is named to who is not on it
        assert (row.review_due_at - row.done_at).days == 7
    with cast.acting("boba") as boba:
        delayed.review(act_id=act.id, by=boba)
    assert definer.execute("SELECT count(*) FROM accounts_delayedact WHERE reviewed_at IS NOT NULL").fetchone() == (1,)


def test_the_lawyer_of_the_case_sees_what_was_announced_and_stops_it(cast, definer, minor):
    """Whoever works here is told, sees it and can stop it; its code is for whoever may see the case."""
    assign(cast, minor, "lana")
    for name in ("ljilja", "koka"):
        cast.person(name)
    approval = asked(cast, minor)
    away(definer, "boba")
    act = announce(cast, approval.pk)
    for name, code in (("lana", minor), ("ljilja", ""), ("koka", ""), ("vera", "")):
        with cast.acting(name):
            (row,) = database.rows("delayed_list", 10)
            assert (row.rule, row.asked_by, row.code, row.record_id) == ("clear_minor", "Ana", code, None), name
        client = cast.client(name)
        assert "/two-people" in client.get("/").content.decode(), name
        page = client.get("/two-people")
        assert page.status_code == 200, name
        assert f"/two-people/{act.id}/stop" in page.content.decode(), name
        assert (minor in page.content.decode()) == bool(code), name
    with rewritten("delayed_list", "AND app.holds(c.id, 'view_case')", ""), cast.acting("koka"):
        assert database.rows("delayed_list", 10)[0].code == minor  # with the control off the code goes to everybody
    assert cast.client("lana").post(f"/two-people/{act.id}/stop").status_code == 302
    assert definer.execute("SELECT u.login_name FROM accounts_delayedact a JOIN accounts_user u ON u.id = a.cancelled_by_id").fetchall() == [("lana",)]  # fmt: skip
    pass_delay(definer)
    with pytest.raises(WrongState):
        do(cast, act)


def test_a_walled_colleague_is_not_able_for_that_case(cast, definer, minor):
    approval = asked(cast, minor)
    definer.execute(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id) SELECT gen_random_uuid(), c.id, u.id, now(), u.id"
        " FROM cases_case c, accounts_user u WHERE u.login_name = 'boba'"
    )
    assert announce(cast, approval.pk)


def test_whoever_can_answer_is_asked_whatever_her_role_in_the_house(cast, definer, minor):
    """Boba is the backup and no caseworker any more: the page offers no announcement, and PostgreSQL takes none."""
    assign(cast, minor, "boba", role="backup", voucher="")
    plant("UPDATE accounts_user SET roles = '{lawyer}' WHERE id = %s", cast.boba.pk)
    approval = asked(cast, minor)
    page = cast.client("ana").get(f"/cases/{minor}/second/{approval.pk}").content.decode()
    assert "Who can answer: Boba" in page
    with cast.acting("ana"), pytest.raises(database.Refused, match="people_able"), transaction.atomic():
        database.value("delayed_ask", "clear_minor", approval.pk)
    with rewritten("fallback_open", "NOT app.second_able(record)", "true"), cast.acting("ana"):
        assert database.value("delayed_ask", "clear_minor", approval.pk)
        transaction.set_rollback(True)
    away(definer, "boba")
    act = announce(cast, approval.pk)
    pass_delay(definer)
    definer.execute("DELETE FROM cases_absence")
    with pytest.raises(WrongState, match="colleagues who can"):
        do(cast, act)


def test_a_lawyer_announces_nothing_in_postgresql_either(cast, definer, minor):
    assign(cast, minor, "lana")
    approval = asked(cast, minor, by="lana")
    away(definer, "boba", "ana")
    with cast.acting("lana"), pytest.raises(database.Refused, match="not_allowed"), transaction.atomic():
        database.value("delayed_ask", "clear_minor", approval.pk)
    with rewritten("delayed_may", "app.has_role('caseworker') AND", ""), cast.acting("lana"):
        assert database.value("delayed_ask", "clear_minor", approval.pk)
        transaction.set_rollback(True)


def test_the_normal_way_is_open_still(cast, definer, minor):
    assign(cast, minor, "boba", role="backup", voucher="")
    approval = asked(cast, minor)
    with cast.acting("boba") as boba:
        approvals.answer_approval(approval=Approval.objects.get(pk=approval.pk), approves=True, by=boba)
    assert flag(definer, minor) == "no"


def test_an_identity_beyond_the_day_s_number(cast, definer, minor):
    definer.execute(
        "INSERT INTO cases_identityopening (id, case_id, person_id, kind, reason, opened_at, closes_at)"
        " SELECT gen_random_uuid(), c.id, u.id, 'card', 'call', now(), now() FROM cases_case c, accounts_user u, generate_series(1, 10)"
        " WHERE u.login_name = 'ana'"
    )
    with cast.acting("ana") as ana:
        case = get_case(ana, minor).case
        approval = approvals.ask_approval(case=case, kind=ApprovalKind.OPEN_IDENTITY, reason="She calls.", by=ana)
    with pytest.raises(WrongState, match="colleagues who can"):
        announce(cast, approval.pk, "open_identity")
    away(definer, "boba")
    act = announce(cast, approval.pk, "open_identity")
    pass_delay(definer)
    do(cast, act)
    assert definer.execute("SELECT state FROM cases_approval WHERE id = %s", [approval.pk]).fetchone() == ("approved",)


def words_of(cast, name: str) -> str:
    private = cast.person(name).keyring.private_key
    return " ".join(crypto.fingerprint_words(crypto.fingerprint(crypto.public_of(private))))


def test_two_people_get_from_nothing_to_a_case(cast, definer):
    """Vera administers, Ana is the only caseworker: after two announcements she accepts a request, alone."""
    ana = cast.ana
    with cast.acting("ana") as by:
        teams.set_up(by=by)
        team = Team.objects.get(kind="intake")
    act = announce(cast, ana.pk, "vouch", by="vera")
    pass_delay(definer)
    with pytest.raises(WrongState, match="not the words of this key"):
        do(cast, act, by="vera", words="babab " * 6)
    do(cast, act, by="vera", words=words_of(cast, "ana"))
    with cast.acting("ana"):
        assert database.value("vouched", ana.pk)
        assert not database.value("intake_ready")
    act = announce(cast, team.pk, "intake")
    pass_delay(definer)
    do(cast, act)
    with cast.acting("ana"):
        assert database.value("intake_ready")
    code = accepted(cast, log(cast, by="ana"))
    with cast.acting("ana"):
        assert Case.objects.filter(code=code).exists()
    cast.person("boba")
    with cast.acting("ana"):
        assert not database.value("intake_ready")  # a second caseworker is able: the rule holds again


def test_nobody_is_vouched_for_by_the_fallback_while_a_colleague_can(cast, definer):
    cast.intake()
    cast.person("ceca")
    with pytest.raises(WrongState, match="colleagues who can"):
        announce(cast, cast.ceca.pk, "vouch", by="vera")
    with cast.acting("vera") as vera:
        key = PublicKey.objects.get(user=cast.ceca)
        with pytest.raises(NotAllowed):  # nor on the usual way by an administrator
            people.vouch(key=key, fingerprint=bytes(key.fingerprint), by=vera)


def test_a_rule_without_a_fallback_has_none(cast, definer):
    cast.intake()
    with cast.acting("ana") as ana:
        for rule in ("keepers", "grant_protected", "set_wall", "lift_wall", "nothing"):
            assert not database.value("fallback_open", rule, ana.pk)
            with pytest.raises(NotAllowed):
                delayed.announce(rule=rule, record_id=ana.pk, by=ana)


def test_the_question_does_not_name_who_is_away_as_who_can_answer(cast, definer, minor):
    assign(cast, minor, "boba", role="backup", voucher="")
    approval = asked(cast, minor)
    address = f"/cases/{minor}/second/{approval.pk}"
    page = cast.client("ana").get(address).content.decode()
    assert "Who can answer: Boba" in page
    assert "There is no colleague" not in page
    away(definer, "boba")
    page = cast.client("ana").get(address).content.decode()
    assert "There is no colleague who could be the second person now." in page
    assert "Who can answer" not in page
    assert "Away now, can answer once back: Boba" in page
    assert "Ask a second holder of the keys as backup" in page  # what she can do meanwhile
