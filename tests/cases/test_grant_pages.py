"""What the holders of a protected case read while they answer who may open the identity."""

import pytest

from cases.codes import ConsentHow
from cases.compartments import GrantState
from tests.security.attack import plant
from tests.security.granting import PROTECT, approve, ask, case_with_a_card, consent_of

FOUR, DAY, WEEK = 'name="hours" value="4"', 'name="hours" value="24"', 'name="hours" value="168"'


@pytest.fixture
def code(cast):
    code = case_with_a_card(cast)
    plant(PROTECT)
    return code


def read(cast, name, code, grant):
    answer = cast.client(name).get(f"/cases/{code}/identity/for/{grant}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_second_holder_reads_the_time_of_the_first_and_chooses_no_longer_one(cast, code, definer):
    grant = ask(cast, code)
    before = read(cast, "boba", code, grant)
    assert FOUR in before
    assert WEEK in before
    approve(cast, code, grant, hours=24)
    page = read(cast, "boba", code, grant)
    assert "Ana agreed to 1 day: it opens for no longer than that." in page
    assert FOUR in page
    assert DAY in page
    assert WEEK not in page
    typed = {"consent": consent_of(cast, code).pk, "hours": 168}
    url = f"/cases/{code}/identity/for/{grant}/approve"
    assert cast.client("boba").post(url, typed).status_code == 422
    assert cast.client("boba").post(url, {**typed, "hours": 4}).status_code == 302
    row = definer.execute("SELECT state, hours FROM cases_identitygrant").fetchone()
    assert row == (GrantState.ACTIVE, 4)  # the shorter time counts


def test_the_time_of_a_first_approval_that_stands_no_more_binds_nobody(cast, code):
    grant = ask(cast, code)
    approve(cast, code, grant, hours=4)
    plant("UPDATE cases_consent SET expires_at = now() - interval '1 hour' WHERE how = %s", ConsentHow.WRITTEN)
    assert "agreed to" not in read(cast, "boba", code, grant)


def test_only_a_representation_is_confirmed_a_next_time(cast, code):
    said = "the next time another holder confirms"
    for kind, shown in (("grant", False), ("representation", True)):
        grant = ask(cast, code, kind=kind)
        approve(cast, code, grant)
        assert approve(cast, code, grant, "boba") == GrantState.ACTIVE
        assert (said in read(cast, "boba", code, grant)) is shown
        assert cast.client("lana").post(f"/cases/{code}/identity/for/{grant}/end").status_code == 302
