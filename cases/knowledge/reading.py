"""Reads a knowledge file strictly: it must be exactly what a dataclass declares, and every complaint names its line.

Nothing is constructed from YAML's own types. The file is parsed into nodes, and each node must have the type that the
declaration wants at its place: no unknown, missing or repeated name, no empty value, no bare yes or no.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import Any, Literal, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml

from accounts.letters import latin
from cases.knowledge.conditions import Condition, parse

Id = NewType("Id", str)
Words = NewType("Words", Mapping[str, str])  # the same text in several languages, by language code

LANGUAGES = ("en", "sr", "sq", "bs", "hr", "mk")
NEEDED = ("en", "sr", "sq")
DERIVED = "sr-latn"

Shape = TypeVar("Shape")
_TAG = "tag:yaml.org,2002:"
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same grammar, in C where it was built
_WHAT = {f"{_TAG}null": "has no value", f"{_TAG}bool": "is yes, no, on, off, true or false: put text in quotes"}


class KnowledgeError(Exception):
    """A knowledge file is not what it must be. Stops the start."""


class _Refused(Exception):
    def __init__(self, node: yaml.Node, why: str) -> None:
        super().__init__(f"line {node.start_mark.line + 1}: {why}")


def read(path: Path, shape: type[Shape], faults: Callable[[Shape], Iterable[str]]) -> Shape:
    """A file as the dataclass `shape`; `faults` tells what in it does not go together. Raises KnowledgeError."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_PARSER)
        if node is None:
            raise ValueError("the file is empty")
        result: Shape = _value(node, shape)
        for fault in faults(result):
            raise ValueError(fault)
    except (OSError, ValueError, yaml.YAMLError, _Refused) as error:
        raise KnowledgeError(f"{path.parent.name}/{path.name} cannot be used: {error}") from None
    return result


def _value(node: yaml.Node, hint: Any) -> Any:
    if hint in _SCALARS:
        return _SCALARS[hint](node)
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):  # "or absent"; a value that is there must not be empty
        return _value(node, next(one for one in inner if one is not type(None)))
    if origin is Literal:
        return _one_of(node, inner)
    if origin is tuple:
        return _list(node, inner[0])
    if origin is Mapping:
        return MappingProxyType({key: _value(value, inner[1]) for key, value in _pairs(node).items()})
    if is_dataclass(hint):
        return _record(node, hint)
    raise TypeError(f"no reader for {hint}")


def _record(node: yaml.Node, shape: Any) -> Any:
    given, hints = _pairs(node), get_type_hints(shape)
    for name in given.keys() - hints.keys():
        raise _Refused(given[name], f"unknown name {name!r}")
    for field in fields(shape):
        if field.default is MISSING and field.name not in given:
            raise _Refused(node, f"{field.name!r} is missing")
    return shape(**{name: _value(value, hints[name]) for name, value in given.items()})


def _pairs(node: yaml.Node) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode) or node.tag != f"{_TAG}map":
        raise _Refused(node, "names with values are wanted here")
    result: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag != f"{_TAG}str":
            raise _Refused(key, f"the name {getattr(key, 'value', '')!r} is not text: put it in quotes")
        if key.value in result:
            raise _Refused(key, f"{key.value!r} stands here twice")
        result[key.value] = value
    return result


def _list(node: yaml.Node, hint: Any) -> tuple[Any, ...]:
    if not isinstance(node, yaml.SequenceNode) or node.tag != f"{_TAG}seq":
        raise _Refused(node, "a list is wanted here")
    items = tuple(_value(one, hint) for one in node.value)
    seen: set[Any] = set()
    for item, one in zip(items, node.value, strict=True):
        name = getattr(item, "id", item) if not isinstance(item, Condition) else item.text
        if isinstance(name, str) and name in seen:
            raise _Refused(one, f"{name!r} stands in this list twice")
        seen.add(name)
    if not items:
        raise _Refused(node, "the list is empty")
    return items


# --- Single values ----------------------------------------------------------------------------
def _scalar(node: yaml.Node, tag: str, pattern: str, wanted: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or node.tag != _TAG + tag or not re.fullmatch(pattern, node.value):
        shown = repr(node.value) if isinstance(node, yaml.ScalarNode) else "this"
        raise _Refused(node, f"{shown} {_WHAT.get(node.tag, 'does not fit')}; {wanted} is wanted")
    return node.value


def _text(node: yaml.Node) -> str:
    return _scalar(node, "str", r"(?s)\S(.*\S)?\n?", "text").strip()


def _id(node: yaml.Node) -> str:
    return _scalar(node, "str", r"[a-z][a-z0-9_]*", "an id of small letters, digits and _")


def _number(node: yaml.Node) -> int:
    return int(_scalar(node, "int", r"0|[1-9][0-9]*", "a whole number"))


def _truth(node: yaml.Node) -> bool:
    return _scalar(node, "bool", "true|false", "true or false") == "true"


def _date(node: yaml.Node) -> date:
    return date.fromisoformat(_scalar(node, "timestamp", r"\d{4}-\d\d-\d\d", "a date"))


def _one_of(node: yaml.Node, choices: tuple[Any, ...]) -> str:
    value = _text(node)
    if value not in choices:
        raise _Refused(node, f"{value!r} is not one of {', '.join(choices)}")
    return value


def _words(node: yaml.Node) -> Mapping[str, str]:
    pairs = _pairs(node)
    for code in [*(code for code in pairs if code not in LANGUAGES), *(code for code in NEEDED if code not in pairs)]:
        raise _Refused(node, f"the language {code!r} is {'unknown' if code in pairs else 'missing'}")
    words = {code: _text(value) for code, value in pairs.items()}
    try:
        words[DERIVED] = latin(words["sr"])
    except ValueError as error:
        raise _Refused(pairs["sr"], str(error)) from error
    return MappingProxyType(words)


def _condition(node: yaml.Node) -> Condition:
    try:
        return parse(_text(node))
    except ValueError as error:
        raise _Refused(node, str(error)) from error


_SCALARS: dict[Any, Callable[[yaml.Node], Any]] = {
    str: _text,
    Id: _id,
    int: _number,
    bool: _truth,
    date: _date,
    Words: _words,
    Condition: _condition,
}
