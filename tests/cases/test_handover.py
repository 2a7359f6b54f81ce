"""A shift is handed over: collected by itself, sealed to the two, signed by both, deleted after seven days."""

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import database
from accounts.exceptions import NotAllowed, WrongState
from accounts.models import Team
from accounts.services import teams
from accounts.templatetags.sidro import short_time
from cases.access import get_request
from cases.access.handover import collect, get_handover, list_to_take
from cases.choices import CaseRole
from cases.models import ShiftHandover
from cases.services import absence, answering, duty, handover
from tests.cases.helpers import arm, armed_for, assign, log, on_call, open_case
from tests.cases.test_reminders import fire
from tests.security.attack import plant, run
from tests.security.test_walls_meet import keep_out


@pytest.fixture
def code(cast):
    cast.intake()
    cast.person("koka")
    return open_case(cast)


def give(cast, words: str = "Call her sister, not her.", nonce=None) -> ShiftHandover:
    with cast.acting("ana") as ana:
        handover.give(nonce=nonce or uuid4(), to=cast.boba, words=words, found=collect(ana), by=ana)
        return ShiftHandover.objects.select_related("to_user").get()


def test_what_is_open_is_collected_by_itself(cast, code):
    request = log(cast, in_danger_now=True)
    plant(
        "INSERT INTO cases_task (id, case_id, nonce, kind, due_at, exact, state, assignee_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, gen_random_uuid(), 'call', now() + interval '2 hours', true, 'open', opened_by_id,"
        " now(), opened_by_id FROM cases_case"
    )
    armed_for(cast, code, "boba")
    with cast.acting("ana") as ana:
        run("UPDATE cases_helprequest SET taken_at = now(), taken_by_id = %s WHERE code = %s", ana.pk, request)
        assert [(item.kind, item.code) for item in collect(ana)] == [
            ("request_new", request), ("call", code), ("armed", code)
        ]  # fmt: skip
    with cast.acting("boba") as boba:
        assert [(item.kind, item.code) for item in collect(boba)] == [("reach", code)]  # as whoever is on call


def test_nobody_hands_over_without_the_requests_that_nobody_has(cast, code):
    urgent, quiet, restricted = log(cast, in_danger_now=True), log(cast), log(cast, restricted=True)
    with cast.acting("ana") as ana:
        assert [item.code for item in collect(ana) if item.kind == "request_new"] == [urgent, quiet]
        answering.assign(request=get_request(ana, quiet), person=cast.boba, by=ana)
        assert [item.code for item in collect(ana) if item.kind == "request_new"] == [urgent]
        assert restricted not in [item.code for item in collect(ana)]


def test_both_read_it_and_sign_and_nobody_else_opens_it(cast, code, definer):
    row = give(cast)
    for name in ("ana", "boba"):
        with cast.acting(name) as person:
            assert handover.read(handover=row, by=person).words == "Call her sister, not her."
    with cast.acting("ana") as ana, pytest.raises(NotAllowed):
        handover.take(handover=row, by=ana)
    for _click in range(2):
        with cast.acting("boba") as boba:
            handover.take(handover=get_handover(boba, row.pk), by=boba)
            assert list_to_take(boba) == []
    with cast.acting("ceca"):
        assert run("SELECT count(*) FROM vault_letter") == [(0,)]
        assert run("SELECT count(*) FROM cases_shifthandover") == [(0,)]
    mails = definer.execute("SELECT u.login_name FROM cases_mailout m JOIN accounts_user u ON u.id = m.recipient_id")
    assert ("boba",) in mails.fetchall()


def test_by_its_page_in_three_actions_and_once_by_a_double_click(cast, code):
    on_call(cast, "boba")
    ana, boba = cast.client("ana"), cast.client("boba")
    page = ana.get(reverse("cases:handover")).content.decode()
    assert f'<option value="{cast.boba.pk}" selected>' in page
    assert "This goes to Boba, who follows you on the rota" in page
    values = {"nonce": str(uuid4()), "to": str(cast.boba.pk), "words": "She sleeps until ten."}
    for _click in range(2):
        assert ana.post(reverse("cases:handover"), values).status_code == 302
    with cast.acting("ana"):
        row = ShiftHandover.objects.get()
    assert "Read and take over from Ana" in boba.get("/").content.decode()
    assert "She sleeps until ten." in boba.get(reverse("cases:handover_detail", args=[row.pk])).content.decode()
    assert boba.post(reverse("cases:handover_take", args=[row.pk])).status_code == 302
    assert "Taken over by Boba" in ana.get(reverse("cases:handover_detail", args=[row.pk])).content.decode()


def test_nobody_is_chosen_beforehand_unless_the_rota_names_exactly_one(cast, code):
    ana, address = cast.client("ana"), reverse("cases:handover")
    assert "follows you on the rota" not in ana.get(address).content.decode()  # an empty rota
    cast.vouch("ana", "ceca")
    with cast.acting("ana") as by:
        teams.add_member(team=Team.objects.get(kind="intake"), person=cast.ceca, by=by)
    on_call(cast, "boba")
    on_call(cast, "ceca")
    page = ana.get(address).content.decode()
    assert "follows you on the rota" not in page
    assert " selected>" not in page.split('id="id_to"')[1].split("</select>")[0].replace('value="" selected>', "")
    sent = ana.post(address, {"nonce": str(uuid4()), "to": "", "words": ""})
    assert sent.status_code == 422


def test_the_giver_withdraws_until_it_is_signed_and_nobody_else(cast, code, definer):
    row = give(cast)
    address = reverse("cases:handover_withdraw", args=[row.pk])
    assert "withdraw it" in cast.client("ana").get(reverse("cases:handover_detail", args=[row.pk])).content.decode()
    assert cast.client("boba").post(address).status_code == 403
    with cast.acting("boba"), pytest.raises(database.Refused):
        database.value("handover_withdraw", row.pk)
    assert cast.client("ana").post(address).status_code == 302
    assert cast.client("boba").get(reverse("cases:handover_detail", args=[row.pk])).status_code == 404
    assert definer.execute("SELECT count(*) FROM vault_letter").fetchone() == (0,)
    signed = give(cast)
    with cast.acting("boba") as boba:
        handover.take(handover=signed, by=boba)
    with cast.acting("ana") as ana, pytest.raises(WrongState):
        handover.withdraw(handover=get_handover(ana, signed.pk), by=ana)
    assert definer.execute("SELECT count(*) FROM vault_letter").fetchone() == (2,)


def test_the_words_of_a_hand_over_that_is_withdrawn_stand_in_the_new_form(cast, code):
    row = give(cast, words="She must <b>not</b> be called.")
    read = reverse("cases:handover_detail", args=[row.pk])
    field = re.compile(r'<input type="hidden" name="words" value="([^"]*)">')
    assert not field.search(cast.client("boba").get(read).content.decode())
    ana = cast.client("ana")
    words = unescape(field.search(ana.get(read).content.decode())[1])
    page = ana.post(reverse("cases:handover_withdraw", args=[row.pk]), {"words": words})
    assert page.status_code == 200
    assert page.context["form"]["words"].value() == "She must <b>not</b> be called."
    assert 'action="/handover"' in page.content.decode()
    assert "Withdrawn. She cannot read it any more." in page.content.decode()
    assert ShiftHandover.objects.count() == 0


def test_what_was_withdrawn_while_it_was_open_is_said_and_nothing_taken_over(cast, code):
    """Also where it goes in the very moment in which she signs."""
    row = give(cast)
    address = reverse("cases:handover_take", args=[row.pk])
    boba = cast.client("boba")
    page = boba.get(reverse("cases:handover_detail", args=[row.pk])).content.decode()
    assert f'name="from" value="{cast.ana.pk}"' in page
    with cast.acting("boba") as by:
        seen = get_handover(by, row.pk)
    cast.client("ana").post(reverse("cases:handover_withdraw", args=[row.pk]))
    said = boba.post(address, {"from": str(cast.ana.pk)}, follow=True)
    assert "Ana has taken this hand-over back. You have taken over nothing." in said.content.decode()
    assert said.redirect_chain == [("/", 302)]
    assert [boba.post(address, {"from": sent}).status_code for sent in ("", "x", str(uuid4()))] == [404] * 3
    with cast.acting("boba") as by, pytest.raises(WrongState, match="Ana has taken this hand-over back"):
        handover.take(handover=seen, by=by)


def test_handing_over_to_somebody_who_is_away_is_asked_first(cast, code):
    today = timezone.localdate()
    with cast.acting("boba") as boba:
        absence.add_absence(person=boba, from_on=today, until_on=today, by=boba)
    ana, values = cast.client("ana"), {"nonce": str(uuid4()), "to": str(cast.boba.pk), "words": "Typed once."}
    page = ana.post(reverse("cases:handover"), values)
    assert page.status_code == 422
    assert "Boba: away then." in page.content.decode()
    assert "Typed once." in page.content.decode()
    assert (
        ana.post(reverse("cases:handover"), {**values, "anyway": "on", "asked_about": str(cast.boba.pk)}).status_code
        == 302
    )


def test_nothing_typed_is_lost_and_a_key_nobody_vouched_for_gets_no_letter(cast, code):
    cast.person("ceca")
    values = {"nonce": str(uuid4()), "to": str(cast.ceca.pk), "words": "Typed once."}
    response = cast.client("ana").post(reverse("cases:handover"), values)
    assert response.status_code == 422
    assert "Typed once." in response.content.decode()
    with cast.acting("ana") as ana, pytest.raises(WrongState):
        handover.give(nonce=uuid4(), to=ana, words="", found=[], by=ana)


def test_after_seven_days_the_letters_are_deleted_and_the_signatures_stay(cast, code):
    row = give(cast)
    fire()
    with cast.acting("boba") as boba:
        assert handover.read(handover=row, by=boba)
    plant("UPDATE vault_letter SET written_at = now() - interval '8 days'")
    fire()
    with cast.acting("boba") as boba:
        assert handover.read(handover=row, by=boba) is None
        assert ShiftHandover.objects.exists()


def test_a_case_that_she_must_not_see_is_not_in_what_she_takes_over(cast, code):
    arm(cast, code)
    with cast.acting("ana") as ana:
        handover.give(nonce=uuid4(), to=cast.boba, words="", found=collect(ana), by=ana)
        row = ShiftHandover.objects.get()
    with cast.acting("boba") as boba:
        assert code in [item.code for item in handover.read(handover=row, by=boba).found]
    plant(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), c.id, %s, now(), %s FROM cases_case c WHERE c.code = %s",
        cast.boba.pk,
        cast.ana.pk,
        code,
    )
    with cast.acting("boba") as boba:
        assert code not in [item.code for item in handover.read(handover=row, by=boba).found]
    with cast.acting("ana") as ana:
        assert code in [item.code for item in handover.read(handover=row, by=ana).found]


def test_a_request_is_named_by_its_real_state_and_leads_to_its_page(cast, code):
    promised, asked, answered = log(cast, in_danger_now=True), log(cast), log(cast)
    tomorrow = timezone.now() + timedelta(days=1)
    ana = cast.client("ana")
    for request in (promised, asked, answered):
        ana.post(f"/requests/{request}/take")
    with cast.acting("ana") as by:
        answering.acknowledge(request=get_request(by, promised), by=by)
        answering.promise_date(request=get_request(by, promised), until=tomorrow, by=by)
        answering.ask_back(request=get_request(by, asked), look_again_on=tomorrow.date(), by=by)
        answering.acknowledge(request=get_request(by, answered), by=by)
        found = {item.code: item for item in collect(by)}
    assert {code: item.kind for code, item in found.items()} == {
        promised: "request_waiting", asked: "request_awaiting_person", answered: "request_acknowledged"
    }  # fmt: skip
    assert found[promised].at == tomorrow.isoformat()
    page = ana.get(reverse("cases:handover")).content.decode()
    assert f'<a class="govuk-link" href="/requests/{promised}">{promised}</a> Request with a promise to her' in page
    assert "nobody has answered" not in page


def test_a_line_is_a_link_only_for_whoever_may_open_it(cast, code):
    arm(cast, code)
    row = give(cast)
    address = reverse("cases:handover_detail", args=[row.pk])
    assert f'href="/cases/{code}"' in cast.client("ana").get(address).content.decode()
    page = cast.client("boba").get(address).content.decode()
    assert f"<strong>{code}</strong>" in page
    assert f'href="/cases/{code}"' not in page


def test_whom_a_wall_keeps_from_a_line_only_the_lead_is_told(cast, code, definer):
    """A case that nobody on call can reach is not "Done", and not handed over to whoever must not see it."""
    assign(cast, code, "ceca", CaseRole.CASEWORKER)
    on_call(cast, "boba")
    keep_out(cast, code, "boba")
    ana = cast.client("ana")
    for page in (f"/cases/{code}/arm", f"/cases/{code}"):
        assert ("nobody on call can reach her" in ana.get(page).content.decode()) == page.endswith("arm")
    posted = {"reason": "her_wish", "until": f"{timezone.localtime() + timedelta(hours=2):%Y-%m-%dT%H:%M}"}
    page = ana.post(f"/cases/{code}/arm", posted, follow=True).content.decode()
    assert page.count("Boba must not see this case.") == 2
    assert "may reach her now" not in page
    assert "does not get this line: Boba" in ana.get("/handover").content.decode()
    page = ana.post("/handover", {"nonce": uuid4(), "to": cast.boba.pk, "words": ""}, follow=True).content.decode()
    assert f"Boba must not see this and was not told of it: {code}" in page
    row = definer.execute("SELECT id FROM cases_shifthandover").fetchone()[0]
    assert "does not get this line: Boba" in ana.get(f"/handover/{row}").content.decode()
    for client, said in ((cast.client("boba"), f"/handover/{row}"), (cast.client("ceca"), f"/cases/{code}")):
        page = client.get(said).content.decode()
        assert "must not see" not in page.lower()
        assert "nobody on call" not in page


def test_armed_while_nobody_is_on_call_the_next_one_is_said(cast, code):
    ana, soon = cast.client("ana"), timezone.localtime().replace(second=0, microsecond=0) + timedelta(hours=3)
    posted = {"reason": "her_wish", "until": f"{soon + timedelta(hours=2):%Y-%m-%dT%H:%M}"}
    assert "Nobody is on call before" in ana.get(f"/cases/{code}/arm").content.decode()
    with cast.acting("koka") as koka:
        duty.add_shifts(shifts=[duty.Planned(soon, soon + timedelta(hours=8), cast.boba, None)], by=koka)
    said = f"Nobody is on call now; the next is on call from {short_time(soon)}"
    assert said in ana.get(f"/cases/{code}/arm").content.decode()
    page = ana.post(f"/cases/{code}/arm", posted, follow=True).content.decode()
    assert said in page
    assert "may reach her now" not in page


def test_whoever_is_left_on_call_is_named(cast, code):
    on_call(cast, "boba", second="ana")
    keep_out(cast, code, "boba")
    assert "of those on call only Ana can reach her" in cast.client("ana").get(f"/cases/{code}/arm").content.decode()


def test_whoever_is_on_call_and_away_is_said(cast, code):
    on_call(cast, "boba", second="ana")
    ana = cast.client("ana")
    for name, said in (("boba", False), ("ana", True)):
        with cast.acting(name) as person:
            absence.add_absence(person=person, from_on=timezone.localdate(), until_on=timezone.localdate(), by=person)
        page = ana.get(f"/cases/{code}/arm").content.decode()
        assert ("On call now, and away today: Boba, Ana." in page) == said
