"""The one date that stays of an erased case never ends with nobody: it is found, and given to somebody, without a key."""

import re

import pytest
from django.db import transaction
from django.http import Http404

from accounts import database
from accounts.exceptions import NotAllowed, WrongState
from accounts.services import people
from cases.access import get_case, leaving, retention
from cases.models import Assignment
from cases.services import erasing
from tests.cases import erasing as acts
from tests.conftest import as_role
from tests.security.attack import plant, rewritten, run
from tests.security.test_quorum import away


@pytest.fixture
def code(cast):
    """Everything but the critical date is erased; Ana and Boba hold it."""
    cast.intake()
    found = acts.full_case(cast)
    acts.erase(cast, found, kept=acts.critical_date(found, cast))
    return found


def deactivate(cast, name):
    with cast.acting("vera") as vera:
        return people.deactivate(person=getattr(cast, name), by=vera)


def unheld(cast, by="koka"):
    with cast.acting(by):
        return [row.code for row in retention.list_due_for_house(page=1) if row.unheld]


def give(cast, code, name, by):
    with cast.acting(by) as person:
        erasing.give_date(code=code, person=getattr(cast, name), by=person)


def give_away(cast, code, by="koka"):
    """As a coordinator does: she names nobody."""
    with cast.acting(by) as person:
        erasing.give_date(code=code, person=None, by=person)


def holder(definer):
    """Login names of whoever holds it now."""
    found = definer.execute(
        "SELECT u.login_name FROM cases_assignment a JOIN accounts_user u ON u.id = a.user_id"
        " WHERE a.state = 'live' AND a.role IN ('lead', 'backup') ORDER BY 1"
    )
    return [name for (name,) in found.fetchall()]


def reminded(definer):
    plant("UPDATE cases_deadline SET due_on = current_date - 1")
    with as_role("worker") as worker:
        worker.execute("SELECT app.reminders_fire('Europe/Belgrade')")
    names = definer.execute(
        "SELECT DISTINCT u.login_name FROM cases_notice n JOIN accounts_user u ON u.id = n.user_id WHERE n.deadline_id IS NOT NULL"
    )
    return [name for (name,) in names]


@pytest.mark.parametrize("compartment", ["standard", "protected"])
def test_when_both_have_left_the_coordinator_is_told_and_gives_it_on(cast, code, definer, compartment):
    plant("UPDATE cases_case SET compartment = %s", compartment)
    assert deactivate(cast, "ana") == 0  # Boba holds it
    assert unheld(cast) == []
    mails = (
        "SELECT count(*) FROM cases_mailout o JOIN accounts_user u ON u.id = o.recipient_id WHERE u.login_name = 'koka'"
    )
    cast.person("koka")
    plant("DELETE FROM cases_mailout")
    assert deactivate(cast, "boba") == 1
    assert definer.execute(mails).fetchone() == (1,)
    assert unheld(cast) == [code]
    with cast.acting("koka") as koka:
        rows = leaving.get_left(koka, cast.boba.pk, page=1).cases
        assert [(row.code, row.erased, row.lead) for row in rows] == [(code, True, "")]
    client = cast.client("koka")
    assert "Give it to a caseworker who can take it" in client.get(f"/retention/{code}/give").content.decode()
    keep_out(cast, "ceca")
    refused = client.post(f"/retention/{code}/give")
    assert (refused.status_code, "No caseworker can be given" in refused.content.decode()) == (422, True)
    plant("DELETE FROM cases_wall")
    assert client.post(f"/retention/{code}/give").headers["Location"] == "/retention"
    assert "A caseworker holds the date now" in client.get("/retention").content.decode()
    assert unheld(cast) == []
    with cast.acting("ceca") as ceca:
        assert get_case(ceca, code).actions == {"end_assignment", "erase_rest", "give_date"}
    assert cast.client("ceca").get(f"/cases/{code}").status_code == 200
    assert definer.execute("SELECT rule FROM app.wraps_out_of_order()").fetchall() == []
    logged = definer.execute("SELECT count(*) FROM accounts_auditevent WHERE action = 'date_given'").fetchone()
    assert logged == (1,)
    assert reminded(definer) == ["ceca"]
    plant("UPDATE cases_case SET retention_due_on = current_date - 1")
    with cast.acting("ceca") as ceca:
        erasing.erase_rest(case=get_case(ceca, code).case, by=ceca)
    assert definer.execute("SELECT count(*) FROM cases_case").fetchone() == (0,)


def test_what_somebody_holds_is_given_by_her_alone(cast, code):
    for name in ("koka", "vera", "lana", "ceca"):
        for act in (lambda by: give(cast, code, "ceca", by=by), lambda by: give_away(cast, code, by=by)):
            with pytest.raises(NotAllowed):
                act(name)
    with rewritten("date_to_give", "AND app.nobody_holds(c.id)", ""):
        give_away(cast, code)
    with cast.acting("ceca") as ceca:
        assert get_case(ceca, code)


def test_only_a_coordinator_gives_what_nobody_holds(cast, code):
    deactivate(cast, "boba")
    deactivate(cast, "ana")
    cast.person("ceca")
    for name in ("vera", "lana", "ceca"):
        with pytest.raises(NotAllowed):
            give_away(cast, code, by=name)
    with rewritten("date_to_give", "app.has_role('coordinator')", "true"):
        give_away(cast, code, by="lana")
    with cast.acting("ceca") as ceca:
        assert get_case(ceca, code)


@pytest.mark.parametrize("giver", ["ana", "boba"])
def test_lead_and_backup_hand_it_on_without_a_key_and_may_go(cast, code, definer, giver):
    cast.person("ceca")
    client = cast.client(giver)
    assert f"/retention/{code}/give" in client.get(f"/cases/{code}/people").content.decode()
    assert client.get(f"/retention/{code}/give").status_code == 200
    answer = client.post(f"/retention/{code}/give", {"person": str(cast.ceca.pk)})
    assert answer.headers["Location"] == f"/cases/{code}/people"
    assert b"She holds the date now" in client.get(answer.headers["Location"]).content
    with cast.acting(giver) as person:
        database.value("assignment_end", Assignment.objects.get(user=person, state="live").pk, "workload")
    deactivate(cast, "boba" if giver == "ana" else "ana")
    assert unheld(cast) == []
    with cast.acting("ceca") as ceca:
        assert "give_date" in get_case(ceca, code).actions
    assert definer.execute("SELECT count(*) FROM vault_wrap").fetchone() == (0,)
    assert reminded(definer) == ["ceca"]


def test_whoever_takes_it_leads_where_nobody_does(cast, code):
    deactivate(cast, "ana")
    give(cast, code, "ceca", by="boba")
    with cast.acting("ceca") as ceca:
        assert Assignment.objects.get(user=ceca, state="live").role == "lead"


def test_what_a_lead_gives_is_led_by_whoever_gets_it_and_both_are_told_of(cast, code):
    cast.person("ceca")
    lead, backup = cast.client("ana"), cast.client("boba")
    words = "she leads it from then on, and you are its backup"
    assert words in lead.get(f"/retention/{code}/give").content.decode()
    assert words not in backup.get(f"/retention/{code}/give").content.decode()
    give(cast, code, "ceca", by="ana")
    with cast.acting("boba"):
        roles = dict(Assignment.objects.filter(state="live").values_list("user__login_name", "role"))
    assert roles == {"ana": "backup", "boba": "backup", "ceca": "lead"}
    page = lead.get(f"/cases/{code}/people").content.decode()
    assert "the lead was handed over by Ana" in page
    assert "handed the lead over to Ceca" in page


def test_away_is_not_gone(cast, code, definer):
    """A coordinator enters who is away: by that she opens no date for herself, nor reads the code of a protected case."""
    plant("UPDATE cases_case SET compartment = 'protected'")
    cast.person("ceca")
    away(definer, "ana", "boba")
    assert unheld(cast) == []
    with pytest.raises(NotAllowed):
        give_away(cast, code)
    counted = ("AND NOT app.is_walled(a.user_id, wanted)", "AND NOT app.absent(a.user_id)")
    with rewritten("nobody_holds", *counted):
        assert unheld(cast) == [code]
        give_away(cast, code)


def keep_out(cast, name):
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, reason, set_at, set_by_id)"
        " SELECT gen_random_uuid(), c.id, %s, 'named', now(), c.opened_by_id FROM cases_case c",
        getattr(cast, name).pk,
    )


def test_whom_a_wall_keeps_out_does_not_give_it(cast, code):
    keep_out(cast, "koka")
    deactivate(cast, "boba")
    assert deactivate(cast, "ana") == 1
    assert unheld(cast) == []
    with cast.acting("koka") as koka, pytest.raises(Http404):
        retention.require_date(koka, code)
    cast.person("ceca")
    with pytest.raises(NotAllowed):
        give_away(cast, code)
    with rewritten("date_to_give", "AND NOT app.is_walled(app.uid(), c.id)", ""):
        give_away(cast, code)


def takes_nothing(cast, name):
    with cast.acting(name) as person:
        run(
            "INSERT INTO cases_workprofile (user_id, capacity, accepting, languages, countries, changed_at, changed_by_id)"
            " VALUES (%s, 20, false, '{}', '{}', now(), %s)",
            person.pk,
            person.pk,
        )


def works_on_cases(cast, *names):
    for name in names:
        cast.person(name)
        roles = {"koka": "{caseworker,coordinator}"}.get(name, "{caseworker}")
        plant("UPDATE accounts_user SET roles = %s WHERE login_name = %s", roles, name)


def left_alone(cast):
    deactivate(cast, "boba")
    deactivate(cast, "ana")


def plain(page):
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r'value="[^"]*"', "", main)


def test_a_coordinator_reads_and_learns_the_same_with_a_wall_and_without(cast, code, definer):
    """No list from which somebody could be missing, nobody she could name to try, and no name in the answer."""
    works_on_cases(cast, "ceca", "ljilja")
    left_alone(cast)
    client, seen = cast.client("koka"), []
    for walled in (False, True):
        if walled:
            keep_out(cast, "ceca")
        shown = plain(client.get(f"/retention/{code}/give").content.decode())
        assert "Ceca" not in shown
        with cast.acting("koka"):
            assert database.rows("date_takers", code) == []
        with pytest.raises(NotAllowed):
            give(cast, code, "ceca", by="koka")
        answer = client.post(f"/retention/{code}/give", {"person": str(cast.ceca.pk)}, follow=True)
        seen.append((shown, plain(answer.content.decode())))
        assert holder(definer) in ([["ljilja"]] if walled else [["ceca"], ["ljilja"]])
        plant("DELETE FROM cases_assignment WHERE state = 'live'")
        plant("DELETE FROM cases_caseuserpermission")
    assert seen[0] == seen[1]
    with rewritten("date_takers", "app.holds(hit, 'share_case')", "hit IS NOT NULL"), cast.acting("koka"):
        named = {row.date_takers for row in database.rows("date_takers", code)}
        assert named == {cast.ljilja.pk}  # without the control she reads who is missing


def test_it_goes_to_nobody_whom_a_wall_keeps_out(cast, code, definer):
    cast.person("ceca")
    left_alone(cast)
    keep_out(cast, "ceca")
    with pytest.raises(WrongState, match="No caseworker can be given"):
        give_away(cast, code)
    with rewritten("may_keep_date", "AND NOT app.is_walled(person, wanted)", ""):
        give_away(cast, code)
    assert holder(definer) == ["ceca"]
    assert unheld(cast) == [code]  # she cannot see it: the date is with nobody again


def test_it_goes_first_to_whoever_is_here_and_takes_new_work_and_then_to_the_rest(cast, code, definer):
    works_on_cases(cast, "ceca", "ljilja")
    left_alone(cast)

    taker = "SELECT u.login_name FROM accounts_user u WHERE u.id = (SELECT app.date_taker(c.id) FROM cases_case c)"

    def chosen():  # on behalf of nobody whom it would leave out
        return {definer.execute(taker).fetchone()[0] for _try in range(40)}

    works_on_cases(cast, "koka")
    away(definer, "ceca", "koka")
    assert chosen() == {"ljilja"}
    takes_nothing(cast, "ljilja")
    assert chosen() == {"ceca", "ljilja", "koka"}  # equals: by lot
    plant("DELETE FROM cases_absence")
    assert chosen() == {"ceca", "koka"}
    deactivate(cast, "ceca")
    deactivate(cast, "ljilja")
    with pytest.raises(WrongState):
        give_away(cast, code)  # never to herself
    with rewritten("date_taker", "u.id IS DISTINCT FROM app.uid() AND", ""):
        give_away(cast, code)
    assert holder(definer) == ["koka"]


def test_lead_and_backup_choose_themselves_and_may_name_whoever_is_away_or_full(cast, code, definer):
    cast.person("ceca")
    away(definer, "ceca")
    takes_nothing(cast, "ceca")
    client = cast.client("boba")
    assert "Ceca – away until" in client.get(f"/retention/{code}/give").content.decode()
    with pytest.raises(NotAllowed):
        give_away(cast, code, by="boba")
    keep_out(cast, "ceca")
    page = client.get(f"/retention/{code}/give").content.decode()
    assert "Ceca" not in page
    assert "Nobody can take this date now" in page
    said = set()
    for name in ("ceca", "lana", "koka", "ana"):
        cast.person(name)
        with pytest.raises(WrongState) as refused:
            give(cast, code, name, by="boba")
        said.add(refused.value.message)
    assert said == {"She cannot be given this date. Choose somebody else."}
    plant("DELETE FROM cases_wall")
    give(cast, code, "ceca", by="boba")
    assert holder(definer) == ["ana", "boba", "ceca"]


def test_nobody_else_learns_who_could_take_it(cast, code):
    cast.person("ceca")
    for name in ("vera", "lana", "ceca", "koka"):
        with cast.acting(name):
            assert database.rows("date_takers", code) == [], name
    with cast.acting("ana"):
        assert len(database.rows("date_takers", code)) == 1


def test_somebody_who_has_left_does_not_lead(cast, code, definer):
    """Were a row of hers left over: whoever gets the date leads it."""
    cast.person("ceca")
    plant(
        "UPDATE accounts_user SET is_active = false, deactivated_at = now(), deactivated_by_id = id WHERE login_name = 'ana'"
    )
    with rewritten("date_give", " OR NOT u.is_active)", ")"), cast.acting("boba"):
        database.value("date_give", code, cast.ceca.pk)
        query = "SELECT u.login_name, a.role FROM cases_assignment a JOIN accounts_user u ON u.id = a.user_id WHERE a.state = 'live'"
        assert dict(run(query))["ceca"] == "backup"
        transaction.set_rollback(True)
    give(cast, code, "ceca", by="boba")
    with cast.acting("ceca") as ceca:
        assert Assignment.objects.get(user=ceca, state="live").role == "lead"


def test_the_receipt_says_what_stays(cast, code, definer):
    (receipt,) = definer.execute("SELECT id FROM cases_erasure").fetchone()
    page = cast.client("ana").get(f"/erasures/{receipt}").content.decode()
    assert "all other dates" in page
    assert "the code of the case, the day of that date without its words, its reminders, lead and backup" in page
    assert "risk, dates, who worked on it" not in page
    plant("UPDATE cases_erasure SET what = 'case', kept_id = NULL")
    page = cast.client("ana").get(f"/erasures/{receipt}").content.decode()
    assert "risk, dates, who worked on it" in page
    assert "all other dates" not in page


def test_there_is_no_card_to_open_and_the_log_does_not_say_that_it_was(cast, code, definer):
    """The page has no form, and whoever sends one all the same has opened nothing."""
    ana, told = (
        cast.client("ana"),
        "SELECT outcome FROM accounts_auditevent WHERE action = 'identity_opened' ORDER BY sequence",
    )
    before = definer.execute(told).fetchall()
    page = ana.get(f"/cases/{code}/identity").content.decode()
    assert "Open the identity card" not in page
    assert "erased, the identity card too" in page
    assert ana.post(f"/cases/{code}/identity/open", {"reason": "check"}).status_code == 403
    assert definer.execute(told).fetchall() == [*before, ("attempted",)]
    assert ana.get(f"/cases/{code}/identity").status_code == 200
