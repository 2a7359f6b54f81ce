"""What is recognised in a pasted conversation, and what counts as the same way to reach somebody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.services.conversation import proposed, read_conversation
from cases.services.matching import normalised


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("[21.11.26, 20:55:10] Jovana: Treba mi pomoć", "Jovana"),
        ("\u200e[21/11/2026, 20:55] Jovana M.: hej", "Jovana M."),
        ("21.11.26, 20:55 - Jovana: Treba mi pomoć", "Jovana"),
        ("11/21/26, 8:55 PM - Jovana: help", "Jovana"),
        ("[ 21. 11. 2026. 20:55 ] Јована: Потребна ми је помоћ", "Јована"),
        ("Jovana, [21.11.26 20:55]\nTreba mi pomoć", "Jovana"),
        ("Jovana P, [21. 11. 2026. 20:55:10]: zdravo", "Jovana P"),
        ("21.11.26, 20:54 - Messages are end-to-end encrypted.\n21.11.26, 20:55 - Jovana: hej", "Jovana"),
        ("Hej, trebam pomoć: objavili su slike.", ""),
        ("", ""),
    ],
)
def test_the_first_speaker_of_an_export(text, speaker):
    assert read_conversation(text).speaker == speaker


@pytest.mark.parametrize(
    ("text", "phones", "others"),
    [
        ("zovi +381 60 123-4567 posle 9", ("+381 60 123-4567",), ()),
        ("060/123-4567 ili 00381601234567", ("060/123-4567", "00381601234567"), ()),
        ("javi na jovana.p@example.com", (), ("jovana.p@example.com",)),
        ("moj nalog @jovana_99, i t.me/jovana99", (), ("t.me/jovana99", "@jovana_99")),
        ("https://t.me/+38160123456", (), ("https://t.me/+38160123456",)),
        ("[21.11.26, 20:55] +381 64 555 1234: hej", ("+381 64 555 1234",), ()),
        ("21.11.2026, 20:55 - bilo je 1500 dinara, 12345678 puta", (), ()),
        ("@a", (), ()),
        ("Milica: 064/123-45-67, njegov broj 0631112223", ("064/123-45-67", "0631112223"), ()),
        ("064/123 45 67 ili 063/12-34-567", ("064/123 45 67", "063/12-34-567"), ()),
        ("064.123.45.67 ili 011/10-11-26", ("064.123.45.67", "011/10-11-26"), ()),
        ("[21.11.26, 20:55] Milica: 064/123-45-67", ("064/123-45-67",), ()),
        ("prijava sa 38.112.34.56, zovi 383.44.123.456", ("383.44.123.456",), ()),
        ("bilo je 01/11-26 22:14, pa 2026/11/21 i 01.11.2026-05.11.2026", (), ()),
        ("01.11.2026. 22:14, 02-03-2026, 1. 11. 2026. 064 123 4567", ("064 123 4567",), ()),
        ("060 123 45 67 i opet 060 123 45 67", ("060 123 45 67",), ()),
    ],
)
def test_ways_to_reach_her(text, phones, others):
    found = read_conversation(text)
    assert (found.phones, found.others) == (phones, others)


def test_what_is_proposed_for_the_form():
    text = "21.11.26, 20:55 - Jovana: zovi 060 123 4567 ili @jovana_99"
    assert proposed(text) == {
        "words": text,
        "channel": "message",
        "phone": "060 123 4567",
        "other_contact": "Jovana · @jovana_99",
    }
    assert proposed("Samo reči.") == {"words": "Samo reči.", "channel": "message"}


@given(st.text(max_size=400))
def test_any_text_is_read_calmly(text):
    values = proposed(text)
    assert values.get("words", "") == text
    assert len(values.get("other_contact", "")) <= 200


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+381 60 123 4567", "060/123-4567"),
        ("00381601234567", "0601234567"),
        ("+381 (0) 60 123 4567", "060 123 4567"),
        ("+383 44 123 456", "00383 44 123456"),
        ("Jovana.P@Example.com", "jovana.p@example.com"),
        ("@Jovana_99", "https://t.me/jovana_99"),
    ],
)
def test_the_same_way_written_differently(one, other):
    assert normalised({"phone": one}) == normalised({"other_contact": other}) != frozenset()


@pytest.mark.parametrize(("one", "other"), [("+381601234567", "+383601234567"), ("@jovana", "@jovana1"), ("", "")])
def test_what_is_not_the_same(one, other):
    assert not normalised({"phone": one}) & normalised({"phone": other})


def test_safe_hours_and_neutral_words_are_not_compared():
    assert normalised({"safe_hours": "posle 9", "neutral_word": "biblioteka"}) == frozenset()
