"""Leaving: a member is taken out of intake and what waits is sealed anew; the hand-over list of somebody who left."""

import pytest
from playwright.sync_api import expect

from accounts.services import people, teams
from tests.browsers import photograph
from tests.cases.helpers import assign, log, open_case
from tests.security.test_team_renewal import intake

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_member_is_taken_out_and_what_waits_is_sealed_anew(cast, signed_in, definer, scripts):
    cast.intake()
    cast.vouch("boba", "ceca")
    with cast.acting("ana") as ana:
        teams.add_member(team=intake(), person=cast.ceca, by=ana)
    codes = [log(cast) for _number in range(3)]
    page = signed_in("ana", java_script_enabled=scripts)
    page.goto("/teams")
    page.get_by_role("link", name="Take out Ceca").click()
    expect(page.get_by_role("main")).to_contain_text("The team gets a new key")
    page.get_by_role("button", name="Take her out").click()
    if not scripts:
        expect(page.get_by_role("status").last).to_contain_text("3 requests wait")
        page.get_by_role("button", name="Go on").click()
    expect(page.locator("#team-keys")).to_contain_text("All requests of your teams are sealed to their present keys.")
    photograph(page, "team-keys")
    page.goto("/teams")
    expect(page.get_by_role("main")).not_to_contain_text("Ceca")
    ceca = signed_in("ceca", java_script_enabled=scripts)
    ceca.goto("/requests/")
    for code in codes:
        expect(ceca.get_by_role("main")).not_to_contain_text(code)
    assert definer.execute("SELECT DISTINCT key_version FROM vault_sealed WHERE request_id IS NOT NULL").fetchall() == [
        (2,)
    ]


def test_the_hand_over_list_of_somebody_who_left(cast, signed_in):
    cast.intake()
    alone, shared = open_case(cast), open_case(cast)
    assign(cast, shared, "boba", role="backup", voucher="")
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.ana, by=vera)
    koka = signed_in("koka")
    koka.goto("/board")
    koka.get_by_role("link", name="Who has left").click()
    koka.get_by_role("link", name="Ana").click()
    main = koka.get_by_role("main")
    expect(main).to_contain_text("only two key keepers can hand them over")
    for code in (alone, shared):
        expect(main).to_contain_text(code)
    expect(main.get_by_role("row", name=alone)).to_contain_text("set aside")
    photograph(koka, "hand-over-list")
    koka.emulate_media(media="print")
    expect(main.get_by_text("Print it with your browser")).to_be_hidden()
    vera = signed_in("vera")
    vera.goto("/people")
    vera.get_by_role("link", name="Ana").click()
    vera.get_by_role("link", name="What she has left behind").click()
    for code in (alone, shared):
        expect(vera.get_by_role("main")).not_to_contain_text(code)
    boba = signed_in("boba")
    expect(boba.get_by_role("main")).to_contain_text("does not work here any more")
    boba.goto(f"/cases/{shared}/people")
    boba.get_by_role("button", name="Take the lead").click()
    expect(boba.locator("#messages")).not_to_be_empty()
    boba.goto("/supervision")
    boba.get_by_role("link", name="Who has left").click()
    boba.get_by_role("link", name="Ana").click()
    expect(boba.get_by_role("main")).to_contain_text(shared)
    expect(boba.get_by_role("main")).not_to_contain_text(alone)
