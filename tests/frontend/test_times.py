"""Times on pages: the zone is named, due dates are said in words, and nobody has to count."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone, translation

from accounts.templatetags.sidro import due_state, due_text, full_time, iso_time, short_time

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon():
    with (
        time_machine.travel(NOW, tick=False),
        timezone.override(ZoneInfo("Europe/Belgrade")),
        translation.override("en"),
    ):
        yield


def test_moment_is_in_the_readers_zone_with_its_name():
    moment = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
    assert short_time(moment) == "21 Nov, 14:05 CET"
    assert short_time(datetime(2026, 7, 1, 8, 0, tzinfo=UTC)) == "1 Jul, 10:00 CEST"
    with timezone.override(ZoneInfo("Europe/London")):
        assert short_time(moment) == "21 Nov, 13:05 GMT"
    assert iso_time(moment) == "2026-11-21T13:05+00:00"


def test_year_is_said_where_it_is_not_this_one():
    assert short_time(date(2027, 1, 4)) == "4 Jan 2027"
    assert short_time(date(2026, 12, 4)) == "4 Dec"
    assert iso_time(date(2027, 1, 4)) == "2027-01-04"


def test_what_is_kept_says_every_year():
    assert full_time(date(2026, 12, 4)) == "4 Dec 2026"
    assert full_time(datetime(2026, 11, 21, 13, 5, tzinfo=UTC)) == "21 Nov 2026, 14:05 CET"
    assert full_time(date(2027, 1, 4)) == short_time(date(2027, 1, 4))
    assert full_time(None) == ""


@pytest.mark.parametrize(
    ("moment", "words", "state"),
    [
        (datetime(2026, 11, 21, 12, 1, tzinfo=UTC), "in 1 minute", "soon"),
        (datetime(2026, 11, 21, 13, 59, tzinfo=UTC), "in 119 minutes", "soon"),
        (datetime(2026, 11, 21, 15, 30, tzinfo=UTC), "in 3 hours", "later"),
        (datetime(2026, 11, 25, 12, 0, tzinfo=UTC), "in 4 days", "later"),
        (datetime(2026, 11, 21, 11, 45, tzinfo=UTC), "15 minutes overdue", "overdue"),
        (datetime(2026, 11, 18, 11, 0, tzinfo=UTC), "3 days overdue", "overdue"),
        (date(2026, 11, 21), "today", "soon"),
        (date(2026, 11, 22), "tomorrow", "soon"),
        (date(2026, 11, 24), "in 3 days", "soon"),
        (date(2026, 12, 21), "in 30 days", "later"),
        (date(2026, 11, 20), "1 day overdue", "overdue"),
    ],
)
def test_due_in_words(moment, words, state):
    assert due_text(moment) == words
    assert due_state(moment) == state


def test_today_is_the_readers_today():
    """At 23:30 UTC it is already tomorrow in Belgrade."""
    with time_machine.travel(datetime(2026, 11, 21, 23, 30, tzinfo=UTC), tick=False):
        assert due_text(date(2026, 11, 22)) == "today"


def test_nothing_set_is_nothing_said():
    assert short_time(None) == due_text(None) == due_state(None) == iso_time(None) == ""
