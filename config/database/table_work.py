"""The declarative table, second part: the records of daily work. The first part says what the patterns mean."""

from config.database.clauses import (
    CLOSED,
    HOUSE,
    NOT_WALLED,
    SIGNED_IN,
    STAFF,
    UID,
    WALL_QUESTION,
    Access,
    case_child,
    granted,
    in_state,
    live_wrap,
    may,
    own_call,
    told,
)

_REQUEST_SEEN = "EXISTS (SELECT 1 FROM cases_helprequest r WHERE r.id = request_id)"
_PLANNER = "(SELECT app.has_role('caseworker', 'coordinator'))"
# She wants nobody to call: a call begins only where no pause stands.
_NOT_PAUSED = "NOT EXISTS (SELECT 1 FROM cases_case z WHERE z.id = case_id AND z.paused_at IS NOT NULL)"
_NO_MINOR = "EXISTS (SELECT 1 FROM cases_case m WHERE m.id = case_id AND m.minor = 'no')"

WORK: dict[str, Access] = {
    # --- plan ---------------------------------------------------------------------------------
    "cases_task": case_child(
        "cases_task",
        "UPDATE (state, settled_at, settled_by_id, assignee_id, due_at)",
        action="plan",
        by="set_by_id",
        insert="state = 'open' AND settled_by_id IS NULL AND app.works_here(assignee_id, case_id)",
        deputy=True,
        task_changed="BEFORE UPDATE",
    ),
    "cases_taskreminder": CLOSED,
    "cases_safetyplan": case_child(
        "cases_safetyplan",
        "UPDATE (reviewed_on, reviewed_by_id, review_task_id)",
        action="plan",
        by="made_by_id",
        insert=f"reviewed_by_id = {UID}",
        safety_plan_changed="BEFORE UPDATE",
    ),
    "cases_riskassessment": case_child(
        "cases_riskassessment",
        action="assess_risk",
        by="assessed_by_id",
        insert="NOT counts AND climbed_at IS NULL",
        risk_assessed="AFTER INSERT",
    ),
    "cases_casecheck": case_child(
        "cases_casecheck",
        "UPDATE (outcome, settled_at, settled_by_id)",
        action="change_facts",
        by=UID,
        own_name_only="BEFORE INSERT OR UPDATE",
    ),
    # --- record -------------------------------------------------------------------------------
    "cases_incident": case_child(
        "cases_incident",
        "UPDATE (types, contexts, platforms, outcomes, relation, age_at_capture, consent_to_make, consent_to_share, nature,"
        " made_by_whom, happened_in, learned_in, changed_at, changed_by_id)",
        action="write_incident",
        by="written_by_id",
        incident_changed="BEFORE UPDATE",
        minor_by_incident="AFTER INSERT OR UPDATE OF age_at_capture",
        outcomes_told="AFTER INSERT OR UPDATE OF outcomes",
    ),
    "cases_casejurisdiction": case_child(
        "cases_casejurisdiction",
        "UPDATE (removed_at, removed_by_id)",
        action="write_incident",
        by="added_by_id",
        own_name_only="BEFORE INSERT OR UPDATE",
    ),
    "cases_consent": Access(
        "case_child",
        ("SELECT", "INSERT"),
        select=f"(case_id IS NOT NULL AND {told('cases_consent.case_id')}) OR (case_id IS NULL AND {_REQUEST_SEEN})",
        insert=f"noted_by_id = {UID} AND withdrawn_at IS NULL AND ((case_id IS NULL AND app.may_write_request(request_id))"
        f" OR (request_id IS NULL AND {may('note_consent', 'cases_consent.case_id')}))",
        triggers={"consent_noted": "BEFORE INSERT"},
    ),
    # Minor now or in the material, or nobody has asked: no file comes in, whatever the page says, nor a piece of one.
    "cases_casefile": case_child(
        "cases_casefile",
        action="add_file",
        by="uploaded_by_id",
        insert=f"removed_at IS NULL AND {_NO_MINOR}",
    ),
    "cases_caselink": Access(
        "case_child",
        ("SELECT", "INSERT", "UPDATE (removed_at, removed_by_id)"),
        select=f"{granted('cases_caselink.case_id')} AND {granted('cases_caselink.other_id')}",
        insert=f"linked_by_id = {UID} AND {may('change_facts', 'cases_caselink.case_id')}"
        f" AND {granted('cases_caselink.other_id')}"
        " AND (SELECT count(*) FROM cases_case p WHERE p.id IN (case_id, other_id) AND p.compartment = 'standard') = 2",
        update=f"{granted('cases_caselink.case_id', 'change_case')} AND {granted('cases_caselink.other_id')}"
        f" AND ({in_state('change_facts', 'cases_caselink.case_id')} OR {in_state('change_facts', 'cases_caselink.other_id')})",
        triggers={"own_name_only": "BEFORE INSERT OR UPDATE"},
    ),
    "cases_timelineentry": Access(
        "case_child",
        ("SELECT", "INSERT"),
        select=told("cases_timelineentry.case_id")
        # A link is told to whoever sees both cases: a link that she does not see is not there.
        + " AND (kind <> 'link' OR EXISTS (SELECT 1 FROM cases_caselink l WHERE l.id = record_id))",
        insert=f"by_id = {UID} AND kind NOT IN ('state', 'people', 'second')"  # the database writes these itself
        f" AND (({may('write', 'cases_timelineentry.case_id')})"
        " OR ((kind, detail) IN (('file', 'downloaded'), ('file', 'taken_out'), ('letter', 'printed'),"
        " ('letter', 'exported'), ('consent', 'consent_printed'))"
        f" AND {may('print_case', 'cases_timelineentry.case_id')})"
        f" OR (kind = 'call' AND {may('end_call', 'cases_timelineentry.case_id')} AND {own_call('cases_timelineentry')}))",
    ),
    # --- contact ------------------------------------------------------------------------------
    "cases_contactattempt": Access(
        "case_child",
        ("SELECT", "INSERT", "UPDATE (ended_at, result)"),
        select=f"(begun_by_id = {UID} AND {NOT_WALLED.format(column='coalesce(case_id, request_id)')})"
        f" OR (case_id IS NOT NULL AND {told('cases_contactattempt.case_id')})"
        f" OR (request_id IS NOT NULL AND {_REQUEST_SEEN})",
        insert=f"begun_by_id = {UID} AND ended_at IS NULL AND NOT on_duty AND ((case_id IS NOT NULL AND"
        f" {may('open_reach', 'cases_contactattempt.case_id')} AND {_NOT_PAUSED}) OR (request_id IS NOT NULL AND {_REQUEST_SEEN}))",
        update=f"begun_by_id = {UID}",
    ),
    "cases_contactlog": Access(
        "own",
        ("SELECT", "INSERT", "UPDATE (undone_at)"),
        select=f"logged_by_id = {UID}",
        insert=f"logged_by_id = {UID} AND (SELECT app.has_role('caseworker'))",
        update=f"logged_by_id = {UID}",
    ),
    "cases_project": Access(
        "directory",
        ("SELECT", "INSERT", "UPDATE (name, retired_at)"),
        select=SIGNED_IN,
        insert=HOUSE,
        update=HOUSE,
    ),
    "cases_serviceunit": Access(
        "case_child",
        ("SELECT", "INSERT", "UPDATE (undone_at)"),
        select=told("cases_serviceunit.case_id"),
        insert=f"given_by_id = {UID} AND {may('log_service', 'cases_serviceunit.case_id')}",
        update=f"given_by_id = {UID} AND {may('log_service', 'cases_serviceunit.case_id')}",
    ),
    # --- people -------------------------------------------------------------------------------
    "cases_workprofile": Access(
        "directory",
        (
            "SELECT",
            "INSERT",
            "UPDATE (capacity, hours_per_week, accepting, languages, countries, supervisor_id, changed_at,"
            " changed_by_id)",
        ),
        select=f"user_id = {UID} OR {STAFF}",
        insert=f"changed_by_id = {UID} AND (user_id = {UID} OR {HOUSE})",
        update=f"user_id = {UID} OR {HOUSE}",
        triggers={"work_profile_changed": "BEFORE INSERT OR UPDATE"},
    ),
    "cases_putoff": Access(
        "own",
        ("SELECT", "INSERT", "UPDATE (until_on)"),
        select=f"user_id = {UID}",
        insert=f"user_id = {UID}",
        update=f"user_id = {UID}",
    ),
    "cases_absence": Access(
        "directory",
        ("SELECT", "INSERT", "UPDATE (until_on, cancelled_at)"),
        select=f"user_id = {UID} OR {STAFF}",
        insert=f"entered_by_id = {UID} AND (user_id = {UID} OR {HOUSE})",
        update=f"user_id = {UID} OR {HOUSE}",
    ),
    "cases_moverequest": Access(
        "case_child",
        ("SELECT", "UPDATE (state, answered_at, answered_by_id)"),
        select=granted("cases_moverequest.case_id", "share_case"),
        update=may("offer_assignment", "cases_moverequest.case_id"),
        updated="state IN ('done', 'declined')",  # that she has left is said by her leaving
        triggers={"move_answered": "BEFORE UPDATE"},
    ),
    "cases_approval": Access(
        "case_child",
        ("SELECT", "INSERT"),
        select=f"{granted('cases_approval.case_id')} AND {WALL_QUESTION}",
        insert=f"asked_by_id = {UID} AND {may('ask_second_person', 'cases_approval.case_id')}"
        " AND state = 'asked' AND answered_at IS NULL",
        triggers={"approval_asked": "AFTER INSERT"},
    ),
    "cases_conflictslip": Access(
        "case_child", ("SELECT",), select="EXISTS (SELECT 1 FROM cases_assignment a WHERE a.id = assignment_id)"
    ),
    # --- duty ---------------------------------------------------------------------------------
    "cases_dutyshift": Access(
        "directory",
        ("SELECT", "INSERT", "UPDATE (cancelled_at, cancelled_by_id, second_id)"),
        select=STAFF,
        insert=f"entered_by_id = {UID} AND {_PLANNER}",
        update=_PLANNER,
        triggers={
            "own_name_only": "BEFORE INSERT OR UPDATE",
            "shift_planned": "BEFORE INSERT OR UPDATE OF second_id",
        },
    ),
    "cases_alert": CLOSED,
    "cases_armedreach": Access(
        "case_child",
        ("SELECT", "INSERT", "UPDATE (disarmed_at, disarmed_by_id)"),
        select=granted("cases_armedreach.case_id"),
        insert=f"armed_by_id = {UID} AND {may('arm_reach', 'cases_armedreach.case_id')} AND disarmed_at IS NULL"
        f" AND {_NOT_PAUSED}"
        " AND until <= clock_timestamp() + interval '48 hours'"
        " AND EXISTS (SELECT 1 FROM cases_case p WHERE p.id = case_id AND p.compartment = 'standard')",
        update=may("arm_reach", "cases_armedreach.case_id"),
        triggers={"armed_changed": "BEFORE UPDATE"},
    ),
    "cases_shifthandover": Access(
        "own",
        ("SELECT", "INSERT", "UPDATE (taken_at)"),
        select=f"from_user_id = {UID} OR to_user_id = {UID}",
        insert=f"from_user_id = {UID} AND taken_at IS NULL AND (SELECT app.has_role('caseworker'))",
        update=f"to_user_id = {UID}",
    ),
    # --- library ------------------------------------------------------------------------------
    "cases_lettertemplate": Access(
        "directory",
        ("SELECT", "INSERT", "UPDATE (title, body, changed_at, changed_by_id, retired_at)"),
        select=SIGNED_IN,
        insert=f"changed_by_id = {UID} AND (SELECT app.has_role('caseworker', 'lawyer', 'coordinator'))",
        update="(SELECT app.has_role('caseworker', 'lawyer', 'coordinator'))",
        triggers={"incident_changed": "BEFORE UPDATE"},
    ),
    # --- vault --------------------------------------------------------------------------------
    "vault_letter": Access(
        "sealed",
        ("SELECT", "INSERT"),
        select=f"recipient_id = {UID} AND (field <> 'slip.names'"
        " OR EXISTS (SELECT 1 FROM cases_assignment a WHERE a.id = record_id))",
        insert=f"written_by_id = {UID} AND field <> 'slip.names' AND (recipient_id = {UID} OR app.vouched(recipient_id))",
    ),
    "vault_chunk": Access(
        "sealed",
        ("SELECT", "INSERT"),
        select=f"{granted('vault_chunk.case_id')} AND {live_wrap('vault_chunk', 'content')}",
        insert=f"{live_wrap('vault_chunk', 'content')} AND app.key_writable(case_id, 'content', key_version)"
        f" AND {may('add_file', 'vault_chunk.case_id')} AND {_NO_MINOR} AND EXISTS (SELECT 1 FROM cases_casefile f"
        f" WHERE f.id = file_id AND f.case_id = vault_chunk.case_id AND f.uploaded_by_id = {UID}"
        " AND f.removed_at IS NULL)",
    ),
}
