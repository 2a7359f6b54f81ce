"""Texts that may name the survivor: a writer who holds the card is asked first, a holder is told of what others wrote."""

import re
from contextlib import nullcontext
from html import unescape
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import DatabaseError

from accounts import database
from cases.access import get_case
from cases.choices import CaseRole
from cases.models import IdentityEntry, Incident, Note, TextCheck
from cases.services import identity, incidents, naming, walls
from cases.services.casework import write_note
from cases.services.facts import revise_text
from cases.services.sealed.looking import looking
from tests.cases.helpers import assign, log, open_case
from tests.cases.helpers import looking as browser_with_the_card
from tests.security.attack import open_table, plant, rewritten, run, switched_off

NAME = {"kind": "name", "value": "Milica Petrović", "certainty": "said", "note": ""}
NAMING = "Милица came with her sister."
FORM = "application/x-www-form-urlencoded"
OURS = {"HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture
def code(cast):
    cast.intake()
    code = open_case(cast)
    with cast.acting("ana") as ana:
        identity.add_entry(case=get_case(ana, code).case, nonce=uuid4(), values=NAME, by=ana)
    return code


def post(client, url, **typed):
    return client.post(url, urlencode(typed), content_type=FORM, **OURS)


def note(client, code, text, **more):
    return post(client, f"/cases/{code}/notes", nonce=str(uuid4()), type="case_note", text=text, **more)


def written(definer) -> int:
    return definer.execute("SELECT count(*) FROM cases_note").fetchone()[0]


def test_whoever_holds_the_card_is_asked_before_it_is_stored(cast, code, definer):
    ana = cast.client("ana")
    answer = note(ana, code, NAMING)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This may name her" in page
    assert NAMING in page
    assert "<strong>Милица</strong>" in page
    assert "Milica" not in page
    assert written(definer) == 0
    logged = definer.execute("SELECT outcome FROM accounts_auditevent WHERE action = 'naming_asked'").fetchall()
    assert logged == [("done",)]
    assert note(ana, code, "She came with her sister.").status_code == 302
    assert note(ana, code, NAMING, names_her="meant").status_code == 302
    assert written(definer) == 2
    assert "Texts that may name her" not in ana.get(f"/cases/{code}").content.decode()


def fields_of(page: str) -> list[tuple[str, str]]:
    """What the page sends when nothing in it is changed, by its first button."""
    form = page.partition('<form method="post" action="/cases')[2].partition("</form>")[0]
    found = re.findall(r'<(?:input|textarea)[^>]* name="([^"]+)"(?:[^>]* value="([^"]*)"|[^>]*>\n([^<]*))', form)
    return [(name, unescape(value or text)) for name, value, text in found if name != "csrfmiddlewaretoken"]


def test_sent_again_unchanged_it_is_meant_and_changed_it_is_asked_about_anew(cast, code, definer):
    ana, url = cast.client("ana"), f"/cases/{code}/notes"
    page = note(ana, code, "Milica came.\r\n\r\nShe stays.").content.decode()
    assert 'for="naming-' in page
    assert "What you wrote" not in page  # the box is called what its form called it
    sent = fields_of(page)
    changed = [(name, "Milica went." if name == "text" else value) for name, value in sent]
    asked = ana.post(url, urlencode(changed), content_type=FORM, **OURS)
    assert asked.status_code == 422
    assert written(definer) == 0
    assert ana.post(url, urlencode(sent), content_type=FORM, **OURS).status_code == 302
    assert written(definer) == 1


@pytest.mark.parametrize("control", [True, False])
@pytest.mark.parametrize("differs", ["path", "case", "person", "field"])
def test_what_was_asked_of_another_path_case_or_person_or_with_a_field_more_is_asked_anew(
    cast, code, monkeypatch, differs, control
):
    """Her answer counts for one form, as it was: sent with the same hash anywhere else it is asked about."""
    other = open_case(cast)
    with cast.acting("ana") as ana:
        identity.add_entry(case=get_case(ana, other).case, nonce=uuid4(), values=NAME, by=ana)
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    if not control:
        monkeypatch.setattr("cases.middleware._print_of", lambda _request, _typed: "always the same")
    sender, url = cast.client("ana"), f"/cases/{code}/notes"
    sent = fields_of(note(sender, code, "Milica came.", line="Milica came.").content.decode())
    assert {name for name, _value in sent} >= {"nonce", "type", "text", "line", "names_her_asked"}
    if differs == "path":
        url = f"/cases/{code}/told"
    elif differs == "case":
        url = f"/cases/{other}/notes"
    elif differs == "person":
        sender = cast.client("boba")
    else:
        sent = [(name, value) for name, value in sent if name != "line"]
    answer = sender.post(url, urlencode(sent), content_type=FORM, **OURS)
    assert answer.status_code == (422 if control else 302)
    assert ("This may name her" in answer.content.decode()) is control


def test_she_is_not_asked_again_about_what_stood_there_before(cast, code):
    ana, told = cast.client("ana"), f"/cases/{code}/told"
    assert post(ana, told, line="Milica has told it", names_her="meant").status_code == 302
    assert post(ana, told, line="She has a brother").status_code == 302
    assert "Texts that may name her" not in ana.get(f"/cases/{code}").content.decode()
    assert post(ana, told, line="Milica told more").status_code == 422


def test_what_waits_to_be_looked_at_waits_on_when_something_is_added(cast, code):
    assign(cast, code, "lana")
    told = f"/cases/{code}/told"
    assert post(cast.client("lana"), told, line="Milica has told it").status_code == 302
    ana = cast.client("ana")
    assert post(ana, told, line="She has a brother").status_code == 302
    assert "Texts that may name her" in ana.get(f"/cases/{code}").content.decode()


@pytest.mark.parametrize("off", [False, True])
def test_what_waits_in_one_field_is_not_marked_by_another_one_of_the_same_record(cast, code, definer, monkeypatch, off):
    """Lana may not open the card; Ana changes both fields and is right about one. Off: what she looked at counts for both."""
    assign(cast, code, "lana")
    with cast.acting("lana") as lana:
        case = get_case(lana, code).case
        said = {"text": "A group.", "names": "Petar, a friend of Milica"}
        incidents.write_incident(case=case, nonce=uuid4(), codes={"types": ["image_shared"]}, by=lana, **said)
    lax = rewritten("text_written", "NEW.record_id || ':' || NEW.field", "NEW.record_id || ':incident.text'")
    if off:
        kept = database.set_local
        monkeypatch.setattr(database, "set_local", lambda name, value: kept(name, value) if value else None)
    with lax if off else nullcontext(), cast.acting("ana") as ana, looking(naming.Looking(meant=False)):
        case, incident = get_case(ana, code).case, Incident.objects.get()
        changed = {"text": ("A large group.", 1), "names": ("Petar P., a friend of Milica", 1)}
        incidents.change_incident(case=case, incident=incident, codes={}, texts=changed, by=ana)
    query = "SELECT state FROM cases_textcheck WHERE field = 'incident.names'"
    assert definer.execute(query).fetchone() == (("clear",) if off else ("unchecked",))


def test_only_the_boxes_where_something_was_found_are_shown_each_with_its_label_and_its_words(cast, code):
    ana = cast.client("ana")
    typed = {
        "nonce": str(uuid4()),
        "types": "image_shared",
        "step": "details",
        "text": "He told Milica.",
        "names": "Petar",
    }
    page = post(ana, f"/cases/{code}/incidents/new", **typed).content.decode()
    assert "This may name her" in page
    assert page.count('class="govuk-label" for="naming-') == 1
    assert "What happened, in words</label>" in page
    assert "<strong>Milica</strong>" in page
    assert 'type="hidden" name="names" value="Petar"' in page


def test_who_reads_a_reason_is_said_as_it_is(cast, code):
    ana, walls_of = cast.client("ana"), f"/cases/{code}/walls/new"
    everybody, holders = "Everybody on the case reads this text", "Lead and backup of the case read this text"
    assert everybody in note(ana, code, NAMING).content.decode()
    page = post(ana, walls_of, person=str(cast.ceca.pk), reason="named", text="Milica is her sister").content.decode()
    assert "This may name her" in page
    assert holders in page
    assert everybody not in page
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    page = post(ana, walls_of, person=str(cast.boba.pk), reason="named", text="Milica is her sister").content.decode()
    assert "Lead, backup and supervisor of the case read this text" in page


def test_whoever_may_not_open_it_is_told_nothing_and_the_lead_at_her_next_opening(cast, code, definer):
    assign(cast, code, "lana")
    lana, ana = cast.client("lana"), cast.client("ana")
    assert note(lana, code, NAMING).status_code == 302
    assert note(lana, code, "Nothing in it.").status_code == 302
    with cast.acting("lana") as by:
        revise_text(case=get_case(by, code).case, name="told", value="Milica wrote", seen=0, by=by)
    page = ana.get(f"/cases/{code}").content.decode()
    assert page.count("written by Lana") == 2
    assert f'href="/cases/{code}/timeline"' in page
    assert f'href="/cases/{code}/texts/told">Write it anew' in page
    assert page.count("Write it anew") == 1
    assert f'/cases/{code}/plan#tasks">set her a task' in page
    plant("DELETE FROM cases_textcheck WHERE field = 'case.told'")
    for _look in range(2):
        page = ana.get(f"/cases/{code}").content.decode()
        assert "Texts that may name her" in page
        assert page.count('/keep"') == 1
    assert "Texts that may name her" not in lana.get(f"/cases/{code}").content.decode()
    with cast.acting("lana"):
        assert not TextCheck.objects.exists()
    (check,) = definer.execute("SELECT id FROM cases_textcheck WHERE state = 'names'").fetchone()
    assert post(lana, f"/cases/{code}/texts/{check}/keep").status_code == 404
    assert post(ana, f"/cases/{code}/texts/{check}/keep").status_code == 302
    assert "Texts that may name her" not in ana.get(f"/cases/{code}").content.decode()


def test_a_text_that_was_changed_is_looked_at_anew(cast, code):
    assign(cast, code, "lana")
    lana, ana = cast.client("lana"), cast.client("ana")
    told = f"/cases/{code}/told"
    assert post(lana, told, line="Milica has told it").status_code == 302
    assert "Already told" in ana.get(f"/cases/{code}").content.decode()
    with cast.acting("ana") as ana_herself:
        case = get_case(ana_herself, code).case
        assert len(naming.look_through(case=case, by=ana_herself)) == 1
    changed = post(ana, f"/cases/{code}/texts/told", value="She has told it", seen=1)
    assert changed.status_code in {200, 302, 404}
    if changed.status_code == 302:
        assert "Texts that may name her" not in ana.get(f"/cases/{code}").content.decode()


def test_what_is_added_to_the_card_is_looked_for_in_what_was_written_before(cast, code):
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        write_note(case=case, nonce=uuid4(), type="case_note", text="Call 061 222 33 44.", by=ana)
        assert naming.look_through(case=case, by=ana) == []
        phone = {**NAME, "kind": "phone", "value": "+381 61 2223344"}
        identity.add_entry(case=case, nonce=uuid4(), values=phone, by=ana)
        assert [check.field for check in naming.look_through(case=case, by=ana)] == ["note.text"]
        assert Note.objects.count() == 1


def test_what_is_put_back_onto_the_card_is_looked_for_again(cast, code):
    with cast.acting("ana") as ana:
        case, entry = get_case(ana, code).case, IdentityEntry.objects.get()
        identity.open_card(case=case, reason="check", text="", by=ana)
        identity.remove_entry(case=case, entry=entry, by=ana)
        write_note(case=case, nonce=uuid4(), type="case_note", text=NAMING, by=ana)
        assert naming.look_through(case=case, by=ana) == []
        identity.restore_entry(case=case, entry=entry, by=ana)
        assert len(naming.look_through(case=case, by=ana)) == 1


def test_nobody_says_that_a_text_was_looked_at_who_may_not(cast, code, definer):
    assign(cast, code, "lana")
    with cast.acting("lana") as lana, looking(lambda *_texts: True):
        write_note(case=get_case(lana, code).case, nonce=uuid4(), type="case_note", text=NAMING, by=lana)
    waiting = "SELECT state FROM cases_textcheck WHERE field = 'note.text'"
    assert definer.execute(waiting).fetchall() == [("unchecked",)]
    with pytest.raises(DatabaseError), cast.acting("lana"):
        run("INSERT INTO cases_textcheck SELECT * FROM cases_textcheck")
    with cast.acting("lana"):
        run("UPDATE cases_textcheck SET state = 'clear'")
    assert definer.execute(waiting).fetchall() == [("unchecked",)]
    with switched_off(open_table("cases_textcheck")), cast.acting("lana"):
        run("UPDATE cases_textcheck SET state = 'clear'")
    assert definer.execute(waiting).fetchall() == [("clear",)]  # without the control


def test_a_card_that_cannot_be_opened_stops_nobody_from_writing(cast, code):
    plant(
        "UPDATE vault_sealed SET payload = set_byte(payload, 40, get_byte(payload, 40) # 1) WHERE field = 'identity.entry'"
    )
    ana = cast.client("ana")
    assert note(ana, code, NAMING).status_code == 302
    assert ana.get(f"/cases/{code}").status_code == 200


# --- The card at acceptance, and what stands on it once ----------------------------------------
ACCEPT = {"title": "Group", "looked_through": "Pictures were traded."}


def test_what_she_left_goes_onto_the_card_at_acceptance(cast):
    cast.intake()
    code = log(
        cast, contacts={"phone": "060 123 45 67", "other_contact": "@mica_p · m@example.org", "neutral_word": "x"}
    )
    ana = cast.client("ana")
    page = ana.get(f"/requests/{code}/accept").content.decode()
    assert "060 123" not in page
    typed = {**ACCEPT, "card_name": "Milica Petrović", "card_contacts": "on"}
    answer = post(ana, f"/requests/{code}/accept", **{**typed, "looked_through": "Milica wrote."})
    assert answer.status_code == 422
    assert "This may name her" in answer.content.decode()
    assert answer.content.decode().count('for="naming-') == 1  # her name belongs onto the card
    assert 'type="hidden" name="card_name" value="Milica Petrović"' in answer.content.decode()
    answer = post(ana, f"/requests/{code}/accept", **typed)
    assert answer.status_code == 302
    opened = answer.headers["Location"].rsplit("/", 1)[1]
    with cast.acting("ana") as by:
        case = get_case(by, opened).case
        identity.open_card(case=case, reason="check", text="", by=by)
        card = identity.read_card(case=case, by=by)
    assert sorted((said["kind"], said["value"]) for said in card.said.values()) == [
        ("email", "m@example.org"),
        ("handle", "@mica_p"),
        ("name", "Milica Petrović"),
        ("phone", "060 123 45 67"),
    ]


def test_nothing_stands_on_a_card_twice(cast, code):
    ana, page = browser_with_the_card(cast, "ana", code), f"/cases/{code}/identity/add"
    typed = {"nonce": str(uuid4()), "seen": 0, "kind": "name", "value": "petrović MILICA", "certainty": "said"}
    answer = post(ana, page, **typed)
    assert answer.status_code == 422
    assert "stands on the card already" in answer.content.decode()
    typed |= {"nonce": str(uuid4()), "value": "Mica"}
    for _click in range(2):
        assert post(ana, page, **typed).status_code == 302
    with cast.acting("ana"):
        assert IdentityEntry.objects.count() == 2


def test_an_empty_card_is_said_to_holders_only(cast):
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "lana")
    words = "nothing stands on the identity card"
    assert words in cast.client("ana").get(f"/cases/{code}").content.decode()
    assert words not in cast.client("lana").get(f"/cases/{code}").content.decode()
    with cast.acting("ana") as ana:
        identity.add_entry(case=get_case(ana, code).case, nonce=uuid4(), values=NAME, by=ana)
    assert words not in cast.client("ana").get(f"/cases/{code}").content.decode()


@pytest.mark.parametrize("control", [True, False])
def test_no_text_about_a_wall_is_listed_whatever_stands_in_it(cast, code, definer, control):
    """Boba asks that Ana, who leads, is kept out; then something is added to the card."""
    assign(cast, code, "boba", CaseRole.BACKUP, voucher="")
    off = rewritten("text_written", "app.about_whom(p) IS NOT NULL", "false")
    with nullcontext() if control else off:
        with cast.acting("boba") as boba:
            case = get_case(boba, code).case
            walls.keep_out(
                case=case, person=cast.ana, reason="named", text="Milica is her sister", second=True, by=boba
            )
            identity.add_entry(case=case, nonce=uuid4(), values={**NAME, "value": "Milena"}, by=boba)
            naming.look_through(case=case, by=boba)
        listed = definer.execute("SELECT field FROM cases_textcheck WHERE field IN ('approval.reason', 'wall.reason')")
        assert bool(listed.fetchall()) is not control
        assert ("Second person" in cast.client("ana").get(f"/cases/{code}").content.decode()) is not control


def test_a_text_that_she_could_not_open_is_not_called_clear(cast, code, definer):
    assign(cast, code, "lana")
    assert note(cast.client("lana"), code, NAMING).status_code == 302
    plant("UPDATE cases_textcheck SET record_id = gen_random_uuid() WHERE field = 'note.text'")
    with cast.acting("ana") as ana:
        assert naming.look_through(case=get_case(ana, code).case, by=ana) == []
    states = definer.execute("SELECT state FROM cases_textcheck WHERE field = 'note.text'").fetchall()
    assert states == [("unchecked",)]


def test_a_conflict_slip_that_names_her_is_asked_about_before_it_is_sent(cast, code, definer):
    """It goes to a lawyer who is not on the case and may be on the other side."""
    cast.vouch("boba", "lana")
    ana = cast.client("ana")
    typed = {"person": str(cast.lana.pk), "reason": "second_holder", "names": "Marko Petrov, Milica Petrović"}
    page = post(ana, f"/cases/{code}/people/ask?role=lawyer", **typed)
    assert page.status_code == 422
    text = page.content.decode()
    assert "This may name her" in text
    assert "The lawyer to whom this slip goes reads it" in text
    sent = "SELECT count(*) FROM cases_conflictslip"
    assert definer.execute(sent).fetchone() == (0,)
    assert definer.execute("SELECT count(*) FROM cases_assignment WHERE role = 'lawyer'").fetchone() == (0,)
    typed["names"] = "Marko Petrov"
    assert post(ana, f"/cases/{code}/people/ask?role=lawyer", **typed).status_code == 302
    assert definer.execute(sent).fetchone() == (1,)
    pk = definer.execute("SELECT id FROM cases_assignment WHERE role = 'lawyer'").fetchone()[0]
    again = post(ana, f"/cases/{code}/people/{pk}/slip", names="Milica")
    assert again.status_code == 422
    assert "This may name her" in again.content.decode()
    meant = post(ana, f"/cases/{code}/people/{pk}/slip", names="Milica", names_her="meant")
    assert meant.status_code == 302
