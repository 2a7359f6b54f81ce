"""Pages of the desk with wrong input, and with one and a hundred rows."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.access import get_case
from cases.choices import Severity
from cases.services.casework import write_note
from cases.services.deadlines import set_deadline
from tests.cases.helpers import WORDS, log, open_case

LONG = "ж" * 5_000_000  # ten megabytes in UTF-8
CALL = {
    "restricted": "no",
    "minor": "unknown",
    "about": "self",
    "channel": "phone",
    "language": "sr",
    "received_at": "2026-01-10T10:00",
}


def stored(definer) -> tuple[int, int, int]:
    tables = ("cases_helprequest", "cases_note", "cases_deadline")
    return tuple(definer.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("words", ""),
        ("words", LONG),
        ("words", "nul \x00 byte"),
        ("phone", "x" * 201),
        ("channel", "carrier pigeon"),
        ("language", "xx"),
        ("minor", "maybe"),
        ("received_at", "20260-01-01T10:00"),
        ("received_at", "2999-01-01T10:00"),
        ("received_at", "0001-01-01T00:00"),
        ("received_at", "yesterday"),
        ("offence_learned_on", "20260-01-01"),
        ("offence_learned_on", "2026-02-30"),
        ("suspect_learned_on", "1800-01-01"),
        ("nonce", "not a number"),
        ("nonce", ""),
    ],
)
def test_logging_with_wrong_input_says_so_by_the_field_and_stores_nothing(cast, definer, field, value):
    cast.intake()
    client = cast.client("ana")
    response = client.post("/requests/new", {**CALL, "nonce": uuid4(), "words": "kept", field: value})
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {field}
    if field != "words":
        assert b"kept" in response.content
    assert stored(definer) == (0, 0, 0)


def test_the_same_form_twice_makes_one_request_and_the_same_answer(cast, definer):
    cast.intake()
    client = cast.client("ceca")
    nonce = uuid4()
    answers = []
    for _time in range(2):
        assert client.post("/requests/new", {**CALL, "nonce": nonce, "words": "once"}).status_code == 302
        answers.append([str(message) for message in client.get("/").context["messages"]])
    assert answers[0] == answers[1]
    assert stored(definer)[0] == 1


def test_the_same_form_with_other_words_is_another_record(cast, definer):
    """She went back, wrote more and sent again: nothing of it may be lost behind a message that says saved."""
    cast.intake()
    code = open_case(cast)
    client = cast.client("ana")
    nonce = uuid4()
    for words in ("first", "first", "first, and more"):
        client.post("/requests/new", {**CALL, "nonce": nonce, "words": words})
        client.post(f"/cases/{code}/notes", {"nonce": nonce, "type": "case_note", "text": words})
        client.post(
            f"/cases/{code}/dates", {"nonce": nonce, "due_on": "2040-01-01", "text": words, "severity": "critical"}
        )
    assert stored(definer) == (1 + 2, 2, 2)


def test_a_nonce_of_somebody_else_tells_nothing(cast, definer):
    cast.intake()
    nonce = uuid4()
    log(cast, by="ana", nonce=nonce, words="mine", contacts={})
    client = cast.client("ceca")
    response = client.post("/requests/new", {**CALL, "nonce": nonce, "words": "mine"})
    assert response.status_code == 422
    assert stored(definer)[0] == 1


@pytest.mark.parametrize(
    ("address", "values", "field"),
    [
        ("notes", {"text": "", "type": "case_note"}, "text"),
        ("notes", {"text": LONG, "type": "case_note"}, "text"),
        ("notes", {"text": "x", "type": "legal_note"}, "type"),
        ("notes", {"text": "x", "type": "secret"}, "type"),
        ("dates", {"due_on": "20260-01-01", "text": "x", "severity": "routine"}, "due_on"),
        ("dates", {"due_on": "2020-01-01", "text": "x", "severity": "routine"}, "due_on"),
        ("dates", {"due_on": "2030-01-01", "text": "x" * 301, "severity": "routine"}, "text"),
        ("dates", {"due_on": "2030-01-01", "text": "x", "severity": "huge"}, "severity"),
        ("dates", {"due_on": "2030-01-01", "text": "x", "severity": "routine", "assignee": "STRANGER"}, "assignee"),
        ("people/ask?role=lawyer", {"person": "STRANGER"}, "person"),
        ("people/ask?role=backup", {"person": "LAWYER"}, "person"),
        ("people/ask?role=lawyer", {"person": "LAWYER", "reason": "because"}, "reason"),
        ("people/ask?role=lawyer", {"person": "LAWYER", "reason": "other", "until_on": "2020-01-01"}, "until_on"),
    ],
)
def test_wrong_input_on_a_case_says_so_by_the_field_and_stores_nothing(cast, definer, address, values, field):
    cast.intake()
    code = open_case(cast)
    people = {"STRANGER": str(uuid4()), "LAWYER": str(cast.lana.pk)}
    values = {name: people.get(value, value) for name, value in values.items()}
    client = cast.client("ana")
    response = client.post(f"/cases/{code}/{address}", {"nonce": uuid4(), **values})
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert stored(definer)[1:] == (0, 0)


@pytest.mark.parametrize(
    "address",
    ["/cases/{code}%00", "/cases/' OR 1=1", "/requests/?page=-1", "/requests/?page=99999999999999999999", "/requests/?state=%00",
     "/requests/?state=nothing", "/cases/?state=<script>", "/cases/{code}?page=x", "/board?page=5000"],
)  # fmt: skip
def test_odd_addresses_are_answered_calmly(cast, address):
    cast.intake()
    code = open_case(cast)
    assert cast.client("ana").get(address.format(code=code)).status_code in {200, 400, 403, 404}


def test_ids_of_another_case_are_not_found(cast):
    cast.intake()
    first, second = open_case(cast), open_case(cast)
    with cast.acting("ana") as ana:
        case = get_case(ana, first).case
        set_deadline(
            case=case,
            nonce=uuid4(),
            due_on=timezone.localdate(),
            severity=Severity.ROUTINE,
            assignee=None,
            text="x",
            by=ana,
        )
        deadline = case.deadlines.get().pk
        lead = case.assignments.get().pk
    client = cast.client("ana")
    assert client.post(f"/cases/{second}/dates/{deadline}/settle").status_code == 404
    assert client.get(f"/cases/{second}/people/{lead}/end").status_code == 404


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def fill(cast, code: str, number: int) -> None:
    """So many notes and dates on a case."""
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        for _index in range(number):
            write_note(case=case, nonce=uuid4(), type="case_note", text="x", by=ana)
            set_deadline(
                case=case,
                nonce=uuid4(),
                due_on=timezone.localdate(),
                severity=Severity.ROUTINE,
                assignee=ana,
                text="x",
                by=ana,
            )


FIXED = 7  # session, person, actor, key, savepoints and log of a request


def test_lists_ask_as_much_for_a_hundred_rows_as_for_one(cast):
    cast.intake()
    code = open_case(cast)
    log(cast)
    fill(cast, code, 1)
    client = cast.client("ana")
    parts = ("", "/people", "/facts", "/incidents", "/texts/told", "/close")
    pages = ["/", "/requests/", "/cases/", "/completeness", *(f"/cases/{code}{part}" for part in parts)]
    for page in pages:
        queries(client, page)  # what is asked once in a process
    one = {page: queries(client, page) for page in pages}
    fill(cast, code, 99)
    for _index in range(40):
        open_case(cast)
        log(cast)
    for _piece in range(2):
        client.get(f"/cases/{code}")  # texts are compared with the card once, two hundred at a time
    assert {page: queries(client, page) for page in pages} == one
    many = {"/": 30, f"/cases/{code}": 24}  # a desk of many cards, each with a query of its own, and a whole case
    many[f"/cases/{code}/people"] = 13  # and how the lead changed, from the timeline
    assert all(number <= many.get(page, 12) + FIXED for page, number in one.items()), " ".join(map(str, one.values()))


def test_her_words_do_not_become_content_unread(cast, definer):
    """The page offers her words to be looked through; sent back unchanged, somebody has to say that she read them."""
    cast.intake()
    code = log(cast)
    client = cast.client("ana")
    address = f"/requests/{code}/accept"
    values = {"title": "x", "looked_through": WORDS}
    refused = client.post(address, values)
    assert refused.status_code == 422
    assert "looked_through" in refused.context["form"].errors
    assert definer.execute("SELECT count(*) FROM cases_case").fetchone() == (0,)
    assert client.post(address, {**values, "nothing_to_take_out": "on"}).status_code == 302


def test_a_closed_case_is_not_worked_on(cast, definer):
    cast.intake()
    code = open_case(cast)
    definer.execute(
        "UPDATE cases_case SET state = 'closed', closed_at = now(), closed_by_id = opened_by_id WHERE code = %s", [code]
    )
    client = cast.client("ana")
    note = {"nonce": uuid4(), "type": "case_note", "text": "late"}
    assert client.post(f"/cases/{code}/notes", note).status_code == 409
    assert client.post(f"/cases/{code}/call").status_code == 409
    assert stored(definer)[1] == 0


def test_without_an_answer_about_somebody_under_18_the_files_lead_to_that_question(cast):
    cast.intake()
    code = open_case(cast, minor="unknown")
    page = cast.client("ana").get(f"/cases/{code}/files").content.decode()
    assert f'href="/cases/{code}/minor">Answer the question' in page
