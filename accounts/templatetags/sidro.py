"""Tags and filters of Sidro's pages: times with their zone, words for due dates, and what error pages need.

Tags read settings and the request only, so that a page can be rendered while the database is away.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from time import time as clock
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.middleware.csrf import get_token
from django.template.context import Context
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from accounts.carrying import TYPED_BY, mark_of
from accounts.rendering import language_tag, signed_in_person
from accounts.wording import one_stop

register = template.Library()
register.filter("one_stop", one_stop, is_safe=True)

SOON_HOURS = timedelta(hours=2)  # a clock of minutes and hours turns amber
SOON_DAYS = 3  # a date turns amber


@register.simple_tag
def helpline_name() -> str:
    """The organisation's name, also where no context processor ran (error pages)."""
    return settings.HELPLINE_NAME


@register.simple_tag
def current_language() -> str:
    """The language of the page as HTML wants it, also where no context processor ran."""
    return language_tag()


@register.inclusion_tag("components/demo_band.html")
def demo_band() -> dict[str, Any]:
    """The band of a practice installation. It asks the settings itself: no page can leave it out by accident."""
    return {"demo": settings.DEMO}


@register.simple_tag(takes_context=True)
def csrf_field(context: Context) -> SafeString:
    """`{% csrf_token %}` that also works inside `{% include … only %}` and is empty where there is no request.

    It says too for whom the page was made, so that what is typed here is never offered to somebody else. A page with
    fifty forms has it made once.
    """
    request = getattr(context, "request", None) or context.get("request")
    if request is None:
        return SafeString("")
    person = signed_in_person(request)
    made_for = (request.META.get("CSRF_COOKIE"), person and person.pk)
    kept_for, field = getattr(request, "form_token", (None, SafeString("")))
    if not field or kept_for != made_for:
        field = _form_token(get_token(request), mark_of(person))
        request.form_token = (request.META["CSRF_COOKIE"], made_for[1]), field
    return field


def _form_token(token: str, mark: str) -> SafeString:
    field = format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', token)
    return field + format_html('<input type="hidden" name="{}" value="{}">', TYPED_BY, mark) if mark else field


@register.filter
def error_target(field: BoundField) -> str:
    """The id an error summary links to: the control, or the first choice of a group."""
    return field.id_for_label or f"{field.auto_id}_0"


@register.filter
def naming(error: str, field: BoundField) -> str:
    """An error as a summary says it: with the name of its field, once."""
    label = str(field.label)
    return error if label in error else f"{label} – {error}"


@register.filter
def iso_time(value: date | datetime | None) -> str:
    """For the datetime attribute of <time>: ISO 8601, moments in UTC."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="minutes")
    return value.isoformat()


@register.filter
def short_time(value: date | datetime | None) -> str:
    """A moment in the reader's zone with the zone named ("21 Nov, 14:05 CET"); a date has no zone.

    The year is said only where it is not this one.
    """
    return _in_words(value, with_year=False)


@register.filter
def full_time(value: date | datetime | None) -> str:
    """The same with its year, whichever it is: for what is kept, on paper or as a file."""
    return _in_words(value, with_year=True)


def _in_words(value: date | datetime | None, *, with_year: bool) -> str:
    if value is None:
        return ""
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    no_year = not with_year and local.year == _year_now(int(clock() // 60))
    day = (local.year, local.month, local.day, no_year, get_language())
    return (
        _moment_words(*day, local.hour, local.minute, local.tzname())
        if isinstance(local, datetime)
        else _day_words(*day)
    )


@lru_cache(maxsize=1)
def _year_now(minute: int) -> int:
    """This year in the reader's zone, asked once a minute."""
    return timezone.localdate().year


@lru_cache(maxsize=2048)
def _day_words(year: int, month: int, day: int, no_year: bool, language: str | None) -> str:
    """A day in words; kept, because a long timeline says the same days over and over."""
    pattern = pgettext("date format, this year", "j M") if no_year else pgettext("date format, another year", "j M Y")
    return date_format(date(year, month, day), pattern)


@lru_cache(maxsize=2048)
def _moment_words(
    year: int, month: int, day: int, no_year: bool, language: str | None, hour: int, minute: int, zone: str | None
) -> str:
    return _("%(day)s, %(time)s %(zone)s") % {
        "day": _day_words(year, month, day, no_year, language),
        "time": time_format(time(hour, minute), pgettext("time format", "H:i")),
        "zone": zone,
    }


@register.filter
def due_state(value: date | datetime | None) -> str:
    """overdue, soon or later: for classes and for choosing a word, never the only sign on a page."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        left = value - timezone.now()
        return "overdue" if left < timedelta() else "soon" if left <= SOON_HOURS else "later"
    days = (value - timezone.localdate()).days
    return "overdue" if days < 0 else "soon" if days <= SOON_DAYS else "later"


@register.filter
def due_text(value: date | datetime | None) -> str:
    """How long is left, or how long it is overdue, in words a person uses."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        left = value - timezone.now()
        pattern = _("%(time)s overdue") if left < timedelta() else _("in %(time)s")
        return pattern % {"time": span_text(abs(left))}
    return day_text((value - timezone.localdate()).days)


def day_text(days: int) -> str:
    """A date seen from today."""
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days < 0:
        return _("%(time)s overdue") % {"time": count_days(-days)}
    return _("in %(time)s") % {"time": count_days(days)}


def span_text(span: timedelta) -> str:
    """A length of time: minutes below two hours, hours below two days, then days; rounded down."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return count_days(hours // 24)


def count_days(days: int) -> str:
    """A number of days in words."""
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
