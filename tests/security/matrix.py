"""The permission matrix: URL name and method, then one literal status for each actor. No value is asked of the code.

The world (tests/security/test_matrix.py): Ana leads case C and is on intake; Boba is on intake and not on the case;
Ceca is a caseworker outside intake; Lana is the case's lawyer; Ljilja is asked onto the case and has not accepted;
Koka coordinates; Vera administers. R is a new request. docs/permissions.md is written from this table.
"""

ACTORS = ("nobody", "ana", "boba", "ceca", "lana", "ljilja", "koka", "vera")

# Pages that are open without signing in, exactly these.
OPEN = {
    "accounts:sign_in",
    "accounts:enrol",
    "accounts:enrol_link",
    "accounts:recover",
    "accounts:recovery_code",
    "accounts:health",
    "accounts:set_language",
    "accounts:set_theme",
    "accounts:sign_out",
}

# Pages that derive keys and take short transactions, exactly these.
SHORT = {
    "accounts:sign_in",
    "accounts:enrol",
    "accounts:recover",
    "accounts:password_change",
    "accounts:confirm",
    "accounts:health",
}

SIGN_IN, RESEND = 302, 401  # what nobody gets: a GET leads to the sign-in page, a POST keeps what was typed

MATRIX: dict[tuple[str, str], tuple[int, ...]] = {
    #                                       nobody  ana  boba ceca lana ljil koka vera
    # --- desk
    ("cases:desk", "GET"):                   (302, 200, 200, 200, 200, 200, 200, 200),
    ("cases:notice_acknowledge", "POST"):    (401, 404, 404, 404, 302, 404, 404, 404),
    ("cases:offer_answer", "POST"):          (401, 403, 403, 403, 403, 302, 403, 403),
    # --- new requests
    ("cases:request_list", "GET"):           (302, 200, 200, 200, 403, 403, 403, 403),
    ("cases:request_create", "GET"):         (302, 200, 200, 200, 403, 403, 403, 403),
    ("cases:request_create", "POST"):        (401, 422, 422, 422, 403, 403, 403, 403),
    ("cases:request_detail", "GET"):         (302, 200, 200, 404, 403, 403, 403, 403),
    ("cases:request_contacts", "POST"):      (401, 200, 200, 404, 403, 403, 403, 403),
    ("cases:request_paste", "GET"):          (302, 200, 200, 200, 403, 403, 403, 403),
    ("cases:request_paste", "POST"):         (401, 422, 422, 422, 403, 403, 403, 403),
    ("cases:request_bulk", "POST"):          (401, 302, 302, 302, 403, 403, 403, 403),
    ("cases:request_call_end", "POST"):      (401, 422, 422, 404, 403, 403, 403, 403),
    ("cases:request_compare", "POST"):       (401, 200, 200, 404, 403, 403, 403, 403),
    ("cases:request_take", "POST"):          (401, 302, 302, 404, 403, 403, 403, 403),
    ("cases:request_assign", "POST"):        (401, 422, 422, 404, 403, 403, 403, 403),
    ("cases:request_acknowledge", "POST"):   (401, 302, 302, 404, 403, 403, 403, 403),
    ("cases:request_ask_back", "POST"):      (401, 422, 422, 404, 403, 403, 403, 403),
    ("cases:request_promise", "POST"):       (401, 422, 422, 404, 403, 403, 403, 403),
    ("cases:request_go_on", "POST"):         (401, 302, 302, 404, 403, 403, 403, 403),
    ("cases:request_risk", "GET"):           (302, 200, 200, 404, 403, 403, 403, 403),
    ("cases:request_risk", "POST"):          (401, 422, 422, 404, 403, 403, 403, 403),
    ("cases:request_accept", "GET"):         (302, 200, 200, 404, 403, 403, 403, 403),
    ("cases:request_accept", "POST"):        (401, 422, 422, 404, 403, 403, 403, 403),
    ("cases:request_end", "GET"):            (302, 200, 200, 404, 403, 403, 403, 403),
    ("cases:request_end", "POST"):           (401, 422, 422, 404, 403, 403, 403, 403),
    ("cases:request_reopen", "POST"):        (401, 302, 302, 404, 403, 403, 403, 403),
    ("cases:contact_list", "GET"):           (302, 200, 200, 200, 403, 403, 403, 403),
    ("cases:contact_list", "POST"):          (401, 422, 422, 422, 403, 403, 403, 403),
    ("cases:contact_undo", "POST"):          (401, 302, 302, 302, 403, 403, 403, 403),
    # --- cases
    ("cases:case_list", "GET"):              (302, 200, 200, 200, 200, 200, 403, 403),
    ("cases:case_detail", "GET"):            (302, 200, 404, 404, 200, 404, 404, 404),
    ("cases:case_timeline", "GET"):          (302, 200, 404, 404, 200, 404, 404, 404),
    ("cases:case_reach", "POST"):            (401, 200, 404, 404, 403, 404, 404, 404),
    ("cases:note_create", "POST"):           (401, 422, 404, 404, 422, 404, 404, 404),
    # --- facts, state, second person
    ("cases:case_facts", "GET"):             (302, 200, 404, 404, 200, 404, 404, 404),
    ("cases:case_facts", "POST"):            (401, 422, 404, 404, 422, 404, 404, 404),
    ("cases:stage_set", "POST"):             (401, 302, 404, 404, 302, 404, 404, 404),
    ("cases:text_change", "GET"):            (302, 200, 404, 404, 200, 404, 404, 404),
    ("cases:text_change", "POST"):           (401, 422, 404, 404, 422, 404, 404, 404),
    ("cases:told_add", "POST"):              (401, 422, 404, 404, 422, 404, 404, 404),
    ("cases:minor_set", "GET"):              (302, 200, 404, 404, 200, 404, 404, 404),
    ("cases:minor_set", "POST"):             (401, 422, 404, 404, 422, 404, 404, 404),
    ("cases:link_create", "POST"):           (401, 422, 404, 404, 422, 404, 404, 404),
    ("cases:link_remove", "POST"):           (401, 302, 404, 404, 404, 404, 404, 404),
    ("cases:check_settle", "POST"):          (401, 302, 404, 404, 302, 404, 404, 404),
    ("cases:check_reopen", "POST"):          (401, 302, 404, 404, 302, 404, 404, 404),
    ("cases:case_close", "GET"):             (302, 200, 404, 404, 403, 404, 404, 404),
    ("cases:case_close", "POST"):            (401, 422, 404, 404, 403, 404, 404, 404),
    ("cases:case_reopen", "GET"):            (302, 302, 404, 404, 403, 404, 404, 404),
    ("cases:case_reopen", "POST"):           (401, 302, 404, 404, 403, 404, 404, 404),
    ("cases:approval_detail", "GET"):        (302, 200, 404, 404, 200, 404, 404, 404),
    ("cases:approval_answer", "POST"):       (401, 302, 404, 404, 403, 404, 404, 404),
    ("cases:approval_withdraw", "POST"):     (401, 403, 404, 404, 302, 404, 404, 404),
    ("cases:completeness", "GET"):           (302, 200, 200, 200, 403, 403, 403, 403),
    # --- what happened
    ("cases:incident_list", "GET"):          (302, 200, 404, 404, 200, 404, 404, 404),
    ("cases:incident_create", "GET"):        (302, 200, 404, 404, 200, 404, 404, 404),
    ("cases:incident_create", "POST"):       (401, 422, 404, 404, 422, 404, 404, 404),
    ("cases:incident_change", "GET"):        (302, 200, 404, 404, 200, 404, 404, 404),
    ("cases:incident_change", "POST"):       (401, 422, 404, 404, 422, 404, 404, 404),
    ("cases:country_add", "POST"):           (401, 422, 404, 404, 422, 404, 404, 404),
    ("cases:country_remove", "POST"):        (401, 302, 404, 404, 302, 404, 404, 404),
    # --- plan, risk, reaching her
    # --- dates
    ("cases:deadline_create", "POST"):       (401, 422, 404, 404, 422, 404, 404, 404),
    ("cases:deadline_settle", "POST"):       (401, 302, 404, 404, 302, 404, 404, 404),
    ("cases:deadline_reopen", "POST"):       (401, 302, 404, 404, 302, 404, 404, 404),
    # --- people on a case
    ("cases:assignment_list", "GET"):        (302, 200, 404, 404, 200, 404, 404, 404),
    ("cases:assignment_offer", "GET"):       (302, 200, 404, 404, 403, 404, 404, 404),
    ("cases:assignment_offer", "POST"):      (401, 200, 404, 404, 403, 404, 404, 404),
    ("cases:assignment_seal", "POST"):       (401, 302, 404, 404, 403, 404, 404, 404),
    ("cases:assignment_end", "GET"):         (302, 200, 404, 404, 403, 404, 404, 404),
    ("cases:assignment_end", "POST"):        (401, 422, 404, 404, 403, 404, 404, 404),
    ("cases:assignment_slip", "GET"):        (302, 200, 404, 404, 403, 404, 404, 404),
    ("cases:assignment_slip", "POST"):       (401, 422, 404, 404, 403, 404, 404, 404),
    ("cases:assignment_until", "GET"):       (302, 200, 404, 404, 403, 404, 404, 404),
    ("cases:assignment_until", "POST"):      (401, 302, 404, 404, 403, 404, 404, 404),
    ("cases:slip_answer", "GET"):            (302, 404, 404, 404, 404, 200, 404, 404),
    ("cases:slip_answer", "POST"):           (401, 404, 404, 404, 404, 422, 404, 404),
    ("cases:lead_hand_over", "GET"):         (302, 200, 404, 404, 403, 404, 404, 404),
    ("cases:lead_hand_over", "POST"):        (401, 422, 404, 404, 403, 404, 404, 404),
    ("cases:move_answer", "POST"):           (401, 302, 404, 404, 403, 404, 404, 404),
    ("cases:lead_take", "POST"):             (401, 302, 404, 404, 403, 404, 404, 404),
    # --- files, letters, print
    # --- search, housekeeping
    # --- duty, absence, hand-over
    ("cases:duty", "GET"):                   (302, 200, 200, 200, 403, 403, 200, 403),
    ("cases:shift_create", "GET"):           (302, 200, 200, 200, 403, 403, 200, 403),
    ("cases:shift_create", "POST"):          (401, 422, 422, 422, 403, 403, 422, 403),
    ("cases:shift_week", "GET"):             (302, 200, 200, 200, 403, 403, 200, 403),
    ("cases:shift_week", "POST"):            (401, 422, 422, 422, 403, 403, 422, 403),
    ("cases:shift_cancel", "POST"):          (401, 302, 302, 302, 403, 403, 302, 403),
    ("cases:absence_list", "GET"):           (302, 200, 200, 200, 200, 200, 200, 200),
    ("cases:absence_list", "POST"):          (401, 422, 422, 422, 422, 422, 422, 422),
    ("cases:absence_cancel", "POST"):        (401, 403, 302, 403, 404, 404, 302, 302),
    ("cases:case_arm", "GET"):               (302, 200, 404, 404, 403, 404, 404, 404),
    ("cases:case_arm", "POST"):              (401, 422, 404, 404, 403, 404, 404, 404),
    ("cases:case_disarm", "POST"):           (401, 302, 404, 404, 403, 404, 404, 404),
    ("cases:duty_call", "POST"):             (401, 404, 302, 404, 404, 404, 404, 404),
    ("cases:duty_reach", "GET"):             (302, 404, 200, 404, 404, 404, 404, 404),
    ("cases:duty_reach", "POST"):            (401, 404, 422, 404, 404, 404, 404, 404),
    ("cases:handover", "GET"):               (302, 200, 200, 200, 403, 403, 403, 403),
    ("cases:handover", "POST"):              (401, 422, 422, 422, 403, 403, 403, 403),
    ("cases:handover_detail", "GET"):        (302, 200, 200, 404, 404, 404, 404, 404),
    ("cases:handover_take", "POST"):         (401, 403, 302, 404, 404, 404, 404, 404),
    # --- capacity, supervision
    ("cases:load_list", "GET"):              (302, 200, 200, 200, 403, 403, 200, 403),
    ("cases:work_profile", "GET"):           (302, 200, 200, 200, 200, 200, 200, 200),
    ("cases:work_profile", "POST"):          (401, 422, 422, 422, 422, 422, 422, 422),
    ("cases:work_profile_of", "GET"):        (302, 403, 403, 403, 403, 403, 200, 200),
    ("cases:work_profile_of", "POST"):       (401, 403, 403, 403, 403, 403, 422, 422),
    ("cases:supervision", "GET"):            (302, 200, 200, 200, 403, 403, 403, 403),
    ("cases:exposure", "GET"):               (302, 200, 200, 200, 200, 200, 403, 403),
    ("cases:exposure_of", "GET"):            (302, 404, 404, 404, 404, 404, 403, 403),
    ("cases:case_review", "GET"):            (302, 200, 404, 404, 403, 404, 404, 404),
    ("cases:case_review", "POST"):           (401, 422, 404, 404, 403, 404, 404, 404),
    # --- coordinator
    ("cases:work_board", "GET"):             (302, 403, 403, 403, 403, 403, 200, 403),
    ("cases:move_ask", "GET"):               (302, 403, 403, 403, 403, 403, 200, 403),
    ("cases:move_ask", "POST"):              (401, 403, 403, 403, 403, 403, 422, 403),
    # --- accounts
    ("accounts:sign_in", "GET"):             (200, 302, 302, 302, 302, 302, 302, 302),
    ("accounts:sign_in", "POST"):            (200, 200, 200, 200, 200, 200, 200, 200),
    ("accounts:sign_out", "POST"):           (200, 200, 200, 200, 200, 200, 200, 200),
    ("accounts:confirm", "GET"):             (302, 200, 200, 200, 200, 200, 200, 200),
    ("accounts:confirm", "POST"):            (401, 200, 200, 200, 200, 200, 200, 200),
    ("accounts:enrol", "GET"):               (410, 410, 410, 410, 410, 410, 410, 410),
    ("accounts:enrol", "POST"):              (410, 410, 410, 410, 410, 410, 410, 410),
    ("accounts:enrol_link", "GET"):          (410, 410, 410, 410, 410, 410, 410, 410),
    ("accounts:recover", "GET"):             (200, 200, 200, 200, 200, 200, 200, 200),
    ("accounts:recover", "POST"):            (200, 200, 200, 200, 200, 200, 200, 200),
    ("accounts:recovery_code", "POST"):      (302, 302, 302, 302, 302, 302, 302, 302),
    ("accounts:account", "GET"):             (302, 200, 200, 200, 200, 200, 200, 200),
    ("accounts:password_change", "GET"):     (302, 200, 200, 200, 200, 200, 200, 200),
    ("accounts:password_change", "POST"):    (401, 200, 200, 200, 200, 200, 200, 200),
    ("accounts:second_address", "GET"):      (302, 200, 200, 200, 200, 200, 200, 200),
    ("accounts:second_address", "POST"):     (401, 302, 302, 302, 302, 302, 302, 302),
    ("accounts:set_language", "POST"):       (302, 302, 302, 302, 302, 302, 302, 302),
    ("accounts:set_theme", "POST"):          (302, 302, 302, 302, 302, 302, 302, 302),
    ("accounts:people", "GET"):              (302, 403, 403, 403, 403, 403, 403, 200),
    ("accounts:people", "POST"):             (401, 403, 403, 403, 403, 403, 403, 200),
    ("accounts:person_invite", "GET"):       (302, 403, 403, 403, 403, 403, 403, 200),
    ("accounts:person_invite", "POST"):      (401, 403, 403, 403, 403, 403, 403, 200),
    ("accounts:person_detail", "GET"):       (302, 403, 403, 403, 403, 403, 403, 200),
    ("accounts:person_renew", "POST"):       (401, 403, 403, 403, 403, 403, 403, 200),
    ("accounts:person_deactivate", "GET"):   (302, 403, 403, 403, 403, 403, 403, 200),
    ("accounts:person_deactivate", "POST"):  (401, 403, 403, 403, 403, 403, 403, 302),
    ("accounts:vouch_list", "GET"):          (302, 200, 200, 200, 403, 403, 403, 403),
    ("accounts:vouch_detail", "GET"):        (302, 200, 200, 403, 403, 403, 403, 403),
    ("accounts:vouch_detail", "POST"):       (401, 200, 200, 403, 403, 403, 403, 403),
    ("accounts:teams", "GET"):               (302, 200, 200, 200, 403, 403, 403, 403),
    ("accounts:teams_set_up", "POST"):       (401, 302, 302, 302, 403, 403, 403, 403),
    ("accounts:team_add", "GET"):            (302, 200, 200, 403, 403, 403, 403, 403),
    ("accounts:team_add", "POST"):           (401, 200, 200, 403, 403, 403, 403, 403),
    ("accounts:health", "GET"):              (503, 503, 503, 503, 503, 503, 503, 503),
}  # fmt: skip

# The same question asked of access and of PostgreSQL as role web: does she see request R, case C, and can she read
# content, reach and identity of C?
SEES = {
    #          R      C      content reach  identity
    "ana":    (True,  True,  True,  True,  True),
    "boba":   (True,  False, False, False, False),
    "ceca":   (False, False, False, False, False),
    "lana":   (False, True,  True,  False, False),
    "ljilja": (False, False, False, False, False),
    "koka":   (False, False, False, False, False),
    "vera":   (False, False, False, False, False),
}  # fmt: skip
