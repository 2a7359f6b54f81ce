"""A request logged with words only is completed: who, how, two tabs, a second click, and what is never eased."""

from datetime import date

import pytest

from accounts.exceptions import WrongState
from cases.access import get_request
from cases.services import answering, completing, requests
from cases.services.completing import Change, change_request
from tests.cases.helpers import log

LINES = {"about": "self", "language": "sr", "minor": "unknown", "consent": "not_asked"}
SEEN = {f"initial-{name}": value for name, value in LINES.items()} | {
    "initial-phone": "",
    "initial-in_danger_now": "False",
    "initial-thinks_of_ending_life": "False",
}


@pytest.fixture
def code(cast):
    cast.intake()
    return log(cast, words="Please help.", contacts={}, minor="unknown")


def post(client, code, *, seen: int = 1, **typed):
    return client.post(f"/requests/{code}/change", {**SEEN, **LINES, "seen_words": seen, **typed})


def standing(cast, code, name="boba"):
    with cast.acting(name) as by:
        return completing.read_to_change(request=get_request(by, code), by=by)


def test_everything_else_follows(cast, code, definer):
    ana = cast.client("ana")
    assert b"Call her" not in ana.get(f"/requests/{code}").content
    assert b"Please help." in ana.get(f"/requests/{code}").content
    assert ana.post(f"/requests/{code}/contacts").status_code == 302
    assert definer.execute("SELECT count(*) FROM cases_contactattempt").fetchone() == (0,)
    answer = post(
        ana, code, words="It was in June.", phone="+381601234567", safe_hours="after nine", consent="yes",
        offence_learned_on="2026-09-01", suspect_learned_on="2026-09-02", language="sq",
    )  # fmt: skip
    assert answer.status_code == 302
    now = standing(cast, code)
    assert now.words.startswith("Please help.\n\n[")
    assert now.words.endswith("]\nIt was in June.")
    assert (now.lines["phone"], now.lines["neutral_word"]) == ("+381601234567", "")
    assert (now.lines["consent"], now.lines["language"]) == ("yes", "sq")
    assert (now.lines["offence_learned_on"], now.lines["suspect_learned_on"]) == (date(2026, 9, 1), date(2026, 9, 2))
    page = ana.get(f"/requests/{code}").content.decode()
    assert "Call her: show how to reach her" in page
    assert "Day she found out: from “–” to “1 Sep" in page
    assert "601234567" not in page
    kept = dict(definer.execute("SELECT field, count(*) FROM vault_sealed GROUP BY field").fetchall())
    assert (kept["request.words"], kept["request.contacts"]) == (2, 2)


def test_a_second_click_adds_nothing(cast, code, definer):
    ana = cast.client("ana")
    for _click in range(2):
        assert post(ana, code, words="It was in June.", phone="060", consent="yes").status_code == 302
    assert standing(cast, code).words.count("It was in June.") == 1
    assert definer.execute("SELECT count(*) FROM cases_consent").fetchone() == (1,)
    kept = dict(definer.execute("SELECT field, max(revision) FROM vault_sealed GROUP BY field").fetchall())
    assert (kept["request.words"], kept["request.contacts"], kept["request.changes"]) == (2, 2, 1)


def test_two_tabs_overwrite_nothing_silently(cast, code):
    ana, boba = cast.client("ana"), cast.client("boba")
    assert post(boba, code, phone="061", words="Boba heard more.").status_code == 302
    answer = post(ana, code, phone="062", safe_hours="never on Mondays", words="Ana too.")
    assert answer.status_code == 422
    form = answer.context["form"]
    assert form.errors.keys() == {"phone"}
    assert "061" in form.errors["phone"][0]
    assert (form["phone"].value(), form["words"].value()) == ("062", "Ana too.")
    assert standing(cast, code).lines["phone"] == "061"
    again = {**form.data, "initial-phone": "061"}
    assert ana.post(f"/requests/{code}/change", again).status_code == 302
    now = standing(cast, code)
    assert (now.lines["phone"], now.lines["safe_hours"]) == ("062", "never on Mondays")
    assert "Boba heard more." in now.words
    assert "Ana too." in now.words


def test_a_line_that_she_did_not_touch_stays_as_somebody_else_left_it(cast, code):
    post(cast.client("boba"), code, phone="061")
    assert post(cast.client("ana"), code, neutral_word="library").status_code == 302
    now = standing(cast, code).lines
    assert (now["phone"], now["neutral_word"]) == ("061", "library")


def test_urgent_now_makes_the_clock_run_faster(cast, code):
    with cast.acting("ana") as ana:
        before = get_request(ana, code).respond_by
    assert post(cast.client("ana"), code, in_danger_now="on").status_code == 302
    with cast.acting("ana") as ana:
        request = get_request(ana, code)
        assert (request.risk, request.in_danger_now) == ("immediate", True)
        assert request.respond_by <= before
        assert request.urgent_since is not None


def test_what_protects_her_is_not_eased(cast):
    cast.intake()
    code = log(cast, minor="now", in_danger_now=True)
    seen = {"initial-minor": "now", "initial-in_danger_now": "True", "initial-phone": "+381601234567"}
    answer = post(cast.client("ana"), code, **seen, minor="no", phone="+381601234567")
    assert answer.context["form"].errors.keys() == {"minor"}
    with cast.acting("ana") as ana:
        for name, wanted in (("minor", ("now", "no")), ("in_danger_now", (True, False))):
            with pytest.raises(WrongState):
                change_request(request=get_request(ana, code), change=Change("", 1, {name: wanted}), by=ana)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"minor": "now"}, {"minor_steps_read"}),
        ({"offence_learned_on": "2026-09-02", "suspect_learned_on": "2026-09-01"}, {"suspect_learned_on"}),
        ({"offence_learned_on": "2999-01-01"}, {"offence_learned_on"}),
        ({"about": "other", "consent": "yes"}, {"consent"}),
        ({"phone": "0" * 201}, {"phone"}),
        ({"seen_words": "many"}, {"seen_words"}),
    ],
)
def test_wrong_input_is_said_by_the_field_and_what_was_typed_stays(cast, code, typed, wrong):
    values = {"words": "kept as typed", **typed}
    answer = cast.client("ana").post(f"/requests/{code}/change", {**SEEN, **LINES, "seen_words": 1, **values})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == wrong
    assert b"kept as typed" in answer.content
    assert standing(cast, code).revision == 1


def test_what_has_ended_or_is_a_case_is_not_changed(cast, code):
    ana = cast.client("ana")
    ana.post(f"/requests/{code}/end?state=spam", {"nonce": "00000000-0000-4000-8000-000000000001"})
    assert ana.get(f"/requests/{code}/change").status_code == 302
    assert post(ana, code, words="Too late.").status_code == 302
    with cast.acting("ana") as by, pytest.raises(WrongState):
        change_request(request=get_request(by, code), change=Change("Too late.", 1, {}), by=by)
    assert "Too late." not in ana.get(f"/requests/{code}").content.decode()


def test_who_logged_it_and_is_not_on_the_team_completes_nothing(cast, code):
    ceca = cast.client("ceca")
    assert ceca.get(f"/requests/{code}/change").status_code == 404
    assert post(ceca, code, words="more").status_code == 404


def test_opening_the_form_is_logged_and_begins_no_call(cast, code, definer):
    cast.client("ana").get(f"/requests/{code}/change")
    logged = "SELECT count(*) FROM accounts_auditevent WHERE action = 'request_contacts_opened' AND detail = 'change'"
    assert definer.execute(logged).fetchone() == (1,)
    assert definer.execute("SELECT count(*) FROM cases_contactattempt").fetchone() == (0,)


def test_a_way_to_reach_her_is_a_number_or_an_address():
    assert not requests.can_be_called({"safe_hours": "after nine", "neutral_word": "library"})
    assert requests.can_be_called({"other_contact": "@her"})


@pytest.mark.parametrize("page", ["accept", "end?state=referred_out", "change"])
def test_what_was_typed_comes_back_where_somebody_was_faster(cast, code, page):
    with cast.acting("boba") as boba:
        answering.end_request(request=get_request(boba, code), state="spam", by=boba)
    typed = {"to_whom": "kept words", "looked_through": "kept words", "words": "kept words"}
    ana = cast.client("ana")
    answer = ana.post(f"/requests/{code}/{page}", typed, HTTP_SEC_FETCH_SITE="same-origin")
    assert answer.status_code == 409
    assert "Somebody has dealt with this request meanwhile" in answer.content.decode()
    assert "kept words" in answer.content.decode()
    assert ana.get(f"/requests/{code}/{page}").status_code == 302
    assert cast.client("boba").post(f"/requests/{code}/{page}", typed).status_code == 302, "her own second click"


def test_a_list_without_requests_loads_no_script_for_the_place_beside_it(cast, code):
    ana = cast.client("ana")
    assert "js/beside" in ana.get("/requests/").content.decode()
    assert "js/beside" not in ana.get("/requests/?state=spam").content.decode()
