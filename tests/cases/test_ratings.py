"""The questions about risk on a case: what a rating counts for, whom it tells, what it asks."""

from uuid import uuid4

import pytest

from accounts.exceptions import WrongState
from cases.access import get_case, list_notices
from cases.access.plan import list_risks_told
from cases.choices import CaseRole
from cases.models import RiskAssessment, Task
from cases.services import ratings
from tests.cases.helpers import CORE_ANSWERS, assign, open_case
from tests.security.attack import plant

CALM = {"sc1": "yes", "ag1": "no", "su2": "no", "ph2": "no", "ph3": "no"}


@pytest.fixture
def code(cast):
    """Ana leads, Boba is the backup, Lana the lawyer."""
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    assign(cast, code, "lana")
    return code


def rate(cast, code, name: str = "ana", *, answers=None, raised: str = "", reason: str = "") -> None:
    with cast.acting(name) as by:
        case = get_case(by, code).case
        ratings.rate(case=case, nonce=uuid4(), answers=answers or {}, raised=raised, reason=reason, by=by)


def risk_of(definer) -> str:
    return definer.execute("SELECT risk FROM cases_case").fetchone()[0]


def test_looking_saves_nothing_and_says_why(cast, code, definer):
    client = cast.client("ana")
    page = client.post(f"/cases/{code}/risk/questions", {"nonce": uuid4(), **CALM, "ph2": "yes", "look": "1"})
    assert page.status_code == 200
    assert page.context["so_far"]["level"] == "high"
    assert page.context["so_far"]["why"]
    assert definer.execute("SELECT count(*) FROM cases_riskassessment").fetchone() == (0,)


def test_the_level_so_far_says_what_to_ask_next(cast, code):
    client, url = cast.client("ana"), f"/cases/{code}/risk/questions"
    first = client.get(url).context["so_far"]["ask_next"]
    assert first[0] == "sc1"
    page = client.post(url, {"nonce": uuid4(), **CALM, "su2": "yes", "look": "1"})
    assert page.context["so_far"]["ask_next"][0] == "su3"  # what her answer led to, before the rest
    assert 'href="#risk_su3_0"' in page.content.decode()
    assert 'id="risk_su3_0"' in page.content.decode()
    cut_short = client.post(url, {"nonce": uuid4(), "sc1": "no", "look": "1"})
    assert cut_short.context["so_far"]["ask_next"] is None


def test_what_was_not_asked_is_never_no(cast, code, definer):
    client = cast.client("ana")
    answers = {**CALM, "ph3": "not_asked"}
    client.post(f"/cases/{code}/risk/questions", {"nonce": uuid4(), **answers})
    assert risk_of(definer) == "unknown"
    with cast.acting("ana") as ana:
        rating = RiskAssessment.objects.get()
        kept = ratings.read_answers(case=get_case(ana, code).case, ratings=[rating], by=ana)
    assert "ph3" not in kept[rating.pk]
    assert not rating.core_complete


def test_a_rating_may_be_raised_and_never_set_lower_than_the_answers_say(cast, code, definer):
    rate(cast, code, answers=CALM, raised="high")
    assert risk_of(definer) == "high"
    rate(cast, code, answers={**CALM, "su5": "yes", "su2": "yes"}, raised="standard")
    assert risk_of(definer) == "immediate"


@pytest.mark.parametrize("raised", ["standard", "elevated", "unknown"])
def test_a_judgement_that_does_not_count_is_said_and_what_was_answered_stays(cast, code, definer, raised):
    client, url = cast.client("ana"), f"/cases/{code}/risk/questions"
    page = client.post(url, {"nonce": uuid4(), "raised": raised})
    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {"raised"}
    answers = {**CALM, "ph2": "yes", "raised": raised, "reason": "kept words"}
    page = client.post(url, {"nonce": uuid4(), **answers})
    assert page.status_code == 422
    assert "kept words" in page.content.decode()
    assert page.context["form"]["ph2"].value() == "yes"
    assert definer.execute("SELECT count(*) FROM cases_riskassessment").fetchone() == (0,)
    assert client.post(url, {"nonce": uuid4(), "raised": "high"}).status_code == 302
    assert risk_of(definer) == "high"


def test_a_lower_level_asks_a_second_person_with_a_reason(cast, code, definer):
    rate(cast, code, answers=CALM, raised="high")
    with pytest.raises(WrongState):
        rate(cast, code, answers=CALM)
    assert definer.execute("SELECT count(*) FROM cases_riskassessment").fetchone() == (1,)  # nothing half done
    client = cast.client("ana")
    page = client.post(f"/cases/{code}/risk/questions", {"nonce": uuid4(), **CALM})
    assert page.context["form"].errors.keys() == {"reason"}
    saved = client.post(f"/cases/{code}/risk/questions", {"nonce": uuid4(), **CALM, "reason": "He is in custody"})
    assert saved.status_code == 302
    assert risk_of(definer) == "high"
    assert definer.execute("SELECT kind, state FROM cases_approval").fetchall() == [("lower_risk", "asked")]


def test_questions_that_were_not_asked_never_unrate_a_case(cast, code, definer):
    rate(cast, code, answers=CALM, raised="high")
    with pytest.raises(WrongState, match="Too little was asked"):
        rate(cast, code, answers=dict.fromkeys(CALM, "not_asked"), reason="Quiet today.")
    assert definer.execute("SELECT risk FROM cases_case").fetchone() == ("high",)
    assert definer.execute("SELECT count(*) FROM cases_approval").fetchone() == (0,)


def test_an_attempt_under_way_is_one_click_and_tells_the_others_at_once(cast, code, definer):
    plant("DELETE FROM cases_mailout")
    client = cast.client("lana")
    nonce = uuid4()
    for _click in range(2):
        assert client.post(f"/cases/{code}/risk/attempt", {"nonce": nonce}).status_code == 302
    assert risk_of(definer) == "immediate"
    told = "SELECT u.login_name, n.kind FROM cases_notice n JOIN accounts_user u ON u.id = n.user_id ORDER BY 1"
    assert definer.execute(told).fetchall() == [("ana", "attempt"), ("boba", "attempt")]
    assert definer.execute("SELECT kind, state FROM cases_mailout").fetchall() == [("now", "due")] * 2
    boba = cast.client("boba")
    desk = boba.get("/")
    page = desk.content.decode()
    assert desk.context["panels"][0].template == "cases/desk/risk_told.html"
    assert desk.context["next_step"].text == "A suicide attempt is under way: open the case"
    assert page.count("A suicide attempt is under way.") == 1
    assert f'href="/cases/{code}/risk"' in page
    assert "Reminders" not in page
    plant("UPDATE cases_mailout SET state = 'sent'")
    plant("UPDATE cases_riskassessment SET assessed_at = assessed_at - interval '11 minutes'")
    assert client.post(f"/cases/{code}/risk/attempt", {"nonce": uuid4()}).status_code == 302
    assert len(definer.execute(told).fetchall()) == 4, "told again, though the risk was immediate already"
    waiting = "SELECT kind, leased_until FROM cases_mailout WHERE state = 'due'"
    assert definer.execute(waiting).fetchall() == [("now", None)] * 2, "at once, not after fifteen minutes"
    with cast.acting("boba") as person:
        seen = list_risks_told(person)
        assert not list_notices(person)
    for notice in seen:
        boba.post(f"/notices/{notice.pk}/acknowledge")
    assert "A suicide attempt" not in boba.get("/").content.decode()


def test_a_risk_that_becomes_immediate_is_told_once_on_top(cast, code, definer):
    for _time in range(2):
        rate(cast, code, answers=CORE_ANSWERS)
    assert definer.execute("SELECT kind FROM cases_notice").fetchall() == [("risk",)]
    desk = cast.client("boba").get("/")
    assert desk.context["next_step"].text == "Look at the case whose risk is immediate"
    assert "The risk is immediate now." in desk.content.decode()


def test_somebody_under_18_in_the_answers_stops_ordinary_handling_of_the_case(cast, code, definer):
    rate(cast, code, answers={**CALM, "ag1": "yes"})
    assert definer.execute("SELECT minor FROM cases_case").fetchone() == ("now",)


def test_what_a_level_asks_becomes_a_task_once(cast, code, definer):
    rate(cast, code, answers=CALM, raised="high")
    client = cast.client("ana")
    nonce = uuid4()
    for _click in range(2):
        client.post(f"/cases/{code}/risk/action", {"nonce": nonce, "action": "safety_plan"})
    assert client.post(f"/cases/{code}/risk/action", {"nonce": nonce, "action": "information"}).status_code == 404
    with cast.acting("ana"):
        assert Task.objects.count() == 1
    assert "Make a safety plan" in client.get(f"/cases/{code}/plan").content.decode()


def test_a_rating_that_is_to_be_asked_again_stands_on_the_desk(cast, code):
    rate(cast, code, answers=CALM, raised="high")
    client = cast.client("ana")
    assert "Ask about the risk again" not in client.get("/").content.decode()
    plant("UPDATE cases_case SET reassess_at = now() - interval '1 minute'")
    assert "Ask about the risk again" in client.get("/").content.decode()


# --- Services and dates -----------------------------------------------------------------------
