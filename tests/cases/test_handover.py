"""A shift is handed over: collected by itself, sealed to the two, signed by both, deleted after seven days."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.exceptions import NotAllowed, WrongState
from cases.access import get_request
from cases.access.handover import collect, get_handover, list_to_take
from cases.models import ShiftHandover
from cases.services import answering, handover
from tests.cases.helpers import arm, armed_for, log, on_call, open_case
from tests.cases.test_reminders import fire
from tests.security.attack import plant, run


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
    values = {"nonce": str(uuid4()), "to": str(cast.boba.pk), "words": "She sleeps until ten."}
    for _click in range(2):
        assert ana.post(reverse("cases:handover"), values).status_code == 302
    with cast.acting("ana"):
        row = ShiftHandover.objects.get()
    assert "Read and take over from Ana" in boba.get("/").content.decode()
    assert "She sleeps until ten." in boba.get(reverse("cases:handover_detail", args=[row.pk])).content.decode()
    assert boba.post(reverse("cases:handover_take", args=[row.pk])).status_code == 302
    assert "Taken over by Boba" in ana.get(reverse("cases:handover_detail", args=[row.pk])).content.decode()


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
