"""The main job: a call becomes a case, a lawyer is assigned, works, and is out again at once."""

from collections import defaultdict
from uuid import uuid4

import pytest
from django.urls import resolve
from playwright.sync_api import Page, expect

from accounts.models import PublicKey
from cases.access import get_case, get_request
from cases.access.handover import collect
from cases.access.walls import list_walls
from cases.choices import CaseRole, RequestState
from cases.codes import MoveReason
from cases.compartments import ErasureReason, WallReason
from cases.models import Assignment, CaseFile, LetterTemplate, ShiftHandover
from cases.services.answering import end_request
from cases.services.assignment import offer_assignment
from cases.services.erasing import erase_request
from cases.services.files import add_file
from cases.services.handover import give
from cases.services.letters import add_template
from cases.services.moves import ask_move
from cases.services.profiles import save_profile
from cases.services.walls import keep_out
from tests.accounts.authenticator import stored_passkey
from tests.browser.conftest import fill_sign_in
from tests.browser.test_consents import consent_of
from tests.browser.test_identity import card_of
from tests.browser.test_plan import plan_for
from tests.browsers import carry_axe, faults, photograph
from tests.cases.helpers import SLIP, armed_for, assign, log, open_case, record_of, upload
from tests.keepers import keepers_for
from tests.security.attack import plant
from tests.security.matrix import MATRIX

pytestmark = pytest.mark.browser


def log_a_call(page: Page) -> str:
    """Log a request; returns its code."""
    page.get_by_role("link", name="Log a request").first.click()
    page.get_by_label("Safe number or address to reach her").fill("+381 60 111 222")
    page.get_by_label("Neutral word").fill("library")
    page.get_by_label("What happened, in her words").fill("My pictures are in a group. I am Milica.")
    page.get_by_role("button", name="Log the request").click()
    expect(page.locator("#messages")).to_contain_text("was logged under the code")
    return page.locator("#messages").inner_text().split("code ")[1].strip(" .")


def accept(page: Page, code: str) -> str:
    """Acknowledge and accept a request; returns the code of the case."""
    page.locator("#messages").get_by_role("link", name=code).click()
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_role("button", name="Accept as a case").click()
    page.get_by_label("Working title").fill("Pictures in a group")
    page.get_by_label("Her words, looked through").fill("Pictures of her are in a group.")
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Pictures in a group")
    return page.url.rsplit("/", 1)[1]


def ask(page: Page, role: str, person: str) -> None:
    page.get_by_role("link", name="Ask somebody onto the case").click()
    page.get_by_label(role, exact=True).check()
    page.get_by_role("button", name="Next: choose the person").click()
    page.get_by_label(person, exact=True).check()
    if role == "Lawyer":
        page.get_by_label("The names are not known").check()
    page.get_by_role("button", name="Ask her").click()
    expect(page.locator("#messages")).to_contain_text("She was asked")


@pytest.fixture
def ready(cast):
    cast.intake()
    cast.vouch("boba", "lana")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_from_the_call_to_the_end_of_the_assignment(cast, ready, signed_in, scripts):
    ana = signed_in("ana", java_script_enabled=scripts)
    request = log_a_call(ana)
    case = accept(ana, request)
    ana.get_by_role("button", name="Call her").click()
    expect(ana.get_by_role("main")).to_contain_text("+381 60 111 222")
    ana.get_by_label("Nobody answered").check()
    ana.get_by_role("button", name="End the call").click()
    expect(ana.get_by_role("main")).not_to_contain_text("+381 60 111 222")
    ana.get_by_label("Note", exact=True).fill("She wants to be called after nine.")
    ana.get_by_role("button", name="Save the note").click()
    expect(ana.locator("#messages")).to_contain_text("The note was saved.")
    ana.get_by_text("Set a date").first.click()
    ana.get_by_label("Due on").fill("2030-01-15")
    ana.get_by_label("What is due").fill("Private action")
    ana.get_by_role("button", name="Set the date").click()
    expect(ana.get_by_role("main")).to_contain_text("15 Jan 2030")
    ask(ana, "Backup", "Boba")
    ana.goto(f"/cases/{case}")
    ask(ana, "Lawyer", "Lana")

    lana = signed_in("lana", java_script_enabled=scripts)
    expect(lana.get_by_role("main")).to_contain_text(case)
    assert lana.goto(f"/cases/{case}").status == 404
    lana.goto("/")
    lana.get_by_role("button", name=f"Read the conflict slip {case}").click()
    expect(lana.get_by_role("main")).to_contain_text("The names are not known yet.")
    lana.get_by_role("button", name="No conflict").click()
    lana.get_by_role("button", name=f"Accept {case}").click()
    lana.get_by_role("link", name="My cases").click()
    lana.get_by_role("link", name=case).click()
    main = lana.get_by_role("main")
    expect(main).to_contain_text("She wants to be called after nine.")
    expect(main).to_contain_text("Pictures of her are in a group.")
    for hidden in ("+381", "Milica", "Reach her"):
        expect(main).not_to_contain_text(hidden)
    lana.get_by_label("Kind of note").select_option(label="Legal note")
    lana.get_by_label("Note", exact=True).fill("Three months from the day she learned who did it.")
    lana.get_by_role("button", name="Save the note").click()
    expect(main).to_contain_text("Legal note")

    ana.goto(f"/cases/{case}/people")
    ana.get_by_role("link", name="End Lana").click()
    ana.get_by_label("Work done").check()
    ana.get_by_role("button", name="End her access").click()
    expect(ana.locator("#messages")).to_contain_text("Her access has ended")
    assert lana.reload().status == 404
    lana.goto("/cases/")
    expect(lana.get_by_role("main")).to_contain_text("No cases here.")


def test_nothing_typed_is_lost_when_the_form_is_refused(cast, ready, signed_in):
    ana = signed_in("ana")
    ana.goto("/requests/new")
    ana.get_by_label("What happened, in her words").fill("A long story.")
    ana.get_by_label("Day she found out").fill("2999-01-01")
    ana.get_by_role("button", name="Log the request").click()
    expect(ana.get_by_role("alert")).to_contain_text("This lies in the future.")
    assert ana.get_by_label("What happened, in her words").input_value() == "A long story."
    expect(ana.get_by_label("Day she found out")).to_have_value("2999-01-01")


def test_a_double_click_logs_one_request(cast, ready, signed_in, definer):
    for scripts in (True, False):
        ana = signed_in("ana", java_script_enabled=scripts)
        ana.goto("/requests/new")
        ana.get_by_label("What happened, in her words").fill("Once.")
        ana.get_by_role("button", name="Log the request").dblclick()
        expect(ana.locator("#messages")).to_contain_text("was logged")
    assert definer.execute("SELECT count(*) FROM cases_helprequest").fetchone() == (2,)


def test_an_ended_session_gives_back_what_was_typed(cast, ready, signed_in, definer):
    ana = signed_in("ana")
    ana.goto("/requests/new")
    ana.get_by_label("What happened, in her words").fill("Typed before the session ended.")
    definer.execute("DELETE FROM accounts_session")
    ana.get_by_role("button", name="Log the request").click()
    expect(ana.get_by_role("heading", level=1)).to_contain_text("session")
    fill_sign_in(ana, cast, "ana")
    ana.get_by_role("button", name="Send what you typed again").click()
    expect(ana.locator("#messages")).to_contain_text("was logged")
    assert definer.execute("SELECT count(*) FROM cases_helprequest").fetchone() == (1,)


# Every page that somebody who is signed in can open, by somebody who may. {names} are filled in from `places`.
PAGES = {
    "ana": ["/", "/requests/", "/requests/new", "/requests/paste", "/requests/{request}",
            "/requests/{request}/accept", "/requests/{request}/risk", "/requests/{request}/end",
            "/requests/{request}/end?state=referred_out", "/requests/{request}/walls", "/requests/{request}/change", "/contacts/", "/cases/",
            "/cases/{case}", "/cases/{case}/timeline", "/cases/{case}/looks", "/cases/{case}/people", "/cases/{case}/people/ask", "/cases/{case}/people/ask?role=lawyer",
            "/cases/{case}/people/{assignment}/end", "/cases/{case}/people/{assignment}/slip",
            "/cases/{case}/people/{assignment}/until", "/cases/{case}/walls/new", "/cases/{case}/walls/{wall}/lift", "/cases/{case}/protect", "/cases/{case}/lead/hand-over", "/cases/{case}/review",
            "/people/load", "/account/work", "/supervision", "/supervision/exposure", "/supervision/exposure/{ward}", "/account", "/account/password", "/account/second", "/account/devices", "/account/devices/passkey", "/account/devices/{device}/name", "/account/devices/{device}/remove", "/vouch", "/vouch/{key}",
            "/key-keepers/{keeper}/confirm", "/key-hand-overs", "/two-people",
            "/teams", "/teams/add", "/teams/intake/remove/{member}", "/team-keys", "/confirm", "/nowhere",
            "/duty", "/duty/new", "/duty/week", "/duty/away", "/cases/{case}/arm",
            "/cases/{case}/facts", "/cases/{case}/texts/told", "/cases/{case}/minor", "/cases/{case}/close",
            "/cases/{closed}", "/cases/{closed}/reopen", "/cases/{case}/second/{approval}", "/completeness",
            "/cases/{case}/identity", "/cases/{case}/identity/add", "/cases/{case}/identity/{entry}", "/cases/{case}/identity/for/{grant}",
            "/cases/{case}/consents", "/cases/{case}/consents/print", "/cases/{case}/consents/ask/referral", "/cases/{case}/consents/{consent}/withdraw", "/cases/{case}/consents/{consent}/error",
            "/cases/{case}/incidents", "/cases/{case}/incidents/new", "/cases/{case}/incidents/{incident}",
            "/cases/{case}/copy", "/cases/{case}/withdraw", "/cases/{case}/ending", "/requests/{ended}/erase", "/retention", "/erasures",
            "/erasures/{receipt}",
            "/cases/{case}/files", "/cases/{case}/files/{file}/remove", "/cases/{case}/print", "/cases/{case}/letter",
            "/cases/{case}/letter?template=employer_fabricated", "/letters", "/letters/new", "/letters/{letter}", "/search", "/housekeeping",
            "/cases/{case}/plan", "/cases/{case}/plan?show=settled", "/cases/{case}/tasks/{task}",
            "/cases/{case}/safety-plan", "/cases/{case}/safety-plan/print", "/cases/{case}/risk",
            "/cases/{case}/risk/questions", "/cases/{case}/call", "/cases/{case}/reach", "/cases/{case}/dates/{date}"],
    "boba": ["/duty", "/duty/calls/{attempt}", "/handover", "/handover/{handover}"],
    "lana": ["/", "/cases/", "/cases/{case}", "/cases/{case}/ending", "/offers/{offer}/slip"],
    "koka": ["/", "/board", "/retention", "/retention/{unheld}/give", "/erasures", "/duty", "/board/{case}/move", "/people/{person}/work", "/hours", "/projects", "/log", "/log/reading",
             "/leaving", "/leaving/{departed}"],
    "vera": ["/", "/people", "/people/invite", "/people/{person}", "/people/{person}/deactivate",
             "/key-keepers", "/key-keepers/add", "/key-keepers/{keeper}/retire", "/people/{departed}/hand-over"],
}  # fmt: skip
KEY_PAGES = {"ana": ["/", "/requests/", "/requests/{request}", "/cases/{case}"]}
LOOKS = [
    ("en", "light", 1280, PAGES),
    ("sr", "dark", 320, PAGES),
    ("sq", "light", 320, KEY_PAGES),
    ("sr-latn", "dark", 1280, KEY_PAGES),
]
# Looked at in tests/browser/test_accounts_pages.py before signing in, and in test_passkeys.py; one no person opens.
NOT_SIGNED_IN = {"sign_in", "enrol", "enrol_link", "recover", "recovery_code", "health", "totp_add"}
NOT_SIGNED_IN |= {"keeper", "keeper_code", "keeper_link", "keys_ask", "keys_finish"}
NO_PAGES = {"identity_still"}  # what a page asks by itself


def test_every_page_is_among_those_looked_at():
    places = defaultdict(
        uuid4, request="AAAA-AAAA", case="AAAA-AAAA", closed="AAAA-AAAA", ended="AAAA-AAAA", unheld="AAAA-AAAA"
    )
    addresses = {address.format_map(places).split("?")[0] for pages in PAGES.values() for address in pages}
    looked_at = {resolve(address).view_name for address in addresses - {"/nowhere"}}
    assert looked_at == {
        name for name, method in MATRIX if method == "GET" and name.split(":")[1] not in NOT_SIGNED_IN | NO_PAGES
    }


def erased_and_ended(cast) -> dict[str, object]:
    """A receipt of a request that two erased, and one that Boba has named for erasure."""
    gone, ended, receipt = log(cast), log(cast), None
    for name, code in (("ana", gone), ("boba", gone), ("boba", ended)):
        with cast.acting(name) as person:
            found = get_request(person, code)
            if found.ended_at is None:
                end_request(request=found, state=RequestState.SPAM, by=person)
            done = erase_request(request=found, reason=ErasureReason.HER_WISH, by=person)
            receipt = done or receipt
    return {"ended": ended, "receipt": receipt}


def date_of_nobody(cast) -> str:
    """What is left of an erased case whose lead has left."""
    code = open_case(cast, lead="boba")
    shell = "state = 'erased', closed_at = now(), closed_by_id = opened_by_id, retention_due_on = current_date + 9"
    plant(f"UPDATE cases_case SET {shell} WHERE code = %s", code)
    of_it = "case_id = (SELECT id FROM cases_case WHERE code = %s)"
    plant(
        f"UPDATE cases_assignment SET state = 'ended', ended_at = now(), end_reason = 'deactivated' WHERE {of_it}", code
    )
    plant(
        "DELETE FROM cases_caseuserpermission WHERE content_object_id = (SELECT id FROM cases_case WHERE code = %s)",
        code,
    )
    return code


@pytest.fixture
def places(cast, ready) -> dict[str, object]:
    """What the addresses of PAGES name."""
    case = open_case(cast)
    assign(cast, case, "lana", voucher="")
    request = log(cast, in_danger_now=True, minor="material")
    with cast.acting("ana"):
        assignment = Assignment.objects.get(user=cast.lana).pk
        person = cast.ceca
    cast.vouch("boba", "ceca")
    ljilja = cast.ljilja
    with cast.acting("ana"):
        key = PublicKey.objects.get(user=ljilja).pk
    asked = open_case(cast, lead="boba")
    with cast.acting("boba") as boba:
        opened = get_case(boba, asked)
        offer = offer_assignment(case=opened.case, person=cast.lana, role=CaseRole.LAWYER, slip=SLIP, by=boba).pk
    with cast.acting("ceca") as ceca:
        save_profile(person=person, values={"languages": ["sr"], "supervisor": cast.ana}, by=ceca)
    with cast.acting("koka") as koka:
        ask_move(code=case, person=person, role=CaseRole.CASEWORKER, reason=MoveReason.OVERLOADED, by=koka)
    attempt = armed_for(cast, case, "boba")
    with cast.acting("ana") as ana:
        kept = get_case(ana, case).case
        keep_out(case=kept, person=cast.ljilja, reason=WallReason.KNOWS, text="A cousin.", second=False, by=ana)
        wall = list_walls(kept.pk)[0].id
    with cast.acting("ana") as ana:
        give(nonce=uuid4(), to=cast.boba, words="A long night.", found=collect(ana), by=ana)
        handover = ShiftHandover.objects.get().pk
        add_file(case=get_case(ana, case).case, new=upload(), by=ana)
        file = CaseFile.objects.get().pk
        add_template(nonce=uuid4(), kind="letter", language="en", title="Ours", body="{date}", by=ana)
        letter = LetterTemplate.objects.get().pk
    found = {
        "case": case,
        "request": request,
        "attempt": attempt,
        "member": cast.boba.pk,
        "wall": wall,
        "handover": handover,
        **plan_for(cast, case),
        **card_of(cast, case),
        **consent_of(cast, case),
        "assignment": assignment,
        "key": key,
        "person": cast.lana.pk,
        "offer": offer,
        "ward": person.pk,
        "file": file,
        "letter": letter,
        "device": stored_passkey(cast, "ana"),
        **erased_and_ended(cast),
        "unheld": date_of_nobody(cast),
    }
    return {**found, **record_of(cast, case), **keepers_for(cast)}


# The card that Ana opened is open where she looks at the pages.
CARD_IN_THIS_BROWSER = (
    "UPDATE cases_identityopening o SET session_hash = s.session_hash, closes_at = clock_timestamp() + interval '5 minutes'"
    " FROM accounts_session s JOIN accounts_user u ON u.id = s.user_id WHERE o.person_id = u.id AND u.login_name = %s"
    " AND s.created_at = (SELECT max(l.created_at) FROM accounts_session l WHERE l.user_id = u.id)"
)


@pytest.mark.parametrize(("language", "scheme", "width", "pages"), LOOKS, ids=[look[0] for look in LOOKS])
def test_every_page_is_sound(places, signed_in, language, scheme, width, pages):
    wrong = []
    for name, addresses in pages.items():
        page = signed_in(name, color_scheme=scheme, viewport={"width": width, "height": 800})
        page.context.add_cookies([{"name": "language", "value": language, "url": page.url}])
        carry_axe(page)
        plant(CARD_IN_THIS_BROWSER, name)
        for address in addresses:
            nowhere = address == "/nowhere"
            status = page.goto(address.format_map(places)).status
            photograph(
                page, f"{name}-{address.strip('/').replace('/', '-')[:30] or 'desk'}-{language}-{scheme}-{width}"
            )
            found = faults(page, but="status of 404" if nowhere else "")
            if status != (404 if nowhere else 200):
                found.append(f"status {status}")
            if page.locator("html").get_attribute("lang").lower() != language:
                found.append("another language")
            wrong += [f"{name} {address}: {fault}" for fault in found]
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)
