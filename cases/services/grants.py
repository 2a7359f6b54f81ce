"""Somebody besides lead and backup opens an identity: asked for with a reason, approved by a holder, ended at once.

PostgreSQL judges every step (config/database/functions/grants.sql); here the key is sealed and the words are kept.
"""

from collections.abc import Callable
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from accounts import audit, database
from accounts.exceptions import NotAllowed, WrongState, refusal
from accounts.models import User
from cases import permissions
from cases.access import vouched_ids
from cases.access.grants import needs_two
from cases.choices import Purpose
from cases.compartments import GrantKind, GrantReason, GrantState
from cases.models import Case, Consent, IdentityGrant
from cases.services.sealed import content, rotation
from cases.services.sealed.keys import offer_keys

REASON = "grant.reason"
REASONS: dict[str, Callable[[], str]] = {
    "asked_already": lambda: _("You have asked on this case already, or it is open to you. Look at that first."),
    "answered": lambda: _("This was answered or ended meanwhile."),
    "left_case": lambda: _("Her role on the case has ended or changed since she asked. She cannot be given the key."),
    "not_vouched": lambda: _("Nobody has vouched for her key. Read the words with her first, under “Vouch”."),
    "no_consent": lambda: _(
        "This consent does not cover it, or does not count any more. Choose another, or ask the survivor."
    ),
    "another_holder": lambda: _("You agreed last. Of a protected case another holder confirms it this time."),
    "keys_missing": lambda: _("The key could not be given to her. Load the page again and try once more."),
}


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

    Of a protected case the first approval leaves it asked; another holder seals. Raises NotAllowed, NotHeld, WrongState.
    """
    permissions.require_action(by, "answer_grant", grant.case)
    if by.pk in {grant.asked_by_id, grant.person_id}:
        raise NotAllowed
    if not vouched_ids([grant.person_id]):
        raise WrongState(REASONS["not_vouched"]())
    last = not needs_two(grant.case) or grant.approved_by_id not in {None, by.pk}
    try:
        with audit.unit():
            if last and grant.state == GrantState.ASKED:
                offer_keys(case=grant.case, recipient=grant.person, purposes=[Purpose.IDENTITY], by=by)
            answer = database.value("grant_approve", grant.pk, consent.pk, hours)
    except database.Refused as refused:
        raise refusal(refused.reason, REASONS) from None
    return GrantState.ACTIVE if answer == "active" else GrantState.ASKED


def decline_grant(*, grant: IdentityGrant, by: User) -> None:
    """Say no. Raises NotAllowed (whoever asked, no key), WrongState."""
    _step("grant_decline", grant)


def confirm_grant(*, grant: IdentityGrant, by: User) -> None:
    """She still represents her: for another ninety days. Raises NotAllowed; WrongState where another holder has to."""
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
