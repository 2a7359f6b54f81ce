"""A withdrawal that was noted in error (the wrong line, the wrong case): put right at once, by whoever noted it.

What was withdrawn stays withdrawn, with what ended with it. For each of it stands a new record that says so. What the
survivor said herself is never put right like this: PostgreSQL refuses where she said no, took it back or said yes since.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.choices import Action
from accounts.crypto import once
from accounts.database import insert_once
from accounts.exceptions import WrongState
from accounts.models import User
from cases import permissions
from cases.choices import Purpose
from cases.codes import ConsentState, TimelineKind
from cases.models import Case, Consent
from cases.policies import ERROR_MINUTES, consent_state
from cases.services import timeline
from cases.services.consents import RECIPIENT, TO_SOMEBODY, read_field, read_recipients
from cases.services.recipient_names import same_name
from cases.services.sealed import content

REASON = "consent.error"
SAME = ("purpose", "given", "how", "given_by", "language", "text_version", "expires_at", "signed_on", "signed_time")


def may_put_right(*, consent: Consent, by: User) -> bool:
    """Whether she noted this withdrawal herself, a moment ago, and nobody has put it right yet."""
    if consent.withdrawn_at is None or consent.withdrawn_by_id != by.pk or hasattr(consent, "restored_by"):
        return False
    return consent.withdrawn_at > timezone.now() - timedelta(minutes=ERROR_MINUTES)


def withdrawn_together(*, consent: Consent) -> list[Consent]:
    """What one act withdrew: it is put right together."""
    same = Consent.objects.filter(case=consent.case, purpose=consent.purpose, withdrawn_by=consent.withdrawn_by)
    return list(same.filter(withdrawn_at=consent.withdrawn_at).order_by("-noted_at", "pk"))


def put_right(*, consent: Consent, nonce: UUID, reason: str, by: User) -> None:
    """It counts again, as new records that say why. The same form sent twice notes it once. Raises WrongState."""
    case = consent.case
    if case is None:  # still on the request: nothing is withdrawn there
        raise WrongState(_too_late())
    permissions.require_action(by, "note_consent", case)
    if _is_second_click(consent, nonce, reason, by):
        return
    rows = withdrawn_together(consent=consent)
    if against := why_not(consent=consent, by=by) or _said_since(case, rows, by):
        raise WrongState(against)
    recipients, now = read_recipients(case=case, consents=rows, by=by), timezone.now()
    anew = [
        Consent(
            pk=uuid4(),
            case=case,
            nonce=once(nonce, str(row.pk)),
            restores=row,
            noted_at=now,
            noted_by=by,
            **{name: getattr(row, name) for name in SAME},
        )
        for row in rows
    ]
    try:
        inserted = _insert(case, anew, reason, recipients, by)
    except database.Refused:  # a no, or the last minute, came between the check and the row
        raise WrongState(_too_late()) from None
    if not inserted and not _is_second_click(consent, nonce, reason, by):
        raise WrongState(_too_late())


def _is_second_click(consent: Consent, nonce: UUID, reason: str, by: User) -> bool:
    """The same form again, or another one of hers with the same reason about what counts still.

    Raises WrongState where it counts with another reason: what she typed now would be lost.
    """
    anew = Consent.objects.filter(restores=consent, noted_by=by).select_related("case").first()
    if anew is None or anew.case is None:
        return False
    counts = consent_state(anew, timezone.now()) == ConsentState.GIVEN
    same = read_reasons(case=anew.case, consents=[anew], by=by).get(anew.pk) == reason
    if counts and not same:
        raise WrongState(_already() + " " + _("The reason noted there is another one; what you typed is still here."))
    return same and (counts or anew.nonce == once(nonce, str(consent.pk)))


def _insert(case: Case, anew: list[Consent], reason: str, recipients: dict[UUID, str], by: User) -> bool:
    """Whether this call did it: not where it was there already, from another tab."""
    with database.refusals(), audit.unit() as entries:
        if not insert_once(*anew):
            return False
        for row in anew:
            texts = {REASON: reason, RECIPIENT: recipients.get(row.restores_id or row.pk, "")}
            for field, value in texts.items():
                if value:
                    content.write(
                        case_id=case.pk, record_id=row.pk, field=field, value=value, purpose=Purpose.CONTENT, by=by
                    )
            timeline.tell(
                case_id=case.pk,
                kind=TimelineKind.CONSENT,
                record_id=row.pk,
                detail=f"consent_error:{row.purpose}",
                by=by,
            )
            entries.record(Action.CONSENT_PUT_RIGHT, row.pk, detail=str(row.purpose))
    return True


def read_reasons(*, case: Case, consents: Iterable[Consent], by: User) -> dict[UUID, str]:
    """Why each of them was withdrawn in error; nothing without the content key."""
    return read_field(case=case, consents=[row for row in consents if row.restores_id], field=REASON, by=by)


def why_not(*, consent: Consent, by: User) -> str:
    """Why this cannot be put right by her, whatever the survivor said since; empty where it can."""
    if consent.withdrawn_at is None:
        return _("There is nothing to put right: this was not taken back.")
    anew = getattr(consent, "restored_by", None)
    if anew and consent_state(anew, timezone.now()) == ConsentState.GIVEN:
        return _already()
    return "" if may_put_right(consent=consent, by=by) else _too_late()


def offered(*, consents: list[Consent], recipients: dict[UUID, str], by: User) -> set[UUID]:
    """Which of all consents of a case she may put right: not where the survivor said something else since."""
    mine = [row for row in consents if may_put_right(consent=row, by=by)]
    over = {(row.purpose, row.withdrawn_at) for row in mine if _is_overtaken(row, consents, recipients)}
    return {row.pk for row in mine if (row.purpose, row.withdrawn_at) not in over}


def _said_since(case: Case, rows: list[Consent], by: User) -> str:
    """That it is too late because she said something else since about one of them; else empty."""
    others = list(Consent.objects.filter(case=case, purpose=rows[0].purpose))
    recipients = read_recipients(case=case, consents=others, by=by) if rows[0].purpose in TO_SOMEBODY else {}
    return _too_late() if any(_is_overtaken(row, others, recipients) for row in rows) else ""


def _is_overtaken(row: Consent, others: list[Consent], recipients: dict[UUID, str]) -> bool:
    """Whether she said no after she said this yes, took it back later, or said yes anew after it; where it says to whom,

    to the same or to nobody named. What was put right is nothing that she said anew.
    """
    later = [one for one in others if one.purpose == row.purpose and one.pk != row.pk and _is_later(one, row)]
    if row.purpose not in TO_SOMEBODY:
        return bool(later)
    name = same_name(recipients.get(row.pk, ""))
    return any(same_name(recipients.get(one.pk, "")) in {"", name} for one in later)


def _is_later(one: Consent, row: Consent) -> bool:
    if row.withdrawn_at is None:
        return False
    if one.withdrawn_at and one.withdrawn_at > row.withdrawn_at:
        return True
    return one.noted_at > (row.withdrawn_at if one.given else row.noted_at) and one.restores_id is None


def _already() -> str:
    return _("It was put right already.")


def _too_late() -> str:
    return _(
        "This cannot be put right any more: only whoever noted the withdrawal can, within %(minutes)s minutes, and not"
        " where she said something else since. Ask her, and note what she says."
    ) % {"minutes": ERROR_MINUTES}
