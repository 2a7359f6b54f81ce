"""Absence: reminders go to the backup, pickers and lists say so, nobody is left without anybody."""

import re
from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.exceptions import NotAllowed
from cases.access.absence import away_until, list_covers
from cases.models import Absence
from cases.services import absence, duty
from tests.cases.helpers import assign, log, open_case
from tests.cases.test_pages import queries
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


def test_whose_days_somebody_else_entered_reads_who_did_until_they_are_taken_out(cast, code):
    with cast.acting("boba") as boba:
        absence.add_absence(person=boba, from_on=TODAY(), until_on=TODAY(), by=boba)
    away(cast, "ana", 0)
    said = "entered days away for you"
    assert f"Koka {said}" in cast.client("ana").get("/").content.decode()
    assert said not in cast.client("boba").get("/").content.decode()
    with cast.acting("ana") as ana:
        absence.cancel_absence(absence=Absence.objects.select_related("user").get(user=ana), by=ana)
    assert said not in cast.client("ana").get("/").content.decode()


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


def rota(cast, name: str, *days: int, second: str = "") -> None:
    """A night shift on each of these days from today on."""
    person, other = getattr(cast, name), getattr(cast, second) if second else None
    shifts = []
    for day in days:
        evening = timezone.make_aware(datetime.combine(TODAY() + timedelta(days=day), time(18)))
        shifts.append(duty.Planned(evening, evening + timedelta(hours=15), person, other))
    with cast.acting("koka") as koka:
        duty.add_shifts(shifts=shifts, by=koka)


def enter(cast, who: str, name: str, first: int, last: int) -> str:
    days = {"from_on": TODAY() + timedelta(days=first), "until_on": TODAY() + timedelta(days=last)}
    values = {"person": str(getattr(cast, name).pk), **{key: day.isoformat() for key, day in days.items()}}
    return cast.client(who).post(reverse("cases:absence_list"), values, follow=True).content.decode()


def test_both_days_have_to_be_given(cast, code):
    client = cast.client("ana")
    assert TODAY().isoformat() not in client.get(reverse("cases:absence_list")).content.decode()
    response = client.post(reverse("cases:absence_list"), {"person": str(cast.ana.pk), "from_on": "", "until_on": ""})
    assert response.status_code == 422
    with cast.acting("ana"):
        assert not Absence.objects.exists()


def test_her_shifts_in_these_days_are_said_with_a_way_to_the_rota(cast, code):
    """The night before the first day reaches into it, as on call or as second; others' nights are not hers."""
    rota(cast, "boba", 1, 9)
    rota(cast, "ana", 3, second="boba")
    rota(cast, "ana", 4)
    page = enter(cast, "koka", "boba", 2, 5)
    said = re.search(r"On these days Boba has shifts: ([^<]*)", page)[1]
    assert said.count("18:00") == said.count("09:00") == 2
    assert f'<a class="govuk-link" href="{reverse("cases:duty")}">Duty rota</a>' in page
    assert "Shifts meanwhile: 2" in page
    assert "On these days" not in enter(cast, "koka", "lana", 2, 5)


def test_of_many_shifts_five_are_said(cast, code):
    rota(cast, "boba", *range(2, 9))
    cast.boba.display_name = "Boba <{0}>"  # a name is text, whatever stands in it
    plant("UPDATE accounts_user SET display_name = %s WHERE id = %s", cast.boba.display_name, cast.boba.pk)
    page = enter(cast, "boba", "boba", 2, 20)
    assert "On these days Boba &lt;{0}&gt; has shifts:" in page
    assert "; and 2 more. Find somebody" in page
    assert page.count("18:00") == 5


def test_the_list_asks_for_all_shifts_at_once(cast, code):
    client = cast.client("ana")
    away(cast, "ana")
    rota(cast, "ana", 1)
    one = queries(client, reverse("cases:absence_list"))
    for number, name in enumerate(("boba", "lana", "ceca", "boba", "lana"), start=4):
        away(cast, name, number)
    rota(cast, "boba", 2, 3, second="ana")
    assert queries(client, reverse("cases:absence_list")) == one


# --- Requests of whoever is away --------------------------------------------------------------
def test_two_times_away_that_touch_are_one(cast, code):
    away(cast, "boba", days=2)
    with cast.acting("boba") as boba:
        for first, last in ((3, 9), (11, 12)):  # the next day; and after a day on which she is here
            days = {"from_on": TODAY() + timedelta(days=first), "until_on": TODAY() + timedelta(days=last)}
            absence.add_absence(person=boba, **days, by=boba)
        assert away_until([boba.pk, cast.ana.pk]) == {boba.pk: TODAY() + timedelta(days=9)}


def test_what_is_due_on_a_request_of_somebody_away_stands_on_the_desks_of_her_team(cast, code):
    soon, later = log(cast), log(cast)
    ana, boba = cast.client("ana"), cast.client("boba")
    for request, hours in ((soon, 3), (later, 72)):
        until = timezone.localtime(timezone.now() + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")
        boba.post(f"/requests/{request}/promise", {"until": until})
    assert soon not in ana.get("/").content.decode()
    entered = {"person": cast.boba.pk, "from_on": TODAY(), "until_on": TODAY() + timedelta(days=2)}
    plant("UPDATE accounts_user SET display_name = 'Boba S.' WHERE id = %s", cast.boba.pk)
    said = boba.post("/duty/away", entered, follow=True).content.decode()
    assert "2 open requests are hers" in said
    assert "requests of Boba S</a>." in said  # one full stop
    plant("UPDATE accounts_user SET display_name = 'Boba' WHERE id = %s", cast.boba.pk)
    queue = ana.get(re.search(r'href="(/requests/?\?whose=[^"]*)"', said)[1]).content.decode()
    assert soon in queue
    assert later in queue
    assert log(cast) not in queue
    assert f'<option value="{cast.boba.pk}" selected>Boba</option>' in queue
    desk = ana.get("/").content.decode()
    assert "Requests of colleagues who are away" in desk
    assert soon in desk
    assert later not in desk  # nothing is due on it yet
    assert "Requests of colleagues who are away" not in boba.get("/").content.decode()


def test_giving_a_request_to_somebody_away_is_said(cast, code):
    request = log(cast)
    ana = cast.client("ana")
    given = ana.post(f"/requests/{request}/assign", {"person": cast.boba.pk}, follow=True).content.decode()
    assert "is away until" not in given
    away(cast, "boba")
    again = ana.post(f"/requests/{request}/assign", {"person": cast.boba.pk}, follow=True).content.decode()
    assert "Boba is away until" in again
    other = {"action": "assign", "code": [log(cast)], "sure": "1", "person": cast.boba.pk}
    assert "Boba is away until" in ana.post("/requests/bulk", other, follow=True).content.decode()
