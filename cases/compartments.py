"""Closed lists of the compartments: the identity card, who may open it, and why."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EntryKind(models.TextChoices):
    """What an entry of an identity card is. Sealed with the entry: that a newsroom is noted says who she is."""

    NAME = "name", _("Name")
    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    HANDLE = "handle", _("Name on a platform")
    ADDRESS = "address", _("Address")
    BORN = "born", _("Date of birth")
    DOCUMENT = "document", _("Document and its number")
    RELATIVE = "relative", _("Relative or close person")
    EMPLOYER = "employer", _("Employer, school or newsroom")
    OTHER = "other", _("Something else")


class Certainty(models.TextChoices):
    """How sure an entry is."""

    SEEN = "seen", _("Seen in a document")
    SAID = "said", _("She said so")
    HEARD = "heard", _("Somebody else said so")
    UNSURE = "unsure", _("Not sure")


class OpeningKind(models.TextChoices):
    """How sealed identities are read: one card by a person, or values compared without being shown."""

    CARD = "card", _("Opened the card")
    SEARCH = "search", _("Searched by an exact value")
    COMPARE = "compare", _("Compared with what was written")


class OpeningReason(models.TextChoices):
    """Why an identity card is opened."""

    CONTACT = "contact", _("To reach her or meet her")
    DOCUMENT = "document", _("To write a letter or report in her name")
    AUTHORITY = "authority", _("Police or court ask who she is")
    CHECK = "check", _("To make sure who she is")
    CORRECT = "correct", _("To add or correct something")
    HER_WISH = "her_wish", _("She asked for it")
    OTHER = "other", _("Another reason")


class GrantKind(models.TextChoices):
    """How long somebody besides lead and backup may open an identity."""

    GRANT = "grant", _("For up to seven days")
    REPRESENTATION = "representation", _("While she represents her")


class GrantState(models.TextChoices):
    """Only `active` opens anything; whatever else stands here, or is not known, opens nothing."""

    ASKED = "asked", _("Asked")
    ACTIVE = "active", _("Open to her")
    DECLINED = "declined", _("Declined")
    ENDED = "ended", _("Ended")


class GrantEnd(models.TextChoices):
    """Why a grant ended."""

    TIME_OVER = "time_over", _("The time was over")
    WITHDRAWN = "withdrawn", _("The survivor withdrew her consent")
    BY_HAND = "by_hand", _("Ended by hand")
    LEFT_CASE = "left_case", _("She is not on the case any more")
    NOT_CONFIRMED = "not_confirmed", _("Nobody confirmed that she still represents her")
    WALLED = "walled", _("She must not see the case")
