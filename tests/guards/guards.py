"""Where the functions of the database refuse: `IF condition THEN RAISE EXCEPTION 'word'`."""

import re
from dataclasses import dataclass
from pathlib import Path

from config.database.apply import FUNCTIONS

_GUARD = re.compile(
    r"\b(?:IF|ELSIF) (?P<condition>(?:(?!\bTHEN\b|;).)*?) THEN\s+RAISE EXCEPTION '(?P<word>\w+|%)'", re.S
)
_HEADER = re.compile(r"^-- app\.(?P<function>\w+) \|.* test: (?P<test>\S+)$", re.MULTILINE)
TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Guard:
    """One refusal: `place` is where its condition stands in the text of its file."""

    file: str
    function: str
    word: str
    number: int  # among the guards of its function that refuse with this word, from 1
    condition: str
    place: tuple[int, int]
    test: str

    @property
    def name(self) -> str:
        return f"{self.file}.{self.function}:{self.word}:{self.number}"

    def without(self) -> str:
        """The text of its file, with a condition that is never met."""
        text = (FUNCTIONS / f"{self.file}.sql").read_text()
        start, end = self.place
        return f"{text[:start]}FALSE{text[end:]}"

    def tests(self) -> list[str]:
        """The test file that the function's header names, then every other one that names the function."""
        called = re.compile(rf"\b{self.function}\b")
        others = {
            str(path.relative_to(TESTS.parent))
            for path in TESTS.rglob("test_*.py")
            if "browser" not in path.parts and called.search(path.read_text())
        }
        return [self.test, *sorted(others - {self.test})]


def all_guards() -> list[Guard]:
    """In the order of the files."""
    found: list[Guard] = []
    for path in sorted(FUNCTIONS.glob("*.sql")):
        text = path.read_text()
        headers = list(_HEADER.finditer(text))
        seen: dict[tuple[str, str], int] = {}
        for guard in _GUARD.finditer(text):
            header = [one for one in headers if one.start() < guard.start()][-1]
            key = (header["function"], "refused" if guard["word"] == "%" else guard["word"])
            seen[key] = seen.get(key, 0) + 1
            condition = " ".join(guard["condition"].split())
            found.append(Guard(path.stem, *key, seen[key], condition, guard.span("condition"), header["test"]))
    return found
