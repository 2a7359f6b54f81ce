"""Consents on paper: the day on it, the sheet that she signs, and a paper from before she took it back or said no."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts import database
from accounts.exceptions import WrongState
from accounts.rendering import version
from cases import knowledge
from cases.access import get_case
from cases.access.consents import get_consent
from cases.access.export import list_records
from cases.models import Consent
from cases.services import consents
from cases.services.export import make_copy
from cases.services.recipient_names import may_be_the_same, same_name
from tests.cases.helpers import assign, open_case
from tests.security.attack import plant, run, switched_off
from tests.security.test_consents import noted, states, withdraw

ZONE = settings.TIME_ZONE


@pytest.fixture
def code(cast):
    """Ana leads, Lana is the lawyer."""
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "lana")
    return code


def typed(**more):
    return {"nonce": uuid4(), "given": "yes", "given_by": "self", "language": "sr", "recipient": "Lana", **more}


def test_a_consent_in_writing_has_the_day_on_the_paper_and_a_spoken_one_has_none(cast, code):
    client, today = cast.client("ana"), timezone.localdate()
    where = f"/cases/{code}/consents/ask/representation"
    for how, day, words in (
        ("written", today + timedelta(days=1), "This lies in the future."),
        ("written", "1019-05-12", "This lies too far back."),
        ("spoken", today, "Only a consent in writing has a day on the paper."),
    ):
        answer = client.post(where, typed(how=how, signed_on=day))
        assert answer.status_code == 422, how
        assert words in answer.content.decode()
    first, same = typed(how="written", signed_on="2019-05-12"), typed(how="written")
    for form in (first, first, {**first, "signed_on": "2019-05-13"}, same, typed(how="spoken", recipient="Maja")):
        assert client.post(where, form).status_code == 302
    with cast.acting("ana"):
        days = list(Consent.objects.order_by("noted_at").values_list("signed_on", flat=True))
    assert days == [date(2019, 5, 12), date(2019, 5, 13), today, None]


def test_the_day_on_the_paper_stands_wherever_the_consent_stands(cast, code):
    signed = date(2019, 5, 12)
    noted(cast, code, "representation", how="written", recipient="Lana", signed_on=signed)
    client = cast.client("ana")
    assert "day on the paper: 12 May 2019" in client.get(f"/cases/{code}/consents").content.decode()
    assert (
        "She agreed in writing: Legal representation, 12 May 2019"
        in client.get(f"/cases/{code}/timeline").content.decode()
    )
    paper = sheet(client, code, "representation")
    assert "Signed before:" in paper
    assert "May 12, 2019" in paper
    with cast.acting("ana") as ana:
        opened = get_case(ana, code)
        database.value("session_stepped_up")
        made = make_copy(case=opened.case, records=list_records(opened), notes=[], by=ana)
    lines = dict(next(part.lines for part in made if part.heading == "What you agreed to"))
    said = lines["Legal representation"]
    assert said.startswith("yes – to whom: Lana – In writing – You yourself – noted: ")
    assert said.endswith(" – signed on 12 May 2019")


def sheet(client, code, *purposes):
    answer = client.post(f"/cases/{code}/consents/print", {"language": "en", "purposes": purposes})
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_only_the_sheet_is_in_the_language_of_the_sheet(cast, code):
    asked = {"language": "sr-latn", "purposes": ["services"]}
    paper = cast.client("ana").post(f"/cases/{code}/consents/print", asked).content.decode()
    assert '<html lang="en"' in paper
    assert "Sign out" in paper
    sheet = paper.partition('<div lang="sr-Latn">')[2]
    assert sheet
    assert "Signature" not in sheet
    assert "What I agree to" not in paper


def test_the_sheet_says_to_whom_or_leaves_a_line_for_it(cast, code):
    client = cast.client("ana")
    blank = "To whom: ____"
    paper = sheet(client, code, "services", "referral", "representation")
    assert paper.count(blank) == 2  # not where nobody is named
    assert "Day ____" in paper
    assert "Signature ____" in paper
    assert f"Reference: {code}. Printed " in paper
    noted(cast, code, "referral", recipient="The shelter <b>")
    gone = noted(cast, code, "referral", recipient="The clinic")
    withdraw(cast, code, gone)
    noted(cast, code, "representation", recipient="Lana")
    noted(cast, code, "representation", how="written", recipient="lana ", signed_on=timezone.localdate())
    paper = sheet(client, code, "referral", "representation")
    assert 'To whom: <strong translate="no">The shelter &lt;b&gt;</strong>' in paper
    assert "The clinic" not in paper  # taken back
    assert paper.count(blank) == 1  # signed already: whoever is next is written by hand
    assert 'Signed before: <span translate="no">lana </span>' in paper
    noted(cast, code, "referral", how="written", recipient="The shelter <b>")  # from before the day was asked for
    assert 'Signed before: <span translate="no">The shelter &lt;b&gt;</span></p>' in sheet(client, code, "referral")


def test_a_later_no_to_the_same_overtakes_a_yes_on_the_sheet_and_a_name_stands_once(cast, code):
    client, today = cast.client("ana"), timezone.localdate()
    noted(cast, code, "referral", recipient="The clinic")
    noted(cast, code, "referral", recipient="The shelter")
    noted(cast, code, "referral", given=False, recipient="the clinic ")
    paper = sheet(client, code, "referral")
    assert "The shelter" in paper
    assert "The clinic" not in paper
    noted(cast, code, "referral", given=False, how="written", recipient="The shelter", signed_on=date(2019, 5, 12))
    assert "The shelter" in sheet(client, code, "referral")  # she said no before, and yes after it
    noted(cast, code, "referral", recipient="The clinic")
    assert 'To whom: <strong translate="no">The clinic' in sheet(client, code, "referral")
    for day in (today, today - timedelta(days=1)):
        noted(cast, code, "media", how="written", signed_on=day)
        noted(cast, code, "representation", how="written", recipient="Lana", signed_on=day)
    with cast.acting("ana") as ana:
        chosen = {"chosen": ["media", "representation"], "language": "en"}
        papers = [one.on_paper for one in consents.print_sheet(case=get_case(ana, code).case, by=ana, **chosen)]
    assert sorted(papers) == [[("", today)], [("Lana", today)]]


# --- A paper from before ----------------------------------------------------------------------
def test_the_page_says_which_text_and_which_version_of_the_program(cast, code):
    page = cast.client("ana").get(f"/cases/{code}/consents/ask/referral").content.decode()
    assert f"Sidro {version()}" in page
    assert f"Text {knowledge.consents().purpose('referral').version}." in page


def days_ago(days):
    return timezone.localdate() - timedelta(days=days)


def move_back(column, days):
    """What was noted or withdrawn today was so some days ago."""
    plant(f"UPDATE cases_consent SET {column} = {column} - make_interval(days => %s) WHERE {column} IS NOT NULL", days)


def test_a_paper_from_before_she_took_it_back_is_no_yes(cast, code):
    withdraw(cast, code, noted(cast, code, "representation", recipient="Lana"))
    move_back("withdrawn_at", 2)
    client, where = cast.client("ana"), f"/cases/{code}/consents/ask/representation"
    for more in ({"signed_on": days_ago(9)}, {"signed_on": days_ago(2), "signed_time": "00:00"}):
        answer = client.post(where, typed(how="written", recipient="lana ", **more))
        text = answer.content.decode()
        assert answer.status_code == 422, more
        assert "A paper from before that counts no more" in text
        assert "let her sign a new paper" in text
        assert 'value="lana' in text  # nothing typed is lost
    assert states(cast, code) == [("representation", "withdrawn")]
    for more in (
        {"given": "no", "signed_on": days_ago(9)},
        {"recipient": "Maja", "signed_on": days_ago(9)},
        {"signed_on": days_ago(1)},
    ):
        assert client.post(where, typed(how="written", **more)).status_code == 302, more


def test_a_paper_from_before_she_said_no_is_no_yes_and_a_no_is_always_noted(cast, code):
    noted(cast, code, "referral", given=False, recipient="The clinic")
    move_back("noted_at", 3)
    to = {"purpose": "referral", "how": "written", "recipient": "The clinic"}
    with pytest.raises(WrongState, match="a paper from before that day counts no more"):
        noted(cast, code, **to, signed_on=days_ago(4))
    noted(cast, code, **to, signed_on=days_ago(9), given=False)
    noted(cast, code, **{**to, "recipient": "The shelter"}, signed_on=days_ago(4))
    noted(cast, code, **to, signed_on=days_ago(3))  # she thought again on that day
    noted(cast, code, "referral", given=False, how="written", recipient="A court", signed_on=days_ago(9))
    noted(cast, code, "referral", how="written", recipient="A court", signed_on=days_ago(8))


def test_a_paper_from_the_same_day_counts_where_she_signed_it_after_she_took_it_back(cast, code):
    withdraw(cast, code, noted(cast, code, "representation", recipient="Lana"))
    plant("UPDATE cases_consent SET withdrawn_at = date_trunc('day', now(), %s) - interval '12 hours'", ZONE)
    client, where = cast.client("ana"), f"/cases/{code}/consents/ask/representation"
    asks = 'name="signed_time"'
    assert asks not in client.get(where).content.decode()
    form = typed(how="written", signed_on=days_ago(1))
    answer = client.post(where, form)
    assert answer.status_code == 422
    assert "She took this back on that day" in answer.content.decode()
    assert asks in answer.content.decode()
    early = client.post(where, {**form, "signed_time": "12:00"})
    assert early.status_code == 422
    assert "A paper from before that counts no more" in early.content.decode()
    assert 'value="12:00"' in early.content.decode()
    wrong = client.post(where, {**form, "signed_on": "1019-05-12", "signed_time": "12:01"})
    assert "This lies too far back." in wrong.content.decode()
    for page in (answer, early, wrong):  # it is asked for
        assert "At what time did she sign it?</label>" in page.content.decode()
    assert client.post(where, {**form, "signed_time": "12:01"}).status_code == 302
    assert ", 12:01" in client.get(f"/cases/{code}/consents").content.decode()
    ahead = client.post(where, {**typed(how="written"), "signed_time": "23:59"})
    assert "This lies in the future." in ahead.content.decode()
    assert states(cast, code) == [("representation", "given"), ("representation", "withdrawn")]


@pytest.mark.parametrize("day", ["", "2019-05-12"])
def test_a_time_that_was_asked_for_goes_where_she_only_said_it(cast, code, day):
    withdraw(cast, code, noted(cast, code, "representation", recipient="Lana"))
    client, where = cast.client("ana"), f"/cases/{code}/consents/ask/representation"
    asked = client.post(where, typed(how="written", signed_on=timezone.localdate()))
    assert 'name="signed_time"' in asked.content.decode()
    form = typed(how="spoken", signed_on=day, signed_time="10:00")
    assert client.post(where, form).status_code == (422 if day else 302)
    with cast.acting("ana"):
        assert not Consent.objects.exclude(signed_time=None).exists()


@pytest.mark.parametrize("name", ["LANA", "lana ", "  Lana", "Lana.", "lana,", "Lana  ;"])
def test_a_name_is_the_same_whatever_stands_around_it(cast, code, name):
    noted(cast, code, "referral", given=False, recipient="Lana")
    move_back("noted_at", 3)
    with pytest.raises(WrongState, match="a paper from before that day counts no more"):
        noted(cast, code, "referral", how="written", recipient=name, signed_on=days_ago(4))
    noted(cast, code, "referral", how="written", recipient="Lana M", signed_on=days_ago(4))


def test_blanks_within_a_name_make_no_difference_either():
    same = {same_name(name) for name in ("Safe  House", " safe house. ", "SAFE\u00a0HOUSE")}
    assert same == {"safe house"}


LANA = ["Лана", "ЛАНА", "L\u0430na", "Lan\u0430 ", "La\u200bna", "Lána."]


@pytest.mark.parametrize("name", LANA)
def test_a_name_is_the_same_in_another_script_and_with_letters_that_look_alike(cast, code, name):
    first = noted(cast, code, "representation", recipient="Lana")
    again = noted(cast, code, "representation", recipient=name)
    page = cast.client("ana").get(f"/cases/{code}/consents/{first}/withdraw").content.decode()
    assert page.count("checked") == 1  # taken back together
    with cast.acting("ana") as ana:
        row = get_consent(get_case(ana, code), first)
        consents.withdraw_consent(consent=row, alike=[again], by=ana)
    with pytest.raises(WrongState, match="A paper from before that counts no more"):
        noted(cast, code, "representation", how="written", recipient=name, signed_on=days_ago(4))


def test_a_word_of_two_scripts_is_read_as_it_looks_and_one_of_one_script_as_it_is_written():
    assert same_name("\u0420etra") == same_name("Petra")
    assert same_name("Ресавка") == "resavka"
    assert same_name("Ђорђе Шћекић") == same_name("DJORDJE ŠĆEKIĆ") == "djordje scekic"
    for one, other, alike in (
        ("Lana P.", "Лана", True),
        ("Petrović Lana", "Lana Petrović", True),
        ("Lana P.", "Petra P.", False),
        ("The clinic", "The shelter", False),
    ):
        assert may_be_the_same(one, other) is alike, (one, other)


def test_a_similar_name_that_she_took_back_is_asked_about_first(cast, code):
    withdraw(cast, code, noted(cast, code, "representation", recipient="Lana"))
    move_back("withdrawn_at", 2)
    client, where = cast.client("ana"), f"/cases/{code}/consents/ask/representation"
    assert "This is somebody else" not in client.get(where).content.decode()
    form = typed(how="written", recipient="Лана П.", signed_on=days_ago(3))
    answer = client.post(where, form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "She took this back, under a similar name: Lana (" in page
    assert "This is somebody else" in page
    assert 'value="Лана П."' in page  # nothing typed is lost
    about = re.search(r'name="asked_about" value="([^"]+)"', page)[1]
    unasked = client.post(where, {**form, "anyway": "on"})
    assert unasked.status_code == 422  # an answer to no question
    assert client.post(where, {**form, "asked_about": about}).status_code == 422
    assert client.post(where, {**form, "asked_about": about, "anyway": "on"}).status_code == 302
    for more in ({"signed_on": days_ago(1)}, {"recipient": "Maja"}, {"recipient": "Lana Z", "given": "no"}):
        assert client.post(where, {**form, "nonce": uuid4(), **more}).status_code == 302, more
    withdraw(cast, code, noted(cast, code, "representation", recipient="Lana Q"))
    newer = client.post(where, {**form, "nonce": uuid4(), "asked_about": about, "anyway": "on"})
    assert newer.status_code == 422  # she was not asked about that one
    assert "Lana Q" in newer.content.decode()


def test_a_paper_of_the_same_day_under_a_similar_name_is_asked_for_its_time(cast, code):
    """The time may say that it is the younger one: then nobody has to be somebody else."""
    withdraw(cast, code, noted(cast, code, "representation", recipient="Lana"))
    morning = timezone.localtime().replace(hour=10) - timedelta(days=1)
    plant("UPDATE cases_consent SET noted_at = %s, withdrawn_at = %s", morning - timedelta(days=1), morning)
    client, where = cast.client("ana"), f"/cases/{code}/consents/ask/representation"
    form = typed(how="written", recipient="Lana P.", signed_on=days_ago(1))
    page = client.post(where, form).content.decode()
    assert "under a similar name" in page
    assert 'name="signed_time"' in page
    assert client.post(where, {**form, "signed_time": "09:00"}).status_code == 422
    assert client.post(where, {**form, "signed_time": "12:00"}).status_code == 302


OLD_PAPER = (
    "INSERT INTO cases_consent (id, case_id, purpose, given, how, given_by, language, text_version, noted_at, noted_by_id,"
    " signed_on, signed_time) SELECT gen_random_uuid(), c.id, %s, true, 'written', 'self', 'sr', '1', now(), %s, %s, %s"
    " FROM cases_case c"
)


def test_postgresql_takes_no_paper_from_before_either(cast, code):
    withdraw(cast, code, noted(cast, code, "contact"))
    noted(cast, code, "media", given=False)
    move_back("withdrawn_at", 2)
    move_back("noted_at", 2)
    old = [
        ("contact", days_ago(2), None),
        ("contact", days_ago(2), "00:00"),
        ("contact", None, None),
        ("contact", None, "23:59"),
        ("media", days_ago(3), None),
        ("media", None, None),
    ]
    for purpose, day, hour in old:
        with cast.acting("ana"), pytest.raises(DatabaseError, match="old_paper"), transaction.atomic():
            run(OLD_PAPER, purpose, cast.ana.pk, day, hour)
        with pytest.raises(WrongState):
            noted(cast, code, purpose, how="written", signed_on=day)
    with switched_off("ALTER TABLE cases_consent DISABLE TRIGGER consent_noted"), cast.acting("ana"):
        for purpose, day, hour in old:
            run(OLD_PAPER, purpose, cast.ana.pk, day, hour)
        transaction.set_rollback(True)
    plant("UPDATE cases_consent SET withdrawn_at = date_trunc('day', withdrawn_at, %s) + interval '12 hours'", ZONE)
    with cast.acting("ana"), transaction.atomic():
        run(OLD_PAPER, "contact", cast.ana.pk, days_ago(2), "12:01")
        transaction.set_rollback(True)
    for purpose, day in (("contact", days_ago(1)), ("media", days_ago(2)), ("linking", None)):
        noted(cast, code, purpose, how="written", signed_on=day)
