"""What is compared of an identity card, and what of it is found in a text."""

import pytest

from cases.services import matching


def entry(kind: str, value: str) -> dict[str, str]:
    return {"kind": kind, "value": value, "certainty": "said", "note": ""}


CARD = [
    entry("name", "Milica Petrović"),
    entry("phone", "060/123-45-67 (until noon)"),
    entry("email", "Mica.P@example.org"),
    entry("handle", "@mica_petrovic"),
    entry("address", "Ulica lipa 4"),
]
KNOWN = frozenset(one for row in CARD for one in matching.said(row))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("She called at nine.", []),
        ("Milica called.", ["name"]),
        ("МИЛИЦА ПЕТРОВИЋ", ["name"]),
        ("Tell petrovic-that she", []),
        ("call 00381 60 1234567", ["phone"]),
        ("write to mica.p@EXAMPLE.org, or mica_petrovic.", ["name", "email", "handle"]),  # her name is part of it
        ("t.me/Mica_Petrovic", ["name", "handle"]),
        ("She lives in Ulica lipa 4", []),  # addresses are not compared
        ("Milice nema", []),  # nor are case endings
        ("Milicama and Petrovićka", []),
    ],
)
def test_kinds_of_a_card_in_a_text(text, kinds):
    assert matching.kinds_in(text, KNOWN) == kinds


@pytest.mark.parametrize(
    ("looked_for", "found"),
    [
        ("petrovic milica", True),
        ("Милица Петровић", True),
        ("Milica", False),  # exact is exact
        ("+381 60 123 45 67", True),
        ("0601234567", True),
        ("60 123 4567", False),
        ("@MICA_petrovic", True),
        ("mica.p@example.org", True),
        ("Ulica lipa 4", False),
    ],
)
def test_an_exact_search(looked_for, found):
    contacts, name = matching.typed(looked_for)
    assert any(one.exact in contacts or (one.words and one.exact == name) for one in KNOWN) is found


def test_a_handle_is_no_name_and_a_short_word_says_nothing():
    name, handle = matching.said(entry("name", "Ana Li")), matching.said(entry("handle", "li"))
    assert matching.kinds_in("Ana and li", name | handle) == ["name"]
    assert matching.kinds_in("li", name | handle) == []
    contacts, typed_name = matching.typed("li")
    assert (typed_name, contacts) == ("li", {"li"})


def test_what_was_found_is_named_as_it_was_written():
    known = matching.said({"kind": "name", "value": "Milica Petrović"}) | matching.said(
        {"kind": "phone", "value": "+381 61 2223344"}
    )
    known |= matching.said({"kind": "handle", "value": "@mica_p"})
    text = "Милица, PETROVIC and Ana: 061 222 33 44 or mica_p. Milica."
    assert matching.found_in(text, known) == ["Милица", "PETROVIC", "Milica", "061 222 33 44", "mica_p"]
    assert matching.found_in("Write to @mica_p", known) == ["@mica_p"]
    assert matching.found_in("Petrovic\u0301", known) == ["Petrović"]
    assert matching.found_in("Ana called 064 111 22 33", known) == []
