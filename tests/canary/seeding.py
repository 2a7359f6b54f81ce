"""A canary into every sealed field, by the real services, into the world of the permission matrix."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from cases.access import get_case, get_request
from cases.access.grants import get_grant
from cases.choices import Severity
from cases.compartments import WallReason
from cases.models import CaseFile, Consent, ContactAttempt, ShiftHandover
from cases.services import (
    calls,
    completing,
    consents,
    facts,
    grants,
    handover,
    identity,
    incidents,
    protection,
    request_risk,
    safety,
    tasks,
    walls,
    withdrawn_in_error,
)
from cases.services.answering import refer_out
from cases.services.approvals import ask_approval
from cases.services.casework import write_note
from cases.services.deadlines import set_deadline
from cases.services.files import add_file
from cases.services.sealed import content, keys
from cases.services.slips import Slip
from tests.canary.needles import Needles
from tests.cases import helpers
from tests.cases.helpers import CORE_ANSWERS, agree, upload
from tests.cast import Cast
from tests.security import world as matrix_world
from tests.security.world import World


def contacts(text: str) -> dict[str, str]:
    """The same canary in every part of it."""
    return dict.fromkeys(("phone", "other_contact", "safe_hours", "neutral_word", "who_else_reads"), text)


def before_the_world(needles: Needles, monkeypatch) -> None:
    """What the builders of the world type: canaries from the first request on."""
    text = needles.text
    usual = helpers.log

    def log(cast: Cast, by: str = "ceca", **changes) -> str:
        return usual(
            cast, by, **{"words": text("request.words"), "contacts": contacts(text("request.contacts")), **changes}
        )

    slip = Slip(names=text("slip.names"), town=text("slip.names"))
    monkeypatch.setattr("tests.cast.PASSWORD", f"{text('password')} sedam kolo")
    monkeypatch.setattr(helpers, "WORDS", text("case.words"))
    monkeypatch.setattr(helpers, "CONTACTS", contacts(text("case.reach")))
    monkeypatch.setattr(helpers, "SLIP", replace(slip, names="Nobody", town="Nowhere"))  # Lana's, answered
    monkeypatch.setattr(matrix_world, "SLIP", slip)
    monkeypatch.setattr(matrix_world, "WHAT_FOR", text("grant.reason"))
    monkeypatch.setattr(matrix_world, "log", log)


def seed(cast: Cast, world: World, needles: Needles) -> None:
    """Everything else, on case C and request R, each in her own name."""
    text = needles.text
    now = timezone.now()
    with cast.acting("ana") as ana:
        case = get_case(ana, world.case).case
        for name in ("title", "summary"):
            facts.revise_text(case=case, name=name, value=text(f"case.{name}"), seen=1, by=ana)
        facts.add_told(case=case, line=text("case.told"), by=ana)
        write_note(case=case, nonce=uuid4(), type="case_note", text=text("note.text"), by=ana)
        day = timezone.localdate() + timedelta(days=20)
        date = {"due_on": day, "severity": Severity.IMPORTANT, "assignee": ana, "text": text("deadline.text")}
        set_deadline(case=case, nonce=uuid4(), by=ana, **date)
        due = now + timedelta(days=2)
        tasks.set_task(case=case, new=tasks.NewTask(uuid4(), "call", due, True, ana, text("task.text")), by=ana)
        said = {"text": text("incident.text"), "names": text("incident.names")}
        incidents.write_incident(case=case, nonce=uuid4(), codes={"types": ["image_shared"]}, by=ana, **said)
        safety.write_plan(case=case, items={"free": text("safety_plan.items")}, seen=1, by=ana)
        new = upload(
            name=f"{text('file.name')}.txt",
            data=f"Dear employer, {text('file.content')}".encode(),
            description=text("file.meta"),
        )
        add_file(case=case, new=new, by=ana)
        world.ids["file_id"] = CaseFile.objects.exclude(pk=world.ids["file_id"]).get().pk
        card = {"kind": "name", "value": text("identity.entry"), "certainty": "said", "note": text("identity.entry")}
        identity.add_entry(case=case, nonce=uuid4(), values=card, by=ana)
        agree(case, "referral", recipient=text("consent.recipient"), by=ana)
        consents.withdraw_consent(consent=Consent.objects.get(pk=agree(case, "linking", by=ana)), by=ana)
        slip = Consent.objects.get(case=case, purpose="linking")
        withdrawn_in_error.put_right(consent=slip, nonce=uuid4(), reason=text("consent.error"), by=ana)
        facts.set_minor(case=case, flag="now", reason="", by=ana)
        asked = {"kind": "clear_minor", "detail": "no", "reason": text("approval.reason")}
        ask_approval(case=case, by=ana, **asked)
        call = ContactAttempt.objects.get(case=case, begun_by=ana, ended_at__isnull=True)
        calls.end_call(case=case, attempt=call, result="reached", text=text("attempt.text"), by=ana)
        calls.begin_call(case=case, by=ana)
        handover.give(nonce=uuid4(), to=cast.boba, words=text("handover.text"), found=[], by=ana)
        world.ids["handover_id"] = ShiftHandover.objects.exclude(pk=world.ids["handover_id"]).get().pk
        request = get_request(ana, world.request)
        request_risk.rate_risk(request=request, answers=CORE_ANSWERS, by=ana)
        now = completing.read_to_change(request=request, by=ana)
        completing.change_request(
            request=request, change=completing.Change(text("request.words"), now.revision, {}), by=ana
        )
    _refused_and_asked_anew(cast, world, needles)
    _kept_out_and_protected(cast, world, needles)
    world.ids["referred"] = _another_request_is_referred(cast, needles)
    _answers(cast, world)
    _keys(cast, world, needles)


def _refused_and_asked_anew(cast: Cast, world: World, needles: Needles) -> None:
    """Lana is not given the key at first."""
    with cast.acting("ana") as ana:
        grant = get_grant(get_case(ana, world.case), world.ids["grant_id"])
        grants.decline_grant(grant=grant, text=needles.text("grant.refusal"), by=ana)
    with cast.acting("lana") as lana:
        case, why = get_case(lana, world.case).case, matrix_world.WHAT_FOR
        world.ids["grant_id"] = grants.ask_grant(case=case, kind="grant", reason="contact", text=why, by=lana)


def _another_request_is_referred(cast: Cast, needles: Needles) -> str:
    code = matrix_world.log(cast)
    day = timezone.localdate() + timedelta(days=7)
    with cast.acting("ana") as ana:
        refer = {"reason": "no_capacity", "to_whom": needles.text("request.referral"), "refer_by": day, "told": True}
        refer_out(request=get_request(ana, code), by=ana, **refer)
    return code


def _kept_out_and_protected(cast: Cast, world: World, needles: Needles) -> None:
    text = needles.text
    protected = helpers.open_case(cast)
    with cast.acting("ana") as ana:
        case, request = get_case(ana, world.case).case, get_request(ana, world.request)
        said = {"reason": WallReason.OTHER, "by": ana}
        walls.keep_out(case=case, person=cast.vera, text=text("wall.reason"), second=False, **said)
        walls.keep_out_of_request(request=request, person=cast.ljilja, text=text("request.wall"), **said)
        protection.protect_case(case=get_case(ana, protected).case, by=ana)


def _answers(cast: Cast, world: World) -> None:
    from cases.services.ratings import rate

    with cast.acting("ana") as ana:
        case = get_case(ana, world.case).case
        rate(case=case, nonce=uuid4(), answers=CORE_ANSWERS, raised="", reason="", by=ana)


def _keys(cast: Cast, world: World, needles: Needles) -> None:
    """The open keys of the case, and of everybody what only she knows."""
    needles.add("answers of the risk screen", content.payload.pack(CORE_ANSWERS)[1:-1])
    with cast.acting("ana") as ana:
        case = get_case(ana, world.case).case
        for purpose in ("content", "reach", "identity"):
            needles.add(f"the {purpose} key", keys.newest_key(case_id=case.pk, purpose=purpose, by=ana).key)
    for name, person in cast._people.items():
        needles.add(f"the second factor of {name}", person.totp_secret)
        needles.add(f"the private key of {name}", person.keyring.private_key)


def open_the_card(cast: Cast, world: World, needles: Needles, browser) -> None:
    """Ana opens the identity through the form: for five minutes its page shows it."""
    typed = {"reason": "other", "text": needles.text("identity.reason")}
    answer = browser.post(reverse("cases:identity_open", args=[world.case]), typed)
    assert answer.status_code == 302, answer.status_code


def journeys(cast: Cast, text: str) -> dict[str, tuple[str, dict[str, object]]]:
    """Forms that are accepted: address, who sends it, and what she types. Each is undone afterwards."""
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    number = {"nonce": str(uuid4())}
    return {
        "cases:note_create": ("lana", {**number, "type": "legal_note", "text": text}),
        "cases:deadline_create": ("ana", {**number, "due_on": day, "text": text, "severity": "routine"}),
        "cases:task_create": ("ana", {**number, "kind": "task", "text": text, "due_on": day, "assignee": cast.ana.pk}),
        "cases:told_add": ("ana", {"line": text}),
        "cases:text_change": ("ana", {"seen": "2", "text": text}),
        "cases:incident_create": ("ana", {**number, "types": "image_shared", "text": text, "names": text}),
        "cases:identity_add": (
            "ana",
            {**number, "seen": "0", "kind": "name", "value": text, "certainty": "said", "note": text},
        ),
        "cases:case_reach": ("ana", {"seen": "1", **contacts(text)}),
        "cases:safety_plan": ("ana", {"seen": "2", "free": text}),
        "cases:call_end": ("ana", {**number, "result": "reached", "text": text}),
        "cases:request_create": (
            "ceca",
            {
                **number,
                **contacts(text),
                "restricted": "no",
                "minor": "no",
                "about": "self",
                "channel": "phone",
                "language": "sr",
                "words": text,
                "received_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
            },
        ),
        "cases:request_paste": ("ceca", {"conversation": f"{text}: {text}"}),
        "cases:case_print": ("lana", {}),
        "cases:case_export": ("ana", {"how": "html", "language": "sr"}),
        "cases:file_download": ("lana", {}),
        "cases:request_contacts": ("boba", {}),
        "cases:request_compare": ("boba", {}),
        "cases:search_identities": ("ana", {"typed": text}),
    }
