"""The log for people, in the browser: who looked at a case, heads and unusual reading."""

import pytest
from playwright.sync_api import expect

from tests.browsers import faults, photograph
from tests.cases.helpers import assign, open_case
from tests.conftest import as_role
from tests.security.test_trail import ids, write

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_who_looked_heads_and_unusual_reading(cast, definer, signed_in, scheme, width):
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "lana")
    for _opening in range(8):
        write(definer, cast.lana, "identity_opened", ids(cast, code).pk)
    cast.person("koka")
    with as_role("worker") as worker:
        worker.execute("SELECT app.anchor_take('Europe/Belgrade', '{one@partner.example}')")
    look = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}

    ana = signed_in("ana", **look)
    ana.goto(f"/cases/{code}")
    ana.get_by_role("link", name="Who looked").click()
    ana.get_by_label("Show").select_option("Who she is")
    ana.get_by_role("button", name="Filter").click()
    expect(ana.get_by_role("main")).not_to_contain_text("Looked at a case")
    expect(ana.get_by_role("main")).to_contain_text("Opened an identity")
    ana.goto(f"/cases/{code}/looks")
    photograph(ana, f"trail-{scheme}-{width}")
    assert faults(ana) == []

    koka = signed_in("koka", **look)
    koka.goto("/log")
    photograph(koka, f"log-{scheme}-{width}")
    assert faults(koka) == []
    koka.get_by_role("main").get_by_role("link", name="Unusual reading").click()
    koka.get_by_text("What the numbers say, and what to do").click()
    expect(koka.get_by_role("main")).to_contain_text("Lana")
    assert code not in koka.content()
    photograph(koka, f"reading-{scheme}-{width}")
    assert faults(koka) == []
