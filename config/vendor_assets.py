"""Fetches the front-end packages, strips what we may not or need not ship, and writes static/vendor/.

Run by `make vendor`. It is reproducible: package versions and the sha256 of each package archive are pinned
here, and a test compares the sha256 of every vendored file with the table that this script writes.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "static" / "vendor"

GOVUK_LICENCE = """The MIT License (MIT)

Copyright (C) 2017 Crown Copyright (Government Digital Service)

Permission is hereby granted, free of charge, to any person obtaining a copy of
this software and associated documentation files (the "Software"), to deal in
the Software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies
of the Software, and to permit persons to whom the Software is furnished to do
so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


@dataclass(frozen=True)
class Package:
    """One npm package: which archive (pinned), which of its files go where, and under which licence."""

    name: str
    version: str
    sha256: str
    folder: str
    licence: str
    stripped: str
    files: tuple[tuple[str, str], ...]
    licence_text: str = ""  # for an archive that names its licence but does not carry the text


PACKAGES = (
    Package(
        name="govuk-frontend",
        version="6.6.0",
        sha256="52c4eb554e54d8a6e4ba801e9da5ec3a5b930fd2f117a39677f0b6296e954751",
        folder="govuk-frontend-6.6.0",
        licence="MIT",
        stripped="both @font-face rules and the GDS Transport family (licensed for gov.uk alone; replaced by the "
        "variable --font-family), the crest rules, source map comments; fonts, images, crown and icons are not taken",
        files=(
            ("dist/govuk/govuk-frontend.min.css", "govuk-frontend.min.css"),
            ("dist/govuk/govuk-frontend.min.js", "govuk-frontend.min.js"),
        ),
        licence_text=GOVUK_LICENCE,
    ),
    Package(
        name="htmx.org",
        version="2.0.11",
        sha256="165a2655073e9e6e55e307a7c74e8ebcdb76afb7701f9c16cfd106a13add408e",
        folder="htmx-2.0.11",
        licence="0BSD",
        stripped="the line that writes the page's address, search words included, into the browser's session storage",
        files=(("dist/htmx.min.js", "htmx.min.js"), ("LICENSE", "LICENSE.txt")),
    ),
)

CSS_CUTS = (
    (r"(?:/\*! Copyright \(c\) 2011 by Margaret Calvert.*?\*/\s*)?@font-face\{[^}]*\}", ""),
    (r"GDS Transport,arial,sans-serif", "var(--font-family,system-ui,sans-serif)"),
    (
        r"@supports \(\(-webkit-mask-position:initial\)[^{]*\{\.govuk-footer__copyright-logo:before\{[^}]*\}"
        r"@media[^{]*\{\.govuk-footer__copyright-logo:before\{[^}]*\}\}\}",
        "",
    ),
    (r"\.govuk-footer__copyright-logo:before\{[^}]*url\([^}]*\}", ""),
)
HTMX_CUTS = ((r'if\(\w+\(\)\)\{sessionStorage\.setItem\("htmx-current-path-for-history",\w+\)\}', ""),)
CUTS = {"govuk-frontend.min.css": CSS_CUTS, "htmx.min.js": HTMX_CUTS}
SOURCE_MAP = r"\s*(?:/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*)\s*$"
FORBIDDEN = ("GDS Transport", "@font-face", "url(", "crest", "Margaret Calvert", "sourceMappingURL")

README_HEAD = """# Vendored front-end packages

Written by `make vendor` (config/vendor_assets.py): change the pins there, run it, read the difference, commit.
Nothing here is edited by hand; tests/frontend/test_vendor.py compares every file with the sums below.
htmx is configured in templates/base.html (no injected style, no eval, no history in the browser's storage).
"""


def strip(name: str, text: str) -> str:
    """Take out what we may not or will not ship; stop if a new version moved it, so that nothing slips through."""
    for pattern, replacement in CUTS.get(name, ()):
        text, count = re.subn(pattern, replacement, text, flags=re.DOTALL)
        if count == 0:
            raise SystemExit(f"{name} has nothing like {pattern}: mend the cuts in config/vendor_assets.py")
    text = re.sub(SOURCE_MAP, "\n", text)
    left = [word for word in FORBIDDEN if word in text] if name.endswith(".css") else []
    if left:
        raise SystemExit(f"{name} still holds {', '.join(left)}: mend the cuts in config/vendor_assets.py")
    return text


def fetch(package: Package, folder: Path) -> Path:
    """Download one package archive with npm and compare it with its pin."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is needed to vendor front-end packages (and for nothing else)")
    wanted = f"{package.name}@{package.version}"
    subprocess.run([npm, "pack", "--silent", "--pack-destination", str(folder), wanted], check=True, timeout=300)  # noqa: S603 - names and versions are pinned in this file
    archive = folder / f"{package.name}-{package.version}.tgz"
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != package.sha256:
        raise SystemExit(f"{wanted}: archive has sha256 {found}, pinned is {package.sha256}")
    return archive


def unpack(package: Package, archive: Path, target: Path) -> None:
    """Write the chosen files of one archive, stripped, below target."""
    folder = target / package.folder
    folder.mkdir(parents=True)
    with tarfile.open(archive) as content:
        for source, name in package.files:
            member = content.extractfile(f"package/{source}")
            if member is None:
                raise SystemExit(f"{package.name} has no file {source}")
            (folder / name).write_text(strip(name, member.read().decode()), encoding="utf-8")
    if package.licence_text:
        (folder / "LICENSE.txt").write_text(package.licence_text, encoding="utf-8")


def describe(target: Path) -> str:
    """The README: one row a package, one row a file with its sha256."""
    lines = [
        README_HEAD,
        "| Package (npm) | Version | Licence | Stripped | Archive sha256 |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [f"| {p.name} | {p.version} | {p.licence} | {p.stripped} | `{p.sha256}` |" for p in PACKAGES]
    lines += ["", "| File | sha256 |", "| --- | --- |"]
    for path in sorted(target.glob("*/*")):
        lines.append(f"| {path.relative_to(target).as_posix()} | `{hashlib.sha256(path.read_bytes()).hexdigest()}` |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Build the whole folder aside, then put it in the place of the old one."""
    with tempfile.TemporaryDirectory() as temporary:
        new = Path(temporary) / "vendor"
        for package in PACKAGES:
            unpack(package, fetch(package, Path(temporary)), new)
        (new / "README.md").write_text(describe(new), encoding="utf-8")
        shutil.rmtree(TARGET, ignore_errors=True)
        shutil.copytree(new, TARGET)
    sys.stdout.write(f"{len(PACKAGES)} packages vendored\n")


if __name__ == "__main__":
    main()
