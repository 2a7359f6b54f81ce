"""She wants to stop: what is said first, two who agree, the receipt; her copy; what was kept long enough."""

import pytest
from playwright.sync_api import expect

from accounts import database
from cases.access import get_case
from cases.choices import CaseState
from cases.codes import ClosureReason, LegalOutcome
from tests.browsers import faults, look, photograph
from tests.cases import erasing as acts
from tests.keepers import begin, give, make_copies, stop_as_keeper, three_keepers
from tests.security.attack import plant

pytestmark = pytest.mark.browser


@pytest.fixture
def code(cast):
    cast.intake()
    return acts.full_case(cast)


def looked_at(page, name: str) -> None:
    photograph(page, name)
    assert faults(page) == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_from_her_wish_to_the_receipt(cast, code, signed_in, scripts):
    ana, boba = (signed_in(name, java_script_enabled=scripts) for name in ("ana", "boba"))
    ana.goto(f"/cases/{code}/facts")
    ana.get_by_role("link", name="She wants to stop").click()
    main = ana.get_by_role("main")
    expect(main).to_contain_text("Private motion")
    expect(main).to_contain_text("a right may be lost for ever")
    expect(main).to_contain_text("Sealed backups hold her data until")
    if scripts:
        looked_at(ana, "withdraw")
    ana.get_by_role("button", name="Do what she chose").click()
    expect(ana.get_by_role("alert")).to_be_visible()
    ana.get_by_label("Erase everything", exact=True).check()
    ana.get_by_role("button", name="Do what she chose").click()
    expect(ana.locator("#messages")).to_contain_text("A second person was asked.")
    boba.goto("/")
    boba.goto(ana.url)
    expect(boba.get_by_role("main")).to_contain_text("Nobody can bring it back")
    boba.get_by_role("button", name="I agree: do it").click()
    expect(boba.get_by_role("heading", level=1)).to_contain_text("Receipt")
    expect(boba.get_by_role("main")).not_to_contain_text(code)
    if scripts:
        looked_at(boba, "receipt")
    assert ana.goto(f"/cases/{code}").status == 404
    ana.goto("/")
    told = ana.get_by_role("listitem").filter(has_text="The erasure you asked for was done.")
    if scripts:
        ana.complaints.clear()  # the 404 before
        look(ana, "desk-erased")
    told.get_by_role("link").click()
    expect(ana.get_by_role("heading", level=1)).to_contain_text("Receipt")
    ana.goto("/erasures")
    expect(ana.get_by_role("main")).to_contain_text("She asked for it")


def test_her_copy_as_a_page_and_as_a_file(cast, code, signed_in):
    ana = signed_in("ana")
    ana.goto(f"/cases/{code}/copy")
    looked_at(ana, "copy-choose")
    ana.get_by_label("She called at night.").check()
    ana.get_by_role("button", name="Make the copy").click()
    main = ana.get_by_role("main")
    expect(main).to_contain_text("Milica Petrović")
    expect(main).to_contain_text("She called at night.")
    expect(main).not_to_contain_text("Lana")
    looked_at(ana, "copy-page")
    ana.goto(f"/cases/{code}/copy")
    ana.get_by_label("A plain text file").check()
    ana.get_by_role("button", name="Make the copy").click()
    expect(main).to_contain_text("A copy was made")
    looked_at(ana, "copy-made")
    with ana.expect_download() as waiting:
        ana.get_by_role("button", name="Save the file").click()
    assert waiting.value.suggested_filename == "copy.txt"


def test_what_was_kept_long_enough_is_decided_by_two(cast, code, signed_in, definer):
    with cast.acting("ana") as ana:
        pk = get_case(ana, code).case.pk
    plant("UPDATE cases_case SET risk = 'standard' WHERE id = %s", pk)
    plant("DELETE FROM cases_reminder")
    plant("DELETE FROM cases_deadline WHERE case_id = %s", pk)
    with cast.acting("ana"):
        database.value("case_close", pk, CaseState.CLOSED, ClosureReason.NEEDS_MET, LegalOutcome.NONE)
    plant("UPDATE cases_case SET retention_due_on = current_date - 2 WHERE id = %s", pk)
    koka, ana, boba = (signed_in(name) for name in ("koka", "ana", "boba"))
    koka.goto("/board")
    koka.get_by_role("link", name="What was kept long enough").click()
    expect(koka.get_by_role("main")).to_contain_text("nobody has decided yet")
    looked_at(koka, "retention-house")
    ana.goto("/retention")
    ana.get_by_role("link", name=code).click()
    looked_at(ana, "ending")
    ana.get_by_role("button", name="Erase it: ask a second person").click()
    expect(ana.locator("#messages")).to_contain_text("A second person was asked.")
    boba.goto(ana.url)
    boba.get_by_role("button", name="I agree: do it").click()
    expect(boba.get_by_role("main")).to_contain_text("It was kept long enough")
    assert definer.execute("SELECT count(*) FROM cases_case").fetchone() == (0,)


def test_what_a_keeper_stopped_is_said_where_it_would_have_run(cast, signed_in):
    cast.intake()
    codes = three_keepers(cast)
    make_copies(cast, "ana")
    give(codes[0], begin())
    stop_as_keeper(codes[2])
    for name, page in (("ana", "/account"), ("vera", "/key-keepers")):
        hers = signed_in(name)
        hers.goto(page)
        expect(hers.get_by_role("main")).to_contain_text("Stopped by a key keeper, Olga, ")
        look(hers, f"stopped-{name}")
