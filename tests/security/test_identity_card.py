"""The open card in one look (app.identity_card): each condition bites by itself, and with it off the attacker reads."""

import pytest

from accounts import crypto, database
from cases.access import get_case
from cases.compartments import OpeningReason
from cases.services import identity
from cases.services.sealed.held import NotHeld
from tests.cases.helpers import assign, open_case
from tests.security.attack import plant, rewritten, switched_off
from tests.security.granting import WALL
from tests.security.test_identity import code, instead, look  # noqa: F401 - the case with a card
from tests.security.test_trail import ids

WRAP, TEXTS = 1, 2  # her wrap of the only version; her name and her words
LAST = "UPDATE cases_identityopening SET closes_at = clock_timestamp() + make_interval(secs => %s)"
MAY = instead("may_identify(wanted uuid)", "boolean", "true")


def shown(cast, name, case) -> tuple[int, int]:
    """How many wraps and how many sealed texts PostgreSQL gives to somebody."""
    with cast.acting(name):
        found = database.rows("identity_card", case.pk)
    texts = {(row.record_id, row.field) for row in found if row.payload}
    return len({row.wrap for row in found if row.wrap}), len(texts)


@pytest.fixture
def case(cast, code):  # noqa: F811
    look(cast, "ana", code)
    return ids(cast, code)


def test_she_who_opened_it_reads_it(cast, case):
    assert shown(cast, "ana", case) == (WRAP, TEXTS)


def close(cast, case):
    with cast.acting("ana"):
        database.value("identity_close", case.pk)


def end(cast, case):
    plant(LAST, -1)


def compare_only(cast, case):
    plant("UPDATE cases_identityopening SET kind = 'compare'")


@pytest.mark.parametrize(
    ("ended", "condition"),
    [
        (close, "AND o.closed_at IS NULL"),
        (end, "AND o.closes_at > clock_timestamp()"),
        (compare_only, "AND o.kind = 'card'"),
    ],
)
def test_once_it_is_closed_the_key_comes_alone(cast, case, ended, condition):
    ended(cast, case)
    assert shown(cast, "ana", case) == (WRAP, 0)
    with rewritten("identity_until", condition, ""):
        assert shown(cast, "ana", case) == (WRAP, TEXTS)


def test_it_lasts_to_the_second(cast, case):
    plant(LAST, 1)
    assert shown(cast, "ana", case) == (WRAP, TEXTS)


def test_what_somebody_else_opened_is_closed_to_her(cast, code, case):  # noqa: F811
    assign(cast, code, "boba", role="backup", voucher="")
    assert shown(cast, "boba", case) == (WRAP, 0)
    with rewritten("identity_until", "o.person_id = here.person AND o.session_hash = here.session", "true"):
        assert shown(cast, "boba", case) == (WRAP, TEXTS)


def test_another_card_stays_closed(cast, case):
    other = ids(cast, open_case(cast))
    assert shown(cast, "ana", other) == (WRAP, 0)
    with rewritten("identity_until", "o.case_id = wanted AND", ""):
        assert shown(cast, "ana", other) == (WRAP, 1)


def test_a_wall_takes_key_and_texts(cast, case):
    plant(WALL, cast.ana.pk)
    assert shown(cast, "ana", case) == (0, 0)
    with switched_off(*MAY):
        assert shown(cast, "ana", case) == (WRAP, TEXTS)


def test_who_does_not_see_the_case_reads_nothing(cast, code, case):  # noqa: F811
    assign(cast, code, "boba", role="backup", voucher="")
    plant("DELETE FROM cases_caseuserpermission WHERE user_id = %s", cast.ana.pk)
    assert shown(cast, "ana", case) == (0, 0)
    with rewritten("identity_card", "AND p.user_id = me", ""):
        assert shown(cast, "ana", case) == (WRAP, TEXTS)


@pytest.mark.parametrize("name", ["lana", "ceca", "koka", "vera"])
def test_nobody_else_is_given_anything(cast, code, case, name):  # noqa: F811
    assign(cast, code, "lana")
    person = cast.person(name)
    plant("UPDATE cases_identityopening SET person_id = %s, session_hash = %s", person.user.pk, person.session_hash)
    assert shown(cast, name, case) == (0, 0)
    with switched_off(*MAY), rewritten("identity_card", "AND p.user_id = me", ""):
        assert shown(cast, name, case) == (0, TEXTS)  # sealed, and without a wrap


@pytest.mark.parametrize(
    "condition", ["AND h.user_id = me", "AND h.purpose = 'identity'", "AND t.purpose = 'identity'"]
)
def test_only_her_own_wraps_and_only_the_card(cast, code, case, condition):  # noqa: F811
    assign(cast, code, "boba", role="backup", voucher="")
    assert shown(cast, "ana", case) == (WRAP, TEXTS)
    with rewritten("identity_card", condition, ""):
        assert shown(cast, "ana", case) > (WRAP, TEXTS)


def test_a_wrap_that_was_taken_back_does_not_come(cast, case):
    plant("UPDATE vault_wrap SET state = 'offered' WHERE user_id = %s", cast.ana.pk)
    assert shown(cast, "ana", case) == (0, TEXTS)
    with cast.acting("ana") as ana, pytest.raises(NotHeld):
        identity.read_card(case=get_case(ana, case.code).case, by=ana)
    with rewritten("identity_card", "AND h.state = 'live'", ""):
        assert shown(cast, "ana", case) == (WRAP, TEXTS)


def test_a_text_under_a_key_that_she_lacks_is_no_empty_card(cast, case):
    plant("UPDATE vault_sealed SET key_version = 2 WHERE case_id = %s AND purpose = 'identity'", case.pk)
    with cast.acting("ana") as ana, pytest.raises(crypto.CannotOpen):
        identity.read_card(case=get_case(ana, case.code).case, by=ana)


def test_a_closed_card_is_empty_and_an_open_one_says_what_stands_on_it(cast, code, case):  # noqa: F811
    with cast.acting("ana") as ana:
        card = identity.read_card(case=case, by=ana)
    assert [said["value"] for said in card.said.values()] == ["Milica Petrović"]
    close(cast, case)
    with cast.acting("ana") as ana:
        card = identity.read_card(case=case, by=ana)
    assert (card.said, card.words) == ({}, "")
    look(cast, "ana", code, reason=OpeningReason.CHECK)
    with cast.acting("ana") as ana:
        assert identity.read_card(case=case, by=ana).words
