"""Sentences as they read when names stand in them."""

import re

TWO_STOPS = re.compile(r"(?<!\.)\.\.(?!\.)")


def one_stop(text: str) -> str:
    """A sentence that ends with a name that has its own full stop ("Sanja L.") gets no second one; "…" of dots stays."""
    return TWO_STOPS.sub(".", str(text))
