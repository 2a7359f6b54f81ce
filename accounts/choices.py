"""Closed lists of the accounts app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person does here. Which may be held together: ALLOWED_ROLES."""

    CASEWORKER = "caseworker", _("Caseworker")
    LAWYER = "lawyer", _("Lawyer")
    COORDINATOR = "coordinator", _("Coordinator")
    ADMINISTRATOR = "administrator", _("Administrator")


# The stated combinations. Coordinator with administrator is forbidden (one moves the work, the other opens accounts);
# an administrator who is also a caseworker can never join an intake team (checked by app.team_add).
ALLOWED_ROLES: tuple[frozenset[str], ...] = (
    frozenset({Role.CASEWORKER}),
    frozenset({Role.LAWYER}),
    frozenset({Role.COORDINATOR}),
    frozenset({Role.ADMINISTRATOR}),
    frozenset({Role.CASEWORKER, Role.COORDINATOR}),
    frozenset({Role.CASEWORKER, Role.ADMINISTRATOR}),
)


class TeamKind(models.TextChoices):
    """Two teams hold keys: one for requests for everybody on intake, one for those that are not."""

    INTAKE = "intake", _("Intake")
    RESTRICTED = "restricted", _("Restricted intake")


class CeremonyKind(models.TextChoices):
    """What two key keepers open a key for."""

    RECOVER = "recover", _("Recovery")
    HANDOVER = "handover", _("Hand-over of a key")


class CeremonyState(models.TextChoices):
    """Where a ceremony stands. Each step is a function of config/database/functions/ceremonies.sql."""

    NAMED = "named", _("Waits for the successor")
    BEGUN = "begun", _("Waits for the first keeper")
    PEELED = "peeled", _("Waits two days, then for the second keeper")
    OPENED = "opened", _("Opened, waits to be finished")
    DONE = "done", _("Finished")
    CANCELLED = "cancelled", _("Stopped")


class Action(models.TextChoices):
    """What the audit log can say was done. The log holds these codes and opaque ids, nothing else."""

    SIGNED_IN = "signed_in", _("Signed in")
    SIGN_IN_REFUSED = "sign_in_refused", _("Sign-in refused")
    SIGNED_OUT = "signed_out", _("Signed out")
    STEPPED_UP = "stepped_up", _("Confirmed it is she")
    PASSKEY_ADDED = "passkey_added", _("Added a passkey")
    PASSKEY_USED = "passkey_used", _("Used a passkey")
    PASSKEY_REFUSED = "passkey_refused", _("Refused a passkey whose counter went back")
    PASSKEY_REMOVED = "passkey_removed", _("Removed a passkey")
    TOTP_ADDED = "totp_added", _("Set up an app for codes")
    TOTP_REMOVED = "totp_removed", _("Removed an app for codes")
    PERSON_INVITED = "person_invited", _("Invited a person")
    PERSON_ENROLLED = "person_enrolled", _("Enrolled")
    PERSON_DEACTIVATED = "person_deactivated", _("Deactivated a person")
    KEY_PUBLISHED = "key_published", _("Published a key")
    KEY_VOUCHED = "key_vouched", _("Vouched for a key")
    PASSWORD_CHANGED = "password_changed", _("Changed her password")
    RECOVERY_CODE_MADE = "recovery_code_made", _("Made a recovery code")
    RECOVERY_REFUSED = "recovery_refused", _("Recovery refused")
    RECOVERY_CODE_USED = "recovery_code_used", _("Used her recovery code")
    TEAM_CREATED = "team_created", _("Created a team key")
    TEAM_MEMBER_ADDED = "team_member_added", _("Added a team member")
    TEAM_MEMBER_REMOVED = "team_member_removed", _("Removed a team member")
    TEAM_RENEWED = "team_renewed", _("Made a new key of a team")
    REQUESTS_RESEALED = "requests_resealed", _("Sealed waiting requests to the new key of their team")
    LEAVING_VIEWED = "leaving_viewed", _("Looked at what somebody leaves behind")
    LOSS_ACCEPTED = "loss_accepted", _("Accepted that lost keys mean lost cases")
    # --- the log itself
    HEAD_MAILED = "head_mailed", _("Mailed the head of the log")
    WRAPS_CHECKED = "wraps_checked", _("Checked who holds which key")
    LOG_VIEWED = "log_viewed", _("Looked at the heads of the log")
    READING_VIEWED = "reading_viewed", _("Looked at unusual reading")
    BACKUP_KEY_MADE = "backup_key_made", _("Made the key for the backups of a month")
    RESTORED = "restored", _("Restored the database from a backup")
    # --- key keepers, recovery, hand-over of keys
    KEEPER_INVITED = "keeper_invited", _("Named a key keeper")
    KEEPER_KEY_MADE = "keeper_key_made", _("Made a key keeper’s code")
    KEEPER_CONFIRMED = "keeper_confirmed", _("Confirmed a key keeper by voice")
    KEEPER_RETIRED = "keeper_retired", _("Retired a key keeper")
    KEEPER_REFUSED = "keeper_refused", _("A keeper’s code was refused")
    KEEPER_COPIES_MADE = "keeper_copies_made", _("Sealed a key to the keepers")
    CEREMONY_NAMED = "ceremony_named", _("Named who takes over a key")
    CEREMONY_BEGUN = "ceremony_begun", _("Began to open a key by keepers")
    CEREMONY_PEELED = "ceremony_peeled", _("The first keeper gave her code")
    CEREMONY_OPENED = "ceremony_opened", _("The second keeper gave her code")
    CEREMONY_DONE = "ceremony_done", _("Finished opening a key by keepers")
    CEREMONY_STOPPED = "ceremony_stopped", _("Stopped opening a key by keepers")
    CASE_TAKEN_OVER = "case_taken_over", _("Took over a case with the keepers’ help")
    # --- small teams
    DELAYED_ASKED = "delayed_asked", _("Announced an act that would need two people")
    DELAYED_CANCELLED = "delayed_cancelled", _("Stopped an announced act")
    DELAYED_DONE = "delayed_done", _("Did an announced act alone")
    DELAYED_REVIEWED = "delayed_reviewed", _("Reviewed an act done alone")
    # --- new requests
    REQUEST_LOGGED = "request_logged", _("Logged a request for help")
    REQUEST_VIEWED = "request_viewed", _("Opened a request for help")
    REQUEST_CONTACTS_OPENED = "request_contacts_opened", _("Opened the contacts of a request")
    REQUEST_ACKNOWLEDGED = "request_acknowledged", _("Acknowledged a request for help")
    REQUEST_ACCEPTED = "request_accepted", _("Accepted a request as a case")
    REQUEST_REOPENED = "request_reopened", _("Opened a request for help again")
    REQUEST_ENDED = "request_ended", _("Ended a request for help")
    REFERRAL_ANSWERED = "referral_answered", _("Noted what came of a referral")
    REQUEST_TAKEN = "request_taken", _("Took a request for help")
    REQUEST_ASSIGNED = "request_assigned", _("Gave a request for help to a colleague")
    REQUEST_ASKED_BACK = "request_asked_back", _("Asked her something and waits for her answer")
    REQUEST_PROMISED = "request_promised", _("Promised her a day and hour")
    REQUEST_PROMISE_ENDED = "request_promise_ended", _("Noted that a promise on a request was kept or taken back")
    REQUEST_WENT_ON = "request_went_on", _("Went on with a request for help")
    REQUEST_CHANGED = "request_changed", _("Added to a request for help, or corrected it")
    REQUEST_RISK_RATED = "request_risk_rated", _("Rated the risk of a request for help")
    REQUEST_COMPARED = "request_compared", _("Compared contacts with other requests and cases")
    REQUEST_CALL_ENDED = "request_call_ended", _("Noted how a contact attempt ended")
    CONTACT_LOGGED = "contact_logged", _("Counted a contact without a request")
    CONTACT_UNDONE = "contact_undone", _("Took a counted contact back")
    # --- cases
    CASE_OPENED = "case_opened", _("Opened a case")
    CASE_VIEWED = "case_viewed", _("Looked at a case")
    CASE_KEYS_MADE = "case_keys_made", _("Made the keys of a case")
    REACH_OPENED = "reach_opened", _("Opened how she may be reached")
    NOTE_WRITTEN = "note_written", _("Wrote a note")
    # --- facts, state, second person
    CASE_FACTS_CHANGED = "case_facts_changed", _("Changed facts of a case")
    CASE_TEXT_REVISED = "case_text_revised", _("Wrote a new version of a text")
    CASE_MINOR_SET = "case_minor_set", _("Said whether somebody is under 18")
    CASE_CLOSED = "case_closed", _("Closed a case")
    CASE_REOPENED = "case_reopened", _("Opened a case again")
    CASE_LINKED = "case_linked", _("Linked two cases")
    CASE_UNLINKED = "case_unlinked", _("Took a link between cases away")
    CHECK_SETTLED = "check_settled", _("Settled a line of the checklist")
    CHECK_REOPENED = "check_reopened", _("Opened a line of the checklist again")
    COUNTRY_ADDED = "country_added", _("Added a country to a case")
    COUNTRY_REMOVED = "country_removed", _("Took a country off a case")
    APPROVAL_ASKED = "approval_asked", _("Asked for a second person")
    APPROVAL_ANSWERED = "approval_answered", _("Answered as the second person")
    APPROVAL_WITHDRAWN = "approval_withdrawn", _("Withdrew a question to a second person")
    # --- identity card
    IDENTITY_OPENED = "identity_opened", _("Opened an identity")
    IDENTITY_CLOSED = "identity_closed", _("Closed an identity")
    IDENTITY_COMPARED = "identity_compared", _("Compared an identity with what was written")
    IDENTITIES_SEARCHED = "identities_searched", _("Searched identities by an exact value")
    IDENTITY_ADDED = "identity_added", _("Added to an identity card")
    IDENTITY_CHANGED = "identity_changed", _("Changed an identity card")
    IDENTITY_REMOVED = "identity_removed", _("Took something off an identity card")
    # --- must not see, protected
    WALL_SET = "wall_set", _("Said who must not see a record")
    WALL_LIFT_ASKED = "wall_lift_asked", _("Asked that somebody may see a record again")
    WALL_LIFTED = "wall_lifted", _("Let somebody see a record again")
    CASE_PROTECTED = "case_protected", _("Protected a case")
    CASE_UNPROTECTED = "case_unprotected", _("Took the protection off a case")
    REQUEST_PROTECTED = "request_protected", _("Protected a request for help")
    GRANT_ASKED = "grant_asked", _("Asked to open an identity")
    GRANT_APPROVED = "grant_approved", _("Agreed that somebody opens an identity")
    GRANT_DECLINED = "grant_declined", _("Refused that somebody opens an identity")
    GRANT_CONFIRMED = "grant_confirmed", _("Confirmed that she still represents her")
    GRANT_ENDED = "grant_ended", _("Ended that somebody opens an identity")
    # --- consents
    CONSENT_NOTED = "consent_noted", _("Noted a consent")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("Noted that a consent was withdrawn")
    CONSENT_PUT_RIGHT = "consent_put_right", _("Noted that a consent had been withdrawn in error")
    CONSENT_PRINTED = "consent_printed", _("Printed what she is asked to agree to")
    NAMING_ASKED = "naming_asked", _("Was asked about a text that may name her")
    NAMING_KEPT = "naming_kept", _("Left a text as it is that may name her")
    # --- what happened
    INCIDENT_WRITTEN = "incident_written", _("Wrote what happened")
    INCIDENT_CHANGED = "incident_changed", _("Changed what happened")
    # --- plan, risk, reaching her
    TASK_SET = "task_set", _("Set a task or promise")
    TASK_DONE = "task_done", _("Marked a task as done")
    TASK_DROPPED = "task_dropped", _("Dropped a task")
    TASK_REOPENED = "task_reopened", _("Opened a task again")
    TASK_MOVED = "task_moved", _("Moved a task to another time")
    TASK_REASSIGNED = "task_reassigned", _("Gave a task to somebody else")
    SAFETY_PLAN_WRITTEN = "safety_plan_written", _("Wrote the safety plan")
    SAFETY_PLAN_REVIEWED = "safety_plan_reviewed", _("Looked through the safety plan")
    SAFETY_PLAN_PRINTED = "safety_plan_printed", _("Opened the safety plan for printing")
    RISK_RATED = "risk_rated", _("Rated the risk")
    CALL_BEGUN = "call_begun", _("Began a call")
    CALL_ENDED = "call_ended", _("Ended a call")
    REACH_CHANGED = "reach_changed", _("Changed how she may be reached")
    SERVICE_LOGGED = "service_logged", _("Logged a service")
    SERVICE_UNDONE = "service_undone", _("Took a logged service back")
    HOURS_CHANGED = "hours_changed", _("Changed the opening hours")
    PROJECT_CHANGED = "project_changed", _("Changed the list of projects")
    # --- dates
    DEADLINE_SET = "deadline_set", _("Set a due date")
    DEADLINE_REOPENED = "deadline_reopened", _("Let a due date run again")
    DEADLINE_MET = "deadline_met", _("Marked a due date as met")
    DEADLINE_REASSIGNED = "deadline_reassigned", _("Gave a due date to somebody else")
    DEADLINE_WAIVED = "deadline_waived", _("Let a due date go")
    # --- people on a case
    ASSIGNMENT_OFFERED = "assignment_offered", _("Offered an assignment")
    ASSIGNMENT_KEYS_SEALED = "assignment_keys_sealed", _("Sealed the keys for an assignment")
    ASSIGNMENT_ACCEPTED = "assignment_accepted", _("Accepted an assignment")
    ASSIGNMENT_DECLINED = "assignment_declined", _("Declined an assignment")
    ASSIGNMENT_ENDED = "assignment_ended", _("Ended an assignment")
    LEAD_TAKEN = "lead_taken", _("Took the lead of a case")
    ASSIGNMENT_UNTIL_SET = "assignment_until_set", _("Set until when somebody is on a case")
    LEAD_HANDED_OVER = "lead_handed_over", _("Handed over the lead of a case")
    SLIP_SENT = "slip_sent", _("Sent a conflict slip")
    SLIP_OPENED = "slip_opened", _("Opened a conflict slip")
    SLIP_ANSWERED = "slip_answered", _("Answered a conflict slip")
    # --- files, letters, print
    FILE_ADDED = "file_added", _("Added a file to a case")
    FILE_DOWNLOADED = "file_downloaded", _("Downloaded a file of a case")
    FILE_REMOVED = "file_removed", _("Took a file out of a case")
    LETTER_WRITTEN = "letter_written", _("Wrote a letter from a case")
    TEMPLATE_ADDED = "template_added", _("Added a letter or phrase")
    TEMPLATE_CHANGED = "template_changed", _("Changed a letter or phrase")
    TEMPLATE_RETIRED = "template_retired", _("Retired a letter or phrase")
    CASE_PRINTED = "case_printed", _("Printed a summary of a case")
    # --- export, erasure, retention
    CASE_EXPORTED = "case_exported", _("Made a copy of her data for her")
    CASE_PAUSED = "case_paused", _("Paused a case: nobody calls her")
    CASE_RESUMED = "case_resumed", _("Ended the pause of a case")
    CASE_ERASED = "case_erased", _("Erased a case")
    CASE_KEPT = "case_kept", _("Decided until when a closed case is kept")
    HOLD_SET = "hold_set", _("Stated a legal hold")
    HOLD_LIFTED = "hold_lifted", _("Lifted a legal hold")
    DATE_GIVEN = "date_given", _("Gave the date of an erased case to somebody")
    REQUEST_ERASURE_ASKED = "request_erasure_asked", _("Named a request for help for erasure")
    REQUEST_KEPT = "request_kept", _("Took back that a request for help is erased")
    REQUEST_ERASED = "request_erased", _("Erased a request for help")
    RETENTION_VIEWED = "retention_viewed", _("Looked at what was kept long enough")
    # --- search, housekeeping
    CODE_SEARCHED = "code_searched", _("Looked for a code")
    CASES_SEARCHED = "cases_searched", _("Searched her open cases by words")
    TIDYING_PUT_OFF = "tidying_put_off", _("Put off a line of the weekly tidying")
    TIDYING_SHOWN_AGAIN = "tidying_shown_again", _("Took back what was put off of the weekly tidying")
    # --- duty, absence, hand-over
    SHIFT_ADDED = "shift_added", _("Added a shift")
    SHIFT_CANCELLED = "shift_cancelled", _("Cancelled a shift")
    ABSENCE_ENTERED = "absence_entered", _("Entered days away")
    ABSENCE_CANCELLED = "absence_cancelled", _("Cancelled days away")
    REACH_ARMED = "reach_armed", _("Let whoever is on call reach her")
    REACH_DISARMED = "reach_disarmed", _("Ended that whoever is on call may reach her")
    DUTY_CALL_ENDED = "duty_call_ended", _("Ended a call as whoever was on call")
    HANDOVER_GIVEN = "handover_given", _("Handed over a shift")
    HANDOVER_WITHDRAWN = "handover_withdrawn", _("Withdrew a shift that was handed over")
    HANDOVER_TAKEN = "handover_taken", _("Took over a shift")
    SECOND_ADDRESS_SET = "second_address_set", _("Set her second address for urgent texts")
    # --- capacity, supervision
    WORK_PROFILE_SAVED = "work_profile_saved", _("Changed what somebody can carry")
    LOAD_VIEWED = "load_viewed", _("Looked at who carries what")
    EXPOSURE_VIEWED = "exposure_viewed", _("Looked at what landed on somebody")
    CASE_REVIEWED = "case_reviewed", _("Reviewed a case")
    # --- coordinator, reminders
    MOVE_ASKED = "move_asked", _("Asked that work moves")
    MOVE_ANSWERED = "move_answered", _("Answered whether work moves")
    WORK_BOARD_VIEWED = "work_board_viewed", _("Looked at the work board")
    NOTICE_ACKNOWLEDGED = "notice_acknowledged", _("Acknowledged a reminder")
    REMINDER_SENT = "reminder_sent", _("Sent a reminder")
