"""Letters and phrases: filled in on a case, gone afterwards, and the organisation's own."""

from uuid import uuid4

import pytest

from cases import knowledge
from cases.knowledge.letters import PLACEHOLDERS
from cases.models import Case
from cases.services.letters import language_for
from tests.cases.helpers import assign, open_case

SECRET = "what she typed into the letter"


def test_there_are_enough_in_every_language_and_all_are_drafts():
    file = knowledge.letters()
    assert len(file.letters) >= 8
    assert not file.review.reviewed
    for one in file.letters:
        used = {
            language: sorted(place for place in PLACEHOLDERS if place in body) for language, body in one.body.items()
        }
        assert len({tuple(places) for places in used.values()}) == 1, one.id
        assert len({body.count("[") for body in one.body.values()}) == 1, one.id


@pytest.fixture
def case(cast) -> str:
    cast.intake()
    return open_case(cast)


@pytest.mark.parametrize(
    ("language", "word"), [("en", "fabricated"), ("sr", "лажиран"), ("sr-latn", "lažiran"), ("sq", "falsifikuar")]
)
def test_a_letter_is_filled_in_on_a_case(cast, case, language, word):
    page = cast.client("ana").get(f"/cases/{case}/letter?language={language}&template=employer_fabricated")
    text = page.context["form"]["text"].value()
    assert word in text
    assert case in text
    assert "Ana" in text
    assert "{" not in text


def letter(client, case, **query):
    return client.get(f"/cases/{case}/letter", {"template": "employer_fabricated", **query}).context["form"]


def test_a_letter_begins_in_the_language_of_the_case(cast):
    cast.intake()
    client = cast.client("ana")
    albanian, hungarian = open_case(cast, language="sq"), open_case(cast, language="hu")
    assert "falsifikuar" in letter(client, albanian)["text"].value()
    assert "fabricated" in letter(client, hungarian)["text"].value()  # none of ours: as the screen
    assert "fabricated" in letter(client, albanian, language="en")["text"].value()


@pytest.mark.parametrize(
    ("screen", "hers", "begins"),
    [
        ("en", "sr", "sr"),
        ("sr-latn", "sr", "sr-latn"),
        ("sr", "sq", "sq"),
        ("sq", "rom", "sq"),
        ("sr-latn", "hr", "sr-latn"),
    ],
)
def test_the_script_of_the_screen_stays(screen, hers, begins):
    assert language_for(case=Case(language=hers), screen=screen) == begins


def test_another_language_keeps_what_was_typed(cast, case):
    client = cast.client("ana")
    form = letter(client, case, language="en")
    typed = {name: form[name].value() or "" for name in form.fields}
    address = f"/cases/{case}/letter/use"
    untouched = client.post(address, {**typed, "language": "sq", "to": "language"})
    assert untouched.status_code == 200
    assert "falsifikuar" in untouched.context["form"]["text"].value()
    assert not untouched.context["form"]["before"].value()
    changed = client.post(address, {**typed, "text": SECRET, "language": "sq", "to": "language"}).context["form"]
    assert "falsifikuar" in changed["text"].value()
    assert changed["before"].value() == SECRET
    typed = {name: changed[name].value() or "" for name in changed.fields}
    back = client.post(address, {**typed, "text": "more", "language": "en", "to": "language"})
    assert "fabricated" in back.context["form"]["text"].value()
    assert back.context["form"]["before"].value() == f"more\n\n{SECRET}"
    assert SECRET in back.content.decode()


def test_a_letter_that_is_not_there_in_a_language_says_so(cast, case):
    typed = {"nonce": uuid4(), "text": SECRET, "template": "nothing", "language": "sq", "to": "language"}
    answer = cast.client("ana").post(f"/cases/{case}/letter/use", typed)
    assert answer.status_code == 422
    assert SECRET in answer.content.decode()


def test_what_is_typed_is_shown_and_stored_nowhere(cast, case, definer):
    client = cast.client("ana")
    answer = client.post(f"/cases/{case}/letter/use", {"nonce": uuid4(), "text": SECRET, "to": "paper"})
    assert SECRET in answer.content.decode()
    assert definer.execute("SELECT detail FROM cases_timelineentry WHERE kind = 'letter'").fetchall() == [("written",)]
    assert definer.execute("SELECT count(*) FROM cases_note").fetchone() == (0,)
    assert definer.execute("SELECT count(*) FROM accounts_auditevent WHERE action = 'letter_written'").fetchone() == (
        1,
    )


@pytest.mark.parametrize("to", ["note", "file"])
def test_a_letter_with_places_to_fill_in_is_kept_only_when_she_says_so(cast, case, definer, to):
    client, address = cast.client("ana"), f"/cases/{case}/letter/use"
    typed = {"nonce": uuid4(), "text": f"Dear [name of the\nperson], {SECRET}, until [day]. [day]", "to": to}
    asked = client.post(address, typed)
    assert asked.status_code == 422
    page = asked.content.decode()
    assert "This still has to be filled in: [name of the person] [day]." in page
    assert SECRET in page
    assert 'name="as_it_is"' in page
    assert definer.execute("SELECT count(*) FROM cases_note").fetchone() == (0,)
    assert definer.execute("SELECT count(*) FROM cases_casefile").fetchone() == (0,)
    assert client.post(address, {**typed, "as_it_is": "on"}).status_code == (302 if to == "note" else 200)
    kept = "SELECT (SELECT count(*) FROM cases_note) + (SELECT count(*) FROM cases_casefile)"
    assert definer.execute(kept).fetchone() == (1,)


def test_a_letter_to_print_may_be_filled_in_by_hand(cast, case):
    typed = {"nonce": uuid4(), "text": "Dear [name],", "to": "paper"}
    assert cast.client("ana").post(f"/cases/{case}/letter/use", typed).status_code == 200


def test_from_the_page_for_printing_she_goes_on_writing(cast, case):
    """What is still open is said on the screen and not on paper; her text comes back into the form."""
    client, address = cast.client("ana"), f"/cases/{case}/letter/use"
    typed = {
        "nonce": uuid4(),
        "template": "agreed",
        "language": "sq",
        "text": f"Dear [name],\n{SECRET} <b>",
        "to": "paper",
    }
    page = client.post(address, typed)
    told = page.content.decode()
    assert "This still has to be filled in: [name]" in told
    before, _letter, _after = told.partition('<div class="letter">')
    assert before.rindex('class="no-print"') < before.index("This still has to be filled in")
    back = client.post(
        address, {**{name: page.context["form"][name].value() or "" for name in typed if name != "to"}, "to": "writing"}
    )
    assert back.status_code == 200
    form = back.context["form"]
    assert [form[name].value() for name in ("text", "template", "language")] == [typed["text"], "agreed", "sq"]
    assert str(form["nonce"].value()) != str(typed["nonce"])
    assert "still has to be filled in" not in client.post(address, {**typed, "text": "Dear Mara,"}).content.decode()


def test_saved_as_a_note_it_is_one_note(cast, case, definer):
    client, nonce = cast.client("ana"), uuid4()
    for _time in range(2):
        typed = {"nonce": nonce, "text": SECRET, "to": "note"}
        assert client.post(f"/cases/{case}/letter/use", typed).status_code == 302
    assert definer.execute("SELECT count(*) FROM cases_note").fetchone() == (1,)
    assert SECRET in client.get(f"/cases/{case}").content.decode()


def test_kept_as_a_file_it_is_shown_and_handed_out_as_it_was_written(cast, case, definer):
    client, nonce = cast.client("ana"), uuid4()
    typed = {"nonce": nonce, "text": f"Поштовани, {SECRET}", "to": "file"}
    for _time in range(2):
        page = client.post(f"/cases/{case}/letter/use", typed)
        assert (page.status_code, SECRET in page.content.decode()) == (200, True)
    ((file,),) = definer.execute("SELECT id FROM cases_casefile").fetchall()
    answer = client.post(f"/cases/{case}/files/{file}/download")
    assert answer.content.decode() == typed["text"]
    assert ".txt" in answer["Content-Disposition"]
    assert SECRET.encode() not in b"".join(
        row for (row,) in definer.execute("SELECT payload FROM vault_chunk").fetchall()
    )


def test_nothing_is_kept_as_a_file_where_somebody_is_under_18_and_the_text_stays(cast):
    cast.intake()
    code, client = open_case(cast, minor="material"), cast.client("ana")
    assert 'value="file"' not in client.get(f"/cases/{code}/letter?template=employer_fabricated").content.decode()
    page = client.post(f"/cases/{code}/letter/use", {"nonce": uuid4(), "text": SECRET, "to": "file"})
    assert (page.status_code, SECRET in page.content.decode()) == (422, True)


def test_the_work_it_was_is_one_tap_away(cast, case, definer):
    client = cast.client("ana")
    page = client.post(f"/cases/{case}/letter/use", {"nonce": uuid4(), "text": SECRET, "to": "paper"})
    tap = {"nonce": page.context["service_form"]["nonce"].value(), "kind": "letter", "minutes": "20"}
    shown = client.post(f"/cases/{case}/services", tap, follow=True)
    assert definer.execute("SELECT kind, minutes FROM cases_serviceunit").fetchall() == [("letter", 20)]
    assert 'class="card service"' in shown.content.decode()  # the part that takes the place of the card


def test_a_lawyers_letter_becomes_a_legal_note(cast, case, definer):
    assign(cast, case, "lana")
    typed = {"nonce": uuid4(), "text": SECRET, "to": "note"}
    assert cast.client("lana").post(f"/cases/{case}/letter/use", typed).status_code == 302
    assert definer.execute("SELECT type FROM cases_note").fetchall() == [("legal_note",)]


def test_an_empty_letter_says_so_and_odd_choices_are_calm(cast, case):
    client = cast.client("ana")
    assert client.post(f"/cases/{case}/letter/use", {"nonce": uuid4(), "text": ""}).status_code == 422
    assert client.get(f"/cases/{case}/letter?template=nothing").status_code == 404
    assert client.get(f"/cases/{case}/letter?language=xx&kind=yy").status_code == 200
    assert client.get("/letters?language=xx").status_code == 200


OWN = {"kind": "letter", "language": "sq", "title": "Për bankën", "body": "{date}, {code}"}


def test_the_organisations_own_is_added_once_changed_and_retired(cast, definer):
    client, nonce = cast.client("koka"), uuid4()
    for _time in range(2):
        assert client.post("/letters/new", {**OWN, "nonce": nonce}).status_code == 302
    (found,) = definer.execute("SELECT id FROM cases_lettertemplate").fetchall()
    assert "Për bankën" in client.get("/letters?language=sq").content.decode()
    assert "Për bankën" not in client.get("/letters?language=en").content.decode()
    address = f"/letters/{found[0]}"
    first = client.get(address).context["form"]["seen"].value()
    assert client.post(address, {"title": "A", "body": "B", "seen": first}).status_code == 302
    late = client.post(address, {"title": "C", "body": "D", "seen": first})
    assert late.status_code == 409, "two tabs: the second one learns of the first"
    assert client.post(address, {"title": "", "body": "D", "seen": first}).status_code == 422
    assert definer.execute("SELECT title, body FROM cases_lettertemplate").fetchall() == [("A", "B")]
    for _time in range(2):
        client.post(f"{address}/retire")
    assert client.get(address).status_code == 404
    assert definer.execute("SELECT count(*) FROM accounts_auditevent WHERE action = 'template_retired'").fetchone() == (
        1,
    )
