"""How soon a search by words shows its first result: two hundred open cases with twenty notes each."""

import re
from datetime import timedelta
from functools import partial
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from accounts import crypto
from cases.choices import CASE_PURPOSES, CaseRole
from config.bench.house import ADMINISTRATOR, House, Unexpected, expect
from config.bench.lines import Line, Lines, median, milliseconds
from config.bench.plan import Holder, Plan
from config.bench.scale import fill_plans, holder
from config.demo.people import Account

SEARCHER = Account("searcher", "Searcher", ("caseworker",), "en", "")
CASES, NOTES, LIMIT = 200, 20, 300
FIRST_NUMBER = 1_000_000  # of these cases: it stands in their titles
EVERYWHERE = "list agreed"  # stands in every note
GOES_ON = re.compile(rb'name="go_on" value="([^"]+)"')
NOWHERE = "not anywhere"  # every text is looked through, and nothing is found


def search_first(home: House, runs: int) -> Lines:
    """The first answer to a search, and all of it: for words that stand everywhere, and for words that stand nowhere."""
    browser = _searcher(home)
    baseline = median(partial(_first, browser, "zz"), 1)
    for name, words in (("found_everywhere", EVERYWHERE), ("found_nowhere", NOWHERE)):
        first = median(partial(_first, browser, words), runs)
        yield Line(f"search_first_{name}", first, "ms", "the first search of all", baseline, LIMIT)
        yield Line(f"search_all_{name}", median(partial(_whole, browser, words), min(runs, 5)), "ms")


def _searcher(home: House) -> Client:
    """Somebody who leads so many cases, each with so many notes that she can open."""
    user_id, token = home.players.invite(SEARCHER, by=ADMINISTRATOR.login_name)
    home.players.enrol(SEARCHER, user_id=user_id, token=token)
    who = holder(SEARCHER.login_name)
    fill_plans([_plan(number, who) for number in range(CASES)])
    return home.browser(SEARCHER.login_name)


def _plan(number: int, who: Holder) -> Plan:
    return Plan(
        number=FIRST_NUMBER + number,
        people=((who, CaseRole.LEAD),),
        opened_at=timezone.now() - timedelta(hours=number),
        due_on=None,
        is_closed=False,
        notes=tuple(uuid4() for _note in range(NOTES)),
        keys={str(purpose): crypto.new_key() for purpose in CASE_PURPOSES},
    )


def _first(browser: Client, words: str) -> float:
    return milliseconds(lambda: expect(200, browser.post("/search", {"words": words})))


def _whole(browser: Client, words: str) -> float:
    """As the page does it by itself, step by step."""

    def go() -> None:
        answer = browser.post("/search", {"words": words})
        for _step in range(100):
            token = GOES_ON.search(answer.content)
            if token is None:
                return
            answer = browser.post("/search", {"go_on": token[1].decode()}, headers={"HX-Request": "true"})
        raise Unexpected("a search that does not end")

    return milliseconds(go)
