"""Who may do what in which state, as plain functions of objects: no queries here."""

from datetime import datetime
from typing import Protocol

from cases.choices import CaseState, Perm
from cases.codes import ConsentHow, ConsentPurpose, ConsentState
from cases.compartments import GrantKind, GrantReason, OpeningReason

# An erased case has nothing left that somebody could work on; whoever still holds its one date may leave it.
_STANDS = frozenset(set(CaseState.values) - {CaseState.ERASED})

# What a page may offer, and what it takes. Services ask again; so does PostgreSQL: its policies and functions are made
# from this same list (config/database/clauses.py, app.case_allows).
CASE_ACTIONS: dict[str, tuple[str, frozenset[str]]] = {
    "write": (Perm.CHANGE, frozenset({CaseState.OPEN})),  # a text or a line of the timeline, whatever it is about
    "write_note": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    "set_deadline": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    "settle_deadline": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    # --- plan, risk, reaching her
    "plan": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    "assess_risk": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    "log_service": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    "change_reach": (Perm.SHARE, frozenset({CaseState.OPEN})),
    "offer_assignment": (Perm.SHARE, frozenset({CaseState.OPEN})),
    "end_assignment": (Perm.SHARE, frozenset(CaseState.values)),
    # --- must not see, protected
    "set_wall": (Perm.SHARE, _STANDS),
    "protect_case": (Perm.SHARE, frozenset({CaseState.OPEN})),
    # --- facts, state, second person
    "change_facts": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    "ask_second_person": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    "close_case": (Perm.SHARE, frozenset({CaseState.OPEN})),
    "reopen_case": (Perm.SHARE, _STANDS - {CaseState.OPEN}),
    # --- identity card; who may open it is asked of keys and grants
    "change_identity": (Perm.SHARE, frozenset({CaseState.OPEN})),
    "ask_grant": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    "answer_grant": (Perm.SHARE, frozenset({CaseState.OPEN})),
    "end_grant": (Perm.SHARE, _STANDS),
    # --- consents; what she has withdrawn is noted whatever became of the case
    "note_consent": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    "withdraw_consent": (Perm.CHANGE, _STANDS),
    # --- export, erasure, retention
    "export_case": (Perm.SHARE, _STANDS),
    "erase_case": (Perm.SHARE, _STANDS),
    "erase_rest": (Perm.SHARE, frozenset({CaseState.ERASED})),
    "give_date": (Perm.SHARE, frozenset({CaseState.ERASED})),  # by a coordinator where nobody holds it
    "pause_case": (Perm.SHARE, frozenset({CaseState.OPEN})),
    "keep_case": (Perm.SHARE, _STANDS - {CaseState.OPEN}),
    "lift_hold": (Perm.CHANGE, _STANDS),
    # --- what happened
    "write_incident": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    # --- duty, absence, hand-over
    "arm_reach": (Perm.SHARE, frozenset({CaseState.OPEN})),
    "open_reach": (Perm.SHARE, frozenset({CaseState.OPEN})),
    "end_call": (Perm.CHANGE, _STANDS),  # one that was begun while the case was open
    "add_file": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    "download_file": (Perm.VIEW, _STANDS),
    "remove_file": (Perm.CHANGE, _STANDS),
    "write_letter": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    "print_case": (Perm.VIEW, _STANDS),
}


def allowed_actions(permissions: frozenset[str], state: str) -> frozenset[str]:
    """The actions that these permissions allow on a case in this state; an unknown state allows nothing."""
    return frozenset(
        action for action, (needed, states) in CASE_ACTIONS.items() if needed in permissions and state in states
    )


def opening_reasons(actions: frozenset[str], state: str) -> list[OpeningReason]:
    """Why an identity card may be opened: to correct it only by whoever may, and another reason only where the case takes its words."""
    left_out = set() if "change_identity" in actions else {OpeningReason.CORRECT}
    left_out |= set() if state == CaseState.OPEN else {OpeningReason.OTHER}
    return [reason for reason in OpeningReason if reason not in left_out]


# --- Consents ---------------------------------------------------------------------------------
ERROR_MINUTES = 15  # so long whoever noted a withdrawal in error can put it right; app.consent_restorable says the same


class _Consent(Protocol):
    purpose: str
    given: bool
    how: str
    expires_at: datetime | None
    withdrawn_at: datetime | None


def consent_state(consent: _Consent, now: datetime) -> ConsentState:
    """How a consent stands now. Only `given` lets anything be done."""
    if consent.withdrawn_at is not None:
        return ConsentState.WITHDRAWN
    if not consent.given:
        return ConsentState.REFUSED
    if consent.expires_at is not None and consent.expires_at <= now:
        return ConsentState.EXPIRED
    return ConsentState.GIVEN


# Which consent covers it that somebody besides lead and backup opens the identity: kind and reason of what she asks,
# and any of these purposes; representation needs her written power of attorney. PostgreSQL is given this same list.
GRANT_COVERED_BY: dict[tuple[str, str], frozenset[str]] = {
    (GrantKind.GRANT, GrantReason.CONTACT): frozenset({ConsentPurpose.CONTACT, ConsentPurpose.REPRESENTATION}),
    (GrantKind.GRANT, GrantReason.DOCUMENT): frozenset(
        {ConsentPurpose.REPRESENTATION, ConsentPurpose.PLATFORM_REPORT, ConsentPurpose.REFERRAL}
    ),
    (GrantKind.GRANT, GrantReason.AUTHORITY): frozenset({ConsentPurpose.REPRESENTATION}),
    (GrantKind.GRANT, GrantReason.HER_WISH): frozenset(
        {
            ConsentPurpose.REPRESENTATION,
            ConsentPurpose.PLATFORM_REPORT,
            ConsentPurpose.REFERRAL,
            ConsentPurpose.CONTACT,
        }
    ),
    (GrantKind.GRANT, GrantReason.OTHER): frozenset({ConsentPurpose.REPRESENTATION}),
} | {(GrantKind.REPRESENTATION, reason): frozenset({ConsentPurpose.REPRESENTATION}) for reason in GrantReason.values}


def consent_covers(consent: _Consent, *, kind: str, reason: str, now: datetime) -> bool:
    """Whether a consent covers a grant of this kind and reason now."""
    in_writing = kind != GrantKind.REPRESENTATION or consent.how == ConsentHow.WRITTEN
    fits = consent.purpose in GRANT_COVERED_BY.get((kind, reason), frozenset())
    return fits and in_writing and consent_state(consent, now) == ConsentState.GIVEN
