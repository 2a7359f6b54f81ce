"""Attacks on requests: each is refused, and succeeds with the control switched off."""

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404

from accounts.exceptions import NotAllowed
from cases.access import get_request
from cases.access.queue import people_for_requests
from cases.choices import RequestState
from cases.models import HelpRequest
from cases.services.accept import accept_request
from cases.services.answering import end_request
from cases.services.sealed import inbox
from tests.cases.helpers import log
from tests.security.attack import open_table, plant, rewritten, run, switched_off

NO_TRIGGER = "ALTER TABLE cases_helprequest DISABLE TRIGGER request_changed"
SET = "UPDATE cases_helprequest SET {} WHERE code = %s RETURNING 1"


@pytest.fixture
def code(cast):
    cast.intake()
    cast.person("ceca")
    return log(cast, by="ana", minor="now", in_danger_now=True)


def refused(statement: str, *arguments: object) -> None:
    reasons = r"row-level security|permission denied|not_allowed|not_on_the_team|second_person"
    with pytest.raises(DatabaseError, match=reasons), transaction.atomic():
        run(statement, *arguments)


@pytest.mark.parametrize(
    "change",
    [
        "taken_by_id = app.uid(), taken_at = now()",
        "assignee_id = app.uid()",
        "state = 'acknowledged', acknowledged_at = now(), acknowledged_by_id = app.uid()",
        "state = 'spam', ended_at = now(), ended_by_id = app.uid()",
    ],
)
def test_who_is_not_on_the_team_neither_takes_nor_marks_nor_reads(cast, code, change):
    with cast.acting("ceca") as ceca:
        assert run(SET.format(change), code) == []
        with pytest.raises((Http404, NotAllowed)):
            get_request(ceca, code)
    more = (NO_TRIGGER,) if "assignee" in change else ()
    with switched_off(open_table("cases_helprequest"), *more), cast.acting("ceca"):
        assert run(SET.format(change), code) == [(1,)]


def test_what_came_of_a_referral_is_noted_in_ones_own_name_on_a_referred_one(cast, code):
    answer = "referral_answer = 'taken_in', referral_answered_at = now(), referral_answered_by_id = %s"
    with cast.acting("ana"):
        refused(SET.format(answer), cast.ana.pk, code)
    plant("UPDATE cases_helprequest SET state = 'referred_out', ended_at = now(), ended_by_id = %s", cast.ana.pk)
    with cast.acting("ana"):
        refused(SET.format(answer), cast.boba.pk, code)
        refused(SET.format("referral_answer = 'taken_in'"), code)
    with cast.acting("ceca"):
        assert run(SET.format(answer), cast.ceca.pk, code) == []
    with cast.acting("ana"):
        assert run(SET.format(answer), cast.ana.pk, code) == [(1,)]


def test_a_request_is_not_given_to_somebody_outside_its_team(cast, code):
    with cast.acting("ana"):
        refused(SET.format("assignee_id = %s"), cast.ceca.pk, code)
        assert people_for_requests(HelpRequest.objects.all()) == {cast.ana.pk, cast.boba.pk}
    with cast.acting("ceca"):
        assert run("SELECT app.request_people(ARRAY(SELECT id FROM cases_helprequest))") == []
    with switched_off(NO_TRIGGER), cast.acting("ana"):
        assert run(SET.format("assignee_id = %s"), cast.ceca.pk, code) == [(1,)]


def test_a_request_is_not_given_to_somebody_who_must_not_see_it(cast, code):
    plant(
        "INSERT INTO cases_wall (id, request_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_helprequest",
        cast.boba.pk,
        cast.ana.pk,
    )
    with cast.acting("ana"):
        assert people_for_requests(HelpRequest.objects.all()) == {cast.ana.pk}
        refused(SET.format("assignee_id = %s"), cast.boba.pk, code)
    with switched_off(NO_TRIGGER), cast.acting("ana"):
        assert run(SET.format("assignee_id = %s"), cast.boba.pk, code) == [(1,)]


@pytest.mark.parametrize(
    "change",
    ["minor = 'no'", "risk = 'standard'", "in_danger_now = false", "respond_by = respond_by + interval '1 day'"],
)
def test_what_protects_her_is_not_eased_by_one_person(cast, code, change):
    with cast.acting("ana"):
        refused(SET.format(change), code)
    with switched_off(NO_TRIGGER), cast.acting("ana"):
        assert run(SET.format(change), code) == [(1,)]


CORRECTED = "offence_learned_on = '2026-09-01', suspect_learned_on = '2026-09-02', about = 'other', language = 'sq'"


def test_who_is_not_on_the_team_corrects_nothing(cast, code):
    with cast.acting("ceca"):
        assert run(SET.format(CORRECTED), code) == []
    with switched_off(open_table("cases_helprequest")), cast.acting("ceca"):
        assert run(SET.format(CORRECTED), code) == [(1,)]


def test_a_member_who_must_not_see_it_corrects_nothing(cast, code):
    plant(
        "INSERT INTO cases_wall (id, request_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_helprequest",
        cast.boba.pk,
        cast.ana.pk,
    )
    assert cast.client("boba").get(f"/requests/{code}/change").status_code == 404
    with cast.acting("boba"):
        assert run(SET.format(CORRECTED), code) == []
    with switched_off(open_table("cases_helprequest")), cast.acting("boba"):
        assert run(SET.format(CORRECTED), code) == [(1,)]


def test_a_request_that_has_ended_is_corrected_no_more(cast, code):
    with cast.acting("ana") as ana:
        end_request(request=get_request(ana, code), state=RequestState.SPAM, by=ana)
        refused(SET.format(CORRECTED), code)
    with switched_off(NO_TRIGGER), cast.acting("ana"):
        assert run(SET.format(CORRECTED), code) == [(1,)]


def test_nothing_is_sealed_to_the_team_once_it_is_a_case(cast, code):
    """Words that came in by the old door would lie there, read by everybody on intake."""
    with cast.acting("ana") as ana:
        request = get_request(ana, code)
        accept_request(request=request, title="Group", looked_through="Looked through.", by=ana)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            inbox.revise_request(request=request, field=inbox.WORDS, value="more", by=ana)
    with rewritten("may_write_request", "r.state <> 'accepted'", "true"), cast.acting("ana") as ana:
        inbox.revise_request(request=request, field=inbox.WORDS, value="more", by=ana)


def test_a_request_does_not_point_to_one_that_she_cannot_open(cast, code):
    hidden = log(cast)
    plant(
        "INSERT INTO cases_wall (id, request_id, user_id, set_at, set_by_id)"
        " SELECT gen_random_uuid(), id, %s, now(), %s FROM cases_helprequest WHERE code = %s",
        cast.ana.pk,
        cast.boba.pk,
        hidden,
    )
    with cast.acting("boba") as boba:
        other = get_request(boba, hidden).pk
    change = "state = 'duplicate', duplicate_of_id = %s"
    with cast.acting("ana"):
        refused(SET.format(change), other, code)
        refused(SET.format("duplicate_of_id = id"), code)
    with switched_off(NO_TRIGGER), cast.acting("ana"):
        assert run(SET.format(change), other, code) == [(1,)]


CONSENT = (
    "INSERT INTO cases_consent (id, request_id, purpose, given, how, given_by, language, text_version, noted_at, noted_by_id)"
    " VALUES (gen_random_uuid(), %s, 'services', true, 'spoken', 'self', 'sr', '2026-11', now(), app.uid())"
)


def test_consent_is_not_written_on_a_request_of_others(cast, code):
    with cast.acting("ana") as ana:
        request = get_request(ana, code).pk
        run(CONSENT, request)
    with cast.acting("ceca"):
        refused(CONSENT, request)
    with switched_off(open_table("cases_consent")), cast.acting("ceca"):
        run(CONSENT, request)


CONTACT = (
    "INSERT INTO cases_contactlog (id, nonce, kind, channel, language, duration, logged_at, logged_by_id)"
    " VALUES (gen_random_uuid(), gen_random_uuid(), 'silent', 'phone', 'sr', 'under_5', now(), %s)"
)


def test_counted_contacts_are_ones_own(cast):
    with cast.acting("ana"):
        run(CONTACT, cast.ana.pk)
    undo = "UPDATE cases_contactlog SET undone_at = now() RETURNING 1"
    with cast.acting("ceca"):
        assert run("SELECT 1 FROM cases_contactlog") == run(undo) == []
        refused(CONTACT, cast.ana.pk)
    with switched_off(open_table("cases_contactlog")), cast.acting("ceca"):
        assert run("SELECT 1 FROM cases_contactlog") == run(undo) == [(1,)]
        run(CONTACT, cast.ana.pk)


def test_an_attempt_is_not_written_on_a_request_of_others(cast, code):
    attempt = (
        "INSERT INTO cases_contactattempt (id, request_id, on_duty, begun_at, begun_by_id, result)"
        " VALUES (gen_random_uuid(), %s, false, now(), app.uid(), '')"
    )
    with cast.acting("ana") as ana:
        request = get_request(ana, code).pk
    with cast.acting("ceca"):
        refused(attempt, request)
    with switched_off(open_table("cases_contactattempt")), cast.acting("ceca"):
        run(attempt, request)
