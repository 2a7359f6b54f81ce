"""One of each thing that a page of the staff site can show, made by the real services on the first case of `hundred`."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from accounts import database
from accounts.models import PublicKey
from cases.access import get_case
from cases.access.walls import list_walls
from cases.choices import CaseRole
from cases.codes import ArmReason, ConsentBy, ConsentHow, ConsentPurpose, FileKind, TemplateKind
from cases.compartments import OpeningReason, WallReason
from cases.models import (
    Approval,
    ArmedReach,
    Assignment,
    CaseFile,
    Consent,
    Deadline,
    IdentityEntry,
    Incident,
    LetterTemplate,
    ShiftHandover,
    Task,
)
from cases.services import arming, duty, handover, identity, incidents, ratings, tasks, walls
from cases.services.assignment import offer_assignment
from cases.services.calls import begin_call
from cases.services.consents import NewConsent, note_consent
from cases.services.files import Upload, add_file
from cases.services.letters import add_template
from cases.services.safety import write_plan
from cases.services.slips import Slip
from config.bench.house import House, expect

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def make(home: House) -> dict[str, object]:
    """Make them; returns what stands in the addresses, by the name of the part."""
    lead = partial(home.players.acting, "hundred")
    half, advocate = home.players.user("half"), home.players.user("advocate")
    now = timezone.now()
    with lead() as by:
        case = get_case(by, home.hundred_cases[0]).case
        offer_assignment(case=case, person=advocate, role=CaseRole.LAWYER, slip=Slip(not_known=True), by=by)
        tasks.set_task(case=case, new=tasks.NewTask(uuid4(), "call", now + timedelta(days=3), True, by, "Call"), by=by)
        write_plan(case=case, items={"free": "A bag stands by the door."}, seen=0, by=by)
        incidents.write_incident(case=case, nonce=uuid4(), codes={"types": ["image_shared"]}, text="x", names="", by=by)
        add_file(case=case, new=Upload(uuid4(), FileKind.LEGAL, "letter.pdf", PDF, ""), by=by)
        add_template(nonce=uuid4(), kind=TemplateKind.LETTER, language="en", title="Ours", body="{date}", by=by)
        handover.give(nonce=uuid4(), to=half, words="", found=[], by=by)
        begin_call(case=case, by=by)
        shift = duty.Planned(now - timedelta(hours=1), now + timedelta(hours=8), half)
        duty.add_shifts(shifts=[shift], by=by)
        ratings.rate(case=case, nonce=uuid4(), answers={"attempt_in_progress": "yes"}, raised="", reason="", by=by)
        calm = dict.fromkeys(("sc1", "ag1", "su2", "ph2", "ph3"), "no")
        ratings.rate(case=case, nonce=uuid4(), answers=calm, raised="", reason="She is calm.", by=by)
        signer = home.players.user("signer")
        database.value("session_stepped_up")
        walls.keep_out(case=case, person=signer, reason=WallReason.KNOWS, text="A cousin.", second=False, by=by)
        arming.arm(case=case, reason=ArmReason.HER_WISH, until=now + timedelta(hours=2), by=by)
        name = {"kind": "name", "value": "Milica", "certainty": "said", "note": ""}
        identity.add_entry(case=case, nonce=uuid4(), values=name, by=by)
        spoken = NewConsent(uuid4(), ConsentPurpose.CONTACT, True, ConsentHow.SPOKEN, ConsentBy.HERSELF, "sr")
        note_consent(case=case, new=spoken, by=by)
        armed = ArmedReach.objects.get(case=case).pk
        found: dict[str, object] = {
            "assignment_id": Assignment.objects.get(case=case, user=advocate).pk,
            "deadline_id": Deadline.objects.filter(case=case)[0].pk,
            "task_id": Task.objects.filter(case=case)[0].pk,
            "incident_id": Incident.objects.get(case=case).pk,
            "file_id": CaseFile.objects.get(case=case).pk,
            "template_id": LetterTemplate.objects.get().pk,
            "handover_id": ShiftHandover.objects.get().pk,
            "approval_id": Approval.objects.get(case=case).pk,
            "key_id": PublicKey.objects.get(user=home.players.user("signer"), retired_at__isnull=True).pk,
            "person_id": half.pk,
            "entry_id": IdentityEntry.objects.get(case=case).pk,
            "leaver_id": half.pk,
            "member_id": half.pk,
            "kind": "intake",
            "consent_id": Consent.objects.get(case=case, purpose=ConsentPurpose.CONTACT).pk,
            "purpose": str(ConsentPurpose.MEDIA),
            "wall_id": list_walls(case.pk)[0].id,
            "text": "summary",
            "check": "consent",
        }
    opening = {"reason": OpeningReason.CHECK}  # where its page is looked at: a card is open in one session
    expect(302, home.browser("hundred").post(reverse("cases:identity_open", args=[case.code]), opening))
    with home.players.acting("half") as by:
        found["attempt_id"] = arming.begin_call(armed_id=armed, by=by)
    return found
