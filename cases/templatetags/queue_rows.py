"""The rows of the queue: one tag for the whole table, because fifty rows of template parts cost more than the page."""

from collections.abc import Iterable

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.templatetags.sidro import short_time
from cases.choices import Channel, ContactLanguage, RequestState
from cases.models import HelpRequest
from cases.templatetags.case_words import request_clock, request_tags
from cases.words import labels

register = template.Library()

SOME_CODE = "AAAA-AAAA"  # stands in an address until it is the address of a row: finding an address is slow
ROW = (
    '<tr class="govuk-table__row"><td class="govuk-table__cell choose">'
    '<input type="checkbox" name="code" value="{code}" aria-label="{choose}"></td>'
    '<th scope="row" class="govuk-table__header"><a class="govuk-link" href="{url}" data-opens>{code}</a></th>'
    '<td class="govuk-table__cell" data-label="{state_label}">{tags} {state}</td>'
    '<td class="govuk-table__cell" data-label="{clock_label}">{clock}</td>'
    '<td class="govuk-table__cell" data-label="{came_label}">{came}, {channel}, {language}</td>'
    '<td class="govuk-table__cell" data-label="{who_label}">{who}</td></tr>'
)


@register.simple_tag
def queue_rows(requests: Iterable[HelpRequest]) -> SafeString:
    """Requests as rows of the table: the box that chooses one, code, state, clock, how it came, who has it."""
    states, channels, languages = labels(RequestState), labels(Channel), labels(ContactLanguage)
    heads = {
        "state_label": escape(_("State")),
        "clock_label": escape(_("Clock")),
        "came_label": escape(_("Came")),
        "who_label": escape(_("Who has it")),
    }
    choose, url = _("Choose %(code)s"), reverse("cases:request_detail", args=[SOME_CODE])
    made = (
        format_html(
            ROW,
            **heads,
            code=row.code,
            choose=choose % {"code": row.code},
            url=url.replace(SOME_CODE, row.code),
            tags=request_tags(row),
            state=states[row.state],
            clock=request_clock(row),
            came=short_time(row.received_at),
            channel=channels[row.channel],
            language=languages[row.language],
            who=row.assignee.display_name if row.assignee else "–",
        )
        for row in requests
    )
    return format_html_join("\n", "{}", ((row,) for row in made))
