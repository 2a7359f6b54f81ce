"""What an entry of the identity card may say: soft help against slips, nothing that is true is refused."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.exceptions import WrongState
from cases.access import get_case
from cases.codes import ConsentPurpose
from cases.compartments import OpeningReason
from cases.forms.consents import ConsentForm, ErrorForm
from cases.forms.identity import EntryForm
from cases.models import IdentityEntry
from cases.services import identity
from tests.cases.helpers import looking, open_case
from tests.security.attack import plant
from tests.security.granting import case_with_a_card, granted, on_the_case


def entry(kind: str, value: str, **more: str) -> EntryForm:
    return EntryForm({"nonce": uuid4(), "seen": 0, "kind": kind, "value": value, "certainty": "said", **more})


def errors(kind: str, value: str, **more: str) -> list[str]:
    return list(entry(kind, value, **more).errors.get("value", []))


def later(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).strftime("%d.%m.%Y")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("born", "14.3.1995"),
        ("born", "14. 3. 1995."),
        ("born", "1995-03-14"),
        ("born", "14/03/1995"),
        ("born", "1995"),
        ("born", "about 1995"),
        ("born", "око 1995. године"),
        ("born", "March 1995, or 1996"),
        ("born", "~1995"),
        ("born", later(0)),
        ("phone", "060 123 45 67"),
        ("phone", "+381 (0)60 1234567, her sister’s"),
        ("phone", "112"),
        ("email", "milica@example.org"),
        ("email", "milica.p+1@mail.example.rs, her sister’s"),
        ("name", "Milica Petrović"),
        ("address", "Knez Mihailova 1, " + "x" * 400),
        ("other", "x" * 2000),
    ],
)
def test_what_is_taken(kind, value):
    assert errors(kind, value) == []


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        ("born", "not a date", "the year alone: “about 1995”"),
        ("born", "14.3.95", "the year alone"),
        ("born", "31.2.1995", "the year alone"),
        ("born", "14.3.1095", "the year alone"),
        ("born", later(1), "in the future"),
        ("born", "2999", "in the future"),
        ("phone", "abc", "has digits"),
        ("email", "nije mejl", "choose “Not sure”"),
        ("email", "milica@example", "name@example.org"),
        ("phone", "x" * 61, "Shorten “What it says” by 1 character. It may have 60."),
        ("name", "x" * 201, "It may have 200."),
        ("address", "x" * 6000, "Shorten “What it says” by 5500 characters. It may have 500."),
        ("other", "x" * 2001, "It may have 2000."),
    ],
)
def test_what_is_asked_about(kind, value, says):
    (error,) = errors(kind, value)
    assert says in error


def test_a_part_is_enough_of_what_is_not_sure():
    for kind, value in (("email", "milica.p at some mail"), ("phone", "ends with 7")):
        assert errors(kind, value)
        assert errors(kind, value, certainty="unsure") == []
    assert errors("phone", "no number", certainty="unsure")


def test_a_part_that_becomes_sure_is_asked_about():
    old = {"kind": "email", "value": "milica.p at some mail", "certainty": "unsure", "note": ""}
    typed = {**old, "nonce": str(uuid4()), "seen": "1"}
    assert EntryForm({**typed, "note": "of her work"}, initial=old).is_valid()
    assert not EntryForm({**typed, "certainty": "seen"}, initial=old).is_valid()


def test_signs_that_nobody_sees_are_taken_out_and_scripts_keep_their_joiners():
    form = entry(
        "name", "\u202eMi\u200blica\u200f Petro\u2066vi\u0107", note="\ufeffnot \u061cher \U0001f469\u200d\U0001f4bb"
    )
    assert form.is_valid(), form.errors
    assert form.cleaned_data["value"] == "Milica Petrovi\u0107"
    assert form.cleaned_data["note"] == "not her \U0001f469\u200d\U0001f4bb"
    assert not entry("name", "\u202e\u200b").is_valid()


def test_what_turns_the_direction_is_taken_out_of_recipients_and_longer_texts():
    form = ConsentForm({"recipient": "\u202eLana"}, purpose=ConsentPurpose.REFERRAL)
    form.is_valid()
    assert form.cleaned_data["recipient"] == "Lana"
    note = ErrorForm({"nonce": uuid4(), "reason": "\u202eOne\u200e\ntwo"})
    assert note.is_valid()
    assert note.cleaned_data["reason"] == "One\u200e\ntwo"


def test_nothing_typed_is_lost(cast):
    cast.intake()
    code = open_case(cast)
    typed = {
        "nonce": uuid4(),
        "seen": 0,
        "kind": "born",
        "value": "not a date",
        "certainty": "heard",
        "note": "her aunt",
    }
    answer = cast.client("ana").post(f"/cases/{code}/identity/add", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "not a date</textarea>" in page
    assert 'value="her aunt"' in page
    assert "“about 1995”" in page


def test_without_scripts_an_open_card_closes_itself_and_a_form_says_that_it_does_not(cast):
    """A page that is loaded anew would lose what she types: only what is read is loaded anew."""
    cast.intake()
    code = open_case(cast)
    values = {"kind": "name", "value": "Milica", "certainty": "said", "note": ""}
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        identity.add_entry(case=case, nonce=uuid4(), values=values, by=ana)
        entry = IdentityEntry.objects.get().pk
    client = looking(cast, "ana", code)
    card = client.get(f"/cases/{code}/identity").content.decode()
    form = client.get(f"/cases/{code}/identity/{entry}").content.decode()
    assert '<noscript><meta http-equiv="refresh"' in card
    assert "http-equiv" not in form
    assert "<noscript><p" in form
    assert "This page does not close itself, so that nothing you type is lost." in form
    assert "does not close itself" not in client.get(f"/cases/{code}/identity/add").content.decode()


def offered(client, code):
    """The reasons that the page offers, and whether it takes words."""
    page = client.get(f"/cases/{code}/identity").content.decode()
    return [one for one in OpeningReason.values if f'value="{one}"' in page], 'name="text"' in page


def test_a_closed_case_takes_no_words_and_so_no_reason_that_needs_them(cast):
    code = case_with_a_card(cast)
    client = cast.client("ana")
    assert offered(client, code) == (OpeningReason.values, True)
    plant("UPDATE cases_case SET state = 'closed', closed_at = now(), closed_by_id = opened_by_id")
    reasons = [one for one in OpeningReason.values if one not in {"other", "correct"}]
    assert offered(client, code) == (reasons, False)
    for reason in ("other", "correct"):
        assert client.post(f"/cases/{code}/identity/open", {"reason": reason, "text": "x"}).status_code == 422
        with on_the_case(cast, "ana", code) as (ana, opened), pytest.raises(WrongState):
            identity.open_card(case=opened.case, reason=reason, text="x", by=ana)
    assert client.post(f"/cases/{code}/identity/open", {"reason": "check"}).status_code == 302


def test_who_cannot_change_the_card_does_not_open_it_to_correct_it(cast):
    code = case_with_a_card(cast)
    granted(cast, code)
    client = cast.client("lana")
    assert offered(client, code) == ([one for one in OpeningReason.values if one != "correct"], True)
    assert client.post(f"/cases/{code}/identity/open", {"reason": "correct", "text": "x"}).status_code == 422
    with on_the_case(cast, "lana", code) as (lana, opened), pytest.raises(WrongState):
        identity.open_card(case=opened.case, reason=OpeningReason.CORRECT, text="x", by=lana)
    assert client.post(f"/cases/{code}/identity/open", {"reason": "document"}).status_code == 302


def test_what_stood_there_stands_when_something_else_is_changed():
    """An entry from before may say what would not be taken now."""
    old = {"kind": "phone", "value": "ask her sister", "certainty": "said", "note": ""}
    typed = {**old, "nonce": str(uuid4()), "seen": "1", "note": "her own"}
    assert EntryForm(typed, initial=old).is_valid()
    assert not EntryForm({**typed, "value": "ask her mother"}, initial=old).is_valid()
