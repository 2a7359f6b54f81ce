"""Consents of a case: asked one purpose at a time, noted as she said it, withdrawn in one act, printed to be signed.

The wording is data (cases/knowledge/consents.yaml). To whom she may be referred is sealed under content.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit, database, hooks
from accounts.choices import Action
from accounts.crypto import once
from accounts.database import insert_once
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import User
from accounts.templatetags.sidro import short_time
from cases import knowledge, permissions
from cases.choices import CaseState, Purpose, Risk
from cases.codes import ConsentBy, ConsentHow, ConsentPurpose, ConsentState, TimelineKind
from cases.knowledge import label
from cases.models import Case, Consent
from cases.policies import consent_state
from cases.services import timeline
from cases.services.recipient_names import may_be_the_same, same_name
from cases.services.sealed import content, rotation
from cases.services.sealed.keys import NotHeld

RECIPIENT = "consent.recipient"
TO_SOMEBODY = (ConsentPurpose.REFERRAL, ConsentPurpose.REPRESENTATION)  # where it says to whom
# The purposes as they stand on a paper that she reads herself.
TO_HER = {
    **dict(ConsentPurpose.choices),
    ConsentPurpose.SERVICES: gettext_lazy("That we work with you"),
    ConsentPurpose.PLATFORM_REPORT: gettext_lazy("Reports to platforms in your name"),
    ConsentPurpose.CONTACT: gettext_lazy("How we may contact you"),
}
# Where a last day makes sense; the others hold until she takes them back.
WITH_LAST_DAY = (
    ConsentPurpose.CONTACT,
    ConsentPurpose.REPRESENTATION,
    ConsentPurpose.PLATFORM_REPORT,
    ConsentPurpose.REFERRAL,
    ConsentPurpose.MEDIA,
)


@dataclass(frozen=True)
class NewConsent:
    """What comes out of the form."""

    nonce: UUID
    purpose: ConsentPurpose
    given: bool
    how: ConsentHow
    given_by: ConsentBy
    language: str
    last_day: date | None = None
    recipient: str = ""
    signed_on: date | None = None  # in writing: the day on the paper
    signed_time: time | None = None  # and the time of that day, where it was asked
    somebody_else: frozenset[str] = frozenset()  # ids of what was withdrawn under a similar name, of somebody else


class TimeWanted(WrongState):
    """She took a yes back on the very day of the paper: the time on that day says which came first."""


class WhoWanted(WrongState):
    """She took back a yes to a name that may be this one in another spelling: whether it is, only a person can say."""

    def __init__(self, message: str, about: list[UUID], *, time: bool) -> None:
        super().__init__(message)
        self.about = about  # what was withdrawn
        self.time = time  # whether the time on the paper could say that it is younger


def wording(*, purpose: str, language: str) -> str:
    """What she is asked, in one language."""
    text = label(knowledge.consents().purpose(purpose).text, language)
    return text.replace("{helpline}", settings.HELPLINE_NAME)


def not_now(*, case: Case, purpose: str) -> bool:
    """Whether this is not asked now: statistics never while she is in immediate danger."""
    return purpose == ConsentPurpose.STATISTICS and case.risk == Risk.IMMEDIATE


def purposes() -> list[ConsentPurpose]:
    """In the order in which they are asked."""
    return [ConsentPurpose(one.id) for one in knowledge.consents().purposes]


def note_consent(*, case: Case, new: NewConsent, by: User) -> None:
    """Note what she said, under the version of the text that she was read. The same form sent twice notes it once.

    Raises WrongState: a yes that still counts is withdrawn first; statistics are not asked at immediate risk; a paper
    from before she took it back or said no is no yes any more.
    """
    permissions.require_action(by, "note_consent", case)
    if not_now(case=case, purpose=new.purpose):
        raise WrongState(_("Nobody is asked about statistics while she is in immediate danger."))
    if new.given and new.how == ConsentHow.WRITTEN:
        _refuse_old_paper(case, new, by)
    consent = Consent(
        pk=uuid4(),
        case=case,
        nonce=once(
            new.nonce, new.purpose, str(new.given), new.recipient, str(new.signed_on or ""), str(new.signed_time or "")
        ),
        purpose=new.purpose,
        given=new.given,
        how=new.how,
        given_by=new.given_by,
        language=new.language,
        text_version=knowledge.consents().purpose(new.purpose).version,
        expires_at=end_of_day(new.last_day) if new.given else None,
        signed_on=new.signed_on if new.how == ConsentHow.WRITTEN else None,
        signed_time=new.signed_time if new.how == ConsentHow.WRITTEN and new.signed_on else None,
        noted_at=timezone.now(),
        noted_by=by,
    )
    if not new.given and new.purpose != ConsentPurpose.REFERRAL and _still_counts(case, new, by):
        raise WrongState(
            _("A yes to this still counts. Withdraw it: that also ends what hangs on it. Nothing was noted here.")
        )
    with audit.unit() as entries:
        if not insert_once(consent):
            return
        if new.recipient:
            content.write(
                case_id=case.pk,
                record_id=consent.pk,
                field=RECIPIENT,
                value=new.recipient,
                purpose=Purpose.CONTENT,
                by=by,
            )
        timeline.tell(case_id=case.pk, kind=TimelineKind.CONSENT, record_id=consent.pk, detail=_told(consent), by=by)
        entries.record(Action.CONSENT_NOTED, consent.pk, detail=str(new.purpose))


def _told(consent: Consent) -> str:
    """The line of the timeline, as codes; of a paper with its day."""
    said = "yes" if consent.given else "no"
    if consent.signed_on:
        return f"signed_{said}:{consent.purpose}:{consent.signed_on}"
    return f"consent_{said}:{consent.purpose}"


def end_of_day(day: date | None) -> datetime | None:
    """The last moment of a day here."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)) - timedelta(seconds=1)


def _still_counts(case: Case, new: NewConsent, by: User) -> bool:
    """Whether a yes to the same stands; where it says to whom, which PostgreSQL cannot read, to the same or to nobody named."""
    now = timezone.now()
    same = Consent.objects.filter(case=case, purpose=new.purpose, given=True)
    rows = [row for row in same if consent_state(row, now) == ConsentState.GIVEN]
    if not rows or new.purpose not in TO_SOMEBODY:
        return bool(rows)
    recipients = read_recipients(case=case, consents=rows, by=by)
    return any(same_name(recipients.get(row.pk, "")) in {"", same_name(new.recipient)} for row in rows)


def _refuse_old_paper(case: Case, new: NewConsent, by: User) -> None:
    """What she said after she signed it holds; where it says to whom, what she said about the same. Raises WrongState.

    PostgreSQL asks the same (app.consent_noted), but cannot read to whom. A paper without a day is older than anything.
    What was withdrawn in error and put right is no withdrawal.
    """
    signed_on = new.signed_on or date.min
    said = Consent.objects.filter(case=case, purpose=new.purpose).select_related("restored_by")
    rows = list(said.exclude(given=True, withdrawn_at__isnull=True))
    rows = [row for row in rows if not hasattr(row, "restored_by")]
    if new.purpose in TO_SOMEBODY:
        recipients, everybody = read_recipients(case=case, consents=rows, by=by), rows
        rows = [row for row in rows if same_name(recipients.get(row.pk, "")) in {"", same_name(new.recipient)}]
    _refuse_taken_back(signed_on, new.signed_time, [row.withdrawn_at for row in rows if row.withdrawn_at])
    refused = [_said_on(row) for row in rows if not row.given]
    if refused and max(refused) > signed_on:
        words = _(
            "She said no on %(day)s: a paper from before that day counts no more. Nothing was noted."
            " Ask her again; if she agrees, let her sign a new paper."
        )
        raise WrongState(words % {"day": short_time(max(refused))})
    if new.purpose in TO_SOMEBODY:
        _ask_who(new, [(row, recipients.get(row.pk, "")) for row in everybody if row not in rows])


def _ask_who(new: NewConsent, others: list[tuple[Consent, str]]) -> None:
    """A paper from before the withdrawal of a similar name counts only where it is somebody else. Raises WhoWanted."""
    found = {
        row.pk: f"{name} ({short_time(row.withdrawn_at)})"
        for row, name in others
        if row.withdrawn_at and may_be_the_same(name, new.recipient) and _is_before(new, row.withdrawn_at)
    }
    if set(map(str, found)) - new.somebody_else:
        words = _(
            "She took this back, under a similar name: %(names)s. Nothing was noted. If it is the same, a paper from before"
            " that counts no more: ask her again, and let her sign a new paper. If it is not, tick it here."
        )
        days = {timezone.localdate(row.withdrawn_at) for row, _name in others if row.pk in found and row.withdrawn_at}
        named = words % {"names": ", ".join(dict.fromkeys(found.values()))}
        raise WhoWanted(named, list(found), time=new.signed_on in days)


def _is_before(new: NewConsent, moment: datetime) -> bool:
    """Whether the paper is not known to be younger; without a time it is as old as its day."""
    signed = datetime.combine(new.signed_on or date.min, new.signed_time or time.min)
    return signed <= timezone.localtime(moment).replace(tzinfo=None)


def _refuse_taken_back(signed_on: date, signed_time: time | None, taken_back: list[datetime]) -> None:
    """A paper must be younger than the last withdrawal; signed on that day, the time decides. Raises WrongState."""
    last = timezone.localtime(max(taken_back)) if taken_back else None
    if last is None or signed_on > last.date():
        return
    if signed_on == last.date() and signed_time is None:
        raise TimeWanted(
            _(
                "She took this back on that day: %(time)s. A paper that she signed after it counts: give the time at"
                " which she signed it. One from before counts no more."
            )
            % {"time": short_time(last)}
        )
    if datetime.combine(signed_on, signed_time or time.min) <= last.replace(tzinfo=None):
        words = _(
            "She took this back: %(time)s. A paper from before that counts no more. Nothing was noted."
            " Ask her again; if she agrees, let her sign a new paper."
        )
        raise WrongState(words % {"time": short_time(last)})


def _said_on(consent: Consent) -> date:
    """The day on the paper, else the day on which it was noted."""
    return consent.signed_on or timezone.localdate(consent.noted_at)


def what_stops(*, consent: Consent, language: str) -> list[str]:
    """What ends when she takes this back, in words, besides the grants that hang on it."""
    said = label(knowledge.consents().purpose(consent.purpose).stops, language)
    if consent.purpose == ConsentPurpose.SERVICES and consent.case and consent.case.state != CaseState.OPEN:
        said = _("This case is not worked on any more. Ask her what is to become of what was written down.")
    return [said, *(sentence for ask in hooks.stops_with_consent for sentence in ask(consent.pk))]


def other_yes(*, consent: Consent) -> list[Consent]:
    """What else she has said yes to for the same purpose, and not taken back: said again, or on paper as well."""
    same = Consent.objects.filter(case=consent.case, purpose=consent.purpose, given=True, withdrawn_at__isnull=True)
    return list(same.exclude(pk=consent.pk).order_by("-noted_at", "pk"))


def withdraw_consent(*, consent: Consent, alike: Iterable[UUID] = (), by: User) -> None:
    """She takes it back: what hung on it ends in the same transaction. A second click changes nothing. Raises NotAllowed.

    Every yes to the purpose goes with it; where it says to whom, those that `alike` names.
    """
    if consent.case is None:  # still on the request; it is withdrawn on the case
        raise NotAllowed
    permissions.require_action(by, "withdraw_consent", consent.case)
    try:
        with audit.unit() as entries:
            taken = database.value("consent_withdraw", consent.pk, list(alike))
            for withdrawn in taken:
                for take_down in hooks.on_consent_withdrawn:
                    take_down(withdrawn)
                entries.record(Action.CONSENT_WITHDRAWN, withdrawn, detail=consent.purpose)
            if taken:
                rotation.renew_after_an_end(case=consent.case, by=by)
    except database.Refused:
        raise NotAllowed from None


def read_recipients(*, case: Case, consents: Iterable[Consent], by: User) -> dict[UUID, str]:
    """To whom each of them lets something be told; nothing without the content key."""
    return read_field(case=case, consents=consents, field=RECIPIENT, by=by)


def read_field(*, case: Case, consents: Iterable[Consent], field: str, by: User) -> dict[UUID, str]:
    """One sealed text of each of them; nothing without the content key."""
    try:
        ids = [row.pk for row in consents]
        texts = content.read(case_id=case.pk, record_ids=ids, purpose=Purpose.CONTENT, by=by) if ids else {}
    except NotHeld:
        return {}
    return {record: text for (record, name), text in texts.items() if name == field}


@dataclass(frozen=True)
class Paragraph:
    """One purpose on the sheet."""

    heading: str | Promise
    text: str
    version: str
    says_to_whom: bool  # else she is asked once and for all
    to_whom: list[str]  # to sign now: a yes that is not on paper yet; nobody where none is known
    # A yes that counts and was signed: to whom, and the day. The name is empty where nobody is named, the day is missing
    # where it was noted before it was asked for.
    on_paper: list[tuple[str, date | None]]
    in_error: list[tuple[str, date]]  # to whom, and when it was noted, in error, that she had taken it back; put right


def print_sheet(*, case: Case, chosen: Iterable[str], language: str, by: User) -> list[Paragraph]:
    """What she is asked, for paper, one paragraph a purpose, with to whom where that is known; logged, and told."""
    permissions.require_action(by, "print_case", case)
    with audit.unit() as entries:
        timeline.tell(case_id=case.pk, kind=TimelineKind.CONSENT, detail="consent_printed", by=by)
        entries.record(Action.CONSENT_PRINTED, case.pk, detail=language)
    wanted = [one for one in purposes() if one in chosen and not not_now(case=case, purpose=one)]
    now = timezone.now()
    said = Consent.objects.filter(case=case, purpose__in=wanted).select_related("restores")
    rows = [row for row in said if consent_state(row, now) in {ConsentState.GIVEN, ConsentState.REFUSED}]
    recipients = read_recipients(case=case, consents=rows, by=by)
    return [
        _paragraph(purpose, [row for row in rows if row.purpose == purpose], recipients, language) for purpose in wanted
    ]


def _paragraph(purpose: ConsentPurpose, rows: list[Consent], recipients: dict[UUID, str], language: str) -> Paragraph:
    to_whom, on_paper = [], []
    for yes in _agreed(rows, recipients):
        papers = [row for row in yes if row.how == ConsentHow.WRITTEN]
        last = max(papers or yes, key=_said_on)
        name = recipients.get(last.pk, "")
        if papers and (name or last.signed_on):
            on_paper.append((name, last.signed_on))
        elif name:
            to_whom.append(name)
    return Paragraph(
        heading=TO_HER[purpose],
        text=wording(purpose=purpose, language=language),
        version=knowledge.consents().purpose(purpose).version,
        says_to_whom=purpose in TO_SOMEBODY,
        to_whom=to_whom,
        on_paper=on_paper,
        in_error=_in_error(rows, recipients),
    )


def _in_error(rows: list[Consent], recipients: dict[UUID, str]) -> list[tuple[str, date]]:
    """Each day once for each to whom, however many yeses were withdrawn together."""
    found: dict[tuple[date, str], str] = {}
    for row in rows:
        if row.restores and row.restores.withdrawn_at:
            name = recipients.get(row.pk, "")
            found[timezone.localdate(row.restores.withdrawn_at), same_name(name)] = name
    return [(found[key], key[0]) for key in sorted(found)]


def _agreed(rows: list[Consent], recipients: dict[UUID, str]) -> list[list[Consent]]:
    """Every yes of one purpose that a later no to the same has not overtaken; one list for each to whom."""
    found: dict[str, list[Consent]] = {}
    for row in sorted(rows, key=lambda one: (_said_on(one), one.noted_at, one.pk)):
        yes = found.setdefault(same_name(recipients.get(row.pk, "")), [])
        if row.given:
            yes.append(row)
        else:
            yes.clear()
    return [yes for yes in found.values() if yes]
