"""The import contract holds, and each planted breach of it is caught."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("config", "referrals", "cases", "accounts")

# File to which a line is added, and the contract that must then be broken.
BREACHES = [
    ("accounts/actor.py", "from cases import choices", "Apps point one way"),
    ("cases/policies.py", "from cases.services import clocks", "Inside an app"),
    ("cases/knowledge/risk.py", "from cases import policies", "Inside an app"),
    ("cases/words.py", "from cases.services import clocks", "Inside an app"),
    ("cases/templatetags/case_words.py", "from cases.views import desk", "Inside an app"),
    ("cases/views/desk.py", "from cases.models import Case", "Views reach records only"),
    ("cases/views/desk.py", "import guardian.shortcuts", "Views reach records only"),
    ("cases/services/deadlines.py", "from cases.vault.models import Sealed", "One door to the vault"),
    ("cases/services/deadlines.py", "def late():\n    from cases.vault.models import Sealed", "One door to the vault"),
    ("cases/services/deadlines.py", "import cryptography", "One module imports cryptography"),
    ("accounts/signing.py", "import cryptography", "One module imports cryptography"),
    ("accounts/signing.py", "import fido2.server", "One module speaks WebAuthn"),
    ("cases/access/__init__.py", "import guardian.shortcuts", "Only the permission module asks guardian"),
]


def lint(folder: Path) -> subprocess.CompletedProcess:
    code = (
        "import sys; from importlinter.cli import lint_imports_command as c; sys.path.insert(0, '.'); c(['--no-cache'])"
    )
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in PACKAGES:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_the_contract_holds(copy):
    result = lint(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(("file", "line", "contract"), BREACHES)
def test_a_planted_breach_is_caught(copy, file, line, contract):
    path = copy / file
    path.write_text(f"{path.read_text()}\n\n{line}\n")
    result = lint(copy)
    assert result.returncode != 0
    broken = [row for row in result.stdout.splitlines() if " BROKEN" in row]
    assert any(contract in row for row in broken), result.stdout
