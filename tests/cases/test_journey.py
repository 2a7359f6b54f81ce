"""Request, case, lawyer, end: the main road at the level of services, on the real database."""

from uuid import uuid4

import pytest
from django.http import Http404

from accounts.exceptions import NotAllowed
from cases.access import get_case, get_request, list_cases
from cases.access.queue import Wanted, list_requests
from cases.models import Assignment, Case, HelpRequest
from cases.services.accept import accept_request
from cases.services.assignment import end_assignment
from cases.services.calls import begin_call, read_reach
from cases.services.casework import read_content, write_note
from cases.services.requests import open_contacts, read
from tests.cases.helpers import CONTACTS, WORDS, assign, log, open_case


def test_a_request_is_read_by_intake_and_by_nobody_else(cast):
    cast.intake()
    code = log(cast, by="ceca")
    with cast.acting("ana") as ana:
        request = get_request(ana, code)
        assert read(request=request, by=ana).words == WORDS
        assert open_contacts(request=request, by=ana) == CONTACTS
        assert [row.code for row in list_requests(ana, wanted=Wanted(), page=1)] == [code]
    for name in ("ceca", "lana", "koka", "vera"):
        with cast.acting(name) as person:
            assert HelpRequest.objects.count() == 0, name
            with pytest.raises((Http404, NotAllowed)):
                get_request(person, code)


def test_a_restricted_request_is_read_by_restricted_intake_only(cast):
    cast.intake()
    code = log(cast, restricted=True)
    with cast.acting("boba") as boba:
        assert read(request=get_request(boba, code), by=boba).words == WORDS


def test_the_lawyer_reads_content_and_neither_identity_nor_reach(cast):
    cast.intake()
    code = open_case(cast)
    with cast.acting("lana") as lana:
        assert Case.objects.count() == 0
        with pytest.raises(Http404):
            get_case(lana, code)
    assign(cast, code, "lana")
    with cast.acting("ana") as ana:
        opened = get_case(ana, code)
        assert opened.actions >= {"write_note", "offer_assignment"}
        write_note(case=opened.case, nonce=uuid4(), type="case_note", text="She was called.", by=ana)
        assert read_reach(attempt=begin_call(case=opened.case, by=ana), by=ana) == CONTACTS
    with cast.acting("lana") as lana:
        opened = get_case(lana, code)
        assert opened.actions >= {"write_note", "set_deadline", "settle_deadline", "plan", "assess_risk"}
        assert not opened.actions & {"open_reach", "change_reach", "offer_assignment", "end_assignment"}
        note = opened.case.notes.get()
        page = read_content(case=opened.case, records=[note.pk], by=lana)
        assert (page.title, page.summary, page.texts[note.pk]) == ("Group", "Pictures traded again.", "She was called.")
        with pytest.raises(NotAllowed):
            begin_call(case=opened.case, by=lana)
        write_note(case=opened.case, nonce=uuid4(), type="legal_note", text="Three months run.", by=lana)
        assert [case.code for case in list_cases(lana, state="open", page=1)] == [code]


def test_ending_the_assignment_ends_everything(cast):
    cast.intake()
    code = open_case(cast)
    assign(cast, code, "lana")
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        end_assignment(assignment=Assignment.objects.get(case=case, user=cast.lana), reason="work_done", by=ana)
    with cast.acting("lana") as lana:
        assert Case.objects.count() == 0
        with pytest.raises(Http404):
            get_case(lana, code)


def test_a_call_begun_on_the_request_goes_on_with_the_case(cast, definer):
    cast.intake()
    code = log(cast)
    with cast.acting("ana") as ana:
        open_contacts(request=get_request(ana, code), by=ana)
    with cast.acting("ana") as ana:
        request = get_request(ana, code)
        case = accept_request(request=request, title="Group", looked_through="Pictures traded again.", by=ana)
        assert begin_call(case=case, by=ana).begun_by == ana
    row = definer.execute("SELECT case_id, request_id, ended_at FROM cases_contactattempt").fetchall()
    assert row == [(case.pk, None, None)]
