"""A page with an open identity card asks whether it is open still: that is no work, no look, and says nothing else."""

import pytest

from accounts.marks import BACKGROUND_HEADER
from cases.access import get_case
from cases.models import IdentityEntry
from tests.cases.helpers import looking
from tests.security.attack import plant
from tests.security.granting import WALL, case_with_a_card, consent_of, granted
from tests.security.test_consents import withdraw

ALONE = {BACKGROUND_HEADER: "1"}


@pytest.fixture
def code(cast):
    """The card is open to Lana, because the survivor gave her power of attorney."""
    code = case_with_a_card(cast)
    granted(cast, code)
    return code


def asks(client, code):
    answer = client.get(f"/cases/{code}/identity/still", headers=ALONE)
    assert answer.content == b""
    return answer.status_code


def test_the_page_of_an_open_card_names_where_it_asks(cast, code):
    page = looking(cast, "lana", code).get(f"/cases/{code}/identity").content.decode()
    assert f'data-asks="/cases/{code}/identity/still"' in page
    with cast.acting("ana") as ana:
        entry = IdentityEntry.objects.filter(case=get_case(ana, code).case).first().pk
    client = looking(cast, "ana", code)
    page = client.get(f"/cases/{code}/identity/{entry}").content.decode()
    assert f'data-asks="/cases/{code}/identity/still"' in page
    assert page.index("data-goes-when-closed") < page.index('name="value"') < page.index("data-closes-in")
    client.post(f"/cases/{code}/identity/close")
    assert "data-asks" not in client.get(f"/cases/{code}/identity").content.decode()


@pytest.mark.parametrize("how", ["withdrawn", "walled", "closed", "over"])
def test_it_is_open_until_it_is_not_whatever_the_reason(cast, code, how):
    client = looking(cast, "lana", code)
    assert asks(client, code) == 204
    if how == "withdrawn":
        withdraw(cast, code, consent_of(cast, code).pk)
    elif how == "walled":
        plant(WALL, cast.lana.pk)
    elif how == "closed":
        client.post(f"/cases/{code}/identity/close")
    else:
        plant("UPDATE cases_identityopening SET closes_at = clock_timestamp() - interval '1 second'")
    assert asks(client, code) == 205


def test_it_is_no_work_and_no_look(cast, code, definer):
    client = looking(cast, "lana", code)
    plant("UPDATE accounts_session SET expires_at = expires_at - interval '20 minutes' WHERE data <> ''")
    limit, log = "SELECT max(expires_at) FROM accounts_session", "SELECT count(*) FROM accounts_auditevent"
    looks = "SELECT count(*), max(closes_at) FROM cases_identityopening"
    before = [definer.execute(one).fetchone() for one in (limit, log, looks)]
    assert asks(client, code) == 204
    assert [definer.execute(one).fetchone() for one in (limit, log, looks)] == before


def test_nobody_else_learns_anything_from_it(cast, code):
    for name in ("ana", "ceca", "koka"):
        client = cast.client(name)
        assert {asks(client, code), asks(client, "ZZZZ-ZZZZ")} == {205}
