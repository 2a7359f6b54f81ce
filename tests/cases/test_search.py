"""Search: a code from anywhere, words in her own open cases, and nothing of what she does not see."""

import html
import re
from time import perf_counter
from uuid import uuid4

import pytest

from cases.access import get_case
from cases.access.search import well_formed
from cases.services import search
from cases.services.casework import write_note
from cases.services.folding import fold, snippet, words_of
from tests.cases.helpers import assign, log, open_case


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Ђорђе је звао", "djordje"),
        ("Đorđe je zvao", "ђорђе"),
        ("DJORDJE", "Đorđe"),
        ("Njegoš i LJUBAV", "његош љубав"),
        ("Џемпер", "dzemper"),
        ("Është e çuditshme", "eshte CUDITSHME"),
        ("Cafe\u0301", "café"),
        ("Čačak, Šabac; ЧАЧАК", "cacak sabac"),
        ("Македонија: Ѓорѓи", "gorgi"),
        ("Россия щ", "щ"),
    ],
)
def test_script_marks_and_capitals_do_not_matter(text, typed):
    assert all(word in fold(text) for word in words_of(typed))


def test_the_snippet_marks_the_words_in_the_text_as_it_was_written():
    parts = snippet("x" * 200 + " Звао је Ђорђе, и Đorđe." + " y" * 300, words_of("djordje"))
    assert [text for text, marked in parts if marked] == ["Ђорђе", "Đorđe"]
    assert parts[0] == ("… ", False)
    assert parts[-1] == (" …", False)
    assert snippet("Ljubav", ["ljub"]) == [("Ljub", True), ("av", False)]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("k7mx42qb", "K7MX-42QB"),
        (" K7MX - 42qb ", "K7MX-42QB"),
        ("K7MX-42Q", ""),
        ("O0I1-LLLL", ""),
        ("", ""),
        ("x" * 40, ""),
    ],
)
def test_a_code_is_read_as_people_type_it(typed, code):
    assert well_formed(typed) == code


def note(cast, code: str, text: str, by: str = "ana") -> None:
    with cast.acting(by) as person:
        kind = "legal_note" if by == "lana" else "case_note"
        write_note(case=get_case(person, code).case, nonce=uuid4(), type=kind, text=text, by=person)


def shown(answer) -> str:
    return html.unescape(re.sub(r"\s+", " ", answer.content.decode()))


def test_a_code_leads_to_the_case_or_the_request(cast):
    cast.intake()
    case, request = open_case(cast), log(cast)
    assign(cast, case, "lana")
    ana = cast.client("ana")
    assert ana.post("/find", {"code": case.lower().replace("-", "")}).url == f"/cases/{case}"
    assert ana.post("/find", {"code": request}).url == f"/requests/{request}"
    lana = cast.client("lana")
    assert lana.post("/find", {"code": case}).url == f"/cases/{case}"
    assert lana.post("/find", {"code": request}).status_code == 404


def test_a_hidden_code_and_a_missing_one_are_answered_alike(cast, definer):
    cast.intake()
    hidden = open_case(cast)
    ceca = cast.client("ceca")
    mask = re.compile(r'value="\w{64}"|"X-CSRFToken": "\w+"')
    answers = [ceca.post("/find", {"code": code}) for code in (hidden, "K7MX-42QB", "nothing")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    bodies = {mask.sub("", answer.content.decode()) for answer in answers}
    assert len(bodies) == 1
    refused = definer.execute(
        "SELECT object_id, detail, outcome FROM accounts_auditevent WHERE action = 'code_searched'"
    )
    found = refused.fetchall()
    assert [row[1:] for row in found] == [("refused", "attempted")] * 2
    assert hidden not in str(found)


def test_a_code_typed_as_words_leads_to_the_case_or_the_request(cast):
    cast.intake()
    case, request = open_case(cast), log(cast)
    assign(cast, case, "lana")
    ana, lana = cast.client("ana"), cast.client("lana")
    assert ana.post("/search", {"words": case.lower().replace("-", "")}).url == f"/cases/{case}"
    assert ana.post("/search", {"words": request}).url == f"/requests/{request}"
    assert lana.post("/search", {"words": case}).url == f"/cases/{case}"
    assert "Nothing found under this code." in shown(lana.post("/search", {"words": request}))


def test_a_hidden_code_among_words_is_answered_like_a_missing_one(cast, definer):
    cast.intake()
    hidden = open_case(cast)
    ceca = cast.client("ceca")
    mask = re.compile(r'value="\w{64}"|"X-CSRFToken": "\w+"')
    answers = [ceca.post("/search", {"words": code}) for code in (hidden, "K7MX-42QC")]
    bodies = [mask.sub("", answer.content.decode()) for answer in answers]
    assert bodies[0].replace(hidden, "CODE") == bodies[1].replace("K7MX-42QC", "CODE")
    assert [answer.status_code for answer in answers] == [200, 200]
    refused = "SELECT count(*) FROM accounts_auditevent WHERE action = 'code_searched' AND outcome = 'attempted'"
    assert definer.execute(refused).fetchone() == (2,)
    assert "under this code" not in shown(ceca.post("/search", {"words": "deserved"}))  # a word of the letters of codes
    assert definer.execute(refused).fetchone() == (2,)


def test_words_are_found_in_my_open_cases_only(cast, definer):
    cast.intake()
    mine, others, closed = open_case(cast), open_case(cast, lead="boba"), open_case(cast)
    note(cast, mine, "Zvala je iz Čačka. <b>Sutra</b> opet.")
    note(cast, mine, "Nothing here.")
    note(cast, others, "Звала је из Чачка.", by="boba")
    note(cast, closed, "Zvala je iz Čačka.")
    definer.execute(
        "UPDATE cases_case SET state = 'closed', closed_at = now(), closed_by_id = opened_by_id WHERE code = %s",
        [closed],
    )
    answer = cast.client("ana").post("/search", {"words": "ЧАЧКА звала"})
    assert mine in shown(answer)
    assert others not in shown(answer)
    assert closed not in shown(answer)
    assert f"{mine}</a> Group" in answer.content.decode()
    assert "<mark>Čačka</mark>" in answer.content.decode()
    assert b"&lt;b&gt;Sutra" in answer.content
    assert b"<b>Sutra" not in answer.content
    assert "1 of 1 cases looked through" in shown(answer)
    logged = definer.execute("SELECT object_id, detail FROM accounts_auditevent WHERE action = 'cases_searched'")
    assert logged.fetchall() == [("", "words")]


def test_a_lawyer_searches_her_cases_and_no_identity(cast):
    cast.intake()
    hers, other = open_case(cast), open_case(cast)
    assign(cast, hers, "lana")
    for code in (hers, other):
        note(cast, code, "The motion is filed.")
    found = shown(cast.client("lana").post("/search", {"words": "motion"}))
    assert hers in found
    assert other not in found
    assert "Nothing found" in shown(cast.client("ana").post("/search", {"words": "Milica"}))  # stands in her own words


def test_a_walled_case_is_not_found(cast, definer):
    cast.intake()
    case = open_case(cast)
    note(cast, case, "Motion")
    definer.execute(
        "INSERT INTO cases_wall (id, case_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_case", [cast.ana.pk, cast.ana.pk]
    )  # fmt: skip
    answer = shown(cast.client("ana").post("/search", {"words": "motion"}))
    assert "0 of 0 cases" in answer
    assert case not in answer
    assert cast.client("ana").post("/find", {"code": case}).status_code == 404


@pytest.mark.parametrize("typed", ["", "  ", "a", "x" * 201, "\x00ab"])
def test_wrong_input_says_so_by_the_field(cast, typed):
    cast.intake()
    answer = cast.client("ana").post("/search", {"words": typed})
    assert answer.status_code == 422
    assert "words" in answer.context["form"].errors


def test_a_search_goes_on_where_it_stopped_and_is_in_the_log_once(cast, definer, monkeypatch):
    cast.intake()
    codes = [open_case(cast) for _number in range(4)]
    for code in codes:
        note(cast, code, "Motion")
    monkeypatch.setattr(search, "STEP", 1)
    monkeypatch.setattr(search, "SECONDS", 0)
    client = cast.client("ana")
    answer = client.post("/search", {"words": "motion"})
    assert "1 of 4 cases" in shown(answer)
    part = client.post("/search", {"go_on": answer.context["go_on"]}, headers={"HX-Request": "true"})
    assert "2 of 4 cases" in shown(part)
    assert sum(code in shown(part) for code in codes) == 1
    whole = client.post("/search", {"go_on": part.context["go_on"]})
    assert sum(code in shown(whole) for code in codes) == 3, "without scripts the earlier ones are shown anew"
    last = client.post("/search", {"go_on": whole.context["go_on"]})
    assert "go_on" not in shown(last).split("looked through")[1][:400]
    assert definer.execute("SELECT count(*) FROM accounts_auditevent WHERE action = 'cases_searched'").fetchone() == (
        1,
    )


def test_what_goes_on_cannot_be_made_or_taken_over(cast, monkeypatch):
    """The log names each search: a step without its beginning, or somebody else's, is refused."""
    cast.intake()
    open_case(cast), open_case(cast)
    monkeypatch.setattr(search, "STEP", 1)
    monkeypatch.setattr(search, "SECONDS", 0)
    token = cast.client("ana").post("/search", {"words": "motion"}).context["go_on"]
    assert cast.client("boba").post("/search", {"go_on": token}).status_code == 403
    assert cast.client("ana").post("/search", {"go_on": f"{token}x"}).status_code == 403
    monkeypatch.setattr(search, "_salt", lambda _by: "the same for everybody")
    token = cast.client("ana").post("/search", {"words": "motion"}).context["go_on"]
    assert cast.client("boba").post("/search", {"go_on": token}).status_code == 200
    assert token not in shown(cast.client("boba").post("/search", {"go_on": token}))


def test_folding_a_hundred_notes_is_quick():
    text = "Звала је поново и питала шта следи. Zvala je ponovo. " * 10
    begun = perf_counter()
    for _number in range(1000):
        fold(text)
    assert perf_counter() - begun < 1
