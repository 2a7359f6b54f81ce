"""Pages of long lists without counting them: one row more than a page says whether there is a next one.

Counting ten thousand rows under row security takes longer than everything else on the page together.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50


class Page:
    """One page of a list, with what components/paging.html asks of it."""

    def __init__(self, rows: Sequence[Any], number: int, size: int = PAGE_SIZE) -> None:
        """`rows` begin with this page and hold one more than `size` if there is a next page."""
        self.object_list = rows[:size]
        self.number = number
        self._has_next = len(rows) > size

    def __iter__(self) -> Iterator[Any]:
        return iter(self.object_list)

    def __len__(self) -> int:
        return len(self.object_list)

    def has_next(self) -> bool:
        return self._has_next

    def has_previous(self) -> bool:
        return self.number > 1

    def has_other_pages(self) -> bool:
        return self.has_next() or self.has_previous()

    def next_page_number(self) -> int:
        return self.number + 1

    def previous_page_number(self) -> int:
        return self.number - 1


def page_number(request: HttpRequest) -> int:
    """The page asked for; anything that is no number is the first page."""
    asked = request.GET.get("page", "1")
    return max(1, min(int(asked), 10_000)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1


def cut(rows: QuerySet, number: int, size: int = PAGE_SIZE) -> Page:
    """The page of that number, counted from one; beyond the end it is empty."""
    start = (number - 1) * size
    return Page(list(rows[start : start + size + 1]), number, size)
