"""Erasing requests: those that became no case, by two of the team, and those that were marked as the same."""

from uuid import uuid4

import pytest
from django.db import DatabaseError

from accounts.exceptions import NotAllowed, WrongState
from cases.access import get_case, get_request, retention
from cases.choices import RequestState
from cases.codes import RequestReason
from cases.compartments import ErasureReason
from cases.models import Erasure
from cases.services import erasing
from cases.services.answering import end_request, mark_duplicate, reopen_request
from tests.cases import erasing as acts
from tests.cases.helpers import log
from tests.security.attack import plant, rewritten, run


@pytest.fixture
def code(cast):
    cast.intake()
    return acts.full_case(cast)


def ended(cast, definer, years=2):
    code = log(cast)
    with cast.acting("ana") as ana:
        found = get_request(ana, code)
        end_request(request=found, state=RequestState.INFORMATION_GIVEN, reason=RequestReason.ANSWERED, by=ana)
    plant("UPDATE cases_helprequest SET ended_at = ended_at - make_interval(years => %s) WHERE code = %s", years, code)
    return code


def erase_request(cast, code, by, reason=ErasureReason.RETENTION):
    with cast.acting(by) as person:
        return erasing.erase_request(request=get_request(person, code), reason=reason, by=person)


def test_a_request_that_became_no_case_goes_by_two_of_its_team(cast, definer):
    cast.intake()
    code = ended(cast, definer)
    (pk,) = definer.execute("SELECT id FROM cases_helprequest").fetchone()
    with cast.acting("ana") as ana:
        assert [row.code for row in retention.list_due_requests(ana)] == [code]
    assert erase_request(cast, code, "ana") is None
    assert erase_request(cast, code, "ana") is None  # twice by one is once
    receipt = erase_request(cast, code, "boba")
    assert receipt
    assert set(acts.rows_naming(definer, pk)) == set(acts.NAMES_IT.items())
    with cast.acting("ana"):
        assert Erasure.objects.get().pk == receipt


def test_a_request_is_not_erased_before_its_time_unless_she_asked(cast, definer):
    cast.intake()
    code = ended(cast, definer, years=0)
    with pytest.raises(NotAllowed):
        erase_request(cast, code, "ana")
    assert erase_request(cast, code, "ana", ErasureReason.HER_WISH) is None
    with cast.acting("boba") as boba:
        erasing.keep_request(request=get_request(boba, code), by=boba)
    assert erase_request(cast, code, "boba", ErasureReason.HER_WISH) is None


def test_a_request_that_was_opened_again_is_named_anew(cast, definer):
    """Otherwise the second of two would be alone with what the first said of another ending."""
    cast.intake()
    code = ended(cast, definer)
    assert erase_request(cast, code, "ana") is None
    with cast.acting("boba") as boba:
        reopen_request(request=get_request(boba, code), by=boba)
    with cast.acting("boba") as boba:
        end_request(request=get_request(boba, code), state=RequestState.SPAM, by=boba)
    assert erase_request(cast, code, "boba", ErasureReason.HER_WISH) is None
    assert definer.execute("SELECT count(*) FROM cases_helprequest").fetchone() == (1,)


def test_a_request_marked_as_the_same_goes_with_its_case(cast, code, definer):
    """It tells of her, too."""
    same = log(cast)
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        mark_duplicate(request=get_request(ana, same), other=None, case=case, nonce=uuid4(), note="", by=ana)
    acts.erase(cast, code)
    assert definer.execute("SELECT count(*) FROM cases_helprequest").fetchone() == (0,)
    assert acts.orphans(definer) == {}


def test_two_requests_never_name_each_other_and_could_be_erased_if_they_did(cast, definer):
    cast.intake()
    first, second = log(cast), log(cast)
    ids = dict(definer.execute("SELECT code, id FROM cases_helprequest").fetchall())

    def mark(code, other):
        with cast.acting("ana") as ana:
            one, two = get_request(ana, code), get_request(ana, other)
            mark_duplicate(request=one, other=two, case=None, nonce=uuid4(), note="", by=ana)

    mark(first, second)
    with pytest.raises(WrongState, match="as the same as this one"):
        mark(second, first)
    name = "UPDATE cases_helprequest SET state = 'duplicate', duplicate_of_id = %s, ended_at = now(), ended_by_id = app.uid() WHERE id = %s"
    with pytest.raises(DatabaseError), cast.acting("ana"):
        run(name, ids[first], ids[second])
    off = rewritten("request_changed", "NEW.duplicate_of_id = ANY (app.same_requests(NEW.id))", "false")
    with off, cast.acting("ana"):
        run(name, ids[first], ids[second])
    assert erase_request(cast, first, "ana", ErasureReason.HER_WISH) is None
    assert erase_request(cast, first, "boba", ErasureReason.HER_WISH)
    assert definer.execute("SELECT count(*) FROM cases_helprequest").fetchone() == (0,)
    (gone,) = definer.execute("SELECT request_ids FROM cases_erasure").fetchone()
    assert set(gone) == set(ids.values())
