"""What the log costs: pages a second with eight processes at once, each appending, beside the same without appending."""

import multiprocessing
import statistics
import time
from copy import deepcopy
from http.cookies import SimpleCookie
from multiprocessing.synchronize import Barrier

from django.db import connections  # noqa: TID251 - a child process must not share its parent's
from django.test import Client

from accounts import audit
from config.bench import house
from config.bench.house import House, expect
from config.bench.lines import Line, Lines

WRITERS = 8
PAGES, PAIRS = 6, 12  # pages of each writer in a round; fewer of both where fewer runs are wanted
BASELINE = "the same pages without appending to the log, in the same run"
fork = multiprocessing.get_context("fork")


def audit_overhead(home: House, runs: int) -> Lines:
    """Per cent of throughput that the append takes, for the page of a case. Rounds with and without go in pairs."""
    cookies, address = home.browser("hundred").cookies, f"/cases/{home.hundred_cases[1]}"
    connections.close_all()  # a connection cannot be shared with a child
    pages = min(PAGES, max(2, runs))
    pairs = []
    for turn in range(max(2, min(runs // 2, PAIRS))):
        order = (True, False) if turn % 2 else (False, True)  # a machine that slows down slows both
        found = {appends: _pages_a_second(cookies, address, pages, appends=appends) for appends in order}
        pairs.append((found[True], found[False]))
    logged, unlogged = (statistics.median(pair[which] for pair in pairs) for which in (0, 1))
    yield Line("audit_pages_a_second_8_writers", logged, "pages/s", BASELINE, unlogged)
    lost = statistics.median(100 * (1 - with_log / without) for with_log, without in pairs)
    yield Line("audit_overhead_8_writers", lost, "% of throughput", BASELINE, None, 10)


def _pages_a_second(cookies: SimpleCookie, address: str, pages: int, *, appends: bool) -> float:
    """All writers begin together; the time is that of the slowest."""
    start = fork.Barrier(WRITERS + 1)
    arguments = (start, cookies, address, pages, appends)
    writers = [fork.Process(target=_write, args=arguments) for _writer in range(WRITERS)]
    for writer in writers:
        writer.start()
    start.wait()
    begun = time.perf_counter()
    for writer in writers:
        writer.join()
    if any(writer.exitcode for writer in writers):
        raise house.Unexpected("a writer failed")
    return WRITERS * pages / (time.perf_counter() - begun)


def _write(start: Barrier, cookies: SimpleCookie, address: str, pages: int, appends: bool) -> None:
    if not appends:
        audit.flush = _forget
    browser = Client(SERVER_NAME=house.HOST)
    browser.cookies = deepcopy(cookies)
    expect(200, browser.get(address))  # what is made once in a process
    start.wait()
    for _page in range(pages):
        expect(200, browser.get(address))
    connections.close_all()


def _forget() -> None:
    """Instead of appending."""
    audit._scope.gathered = []  # noqa: SLF001 - what is measured
