"""What a case misses leads to the place where it is put right."""

import pytest

from cases.access.completeness import list_incomplete
from cases.views.completeness import with_addresses
from tests.cases.helpers import open_case, rate


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
