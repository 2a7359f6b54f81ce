"""What the declarative table is written with: the shape of an entry, and the clauses that policies share."""

from dataclasses import dataclass, field

from cases.policies import CASE_ACTIONS, GRANT_COVERED_BY

UID = "(SELECT app.uid())"
NOT_WALLED = "NOT {column} = ANY ((SELECT app.walled())::uuid[])"
NOT_DEPUTY = "NOT {column} = ANY ((SELECT app.deputised())::uuid[])"
SIGNED_IN = f"{UID} IS NOT NULL"
STAFF = "(SELECT app.has_role('caseworker', 'coordinator', 'administrator'))"
HOUSE = "(SELECT app.has_role('coordinator', 'administrator'))"


@dataclass(frozen=True)
class Access:
    """What role web may do with a table. The other login roles have no table rights at all: they call functions."""

    pattern: str
    rights: tuple[str, ...] = ()  # such as SELECT, or UPDATE (state)
    select: str = ""
    insert: str = ""
    update: str = ""
    updated: str = ""  # what the row must fit afterwards, besides
    triggers: dict[str, str] = field(default_factory=dict)


CLOSED = Access("closed")


def granted(column: str, permission: str = "view_case") -> str:
    """A permission row of the actor for the case in `column`, and no wall."""
    return (
        "EXISTS (SELECT 1 FROM cases_caseuserpermission g"
        f" WHERE g.content_object_id = {column} AND g.user_id = {UID}"
        f" AND g.permission_id = (SELECT app.permission_id('{permission}')))"
        f" AND {NOT_WALLED.format(column=column)}"
    )


def told(column: str) -> str:
    """The same, and not as the deputy only: what the records of a case say, their codes, too. She sees dates and people."""
    return f"{granted(column)} AND {NOT_DEPUTY.format(column=column)}"


def in_state(action: str, column: str) -> str:
    """The case in `column` is in a state in which CASE_ACTIONS lets this be done."""
    states = ", ".join(f"'{state}'" for state in sorted(CASE_ACTIONS[action][1]))
    return f"EXISTS (SELECT 1 FROM cases_case o WHERE o.id = {column} AND o.state IN ({states}))"


def may(action: str, column: str) -> str:
    """What CASE_ACTIONS asks for: the permission, and the state of the case in `column`."""
    return f"{granted(column, CASE_ACTIONS[action][0])} AND {in_state(action, column)}"


def allowed_states() -> str:
    """CASE_ACTIONS as rows of SQL, for app.case_allows."""
    return ", ".join(
        f"('{action}', '{state}')" for action, (_permission, states) in CASE_ACTIONS.items() for state in sorted(states)
    )


def grant_cover() -> str:
    """GRANT_COVERED_BY as rows of SQL: kind, reason, purpose of the consent."""
    return ", ".join(
        f"('{kind}', '{reason}', '{purpose}')"
        for (kind, reason), purposes in GRANT_COVERED_BY.items()
        for purpose in sorted(purposes)
    )


def live_wrap(table: str, purpose: str = "") -> str:
    """A live wrap of the actor for the case of a row, of the row's own purpose or of a named one."""
    wanted = f"'{purpose}'" if purpose else f"{table}.purpose"
    return (
        "EXISTS (SELECT 1 FROM vault_wrap h"
        f" WHERE h.case_id = {table}.case_id AND h.purpose = {wanted} AND h.user_id = {UID} AND h.state = 'live')"
    )


def identifies(column: str) -> str:
    """Lead or backup of the case in `column`, or an active grant that the survivor's consent covers: an allow-list."""
    return (
        f"(EXISTS (SELECT 1 FROM cases_assignment m WHERE m.case_id = {column} AND m.user_id = {UID} AND m.state = 'live'"
        " AND m.role IN ('lead', 'backup'))"
        " OR EXISTS (SELECT 1 FROM cases_identitygrant n JOIN cases_consent o ON o.id = n.consent_id AND o.case_id = n.case_id"
        " JOIN cases_assignment m ON m.id = n.assignment_id AND m.state = 'live' AND m.user_id = n.person_id"
        " AND m.case_id = n.case_id"
        f" WHERE n.case_id = {column} AND n.person_id = {UID} AND n.state = 'active' AND n.until > clock_timestamp()"
        " AND o.given AND o.withdrawn_at IS NULL AND (o.expires_at IS NULL OR o.expires_at > clock_timestamp())))"
    )


# The identity card of a case is open to the actor in this session.
OPENED_HERE = "app.identity_until({column}) IS NOT NULL"

# Sealed under the identity key: shown while an opening of the actor lasts, and at no other time.
IDENTITY_OPEN = (
    "({table}.purpose <> 'identity' OR {table}.case_id = ANY ((SELECT app.identity_opened())::uuid[])"
    " OR (SELECT app.identity_searching()))"
)


# Why somebody must not see a case is read by lead and backup; the reason of a question by whoever sees the question.
UNTOLD = (
    "(field NOT IN ('wall.reason', 'approval.reason')"
    " OR (field = 'wall.reason' AND " + granted("vault_sealed.case_id", "share_case") + ")"
    " OR (field = 'approval.reason' AND EXISTS (SELECT 1 FROM cases_approval q WHERE q.id = vault_sealed.record_id)))"
)

# A question about a wall: for lead, backup and supervisor, never for the person it is about.
WALL_QUESTION = (
    "(kind NOT IN ('set_wall', 'lift_wall') OR (detail NOT LIKE " + UID + " || ':%' AND EXISTS"
    " (SELECT 1 FROM cases_assignment m WHERE m.case_id = cases_approval.case_id AND m.user_id = " + UID + ""
    " AND m.state = 'live' AND m.role IN ('lead', 'backup', 'supervisor'))))"
)


def own_call(table: str) -> str:
    """The record of a row is a call on its case that the actor has begun."""
    return (
        "EXISTS (SELECT 1 FROM cases_contactattempt b"
        f" WHERE b.id = {table}.record_id AND b.case_id = {table}.case_id AND b.begun_by_id = {UID})"
    )


def case_child(
    table: str, *rights: str, action: str, by: str, insert: str = "", deputy: bool = False, **triggers: str
) -> Access:
    """The usual child of a case: seen with the case, written in her own name while the case's state allows it.

    `deputy`: her last rung needs it, so the deputy of a protected case sees it, too.
    """
    allowed = may(action, f"{table}.case_id")
    seen = granted if deputy else told
    return Access(
        "case_child",
        ("SELECT", "INSERT", *rights),
        select=seen(f"{table}.case_id"),
        insert=f"{by} = {UID} AND {allowed}" + (f" AND {insert}" if insert else ""),
        update=allowed if rights else "",
        triggers=dict(triggers),
    )
