"""Consents: noted as she said it, never asked at the wrong time, withdrawn in one act by whoever works on the case."""

from contextlib import nullcontext
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts import database, hooks
from accounts.exceptions import NotAllowed, WrongState
from cases.access import get_case, get_request
from cases.access.consents import get_consent, list_consents
from cases.choices import CaseRole
from cases.codes import ConsentPurpose, ConsentState
from cases.models import Consent
from cases.policies import consent_state
from cases.services import closing, consents
from cases.services.accept import accept_request
from tests.cases.helpers import agree, assign, log, open_case, rate
from tests.security.attack import open_table, plant, rewritten, run, switched_off

INSERT = (
    "INSERT INTO cases_consent (id, case_id, purpose, given, how, given_by, language, text_version, noted_at, noted_by_id)"
    " SELECT gen_random_uuid(), c.id, %s, %s, 'spoken', 'self', 'sr', '1', now(), %s FROM cases_case c"
)


@pytest.fixture
def code(cast):
    """Ana leads, Lana is the lawyer."""
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "lana")
    return code


def noted(cast, code, purpose="contact", name="ana", **more):
    with cast.acting(name) as person:
        return agree(get_case(person, code).case, purpose, by=person, **more)


def withdraw(cast, code, consent, name="ana"):
    with cast.acting(name) as person:
        consents.withdraw_consent(consent=get_consent(get_case(person, code), consent), by=person)


def states(cast, code):
    with cast.acting("ana") as ana:
        rows = list_consents(get_case(ana, code))
        return [(row.purpose, consent_state(row, timezone.now())) for row in rows]


def test_yes_no_expired_and_withdrawn_are_told_apart(cast, code, definer):
    noted(cast, code, "services")
    noted(cast, code, "media", given=False)
    taken_back = noted(cast, code, "linking", name="lana")
    withdraw(cast, code, taken_back, "lana")
    noted(cast, code, "platform_report", last_day=timezone.localdate())
    assert states(cast, code) == [
        ("platform_report", "given"), ("linking", "withdrawn"), ("media", "refused"), ("services", "given"),
    ]  # fmt: skip
    plant("UPDATE cases_consent SET expires_at = clock_timestamp() - interval '1 second' WHERE expires_at IS NOT NULL")
    assert states(cast, code)[0] == ("platform_report", ConsentState.EXPIRED)
    lines = definer.execute("SELECT detail FROM cases_timelineentry WHERE kind = 'consent' ORDER BY at").fetchall()
    assert [line for (line,) in lines] == [
        "consent_yes:services", "consent_no:media", "consent_yes:linking", "consent_off:linking",
        "consent_yes:platform_report",
    ]  # fmt: skip
    logged = definer.execute("SELECT count(*) FROM accounts_auditevent WHERE action ~ '^consent_'").fetchone()
    assert logged == (5,)


def test_to_whom_is_sealed(cast, code, definer):
    consent = noted(cast, code, "referral", recipient="The shelter")
    with cast.acting("lana") as lana:
        case = get_case(lana, code).case
        rows = [Consent.objects.get(pk=consent)]
        assert consents.read_recipients(case=case, consents=rows, by=lana) == {consent: "The shelter"}
    stored = definer.execute("SELECT row_to_json(o)::text FROM cases_consent o").fetchall()
    assert "shelter" not in str(stored)


def test_the_same_form_twice_is_one(cast, code):
    new = consents.NewConsent(uuid4(), ConsentPurpose.MEDIA, True, "spoken", "self", "sr")
    for _click in range(2):
        with cast.acting("ana") as ana:
            consents.note_consent(case=get_case(ana, code).case, new=new, by=ana)
    assert len(states(cast, code)) == 1


def test_a_no_beside_a_yes_is_refused_and_the_yes_is_withdrawn_instead(cast, code):
    noted(cast, code, "contact")
    with pytest.raises(WrongState):
        noted(cast, code, "contact", given=False)
    beside = (INSERT, "contact", False, cast.ana.pk)
    with cast.acting("ana"), pytest.raises(DatabaseError, match="withdraw_first"), transaction.atomic():
        run(*beside)
    with switched_off("ALTER TABLE cases_consent DISABLE TRIGGER consent_noted"), cast.acting("ana"):
        run(*beside)
    noted(cast, code, "referral", recipient="A shelter")
    noted(cast, code, "referral", given=False, recipient="A clinic")
    noted(cast, code, "representation", how="written", recipient="Lana")
    noted(cast, code, "representation", given=False, recipient="Dara")
    with pytest.raises(WrongState, match="still counts"):
        noted(cast, code, "representation", given=False, recipient="LANA")


def test_statistics_are_not_asked_while_she_is_in_danger(cast, code):
    rate(cast, code, "immediate")
    with pytest.raises(WrongState):
        noted(cast, code, "statistics")
    asked = (INSERT, "statistics", True, cast.ana.pk)
    with cast.acting("ana"), pytest.raises(DatabaseError, match="not_now"), transaction.atomic():
        run(*asked)
    with switched_off("ALTER TABLE cases_consent DISABLE TRIGGER consent_noted"), cast.acting("ana"):
        run(*asked)
        transaction.set_rollback(True)
    assert consents.purposes()[-1] == ConsentPurpose.STATISTICS
    page = cast.client("ana").get(f"/cases/{code}/consents").content.decode()
    assert "Not asked while she is in immediate danger" in page
    assert f"/cases/{code}/consents/ask/statistics" not in page


def test_nobody_notes_in_another_name_or_on_a_case_of_others(cast, code):
    for name, noted_by in (("lana", cast.ana.pk), ("ceca", cast.ceca.pk)):
        with cast.acting(name), transaction.atomic():
            if name == "ceca":
                assert run(INSERT, "media", True, noted_by) == []  # she sees no case to note it on
                continue
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                run(INSERT, "media", True, noted_by)
    with switched_off(open_table("cases_consent")), cast.acting("lana"):
        run(INSERT, "media", True, cast.ana.pk)


def test_it_is_withdrawn_through_its_one_door_only(cast, code):
    consent = noted(cast, code)
    statement = "UPDATE cases_consent SET withdrawn_at = now(), withdrawn_by_id = app.uid()"
    with cast.acting("ana"), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        run(statement)
    opened = ("GRANT UPDATE ON cases_consent TO PUBLIC", open_table("cases_consent"))
    with switched_off(*opened), cast.acting("ana"), transaction.atomic():
        run(statement)  # without the control
        transaction.set_rollback(True)
    for stranger in ("ceca", "boba", "koka"):
        with cast.acting(stranger), pytest.raises(database.Refused, match="not_allowed"), transaction.atomic():
            database.value("consent_withdraw", consent, [])
    withdraw(cast, code, consent)
    with cast.acting("ana"):
        assert database.value("consent_withdraw", consent, []) == []  # a second click
    assert states(cast, code) == [("contact", "withdrawn")]


def test_an_interpreter_reads_and_does_not_withdraw(cast, code):
    consent = noted(cast, code)
    assign(cast, code, "ceca", CaseRole.INTERPRETER)
    with cast.acting("ceca") as ceca:
        opened = get_case(ceca, code)
        assert [row.pk for row in list_consents(opened)] == [consent]
        with pytest.raises(NotAllowed):
            consents.withdraw_consent(consent=get_consent(opened, consent), by=ceca)


def test_a_no_is_nothing_to_withdraw(cast, code):
    consent = noted(cast, code, given=False)
    with pytest.raises(NotAllowed):
        withdraw(cast, code, consent)


def test_a_closed_case_takes_no_consent_but_what_she_takes_back(cast, code):
    consent = noted(cast, code)
    rate(cast, code, "standard")
    with cast.acting("ana") as ana:
        shut = {"state": "closed", "reason": "needs_met", "outcome": "none", "text": ""}
        closing.close_case(case=get_case(ana, code).case, by=ana, **shut)
    with pytest.raises(WrongState):
        noted(cast, code, "media")
    withdraw(cast, code, consent)
    assert states(cast, code) == [("contact", "withdrawn")]
    client = cast.client("ana")
    assert client.post(f"/cases/{code}/consents/print", {"language": "sq", "purposes": ["media"]}).status_code == 200


def test_other_apps_are_told_in_the_same_transaction(cast, code, monkeypatch):
    consent, told = noted(cast, code), []
    monkeypatch.setattr(hooks, "on_consent_withdrawn", [told.append])
    monkeypatch.setattr(hooks, "stops_with_consent", [lambda _consent: ["Two referrals end."]])
    page = cast.client("ana").get(f"/cases/{code}/consents/{consent}/withdraw").content.decode()
    assert "Two referrals end." in page
    assert "Nobody calls or writes to her" in page
    withdraw(cast, code, consent)
    assert told == [consent]

    def fails(_consent):
        raise WrongState("A referral cannot be called back.")

    other = noted(cast, code, "media")
    monkeypatch.setattr(hooks, "on_consent_withdrawn", [fails])
    with pytest.raises(WrongState):
        withdraw(cast, code, other)
    assert states(cast, code)[0] == ("media", "given")


def test_the_sheet_is_in_her_language_and_told(cast, code, definer):
    client = cast.client("ana")
    assert client.post(f"/cases/{code}/consents/print", {"language": "sq"}).status_code == 422
    page = client.post(f"/cases/{code}/consents/print", {"language": "sr", "purposes": ["services", "media"]})
    text = page.content.decode()
    assert "Пристајем" in text
    assert "2026-11" in text
    line = definer.execute("SELECT detail FROM cases_timelineentry WHERE detail = 'consent_printed'").fetchall()
    assert line == [("consent_printed",)]


def test_the_form_keeps_what_was_typed_and_notes_it_once(cast, code):
    client = cast.client("ana")
    where = f"/cases/{code}/consents/ask/referral"
    typed = {
        "nonce": uuid4(),
        "given": "yes",
        "how": "spoken",
        "given_by": "self",
        "language": "sq",
        "recipient": "A shelter",
    }
    past = client.post(where, {**typed, "last_day": timezone.localdate() - timedelta(days=1)})
    assert past.status_code == 422
    assert "A shelter" in past.content.decode()
    for _click in range(2):
        assert client.post(where, typed).status_code == 302
    page = client.get(f"/cases/{code}/consents").content.decode()
    assert page.count("A shelter") == 1
    assert client.get(f"/cases/{code}/consents/ask/nothing").status_code == 404


# --- Said more than once ----------------------------------------------------------------------
@pytest.mark.parametrize("control", [True, False])
def test_what_she_said_yes_to_twice_is_withdrawn_with_one_act(cast, code, monkeypatch, control):
    spoken, written = noted(cast, code), noted(cast, code, how="written")
    kept, told = noted(cast, code, "media"), []
    monkeypatch.setattr(hooks, "on_consent_withdrawn", [told.append])
    off = rewritten("consent_withdraw", "hit.purpose NOT IN ('referral', 'representation')", "false")
    with nullcontext() if control else off:
        withdraw(cast, code, spoken)
    assert set(told) == ({spoken, written} if control else {spoken})
    with cast.acting("ana"):
        counts = set(Consent.objects.filter(withdrawn_at__isnull=True).values_list("pk", flat=True))
    assert counts == ({kept} if control else {kept, written})


def test_where_it_says_to_whom_those_to_the_same_are_ticked_and_she_chooses(cast, code):
    to = {"purpose": "representation", "how": "written"}
    spoken = noted(cast, code, "representation", recipient="Lana")
    same = noted(cast, code, **to, recipient="lana ")
    other = noted(cast, code, **to, recipient="Maja")
    media = noted(cast, code, "media")
    client, url = cast.client("ana"), f"/cases/{code}/consents/{spoken}/withdraw"
    page = client.get(url).content.decode()
    assert page.count('type="checkbox"') == 2
    assert page.count("checked") == 1
    assert f'value="{same}"' in page
    assert client.post(url, {"alike": [str(media)]}).status_code == 422
    with cast.acting("ana") as ana:  # PostgreSQL takes no other purpose along either
        consent = get_consent(get_case(ana, code), spoken)
        consents.withdraw_consent(consent=consent, alike=[same, media], by=ana)
    with cast.acting("ana"):
        left = set(Consent.objects.filter(withdrawn_at__isnull=True).values_list("pk", flat=True))
    assert left == {other, media}


def test_the_sheet_loaded_anew_leads_back_to_the_list(cast, code):
    answer = cast.client("ana").get(f"/cases/{code}/consents/print")
    assert (answer.status_code, answer["Location"]) == (302, f"/cases/{code}/consents")


def test_the_paper_she_reads_speaks_to_her(cast, code):
    with cast.acting("ana") as ana:
        paragraphs = consents.print_sheet(
            case=get_case(ana, code).case, chosen=["services", "contact"], language="en", by=ana
        )
    assert [str(one.heading) for one in paragraphs] == ["That we work with you", "How we may contact you"]


def test_of_an_accepted_request_nobody_reads_that_she_was_not_asked(cast, definer):
    """What she said stands on the case; whoever is not on it reads that, and not that nobody asked."""
    cast.intake()
    request = log(cast, consent="yes")
    with cast.acting("ana") as ana:
        case = accept_request(request=get_request(ana, request), title="G", looked_through="P.", by=ana)
        assert [(row.purpose, row.given) for row in list_consents(get_case(ana, case.code))] == [("services", True)]
    page = cast.client("boba").get(f"/requests/{request}").content.decode()
    assert "What she said stands on the case" in page
    assert "Not asked yet" not in page
