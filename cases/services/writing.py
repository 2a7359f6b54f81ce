"""What is given to her in writing when somebody else goes on: the day until which a right may run, in her language."""

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.choices import ContactLanguage
from cases.models import HelpRequest
from cases.services.running import Running

# The language of the pages that is nearest to hers; English where there is none.
PAGES = {
    ContactLanguage.SR: "sr",
    ContactLanguage.BS: "sr-latn",
    ContactLanguage.HR: "sr-latn",
    ContactLanguage.SQ: "sq",
}


def sentence(request: HelpRequest, runs: Running | None) -> str:
    """A proposal to copy; empty where no day is known."""
    if runs is None:
        return ""
    with translation.override(PAGES.get(ContactLanguage(request.language), "en")):
        return _(
            "On %(day)s the time to bring a private criminal complaint may end. Please speak with a lawyer before "
            "that day: only a lawyer can say it for certain."
        ) % {"day": date_format(runs.safe_day, pgettext("date format, another year", "j M Y"))}
