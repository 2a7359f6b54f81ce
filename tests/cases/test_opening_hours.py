"""Opening hours: kept by who runs the house, and what first-response clocks follow."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from cases.choices import Risk
from cases.models import ClosedDay, OpeningHours
from cases.services import clocks, opening_hours
from tests.security.attack import open_table, plant, run, switched_off

_DAY = timezone.localdate() + timedelta(days=7)
_DAY -= timedelta(days=(_DAY.weekday() - 4) % 7)
FRIDAY = datetime.combine(_DAY, time(13), timezone.get_default_timezone())  # one that comes
USUAL = {day: (time(9), time(17)) for day in range(5)}


@pytest.fixture
def usual():
    """These rows outlive a test: what it changed is put back."""
    yield
    plant("UPDATE cases_openinghours SET opens_at = NULL, closes_at = NULL WHERE weekday > 4")
    plant("UPDATE cases_openinghours SET opens_at = '09:00', closes_at = '17:00' WHERE weekday < 5")


def on(days: int) -> date:
    """So many days after that Friday."""
    return FRIDAY.date() + timedelta(days=days)


def typed(**changes: str) -> dict[str, str]:
    """The form as it comes back: Monday to Friday, nine to five."""
    values: dict[str, str] = {}
    for day in range(7):
        for name, hour in (("opens", "09:00"), ("closes", "17:00")):
            values[f"{name}_{day}"] = values[f"initial-{name}_{day}"] = hour if day < 5 else ""
    return {**values, **changes}


def answer(cast, risk=Risk.STANDARD, at=FRIDAY) -> datetime:
    with cast.acting("ana"):
        return timezone.localtime(opening_hours.respond_by(received_at=at, risk=risk))


def test_a_clock_leaves_closed_days_out():
    zone = timezone.get_default_timezone()
    values = {"received_at": FRIDAY, "risk": Risk.ELEVATED, "hours": USUAL, "zone": zone}
    assert clocks.respond_by(**values).date() == on(3)
    assert clocks.respond_by(**values, closed={on(3)}).date() == on(4)
    assert clocks.respond_by(**{**values, "risk": Risk.IMMEDIATE}, closed={FRIDAY.date()}) - FRIDAY == timedelta(
        minutes=15
    )


def test_the_moment_follows_hours_and_closed_days(cast, usual):
    assert answer(cast, Risk.ELEVATED).isoformat()[:16] == f"{on(3)}T13:00"
    client = cast.client("koka")
    saved = client.post("/hours", typed(opens_5="10:00", closes_5="14:00"), follow=True)
    assert "by these hours" in saved.content.decode()
    assert answer(cast, Risk.ELEVATED).isoformat()[:16] == f"{on(1)}T14:00"  # four hours of Friday, four of Saturday
    assert client.post("/hours/closed", {"day": on(1)}).status_code == 302
    assert answer(cast, Risk.ELEVATED).isoformat()[:16] == f"{on(3)}T13:00"
    with cast.acting("koka"):
        closed = ClosedDay.objects.get()
    for _twice in range(2):
        assert client.post(f"/hours/closed/{closed.pk}/remove").status_code == 302
    assert answer(cast, Risk.ELEVATED).isoformat()[:16] == f"{on(1)}T14:00"


def test_only_what_she_changed_is_written(cast, usual):
    first, second = cast.client("koka"), cast.client("vera")
    assert first.post("/hours", typed(opens_0="08:00")).status_code == 302
    assert second.post("/hours", typed(closes_1="18:00")).status_code == 302  # her page is older
    with cast.acting("koka"):
        rows = {row.weekday: (row.opens_at, row.closes_at) for row in OpeningHours.objects.all()}
    assert (rows[0], rows[1]) == ((time(8), time(17)), (time(9), time(18)))
    assert rows[6] == (None, None)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"opens_0": "", "closes_0": "17:00"}, "opens_0", "Give both times"),
        ({"opens_5": "09:00"}, "closes_5", "Give both times"),
        ({"closes_0": "08:00"}, "closes_0", "before it opens"),
        ({"opens_2": "soon"}, "opens_2", ""),
    ],
)
def test_wrong_hours_stay_in_the_form(cast, usual, changes, field, words):
    page = cast.client("koka").post("/hours", typed(**changes))
    assert page.status_code == 422
    assert words in " ".join(page.context["hours_form"].errors[field])
    for name, value in changes.items():
        assert page.context["hours_form"][name].value() == value
    assert answer(cast).isoformat()[:10] == str(on(5))  # 24 hours of work


def test_closed_every_day_says_what_that_means(cast, usual):
    client = cast.client("koka")
    nothing = {f"{name}_{day}": "" for name in ("opens", "closes") for day in range(5)}
    page = client.post("/hours", typed(**nothing), follow=True)
    assert "clocks run day and night" in page.content.decode()
    assert answer(cast, Risk.HIGH).isoformat()[:16] == f"{on(0)}T15:00"


def test_a_closed_day_stands_once_and_does_not_lie_in_the_past(cast):
    client, day = cast.client("koka"), timezone.localdate() + timedelta(days=3)
    assert "No closed days yet" in client.get("/hours").content.decode()
    assert client.post("/hours/closed", {"day": day.isoformat()}).status_code == 302
    for wrong in (day.isoformat(), (day - timedelta(days=40)).isoformat(), "holiday"):
        page = client.post("/hours/closed", {"day": wrong})
        assert page.status_code == 422
        assert page.context["day_form"].errors["day"]


def test_nobody_else_changes_them_in_the_database_either(cast, usual):
    with cast.acting("koka") as koka:
        opening_hours.close_day(day=timezone.localdate(), by=koka)
    closing = "INSERT INTO cases_closedday (id, day, noted_at, noted_by_id) VALUES (gen_random_uuid(), '2030-01-07', now(), %s)"
    writes = (
        ("UPDATE cases_openinghours SET opens_at = '01:00' RETURNING weekday", "cases_openinghours"),
        ("UPDATE cases_closedday SET removed_at = now() RETURNING id", "cases_closedday"),
    )
    with cast.acting("ana") as ana:
        for statement, _table in writes:
            assert run(statement) == []
        with pytest.raises(DatabaseError), transaction.atomic():
            run(closing, ana.pk)
    for statement, table in writes:
        with switched_off(open_table(table)), cast.acting("ana"):
            assert run(statement)
    with switched_off(open_table("cases_closedday")), cast.acting("ana") as ana:
        run(closing, ana.pk)
