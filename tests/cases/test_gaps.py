"""What a case misses leads to the place where it is put right."""

import pytest

from accounts.services import people
from cases.access.completeness import list_incomplete
from cases.choices import CaseRole
from cases.views.completeness import with_addresses
from tests.cases.helpers import assign, open_case, rate

UNLED = "nobody leads this case any more"


@pytest.fixture
def code(cast) -> str:
    cast.intake()
    return open_case(cast)


def _lead_to(cast, code) -> set[str]:
    """Where the gaps of the case lead, each looked up on its page."""
    with cast.acting("ana") as ana:
        ((_case, gaps),) = list_incomplete(ana, page=1)[1]
    client, found = cast.client("ana"), set()
    for gap in with_addresses(gaps, code):
        url, _hash, anchor = gap.url.partition("#")
        assert f'id="{anchor}"' in client.get(url).content.decode(), gap
        found.add(gap.url.removeprefix(f"/cases/{code}"))
    return found


def test_each_gap_leads_to_a_place_on_its_page(cast, code):
    found = _lead_to(cast, code)
    assert {"/people#ask", "/risk#ask", "/incidents#happened", "/incidents#countries", "#checklist"} <= found
    assert "/facts#facts_next_review_on" in found


def test_so_do_those_of_a_case_at_high_risk(cast, code):
    rate(cast, code, "high")
    assert "/safety-plan#plan" in _lead_to(cast, code)


def test_that_nobody_leads_is_said_to_everybody_and_put_right_by_whoever_may(cast, code):
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    assign(cast, code, "ceca", CaseRole.SUPERVISOR)
    backup, supervisor = cast.client("boba"), cast.client("ceca")
    for client in (backup, supervisor):
        assert UNLED not in client.get(f"/cases/{code}").content.decode()
    with cast.acting("vera") as vera:
        people.deactivate(person=cast.ana, by=vera)
    link = f'href="/cases/{code}/people#lead">Somebody who leads it: {UNLED}</a>'
    assert link in backup.get(f"/cases/{code}").content.decode()
    assert 'id="lead"' in backup.get(f"/cases/{code}/people").content.decode()
    for address in (f"/cases/{code}", "/completeness"):
        page = supervisor.get(address).content.decode()
        assert UNLED in page, address
        assert "/people#lead" not in page, address
    assert backup.post(f"/cases/{code}/lead").status_code == 302
    assert UNLED not in backup.get(f"/cases/{code}").content.decode()
