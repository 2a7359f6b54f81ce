"""Who may do what in which state, as plain functions of objects: no queries here."""

from cases.choices import CaseState, Perm

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
    # --- facts, state, second person
    "change_facts": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    "ask_second_person": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    "close_case": (Perm.SHARE, frozenset({CaseState.OPEN})),
    "reopen_case": (Perm.SHARE, frozenset(set(CaseState.values) - {CaseState.OPEN})),
    # --- identity card; who may open it is asked of keys and grants
    "change_identity": (Perm.SHARE, frozenset({CaseState.OPEN})),
    # --- what happened
    "write_incident": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    # --- duty, absence, hand-over
    "arm_reach": (Perm.SHARE, frozenset({CaseState.OPEN})),
    "open_reach": (Perm.SHARE, frozenset({CaseState.OPEN})),
    "end_call": (Perm.CHANGE, frozenset(CaseState.values)),  # one that was begun while the case was open
    "add_file": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    "download_file": (Perm.VIEW, frozenset(CaseState.values)),
    "remove_file": (Perm.CHANGE, frozenset(CaseState.values)),
    "write_letter": (Perm.CHANGE, frozenset({CaseState.OPEN})),
    "print_case": (Perm.VIEW, frozenset(CaseState.values)),
}


def allowed_actions(permissions: frozenset[str], state: str) -> frozenset[str]:
    """The actions that these permissions allow on a case in this state; an unknown state allows nothing."""
    return frozenset(
        action for action, (needed, states) in CASE_ACTIONS.items() if needed in permissions and state in states
    )
