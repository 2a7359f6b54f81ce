"""A consent that names somebody else covers no grant of hers; one that she noted herself is marked."""

from functools import partial
from uuid import uuid4

import pytest

from accounts.exceptions import WrongState
from cases.access import grants
from cases.access.consents import get_consent
from cases.compartments import GrantState
from cases.models import Consent
from cases.services import consents, withdrawn_in_error
from cases.services import grants as service
from cases.services.grants import Names
from cases.services.sealed.held import NotHeld
from tests.cases.helpers import agree
from tests.security.attack import plant
from tests.security.granting import act, approve, ask, case_with_a_card, on_the_case, state


@pytest.fixture
def code(cast):
    """Lana is the lawyer; no consent is noted but the one a test notes."""
    code = case_with_a_card(cast)
    plant("DELETE FROM cases_consent WHERE purpose = 'representation'")
    return code


def noted(cast, code, recipient, *, by="ana", purpose="representation"):
    with on_the_case(cast, by, code) as (person, opened):
        found = agree(opened.case, purpose, by=person, how="written", recipient=recipient)
        return Consent.objects.get(pk=found)


def page(cast, code, grant, name="ana") -> str:
    return cast.client(name).get(f"/cases/{code}/identity/for/{grant}").content.decode()


def cover(cast, code, grant, name="ana"):
    with on_the_case(cast, name, code) as (person, opened):
        (only,) = service.covers_of(grant=grants.get_grant(opened, grant), by=person)
        return only


@pytest.mark.parametrize(
    ("recipient", "names", "plain"),
    [
        ("", Names.NOBODY, True),
        ("Lana", Names.HER, True),
        ("  ЛАНА. ", Names.HER, True),
        ("Lana Petrović", Names.PERHAPS_HER, False),
        ("Dara", Names.SOMEBODY_ELSE, False),
        ("adv. Svetlana", Names.SOMEBODY_ELSE, False),
    ],
)
def test_whom_a_consent_names(cast, code, recipient, names, plain):
    consent = noted(cast, code, recipient)
    grant = ask(cast, code)
    found = cover(cast, code, grant)
    assert (found.names, found.is_plain) == (names, plain)
    offered, text = f'value="{consent.pk}"', page(cast, code, grant)
    assert (offered in text) == (names != Names.SOMEBODY_ELSE)
    assert (f"{offered} checked" in text.replace('" id="id_consent_0"', '"').replace(" required", "")) == plain
    assert ("only if that is Lana" in text) == (names == Names.PERHAPS_HER)


def test_one_that_names_somebody_else_is_said_and_covers_nothing(cast, code, definer):
    consent = noted(cast, code, "Dara")
    grant = ask(cast, code)
    text = page(cast, code, grant)
    assert "These consents name somebody else and do not cover it: Dara." in text
    assert "No consent covers this." in text
    with pytest.raises(WrongState, match="names somebody else"):
        approve(cast, code, grant, consent=consent)
    answer = cast.client("ana").post(
        f"/cases/{code}/identity/for/{grant}/approve", {"consent": str(consent.pk), "hours": "4"}
    )
    assert answer.status_code == 422
    assert state(definer, grant)[0] == "asked"


def test_with_names_not_compared_the_lawyer_gets_the_key(cast, code, monkeypatch):
    consent = noted(cast, code, "Dara")
    grant = ask(cast, code)
    monkeypatch.setattr(service, "_names", lambda *_what: Names.NOBODY)
    assert approve(cast, code, grant, consent=consent) == GrantState.ACTIVE


def test_to_whom_she_is_referred_is_nobody_who_asks(cast, code):
    noted(cast, code, "Autonomous centre", purpose="referral")
    assert cover(cast, code, ask(cast, code)).names == Names.NOBODY


def test_one_that_the_asking_lawyer_noted_herself_is_marked_and_never_ticked(cast, code):
    consent = noted(cast, code, "Lana", by="lana")
    grant = ask(cast, code)
    assert cover(cast, code, grant).by_asker
    text = page(cast, code, grant)
    assert "Lana noted it herself: ask the survivor" in text
    assert f'value="{consent.pk}"' in text
    assert "checked" not in text.split('name="consent"')[1].split(">")[0]
    approve(cast, code, grant, consent=consent)
    assert "Lana noted it herself: ask the survivor" in page(cast, code, grant, "boba")


def test_put_right_by_a_colleague_it_is_still_one_that_she_noted_herself(cast, code):
    noted(cast, code, "Lana", by="lana")
    for _time in range(2):
        with on_the_case(cast, "ana", code) as (ana, opened):
            last = get_consent(opened, Consent.objects.filter(purpose="representation").latest("noted_at").pk)
            consents.withdraw_consent(consent=last, by=ana)
        with on_the_case(cast, "ana", code) as (ana, opened):
            taken = get_consent(opened, last.pk)
            withdrawn_in_error.put_right(consent=taken, nonce=uuid4(), reason="The wrong line.", by=ana)
    grant = ask(cast, code)
    found = cover(cast, code, grant)
    assert found.by_asker
    assert found.noted_first.noted_by_id == cast.lana.pk
    text = page(cast, code, grant)
    assert "by Lana; put right" in text
    assert "Lana noted it herself" in text


def test_to_whom_stands_on_the_page_also_once_it_is_open(cast, code):
    consent = noted(cast, code, "Lana Petrović")
    grant = ask(cast, code)
    approve(cast, code, grant, consent=consent)
    assert "(Lana Petrović)" in page(cast, code, grant)


def test_agreeing_with_another_consent_than_the_one_that_counts_is_said(cast, code):
    first = noted(cast, code, "")
    second = noted(cast, code, "Lana")
    grant = ask(cast, code)
    approve(cast, code, grant, consent=first)
    client, address = cast.client("ana"), f"/cases/{code}/identity/for/{grant}/approve"
    again = client.post(address, {"consent": str(first.pk), "hours": "24"}, follow=True).content.decode()
    assert "It is open to her now." in again
    other = client.post(address, {"consent": str(second.pk), "hours": "24"}, follow=True).content.decode()
    assert "It is open to her now." not in other
    assert "with another consent" in other
    with pytest.raises(WrongState, match="another consent"):
        approve(cast, code, grant, consent=second)


def test_why_it_was_refused_is_read_by_whoever_asked(cast, code):
    grant = ask(cast, code)
    typed = {"text": "She wants to speak to you first."}
    for _click in range(2):
        answer = cast.client("ana").post(f"/cases/{code}/identity/for/{grant}/decline", typed, follow=True)
        assert "Refused. She sees that on the case." in answer.content.decode()
    assert "She wants to speak to you first." in page(cast, code, grant, "lana")
    other = ask(cast, code)
    act(cast, code, other, partial(service.decline_grant, text=""), "ana")
    assert "speak to you first" not in page(cast, code, other, "lana")


@pytest.mark.parametrize(
    ("recipient", "by"), [("Lana Petrović", "ana"), ("not Lana, only Dara", "ana"), ("Lana", "lana")]
)
def test_a_doubtful_one_is_last_and_taken_only_from_whoever_asked_the_survivor(cast, code, definer, recipient, by):
    plain = noted(cast, code, "")
    doubtful = noted(cast, code, recipient, by=by)
    grant = ask(cast, code)
    text = page(cast, code, grant)
    assert text.index(str(plain.pk)) < text.index(str(doubtful.pk))
    client, address = cast.client("ana"), f"/cases/{code}/identity/for/{grant}/approve"
    typed = {"consent": str(doubtful.pk), "hours": "4"}
    answer = client.post(address, typed)
    assert answer.status_code == 422
    assert "Ask the survivor whether she means her" in answer.content.decode()
    assert state(definer, grant)[0] == "asked"
    assert client.post(address, {**typed, "sure": "on"}).status_code == 302
    assert state(definer, grant)[0] == "active"


def test_a_plain_one_asks_nothing_more(cast, code):
    plain = noted(cast, code, "")
    grant = ask(cast, code)
    assert 'name="sure"' not in page(cast, code, grant)
    typed = {"consent": str(plain.pk), "hours": "4"}
    assert cast.client("ana").post(f"/cases/{code}/identity/for/{grant}/approve", typed).status_code == 302


def test_who_cannot_read_whom_the_consents_name_is_offered_none(cast, code):
    consent = noted(cast, code, "")
    grant = ask(cast, code)
    plant("DELETE FROM vault_wrap WHERE user_id = %s AND purpose = 'content'", cast.ana.pk)
    assert f'value="{consent.pk}"' not in page(cast, code, grant)
    with pytest.raises(NotHeld):
        approve(cast, code, grant, consent=consent)


def test_a_refusal_that_is_too_long_is_kept_to_be_shortened(cast, code, definer):
    grant = ask(cast, code)
    answer = cast.client("ana").post(f"/cases/{code}/identity/for/{grant}/decline", {"text": "why " * 30_000})
    assert answer.status_code == 422
    assert "why why" in answer.content.decode()
    assert state(definer, grant)[0] == "asked"


def test_what_was_only_asked_is_taken_back_in_those_words(cast, code):
    grant = ask(cast, code)
    answer = cast.client("lana").post(f"/cases/{code}/identity/for/{grant}/end", follow=True)
    assert "Nobody is asked any more." in answer.content.decode()


def test_the_first_holder_of_a_protected_case_takes_her_yes_back(cast, code, definer):
    plant("UPDATE cases_case SET compartment = 'protected'")
    consent = noted(cast, code, "")
    grant = ask(cast, code)
    approve(cast, code, grant, consent=consent)
    assert f"/cases/{code}/identity/for/{grant}/end" in page(cast, code, grant)
