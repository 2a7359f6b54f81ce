"""Addresses of the desk. A URL's name is that of its view and, where it has one, of its template."""

from django.urls import path, register_converter

from cases.views import (
    absence,
    answers,
    arming,
    assignments,
    board,
    bulk,
    calls,
    cases,
    completeness,
    contact_log,
    deadlines,
    desk,
    duty,
    facts,
    files,
    handover,
    housekeeping,
    identity,
    incidents,
    letters,
    load,
    moves,
    plan,
    printing,
    requests,
    risk,
    safety,
    search,
    second,
    services,
    slips,
    supervision,
)


class CodeConverter:
    """Anything shaped like a code; whether it is one, and hers, is asked of access."""

    regex = "[0-9A-Z]{4}-[0-9A-Z]{4}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CodeConverter, "code")

app_name = "cases"
urlpatterns = [
    # --- desk
    path("", desk.desk, name="desk"),
    path("notices/<uuid:notice_id>/acknowledge", desk.notice_acknowledge, name="notice_acknowledge"),
    path("offers/<uuid:assignment_id>", desk.offer_answer, name="offer_answer"),
    # --- new requests
    path("requests/", requests.request_list, name="request_list"),
    path("requests/new", requests.request_create, name="request_create"),
    path("requests/paste", requests.request_paste, name="request_paste"),
    path("requests/bulk", bulk.request_bulk, name="request_bulk"),
    path("requests/<code:code>", requests.request_detail, name="request_detail"),
    path("requests/<code:code>/contacts", requests.request_contacts, name="request_contacts"),
    path("requests/<code:code>/call-ended", answers.request_call_end, name="request_call_end"),
    path("requests/<code:code>/compare", requests.request_compare, name="request_compare"),
    path("requests/<code:code>/take", answers.request_take, name="request_take"),
    path("requests/<code:code>/assign", answers.request_assign, name="request_assign"),
    path("requests/<code:code>/acknowledge", answers.request_acknowledge, name="request_acknowledge"),
    path("requests/<code:code>/ask-back", answers.request_ask_back, name="request_ask_back"),
    path("requests/<code:code>/promise", answers.request_promise, name="request_promise"),
    path("requests/<code:code>/go-on", answers.request_go_on, name="request_go_on"),
    path("requests/<code:code>/risk", answers.request_risk, name="request_risk"),
    path("requests/<code:code>/accept", requests.request_accept, name="request_accept"),
    path("requests/<code:code>/end", answers.request_end, name="request_end"),
    path("requests/<code:code>/reopen", answers.request_reopen, name="request_reopen"),
    path("contacts/", contact_log.contact_list, name="contact_list"),
    path("contacts/<uuid:contact_id>/undo", contact_log.contact_undo, name="contact_undo"),
    # --- cases
    path("cases/", cases.case_list, name="case_list"),
    path("cases/<code:code>", cases.case_detail, name="case_detail"),
    path("cases/<code:code>/timeline", cases.case_timeline, name="case_timeline"),
    path("cases/<code:code>/notes", cases.note_create, name="note_create"),
    # --- facts, state, second person
    path("cases/<code:code>/facts", facts.case_facts, name="case_facts"),
    path("cases/<code:code>/stage", facts.stage_set, name="stage_set"),
    path("cases/<code:code>/texts/<slug:text>", facts.text_change, name="text_change"),
    path("cases/<code:code>/told", facts.told_add, name="told_add"),
    path("cases/<code:code>/minor", facts.minor_set, name="minor_set"),
    path("cases/<code:code>/links", facts.link_create, name="link_create"),
    path("cases/<code:code>/links/<uuid:link_id>/remove", facts.link_remove, name="link_remove"),
    path("cases/<code:code>/checks/<slug:check>/settle", completeness.check_settle, name="check_settle"),
    path("cases/<code:code>/checks/<slug:check>/reopen", completeness.check_reopen, name="check_reopen"),
    path("cases/<code:code>/close", second.case_close, name="case_close"),
    path("cases/<code:code>/reopen", second.case_reopen, name="case_reopen"),
    path("cases/<code:code>/second/<uuid:approval_id>", second.approval_detail, name="approval_detail"),
    path("cases/<code:code>/second/<uuid:approval_id>/answer", second.approval_answer, name="approval_answer"),
    path("cases/<code:code>/second/<uuid:approval_id>/withdraw", second.approval_withdraw, name="approval_withdraw"),
    path("completeness", completeness.completeness, name="completeness"),
    # --- what happened
    # --- identity card
    path("cases/<code:code>/identity", identity.case_identity, name="case_identity"),
    path("cases/<code:code>/identity/open", identity.identity_open, name="identity_open"),
    path("cases/<code:code>/identity/close", identity.identity_close, name="identity_close"),
    path("cases/<code:code>/identity/more", identity.identity_ask_more, name="identity_ask_more"),
    path("cases/<code:code>/identity/add", identity.identity_add, name="identity_add"),
    path("cases/<code:code>/identity/<uuid:entry_id>", identity.identity_change, name="identity_change"),
    path("cases/<code:code>/identity/<uuid:entry_id>/remove", identity.identity_remove, name="identity_remove"),
    path("cases/<code:code>/incidents", incidents.incident_list, name="incident_list"),
    path("cases/<code:code>/incidents/new", incidents.incident_create, name="incident_create"),
    path("cases/<code:code>/incidents/<uuid:incident_id>", incidents.incident_change, name="incident_change"),
    path("cases/<code:code>/countries", incidents.country_add, name="country_add"),
    path("cases/<code:code>/countries/<uuid:country_id>/remove", incidents.country_remove, name="country_remove"),
    # --- plan, risk, reaching her
    path("cases/<code:code>/plan", plan.case_plan, name="case_plan"),
    path("cases/<code:code>/tasks", plan.task_create, name="task_create"),
    path("cases/<code:code>/tasks/<uuid:task_id>", plan.task_detail, name="task_detail"),
    path("cases/<code:code>/tasks/<uuid:task_id>/done", plan.task_finish, name="task_finish"),
    path("cases/<code:code>/tasks/<uuid:task_id>/reopen", plan.task_reopen, name="task_reopen"),
    path("cases/<code:code>/tasks/<uuid:task_id>/drop", plan.task_drop, name="task_drop"),
    path("cases/<code:code>/tasks/<uuid:task_id>/move", plan.task_move, name="task_move"),
    path("cases/<code:code>/tasks/<uuid:task_id>/assign", plan.task_assign, name="task_assign"),
    path("cases/<code:code>/safety-plan", safety.safety_plan, name="safety_plan"),
    path("cases/<code:code>/safety-plan/reviewed", safety.safety_plan_reviewed, name="safety_plan_reviewed"),
    path("cases/<code:code>/safety-plan/print", safety.safety_plan_print, name="safety_plan_print"),
    path("cases/<code:code>/risk", risk.case_risk, name="case_risk"),
    path("cases/<code:code>/risk/questions", risk.risk_assess, name="risk_assess"),
    path("cases/<code:code>/risk/attempt", risk.risk_attempt, name="risk_attempt"),
    path("cases/<code:code>/risk/action", risk.risk_action, name="risk_action"),
    path("cases/<code:code>/call", calls.case_call, name="case_call"),
    path("cases/<code:code>/call/end", calls.call_end, name="call_end"),
    path("cases/<code:code>/reach", calls.case_reach, name="case_reach"),
    path("cases/<code:code>/services", services.service_log, name="service_log"),
    path("cases/<code:code>/services/<uuid:unit_id>/undo", services.service_undo, name="service_undo"),
    path("projects", services.project_list, name="project_list"),
    path("projects/<uuid:project_id>/retire", services.project_retire, name="project_retire"),
    # --- dates
    path("cases/<code:code>/dates", deadlines.deadline_create, name="deadline_create"),
    path("cases/<code:code>/dates/<uuid:deadline_id>", deadlines.deadline_detail, name="deadline_detail"),
    path("cases/<code:code>/dates/<uuid:deadline_id>/assign", deadlines.deadline_assign, name="deadline_assign"),
    path("cases/<code:code>/dates/<uuid:deadline_id>/waive", deadlines.deadline_waive, name="deadline_waive"),
    path("cases/<code:code>/dates/<uuid:deadline_id>/settle", deadlines.deadline_settle, name="deadline_settle"),
    path("cases/<code:code>/dates/<uuid:deadline_id>/reopen", deadlines.deadline_reopen, name="deadline_reopen"),
    # --- people on a case
    path("cases/<code:code>/people", assignments.assignment_list, name="assignment_list"),
    path("cases/<code:code>/people/ask", assignments.assignment_offer, name="assignment_offer"),
    path("cases/<code:code>/people/<uuid:assignment_id>/keys", assignments.assignment_seal, name="assignment_seal"),
    path("cases/<code:code>/people/<uuid:assignment_id>/end", assignments.assignment_end, name="assignment_end"),
    path("cases/<code:code>/people/<uuid:assignment_id>/slip", slips.assignment_slip, name="assignment_slip"),
    path("cases/<code:code>/people/<uuid:assignment_id>/until", assignments.assignment_until, name="assignment_until"),
    path("cases/<code:code>/lead", moves.lead_take, name="lead_take"),
    path("cases/<code:code>/lead/hand-over", moves.lead_hand_over, name="lead_hand_over"),
    path("cases/<code:code>/moves/<uuid:move_id>", moves.move_answer, name="move_answer"),
    path("offers/<uuid:assignment_id>/slip", slips.slip_answer, name="slip_answer"),
    # --- files, letters, print
    path("cases/<code:code>/files", files.file_list, name="file_list"),
    path("cases/<code:code>/files/add", files.file_create, name="file_create"),
    path("cases/<code:code>/files/<uuid:file_id>/download", files.file_download, name="file_download"),
    path("cases/<code:code>/files/<uuid:file_id>/remove", files.file_remove, name="file_remove"),
    path("cases/<code:code>/print", printing.case_print, name="case_print"),
    path("letters", letters.letter_list, name="letter_list"),
    path("letters/new", letters.letter_create, name="letter_create"),
    path("letters/<uuid:template_id>", letters.letter_change, name="letter_change"),
    path("letters/<uuid:template_id>/retire", letters.letter_retire, name="letter_retire"),
    path("cases/<code:code>/letter", letters.case_letter, name="case_letter"),
    path("cases/<code:code>/letter/use", letters.case_letter_use, name="case_letter_use"),
    # --- search, housekeeping
    path("find", search.find, name="find"),
    path("housekeeping", housekeeping.housekeeping, name="housekeeping"),
    path("search", search.search_cases, name="search_cases"),
    # --- duty, absence, hand-over
    path("duty", duty.duty, name="duty"),
    path("duty/new", duty.shift_create, name="shift_create"),
    path("duty/week", duty.shift_week, name="shift_week"),
    path("duty/shifts/<uuid:shift_id>/cancel", duty.shift_cancel, name="shift_cancel"),
    path("duty/away", absence.absence_list, name="absence_list"),
    path("duty/away/<uuid:absence_id>/cancel", absence.absence_cancel, name="absence_cancel"),
    path("handover", handover.handover, name="handover"),
    path("handover/<uuid:handover_id>", handover.handover_detail, name="handover_detail"),
    path("handover/<uuid:handover_id>/take", handover.handover_take, name="handover_take"),
    path("duty/armed/<uuid:armed_id>/call", arming.duty_call, name="duty_call"),
    path("duty/calls/<uuid:attempt_id>", arming.duty_reach, name="duty_reach"),
    path("cases/<code:code>/arm", arming.case_arm, name="case_arm"),
    path("cases/<code:code>/disarm", arming.case_disarm, name="case_disarm"),
    # --- capacity, supervision
    path("people/load", load.load_list, name="load_list"),
    path("people/<uuid:person_id>/work", load.work_profile_of, name="work_profile_of"),
    path("account/work", load.work_profile, name="work_profile"),
    path("supervision", supervision.supervision, name="supervision"),
    path("supervision/exposure", supervision.exposure, name="exposure"),
    path("supervision/exposure/<uuid:person_id>", supervision.exposure_of, name="exposure_of"),
    path("cases/<code:code>/review", supervision.case_review, name="case_review"),
    # --- coordinator
    path("board", board.work_board, name="work_board"),
    path("board/<code:code>/move", moves.move_ask, name="move_ask"),
]
