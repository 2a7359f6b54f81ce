"""A withdrawal that was noted in error is put right by whoever noted it, at once, and never over what she said since."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from accounts import database
from accounts.exceptions import WrongState
from cases.access import get_case
from cases.access.consents import get_consent, list_consents
from cases.access.export import list_records
from cases.models import Consent
from cases.policies import ERROR_MINUTES
from cases.services import consents, withdrawn_in_error
from cases.services.export import make_copy
from tests.cases.helpers import assign, open_case, rate
from tests.security.attack import plant, rewritten, run
from tests.security.granting import case_with_a_card, consent_of, granted, state, wraps
from tests.security.test_consents import noted, states, withdraw

FORGED = (
    "INSERT INTO cases_consent (id, case_id, purpose, given, how, given_by, language, text_version, noted_at, noted_by_id,"
    " restores_id) SELECT gen_random_uuid(), o.case_id, o.purpose, true, %s, o.given_by, o.language, o.text_version, now(),"
    " %s, o.id FROM cases_consent o WHERE o.id = %s"
)


@pytest.fixture
def code(cast):
    """Ana leads, Lana is the lawyer."""
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "lana")
    return code


def put_right(cast, code, consent, name="ana", reason="The wrong line."):
    with cast.acting(name) as person:
        row = get_consent(get_case(person, code), consent)
        withdrawn_in_error.put_right(consent=row, nonce=uuid4(), reason=reason, by=person)


def age(minutes):
    plant("UPDATE cases_consent SET withdrawn_at = withdrawn_at - make_interval(mins => %s)", minutes)


def test_it_counts_again_as_a_new_record_that_says_so(cast, code, definer):
    paper = noted(cast, code, "representation", how="written", recipient="Lana", signed_on="2019-05-12")
    withdraw(cast, code, paper)
    client, where = cast.client("ana"), f"/cases/{code}/consents/{paper}/error"
    assert "She did not: put it right" in client.get(f"/cases/{code}/consents").content.decode()
    assert "She did not" not in cast.client("lana").get(f"/cases/{code}/consents").content.decode()
    page = client.get(where).content.decode()
    assert "Lana" in page
    assert client.post(where, {"nonce": uuid4()}).status_code == 422
    form = {"nonce": uuid4(), "reason": "I clicked the wrong line."}
    for _click in range(2):
        assert client.post(where, form).status_code == 302
    assert client.post(where, {**form, "nonce": uuid4()}).status_code == 302  # another tab
    assert states(cast, code) == [("representation", "given"), ("representation", "withdrawn")]
    with cast.acting("ana") as ana:
        opened = get_case(ana, code)
        new, old = list_consents(opened)
        assert (new.restores_id, new.how, new.signed_on) == (old.pk, "written", old.signed_on)
        assert set(consents.read_recipients(case=opened.case, consents=[new], by=ana).values()) == {"Lana"}
    listed = cast.client("lana").get(f"/cases/{code}/consents").content.decode()
    for words in ("noted as withdrawn in error", "put right", "I clicked the wrong line.", "Counts again"):
        assert words in listed, words
    assert "taken back in error" in client.get(f"/cases/{code}/timeline").content.decode()
    assert "withdrawn in error" in client.get(f"/cases/{code}/looks").content.decode()
    stored = definer.execute("SELECT row_to_json(o)::text FROM cases_consent o").fetchall()
    assert "wrong line" not in str(stored)
    assert client.get(where).status_code == 302
    # the same paper is no old one
    noted(cast, code, "representation", how="written", recipient="lana.", signed_on="2019-05-12")


def test_she_reads_both_on_her_sheet_and_in_her_copy(cast, code):
    consent = noted(cast, code, "media", how="written", signed_on="2019-05-12")
    withdraw(cast, code, consent)
    put_right(cast, code, consent)
    answer = cast.client("ana").post(f"/cases/{code}/consents/print", {"language": "en", "purposes": ["media"]})
    assert "we noted by mistake that you had taken this back, and put it right" in answer.content.decode()
    with cast.acting("ana") as ana:
        opened = get_case(ana, code)
        database.value("session_stepped_up")
        made = make_copy(case=opened.case, records=list_records(opened), notes=[], by=ana)
    lines = next(part.lines for part in made if part.heading == "What you agreed to")
    said = [text for name, text in lines if "noted as withdrawn in error" in text]
    assert len(said) == 2
    assert said[1].startswith("yes – ")


def test_what_was_withdrawn_together_is_put_right_together(cast, code):
    spoken, written = noted(cast, code), noted(cast, code, how="written", signed_on="2019-05-12")
    withdraw(cast, code, spoken)
    put_right(cast, code, written)
    assert [state for _purpose, state in states(cast, code)].count("given") == 2


def test_only_whoever_noted_it_and_for_a_quarter_of_an_hour(cast, code):
    consent = noted(cast, code)
    withdraw(cast, code, consent)
    with pytest.raises(WrongState, match="cannot be put right any more"):
        put_right(cast, code, consent, "lana")
    with cast.acting("lana"), pytest.raises(DatabaseError, match="not_in_error"), transaction.atomic():
        run(FORGED, "spoken", cast.lana.pk, consent)
    with rewritten("consent_restorable", "o.withdrawn_by_id = app.uid()", "true"), cast.acting("lana"):
        run(FORGED, "spoken", cast.lana.pk, consent)
        transaction.set_rollback(True)
    age(16)
    with pytest.raises(WrongState, match="cannot be put right any more"):
        put_right(cast, code, consent)
    with cast.acting("ana"), pytest.raises(DatabaseError, match="not_in_error"), transaction.atomic():
        run(FORGED, "spoken", cast.ana.pk, consent)
    with rewritten("consent_restorable", "15 minutes", "15 hours"), cast.acting("ana"):
        run(FORGED, "spoken", cast.ana.pk, consent)
        transaction.set_rollback(True)
    age(-2)
    put_right(cast, code, consent)


def test_it_is_the_same_yes_word_for_word(cast, code):
    consent = noted(cast, code)
    withdraw(cast, code, consent)
    with cast.acting("ana"), pytest.raises(DatabaseError, match="not_in_error"), transaction.atomic():
        run(FORGED, "written", cast.ana.pk, consent)
    with rewritten("consent_restorable", "n.how", "o.how"), cast.acting("ana"):
        run(FORGED, "written", cast.ana.pk, consent)
        transaction.set_rollback(True)
    other = noted(cast, code, "media")  # a yes that counts is nothing to put right
    with cast.acting("ana"), pytest.raises(DatabaseError, match="not_in_error"), transaction.atomic():
        run(FORGED, "spoken", cast.ana.pk, other)


def test_what_she_said_since_is_never_overridden(cast, code):
    consent = noted(cast, code)
    withdraw(cast, code, consent)
    noted(cast, code, given=False)
    with pytest.raises(WrongState, match="where she said something else since"):
        put_right(cast, code, consent)
    with cast.acting("ana"), pytest.raises(DatabaseError, match="not_in_error"), transaction.atomic():
        run(FORGED, "spoken", cast.ana.pk, consent)
    with rewritten("consent_restorable", "NOT l.given AND l.noted_at > o.noted_at", "false"), cast.acting("ana"):
        run(FORGED, "spoken", cast.ana.pk, consent)
        transaction.set_rollback(True)
    first = noted(cast, code, "media")
    withdraw(cast, code, first)
    withdraw(cast, code, noted(cast, code, "media"))  # asked again, and this time she did take it back
    with pytest.raises(WrongState, match="where she said something else since"):
        put_right(cast, code, first)


@pytest.mark.parametrize(("purpose", "name"), [("contact", ""), ("representation", "Лана")])
def test_a_newer_yes_to_the_same_counts_and_the_old_one_is_not_put_right_beside_it(cast, code, purpose, name):
    old = noted(cast, code, purpose, recipient=name and "Lana")
    withdraw(cast, code, old)
    other = noted(cast, code, "referral", recipient="Lana")  # a yes to something else
    offer, where = f"/consents/{old}/error", f"/cases/{code}/consents"
    assert offer in cast.client("ana").get(where).content.decode()
    noted(cast, code, purpose, recipient=name)
    assert offer not in cast.client("ana").get(where).content.decode()
    with pytest.raises(WrongState, match="where she said something else since"):
        put_right(cast, code, old)
    assert states(cast, code).count((purpose, "given")) == 1
    if name:
        return  # to whom is sealed
    with cast.acting("ana"), pytest.raises(DatabaseError, match="not_in_error"), transaction.atomic():
        run(FORGED, "spoken", cast.ana.pk, old)
    off = "l.given AND l.restores_id IS NULL AND l.noted_at > o.withdrawn_at"
    with rewritten("consent_restorable", off, "false"), cast.acting("ana"):
        run(FORGED, "spoken", cast.ana.pk, old)
        transaction.set_rollback(True)
    withdraw(cast, code, other)


def test_where_it_cannot_be_put_right_the_page_says_why(cast, code):
    consent = noted(cast, code)
    where, ana = f"/cases/{code}/consents/{consent}/error", cast.client("ana")
    nothing = ana.get(where, follow=True).content.decode()
    assert "There is nothing to put right: this was not taken back." in nothing
    withdraw(cast, code, consent)
    assert "only whoever noted the withdrawal can" in cast.client("lana").get(where, follow=True).content.decode()
    form = {"nonce": uuid4(), "reason": "The wrong line."}
    assert ana.post(where, form).status_code == 302
    assert "It was put right already." in ana.get(where, follow=True).content.decode()
    for nonce in (form["nonce"], uuid4()):
        again = ana.post(where, {"nonce": nonce, "reason": "The wrong case."})
        assert again.status_code == 422
        assert "It was put right already. The reason noted there is another one" in again.content.decode()
        assert "The wrong case." in again.content.decode()


def test_a_second_click_is_silent_and_what_came_since_is_not(cast, code):
    consent = noted(cast, code)
    withdraw(cast, code, consent)
    client, form = cast.client("ana"), {"nonce": uuid4(), "reason": "The wrong line."}
    where = f"/cases/{code}/consents/{consent}/error"
    assert client.post(where, form).status_code == 302
    lana = cast.client("lana").post(where, {**form, "nonce": uuid4()})
    assert lana.status_code == 422
    assert "It was put right already." in lana.content.decode()
    with cast.acting("ana"):
        again = Consent.objects.get(restores=consent).pk
    withdraw(cast, code, again)  # and now she did take it back
    other = client.post(where, {**form, "nonce": uuid4()})
    assert other.status_code == 422
    assert "cannot be put right any more" in other.content.decode()
    assert client.post(where, form).status_code == 302  # the very same click
    assert states(cast, code) == [("contact", "withdrawn")] * 2


def test_statistics_are_put_right_at_immediate_risk_too_because_nobody_asks_her(cast, code):
    consent = noted(cast, code, "statistics")
    withdraw(cast, code, consent)
    rate(cast, code, "immediate")
    put_right(cast, code, consent)
    assert states(cast, code) == [("statistics", "given"), ("statistics", "withdrawn")]


@pytest.mark.parametrize("came", ["the last minute", "a no"])
def test_what_comes_between_the_check_and_the_record_is_no_fault(cast, code, monkeypatch, came):
    consent = noted(cast, code)
    withdraw(cast, code, consent)
    if came == "a no":
        noted(cast, code, given=False)
        monkeypatch.setattr(withdrawn_in_error, "_said_since", lambda *_arguments: "")
    else:
        age(16)
        monkeypatch.setattr(withdrawn_in_error, "why_not", lambda **_arguments: "")
    where = f"/cases/{code}/consents/{consent}/error"
    answer = cast.client("ana").post(where, {"nonce": uuid4(), "reason": "The wrong line."})
    assert answer.status_code == 422
    assert "cannot be put right any more" in answer.content.decode()
    assert "The wrong line." in answer.content.decode()
    assert ("contact", "given") not in states(cast, code)


def test_a_yes_that_counts_is_nothing_to_put_right(cast, code):
    where = f"/cases/{code}/consents/{noted(cast, code)}/error"
    for form in ({"nonce": uuid4()}, {"nonce": uuid4(), "reason": "The wrong line."}):
        assert cast.client("ana").post(where, form).status_code == 302
    assert states(cast, code) == [("contact", "given")]


def test_it_is_promised_only_where_it_can_be_put_right(cast, code):
    where = f"/cases/{code}/consents/{noted(cast, code)}/withdraw"
    words = f"you alone can put it right within {ERROR_MINUTES} minutes."
    assert words in cast.client("ana").get(where).content.decode()
    plant("UPDATE cases_case SET state = 'closed'")
    page = cast.client("ana").get(where)
    assert page.status_code == 200
    assert "put it right" not in page.content.decode()


def test_her_sheet_says_each_error_once_for_each_to_whom(cast, code):
    for how in ("spoken", "written"):
        first = noted(cast, code, how=how, signed_on="2019-05-12" if how == "written" else None)
    withdraw(cast, code, first)
    put_right(cast, code, first)
    for name in ("The clinic", "The shelter"):
        consent = noted(cast, code, "referral", recipient=name)
        withdraw(cast, code, consent)
        put_right(cast, code, consent)
    form = {"language": "en", "purposes": ["contact", "referral"]}
    paper = cast.client("ana").post(f"/cases/{code}/consents/print", form).content.decode()
    assert paper.count("we noted by mistake") == 3
    for name in ("The clinic", "The shelter"):
        assert f'<strong translate="no">{name}</strong>: On ' in paper


def test_where_it_says_to_whom_only_what_she_said_about_the_same_counts(cast, code):
    wrong = noted(cast, code, "referral", recipient="The clinic")
    meant = noted(cast, code, "referral", recipient="The shelter")
    withdraw(cast, code, wrong)
    withdraw(cast, code, meant)
    put_right(cast, code, wrong)  # the line beside it was meant
    again = noted(cast, code, "referral", recipient="The church")
    withdraw(cast, code, again)
    noted(cast, code, "referral", given=False, recipient="the church.")
    with pytest.raises(WrongState, match="where she said something else since"):
        put_right(cast, code, again)
    with cast.acting("ana"):
        counts = Consent.objects.filter(given=True, withdrawn_at__isnull=True)
        assert [row.restores_id for row in counts] == [wrong]


def test_whoever_opened_her_identity_because_of_it_asks_anew(cast, definer):
    code = case_with_a_card(cast)
    grant, consent = granted(cast, code), consent_of(cast, code).pk
    withdraw(cast, code, consent)
    put_right(cast, code, consent)
    assert state(definer, grant) == ("ended", "withdrawn")
    assert wraps(definer, cast) == 0
    assert granted(cast, code) != grant
