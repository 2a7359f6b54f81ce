"""The end of a case through its pages: her copy, her wish to stop, how long it is kept."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from accounts import database
from accounts.templatetags.sidro import full_time
from cases.access import get_case
from cases.choices import CaseState, NoteType
from cases.codes import AgeBand, ClosureReason, Gender, LegalOutcome
from cases.models import Approval, Erasure, Note
from cases.services import calls, facts, identity, protection
from tests.cases import erasing as acts
from tests.cases.helpers import WORDS, agree
from tests.security.attack import plant


@pytest.fixture
def code(cast):
    cast.intake()
    return acts.full_case(cast)


def page(response, status=200):
    assert response.status_code == status, response.content[:3000]
    return response.content.decode()


def make(client, code, **values):
    return client.post(f"/cases/{code}/copy", {"how": "text", "language": "en", **values})


def save(client, code, made):
    """The file, from the page that says it is made."""
    (sealed,) = re.findall(r'name="sealed" value="([^"]+)"', page(made))
    return client.post(f"/cases/{code}/copy", {"sealed": sealed})


def copy(client, code, **values):
    return save(client, code, make(client, code, **values))


def test_her_copy_holds_what_is_hers_and_nobody_elses_name(cast, code, definer):
    with cast.acting("ana"):
        note = str(Note.objects.get(case__code=code, type=NoteType.CASE_NOTE).pk)
    client = cast.client("ana")
    shown = page(client.get(f"/cases/{code}/copy"))
    assert "She called at night." in shown
    answer = copy(client, code, note=[note, "no-number"])
    text = page(answer)
    assert answer["Content-Disposition"] == 'attachment; filename="copy.txt"'
    for said in (
        "Milica Petrović",
        WORDS,
        "+381601234567",
        "Pictures traded again.",
        "She called at night.",
        "Private motion",
    ):
        assert said in text, said
    for name in ("Ana", "Boba", "Lana", "Petar Nikolić"):
        assert name not in text, name
    assert "Lawyer" in text
    logged = definer.execute("SELECT count(*) FROM accounts_auditevent WHERE action = 'case_exported'").fetchone()
    assert logged == (1,)
    told = definer.execute("SELECT count(*) FROM cases_timelineentry WHERE detail = 'exported'").fetchone()
    assert told == (1,)


def test_her_copy_of_a_protected_case_says_what_is_sealed_and_to_whom_she_agreed(cast, code):
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        facts.change_facts(case=case, values={"age_band": "from_25", "gender": "woman"}, by=ana)
        agree(case, "referral", recipient="The shelter in Subotica", by=ana)
    with cast.acting("ana") as ana:
        protection.protect_case(case=get_case(ana, code).case, by=ana)
    text = page(copy(cast.client("ana"), code))
    for said in ("The shelter in Subotica", str(AgeBand("from_25").label), str(Gender("woman").label)):
        assert said in text, said
    assert str(AgeBand.SEALED.label) not in text


def test_her_copy_has_no_raw_names_and_speaks_to_her(cast, code):
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        calls.change_reach(case=case, values={"other_contact": "@her", "safe_hours": "after nine"}, seen=1, by=ana)
        agree(case, "services", by=ana)
    text = page(copy(cast.client("ana"), code))
    assert "@her" in text
    assert "other_contact" not in text
    assert "That we work with you" in text
    assert "work with her" not in text


def test_a_copy_refused_for_ten_openings_is_refused_in_the_language_of_the_page(cast, code):
    plant(
        "INSERT INTO cases_identityopening (id, case_id, person_id, kind, reason, opened_at, closes_at, closed_at)"
        " SELECT gen_random_uuid(), c.id, c.opened_by_id, 'card', 'contact', now(), now(), now() FROM cases_case c, generate_series(1, 10)"
    )
    client = cast.client("ana")
    client.post(f"/cases/{code}/identity/close")
    assert "You have opened ten identities within a day." in page(client.get(f"/cases/{code}/copy"))
    shown = page(make(client, code, language="sr"), 422)
    assert "You have opened ten identities within a day." in shown
    assert f'href="/cases/{code}/identity#card"' in shown


def test_a_note_that_was_not_ticked_stays_and_the_card_is_closed_again(cast, code, definer):
    plant("UPDATE cases_identityopening SET closed_at = clock_timestamp()")
    client = cast.client("ana")
    text = page(copy(client, code, how="html"))
    assert "She called at night." not in text
    assert "<h1>What we know about you</h1>" in text
    assert definer.execute("SELECT count(*) FROM cases_identityopening WHERE closed_at IS NULL").fetchone() == (0,)
    assert "What we know about you" in page(make(client, code, how="page"))


def test_a_file_comes_from_a_page_that_says_it_is_made_when_and_by_whom(cast, code, definer):
    client, boba = cast.client("ana"), cast.client("boba")
    assert "A copy was made" not in page(client.get(f"/cases/{code}/copy"))
    made = make(client, code)
    said = re.compile(rf"A copy was made [^<]*{timezone.localdate().year}[^<]* by Ana\.")
    assert said.search(page(made))
    assert "Milica" not in page(made)
    text = page(save(client, code, made))
    assert page(save(client, code, made)) == text
    assert said.search(page(client.get(f"/cases/{code}/copy")))
    told = definer.execute("SELECT count(*) FROM cases_timelineentry WHERE detail = 'exported'").fetchone()
    assert told == (1,)
    assert save(boba, code, made).status_code != 200
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        answer = save(client, code, made)
    assert answer.status_code == 302
    assert answer.headers["Location"] in {f"/cases/{code}/copy", f"/sign-in?next=/cases/{code}/copy"}


def test_the_page_says_before_what_it_costs_unless_the_card_is_open(cast, code):
    plant("UPDATE cases_identityopening SET closed_at = clock_timestamp()")
    client, cost = cast.client("ana"), "That counts as one of the ten openings that you have within a day."
    assert cost in page(client.get(f"/cases/{code}/copy"))
    assert "except where she named somebody in a consent" in page(client.get(f"/cases/{code}/copy"))
    assert client.post(f"/cases/{code}/identity/open", {"reason": "her_wish"}).status_code == 302
    assert cost not in page(client.get(f"/cases/{code}/copy"))


def test_her_copy_has_the_card_by_kind_how_sure_it_is_and_what_she_agreed_to(cast, code):
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        for kind, value, certainty in (("address", "Knez Mihailova 1", "heard"), ("name", "Mica", "said")):
            values = {"kind": kind, "value": value, "certainty": certainty, "note": ""}
            identity.add_entry(case=case, nonce=uuid4(), values=values, by=ana)
        day = timezone.localdate()
        agree(case, "referral", recipient="The shelter", by=ana, given_by="guardian", last_day=day)
    text = page(copy(cast.client("ana"), code))
    assert text.index("Mica – You said so") < text.index("Knez Mihailova 1 – Somebody else said so")
    said = re.search(r"Referral to another service: (.*)", text)[1]
    today = re.escape(full_time(day))
    assert re.fullmatch(
        rf"yes – to whom: The shelter – Spoken – Your guardian – noted: {today}, [^–]* – last day: {today}", said
    )
    assert f"Copy made on {full_time(day)}" in text


def test_a_page_of_her_copy_is_in_her_language_and_the_page_around_it_is_not(cast, code):
    shown = page(make(cast.client("ana"), code, how="page", language="sr-latn"))
    assert '<html lang="en"' in shown
    assert '<div lang="sr-Latn">' in shown
    assert "Sign out" in shown


def test_it_asks_for_the_second_factor(cast, code):
    client = cast.client("ana")
    session = client.session
    session["stepped_up_at"] = 0
    session.save()
    page(make(client, code), 401)


def test_she_hears_what_stops_and_two_erase_to_a_receipt(cast, code, definer):
    ana, boba = cast.client("ana"), cast.client("boba")
    shown = page(ana.get(f"/cases/{code}/withdraw"))
    for said in ("Private motion", "a right may be lost for ever", "Sealed backups hold her data until"):
        assert said in shown
    page(ana.post(f"/cases/{code}/withdraw", {"choice": "date"}), 422)
    answer = ana.post(f"/cases/{code}/withdraw", {"choice": "case"})
    with cast.acting("ana"):
        asked = Approval.objects.get()
    assert answer.headers["Location"] == f"/cases/{code}/second/{asked.pk}"
    page(ana.post(f"/cases/{code}/second/{asked.pk}/answer", {"answer": "approve"}), 403)
    assert "Erase a case: The whole case, She asked for it" in page(boba.get(answer.headers["Location"]))
    answer = boba.post(f"/cases/{code}/second/{asked.pk}/answer", {"answer": "approve"})
    assert answer.headers["Location"] == f"/erasures/{asked.pk}"
    receipt = page(boba.get(answer.headers["Location"]))
    with cast.acting("boba"):
        assert Erasure.objects.get().number in receipt
    assert code not in receipt
    assert '<a class="govuk-link" href="/">Desk</a>' in receipt
    page(ana.get(f"/cases/{code}"), 404)
    page(ana.get("/erasures"))
    page(ana.get("/"))


def test_everything_and_a_date_that_stays_is_asked_about(cast, code):
    typed = {"choice": "case", "date": acts.critical_date(code, cast)}
    shown = page(cast.client("ana").post(f"/cases/{code}/withdraw", typed), 422)
    assert "“Erase everything” keeps no date. Choose “Erase everything but one date”, or leave this empty." in shown
    with cast.acting("ana"):
        assert not Approval.objects.exists()


def test_of_a_closed_case_a_withdrawal_does_not_say_that_we_stop(cast, code):
    with cast.acting("ana") as ana:
        consent = agree(get_case(ana, code).case, "services", by=ana)
    ana, url = cast.client("ana"), f"/cases/{code}/consents/{consent}/withdraw"
    assert "We stop working on her case." in page(ana.get(url))
    close(cast, code)
    shown = page(ana.get(url))
    assert "We stop working" not in shown
    assert "This case is not worked on any more. Ask her what is to become of what was written down." in shown


def test_pages_of_a_case_with_one_date_left(cast, code):
    acts.erase(cast, code, kept=acts.critical_date(code, cast))
    ana = cast.client("ana")
    for part in (
        "",
        "/timeline",
        "/plan",
        "/people",
        "/facts",
        "/ending",
        "/identity",
        "/looks",
        "/files",
        "/incidents",
    ):
        page(ana.get(f"/cases/{code}{part}"))
    assert "Everything of this case was erased but one date." in page(ana.get(f"/cases/{code}"))
    plant("UPDATE cases_case SET retention_due_on = current_date - 1 WHERE code = %s", code)
    assert code in page(ana.get("/retention"))
    assert ana.post(f"/cases/{code}/ending/rest").status_code == 302
    page(ana.get(f"/cases/{code}"), 404)


def test_a_pause_is_said_and_ended(cast, code):
    ana = cast.client("ana")
    promise = {
        "nonce": uuid4(),
        "kind": "promise",
        "text": "Tell her",
        "due_on": timezone.localdate(),
        "assignee": cast.ana.pk,
    }
    assert ana.post(f"/cases/{code}/tasks", promise).status_code == 302
    assert ana.post(f"/cases/{code}/withdraw", {"choice": "pause"}).status_code == 302
    assert "she wants nobody to call her" in page(ana.get(f"/cases/{code}"))
    page(ana.post(f"/cases/{code}/call"), 409)
    overview, arm = page(ana.get(f"/cases/{code}")), page(ana.get(f"/cases/{code}/arm"))
    for shown in (overview, arm):
        assert "She wants nobody to call her now. End the pause first" in shown
    assert f"/cases/{code}/call" not in overview
    assert f"/cases/{code}/arm" not in overview
    assert "Let her be reached" not in arm
    page(ana.post(f"/cases/{code}/arm", {"proposed": "immediate_risk"}), 422)
    desk = page(ana.get("/"))
    assert "Paused: nobody calls her" in desk
    assert f"/cases/{code}/call" not in desk
    assert ana.post(f"/cases/{code}/resume").status_code == 302
    assert f"/cases/{code}/call" in page(ana.get("/"))
    assert "Let her be reached" in page(ana.get(f"/cases/{code}/arm"))
    assert ana.post(f"/cases/{code}/call").status_code in {200, 302}
    assert ana.post(f"/cases/{code}/withdraw", {"choice": "hand_over"}).headers["Location"] == f"/cases/{code}/copy"


def close(cast, code):
    with cast.acting("ana") as ana:
        pk = get_case(ana, code).case.pk
    plant("UPDATE cases_case SET risk = 'standard' WHERE id = %s", pk)
    plant("DELETE FROM cases_reminder")
    plant("DELETE FROM cases_deadline WHERE case_id = %s", pk)
    with cast.acting("ana"):
        database.value("case_close", pk, CaseState.CLOSED, ClosureReason.NEEDS_MET, LegalOutcome.NONE)


def test_what_was_kept_long_enough_is_proposed_and_held_back(cast, code):
    close(cast, code)
    ana, lana, koka = cast.client("ana"), cast.client("lana"), cast.client("koka")
    assert "Milica Petrović" in page(copy(ana, code))  # also of a closed case
    assert code not in page(ana.get("/retention"))
    plant("UPDATE cases_case SET retention_due_on = current_date - 1 WHERE code = %s", code)
    assert code in page(ana.get("/retention"))
    shown = page(koka.get("/retention"))
    assert code in shown
    assert "nobody has decided yet" in shown
    assert lana.post(f"/cases/{code}/hold", {"reason": "claim"}).status_code == 302
    assert "A claim may still be raised" in page(ana.get(f"/cases/{code}/ending"))
    page(ana.post(f"/cases/{code}/ending/erase"), 409)
    assert ana.post(f"/cases/{code}/hold/lift").status_code == 302
    until = timezone.localdate() + timedelta(days=100)
    assert ana.post(f"/cases/{code}/ending/keep", {"until": until.isoformat()}).status_code == 302
    page(ana.post(f"/cases/{code}/ending/keep", {"until": "2001-01-01"}), 422)
    page(ana.post(f"/cases/{code}/ending/keep", {"until": until.isoformat()}), 409)
