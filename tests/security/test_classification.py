"""Every model and every field is classed: readable under row security, or confidential and therefore sealed.

A new field fails here until somebody has thought about what it may hold.
"""

from django.apps import apps

# Fields that hold what a person typed, or a name, in readable form, each with its reason.
READABLE_TEXT = {
    ("accounts", "user", "login_name"): "what she types to sign in; colleagues see it",
    ("accounts", "user", "display_name"): "colleagues need a name to work together",
    ("accounts", "mailaddress", "address"): "where the constant texts go; own row and administrator",
    ("accounts", "anchormail", "address"): "who outside gets the daily head of the log; closed, set by the operator",
    ("accounts", "mailaddress", "second"): "her second channel for urgent texts; own row and administrator",
    ("cases", "project", "name"): "name of a project of the organisation, no case in it",
    ("cases", "lettertemplate", "title"): "a text of the organisation, no case in it",
    ("cases", "lettertemplate", "body"): "a text of the organisation, no case in it",
    ("accounts", "passkey", "name"): "what she calls her own device, closed; the form asks for nothing about a case",
    ("accounts", "acceptance", "accepted_by"): "who accepted a loss in writing",
    ("accounts", "keykeeper", "name"): "a keeper as the organisation writes her; administrators and caseworkers see it",
    ("accounts", "keykeeper", "address"): "where a keeper's constant text goes; administrators see it",
    ("accounts", "session", "data"): "signed session data, closed: ids, times, constant messages",
    ("accounts", "credential", "password_hash"): "Argon2id over a peppered password, closed",
}
# Coded text: closed lists and opaque ids.
CODED = {
    "accounts": {
        "user": {"language", "theme", "roles"},
        "totpdevice": {"name"},
        "team": {"kind"},
        "session": {"session_hash"},
        "anchormail": {"state"},
        "auditevent": {"actor", "action", "outcome", "object_id", "detail"},
        "heartbeat": {"name"},
        "keykeeper": {"language"},
        "ceremony": {"kind", "state"},
        "ceremonycase": {"code"},
        "delayedact": {"rule"},
        "acceptance": {"kind"},
        "backupkey": {"month"},
    },
    "cases": {
        "helprequest": {
            "code",
            "state",
            "channel",
            "language",
            "about",
            "minor",
            "risk",
            "end_reason",
            "referral_answer",
        },
        "case": {
            "code",
            "compartment",
            "state",
            "stage",
            "risk",
            "language",
            "minor",
            "person_category",
            "age_band",
            "gender",
            "closure_reason",
            "legal_outcome",
            "hold_reason",
        },
        "wall": {"reason"},
        "erasure": {"number", "what", "reason", "request_ids"},
        "assignment": {"role", "state", "end_reason", "ask_reason"},
        "note": {"type"},
        "deadline": {"severity", "state"},
        "mailout": {"kind", "state"},
        "notice": {"kind", "detail"},
        "task": {"kind", "state"},
        "riskassessment": {"level"},
        "casecheck": {"item", "outcome"},
        "incident": {
            "types",
            "contexts",
            "platforms",
            "outcomes",
            "relation",
            "age_at_capture",
            "consent_to_make",
            "consent_to_share",
            "nature",
            "made_by_whom",
        },
        "casejurisdiction": {"country", "entity", "reason"},
        "consent": {"purpose", "how", "given_by", "language", "text_version"},
        "casefile": {"kind", "removal_reason"},
        "caselink": {"kind"},
        "timelineentry": {"kind", "detail"},
        "contactattempt": {"result"},
        "contactlog": {"kind", "channel", "language", "duration"},
        "serviceunit": {"kind"},
        "workprofile": {"languages", "countries"},
        "putoff": {"rule"},
        "moverequest": {"role", "reason", "state"},
        "approval": {"kind", "detail", "state"},
        "conflictslip": {"answer"},
        "armedreach": {"reason"},
        "lettertemplate": {"kind", "language"},
        "identityopening": {"kind", "reason", "session_hash"},
        "textcheck": {"field", "state"},
        "identitygrant": {"kind", "reason", "state", "end_reason"},
    },
    "vault": {
        "keyversion": {"purpose"},
        "rotationdue": {"purpose"},
        "wrap": {"purpose", "state"},
        "sealed": {"field", "purpose"},
        "letter": {"field"},
    },
}
TEXT = {"CharField", "TextField", "EmailField", "ArrayField", "JSONField", "SlugField", "URLField", "FileField"}


def test_no_readable_text_field_is_unclassed():
    unclassed = []
    for model in apps.get_models():
        label, name = model._meta.app_label, model._meta.model_name
        if label not in {"accounts", "cases", "vault", "referrals"}:
            continue
        for field in model._meta.concrete_fields:
            if field.get_internal_type() not in TEXT:
                continue
            coded = field.name in CODED.get(label, {}).get(name, set())
            if not coded and (label, name, field.name) not in READABLE_TEXT:
                unclassed.append(f"{label}.{name}.{field.name}")
    assert unclassed == []


def test_ids_hung_on_a_case_are_made_in_python():
    """INSERT … RETURNING fails under the read policy, and a running number tells how many there are."""
    for model in apps.get_models():
        if model._meta.app_label not in {"cases", "vault"} or model.__name__ == "CaseUserPermission":
            continue
        for field in model._meta.concrete_fields:
            assert not field.db_returning, f"{model.__name__}.{field.name}"
            assert "Auto" not in field.get_internal_type(), f"{model.__name__}.{field.name}"
