"""Closed lists of the cases app. Codes are the field's standard terms; labels are what people read."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Perm:
    """Codenames of the permissions on a case: guardian rows, read by access and by PostgreSQL alike."""

    VIEW = "view_case"
    CHANGE = "change_case"
    SHARE = "share_case"


class Purpose(models.TextChoices):
    """What a key of a case, or an envelope of a request, is for."""

    CONTENT = "content", _("Content")
    REACH = "reach", _("How she can be reached")
    IDENTITY = "identity", _("Identity")
    WORDS = "words", _("Words of a request")
    CONTACTS = "contacts", _("Contacts of a request")
    INBOX = "inbox", _("Inbox")


CASE_PURPOSES = (Purpose.CONTENT, Purpose.REACH, Purpose.IDENTITY)


class CaseRole(models.TextChoices):
    """Role on this case."""

    LEAD = "lead", _("Lead")
    BACKUP = "backup", _("Backup")
    SUPERVISOR = "supervisor", _("Supervisor")
    CASEWORKER = "caseworker", _("Caseworker")
    LAWYER = "lawyer", _("Lawyer")
    INTERPRETER = "interpreter", _("Interpreter")
    DEPUTY = "deputy", _("Deputy")


# Who holds every key of a case, and may open the identity card (app.may_identify).
HOLDERS = (CaseRole.LEAD, CaseRole.BACKUP)

# Who holds what (design: vault, "Who holds what"). The same table stands in app.role_permissions() and a test
# compares the two.
ROLE_PERMISSIONS: dict[str, tuple[str, ...]] = {
    CaseRole.LEAD: (Perm.VIEW, Perm.CHANGE, Perm.SHARE),
    CaseRole.BACKUP: (Perm.VIEW, Perm.CHANGE, Perm.SHARE),
    CaseRole.SUPERVISOR: (Perm.VIEW, Perm.CHANGE),
    CaseRole.CASEWORKER: (Perm.VIEW, Perm.CHANGE),
    CaseRole.LAWYER: (Perm.VIEW, Perm.CHANGE),
    CaseRole.INTERPRETER: (Perm.VIEW,),
    CaseRole.DEPUTY: (Perm.VIEW,),
}
ROLE_KEYS: dict[str, tuple[Purpose, ...]] = {
    CaseRole.LEAD: CASE_PURPOSES,
    CaseRole.BACKUP: CASE_PURPOSES,
    CaseRole.SUPERVISOR: (Purpose.CONTENT,),
    CaseRole.CASEWORKER: (Purpose.CONTENT,),
    CaseRole.LAWYER: (Purpose.CONTENT,),
    CaseRole.INTERPRETER: (Purpose.CONTENT,),
    CaseRole.DEPUTY: (),
}


class Channel(models.TextChoices):
    WEB = "web", _("Web form")
    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    MESSAGE = "message", _("Message")
    IN_PERSON = "in_person", _("In person")
    PARTNER = "partner", _("Partner organisation")


class ContactLanguage(models.TextChoices):
    """Languages she may be spoken to in (ISO 639-1)."""

    SR = "sr", _("Serbian")
    SQ = "sq", _("Albanian")
    BS = "bs", _("Bosnian")
    HR = "hr", _("Croatian")
    MK = "mk", _("Macedonian")
    RO = "ro", _("Romanian")
    HU = "hu", _("Hungarian")
    RM = "rom", _("Romani")
    EN = "en", _("English")
    OTHER = "other", _("Another language")


class About(models.TextChoices):
    """The person who writes is kept apart from the survivor."""

    SELF = "self", _("About herself")
    OTHER = "other", _("About somebody else")
    UNKNOWN = "unknown", _("Not known yet")


class MinorFlag(models.TextChoices):
    """Minor now, or minor in the material: either stops ordinary handling."""

    NO = "no", _("No sign of it")
    NOW = "now", _("She is under 18")
    MATERIAL = "material", _("Somebody in the material was under 18")
    UNKNOWN = "unknown", _("Not known yet")


class RequestState(models.TextChoices):
    NEW = "new", _("New")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    AWAITING_PERSON = "awaiting_person", _("Waiting for her answer")
    WAITING = "waiting", _("Waiting, date promised")
    ACCEPTED = "accepted", _("Accepted as a case")
    INFORMATION_GIVEN = "information_given", _("Information given")
    REFERRED_OUT = "referred_out", _("Referred to another service")
    NOT_ELIGIBLE = "not_eligible", _("Not for this helpline")
    SPAM = "spam", _("Spam")
    WITHDRAWN = "withdrawn", _("Withdrawn by her")
    DUPLICATE = "duplicate", _("Already with us")


class ReferralAnswer(models.TextChoices):
    """What came of it that she was sent on to another service."""

    TAKEN_IN = "taken_in", _("They have taken her in")
    NOT_TAKEN_IN = "not_taken_in", _("They have not taken her in")
    NO_ANSWER = "no_answer", _("They gave no answer")


class CaseState(models.TextChoices):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")
    TRANSFERRED = "transferred", _("Transferred")
    DUPLICATE = "duplicate", _("Already with us")
    ERASED = "erased", _("Erased but for one date")


class Stage(models.TextChoices):
    """The six steps of GBV case management (interagency guidelines)."""

    ENGAGEMENT = "engagement", _("Engagement")
    ASSESSMENT = "assessment", _("Assessment")
    ACTION_PLANNING = "action_planning", _("Action planning")
    IMPLEMENTATION = "implementation", _("Implementation")
    FOLLOW_UP = "follow_up", _("Follow-up")
    CLOSURE = "closure", _("Closure")


class Risk(models.TextChoices):
    IMMEDIATE = "immediate", _("Immediate")
    HIGH = "high", _("High")
    ELEVATED = "elevated", _("Elevated")
    STANDARD = "standard", _("Standard")
    UNKNOWN = "unknown", _("Not rated yet")


class Compartment(models.TextChoices):
    STANDARD = "standard", _("Standard")
    PROTECTED = "protected", _("Protected")


class AssignmentState(models.TextChoices):
    OFFERED = "offered", _("Offered")
    LIVE = "live", _("On the case")
    DECLINED = "declined", _("Declined")
    ENDED = "ended", _("Ended")


class EndReason(models.TextChoices):
    """Why an assignment ended."""

    WORK_DONE = "work_done", _("Work done")
    HANDED_OVER = "handed_over", _("Handed over")
    OWN_WISH = "own_wish", _("Her own wish")
    CONFLICT = "conflict", _("Conflict of interest")
    SURVIVOR_WISH = "survivor_wish", _("The survivor asked for it")
    DEACTIVATED = "deactivated", _("Account deactivated")
    OFFER_WITHDRAWN = "offer_withdrawn", _("Offer withdrawn")
    TIME_OVER = "time_over", _("The agreed time is over")


class NoteType(models.TextChoices):
    CASE_NOTE = "case_note", _("Case note")
    LEGAL_NOTE = "legal_note", _("Legal note")
    REVIEW_NOTE = "review_note", _("Review note")


class WrapState(models.TextChoices):
    OFFERED = "offered", _("Offered")
    LIVE = "live", _("Live")
    PARKED = "parked", _("Parked")


class DeadlineState(models.TextChoices):
    """One list for documents, vocabulary and code; "due soon" is computed."""

    NOT_STARTED = "not_started", _("Not started")
    RUNNING = "running", _("Running")
    SUSPENDED = "suspended", _("Suspended")
    MET = "met", _("Met")
    MISSED = "missed", _("Missed")
    WAIVED = "waived", _("Let go, with reason")
    SUPERSEDED = "superseded", _("Superseded")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    NEEDS_LAWYER = "needs_lawyer", _("Needs a lawyer")


class Severity(models.TextChoices):
    """How much hangs on a date; chooses the ladder of reminders (app.ladder)."""

    CRITICAL = "critical", _("A right is lost for ever")
    IMPORTANT = "important", _("Important")
    ROUTINE = "routine", _("Routine")


class MailKind(models.TextChoices):
    """The two constant texts."""

    NOW = "now", _("Now")
    NEXT = "next", _("When you next work")


class MailState(models.TextChoices):
    DUE = "due", _("Due")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
