"""A small believable world for pictures: a few requests, three cases, a shift, and what one asks the other."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from cases.access import get_case
from cases.access.handover import collect
from cases.choices import CaseRole, NoteType, Severity
from cases.codes import ApprovalState, MoveReason
from cases.models import Approval, Case
from cases.services import facts, incidents, links
from cases.services.absence import add_absence
from cases.services.accept import accept_request
from cases.services.assignment import offer_assignment
from cases.services.casework import write_note
from cases.services.deadlines import set_deadline
from cases.services.files import add_file
from cases.services.handover import give
from cases.services.moves import ask_move
from cases.services.profiles import save_profile
from cases.services.ratings import rate
from cases.services.safety import write_plan
from cases.services.slips import Slip
from cases.services.tasks import NewTask, set_task
from tests.cases.helpers import arm, assign, get_request, log, on_call, upload
from tests.cast import Cast
from tests.keepers import make_copies, three_keepers

SUMMARY = (
    "A friend told her that private images of her are traded in a large group. She had sent them to one person only. "
    "She wants them gone and wants to know what she can do."
)
CODES = {"types": ["image_shared"], "platforms": ["telegram"], "relation": "former_partner"}
CALM = {"sc1": "yes", "ag1": "no", "su2": "no", "ph2": "no", "ph3": "no"}
OWN_WORDS = "I found a profile with my face and pictures that are not mine. My colleagues have seen it."
SLIP = Slip(names="Petar Petrović", town="Novi Sad", lawyer="Office Jovanović")


def build(cast: Cast) -> dict[str, object]:
    """Everything; returns what addresses name."""
    cast.intake()
    people(cast)
    group = case(cast, "ana", "Pictures in a large group", SUMMARY)
    assign(cast, group, "boba", role=CaseRole.BACKUP, voucher="")
    assign(cast, group, "lana")
    fill(cast, group)
    threat = case(cast, "ana", "Threats of a former partner", "He says that he will send everything to her family.")
    assign(cast, threat, "boba", role=CaseRole.BACKUP, voucher="")
    profile = case(cast, "boba", "A false profile", "A profile with her face and pictures that are not hers.")
    shift(cast, group)
    move(cast, group)
    three_keepers(cast)
    make_copies(cast, "ana", "boba")
    return {
        "group": group,
        "threat": threat,
        "second": lower(cast, threat),
        "slip": ask_lawyer(cast, profile),
        **requests(cast),
        "ward": cast.boba.pk,
    }


def people(cast: Cast) -> None:
    today = timezone.localdate()
    for name, values in (
        ("ana", {"capacity": 3, "hours_per_week": 20, "languages": ["sr", "en"]}),
        ("boba", {"capacity": 4, "hours_per_week": 15, "languages": ["sr"], "supervisor": cast.ana}),
        ("ceca", {"capacity": 8, "hours_per_week": 10, "languages": ["sr", "sq"]}),
        ("lana", {"capacity": 5, "hours_per_week": 6, "languages": ["sr"], "countries": ["RS"]}),
    ):
        with cast.acting(name) as by:
            save_profile(person=by, values=values, by=by)
    for name in ("ljilja", "ceca"):
        cast.vouch("boba", name)
    with cast.acting("koka") as koka:
        add_absence(person=cast.ljilja, from_on=today, until_on=today + timedelta(days=6), by=koka)


def case(cast: Cast, lead: str, title: str, looked_through: str) -> str:
    code = log(cast, consent="yes", offence_learned_on=timezone.localdate() - timedelta(days=66))
    with cast.acting(lead) as by:
        request = get_request(by, code)
        opened = accept_request(request=request, title=title, looked_through=looked_through, by=by)
    with cast.acting(lead) as by:
        links.add_country(case=opened, country="RS", entity="", reason="lives", by=by)
        incidents.write_incident(case=opened, nonce=uuid4(), codes=CODES, text="", names="", by=by)
    return opened.code


def fill(cast: Cast, code: str) -> None:
    """The case on most pictures."""
    now, today = timezone.now(), timezone.localdate()
    with cast.acting("ana") as ana:
        opened = get_case(ana, code).case
        for days, severity, person, text in (
            (24, Severity.CRITICAL, cast.lana, "Last safe day for the private action"),
            (4, Severity.ROUTINE, ana, "Look at the five links again"),
        ):
            due = today + timedelta(days=days)
            set_deadline(case=opened, nonce=uuid4(), due_on=due, severity=severity, assignee=person, text=text, by=ana)
        for kind, hours, exact, text in (
            ("call", 1, True, "Call her at the hour she named"),
            ("promise", 26, False, "Tell her which links are gone"),
            ("task", 50, False, "Ask the platform again about the second group"),
        ):
            due_at = now + timedelta(hours=hours)
            set_task(case=opened, new=NewTask(uuid4(), kind, due_at, exact, ana, text), by=ana)
        for line in ("How she found the pictures", "Whom she had sent them to"):
            facts.add_told(case=opened, line=line, by=ana)
        write_plan(case=opened, items={"free": "She tells her sister when a message comes."}, seen=0, by=ana)
        rate(case=opened, nonce=uuid4(), answers={**CALM, "ph2": "yes"}, raised="", reason="", by=ana)
        text = "She wants to be called after nine, and no letters home."
        write_note(case=opened, nonce=uuid4(), type=NoteType.CASE_NOTE, text=text, by=ana)
        add_file(case=opened, new=upload(description="Answer of the platform, two links"), by=ana)
    with cast.acting("lana") as lana:
        text = "The three months run from the day she learned who did it. A private action needs a power of attorney."
        opened = get_case(lana, code).case
        write_note(case=opened, nonce=uuid4(), type=NoteType.LEGAL_NOTE, text=text, by=lana)


def lower(cast: Cast, code: str) -> object:
    """Ana asks whether the risk may be lower; returns the question."""
    with cast.acting("ana") as ana:
        opened = get_case(ana, code).case
        rate(case=opened, nonce=uuid4(), answers={**CALM, "ph2": "yes"}, raised="", reason="", by=ana)
    with cast.acting("ana") as ana:
        opened = get_case(ana, code).case
        reason = "He has left the country, and she has changed the locks. She says that she sleeps again."
        rate(case=opened, nonce=uuid4(), answers=CALM, raised="", reason=reason, by=ana)
        return Approval.objects.get(case=opened, state=ApprovalState.ASKED).pk


def ask_lawyer(cast: Cast, code: str) -> object:
    with cast.acting("boba") as boba:
        opened: Case = get_case(boba, code).case
        return offer_assignment(case=opened, person=cast.lana, role=CaseRole.LAWYER, slip=SLIP, by=boba).pk


def requests(cast: Cast) -> dict[str, str]:
    now, today = timezone.now(), timezone.localdate()
    learned = today - timedelta(days=80)
    log(cast, words=OWN_WORDS, received_at=now - timedelta(minutes=40))
    log(cast, language="sq", channel="web", received_at=now - timedelta(hours=3))
    log(cast, restricted=True, received_at=now - timedelta(hours=5))
    log(cast, minor="material", received_at=now - timedelta(minutes=25))
    late = log(cast, words=OWN_WORDS, offence_learned_on=learned, received_at=now - timedelta(hours=1))
    return {"late": late}


def shift(cast: Cast, group: str) -> None:
    """Boba is on call, may reach somebody for Ana, and is told of an urgent request."""
    on_call(cast, "boba", "ana")
    arm(cast, group)
    log(cast, in_danger_now=True, words="He is at the door again and has my phone numbers.")
    with cast.acting("ana") as ana:
        words = "She sleeps until ten. The second group may be gone."
        give(nonce=uuid4(), to=cast.boba, words=words, found=collect(ana), by=ana)


def move(cast: Cast, code: str) -> None:
    with cast.acting("koka") as koka:
        ask_move(code=code, person=cast.ceca, role=CaseRole.CASEWORKER, reason=MoveReason.OVERLOADED, by=koka)
