"""State machines as dictionaries: state -> next state -> the service by which it gets there, or the function of PostgreSQL
(`app.…`) where it happens by itself.

The diagrams in docs/states.md are drawn from these. PostgreSQL knows the same steps for requests
(app.request_step); a test compares the two. No state is without an exit unless it stands in FINAL with its reason.
"""

from cases.choices import AssignmentState, CaseState, Compartment, DeadlineState, RequestState
from cases.codes import ApprovalState, MoveState, TaskState
from cases.compartments import GrantState

Machine = dict[str, dict[str, str]]

_ANSWERED: dict[str, str] = {
    RequestState.AWAITING_PERSON: "answering.ask_back",
    RequestState.WAITING: "answering.promise_date",
    RequestState.ACCEPTED: "accept.accept_request",
    RequestState.INFORMATION_GIVEN: "answering.end_request",
    RequestState.REFERRED_OUT: "answering.refer_out",
    RequestState.NOT_ELIGIBLE: "answering.end_request",
    RequestState.SPAM: "answering.end_request",
    RequestState.WITHDRAWN: "answering.end_request",
    RequestState.DUPLICATE: "answering.mark_duplicate",
}
# An answer from before it was urgent does not count.
_URGENT: dict[str, str] = {RequestState.NEW: "app.urgency_begins"}
_REOPEN: dict[str, str] = {RequestState.NEW: "answering.reopen_request"}

REQUEST: Machine = {
    RequestState.NEW: {RequestState.ACKNOWLEDGED: "answering.acknowledge", **_ANSWERED},
    RequestState.ACKNOWLEDGED: {**_ANSWERED, **_URGENT},
    RequestState.AWAITING_PERSON: {RequestState.ACKNOWLEDGED: "answering.go_on", **_ANSWERED, **_URGENT},
    RequestState.WAITING: {RequestState.ACKNOWLEDGED: "answering.end_promise", **_ANSWERED, **_URGENT},
    RequestState.ACCEPTED: {},
    RequestState.INFORMATION_GIVEN: _REOPEN,
    RequestState.REFERRED_OUT: _REOPEN,
    RequestState.NOT_ELIGIBLE: _REOPEN,
    RequestState.SPAM: _REOPEN,
    RequestState.WITHDRAWN: _REOPEN,
    RequestState.DUPLICATE: _REOPEN,
}
CASE: Machine = {
    CaseState.OPEN: {
        CaseState.CLOSED: "closing.close_case",
        CaseState.TRANSFERRED: "closing.close_case",
        CaseState.DUPLICATE: "closing.close_case",
        CaseState.ERASED: "erasing.ask_erasure",
    },
    CaseState.CLOSED: {CaseState.OPEN: "closing.reopen_case", CaseState.ERASED: "erasing.ask_erasure"},
    CaseState.TRANSFERRED: {CaseState.OPEN: "closing.reopen_case", CaseState.ERASED: "erasing.ask_erasure"},
    CaseState.DUPLICATE: {CaseState.OPEN: "closing.reopen_case", CaseState.ERASED: "erasing.ask_erasure"},
    CaseState.ERASED: {},
}
ASSIGNMENT: Machine = {
    AssignmentState.OFFERED: {
        AssignmentState.LIVE: "assignment.answer_offer",
        AssignmentState.DECLINED: "assignment.answer_offer",
        AssignmentState.ENDED: "assignment.end_assignment",
    },
    AssignmentState.LIVE: {AssignmentState.ENDED: "assignment.end_assignment"},
    AssignmentState.DECLINED: {},
    AssignmentState.ENDED: {},
}
DEADLINE: Machine = {
    DeadlineState.RUNNING: {
        DeadlineState.MET: "deadlines.settle_deadline",
        DeadlineState.WAIVED: "deadlines.waive_deadline",
    },
    DeadlineState.MET: {DeadlineState.RUNNING: "deadlines.reopen_deadline"},
    DeadlineState.WAIVED: {DeadlineState.RUNNING: "deadlines.reopen_deadline"},
}
TASK: Machine = {
    TaskState.OPEN: {TaskState.DONE: "tasks.finish_task", TaskState.DROPPED: "tasks.drop_task"},
    TaskState.DONE: {TaskState.OPEN: "tasks.reopen_task"},
    TaskState.DROPPED: {TaskState.OPEN: "tasks.reopen_task"},
}
APPROVAL: Machine = {
    ApprovalState.ASKED: {
        ApprovalState.APPROVED: "approvals.answer_approval",
        ApprovalState.REFUSED: "approvals.answer_approval",
        ApprovalState.WITHDRAWN: "approvals.withdraw_approval",
    },
    ApprovalState.APPROVED: {},
    ApprovalState.REFUSED: {},
    ApprovalState.WITHDRAWN: {},
}
MOVE: Machine = {
    MoveState.OPEN: {
        MoveState.DONE: "moves.answer_move",
        MoveState.DECLINED: "moves.answer_move",
        MoveState.LEFT: "app.moves_left",
        MoveState.BACK: "moves.take_back",
    },
    MoveState.DONE: {},
    MoveState.DECLINED: {},
    MoveState.LEFT: {},
    MoveState.BACK: {},
}
GRANT: Machine = {
    GrantState.ASKED: {
        GrantState.ACTIVE: "grants.approve_grant",
        GrantState.DECLINED: "grants.decline_grant",
        GrantState.ENDED: "grants.end_grant",
    },
    GrantState.ACTIVE: {GrantState.ENDED: "grants.end_grant"},
    GrantState.DECLINED: {},
    GrantState.ENDED: {},
}

PROTECTION: Machine = {
    Compartment.STANDARD: {Compartment.PROTECTED: "protection.protect_case"},
    Compartment.PROTECTED: {Compartment.STANDARD: "approvals.answer_approval"},  # two: protection.ask_to_unprotect
}

MACHINES: dict[str, Machine] = {
    "request for help": REQUEST,
    "case": CASE,
    "role on a case": ASSIGNMENT,
    "date": DEADLINE,
    "task": TASK,
    "second person": APPROVAL,
    "move of work": MOVE,
    "protection of a case": PROTECTION,
    "identity open to somebody else": GRANT,
}
# States that nothing leads out of, and why that is right.
FINAL: dict[tuple[str, str], str] = {
    ("request for help", RequestState.ACCEPTED): "it lives on as the case; its envelopes are filed anew and gone",
    ("case", CaseState.ERASED): "one date is left; when it is over, the rest goes, too (erasing.erase_rest)",
    ("role on a case", AssignmentState.DECLINED): "whoever is asked again is asked by a new offer with new keys",
    ("role on a case", AssignmentState.ENDED): "access is never given back; a new offer seals new keys",
    ("second person", ApprovalState.APPROVED): "the act was done in the same step",
    ("second person", ApprovalState.REFUSED): "ask anew with another reason",
    ("second person", ApprovalState.WITHDRAWN): "ask anew",
    ("move of work", MoveState.DONE): "the move was made; another one is a new request",
    ("identity open to somebody else", GrantState.DECLINED): "ask anew with another reason or another consent",
    ("identity open to somebody else", GrantState.ENDED): "its wraps are gone; whoever needs it again asks anew",
    ("move of work", MoveState.DECLINED): "the lead said no; another one is a new request",
    ("move of work", MoveState.LEFT): "whom it named is gone; the coordinator names somebody else",
    ("move of work", MoveState.BACK): "nothing is wanted any more; another one is a new request",
}
