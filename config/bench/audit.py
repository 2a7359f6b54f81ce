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
PAGES = 12  # of each writer in a round; fewer where fewer runs are wanted
BASELINE = "the same pages without appending to the log, in the same run"
fork = multiprocessing.get_context("fork")


def audit_overhead(home: House, runs: int) -> Lines:
    """Per cent of throughput that the append takes, for the page of a case. Rounds with and without take turns."""
    cookies, address = home.browser("hundred").cookies, f"/cases/{home.hundred_cases[1]}"
    connections.close_all()  # a connection cannot be shared with a child
    rounds = max(2, min(runs // 5, 6))
    pages = min(PAGES, max(2, runs))
    found: dict[bool, list[float]] = {True: [], False: []}
    _pages_a_second(cookies, address, pages, appends=True)
    for turn in range(2 * rounds):
        appends = turn % 4 in {0, 3}  # with, without, without, with: a machine that slows down slows both
        found[appends].append(_pages_a_second(cookies, address, pages, appends=appends))
    logged, unlogged = statistics.median(found[True]), statistics.median(found[False])
    yield Line("audit_pages_a_second_8_writers", logged, "pages/s", BASELINE, unlogged)
    yield Line("audit_overhead_8_writers", 100 * (1 - logged / unlogged), "% of throughput", BASELINE, None, 10)


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
