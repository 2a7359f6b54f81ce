"""The site of the browser tests, and lines of JSON for `make effort`."""

import json
import os
from pathlib import Path

import pytest

from tests.browser.conftest import signed_in, site  # noqa: F401 - fixtures


@pytest.fixture
def budget():
    """Hold a budget: fails when it is not held, and writes its line where EFFORT says."""

    def hold(name: str, value: float, unit: str, limit: float) -> None:
        line = {
            "name": name,
            "value": round(value, 1),
            "unit": unit,
            "baseline": None,
            "baseline_value": None,
            "ratio": None,
            "limit": limit,
            "holds": value <= limit,
        }
        if out := os.environ.get("EFFORT"):
            with Path(out).open("a") as lines:
                lines.write(json.dumps(line) + "\n")
        assert value <= limit, line

    return hold
