"""Compiles the translations: `.po` files are kept in the repository, `.mo` files are made here.

No tool of the system is needed. `--check` compiles nothing and tells what is missing or broken instead.
"""

import ast
import os
import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from config.launcher.errors import say
from config.launcher.folders import BASE

MAGIC = 0x950412DE
PLACEHOLDER = re.compile(r"%\([^)]+\)[sd]|\{[a-z_]*\}")
LINE = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[(\d+)\])?)?\s*(".*")$')
TAG = re.compile(r"<[^>]*>")
Entry = dict[str, str]  # context, id, plural, note, and str0, str1, ...


def parse(text: str) -> Iterator[Entry]:
    """The entries of a `.po` file. A fuzzy one has the key `fuzzy`; obsolete ones (`#~`) are left out."""
    entry: Entry = {}
    name = ""
    for number, line in enumerate([*(one.strip() for one in text.splitlines()), ""], start=1):
        begins = line.startswith(("#", "msgctxt", "msgid ")) and any(key.startswith("str") for key in entry)
        if (not line or begins) and "id" in entry:
            yield entry
            entry = {}
        if line.startswith("#,") and "fuzzy" in line:
            entry["fuzzy"] = "yes"
        if line.startswith("# "):
            entry["note"] = entry.get("note", "") + line[2:] + "\n"
        if not line or line.startswith("#"):
            continue
        found = LINE.match(line)
        if not found:
            raise ValueError(f"line {number} is not understood: {line}")
        if found[1]:
            names = {"msgctxt": "context", "msgid": "id", "msgid_plural": "plural"}
            name = names.get(found[1], f"str{found[2] or 0}")
        entry[name] = entry.get(name, "") + ast.literal_eval(found[3])


def pack(entries: list[Entry]) -> bytes:
    """The `.mo` form: a sorted table of originals and one of translations (GNU gettext manual, "MO Files")."""
    table: dict[bytes, bytes] = {}
    for entry in entries:
        forms = [entry[key] for key in sorted((k for k in entry if k.startswith("str")), key=lambda k: int(k[3:]))]
        if not all(forms) or ("fuzzy" in entry and entry["id"]):
            continue
        original = f"{entry['context']}\x04{entry['id']}" if "context" in entry else entry["id"]
        original += f"\0{entry['plural']}" if "plural" in entry else ""
        table[original.encode()] = "\0".join(forms).encode()
    pairs = sorted(table.items())
    start = 28 + 16 * len(pairs)
    originals, translations, body = b"", b"", b""
    for column in (0, 1):
        for pair in pairs:
            place = struct.pack("<II", len(pair[column]), start + len(body))
            originals, translations = (
                (originals + place, translations) if not column else (originals, translations + place)
            )
            body += pair[column] + b"\0"
    head = struct.pack("<7I", MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + originals + translations + body


def sources(base: Path = BASE) -> list[Path]:
    """Every translation file of the project and of its applications."""
    return sorted([*base.glob("locale/*/LC_MESSAGES/*.po"), *base.glob("*/locale/*/LC_MESSAGES/*.po")])


def compile_all(base: Path = BASE) -> int:
    """Compile what is newer than its result. Gives the number compiled."""
    done = 0
    for source in sources(base):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        draft.write_bytes(pack(list(parse(source.read_text(encoding="utf-8")))))
        draft.replace(target)
        done += 1
    return done


def faults(entry: Entry) -> Iterator[str]:
    """What is wrong with one entry, in words."""
    forms = [value for key, value in entry.items() if key.startswith("str")]
    wanted = set(PLACEHOLDER.findall(entry.get("plural", entry["id"])))
    tags = sorted(TAG.findall(entry["id"]))
    if "fuzzy" in entry:
        yield "fuzzy"
    if not all(forms):
        yield "not translated"
    for number, form in enumerate(forms):
        given = set(PLACEHOLDER.findall(form))
        if given - wanted:
            yield "unknown placeholder"
        if form and wanted - given and (len(forms) != 2 or number):  # of two forms, the first is for one thing only
            yield "lost placeholder"
        if form and sorted(TAG.findall(form)) != tags:
            yield "other tags"


def problems(source: Path) -> Iterator[str]:
    """What is wrong with one file: untranslated or fuzzy texts, placeholders or tags that got lost."""
    for entry in parse(source.read_text(encoding="utf-8")):
        if entry["id"]:
            yield from (f"{fault}: {entry['id']!r}" for fault in faults(entry))


def check(base: Path = BASE) -> int:
    """Print every problem; exit status 1 if there is one."""
    found = [f"{source.relative_to(base)}: {problem}" for source in sources(base) for problem in problems(source)]
    for line in found:
        say(line)
    say(f"{len(sources(base))} translation files, {len(found)} problems")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(check() if "--check" in sys.argv else int(compile_all() < 0))
