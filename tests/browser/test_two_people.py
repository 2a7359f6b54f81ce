"""Acts of two in the browser: announced where nobody else is there, stopped by a colleague; one identity beyond ten."""

import pytest
from playwright.sync_api import expect

from cases.access import get_case
from cases.choices import CaseRole
from cases.compartments import OpeningReason
from cases.services import identity
from tests.browsers import assert_sound, look
from tests.cases.helpers import assign, open_case
from tests.security.test_quorum import asked, away, minor, pass_delay  # noqa: F401 - minor is the fixture

pytestmark = pytest.mark.browser


def test_what_is_announced_can_be_stopped_by_anybody_and_says_by_whom(cast, definer, minor, signed_in):  # noqa: F811 - the fixture
    question = asked(cast, minor)
    away(definer, "boba")
    ana = signed_in("ana")
    main = ana.get_by_role("main")
    ana.goto(f"/cases/{minor}/second/{question.pk}")
    ana.get_by_role("button", name="Announce it").click()
    expect(main).to_contain_text("It can be done from")
    koka = signed_in("koka")
    koka.goto("/two-people")
    look(koka, "two-people")
    koka.get_by_role("button", name="Stop it").click()
    expect(koka.get_by_role("main")).to_contain_text("Koka stopped it")
    ana.goto("/")
    expect(main).to_contain_text("Koka stopped what you announced. Nothing was changed.")
    assert_sound(ana)
    ana.goto(f"/cases/{minor}/second/{question.pk}")
    ana.get_by_role("button", name="Announce it").click()
    pass_delay(definer)
    ana.goto("/two-people")
    ana.get_by_role("button", name="Do it now").click()
    expect(main).to_contain_text("It was done. Review by")
    assert definer.execute("SELECT minor FROM cases_case WHERE code = %s", [minor]).fetchone() == ("no",)
    koka.goto("/two-people")
    koka.reload()
    expect(koka.get_by_role("main")).to_contain_text("It was done. Review by")


def test_an_eleventh_identity_is_opened_once_a_second_person_agreed(cast, signed_in):
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    for _look in range(10):
        with cast.acting("ana") as person:
            case = get_case(person, code).case
            identity.open_card(case=case, reason=OpeningReason.CONTACT, text="", by=person)
            identity.close_card(case=case, by=person)
    ana = signed_in("ana")
    main = ana.get_by_role("main")
    ana.goto(f"/cases/{code}/identity")
    expect(main).to_contain_text("You have opened ten identities within a day")
    expect(ana.get_by_role("button", name="Open the identity card")).to_have_count(0)
    main.get_by_role("textbox").fill("The court asks today.")
    ana.get_by_role("button", name="Ask a second person").click()
    expect(main).to_contain_text("Once she agrees you can open the card")
    boba = signed_in("boba")
    boba.get_by_role("link", name="Open one more identity today").first.click()
    expect(boba.get_by_role("main")).to_contain_text("The court asks today.")
    boba.get_by_role("button", name="I agree: do it").click()
    ana.reload()
    ana.get_by_label("To reach her or meet her").check()
    ana.get_by_role("button", name="Open the identity card").click()
    expect(ana.get_by_role("button", name="Close it now")).to_be_visible()
    ana.get_by_role("button", name="Close it now").click()
    ana.goto(f"/cases/{code}/identity")
    expect(main).to_contain_text("You have opened ten identities within a day")
