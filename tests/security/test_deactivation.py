"""Deactivating ends everything at once: sessions, unlocked keys, rows and wraps, inside PostgreSQL too."""

import pytest
from django.urls import reverse

from accounts import database
from accounts.exceptions import NotAllowed, WrongState
from accounts.keeper_access import warn_of_leaving
from accounts.services import people
from cases.models import Case
from cases.services.sealed import keys
from tests.cases.helpers import assign, open_case
from tests.keepers import NAMES, add_keeper, make_copies


def test_a_deactivated_lawyer_is_out_at_once(cast, definer):
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "lana")
    lana = cast.lana
    with cast.acting("lana"):
        assert Case.objects.count() == 1
    with cast.acting("vera") as vera:
        people.deactivate(person=lana, by=vera)
    with cast.acting("lana"):
        assert database.value("uid") is None
        assert Case.objects.count() == 0
    for table in ("cases_caseuserpermission", "vault_wrap", "accounts_session", "accounts_unlockedkey"):
        assert definer.execute(f"SELECT count(*) FROM {table} WHERE user_id = %s", [lana.pk]).fetchone() == (0,), table
    assert definer.execute(
        "SELECT state, end_reason FROM cases_assignment WHERE user_id = %s", [lana.pk]
    ).fetchall() == [("ended", "deactivated")]


def test_wraps_that_only_she_holds_are_parked_and_open_to_nobody(cast, definer):
    cast.intake()
    code = open_case(cast)
    ana = cast.person("ana")
    with cast.acting("vera") as vera:
        people.deactivate(person=ana.user, by=vera)
    states = definer.execute("SELECT DISTINCT state FROM vault_wrap WHERE user_id = %s", [ana.user.pk]).fetchall()
    assert states == [("parked",)]
    assert definer.execute("SELECT count(*) FROM cases_case WHERE code = %s", [code]).fetchone() == (1,)


def test_with_a_backup_nothing_is_parked(cast, definer):
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "boba", role="backup", voucher="ana")
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.ana, by=vera)
    assert definer.execute("SELECT count(*) FROM vault_wrap WHERE state = 'parked'").fetchone() == (0,)
    with cast.acting("boba") as boba:
        case = Case.objects.get(code=code)
        assert keys.held_keys(case_id=case.pk, purpose="identity", by=boba)


def test_the_last_administrator_cannot_be_deactivated_and_others_cannot_do_it(cast):
    ana = cast.ana
    with cast.acting("vera") as vera, pytest.raises(WrongState):
        people.deactivate(person=vera, by=vera)
    with cast.acting("vera") as vera, pytest.raises(database.Refused, match="last_administrator"):
        database.value("person_deactivate", vera.pk)  # past what Python asks
    with cast.acting("ana"), pytest.raises(database.Refused, match="not_allowed"):
        database.value("person_deactivate", cast.vera.pk)
    with cast.acting("ana") as by, pytest.raises(NotAllowed):
        people.deactivate(person=cast.vera, by=by)
    assert ana.is_active


def warned(cast, name: str, by: str = "vera") -> list[str]:
    with cast.acting(by):
        return warn_of_leaving(cast.person(name).user)


def test_before_somebody_is_deactivated_the_page_says_what_would_open_for_nobody(cast, definer):
    cast.intake()
    codes = [open_case(cast), open_case(cast)]
    alone, none = warned(cast, "ana")
    assert alone.startswith("2 open cases have a key that only she holds")
    assert none.startswith("There are no two key keepers")
    page = cast.client("vera").get(reverse("accounts:person_deactivate", args=[cast.ana.pk])).content.decode()
    assert "2 open cases have a key" in page
    assert not any(code in page for code in codes)
    assign(cast, codes[0], "boba", role="backup", voucher="ana")
    for name in NAMES[:2]:
        add_keeper(cast, name)
    alone, none = warned(cast, "ana")
    assert alone.startswith("1 open case has")
    assert none.startswith("The key keepers have no copy")
    make_copies(cast, "ana")
    assert warned(cast, "ana") == [alone]
    add_keeper(cast, NAMES[2])
    assert warned(cast, "ana")[1].startswith("Copies of her key miss for some")
    make_copies(cast, "ana")
    assign(cast, codes[1], "boba", role="backup", voucher="ana")
    assert warned(cast, "ana") == []


def test_only_administrators_are_told_of_somebody_s_copies(cast):
    cast.intake()
    with cast.acting("boba"):
        assert database.row("keeper_copies_of", cast.ana.pk) is None
    with cast.acting("vera"):
        assert database.row("keeper_copies_of", cast.ana.pk).wanted == 0
