"""The translations as files: texts are read from the code and the templates, Serbian is written once, in Cyrillic.

No tool of the system is needed. The Latin catalogue is derived letter by letter and never edited; Albanian is written
like Serbian. How to translate: docs/translating.md.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation.template import templatize

from accounts.letters import latin
from config.launcher.folders import BASE
from config.launcher.translations import Entry, parse

WRITTEN = ("sr", "sq")  # languages that people translate; a folder of locale/ each
DERIVED = {"sr_Latn": "sr"}
FOLDERS = ("accounts", "cases", "config", "referrals", "templates")
PLURALS = {  # number of forms, and which form a number takes
    "sr": (3, "(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)"),
    "sq": (2, "(n != 1)"),
}

Catalogue = list[tuple[Entry, list[str]]]  # entries, each with the files it stands in

# Name of a function -> what its arguments are, in order.
CALLS = {
    "gettext": ("id",),
    "ngettext": ("id", "plural"),
    "pgettext": ("context", "id"),
    "npgettext": ("context", "id", "plural"),
}
NAMES = {"_": CALLS["gettext"], "gettext_noop": CALLS["gettext"], **CALLS}
NAMES |= {f"{name}_lazy": arguments for name, arguments in CALLS.items()}
LITERAL = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
IN_TEMPLATE = re.compile(rf"(?<![\w.])({'|'.join(NAMES)})\(({LITERAL}(?:\s*,\s*{LITERAL})*)")
FORMAT = re.compile(r"%(?:\([^)]+\))?[sd]")

Key = tuple[str | None, str]  # context and text


# --- What the source says ---------------------------------------------------------------------
@dataclass
class Text:
    """A text to translate, and the files it stands in."""

    key: Key
    plural: str | None = None
    files: list[str] = field(default_factory=list)


def in_code(source: str) -> Iterator[dict[str, str]]:
    """The texts of a Python file, in order."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        wanted = NAMES.get(name, ())
        given = [part.value for part in call.args[: len(wanted)] if isinstance(part, ast.Constant)]
        if wanted and len(given) == len(wanted):
            yield dict(zip(wanted, map(str, given), strict=True))


def in_template(source: str) -> Iterator[dict[str, str]]:
    """The texts of a template, in order: Django turns its tags into calls, which are read here."""
    for name, arguments in IN_TEMPLATE.findall(templatize(source)):
        given = [ast.literal_eval(part) for part in re.findall(LITERAL, arguments)]
        yield dict(zip(NAMES[name], given, strict=False))


def extracted(base: Path = BASE) -> dict[Key, Text]:
    """Every text of the source, in the order of the files."""
    found: dict[Key, Text] = {}
    files = [
        path for folder in FOLDERS for path in (base / folder).rglob("*") if path.suffix in {".py", ".html", ".txt"}
    ]
    for path in sorted(files):
        name = path.relative_to(base).as_posix()
        source = path.read_text(encoding="utf-8")
        for entry in in_code(source) if path.suffix == ".py" else in_template(source):
            key = (entry.get("context"), entry["id"])
            text = found.setdefault(key, Text(key))
            text.plural = text.plural or entry.get("plural")
            if name not in text.files:
                text.files.append(name)
    return found


# --- Catalogues -------------------------------------------------------------------------------
def header(language: str) -> str:
    """The first entry of a catalogue; a derived one counts as its origin does."""
    forms, rule = PLURALS[DERIVED.get(language, language)]
    return (
        f"Language: {language}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
        f"Content-Transfer-Encoding: 8bit\nPlural-Forms: nplurals={forms}; plural={rule};\n"
    )


def catalogue_of(language: str, base: Path = BASE) -> Path:
    return base / "locale" / language / "LC_MESSAGES" / "django.po"


def entries(path: Path) -> dict[Key, Entry]:
    """The entries of a catalogue; none if there is no file."""
    if not path.exists():
        return {}
    return {(entry.get("context"), entry["id"]): entry for entry in parse(path.read_text(encoding="utf-8"))}


def merged(texts: dict[Key, Text], known: dict[Key, Entry], language: str) -> Catalogue:
    """The texts of the source with the translations that are there; what the source no longer says is left out."""
    result: Catalogue = [({"id": "", "str0": header(language)}, [])]
    for key, text in texts.items():
        old = known.get(key, {})
        kept = {name: value for name, value in old.items() if name.startswith("str") or name in ("fuzzy", "note")}
        entry: Entry = {"id": text.key[1], **kept}
        if text.key[0] is not None:
            entry["context"] = text.key[0]
        if text.plural is not None:
            entry["plural"] = text.plural
        if bool(text.plural) != bool(old.get("plural")) or not old:  # a number came or went: translate it anew
            entry = {name: value for name, value in entry.items() if not name.startswith("str")}
            entry |= {f"str{form}": "" for form in range(PLURALS[language][0] if text.plural else 1)}
        result.append((entry, text.files))
    return result


def quoted(text: str) -> str:
    parts = text.replace("\\", "\\\\").replace('"', '\\"').split("\n")
    if len(parts) == 1:
        return f'"{parts[0]}"'
    lines = [f'"{part}\\n"' for part in parts[:-1]] + ([f'"{parts[-1]}"'] if parts[-1] else [])
    return "\n".join(['""', *lines])


def written(catalogue: Catalogue) -> str:
    """A catalogue in the `.po` form: one line a text, no line numbers, no dates, so that changes are easy to read."""
    blocks = []
    for entry, files in catalogue:
        lines = [f"# {line}" for line in entry.get("note", "").splitlines()]
        lines += [f"#: {name}" for name in files]
        flags = ["fuzzy"] * ("fuzzy" in entry) + ["python-format"] * bool(FORMAT.search(entry["id"]) and entry["id"])
        lines += [f"#, {', '.join(flags)}"] if flags else []
        lines += [f"msgctxt {quoted(entry['context'])}"] if "context" in entry else []
        lines.append(f"msgid {quoted(entry['id'])}")
        lines += [f"msgid_plural {quoted(entry['plural'])}"] if "plural" in entry else []
        for name in sorted(name for name in entry if name.startswith("str")):
            number = f"[{name[3:]}]" if "plural" in entry else ""
            lines.append(f"msgstr{number} {quoted(entry[name])}")
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


# --- Letters ----------------------------------------------------------------------------------
def in_latin(catalogue: Catalogue, language: str) -> Catalogue:
    """A Serbian catalogue with its translations in Latin letters."""
    head, *rest = catalogue
    result: Catalogue = [({**head[0], "str0": header(language)}, [])]
    for entry, files in rest:
        letters = {name: latin(value) if name.startswith("str") else value for name, value in entry.items()}
        result.append((letters, files))
    return result


# --- All together -----------------------------------------------------------------------------
def current(base: Path = BASE) -> dict[Path, str]:
    """What each catalogue should hold, given the source and what has been translated so far."""
    texts = extracted(base)
    catalogues = {language: merged(texts, entries(catalogue_of(language, base)), language) for language in WRITTEN}
    catalogues |= {language: in_latin(catalogues[origin], language) for language, origin in DERIVED.items()}
    return {catalogue_of(language, base): written(catalogue) for language, catalogue in catalogues.items()}


def differences(base: Path = BASE) -> Iterator[str]:
    """How the catalogues differ from what they should hold. Where a text stands in the source is not compared."""
    for path, wanted_text in current(base).items():
        there = entries(path)
        wanted = {(entry.get("context"), entry["id"]): entry for entry in parse(wanted_text)}
        for key in wanted.keys() - there.keys():
            yield f"{path.relative_to(base)}: not in the catalogue: {key[1]!r}"
        for key in there.keys() - wanted.keys():
            yield f"{path.relative_to(base)}: no longer in the source: {key[1]!r}"
        for key in wanted.keys() & there.keys():
            if wanted[key] != there[key]:
                yield f"{path.relative_to(base)}: differs from what it is made of: {key[1]!r}"


def update(base: Path = BASE) -> list[Path]:
    """Write the catalogues anew. Gives those that changed."""
    changed = []
    for path, text in current(base).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed
