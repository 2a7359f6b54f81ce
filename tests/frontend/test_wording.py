"""Sentences that end with a name."""

from datetime import date

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import translation


@pytest.mark.parametrize(
    ("name", "says"), [("Sanja L.", "Lead: Sanja L."), ("Sanja", "Lead: Sanja."), ("<b>L.", "Lead: &lt;b&gt;L.")]
)
def test_a_name_with_its_own_full_stop_gets_no_second_one(name, says):
    page = Template("{% load sidro %}{% filter one_stop %}Lead: {{ name }}.{% endfilter %}")
    assert page.render(Context({"name": name})) == says


def test_a_day_with_its_own_full_stop_gets_no_second_one():
    """Serbian days end with one where the year is said."""
    away = {"entered_by": {"display_name": "Ana"}, "from_on": date(2019, 5, 1), "until_on": date(2019, 5, 12)}
    with translation.override("sr-latn"):
        says = render_to_string("cases/desk/away_for.html", {"panel": {"days": [away]}})
    assert "2019." in says
    assert ".." not in says


def test_dots_that_are_meant_stay():
    assert Template("{% load sidro %}{{ text|one_stop }}").render(Context({"text": "And so on... "})) == "And so on... "


@pytest.mark.parametrize(("successor", "ends"), [("", "Ceca D.</strong>"), ("Sanja L.", "Sanja L. takes over.")])
def test_whose_key_keepers_are_asked_for_ends_with_one_stop(successor, ends):
    row = {"kind_words": "Recovery", "name": "Ceca D.", "successor": successor}
    says = render_to_string("accounts/_ceremony_of.html", {"row": row}).strip()
    assert says.startswith("<strong>Recovery: Ceca D.</strong>")
    assert says.endswith(ends)
