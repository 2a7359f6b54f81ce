"""What is measured: times of pages, each beside its baseline in the same run. Medians, in milliseconds."""

from collections.abc import Callable
from functools import partial
from itertools import count
from uuid import UUID, uuid4

import psycopg
from django.test import Client
from django.utils import timezone

from cases.choices import CaseRole
from config.bench import audit, cards, house, queries, rotation, search
from config.bench.house import House, Unexpected, expect
from config.bench.lines import Line, Lines, median, milliseconds
from config.database.definer import definer

RUNS = 30
MS = "ms"
TRIVIAL = "GET /account by the same person"
SAME_ROWS = "the same cases, wraps and sealed titles by raw SQL as role web, same signed actor"
CASES = (
    "SELECT c.* FROM cases_case c WHERE c.state = 'open'"
    " ORDER BY c.next_due_on ASC NULLS LAST, c.opened_at, c.id LIMIT 50"
)
WRAPS = (
    "SELECT w.* FROM vault_wrap w"
    " WHERE w.case_id = ANY (%s) AND w.user_id = %s AND w.purpose = 'content' AND w.state = 'live'"
)
TITLES = (
    "SELECT s.* FROM vault_sealed s WHERE s.case_id = ANY (%s) AND s.purpose = 'content' AND s.field = 'case.title'"
)
QUEUE = (
    "SELECT r.*, u.display_name FROM cases_helprequest r LEFT JOIN accounts_user u ON u.id = r.assignee_id"
    " WHERE r.state IN ('new', 'acknowledged', 'awaiting_person', 'waiting')"
    " ORDER BY CASE WHEN (r.in_danger_now OR r.thinks_of_ending_life OR r.risk = 'immediate') AND r.state = 'new' THEN 0"
    "  WHEN r.in_danger_now OR r.thinks_of_ending_life OR r.risk = 'immediate' THEN 1"
    "  WHEN (GREATEST(r.offence_learned_on, r.suspect_learned_on) + interval '3 months')::date - current_date"
    "   BETWEEN 0 AND 14 THEN 2 WHEN r.risk = 'high' THEN 3 ELSE 4 END, r.respond_by, r.received_at, r.id LIMIT 51"
)
LINES = (
    "SELECT t.record_id, t.kind, t.detail, t.at, u.display_name FROM cases_timelineentry t"
    " LEFT JOIN accounts_user u ON u.id = t.by_id"
    " WHERE t.case_id = (SELECT c.id FROM cases_case c WHERE c.code = %s) ORDER BY t.at DESC, t.id LIMIT 51"
)
TEXTS = "SELECT s.* FROM vault_sealed s WHERE s.record_id = ANY (%s) AND s.purpose = 'content' AND s.current"


def rows_of_list(connection: psycopg.Connection, person: UUID) -> None:
    """What a page of the list shows, read without Django and left sealed."""
    cases = [row[0] for row in connection.execute(CASES).fetchall()]
    wraps = connection.execute(WRAPS, [cases, person]).fetchall()
    titles = connection.execute(TITLES, [cases]).fetchall()
    if not len(cases) == len(wraps) == len(titles):
        raise Unexpected("raw SQL read something else than the page shows")


def case_list(home: House, runs: int) -> Lines:
    """A page of fifty cases, beside the same rows by raw SQL under the same role and the same signed context."""
    for name in ("hundred", "half"):
        page = median(partial(get, home.browser(name), "/cases/"), runs)
        connection = home.web(name)
        raw = median(partial(milliseconds, partial(rows_of_list, connection, home.players.user(name).pk)), runs)
        connection.close()
        yield Line(f"case_list_{name}", page, MS, SAME_ROWS, raw, 3 * raw + 15)


def get(browser: Client, address: str) -> float:
    """How long a page takes, in milliseconds."""
    return milliseconds(lambda: expect(200, browser.get(address)))


def case_open(home: House, runs: int) -> Lines:
    """A case with a hundred notes, each opened with her key."""
    browser, address = home.browser("hundred"), f"/cases/{home.hundred_cases[1]}"
    value = median(partial(get, browser, address), runs)
    yield Line("case_open_100_notes", value, MS, TRIVIAL, trivial(browser, runs), 40)


def desk(home: House, runs: int) -> Lines:
    """Home of a caseworker who leads a hundred cases, with all its cards."""
    browser = home.browser("hundred")
    yield Line("desk", median(partial(get, browser, "/"), runs), MS, TRIVIAL, trivial(browser, runs), 60)


def board(home: House, runs: int) -> Lines:
    """The first page of the work board over all cases, by due date."""
    browser = home.browser("board")
    yield Line("board", median(partial(get, browser, "/board"), runs), MS, TRIVIAL, trivial(browser, runs), 60)


def queue(home: House, runs: int) -> Lines:
    """The first page of a queue of five hundred requests, beside the same rows by raw SQL."""
    page = median(partial(get, home.browser("hundred"), "/requests/"), runs)
    connection = home.web("hundred")
    raw = median(partial(milliseconds, lambda: connection.execute(QUEUE).fetchall()), runs)
    connection.close()
    yield Line("queue_500", page, MS, "fifty rows of the queue by raw SQL as role web", raw, 3 * raw + 15)


def timeline(home: House, runs: int) -> Lines:
    """A page of a timeline of a thousand notes, each opened, beside the same rows by raw SQL, left sealed."""
    code = home.hundred_cases[0]
    page = median(partial(get, home.browser("hundred"), f"/cases/{code}/timeline"), runs)
    connection = home.web("hundred")
    raw = median(partial(milliseconds, partial(rows_of_timeline, connection, code)), runs)
    connection.close()
    yield Line("timeline_1000", page, MS, "the same lines and texts by raw SQL as role web", raw, 3 * raw + 15)


def rows_of_timeline(connection: psycopg.Connection, code: str) -> None:
    lines = connection.execute(LINES, [code]).fetchall()
    texts = connection.execute(TEXTS, [[row[0] for row in lines]]).fetchall()
    if not len(lines) >= len(texts) >= 40:
        raise Unexpected("raw SQL read something else than the page shows")


def assign(home: House, runs: int) -> Lines:
    """Asking a lawyer onto a case: her keys are sealed to her. Each time another case."""
    browser, codes = home.browser("hundred"), iter(home.hundred_cases[2:])
    typed = {"person": str(home.players.user("advocate").pk), "reason": "legal_advice", "not_known": "on"}

    def ask() -> float:
        address = f"/cases/{next(codes)}/people/ask?role={CaseRole.LAWYER}"
        return milliseconds(lambda: expect(302, browser.post(address, typed)))

    value = median(ask, min(runs, max(1, len(home.hundred_cases) - 6)))
    yield Line("assign_lawyer", value, MS, TRIVIAL, trivial(browser, runs))


def grant_and_revoke(home: House, runs: int) -> Lines:
    """On cases that three and ten people hold: asking one more on and her yes; taking her out again, with new keys."""
    for holders in (3, 10):
        joined, ended = rotation.times(home, holders=holders, runs=min(runs, 9))
        base = trivial(home.browser("hundred"), runs)
        yield Line(f"grant_{holders}_holders", joined, MS, TRIVIAL, base, 300)
        yield Line(f"revoke_new_key_{holders}_holders", ended, MS, TRIVIAL, base, 500)


def wraps_check(_home: House, _runs: int) -> Lines:
    """The nightly check of every wrapped key, once, as the definer."""
    with definer() as connection:
        query = "SELECT count(*) FROM app.wraps_out_of_order()"
        took = milliseconds(lambda: connection.execute(query).fetchone())
    yield Line("wraps_check", took, MS, limit=120_000)


def sign_in(home: House, runs: int) -> Lines:
    """Name, password and code, with the derivations of production."""

    def once() -> float:
        home.forget_code(house.SIGNER.login_name)
        fresh = Client(SERVER_NAME=house.HOST)
        return milliseconds(lambda: home.sign_in(fresh, house.SIGNER.login_name))

    with house.override_settings(**house.PRODUCTION):
        value = median(once, min(runs, 9))
    home.forget_code(house.SIGNER.login_name)
    baseline = f"{TRIVIAL}; {house.PARAMETERS}"
    yield Line("sign_in", value, MS, baseline, trivial(home.browser(house.SIGNER.login_name), runs))


def sign_in_refused(home: House, runs: int) -> Lines:
    """A name that nobody has, beside the name of somebody with a wrong password: whoever times it learns nothing."""
    numbers = count(1)

    def refused(name: str) -> float:
        typed = {"login_name": name, "password": "not the right one at all", "code": "123456"}
        address = f"192.0.2.{next(numbers) % 250}"  # each from another place: no try is made to wait
        return milliseconds(
            lambda: expect(200, Client(SERVER_NAME=house.HOST, REMOTE_ADDR=address).post("/sign-in", typed))
        )

    with house.override_settings(**house.PRODUCTION):
        refused("nobody-yet")  # what is made once in a process
        wrong = median(partial(refused, house.SIGNER.login_name), min(runs, 9))
        unknown = median(partial(refused, "nobody"), min(runs, 9))
    yield Line("sign_in_unknown_name", unknown, MS, "a wrong password of a known name", wrong, wrong * 1.1)


def log_request(home: House, runs: int) -> Lines:
    """Logging a request by the form: sealed to the team, its inbox made."""
    browser = home.browser("hundred")

    def once() -> float:
        typed = {
            "nonce": str(uuid4()),
            "restricted": "no",
            "minor": "no",
            "about": "self",
            "channel": "phone",
            "language": "sr",
            "words": "She asks what she can do. " * 20,
            "phone": "+381 60 000 00 00",
            "received_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        }
        return milliseconds(lambda: expect(302, browser.post("/requests/new", typed)))

    yield Line("log_request", median(once, runs), MS, TRIVIAL, trivial(browser, runs))


def trivial(browser: Client, runs: int) -> float:
    """A request with session, actor and a page, and next to no work."""
    return median(partial(get, browser, "/account"), runs)


MEASURES: dict[str, Callable[[House, int], Lines]] = {
    "case_list": case_list,
    "case_open": case_open,
    "desk": desk,
    "board": board,
    "queue": queue,
    "timeline": timeline,
    "assign": assign,
    "grant_and_revoke": grant_and_revoke,
    "wraps_check": wraps_check,
    "sign_in": sign_in,
    "sign_in_refused": sign_in_refused,
    "log_request": log_request,
    "search_first": search.search_first,
    "identity_cards": cards.identity_cards,
    "audit": audit.audit_overhead,
    "queries": queries.pages,
}
