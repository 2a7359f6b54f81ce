"""Closed lists of the work on requests and cases: calls, tasks, consent, supervision, duty.

What happened (types of incident, contexts, relations, platforms) is data of the knowledge base and not listed here.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


# --- The person (coarse, for matching and statistics) -----------------------------------------
class PersonCategory(models.TextChoices):
    SURVIVOR = "survivor", _("Survivor")
    JOURNALIST = "journalist", _("Journalist")
    DEFENDER = "defender", _("Human-rights defender")
    RELATIVE = "relative", _("Relative")
    BYSTANDER = "bystander", _("Somebody who saw it")
    UNKNOWN = "unknown", _("Not known yet")
    SEALED = "sealed", _("Protected")  # what stands in the column of a protected case


class AgeBand(models.TextChoices):
    UNDER_14 = "under_14", _("Under 14")
    FROM_14 = "from_14", _("14 to 17")
    FROM_18 = "from_18", _("18 to 24")
    FROM_25 = "from_25", _("25 to 39")
    FROM_40 = "from_40", _("40 to 59")
    FROM_60 = "from_60", _("60 and over")
    UNKNOWN = "unknown", _("Not known yet")
    SEALED = "sealed", _("Protected")


class Gender(models.TextChoices):
    """As she describes herself."""

    WOMAN = "woman", _("Woman")
    MAN = "man", _("Man")
    NON_BINARY = "non_binary", _("Non-binary")
    OTHER = "other", _("In another way")
    NOT_SAID = "not_said", _("Does not say")
    UNKNOWN = "unknown", _("Not asked yet")
    SEALED = "sealed", _("Protected")


class Country(models.TextChoices):
    """Where law may apply: the countries of the knowledge base; `ZZ` is any other."""

    RS = "RS", _("Serbia")
    XK = "XK", _("Kosovo")
    AL = "AL", _("Albania")
    ME = "ME", _("Montenegro")
    BA = "BA", _("Bosnia and Herzegovina")
    HR = "HR", _("Croatia")
    MK = "MK", _("North Macedonia")
    SI = "SI", _("Slovenia")
    EU = "EU", _("Elsewhere in the European Union")
    ZZ = "ZZ", _("Another country")


class Entity(models.TextChoices):
    """Bosnia and Herzegovina is four systems of law."""

    NONE = "", _("Whole country")
    FBIH = "FBIH", _("Federation of Bosnia and Herzegovina")
    RS = "RSBA", _("Republika Srpska")
    BRCKO = "BD", _("Brčko District")
    STATE = "STATE", _("State level")


class CountryReason(models.TextChoices):
    LIVES = "lives", _("She lives there")
    ACTED = "acted", _("It was done there")
    SUSPECT = "suspect", _("The person who did this is there")
    NATIONAL = "national", _("She is a citizen")


# --- Requests ---------------------------------------------------------------------------------
class RequestReason(models.TextChoices):
    """Why a request ended without becoming a case."""

    ANSWERED = "answered", _("Her question was answered")
    WANTS_NOTHING_MORE = "wants_nothing_more", _("She wants nothing more now")
    OTHER_SERVICE_FITS = "other_service_fits", _("Another service can do more")
    OUTSIDE_TASK = "outside_task", _("It is not what this helpline does")
    NO_CAPACITY = "no_capacity", _("We cannot carry it now")
    NO_CONTACT = "no_contact", _("She could not be reached")
    HER_WISH = "her_wish", _("She asked us to stop")
    SAME_MATTER = "same_matter", _("The same matter is with us already")
    NOT_A_REQUEST = "not_a_request", _("It is not a request for help")


class LogKind(models.TextChoices):
    """A contact that leaves no request."""

    INFORMATION = "information", _("Information given")
    SILENT = "silent", _("Silent call")
    ABUSIVE = "abusive", _("Abusive call")
    SPAM = "spam", _("Spam")


class Duration(models.TextChoices):
    """Bands of length, in minutes."""

    UNDER_5 = "under_5", _("Under 5 minutes")
    FROM_5 = "from_5", _("5 to 15 minutes")
    FROM_15 = "from_15", _("15 to 30 minutes")
    OVER_30 = "over_30", _("Over 30 minutes")


class CallResult(models.TextChoices):
    """How an attempt to reach her ended."""

    REACHED = "reached", _("Reached her")
    NO_ANSWER = "no_answer", _("Nobody answered")
    NOT_SAFE = "not_safe", _("She could not talk safely")
    SOMEBODY_ELSE = "somebody_else", _("Somebody else answered: neutral word used")
    NEUTRAL_MESSAGE = "neutral_message", _("Left a neutral message")
    WRONG_NUMBER = "wrong_number", _("The number is wrong")


# --- Consent ----------------------------------------------------------------------------------
class ConsentPurpose(models.TextChoices):
    SERVICES = "services", _("That we work with her")
    REFERRAL = "referral", _("Referral to another service")
    REPRESENTATION = "representation", _("Legal representation")
    PLATFORM_REPORT = "platform_report", _("Reports to platforms in her name")
    STATISTICS = "statistics", _("Anonymous statistics")
    LINKING = "linking", _("Comparing with other cases")
    CONTACT = "contact", _("How we may contact her")
    MEDIA = "media", _("Media")


class ConsentHow(models.TextChoices):
    SPOKEN = "spoken", _("Spoken")
    WRITTEN = "written", _("In writing")
    FORM = "form", _("By the web form")


class ConsentBy(models.TextChoices):
    HERSELF = "self", _("Herself")
    GUARDIAN = "guardian", _("Guardian")
    AUTHORITY = "authority", _("Authority")


class ConsentState(models.TextChoices):
    """How a consent stands; not stored, it follows from its days."""

    GIVEN = "given", _("Given")
    REFUSED = "refused", _("Refused")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# --- Plan -------------------------------------------------------------------------------------
class TaskKind(models.TextChoices):
    TASK = "task", _("Task")
    PROMISE = "promise", _("Promise to her")
    CALL = "call", _("Call her")
    TELL = "tell", _("Tell her who is there for her now")  # set by the database when a lead is deactivated


# Tasks that the database sets have a text of their kind: there is no key at hand to seal one.
TASK_TEXTS = {
    TaskKind.TELL: _(
        "Tell her that the colleague who led her case does not work here any more, and who is there for her now"
    ),
}
SET_BY_HAND = [choice for choice in TaskKind.choices if choice[0] != TaskKind.TELL]


class TaskState(models.TextChoices):
    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped, with reason")


class DropReason(models.TextChoices):
    """Why a task was dropped."""

    NOT_NEEDED = "not_needed", _("Not needed any more")
    HER_WISH = "her_wish", _("She asked us not to")
    DONE_OTHERWISE = "done_otherwise", _("Somebody did it in another way")
    NO_CONTACT = "no_contact", _("She could not be reached")
    MISTAKE = "mistake", _("Set by mistake")


class CheckItem(models.TextChoices):
    """What may follow after a request was accepted."""

    DUPLICATES = "duplicates", _("Looked for the same matter")
    CONFLICT = "conflict", _("Conflict of interest asked of everybody on the case")
    ELIGIBILITY = "eligibility", _("It is for this helpline")
    CONSENT = "consent", _("Consent asked, one purpose at a time")
    BACKUP = "backup", _("A backup is on the case")


class CheckOutcome(models.TextChoices):
    CLEAR = "clear", _("Done")
    NOT_NEEDED = "not_needed", _("Not needed here")


class TidyRule(models.TextChoices):
    """What may lie open, for the weekly tidying."""

    NO_BACKUP = "no_backup", _("No backup for more than a week: nobody else could open it")
    QUIET = "quiet", _("No note and no call for 30 days")
    RISK_NEVER = "risk_never", _("The risk was never rated")
    RISK_AGAIN = "risk_again", _("The risk is to be asked again")
    NO_REVIEW = "no_review", _("No day for the next review")
    DATE_NOBODY = "date_nobody", _("A critical date within two weeks, and nobody is named for it")
    TASK_LATE = "task_late", _("A task is more than a week late")
    CHECK_LATE = "check_late", _("A line of the checklist is late")
    CALL_OPEN = "call_open", _("A call was begun and never ended")
    CALL_OF_REQUEST = "call_of_request", _("A call was begun and never ended")
    ACCESS_ENDS = "access_ends", _("Somebody’s access ends this week")
    PROMISE_PASSED = "promise_passed", _("The day you promised an answer has passed")
    LOOK_AGAIN = "look_again", _("The day to look again has passed")
    REFERRAL_LATE = "referral_late", _("The day until which the other service answers has passed")


class ServiceKind(models.TextChoices):
    """Units of service (Clerk and GBVIMS lists, shortened)."""

    INFORMATION = "information", _("Information")
    ADVICE = "advice", _("Advice")
    LETTER = "letter", _("Letter")
    ACCOMPANIMENT = "accompaniment", _("Accompaniment")
    REMOVAL_REQUEST = "removal_request", _("Removal request")
    HEARING = "hearing", _("Hearing")


class FileKind(models.TextChoices):
    CORRESPONDENCE = "correspondence", _("Letters and messages")
    LEGAL = "legal", _("Legal document")
    SCREENSHOT = "screenshot", _("Screenshot without intimate content")
    OTHER = "other", _("Other document")


class FileRemoval(models.TextChoices):
    """Why a file was taken out again."""

    WRONG_FILE = "wrong_file", _("It was the wrong file")
    NOT_HERE = "not_here", _("It must not be kept here")
    HER_WISH = "her_wish", _("She asked for it")


class LinkKind(models.TextChoices):
    SAME_PERSON = "same_person", _("The same person")
    RELATIVE = "relative", _("A relative or friend of hers")
    SAME_GROUP = "same_group", _("The same group or channel")
    SAME_SUSPECT = "same_suspect", _("The same alleged perpetrator")


class ClosureReason(models.TextChoices):
    NEEDS_MET = "needs_met", _("What she needed was done")
    SURVIVOR_REQUEST = "survivor_request", _("She asked us to stop")
    NO_CONTACT = "no_contact", _("No contact after several attempts and 30 days")
    RELOCATED = "relocated", _("Another organisation goes on with it")
    OUT_OF_SCOPE = "out_of_scope", _("Not what this helpline does")
    CONFLICT = "conflict", _("Conflict of interest")
    DECEASED = "deceased", _("She has died")
    OTHER = "other", _("Another reason")


class LegalOutcome(models.TextChoices):
    NONE = "none", _("No legal steps were taken")
    SUCCESSFUL = "successful", _("Successful")
    PARTLY = "partly", _("Partly successful")
    UNSUCCESSFUL = "unsuccessful", _("Without success")
    RESOLVED_EARLY = "resolved_early", _("Resolved early")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    UNKNOWN = "unknown", _("Not known")


class TimelineKind(models.TextChoices):
    """What an entry of the timeline tells of."""

    CASE_NOTE = "case_note", _("Case note")
    LEGAL_NOTE = "legal_note", _("Legal note")
    REVIEW_NOTE = "review_note", _("Review note")
    CALL = "call", _("Contact attempt")
    TASK = "task", _("Task or promise")
    DATE = "date", _("Date")
    INCIDENT = "incident", _("What happened")
    RISK = "risk", _("Risk")
    SAFETY = "safety", _("Safety plan")
    CHANGE = "change", _("Change")
    STATE = "state", _("Opened, closed, handed over")
    PEOPLE = "people", _("People on the case")
    SECOND = "second", _("Second person")
    FILE = "file", _("File")
    LETTER = "letter", _("Letter or print")
    LINK = "link", _("Linked case")
    SERVICE = "service", _("Service")
    CONSENT = "consent", _("Consent")
    IDENTITY = "identity", _("Identity")


# --- People -----------------------------------------------------------------------------------
class AskReason(models.TextChoices):
    """Why somebody is asked onto a case."""

    SECOND_HOLDER = "second_holder", _("Second holder of the keys")
    LEGAL_ADVICE = "legal_advice", _("Legal advice")
    REPRESENTATION = "representation", _("Legal representation")
    SUPERVISION = "supervision", _("Supervision")
    LANGUAGE = "language", _("Language")
    COVER = "cover", _("Cover while somebody is away")
    WORKLOAD = "workload", _("Too much for one person")
    OTHER = "other", _("Another reason")


class SlipAnswer(models.TextChoices):
    """Of a lawyer to a conflict slip."""

    PENDING = "pending", _("Not answered yet")
    CLEAR = "clear", _("No conflict")
    CONFLICT = "conflict", _("There is a conflict")


class ApprovalKind(models.TextChoices):
    """Acts that need a second person."""

    LOWER_RISK = "lower_risk", _("Lower the risk")
    CLOSE_CASE = "close_case", _("Close a case of high risk")
    CLEAR_MINOR = "clear_minor", _("Take back that somebody is under 18")
    OPEN_IDENTITY = "open_identity", _("Open one more identity today")
    SET_WALL = "set_wall", _("Somebody who holds the keys must not see this case")
    LIFT_WALL = "lift_wall", _("Somebody may see this case again")
    UNPROTECT = "unprotect", _("Take the protection off this case")
    ERASE_CASE = "erase_case", _("Erase a case")
    KEEP_CASE = "keep_case", _("Keep a closed case longer")
    LIFT_HOLD = "lift_hold", _("Lift a legal hold")


# What only whoever may answer learns of, and never the person it is about.
WALL_QUESTIONS = (ApprovalKind.SET_WALL, ApprovalKind.LIFT_WALL)


class ApprovalState(models.TextChoices):
    ASKED = "asked", _("Asked")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class MoveReason(models.TextChoices):
    """Why a coordinator asks that work moves."""

    OVERLOADED = "overloaded", _("The lead carries too much")
    AWAY = "away", _("The lead is away")
    OVERDUE = "overdue", _("Dates are overdue")
    LANGUAGE = "language", _("Language")
    OTHER = "other", _("Another reason")


class MoveState(models.TextChoices):
    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    DECLINED = "declined", _("Declined")
    LEFT = "left", _("Ended: she does not work here any more")
    BACK = "back", _("Taken back")


# --- Duty -------------------------------------------------------------------------------------
class ArmReason(models.TextChoices):
    """Why whoever is on call may reach her."""

    PROMISE = "promise", _("A promise falls into the shift")
    IMMEDIATE_RISK = "immediate_risk", _("Immediate risk")
    HER_WISH = "her_wish", _("She said: whoever is on call may call her")


class NoticeKind(models.TextChoices):
    """What a line on somebody's desk is about."""

    DATE = "date", _("Date")
    TASK = "task", _("Task or promise")
    ALERT = "alert", _("Urgent request")
    RISK = "risk", _("Risk was raised")
    ATTEMPT = "attempt", _("A suicide attempt is under way")
    NEEDED = "needed", _("A case needs somebody at once")
    DECLINED = "declined", _("Somebody declined")
    SECOND = "second", _("A second person is asked for")
    ENDED = "ended", _("How an act of two people ended")
    REACHED = "reached", _("Whoever was on call has reached her")
    MOVE = "move", _("Work is to move")
    HANDOVER = "handover", _("Shift cancelled")
    IDENTITY = "identity", _("Identity of a protected case was opened")
    WRAPS = "wraps", _("Keys out of order")
    GRANT = "grant", _("Somebody else and the identity card")


class TemplateKind(models.TextChoices):
    LETTER = "letter", _("Letter")
    PHRASE = "phrase", _("Phrase")
