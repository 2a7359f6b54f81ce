"""What is vendored is what the README says, and nothing that we may not ship is left in it."""

import hashlib
import re
from pathlib import Path

import pytest

from config import vendor_assets

VENDOR = Path(__file__).resolve().parents[2] / "static" / "vendor"
README = (VENDOR / "README.md").read_text(encoding="utf-8")
SUMS = dict(re.findall(r"^\| (\S+/\S+) \| `([0-9a-f]{64})` \|$", README, re.MULTILINE))
FILES = sorted(path.relative_to(VENDOR).as_posix() for path in VENDOR.glob("**/*") if path.is_file())


def test_every_file_is_listed():
    assert sorted([*SUMS, "README.md"]) == FILES


@pytest.mark.parametrize("name", sorted(SUMS))
def test_file_is_as_listed(name):
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == SUMS[name]


@pytest.mark.parametrize("package", vendor_assets.PACKAGES, ids=lambda package: package.name)
def test_package_is_named_with_version_licence_and_its_text(package):
    row = next(line for line in README.splitlines() if line.startswith(f"| {package.name} |"))
    assert f"| {package.version} | {package.licence} |" in row
    assert package.sha256 in row
    assert (VENDOR / package.folder / "LICENSE.txt").stat().st_size > 300


def test_no_licensed_font_no_crest_no_foreign_address():
    for path in VENDOR.glob("*/*.css"):
        text = path.read_text(encoding="utf-8")
        assert not [word for word in vendor_assets.FORBIDDEN if word in text]
    assert not [name for name in FILES if re.search(r"\.(woff2?|ttf|png|ico|jpe?g|svg)$", name)]


def test_stripping_stops_when_something_is_left():
    with pytest.raises(SystemExit, match="still holds"):
        vendor_assets.strip("new.css", "a{background:url(/assets/elsewhere.svg)}")
    with pytest.raises(SystemExit, match="nothing like"):
        vendor_assets.strip("htmx.min.js", "a newer build, written differently")


def test_htmx_does_not_write_addresses_into_the_browser():
    assert 'setItem("htmx-current-path' not in (VENDOR / "htmx-2.0.11/htmx.min.js").read_text(encoding="utf-8")
