"""What she reads when a second person is asked: the truth, also where nobody can answer yet; what the second person reads before she decides."""

import pytest

from cases.access import get_case
from cases.choices import CaseRole
from cases.codes import ApprovalKind
from cases.compartments import HoldReason
from cases.models import Approval
from cases.services import erasing
from tests.cases import erasing as acts
from tests.cases.helpers import WORDS, assign, log, open_case
from tests.security.attack import plant

NOBODY = "nobody on this case can answer yet"
ASKED = "A second person was asked."
WORDY = {"text": "It is time.", "reason": "It is time."}


def body(response, status=200):
    assert response.status_code == status, response.content[:3000]
    return response.content.decode()


def asked_by(client, path, data):
    """What the page after the question says."""
    answer = client.post(path, data)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return body(client.get(answer.headers["Location"]))


@pytest.fixture
def code(cast):
    """Ana leads, and nobody else is on it."""
    cast.intake()
    cast.person("ceca")
    return open_case(cast, minor="now")


def questions(code, cast):
    """Every act on an open case that asks a second person: address and what is posted."""
    return {
        ApprovalKind.ERASE_CASE: (f"/cases/{code}/withdraw", {"choice": "case"}),
        ApprovalKind.CLEAR_MINOR: (f"/cases/{code}/minor", {"flag": "no", "reason": "A slip."}),
        ApprovalKind.UNPROTECT: (f"/cases/{code}/protect", WORDY),
        ApprovalKind.CLOSE_CASE: (
            f"/cases/{code}/close",
            {"state": "closed", "reason": "resolved", "outcome": "none", **WORDY, "text": "Done."},
        ),
        ApprovalKind.OPEN_IDENTITY: (f"/cases/{code}/identity/more", {"reason": "She called."}),
    }


@pytest.mark.parametrize(
    "kind", [ApprovalKind.ERASE_CASE, ApprovalKind.CLEAR_MINOR, ApprovalKind.UNPROTECT, ApprovalKind.OPEN_IDENTITY]
)
def test_where_nobody_can_answer_she_is_told_so_and_what_to_do(cast, code, kind, settings):
    if kind == ApprovalKind.UNPROTECT:
        plant("UPDATE cases_case SET compartment = 'protected'")
    if kind == ApprovalKind.OPEN_IDENTITY:
        plant(
            "INSERT INTO cases_identityopening (id, case_id, person_id, kind, reason, opened_at, closes_at, closed_at)"
            " SELECT gen_random_uuid(), c.id, %s, 'card', 'her_wish', now(), now(), now() FROM cases_case c, generate_series(1, 30)",
            cast.ana.pk,
        )
    client = cast.client("ana")
    shown = asked_by(client, *questions(code, cast)[kind])
    assert NOBODY in shown
    assert ASKED not in shown
    assert "as backup first" in shown
    with cast.acting("ana"):
        asked = Approval.objects.get(kind=kind)
    plant("UPDATE cases_case SET compartment = 'standard'") if kind != ApprovalKind.UNPROTECT else None
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    boba = cast.client("boba")
    assert f"/cases/{code}/second/{asked.pk}" in body(boba.get("/"))  # the question stands, and waits on her desk
    assert "I agree: do it" in body(boba.get(f"/cases/{code}/second/{asked.pk}"))


def test_where_somebody_can_answer_it_says_so(cast, code):
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    shown = asked_by(cast.client("ana"), *questions(code, cast)[ApprovalKind.CLEAR_MINOR])
    assert ASKED in shown
    assert NOBODY not in shown


def test_a_wall_against_the_only_backup_waits_and_says_so(cast, code):
    """Boba is the only one who could answer, and the question is about her."""
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    wall = {"person": str(cast.boba.pk), "reason": "named", "text": "Her neighbour"}
    client = cast.client("ana")
    shown = asked_by(client, f"/cases/{code}/walls/new", wall)
    assert NOBODY in shown
    assert ASKED not in shown
    with cast.acting("ana"):
        asked = Approval.objects.get()
    assert NOBODY in body(client.get(f"/cases/{code}/second/{asked.pk}"))
    assign(cast, code, "ceca", CaseRole.SUPERVISOR)
    ceca = cast.client("ceca")
    assert "I agree: do it" in body(ceca.get(f"/cases/{code}/second/{asked.pk}"))
    answer = ceca.post(f"/cases/{code}/second/{asked.pk}/answer", {"answer": "approve"})
    assert answer.status_code == 302
    with cast.acting("ana"):
        assert Approval.objects.get().state == "approved"


def test_a_closed_case_needs_to_be_opened_first(cast, code):
    plant(
        "UPDATE cases_case SET state = 'closed', closed_at = now(), closed_by_id = opened_by_id, retention_due_on = current_date"
    )
    shown = asked_by(cast.client("ana"), f"/cases/{code}/ending/keep", {"until": "2030-01-01"})
    assert NOBODY in shown
    assert "Open the case again" in shown


def test_of_a_request_too(cast):
    cast.intake()
    code = log(cast)
    plant(
        "UPDATE cases_helprequest SET state = 'information_given', ended_by_id = logged_by_id, ended_at = now() - interval '9 years'"
    )
    ana = cast.client("ana")
    plant("DELETE FROM accounts_teammember WHERE user_id = %s", cast.boba.pk)
    shown = asked_by(ana, f"/requests/{code}/erase", {})
    assert "nobody else of it can see this request yet" in shown


# --- What the second person reads ---------------------------------------------------------------
@pytest.fixture
def full(cast):
    cast.intake()
    return acts.full_case(cast)


def test_the_second_person_reads_which_date_stays(cast, full):
    kept = acts.critical_date(full, cast)
    asked = acts.ask(cast, full, kept=kept)
    page = body(cast.client("boba").get(f"/cases/{full}/second/{asked.pk}"))
    assert "Which date stays" in page
    assert "Private motion" in page
    assert "A right is lost for ever" in page
    assert "I agree: do it" in page
    assert "Legal hold" not in page


def test_a_hold_is_said_before_she_decides_and_there_is_no_button_to_agree(cast, full):
    asked = acts.ask(cast, full, kept=acts.critical_date(full, cast))
    with cast.acting("lana") as lana:
        erasing.state_hold(case=get_case(lana, full).case, reason=HoldReason.PROCEEDINGS, by=lana)
    boba = cast.client("boba")
    page = body(boba.get(f"/cases/{full}/second/{asked.pk}"))
    assert "Proceedings are under way – Lana" in page
    assert "nobody can agree to this while it does" in page
    assert "I agree: do it" not in page
    assert 'value="refuse"' in page
    answer = boba.post(f"/cases/{full}/second/{asked.pk}/answer", {"answer": "approve"})  # a page that was open before
    assert "A lawyer has stated a legal hold" in body(boba.get(answer.headers["Location"]))
    with cast.acting("lana") as lana:
        lift = erasing.ask_to_lift(case=get_case(lana, full).case, by=lana)
    page = body(boba.get(f"/cases/{full}/second/{lift}"))
    assert "Proceedings are under way – Lana" in page  # whoever lifts it reads whose it is
    assert "I agree: do it" in page
    assert WORDS not in page
