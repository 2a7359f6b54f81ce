"""The deputy of a protected case sees when something is due and whose it is, and nothing of what happened: no code either."""

from uuid import uuid4

import pytest

from cases.access import get_case
from cases.choices import CaseRole
from cases.services import incidents
from cases.services.links import add_country
from tests.cases.helpers import agree, assign, rate
from tests.security.attack import rewritten, run
from tests.security.test_protected import code, protect  # noqa: F401 - the fixture

KEPT = ("cases_incident", "cases_consent", "cases_casejurisdiction", "cases_riskassessment", "cases_timelineentry")


@pytest.fixture
def told(cast, code):  # noqa: F811 - the fixture of the other file
    """A protected case with something of everything; Ceca is its deputy."""
    protect(cast, code)
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        codes = {"types": ["doxxing"], "contexts": ["public_figure_context"], "platforms": [], "outcomes": []}
        incidents.write_incident(case=case, nonce=uuid4(), codes=codes, text="x", names="", by=ana)
        agree(case, "contact", by=ana)
        add_country(case=case, country="RS", entity="", reason="lives", by=ana)
    rate(cast, code, "high")
    assign(cast, code, "ceca", CaseRole.DEPUTY)
    return code


def seen(cast) -> list[int]:
    cast.again("ceca")
    with cast.acting("ceca"):
        return [run(f"SELECT count(*) FROM {table}")[0][0] for table in KEPT]


def test_postgresql_keeps_the_records_from_her(cast, told):
    assert seen(cast) == [0] * len(KEPT)
    with rewritten("deputised", "a.role = 'deputy'", "false"):  # the attacker's half
        assert 0 not in seen(cast)


def test_her_pages_say_what_she_is_and_what_is_due(cast, told):
    client = cast.client("ceca")
    overview = client.get(f"/cases/{told}").content.decode()
    assert "You are the deputy of this protected case." in overview
    assert f"/cases/{told}/people" in overview
    for section in ("incidents", "timeline", "consents", "facts", "files", "plan", "risk"):
        assert f'href="/cases/{told}/{section}"' not in overview
        page = client.get(f"/cases/{told}/{section}")
        words = page.content.decode()
        assert "oxxing" not in words, section
        assert page.status_code in {403, 404} or "You are the deputy of this protected case." in words, section
    assert client.get(f"/cases/{told}/print").status_code == 403
    lead = cast.client("ana").get(f"/cases/{told}/incidents").content.decode()
    assert "oxxing" in lead
