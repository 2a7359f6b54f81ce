"""The rota and its pages: shifts, a week that repeats, gaps, overlaps, wrong input, double click."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.access.duty import Gap, gaps_between, list_gaps
from cases.models import DutyShift
from cases.services import absence, duty

NOW = timezone.now().replace(minute=0, second=0, microsecond=0)


def hours(number: int):
    return NOW + timedelta(hours=number)


def test_gaps_are_what_no_shift_covers():
    shifts = [(hours(-2), hours(3)), (hours(2), hours(4)), (hours(6), hours(8))]
    assert gaps_between(shifts, hours(0), hours(10)) == [Gap(hours(4), hours(6)), Gap(hours(8), hours(10))]
    assert gaps_between([], hours(0), hours(1)) == [Gap(hours(0), hours(1))]
    assert gaps_between([(hours(-1), hours(2))], hours(0), hours(1)) == []


def typed(cast, starts_in: int = 1, lasts: int = 8, person: str = "boba") -> dict[str, str]:
    shape = "%Y-%m-%dT%H:%M"
    return {
        "starts_at": timezone.localtime(hours(starts_in)).strftime(shape),
        "ends_at": timezone.localtime(hours(starts_in + lasts)).strftime(shape),
        "on_call": str(getattr(cast, person).pk),
        "second": "",
    }


def test_a_shift_is_added_once_and_overlaps_are_said(cast):
    cast.intake()
    ana, values = cast.client("ana"), typed(cast)
    for _click in range(2):
        assert ana.post(reverse("cases:shift_create"), values).status_code == 302
    other = {**values, "on_call": str(cast.ana.pk)}
    page = ana.post(reverse("cases:shift_create"), other, follow=True).content.decode()
    assert "overlaps another one" in page
    assert page.count("Overlaps another shift") == 2
    with cast.acting("ana"):
        assert DutyShift.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lasts": -1}, "The end of a shift comes after"),
        ({"lasts": 24 * 8}, "at most seven days later"),
        ({"starts_in": -20, "lasts": 8}, "over already"),
        ({"person": "lana"}, "Choose one of the answers offered"),
        ({"person": "ceca"}, "Choose one of the answers offered"),
    ],
)
def test_wrong_input_is_explained_and_kept(cast, change, said):
    """Ceca is a caseworker outside intake: she could not read the request that she is alerted to."""
    cast.intake()
    cast.person("lana")
    values = typed(cast, **change)
    response = cast.client("ana").post(reverse("cases:shift_create"), values)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert values["ends_at"] in response.content.decode()


@pytest.mark.parametrize("name", ["lana", "ceca"])
def test_only_members_of_intake_are_on_call(cast, name):
    """Also where no form stands before the service."""
    cast.intake()
    cast.person(name)
    with cast.acting("koka") as koka, pytest.raises(Exception, match="Only members of intake"):
        duty.add_shifts(shifts=[duty.Planned(hours(1), hours(9), getattr(cast, name))], by=koka)


def test_a_week_is_previewed_then_added_at_once(cast):
    cast.intake()
    first = timezone.localdate() + timedelta(days=7 - timezone.localdate().weekday())
    values = {"first_day": first.isoformat(), "weeks": "2", "begins": "18:00", "ends": "09:00"}
    values |= {f"day_{day}": str(cast.boba.pk) for day in range(5)} | {"second_0": str(cast.ana.pk)}
    with cast.acting("koka") as koka:
        absence.add_absence(person=cast.boba, from_on=first, until_on=first, by=koka)
    ana = cast.client("ana")
    page = ana.post(reverse("cases:shift_week"), values).content.decode()
    assert page.count("Boba</td>") == 10
    assert "Boba is away" in page
    with cast.acting("ana"):
        assert not DutyShift.objects.exists()
    for _click in range(2):
        ana.post(reverse("cases:shift_week"), {**values, "confirm": "1"})
    with cast.acting("ana"):
        assert DutyShift.objects.count() == 10
        assert all(timezone.localtime(shift.ends_at).hour == 9 for shift in DutyShift.objects.all())
        monday = DutyShift.objects.order_by("starts_at")[0]
        assert monday.second_id == cast.ana.pk
    with cast.acting("ana"):
        gaps = list_gaps()
    assert gaps
    assert "Nobody is on call from" in ana.get(reverse("cases:duty")).content.decode()


def test_a_cancelled_shift_is_gone(cast):
    cast.intake()
    with cast.acting("koka") as koka:
        duty.add_shifts(shifts=[duty.Planned(hours(-1), hours(2), cast.boba)], by=koka)
        shift = DutyShift.objects.get()
    ana = cast.client("ana")
    assert "<strong>Boba</strong>" in ana.get("/duty").content.decode()
    for _click in range(2):
        assert ana.post(reverse("cases:shift_cancel", args=[shift.pk])).status_code == 302
    assert "Nobody is on call now" in ana.get("/duty").content.decode()


def test_the_list_asks_as_often_for_many_shifts_as_for_one(cast, django_assert_max_num_queries):
    cast.intake()
    counts = []
    for number in (1, 20):
        with cast.acting("koka") as koka:
            duty.add_shifts(
                shifts=[
                    duty.Planned(hours(24 * n), hours(24 * n + 5), cast.boba, cast.koka and None)
                    for n in range(1, number + 1)
                ],
                by=koka,
            )
        koka_browser = cast.client("koka")
        with django_assert_max_num_queries(40) as asked:
            koka_browser.get("/duty")
        counts.append(len(asked))
    assert counts[0] == counts[1]
