"""Absence: reminders go to the backup, pickers and lists say so, nobody is left without anybody."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.exceptions import NotAllowed
from cases.access.absence import list_covers
from cases.models import Absence
from cases.services import absence
from tests.cases.helpers import assign, open_case
from tests.cases.test_reminders import fire, recipients, set_date
from tests.security.attack import plant

TODAY = timezone.localdate


@pytest.fixture
def code(cast):
    cast.intake()
    cast.person("koka")
    code = open_case(cast)
    assign(cast, code, "lana")
    assign(cast, code, "boba", role="backup", voucher="")
    plant("DELETE FROM cases_mailout")
    return code


def away(cast, name: str, days: int = 3) -> None:
    person = getattr(cast, name)
    with cast.acting("koka") as koka:
        absence.add_absence(person=person, from_on=TODAY(), until_on=TODAY() + timedelta(days=days), by=koka)


def test_reminders_go_to_the_backup_while_the_lead_is_away(cast, code, definer):
    away(cast, "ana")
    set_date(cast, code, 2)
    fire()
    assert recipients(definer) == ["boba"]


def test_an_absent_assignee_is_stood_in_for_from_the_first_rung(cast, code, definer):
    away(cast, "lana")
    set_date(cast, code, 6, assignee=cast.lana)
    fire()
    assert recipients(definer) == ["ana", "boba"]


def test_where_everybody_is_away_everybody_is_told_all_the_same(cast, code, definer):
    for name in ("ana", "boba", "lana"):
        away(cast, name)
    set_date(cast, code, 0)
    fire()
    assert recipients(definer) == ["ana", "boba"]


def test_days_that_were_taken_out_or_lie_ahead_do_not_count(cast, code, definer):
    away(cast, "ana")
    with cast.acting("ana") as ana:
        absence.cancel_absence(absence=Absence.objects.select_related("user").get(), by=ana)
        absence.add_absence(
            person=ana, from_on=TODAY() + timedelta(days=5), until_on=TODAY() + timedelta(days=6), by=ana
        )
    set_date(cast, code, 0, assignee=None)
    fire()
    assert "ana" in recipients(definer)


def test_the_backup_reads_whom_she_covers_for(cast, code):
    away(cast, "ana")
    with cast.acting("boba") as boba:
        assert [(cover.person, cover.code) for cover in list_covers(boba)] == [("Ana", code)]
    page = cast.client("boba").get("/").content.decode()
    assert "covers for Ana until" in page
    with cast.acting("lana") as lana:
        assert list_covers(lana) == []


def test_she_enters_her_own_days_and_nobody_elses(cast, code):
    boba = cast.client("boba")
    values = {"person": str(cast.boba.pk), "from_on": TODAY().isoformat(), "until_on": TODAY().isoformat()}
    for _click in range(2):
        assert boba.post(reverse("cases:absence_list"), values).status_code == 302
    assert boba.post(reverse("cases:absence_list"), {**values, "person": str(cast.ana.pk)}).status_code == 422
    with cast.acting("boba") as by:
        assert Absence.objects.count() == 1
        with pytest.raises(NotAllowed):
            absence.add_absence(person=cast.ana, from_on=TODAY(), until_on=TODAY(), by=by)


def test_the_last_day_does_not_lie_before_the_first(cast, code):
    values = {
        "person": str(cast.ana.pk),
        "from_on": (TODAY() + timedelta(days=2)).isoformat(),
        "until_on": (TODAY() + timedelta(days=1)).isoformat(),
    }
    response = cast.client("ana").post(reverse("cases:absence_list"), values)
    assert response.status_code == 422
    assert "before the first" in response.content.decode()


def test_pickers_mark_who_is_away(cast, code):
    away(cast, "boba")
    assert "Boba – away until" in cast.client("ana").get(reverse("cases:shift_create")).content.decode()
