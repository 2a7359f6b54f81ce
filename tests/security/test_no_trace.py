"""Whoever must not see a request or a case meets no trace of it: each of her pages is byte for byte what it was before.

Left out are the log's own pages (numbers of the whole house, see docs/threat-model.md) and pages before signing in.
"""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from cases.access import get_case, get_request
from cases.choices import CaseRole, Severity
from cases.compartments import WallReason
from cases.models import Case
from cases.services import approvals, facts, links, tasks, walls
from cases.services.accept import accept_request
from cases.services.assignment import offer_assignment
from cases.services.calls import begin_call
from cases.services.deadlines import set_deadline
from cases.services.identity import open_card
from tests.cases.helpers import assign, log, rate, reminded_today
from tests.conftest import as_role
from tests.security.attack import switched_off
from tests.security.matrix import MATRIX, OPEN
from tests.security.world import build

WALLED = ("boba", "koka", "lana")
NUMBERS_OF_THE_HOUSE = {"accounts:log", "cases:reading"}
CHANGES_BY_ITSELF = {"accounts:password_change", "cases:case_trail"}  # offers another phrase; counts her own looks
PAGES = sorted({name for name, method in MATRIX if method == "GET"} - OPEN - NUMBERS_OF_THE_HOUSE - CHANGES_BY_ITSELF)
# What differs from one answer to the next, whatever happens: numbers of forms, minutes that pass, her own signing in.
PASSES = (
    (rb'name="csrfmiddlewaretoken" value="[^"]+"', b"csrf"),
    (rb'X-CSRFToken": "[^"]+"', b"csrf"),
    (rb'name="nonce" value="[^"]+"', b"nonce"),
    (rb'value="\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?"', b"now"),
    (rb'<span class="clock__words">[^<]*</span>', b"left"),
    (rb'nonce="[^"]+"', b"nonce"),
    (rb"Nobody is on call from [^<]*", b"from now"),
    (rb"Printed by [^<]*", b"printed now"),
    (rb"Last used: <time [^>]*>[^<]*</time>", b"signed in now"),
)


def page(browser, address):
    """Status and body of a page, without what differs each time."""
    answer = browser.get(address)
    body = answer.content
    for pattern, words in PASSES:
        body = re.sub(pattern, words, body)
    return answer.status_code, body


def every_page(browser, world):
    found = {name: page(browser, world.address(name)) for name in PAGES}
    return found | {
        "the whole load": page(browser, "/people/load"),
        "all requests": page(browser, "/requests/?state=all"),
    }


def differing(before, after):
    """Pages that are not what they were, with the place where they part."""
    return {name: parted(before[name], after[name]) for name in before if before[name] != after[name]}


def parted(old, new):
    if old[0] != new[0]:
        return (old[0], new[0])
    place = next((at for at, pair in enumerate(zip(old[1], new[1], strict=False)) if len(set(pair)) > 1), len(old[1]))
    return (
        old[1][max(0, place - 120) : place + 120].decode(errors="replace"),
        new[1][max(0, place - 40) : place + 120].decode(errors="replace"),
    )


def work_on(cast, code, helper):
    """What happens on a case: dates, tasks, reminders, risk, a link, a question, an opening, a call."""
    with cast.acting("ana") as ana:
        case = get_case(ana, code).case
        due = timezone.now() + timedelta(minutes=10)
        tasks.set_task(case=case, new=tasks.NewTask(uuid4(), "call", due, True, ana, "Call"), by=ana)
        for severity in (Severity.CRITICAL, Severity.ROUTINE):
            set_deadline(
                case=case, nonce=uuid4(), due_on=reminded_today(), severity=severity, assignee=ana, text="x", by=ana
            )
        open_card(case=case, reason="contact", text="", by=ana)
        facts.set_minor(case=case, flag="now", reason="", by=ana)
        approvals.ask_approval(case=case, kind="clear_minor", detail="no", reason="Born 1999.", by=ana)
        other = Case.objects.exclude(pk=case.pk).first()
        links.link_cases(case=case, other=other, kind="same_group", by=ana)
        begin_call(case=case, by=ana)
        offer_assignment(case=case, person=helper, role=CaseRole.BACKUP, by=ana)
    rate(cast, code, "immediate")
    with as_role("worker") as worker:
        worker.execute("SELECT app.reminders_fire('Europe/Belgrade')")


@pytest.fixture
def world(cast):
    return build(cast)


def test_her_pages_are_what_they_were_before(cast, world):
    browsers = {name: cast.client(name) for name in WALLED}
    for name in WALLED:
        every_page(browsers[name], world)  # what is shown once (messages) is gone
    before = {name: every_page(browsers[name], world) for name in WALLED}

    # Named while it was logged, urgent, and accepted.
    named = tuple(getattr(cast, name).pk for name in WALLED)
    request = log(
        cast, must_not_see=named, wall_text="Family", in_danger_now=True, offence_learned_on=timezone.localdate()
    )
    after = {name: every_page(browsers[name], world) for name in WALLED}
    assert {name: differing(before[name], after[name]) for name in WALLED} == {name: {} for name in WALLED}
    with cast.acting("ana") as ana:
        found = get_request(ana, request)
        case = accept_request(request=found, title="T", looked_through="Looked through.", by=ana)
    work_on(cast, case.code, cast.ceca)
    log(cast, must_not_see=named)  # and one that stays in the queue
    after = {name: every_page(browsers[name], world) for name in WALLED}
    assert {name: differing(before[name], after[name]) for name in WALLED} == {name: {} for name in WALLED}
    missing = "/cases/ZZZZ-ZZZZ"
    for name in WALLED:
        for rest in ("", "/plan", "/people", "/walls/new", "/identity", "/looks"):
            assert page(browsers[name], f"/cases/{case.code}{rest}") == page(browsers[name], f"{missing}{rest}")
        assert page(browsers[name], f"/requests/{request}") == page(browsers[name], "/requests/ZZZZ-ZZZZ")

    # The control: without the wall the same pages tell of it.
    blind = (
        "CREATE OR REPLACE FUNCTION app.walled() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT ''{}''::uuid[]'",
        "CREATE OR REPLACE FUNCTION app.is_walled(person uuid, record uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT false'",
    )
    with switched_off("SET ROLE sidro_definer", *blind):
        told = {name: differing(before[name], every_page(browsers[name], world)) for name in ("boba", "koka")}
    assert {"cases:request_list", "cases:load_list"} <= set(told["boba"])
    assert "cases:work_board" in told["koka"]


def test_whoever_worked_on_it_finds_her_pages_as_they_were_before_she_did(cast, world):
    browser = cast.client("boba")
    every_page(browser, world)
    before = every_page(browser, world)
    request = log(cast)
    with cast.acting("ana") as ana:
        case = accept_request(request=get_request(ana, request), title="T", looked_through="Looked.", by=ana)
    assign(cast, case.code, "boba", CaseRole.CASEWORKER, voucher="")
    work_on(cast, case.code, cast.ceca)
    with cast.acting("ana") as ana:
        opened = get_case(ana, case.code).case
        due = timezone.now() + timedelta(minutes=10)
        tasks.set_task(case=opened, new=tasks.NewTask(uuid4(), "call", due, True, cast.boba, "Call"), by=ana)
    assert differing(before, every_page(browser, world))
    with cast.acting("ana") as ana:
        walls.keep_out(case=opened, person=cast.boba, reason=WallReason.NAMED, text="Family", second=False, by=ana)
    again = cast.client("boba")  # her sessions have ended: she signs in anew, as after a pause
    every_page(again, world)
    assert differing(before, every_page(again, world)) == {}
