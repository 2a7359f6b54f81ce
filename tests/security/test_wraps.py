"""What must be true of every wrapped key: a house in order, and each rule broken and found."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.services import people
from cases.access import get_case
from cases.services.assignment import offer_assignment
from cases.views.notices import KINDS
from tests.cases.helpers import arm, assign, open_case
from tests.conftest import as_role
from tests.security.attack import plant, switched_off
from tests.security.test_rotation import end, note

INSERT = (
    "INSERT INTO vault_wrap (id, case_id, purpose, version, user_id, team_id, state, sealed, made_at, made_by_id)"
    " SELECT gen_random_uuid(), c.id, {purpose}, {version}, {user}, {team}, {state}, 'x', now(), c.opened_by_id"
    " FROM cases_case c WHERE c.code = %(code)s"
)


def wrap(user="NULL", team="NULL", purpose="content", version=1, state="live"):
    return INSERT.format(purpose=f"'{purpose}'", version=version, user=user, team=team, state=f"'{state}'")


def who(name):
    return f"(SELECT u.id FROM accounts_user u WHERE u.login_name = '{name}')"


ROW = "(SELECT p.id FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id WHERE p.codename = 'view_case' AND t.app_label = 'cases')"
WALL = (
    "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
    " SELECT gen_random_uuid(), c.id, {user}, now(), c.opened_by_id FROM cases_case c WHERE c.code = %(code)s"
)
ON_CASE = "case_id = (SELECT c.id FROM cases_case c WHERE c.code = %(code)s)"
RESTRICTED = "(SELECT t.id FROM accounts_team t WHERE t.kind = 'restricted')"
INTAKE = "(SELECT t.id FROM accounts_team t WHERE t.kind = 'intake')"

# What somebody who writes the database does, and what the check says of it.
BROKEN = {
    "deactivated, live": (
        f"UPDATE accounts_user SET is_active = false, deactivated_at = now(), deactivated_by_id = {who('vera')}"
        " WHERE login_name = 'lana'",
        "live_deactivated",
    ),
    "walled, live": (WALL.format(user=who("lana")), "live_walled"),
    "no role, live": (wrap(who("koka")), "live_without_role"),
    "a key that the role does not bring": (wrap(who("lana"), purpose="identity"), "live_without_role"),
    "an identity key to somebody with no grant": (wrap(who("ceca"), purpose="identity"), "live_without_role"),
    "live, no row": (
        f"DELETE FROM cases_caseuserpermission WHERE content_object_id = (SELECT c.id FROM cases_case c"
        f" WHERE c.code = %(code)s) AND user_id = {who('lana')}",
        "live_without_row",
    ),
    "deactivated, offered": (
        f"UPDATE accounts_user SET is_active = false, deactivated_at = now(), deactivated_by_id = {who('vera')}"
        " WHERE login_name = 'ceca'",
        "offered_deactivated",
    ),
    "walled, offered": (WALL.format(user=who("ceca")), "offered_walled"),
    "not vouched for": (
        "DELETE FROM accounts_vouch v USING accounts_publickey k"
        f" WHERE k.id = v.public_key_id AND k.user_id = {who('ceca')}",
        "offered_not_vouched",
    ),
    "offered, never asked": (wrap(who("koka"), state="offered"), "offered_not_vouched"),
    "offered, not with this role": (wrap(who("ceca"), purpose="reach", state="offered"), "offered_without_offer"),
    "parked, though on the case": (
        f"UPDATE vault_wrap SET state = 'parked' WHERE {ON_CASE} AND user_id = {who('lana')}",
        "parked_on_case",
    ),
    "parked, though others can open it": (wrap(who("koka"), state="parked"), "parked_held"),
    "another key to a team": (wrap(team=INTAKE, purpose="identity"), "team_wrong_key"),
    "to the other team": (wrap(team=RESTRICTED, purpose="reach"), "team_wrong_key"),
    "a version nobody made": (wrap(who("ana"), version=7), "version_unknown"),
    "a version nobody holds": (
        f"DELETE FROM vault_wrap WHERE {ON_CASE} AND purpose = 'identity'",
        "version_without_holder",
    ),
    "a role whose key is missing": (
        f"DELETE FROM vault_wrap WHERE {ON_CASE} AND user_id = {who('lana')}",
        "role_without_wrap",
    ),
    "an older version is missing": (
        f"DELETE FROM vault_wrap WHERE {ON_CASE} AND user_id = {who('lana')} AND version = 1",
        "role_without_wrap",
    ),
    "an offer whose key is missing": (
        f"DELETE FROM vault_wrap WHERE {ON_CASE} AND user_id = {who('ceca')}",
        "role_without_wrap",
    ),
    "a forged row": (
        "INSERT INTO cases_caseuserpermission (content_object_id, user_id, permission_id)"
        f" SELECT c.id, {who('koka')}, {ROW} FROM cases_case c WHERE c.code = %(code)s",
        "row_without_role",
    ),
    "armed, nobody can open it": (f"DELETE FROM vault_wrap WHERE {ON_CASE} AND team_id IS NOT NULL", "armed_without_wrap"),
}  # fmt: skip


@pytest.fixture
def code(cast):
    """A case with everything: a lawyer, an offer, somebody who left, a second version, reach armed; one that is parked."""
    cast.intake()
    found = open_case(cast)
    for name in ("lana", "ljilja"):
        assign(cast, found, name)
    end(cast, found, "ljilja")
    note(cast, found)
    arm(cast, found)
    cast.vouch("boba", "ceca")
    with cast.acting("ana") as ana:
        offer_assignment(case=get_case(ana, found).case, person=cast.ceca, role="caseworker", by=ana)
    open_case(cast, lead="boba")
    assert cast.koka
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.boba, by=vera)
    return found


def rules(definer):
    return {rule for (rule,) in definer.execute("SELECT rule FROM app.wraps_out_of_order()").fetchall()}


def tonight():
    """A zone in which it is about noon, so that a test holds at any hour."""
    offset = 12 - timezone.now().hour
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"


def check(zone=""):
    with as_role("worker") as worker:
        return worker.execute("SELECT app.wraps_check(%s)", [zone or tonight()]).fetchone()[0]


def test_every_broken_rule_is_found_and_a_house_in_order_is_clean(cast, code, definer):
    assert rules(definer) == set()
    for name, (statement, rule) in BROKEN.items():
        with definer.transaction(force_rollback=True):
            definer.execute(statement.replace("%(code)s", f"'{code}'"))
            assert rule in rules(definer), name
    assert rules(definer) == set()
    disarmed = "UPDATE cases_armedreach SET disarmed_at = now()"
    with switched_off("ALTER TABLE cases_armedreach DISABLE TRIGGER USER"), definer.transaction(force_rollback=True):
        definer.execute(disarmed)
        assert rules(definer) == {"team_not_armed"}
    with definer.transaction(force_rollback=True):
        definer.execute("DELETE FROM cases_caseuserpermission WHERE permission_id <> " + ROW)
        assert rules(definer) == {"role_without_row"}


def test_once_a_night_with_a_notice_to_the_administrators(cast, code, definer):
    assert check() == 0
    assert check() is None  # once
    assert definer.execute("SELECT count(*) FROM cases_notice WHERE kind = 'wraps'").fetchone() == (0,)
    definer.execute("DELETE FROM vault_wrapcheck")
    plant(BROKEN["no role, live"][0].replace("%(code)s", f"'{code}'"))
    assert check() == 1
    told = definer.execute(
        "SELECT u.login_name, n.case_id FROM cases_notice n JOIN accounts_user u ON u.id = n.user_id WHERE kind = 'wraps'"
    )
    assert told.fetchall() == [("vera", None)]
    assert definer.execute(
        "SELECT detail FROM accounts_auditevent WHERE action = 'wraps_checked' ORDER BY sequence"
    ).fetchall() == [("0",), ("1",)]
    page = cast.client("vera").get("/").content.decode()
    assert str(KINDS["wraps"].words(None))[:40] in page
    assert "does not fit" in cast.client("koka").get("/log").content.decode()
    with as_role("web") as web:
        assert web.execute("SELECT wraps_wrong FROM app.health()").fetchone() == (1,)


def test_not_before_two_at_night(cast, definer):
    offset = timezone.now().hour  # a zone in which it is between midnight and one
    zone = f"Etc/GMT{offset:+d}" if offset <= 12 else f"Etc/GMT-{24 - offset}"
    assert check(zone) is None


def test_the_command_names_ids_and_codes(cast, code, definer):
    out = StringIO()
    call_command("check_wraps", stdout=out)
    assert "in order" in out.getvalue()
    plant(BROKEN["no role, live"][0].replace("%(code)s", f"'{code}'"))
    out = StringIO()
    with pytest.raises(CommandError, match="1 out of order"):
        call_command("check_wraps", stdout=out)
    assert out.getvalue().startswith("live_without_role ")


def test_nobody_signed_in_may_ask_for_the_list(cast):
    for role in ("web", "door"):
        with as_role(role) as login, pytest.raises(Exception, match="permission denied"):
            login.execute("SELECT * FROM app.wraps_out_of_order()")
