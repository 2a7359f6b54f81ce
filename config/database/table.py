"""The declarative table: for each table of the database its pattern, and what each login role may do with it.

A table that is not named here is closed to every login role. apply.py makes the live database equal to this; the
catalogue test compares the two. Patterns:

reference   coded lists without personal data; no row security
directory   readable by every signed-in person, rules below
own         rows about the actor herself
request     requests for help: members of the team, no wall
case        the case row: a view permission of the actor's own, no wall
case_child  rows with a case_id: the same permission row, asked directly
sealed      ciphertext: in addition a live wrap of the same purpose
closed      reached by definer functions only
"""

from config.database.clauses import (
    CLOSED,
    HOUSE,
    IDENTITY_OPEN,
    NOT_WALLED,
    OPENED_HERE,
    SIGNED_IN,
    STAFF,
    UID,
    UNTOLD,
    Access,
    case_child,
    granted,
    identifies,
    live_wrap,
    may,
    own_call,
)
from config.database.table_compartments import COMPARTMENTS
from config.database.table_work import WORK

_REQUEST = "team_id = ANY ((SELECT app.my_teams())::uuid[]) AND " + NOT_WALLED.format(column="{id}")

# What a request is before anybody has looked at it: nothing is taken, given, put off or ended by logging it.
_FRESH = (
    "ended_at IS NULL AND ended_by_id IS NULL AND acknowledged_at IS NULL AND acknowledged_by_id IS NULL"
    " AND taken_at IS NULL AND taken_by_id IS NULL AND assignee_id IS NULL AND waiting_until IS NULL AND promised_for IS NULL"
    " AND duplicate_of_id IS NULL AND end_reason = '' AND refer_by IS NULL AND NOT told_in_writing"
    " AND referral_answer = '' AND referral_answered_at IS NULL AND referral_answered_by_id IS NULL"
    " AND risk = CASE WHEN in_danger_now OR thinks_of_ending_life THEN 'immediate' ELSE 'unknown' END"
)

# Every change of these is a line of the timeline, whoever makes it.
HISTORY = (
    "state, stage, risk, minor, compartment, person_category, age_band, gender, language, on_duty_may_call,"
    " offence_learned_on, suspect_learned_on, next_review_on"
)

TABLES: dict[str, Access] = {
    # --- of Django and its libraries ----------------------------------------------------------
    "django_content_type": Access("reference", ("SELECT",)),
    "auth_permission": Access("reference", ("SELECT",)),
    "auth_group": CLOSED,
    "auth_group_permissions": CLOSED,
    "guardian_groupobjectpermission": CLOSED,
    "guardian_userobjectpermission": CLOSED,
    # --- accounts -----------------------------------------------------------------------------
    "accounts_user": Access(
        "directory",
        ("SELECT", "UPDATE (language, theme)"),
        select=f"id = {UID} OR {STAFF} OR id = ANY ((SELECT app.colleagues())::uuid[])",
        update=f"id = {UID}",
        triggers={"moves_left": "AFTER UPDATE OF is_active"},
    ),
    "accounts_mailaddress": Access(
        "own", ("SELECT",), select=f"user_id = {UID} OR (SELECT app.has_role('administrator'))"
    ),
    "accounts_publickey": Access("directory", ("SELECT",), select=SIGNED_IN),
    "accounts_vouch": Access("directory", ("SELECT",), select=SIGNED_IN),
    "accounts_team": Access("directory", ("SELECT",), select=SIGNED_IN),
    "accounts_teammember": Access("own", ("SELECT",), select=f"user_id = {UID}"),
    "accounts_acceptance": Access("directory", ("SELECT",), select=SIGNED_IN),
    "accounts_anchormail": CLOSED,
    "accounts_auditanchor": CLOSED,
    "accounts_auditevent": CLOSED,
    "accounts_audithead": CLOSED,
    "accounts_backupkey": CLOSED,
    "accounts_ceremony": CLOSED,
    "accounts_ceremonycase": CLOSED,
    "accounts_ceremonypart": CLOSED,
    "accounts_credential": CLOSED,
    "accounts_delayedact": CLOSED,
    "accounts_heartbeat": CLOSED,
    "accounts_invitation": CLOSED,
    "accounts_keepercopy": CLOSED,
    "accounts_keybox": CLOSED,
    "accounts_passkey": CLOSED,
    "accounts_keykeeper": CLOSED,
    "accounts_session": CLOSED,
    "accounts_spentchallenge": CLOSED,
    "accounts_throttle": CLOSED,
    "accounts_totpdevice": CLOSED,
    "accounts_unlockedkey": CLOSED,
    # --- requests and cases -------------------------------------------------------------------
    "cases_helprequest": Access(
        "request",
        (
            "SELECT",
            "INSERT",
            "UPDATE (state, acknowledged_at, acknowledged_by_id, ended_at, ended_by_id, risk, assignee_id, waiting_until,"
            " taken_at, taken_by_id, end_reason, duplicate_of_id, refer_by, told_in_writing, minor, in_danger_now,"
            " thinks_of_ending_life, respond_by, protected, promised_for, about, language, offence_learned_on,"
            " suspect_learned_on, referral_answer, referral_answered_at, referral_answered_by_id)",
        ),
        select=_REQUEST.format(id="id"),
        insert=f"logged_by_id = {UID} AND state = 'new' AND (SELECT app.has_role('caseworker'))"
        f" AND {_FRESH} AND EXISTS (SELECT 1 FROM accounts_team t"
        " WHERE t.id = team_id AND t.retired_at IS NULL AND (t.kind = 'restricted') = restricted AND app.team_alive(t.id))",
        update=_REQUEST.format(id="id"),
        triggers={
            "request_changed": "BEFORE UPDATE",
            "urgency_begins": "BEFORE INSERT OR UPDATE",
            "urgency_alerts": "AFTER INSERT OR UPDATE",
            "somebody_sees": "AFTER INSERT",
        },
    ),
    "cases_openinghours": Access(
        "directory", ("SELECT", "UPDATE (opens_at, closes_at)"), select=SIGNED_IN, update=HOUSE
    ),
    "cases_closedday": Access(
        "directory",
        ("SELECT", "INSERT", "UPDATE (removed_at)"),
        select=SIGNED_IN,
        insert=f"noted_by_id = {UID} AND {HOUSE}",
        update=HOUSE,
    ),
    "cases_case": Access(
        "case",
        (
            "SELECT",
            "INSERT",
            "UPDATE (stage, person_category, age_band, gender, language, on_duty_may_call, offence_learned_on,"
            " suspect_learned_on, reviewed_on, next_review_on)",
        ),
        select=granted("cases_case.id"),
        insert=f"opened_by_id = {UID} AND state = 'open' AND (SELECT app.has_role('caseworker'))"
        " AND (SELECT app.intake_ready()) AND EXISTS (SELECT 1 FROM cases_helprequest r WHERE r.id = request_id)",
        update=f"state = 'open' AND {granted('cases_case.id', 'change_case')}"
        # While a case is protected these stand under the content key, not here.
        " AND (compartment = 'standard' OR (person_category IN ('sealed', 'unknown')"
        " AND age_band IN ('sealed', 'unknown') AND gender IN ('sealed', 'unknown') AND NOT on_duty_may_call))",
        triggers={
            "case_born": "AFTER INSERT",
            "case_changed": f"AFTER UPDATE OF {HISTORY}",
            "minor_by_age": "BEFORE INSERT OR UPDATE OF age_band",
        },
    ),
    "cases_caseuserpermission": Access("own", ("SELECT",), select=f"user_id = {UID}"),
    "cases_assignment": Access(
        "case_child",
        ("SELECT", "INSERT"),
        select=f"(user_id = {UID} AND {NOT_WALLED.format(column='case_id')}) OR ({granted('cases_assignment.case_id')})",
        insert=f"state = 'offered' AND offered_by_id = {UID} AND user_id <> {UID} AND role <> 'lead'"
        f" AND {may('offer_assignment', 'cases_assignment.case_id')}"
        " AND keys_sealed_at IS NULL AND live_at IS NULL AND app.may_be_asked(user_id, case_id)"
        " AND app.may_take_role(user_id, role) AND app.may_offer_role(case_id, role) AND (until_on IS NULL OR role NOT IN ('lead', 'backup'))",
    ),
    "cases_wall": CLOSED,
    "cases_note": case_child(
        "cases_note",
        action="write_note",
        by="written_by_id",
        insert="(type <> 'review_note' OR app.may_review(case_id))",
    ),
    "cases_deadline": case_child(
        "cases_deadline",
        "UPDATE (state, settled_at, settled_by_id, assignee_id)",
        action="settle_deadline",
        by="set_by_id",
        insert="settled_by_id IS NULL",
        deputy=True,
        due_dates_changed="AFTER INSERT OR UPDATE",
        deadline_changed="BEFORE UPDATE",
    ),
    "cases_notice": Access(
        "own",
        ("SELECT", "UPDATE (acknowledged_at)"),
        select=f"user_id = {UID} AND (case_id IS NULL OR {granted('cases_notice.case_id')})"
        " AND (request_id IS NULL OR EXISTS (SELECT 1 FROM cases_helprequest r WHERE r.id = request_id))",
        update=f"user_id = {UID}",
    ),
    "cases_reminder": CLOSED,
    "cases_mailout": CLOSED,
    # --- vault --------------------------------------------------------------------------------
    "vault_keyversion": Access(
        "case_child",
        ("SELECT", "INSERT"),
        select=granted("vault_keyversion.case_id"),
        insert=f"made_by_id = {UID} AND version = 1 AND {may('offer_assignment', 'vault_keyversion.case_id')}",
        triggers={"key_version_logged": "AFTER INSERT"},
    ),
    "vault_rotationdue": Access("case_child", ("SELECT",), select=granted("vault_rotationdue.case_id")),
    "vault_wrapcheck": CLOSED,
    "vault_wrap": Access(
        "sealed",
        ("SELECT", "INSERT"),
        select=f"user_id = {UID} AND state = 'live' AND {NOT_WALLED.format(column='case_id')}"
        f" AND (purpose <> 'identity' OR {identifies('vault_wrap.case_id')})",
        insert=f"made_by_id = {UID} AND {may('offer_assignment', 'vault_wrap.case_id')}"
        f" AND ((team_id IS NULL AND user_id = {UID} AND state = 'live')"
        f" OR (team_id IS NULL AND user_id <> {UID} AND state = 'offered'"
        " AND app.vouched(user_id) AND app.may_be_asked(user_id, case_id))"
        " OR (user_id IS NULL AND state = 'live' AND purpose = 'reach' AND app.reach_armed(case_id, team_id)))",
    ),
    "vault_sealed": Access(
        "sealed",
        ("SELECT", "INSERT"),
        select=f"(case_id IS NOT NULL AND {granted('vault_sealed.case_id')} AND {live_wrap('vault_sealed')}"
        f" AND {IDENTITY_OPEN.format(table='vault_sealed')} AND {UNTOLD})"
        " OR (request_id IS NOT NULL AND EXISTS (SELECT 1 FROM cases_helprequest r WHERE r.id = request_id))",
        insert=f"written_by_id = {UID} AND ((case_id IS NOT NULL AND {live_wrap('vault_sealed')}"
        " AND app.key_writable(case_id, purpose, key_version)"
        " AND (purpose <> 'identity' OR app.holds(case_id, 'share_case'))"
        # What stands on a card is written over by whoever has it before her, or has just confirmed that it is she.
        f" AND (field <> 'identity.entry' OR revision = 1 OR {OPENED_HERE.format(column='vault_sealed.case_id')}"
        " OR app.stepped_up())"
        f" AND (({may('write', 'vault_sealed.case_id')})"
        f" OR (field = 'wall.reason' AND {may('set_wall', 'vault_sealed.case_id')})"
        f" OR (field = 'attempt.text' AND {may('end_call', 'vault_sealed.case_id')} AND {own_call('vault_sealed')})))"
        " OR (request_id IS NOT NULL AND app.may_write_request(request_id, key_version)))",
        triggers={"text_revised": "BEFORE INSERT", "text_written": "AFTER INSERT"},
    ),
    **WORK,
    **COMPARTMENTS,
}

# Which login role may call which function. Functions not named are called by policies and other functions only; what a
# policy calls must be executable by the role that the policy is for.
_POLICY_HELPERS = (
    "uid has_role walled deputised may_be_asked team_alive permission_id holds my_teams colleagues vouched may_write_request may_take_role"
    " intake_ready may_review may_offer_role works_here reach_armed identity_opened identity_until identity_searching stepped_up key_writable"
)
_WEB = (
    _POLICY_HELPERS,
    # accounts
    "audit_append audit_head session_read session_write session_exists session_delete person_read signin_read",
    "code_accept throttle_take throttle_clear unlocked_key_store unlocked_key_read person_invite invitation_renew",
    "invitation_read invitation_use proof_change recovery_read key_vouch team_create team_add team_people",
    "person_deactivate logged health",
    "devices_own passkey_find passkey_accept passkey_add totp_add device_rename device_remove",
    # the log
    "case_trail case_trail_people unusual_reading audit_days",
    # key keepers, ceremonies, small teams
    "keeper_invite keeper_invited keeper_key_make keeper_confirm keeper_retire keepers_list keeper_copies_missing keeper_copies_store",
    "keeper_coverage keeper_copies_of keeper_known ceremony_begin ceremony_said ceremony_copies ceremony_peel ceremony_part ceremony_open ceremonies_running ceremonies_stopped",
    "ceremony_stop ceremony_result ceremony_finish handover_name handover_waits handover_begin handover_mine handover_finish parked_wraps parked_take",
    "key_hints fallback_open delayed_ask delayed_cancel delayed_do delayed_review delayed_list",
    # new requests
    "request_by_nonce request_accept request_people",
    # cases: facts, state, second person
    "case_facts case_minor_set case_close case_reopen approval_answer approval_withdraw",
    # people on a case
    "assignment_keys_sealed my_offers assignment_answer assignment_end lead_take",
    "slip_send slip_answer lead_hand_over assignment_until",
    # plan, risk, reaching her
    "attempt_people nobody_there",
    # duty, absence, hand-over
    "nobody_else unattended_cases shift_cancelled urgent_waiting duty_reachable duty_call duty_reach duty_call_end handover_told handover_withdraw second_address_set",
    # capacity, supervision
    "loads exposure minutes_given",
    # the desk
    "desk_hints housekeeping stands_in",
    # files
    "file_remove",
    # new key versions, leaving
    "rotation_begin key_rotate team_remove team_recipients team_renew request_reseal",
    "leavers leaver leaver_cases leaver_looks",
    # must not see, protected
    "walls_of walls_among walls_first walls_meet wall_request_set wall_request_lift request_walls_asked wall_case_set wall_ask case_protect",
    # consents
    "consent_withdraw",
    # identity, grants
    "grant_ask grant_approve grant_decline grant_confirm grant_end_by_hand",
    "session_stepped_up identity_open identity_card identity_close identity_budget_left identity_read_begin identity_compare_begin identity_read_end",
    # erasure, retention
    "ending_ask erase_rest request_erase request_keep hold_set case_pause retention_list date_to_give date_takers date_give",
    # coordinator
    "work_board protected_without_holder move_about move_ask move_back my_moves moves_walled",
)
_TRIGGERS = (
    "case_born key_version_logged due_dates_changed request_changed deadline_changed text_revised text_written audit_waited",
    "case_changed task_changed safety_plan_changed incident_changed minor_by_age minor_by_incident outcomes_told risk_assessed approval_asked own_name_only consent_noted",
    "urgency_begins urgency_alerts somebody_sees armed_changed shift_planned",
    "move_answered moves_left work_profile_changed",
)
EXECUTE: dict[str, str] = {
    "web": " ".join(_WEB),
    "door": "health",
    "worker": "audit_append sessions_clear reminders_fire access_expire delayed_lapse grants_fire mail_claim mail_done heartbeat health"
    " anchor_take anchor_mail_claim anchor_mail_done keeper_mail_claim keeper_mail_done wraps_check erasures log_begins",
    "stats": "",
    "owner": " ".join(_TRIGGERS)
    + " audit_append audit_head audit_read audit_anchors person_invite invitation_renew first_invited loss_accept health"
    " administrator_restore administrator_restored wraps_out_of_order erasures log_begins erasure_replay backup_key_add",
}

LOGIN_ROLES = ("owner", "web", "door", "worker", "stats", "backup")
