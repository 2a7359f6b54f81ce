"""The word of an attempt reaches somebody, whoever is away, and says nothing to those who must not know."""

from uuid import uuid4

import pytest

from accounts import database
from accounts.models import Team
from accounts.services import teams
from cases.access import list_notices
from cases.access.plan import list_risks_told
from cases.choices import CaseRole
from tests.cases.helpers import CORE_ANSWERS, assign, on_call, open_case, rate
from tests.security.attack import plant, rewritten
from tests.security.test_protected import protect
from tests.security.test_quorum import away


@pytest.fixture
def code(cast):
    """Ana leads; Boba and Ceca are of intake; Koka coordinates."""
    cast.intake()
    cast.person("koka")
    cast.person("ceca")
    cast.vouch("boba", "ceca")
    with cast.acting("boba") as boba:
        teams.add_member(team=Team.objects.get(kind="intake"), person=cast.ceca, by=boba)
    return open_case(cast)


def press(cast, code: str, name: str = "ana") -> str:
    """Her first word of it: what was said before is some time ago."""
    plant("DELETE FROM cases_notice; DELETE FROM cases_mailout")
    plant("UPDATE cases_riskassessment SET assessed_at = assessed_at - interval '1 hour'")
    return again(cast, code, name)


def again(cast, code: str, name: str = "ana") -> str:
    client = cast.client(name)
    page = client.post(f"/cases/{code}/risk/attempt", {"nonce": uuid4()}, follow=True)
    return " ".join(str(message) for message in page.context["messages"])


def told(definer) -> list[tuple[str, str, bool]]:
    rows = "SELECT u.login_name, n.kind, n.case_id IS NOT NULL FROM cases_notice n JOIN accounts_user u ON u.id = n.user_id"
    return definer.execute(f"{rows} ORDER BY 1").fetchall()


def mailed(definer) -> list[str]:
    rows = "SELECT u.login_name FROM cases_mailout m JOIN accounts_user u ON u.id = m.recipient_id WHERE m.kind = 'now'"
    return [name for (name,) in definer.execute(f"{rows} ORDER BY 1").fetchall()]


def test_whoever_of_the_case_is_away_finds_it_on_her_desk_later(cast, code, definer):
    on_call(cast, "ceca")
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    plant("UPDATE accounts_user SET display_name = 'Boba S.' WHERE id = %s", cast.boba.pk)
    assert press(cast, code) == "The risk is immediate. Told now: Boba S."
    away(definer, "boba")
    said = press(cast, code)
    assert told(definer) == [("boba", "attempt", True), ("ceca", "needed", False)]
    assert mailed(definer) == ["boba", "ceca"]
    assert "Told now: " not in said
    assert "It stands on the desk of Boba S. (away)." in said
    assert "Call at once: Ceca." in said
    plant("DELETE FROM cases_absence")
    assert code in cast.client("boba").get("/").content.decode()


def test_two_clicks_within_minutes_are_one_attempt_told_once(cast, code, definer):
    on_call(cast, "ceca")
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    press(cast, code)
    told_once, mailed_once = told(definer), mailed(definer)
    said = again(cast, code)
    assert "You noted this attempt at " in said
    assert "Call at once: Boba." in said
    assert "Told now" not in said
    assert (told(definer), mailed(definer)) == (told_once, mailed_once)
    assert definer.execute("SELECT count(*) FROM cases_riskassessment").fetchone() == (1,)
    assert "Told now: Ana" in again(cast, code, "boba"), "the word of somebody else counts"
    plant("UPDATE cases_riskassessment SET assessed_at = assessed_at - interval '11 minutes'")
    assert "Told now: Boba" in again(cast, code)


def test_who_is_not_on_the_case_reads_whom_to_call_and_nothing_of_it(cast, code, definer):
    on_call(cast, "boba")
    assert "Told now that a case needs somebody at once, and not which: Boba." in press(cast, code)
    desk = cast.client("boba").get("/")
    page = desk.content.decode()
    assert desk.context["next_step"].text == "A case needs somebody at once: call Ana"
    assert "A case needs somebody at once. Call Ana now." in page
    assert code not in page
    assert "attempt" not in page.lower()
    with cast.acting("boba") as boba:
        (notice,) = list_risks_told(boba)
        assert not list_notices(boba)
    cast.client("boba").post(f"/notices/{notice.pk}/acknowledge")
    assert "A case needs somebody" not in cast.client("boba").get("/").content.decode()


def test_without_anybody_on_call_intake_is_told_then_whoever_is_left(cast, code, definer):
    press(cast, code)
    assert told(definer) == [("boba", "needed", False), ("ceca", "needed", False)]
    away(definer, "boba", "ceca")
    press(cast, code)
    assert told(definer) == [("boba", "needed", False), ("ceca", "needed", False), ("koka", "needed", False)]


def test_who_must_not_see_it_has_no_trace_of_it(cast, code, definer):
    on_call(cast, "boba", second="ceca")
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), c.id, u.id, now(), c.opened_by_id FROM cases_case c, accounts_user u"
        " WHERE u.login_name = 'boba'"
    )
    said = press(cast, code)
    assert "Boba" not in said
    assert told(definer) == [("ceca", "needed", False)]
    assert mailed(definer) == ["ceca"]


def test_of_a_protected_case_nobody_outside_is_told(cast, code, definer):
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    protect(cast, code)
    away(definer, "boba")
    on_call(cast, "ceca")
    said = press(cast, code)
    assert told(definer) == [("boba", "attempt", True)]
    assert mailed(definer) == ["boba"]
    assert "Call at once: Ceca." in said, "she is named to whoever calls her"


def test_who_is_not_on_the_case_does_not_learn_whom_it_reaches(cast, code, definer):
    case = definer.execute("SELECT id FROM cases_case").fetchone()[0]
    with cast.acting("ana"):
        assert database.rows("attempt_people", case)
    with cast.acting("boba"):
        assert database.rows("attempt_people", case) == []


# --- What whoever may not read walls can conclude ---------------------------------------------
def test_whoever_may_not_read_walls_learns_no_names_of_those_outside_the_case(cast, code, definer):
    """Lana knows the rota: a name that is missing, or one of two told, would say who is kept out."""
    assign(cast, code, "lana")
    away(definer, "ana")
    on_call(cast, "boba", second="ceca")
    case = definer.execute("SELECT id FROM cases_case").fetchone()[0]
    free = press(cast, code, "lana")
    assert told(definer) == [("ana", "attempt", True), ("boba", "needed", False), ("ceca", "needed", False)]
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), c.id, u.id, now(), c.opened_by_id FROM cases_case c, accounts_user u"
        " WHERE u.login_name = 'boba'"
    )
    assert press(cast, code, "lana") == free
    assert told(definer) == [("ana", "attempt", True), ("ceca", "needed", False)]
    assert "Boba" not in free
    assert "Ceca" not in free
    assert "they call you" in free
    with cast.acting("lana"):
        rows = [(row.user_id, row.name) for row in database.rows("attempt_people", case) if not row.of_case]
    assert rows == [(None, "")], "also past the site"
    open_to_all = rewritten("attempt_people", "WHERE p.how = 'case' OR app.holds(wanted, 'share_case')", "")
    with open_to_all, cast.acting("lana"):
        assert "Ceca" in {row.name for row in database.rows("attempt_people", case)}, "and not Boba: that says it"


def test_of_a_protected_case_too_she_learns_no_names_of_those_outside_it(cast, code, definer):
    """Nobody of them is told: whom she may call would say it as well."""
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    assign(cast, code, "lana")
    protect(cast, code)
    away(definer, "ana", "boba")
    on_call(cast, "ceca")
    case = definer.execute("SELECT id FROM cases_case").fetchone()[0]
    free = press(cast, code, "lana")
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), c.id, u.id, now(), c.opened_by_id FROM cases_case c, accounts_user u"
        " WHERE u.login_name = 'ceca'"
    )
    assert press(cast, code, "lana") == free
    assert told(definer) == [("ana", "attempt", True), ("boba", "attempt", True)]
    assert "Ceca" not in free
    assert "Nobody else could be told of this case. Call somebody of intake at once" in free
    with cast.acting("lana"):
        rows = [(row.user_id, row.name, row.how) for row in database.rows("attempt_people", case) if not row.of_case]
    assert rows == [(None, "", "name")], "also past the site"
    only_told = ("p.how = 'case' OR", "p.how <> 'bare' OR")
    with rewritten("attempt_people", *only_told), cast.acting("lana"):
        names = {row.name for row in database.rows("attempt_people", case)}
    assert "Koka" in names, "and not Ceca, who is on call: that says it"


def test_what_the_button_promises_holds_without_backup_and_supervisor(cast, code):
    page = cast.client("ana").get(f"/cases/{code}/risk").content.decode()
    assert "supervisor are told" not in page
    assert "If none of them is there, you are told who else was reached, or whom to call." in page


# --- A risk that becomes immediate ------------------------------------------------------------
def test_a_risk_that_becomes_immediate_reaches_somebody_whoever_of_the_case_is_away(cast, code, definer):
    assign(cast, code, "lana")
    on_call(cast, "boba")
    away(definer, "ana")
    plant("DELETE FROM cases_notice; DELETE FROM cases_mailout")
    client = cast.client("lana")
    sent = client.post(f"/cases/{code}/risk/questions", {**CORE_ANSWERS, "nonce": uuid4()}, follow=True)
    assert told(definer) == [("ana", "risk", True), ("boba", "needed", False)]
    assert mailed(definer) == ["ana", "boba"]
    said = " ".join(str(message) for message in sent.context["messages"])
    assert "Ana (away)" in said
    assert "they call you" in said


def test_where_the_lead_is_there_a_risk_that_becomes_immediate_stays_with_the_case(cast, code, definer):
    assign(cast, code, "lana")
    on_call(cast, "boba")
    plant("DELETE FROM cases_notice; DELETE FROM cases_mailout")
    rate(cast, code, "immediate", by="lana")
    assert told(definer) == [("ana", "risk", True)]


def test_a_lead_who_rates_it_immediate_herself_is_there(cast, code, definer):
    on_call(cast, "boba")
    plant("DELETE FROM cases_notice; DELETE FROM cases_mailout")
    rate(cast, code, "immediate")
    assert told(definer) == []
