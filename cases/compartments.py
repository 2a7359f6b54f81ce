"""Closed lists of the compartments: the identity card, who may open it, who must not see a case, and why; what is erased, and kept."""

from django.db import models
from django.utils.translation import gettext_lazy as _

GRANT_DAYS = 7  # the longest; app.grant_approve has the same number


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


class TextState(models.TextChoices):
    """Whether a text that somebody else wrote names the survivor. Seen only by who may open the identity."""

    UNCHECKED = "unchecked", _("Not looked through yet")
    NAMES = "names", _("May name her")
    CLEAR = "clear", _("Nothing of the card stands in it")
    KEPT = "kept", _("Looked at: it stays")


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


class GrantReason(models.TextChoices):
    """Why somebody besides lead and backup needs to know who she is: those of OpeningReason that she may have."""

    CONTACT = OpeningReason.CONTACT.value, OpeningReason.CONTACT.label
    DOCUMENT = OpeningReason.DOCUMENT.value, OpeningReason.DOCUMENT.label
    AUTHORITY = OpeningReason.AUTHORITY.value, OpeningReason.AUTHORITY.label
    HER_WISH = OpeningReason.HER_WISH.value, OpeningReason.HER_WISH.label
    OTHER = OpeningReason.OTHER.value, OpeningReason.OTHER.label


class GrantState(models.TextChoices):
    """Only `active` opens anything; whatever else stands here, or is not known, opens nothing."""

    ASKED = "asked", _("Asked")
    ACTIVE = "active", _("Open to her")
    DECLINED = "declined", _("Refused")
    ENDED = "ended", _("Ended")


class GrantEnd(models.TextChoices):
    """Why a grant ended."""

    TIME_OVER = "time_over", _("The time was over")
    WITHDRAWN = "withdrawn", _("The survivor withdrew her consent")
    BY_HAND = "by_hand", _("Ended by hand")
    LEFT_CASE = "left_case", _("She is not on the case any more")
    NOT_CONFIRMED = "not_confirmed", _("Nobody confirmed that she still represents her")
    PROTECTED = "protected", _("The case is protected now: two approve it anew")


class WallReason(models.TextChoices):
    """Why somebody must not see a request or a case."""

    NAMED = "named", _("The survivor named her")
    KNOWS = "knows", _("She knows somebody concerned")
    CONCERNED = "concerned", _("She may be concerned herself")
    CONFLICT = "conflict", _("Conflict of interest")
    OTHER = "other", _("Another reason")


# Coded facts of a case that say too much about a journalist, a colleague or somebody well known: sealed under content
# while the case is protected.
SEALED_FACTS = ("person_category", "age_band", "gender")


# --- Erasure, retention -----------------------------------------------------------------------
class Erased(models.TextChoices):
    """How much was erased."""

    CASE = "case", _("The whole case")
    DATE = "date", _("Everything but one date")
    REQUEST = "request", _("A request that became no case")


class ErasureReason(models.TextChoices):
    """Why something is erased."""

    HER_WISH = "her_wish", _("She asked for it")
    RETENTION = "retention", _("It was kept long enough")


class HoldReason(models.TextChoices):
    """Why nothing of a case may be erased."""

    PROCEEDINGS = "proceedings", _("Proceedings are under way")
    CLAIM = "claim", _("A claim may still be raised")
    AUTHORITY = "authority", _("A court or authority has asked for it")
    COMPLAINT = "complaint", _("There is a complaint about our work")


class Withdrawal(models.TextChoices):
    """What a survivor may choose when she wants to stop."""

    PAUSE = "pause", _("Pause: the case stays, nobody calls her")
    HAND_OVER = "hand_over", _("Give her what we have written, then decide")
    DATE = "date", _("Erase everything but one date")
    CASE = "case", _("Erase everything")
