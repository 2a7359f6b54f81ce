"""Must not see and protected cases in the browser: set while logging and on a case, lifted and taken off by two."""

import pytest
from playwright.sync_api import expect

from cases.choices import CaseRole
from tests.browsers import assert_sound, photograph
from tests.cases.helpers import assign, open_case

pytestmark = pytest.mark.browser


@pytest.fixture
def code(cast):
    """Ana leads, Boba is the backup, Ceca works on it."""
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    assign(cast, code, "ceca", CaseRole.CASEWORKER)
    return code


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_she_names_somebody_while_the_request_is_logged(cast, signed_in, scripts):
    cast.intake()
    ana = signed_in("ana", java_script_enabled=scripts)
    ana.goto("/requests/new")
    ana.get_by_text("She names somebody here who must not read it, or needs protection").click()
    ana.get_by_label("Boba", exact=True).check()
    ana.get_by_label("Why, in her words").fill("Her neighbour")
    ana.get_by_label("She needs special protection").check()
    ana.get_by_label("What happened, in her words").fill("My pictures are in a group.")
    if scripts:
        photograph(ana, "wall-logging")
        assert_sound(ana)
    ana.get_by_role("button", name="Log the request").click()
    expect(ana.locator("#messages")).to_contain_text("was logged under the code")
    request = ana.locator("#messages").inner_text().split("code ")[1].strip(" .")
    boba = signed_in("boba", java_script_enabled=scripts)
    boba.goto("/requests/")
    expect(boba.get_by_role("main")).not_to_contain_text(request)
    assert boba.goto(f"/requests/{request}").status == 404
    ana.goto(f"/requests/{request}")
    ana.get_by_role("link", name="Who must not see it").click()
    expect(ana.get_by_role("main")).to_contain_text("Boba – The survivor named her")
    expect(ana.get_by_role("main")).to_contain_text("Her neighbour")
    ana.get_by_role("button", name="Ask that she may see it again Boba").click()
    expect(ana.get_by_role("main")).to_contain_text("Another member of the team has to agree")


def test_somebody_is_kept_out_of_a_case_and_two_let_her_in_again(cast, code, signed_in):
    ceca = signed_in("ceca")
    assert ceca.goto(f"/cases/{code}").status == 200
    ana = signed_in("ana")
    ana.goto(f"/cases/{code}/people")
    ana.get_by_role("button", name="Keep somebody out").click()
    ana.get_by_label("Who must not see it?").select_option(label="Ceca")
    ana.get_by_role("button", name="Keep her out").click()
    expect(ana.get_by_role("alert")).to_be_visible()
    ana.get_by_label("She knows somebody concerned").check()
    ana.get_by_label("In a few words").fill("Her cousin.")
    photograph(ana, "wall-set")
    assert_sound(ana, but="status of 422")
    ana.get_by_role("button", name="Keep her out").click()
    main = ana.get_by_role("main")
    expect(main).to_contain_text("Ceca – She knows somebody concerned")
    expect(main).to_contain_text("Her cousin.")
    photograph(ana, "wall-people")
    assert_sound(ana, but="status of 422")
    ceca.goto(f"/cases/{code}")
    expect(ceca.get_by_role("main")).not_to_contain_text("Group")
    ana.get_by_role("link", name="Let her see it again").click()
    ana.get_by_label("Why", exact=True).fill("They made peace.")
    ana.get_by_role("button", name="Ask a second person").click()
    expect(ana.get_by_role("main")).to_contain_text("A second person is asked, by Ana")
    boba = signed_in("boba", viewport={"width": 320, "height": 800}, color_scheme="dark")
    boba.goto(f"/cases/{code}/people")
    boba.get_by_role("link", name="A second person is asked, by Ana").click()
    expect(boba.get_by_role("main")).to_contain_text("They made peace.")
    expect(boba.get_by_role("main")).to_contain_text("Ceca")
    photograph(boba, "wall-lift")
    assert_sound(boba)
    boba.get_by_role("button", name="I agree: do it").click()
    expect(boba.locator("#messages")).to_contain_text("You agreed. It is done.")
    boba.goto(f"/cases/{code}/people")
    expect(boba.get_by_role("main")).to_contain_text("Nobody is kept out.")


def test_a_case_is_protected_by_one_and_unprotected_by_two(cast, code, signed_in):
    ana = signed_in("ana")
    ana.goto(f"/cases/{code}/facts")
    ana.get_by_label("She comes to us as").select_option(label="Journalist")
    ana.get_by_role("button", name="Save the facts").click()
    ana.get_by_role("link", name="Protect this case").click()
    photograph(ana, "protect")
    assert_sound(ana)
    ana.get_by_role("button", name="Protect it").click()
    main = ana.get_by_role("main")
    expect(ana.locator("#messages")).to_contain_text("named holders only")
    expect(ana.get_by_label("She comes to us as")).to_have_value("journalist")
    expect(main).to_contain_text("A protected fact was changed")
    photograph(ana, "protected-facts")
    assert_sound(ana)
    koka = signed_in("koka")
    koka.goto("/board")
    expect(koka.get_by_role("main")).not_to_contain_text(code)
    ana.get_by_role("link", name="Take the protection off").click()
    ana.get_by_label("Why", exact=True).fill("She is not known after all.")
    ana.get_by_role("button", name="Ask a second person").click()
    boba = signed_in("boba")
    boba.get_by_role("link", name="Take the protection off this case").first.click()
    boba.get_by_role("button", name="I agree: do it").click()
    expect(boba.locator("#messages")).to_contain_text("You agreed. It is done.")
    koka.goto("/board")
    expect(koka.get_by_role("main")).to_contain_text(code)
