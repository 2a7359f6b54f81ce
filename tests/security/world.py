"""The world of the permission matrix: see tests/security/matrix.py for who is who in it.

Addresses fill themselves in: `<code:code>` is the request's or the case's by the address it stands in, any other part
by its name in `World.ids`. A page with a new kind of id gets a function here that makes one, listed in PARTS.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import PublicKey, User
from accounts.services import people
from cases.access import get_case, get_request
from cases.access.walls import list_walls
from cases.choices import CaseRole, NoteType, RequestState, Severity
from cases.codes import ArmReason, MoveReason, TemplateKind
from cases.compartments import ErasureReason, WallReason
from cases.models import (
    Absence,
    ArmedReach,
    CaseFile,
    CaseJurisdiction,
    CaseLink,
    ClosedDay,
    ContactLog,
    Deadline,
    DutyShift,
    IdentityEntry,
    Incident,
    LetterTemplate,
    Notice,
    Project,
    RiskAssessment,
    ServiceUnit,
    ShiftHandover,
    Task,
)
from cases.services import (
    absence,
    approvals,
    arming,
    erasing,
    grants,
    handover,
    identity,
    incidents,
    links,
    naming,
    tasks,
    walls,
)
from cases.services.answering import end_request
from cases.services.assignment import offer_assignment
from cases.services.calls import begin_call
from cases.services.casework import write_note
from cases.services.contact_log import count_contact
from cases.services.deadlines import set_deadline
from cases.services.files import add_file
from cases.services.letters import add_template
from cases.services.moves import ask_move
from cases.services.opening_hours import close_day
from cases.services.safety import write_plan
from cases.services.service_units import add_project, log_service
from tests.accounts.authenticator import stored_passkey
from tests.cases.helpers import SLIP, agree, assign, log, on_call, open_case, reminded_today, upload
from tests.cast import Cast
from tests.conftest import as_definer, as_role
from tests.keepers import add_keeper, begin
from tests.security.attack import plant
from tests.security.matrix import SEES

WHAT_FOR = "A court date."  # why Lana asks to open the identity


@dataclass
class World:
    """The objects that the addresses of the matrix name."""

    request: str = ""
    case: str = ""
    ids: dict[str, object] = field(default_factory=lambda: {"token": "x" * 43})

    def address(self, name: str) -> str:
        route, parts = PATTERNS[name]
        code = self.request if route.startswith("requests/") else self.case
        return reverse(name, kwargs={part: code if part == "code" else self.ids[part] for part in parts})


def _patterns() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Every URL by name: its route, and the names of what stands in it."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}

    def walk(patterns: list, namespace: str) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, pattern.namespace or namespace)
            elif isinstance(pattern, URLPattern):
                parts = tuple(pattern.pattern.converters)
                found[f"{namespace}:{pattern.name}"] = (str(pattern.pattern), parts)

    walk(get_resolver("config.urls").url_patterns, "")
    return found


PATTERNS = _patterns()


def build(cast: Cast) -> World:
    """Everybody enrolled, intake set up, case C with its lawyer, request R, and one of each thing with an address."""
    for name in SEES:
        cast.person(name)
    cast.intake()
    world = World()
    world.case = open_case(cast)
    assign(cast, world.case, "lana")
    world.request = log(cast)
    for make in PARTS:
        make(cast, world)
    with cast.acting("ana") as ana:
        world.ids["case_id"] = get_case(ana, world.case).case.pk
    return world


def invited_person(cast: Cast, world: World) -> None:
    with cast.acting("vera") as vera:
        world.ids["person_id"], _token = people.invite(
            login_name="mina", display_name="Mina", roles=["lawyer"], language="en", address="mina@example.org", by=vera
        )


def date_of_the_lawyer(cast: Cast, world: World) -> None:
    """A date that is due today, and the lawyer's reminder of it."""
    with cast.acting("ana") as ana:
        set_deadline(
            case=get_case(ana, world.case).case,
            nonce=uuid4(),
            due_on=reminded_today(),
            severity=Severity.ROUTINE,
            assignee=cast.lana,
            text="Motion",
            by=ana,
        )
        world.ids["deadline_id"] = Deadline.objects.get().pk
    with as_role("worker") as worker:
        worker.execute("SELECT app.reminders_fire('Europe/Belgrade')")
    with cast.acting("lana"):
        world.ids["notice_id"] = Notice.objects.get().pk


def offer(cast: Cast, world: World) -> None:
    """Ljilja is asked onto the case and has not answered; Ceca's key waits for somebody to vouch for it."""
    cast.vouch("boba", "ljilja")
    with cast.acting("ana") as ana:
        ljilja = User.objects.get(login_name="ljilja")
        case = get_case(ana, world.case).case
        world.ids["assignment_id"] = offer_assignment(case=case, person=ljilja, role="lawyer", slip=SLIP, by=ana).pk
        world.ids["key_id"] = PublicKey.objects.get(user__login_name="ceca").pk


def shift_and_absence(cast: Cast, world: World) -> None:
    """Boba is on call now, and away next year."""
    on_call(cast, "boba")
    soon = timezone.localdate() + timedelta(days=300)
    with cast.acting("koka") as koka:
        absence.add_absence(person=cast.boba, from_on=soon, until_on=soon, by=koka)
        world.ids["shift_id"] = DutyShift.objects.get().pk
        world.ids["absence_id"] = Absence.objects.get().pk


def line_of_the_week(cast: Cast, world: World) -> None:
    """Ana's case has no day for its next review."""
    with cast.acting("ana") as ana:
        world.ids |= {"rule": "no_review", "line_id": get_case(ana, world.case).case.pk}


def armed(cast: Cast, world: World) -> None:
    """Ana has armed reach on her case; Boba, who is on call, has begun to call."""
    with cast.acting("ana") as ana:
        case = get_case(ana, world.case).case
        arming.arm(case=case, reason=ArmReason.HER_WISH, until=timezone.now() + timedelta(hours=2), by=ana)
        world.ids["armed_id"] = ArmedReach.objects.get().pk
    with cast.acting("boba") as boba:
        world.ids["attempt_id"] = arming.begin_call(armed_id=world.ids["armed_id"], by=boba)


def counted_contact(cast: Cast, world: World) -> None:
    """A call without a request that Ana has counted."""
    with cast.acting("ana") as ana:
        count_contact(nonce=uuid4(), kind="silent", channel="phone", language="sr", duration="under_5", by=ana)
        world.ids["contact_id"] = ContactLog.objects.get().pk


def shift_handed_over(cast: Cast, world: World) -> None:
    """From Ana to Boba."""
    with cast.acting("ana") as ana:
        handover.give(nonce=uuid4(), to=cast.boba, words="", found=[], by=ana)
        world.ids["handover_id"] = ShiftHandover.objects.get().pk


def record_of_the_case(cast: Cast, world: World) -> None:
    """Something that happened, a country, a link to another case of Ana's; Lana asks that the risk be lowered."""
    other = open_case(cast)
    with cast.acting("ana") as ana:
        case = get_case(ana, world.case).case
        incidents.write_incident(
            case=case, nonce=uuid4(), codes={"types": ["image_shared"]}, text="x", names="y", by=ana
        )
        links.add_country(case=case, country="RS", entity="", reason="lives", by=ana)
        links.link_cases(case=case, other=get_case(ana, other).case, kind="same_group", by=ana)
        world.ids |= {
            "incident_id": Incident.objects.get().pk,
            "country_id": CaseJurisdiction.objects.get().pk,
            "link_id": CaseLink.objects.get().pk,
            "text": "summary",
            "check": "consent",
        }
    with cast.acting("lana") as lana:
        case = get_case(lana, world.case).case
        rating = {"case": case, "assessed_at": timezone.now(), "assessed_by": lana}
        RiskAssessment(nonce=uuid4(), level="high", **rating).save(force_insert=True)
        lower = RiskAssessment(nonce=uuid4(), level="standard", **rating)
        lower.save(force_insert=True)
        asked = approvals.ask_approval(case=case, kind="lower_risk", record_id=lower.pk, reason="Calm.", by=lana)
        world.ids["approval_id"] = asked.pk


def entry_of_the_card(cast: Cast, world: World) -> None:
    """A name on the identity card, which is closed."""
    values = {"kind": "name", "value": "Milica Petrović", "certainty": "said", "note": ""}
    with cast.acting("ana") as ana:
        identity.add_entry(case=get_case(ana, world.case).case, nonce=uuid4(), values=values, by=ana)
        world.ids["entry_id"] = IdentityEntry.objects.get().pk


def consent_and_grant(cast: Cast, world: World) -> None:
    """She agreed that she is called; Lana asks to open the identity for that."""
    with cast.acting("ana") as ana:
        world.ids["consent_id"] = agree(get_case(ana, world.case).case, "contact", by=ana)
        world.ids["purpose"] = "media"
    with cast.acting("lana") as lana:
        case = get_case(lana, world.case).case
        world.ids["grant_id"] = grants.ask_grant(case=case, kind="grant", reason="contact", text=WHAT_FOR, by=lana)


def text_that_names_her(cast: Cast, world: World) -> None:
    """A note of the lawyer with the name in it, found by Ana at her next look."""
    with cast.acting("lana") as lana:
        write_note(
            case=get_case(lana, world.case).case, nonce=uuid4(), type=NoteType.CASE_NOTE, text="Milica called.", by=lana
        )
    with cast.acting("ana") as ana:
        found = naming.look_through(case=get_case(ana, world.case).case, by=ana)
        world.ids["check_id"] = found[0].pk


def wish_of_the_coordinator(cast: Cast, world: World) -> None:
    """Koka asks that Boba works on the case."""
    with cast.acting("koka") as koka:
        world.ids["move_id"] = ask_move(
            code=world.case, person=cast.boba, role=CaseRole.CASEWORKER, reason=MoveReason.OVERLOADED, by=koka
        )


def kept_out(cast: Cast, world: World) -> None:
    """Ceca must not see the case, Lana must not see the request; neither could."""
    with cast.acting("ana") as ana:
        case, request = get_case(ana, world.case).case, get_request(ana, world.request)
        walls.keep_out(case=case, person=cast.ceca, reason=WallReason.KNOWS, text="A cousin.", second=False, by=ana)
        walls.keep_out_of_request(request=request, person=cast.lana, reason=WallReason.NAMED, text="", by=ana)
        world.ids["wall_id"] = list_walls(case.pk)[0].id
        world.ids["request_wall_id"] = list_walls(request.pk)[0].id


def file_of_ana(cast: Cast, world: World) -> None:
    """A file that Ana added; nobody under 18 is concerned."""
    with cast.acting("ana") as ana:
        case = get_case(ana, world.case).case
        add_file(case=case, new=upload(), by=ana)
        world.ids["file_id"] = CaseFile.objects.get().pk


def letter_of_the_house(cast: Cast, world: World) -> None:
    with cast.acting("ana") as ana:
        add_template(nonce=uuid4(), kind=TemplateKind.LETTER, language="en", title="Ours", body="{date}", by=ana)
        world.ids["template_id"] = LetterTemplate.objects.get().pk


def plan_of_the_case(cast: Cast, world: World) -> None:
    """A task, a safety plan, a call that Ana has not ended, a service she has logged; a project of the house."""
    with cast.acting("ana") as ana:
        case = get_case(ana, world.case).case
        due = timezone.now() + timedelta(days=30)
        tasks.set_task(case=case, new=tasks.NewTask(uuid4(), "call", due, True, ana, "Call her sister"), by=ana)
        world.ids["task_id"] = Task.objects.get().pk
        write_plan(case=case, items={"free": "A bag stands by the door."}, seen=0, by=ana)
        begin_call(case=case, by=ana)
        log_service(case=case, nonce=uuid4(), kind="advice", minutes=10, project=None, by=ana)
        world.ids["unit_id"] = ServiceUnit.objects.get().pk
    with cast.acting("koka") as koka:
        add_project(name="Project of the year", by=koka)
        world.ids["project_id"] = Project.objects.get().pk
        close_day(day=timezone.localdate() + timedelta(days=9), by=koka)
        world.ids["closed_id"] = ClosedDay.objects.get().pk


def somebody_who_left(cast: Cast, world: World) -> None:
    """Nina was deactivated; Boba may be taken out of intake."""
    with cast.acting("vera") as vera:
        nina, _token = people.invite(
            login_name="nina", display_name="Nina", roles=["lawyer"], language="en", address="nina@example.org", by=vera
        )
    plant(
        "UPDATE accounts_user SET enrolled_at = now(), is_active = false, deactivated_at = now(), deactivated_by_id = %s"
        " WHERE id = %s",
        cast.vera.pk,
        nina,
    )
    world.ids |= {"leaver_id": nina, "member_id": cast.boba.pk, "kind": "intake"}


def passkey_of_ana(cast: Cast, world: World) -> None:
    world.ids["device_id"] = stored_passkey(cast, "ana")


def keepers_and_announcements(cast: Cast, world: World) -> None:
    """A key keeper whom nobody has confirmed, a request about Ana's key, an act that Boba announced."""
    add_keeper(cast, "Mira", confirm=False)
    begin("ana")
    with as_definer() as definer:
        definer.execute(
            "INSERT INTO accounts_delayedact (id, rule, record_id, asked_at, asked_by_id, due_at)"
            " SELECT gen_random_uuid(), 'intake', gen_random_uuid(), now(), u.id, now() + interval '2 days'"
            " FROM accounts_user u WHERE u.login_name = 'boba'"
        )
        for part, table in (("keeper_id", "keykeeper"), ("request_id", "ceremony"), ("act_id", "delayedact")):
            world.ids[part] = definer.execute(f"SELECT id FROM accounts_{table}").fetchone()[0]


def receipt_of_two(cast: Cast, world: World) -> None:
    """Another request has ended; Ana named it for erasure, Boba agreed."""
    code = log(cast)
    for name in ("ana", "boba"):
        with cast.acting(name) as person:
            found = get_request(person, code)
            if name == "ana":
                end_request(request=found, state=RequestState.SPAM, by=person)
            world.ids["receipt_id"] = erasing.erase_request(request=found, reason=ErasureReason.HER_WISH, by=person)


PARTS: tuple[Callable[[Cast, World], None], ...] = (
    invited_person,
    date_of_the_lawyer,
    offer,
    plan_of_the_case,
    shift_and_absence,
    line_of_the_week,
    armed,
    counted_contact,
    shift_handed_over,
    record_of_the_case,
    entry_of_the_card,
    consent_and_grant,
    text_that_names_her,
    wish_of_the_coordinator,
    kept_out,
    file_of_ana,
    letter_of_the_house,
    passkey_of_ana,
    keepers_and_announcements,
    somebody_who_left,
    receipt_of_two,
)
