"""Whoever was deactivated is not on call: the second is, or nobody, and the rota says so."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.services import people
from cases.access import get_request
from cases.access.armed import default_until
from cases.access.duty import list_alerts, list_gaps, next_people, next_shift, on_call_now
from cases.services import answering, arming, duty
from tests.cases.helpers import log
from tests.security.attack import plant


@pytest.fixture
def rota(cast):
    """Boba is on call alone; the next shift is hers with Ana as second, and one in which she is Ana's second."""
    cast.intake()
    cast.person("koka")
    now = timezone.now()
    planned = [(-1, 2, cast.boba, None), (2, 6, cast.boba, cast.ana), (6, 9, cast.ana, cast.boba)]
    with cast.acting("koka") as koka:
        shifts = [duty.Planned(now + timedelta(hours=a), now + timedelta(hours=b), *both) for a, b, *both in planned]
        duty.add_shifts(shifts=shifts, by=koka)
    return cast


def deactivate(cast, name: str) -> None:
    with cast.acting("vera") as vera:
        people.deactivate(person=getattr(cast, name), by=vera)


def page(client, address: str = "/duty") -> str:
    return " ".join(client.get(address).content.decode().split())


def test_whoever_was_deactivated_is_not_on_call_and_her_shift_is_a_gap(rota):
    koka = rota.client("koka")
    assert "account ended" not in page(koka)
    deactivate(rota, "boba")
    with rota.acting("ana") as ana:
        assert on_call_now() == []
        following = next_shift()
        assert (following.on_call, following.second) == (ana, None), "the second counts as on call"
        assert default_until() == following.ends_at
        assert list_gaps()[0].ends_at == following.starts_at
        assert next_people(rota.koka) == [ana]
        assert next_people(ana) == []
        assert "Nobody is on call now; the next is on call from" in arming._who_comes(following.ends_at)
    said = page(koka)
    assert "Nobody is on call now." in said
    assert "Nobody is on call from" in said
    assert said.count("account ended") == 3
    assert said.count("Nobody is on call</strong>") == 1, "one shift has nobody, two have Ana"


def test_where_somebody_else_was_put_there_nothing_overlaps(rota):
    deactivate(rota, "boba")
    now = timezone.now()
    with rota.acting("koka") as koka:
        shift = duty.Planned(now - timedelta(hours=1), now + timedelta(hours=1), rota.ana)
        duty.add_shifts(shifts=[shift], by=koka)
        assert [row.on_call for row in on_call_now()] == [rota.ana]
    said = page(rota.client("koka"))
    assert "Overlaps another shift" not in said
    assert "Nobody is on call</strong>" not in said


def test_without_a_shift_whoever_was_deactivated_covers_nothing(rota):
    """Ana's shift is taken out, and beside it stands only one of Boba's."""
    now = timezone.now()
    with rota.acting("koka") as koka:
        extra = duty.Planned(now - timedelta(hours=1), now + timedelta(hours=2), rota.ana)
        duty.add_shifts(shifts=[extra], by=koka)
        shift = next(row for row in on_call_now() if row.on_call == rota.ana)
    koka = rota.client("koka")
    address = reverse("cases:shift_cancel", args=[shift.pk])
    assert "Nobody is on call from" not in koka.post(address).content.decode()
    deactivate(rota, "boba")
    said = koka.post(address).content.decode()
    assert "Nobody is on call from" in said
    assert "Boba" not in said


def test_the_second_in_her_place_has_what_is_urgent_though_nobody_alerted_her(cast):
    cast.intake()
    cast.person("koka")
    request = log(cast, in_danger_now=True)
    now = timezone.now()
    with cast.acting("ana") as ana:
        answering.assign(request=get_request(ana, request), person=ana, by=ana)
    with cast.acting("koka") as koka:
        shift = duty.Planned(now - timedelta(hours=1), now + timedelta(hours=2), cast.boba, cast.ana)
        duty.add_shifts(shifts=[shift], by=koka)
    plant("DELETE FROM cases_notice")
    with cast.acting("ana") as ana:
        assert list_alerts(ana) == []
    deactivate(cast, "boba")
    with cast.acting("ana") as ana:
        assert [row.code for row in list_alerts(ana)] == [request]
        assert arming._who_comes(now + timedelta(hours=1)) == ""
    assert "Urgent: answer now" in page(cast.client("ana"), "/")


def test_before_she_is_deactivated_the_page_says_on_how_many_shifts_she_stands(rota):
    address = reverse("accounts:person_deactivate", args=[rota.boba.pk])
    said = "She stands on the rota for 3 coming shifts: put somebody else there."
    assert said in page(rota.client("vera"), address)
    with rota.acting("koka") as koka:
        for shift in [*on_call_now(), next_shift()]:
            duty.cancel_shift(shift=shift, by=koka)
    assert "She stands on the rota for 1 coming shift: put" in page(rota.client("vera"), address)
