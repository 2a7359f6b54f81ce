"""Somebody besides lead and backup opens an identity: asked for with a reason, approved by a holder, ended at once.

PostgreSQL judges every step (config/database/functions/grants.sql); here the key is sealed and the words are kept.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.exceptions import NotAllowed, WrongState, refusal
from accounts.models import User
from cases import permissions
from cases.access import vouched_ids
from cases.access.grants import covering, needs_two
from cases.choices import Purpose
from cases.codes import ConsentPurpose
from cases.compartments import GrantKind, GrantReason, GrantState
from cases.models import Case, Consent, IdentityGrant
from cases.services.consents import RECIPIENT, read_recipients
from cases.services.recipient_names import may_be_the_same, same_name
from cases.services.sealed import content, rotation
from cases.services.sealed.keys import NotHeld, offer_keys

REASON, REFUSAL = "grant.reason", "grant.refusal"
REASONS: dict[str, Callable[[], str]] = {
    "asked_already": lambda: _("You have asked on this case already, or it is open to you. Look at that first."),
    "answered": lambda: _("This was answered or ended meanwhile."),
    "left_case": lambda: _("Her role on the case has ended or changed since she asked. She cannot be given the key."),
    "not_vouched": lambda: _("Nobody has vouched for her key. Read the words with her first, under “Vouch”."),
    "no_consent": lambda: _(
        "This consent does not cover it, or does not count any more. Choose another, or ask the survivor."
    ),
    "names_another": lambda: _(
        "This consent names somebody else, so it does not cover it. Choose another, or ask the survivor."
    ),
    "agreed_otherwise": lambda: _(
        "You have agreed to this already, with another consent; that one counts. Nothing was changed now."
    ),
    "another_holder": lambda: _("You agreed last. Of a protected case another holder confirms it this time."),
    "keys_missing": lambda: _("The key could not be given to her. Load the page again and try once more."),
}


class Names(Enum):
    """Whom a consent to represent her names, beside whoever asks for the identity."""

    NOBODY = auto()
    HER = auto()
    PERHAPS_HER = auto()  # the names share a word: whether it is she, only a person can say
    SOMEBODY_ELSE = auto()


@dataclass(frozen=True)
class Cover:
    """A consent that covers what is asked, and what is to be known before it is chosen."""

    consent: Consent
    recipient: str  # to whom it says something; empty where nobody is named
    names: Names
    noted_first: Consent  # the record of what she said: one that was put right keeps who noted it
    by_asker: bool  # whoever asks has noted it herself

    @property
    def is_plain(self) -> bool:
        """Nothing about it has to be looked at twice."""
        return self.names in {Names.NOBODY, Names.HER} and not self.by_asker


def covers_of(*, grant: IdentityGrant, by: User) -> list[Cover]:
    """Consents that cover a grant now by purpose and form, the latest first; also those that name somebody else.

    To whom is sealed: PostgreSQL cannot compare it, so it is compared here, with the name under which she works.
    Raises NotHeld: without the content key nobody knows whom they name.
    """
    rows = covering(grant)
    ids = [row.pk for row in rows]
    said = content.read(case_id=grant.case_id, record_ids=ids, purpose=Purpose.CONTENT, by=by) if ids else {}
    return [_cover(grant, row, said.get((row.pk, RECIPIENT), "")) for row in rows]


def cover_of(*, grant: IdentityGrant, consent: Consent, by: User) -> Cover:
    """What is to be known of one consent, whether it counts still or not."""
    recipients = read_recipients(case=grant.case, consents=[consent], by=by)
    return _cover(grant, consent, recipients.get(consent.pk, ""))


def _cover(grant: IdentityGrant, consent: Consent, recipient: str) -> Cover:
    first = noted_first(consent)
    by_asker = grant.person_id in {first.noted_by_id, consent.noted_by_id}
    return Cover(consent, recipient, _names(consent, recipient, grant.person), first, by_asker)


def _names(consent: Consent, recipient: str, person: User) -> Names:
    """Of a referral it names to whom she is referred, not whoever writes it."""
    if consent.purpose != ConsentPurpose.REPRESENTATION or not recipient:
        return Names.NOBODY
    if same_name(recipient) == same_name(person.display_name):
        return Names.HER
    return Names.PERHAPS_HER if may_be_the_same(recipient, person.display_name) else Names.SOMEBODY_ELSE


def noted_first(consent: Consent) -> Consent:
    """What she said as it was noted first: a withdrawal noted in error makes a new record of the same."""
    while consent.restores:
        consent = consent.restores
    return consent


def ask_grant(*, case: Case, kind: GrantKind, reason: GrantReason, text: str, by: User) -> UUID:
    """Ask to open the identity of a case she works on; lead and backup are told. The same question twice is one.

    Raises NotAllowed, WrongState.
    """
    permissions.require_action(by, "ask_grant", case)
    new = uuid4()
    try:
        with audit.unit():
            found = database.value("grant_ask", new, case.pk, str(kind), str(reason))
            if found == new and text:
                content.write(case_id=case.pk, record_id=new, field=REASON, value=text, purpose=Purpose.CONTENT, by=by)
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None
    return found


def approve_grant(*, grant: IdentityGrant, consent: Consent, hours: int, by: User) -> GrantState:
    """Agree: the identity key is sealed to her and opens with the same step. Returns the state after it.

    Of a protected case the first approval leaves it asked; another holder seals. Raises NotAllowed, NotHeld, StepUpNeeded, WrongState.
    """
    permissions.require_action(by, "answer_grant", grant.case)
    if by.pk in {grant.asked_by_id, grant.person_id}:
        raise NotAllowed
    if not vouched_ids([grant.person_id]):
        raise WrongState(REASONS["not_vouched"]())
    last = not needs_two(grant.case) or grant.approved_by_id not in {None, by.pk}
    if any(row.names == Names.SOMEBODY_ELSE for row in covers_of(grant=grant, by=by) if row.consent.pk == consent.pk):
        raise WrongState(REASONS["names_another"]())
    try:
        with audit.unit():
            if last and grant.state == GrantState.ASKED:
                offer_keys(case=grant.case, recipient=grant.person, purposes=[Purpose.IDENTITY], by=by)
            answer = database.value("grant_approve", grant.pk, consent.pk, hours)
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None
    return GrantState.ACTIVE if answer == "active" else GrantState.ASKED


def decline_grant(*, grant: IdentityGrant, text: str, by: User) -> None:
    """Say no, and why. A second click writes nothing. Raises NotAllowed (whoever asked, no key), WrongState."""
    with audit.unit():
        waits = IdentityGrant.objects.filter(pk=grant.pk, state=GrantState.ASKED).exists()
        _step("grant_decline", grant)
        if text and waits:
            content.write(
                case_id=grant.case_id, record_id=grant.pk, field=REFUSAL, value=text, purpose=Purpose.CONTENT, by=by
            )


def read_refusals(*, case: Case, grants: Iterable[IdentityGrant], by: User) -> dict[UUID, str]:
    """Why each of them was refused; nothing without the content key."""
    refused = [one.pk for one in grants if one.state == GrantState.DECLINED]
    try:
        said = content.read(case_id=case.pk, record_ids=refused, purpose=Purpose.CONTENT, by=by) if refused else {}
    except NotHeld:
        return {}
    return {record: text for (record, field), text in said.items() if field == REFUSAL}


def confirm_grant(*, grant: IdentityGrant, by: User) -> None:
    """She still represents her: for another ninety days, not longer than the consent lasts.

    Raises NotAllowed, StepUpNeeded; WrongState where another holder has to.
    """
    permissions.require_action(by, "answer_grant", grant.case)
    _step("grant_confirm", grant)


def end_grant(*, grant: IdentityGrant, by: User) -> None:
    """End it by hand, or take back what was asked: her own, or on a case that `by` shares. Raises NotAllowed."""
    with audit.unit():
        _step("grant_end_by_hand", grant)
        rotation.renew_after_an_end(case=grant.case, by=by)


def _step(function: str, grant: IdentityGrant) -> None:
    try:
        with audit.unit():
            database.value(function, grant.pk)
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None
