"""Each process gets its own secrets and its own database role, and nothing from anybody's shell."""

from pathlib import Path

import pytest

from config.launcher import environment, secrets
from config.launcher.databases import Databases, from_environment
from config.launcher.errors import LauncherError

KEPT = secrets.new_secrets()
DATABASES = Databases(
    {role: f"postgresql://sidro_{role}:{KEPT['role_passwords'][role]}@/sidro" for role in secrets.ROLES},
    "postgresql://postgres:s@/postgres",
)


@pytest.fixture
def environments() -> environment.Environments:
    return environment.Environments(
        mode="demo", kept=KEPT, databases=DATABASES, broker="redis://b", static=Path("/static")
    )


def database_names(env: dict[str, str]) -> set[str]:
    return {name for name in env if name.endswith("DATABASE_URL")}


def test_public_process_can_open_nothing(environments: environment.Environments) -> None:
    env = environments.public(address="http://127.0.0.1:8001")
    assert not {"CONTEXT_KEY", "TOTP_KEY", "PASSWORD_PEPPERS", "REDIS_URL", "EMAIL_URL", "ROLE_PASSWORDS"} & env.keys()
    assert database_names(env) == {"DATABASE_URL"}
    assert env["DATABASE_URL"] == DATABASES.roles["door"]


def test_worker_has_neither_keys_nor_another_role(environments: environment.Environments) -> None:
    env = environments.worker(staff="http://127.0.0.1:8000", mail="smtp://127.0.0.1:8002", heartbeat=Path("/h"))
    assert not {"CONTEXT_KEY", "TOTP_KEY", "PASSWORD_PEPPERS", "ROLE_PASSWORDS"} & env.keys()
    assert database_names(env) == {"DATABASE_URL"}
    assert env["DATABASE_URL"] == DATABASES.roles["worker"]


def test_clock_has_no_database(environments: environment.Environments) -> None:
    assert database_names(environments.beat()) == set()


def test_staff_has_its_own_role_only(environments: environment.Environments) -> None:
    env = environments.staff(address="http://127.0.0.1:8000")
    assert database_names(env) == {"DATABASE_URL"}
    assert env["DATABASE_URL"] == DATABASES.roles["web"]
    assert "REDIS_URL" not in env


def test_no_process_holds_a_secret_of_another(environments: environment.Environments) -> None:
    own = {
        "public": {KEPT["secret_keys"]["public"], KEPT["role_passwords"]["door"]},
        "worker": {KEPT["secret_keys"]["worker"], KEPT["role_passwords"]["worker"]},
        "beat": {KEPT["secret_keys"]["worker"]},
    }
    every = {
        *KEPT["secret_keys"].values(),
        *KEPT["role_passwords"].values(),
        KEPT["context_key"],
        KEPT["totp_key"],
        KEPT["password_peppers"],
    }
    for process, allowed in own.items():
        text = " ".join(getattr(environments, process)().values())
        assert {secret for secret in every if secret in text} == allowed, process


def test_every_process_has_its_own_secret_key(environments: environment.Environments) -> None:
    keys = {
        environments.staff()["SECRET_KEY"],
        environments.public()["SECRET_KEY"],
        environments.worker()["SECRET_KEY"],
    }
    assert len(keys) == 3


def test_variables_of_the_shell_do_not_leak(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONTEXT_KEY", "OWNER_DATABASE_URL", "MY_PASSWORD", "PYTHONPATH", "SIDRO_MODE"):
        monkeypatch.setenv(name, "from the shell")
    assert "from the shell" not in environment.plain("demo").values()
    assert not {"CONTEXT_KEY", "OWNER_DATABASE_URL", "SIDRO_MODE"} & environment.personal().keys()


def test_foreign_database_must_name_every_role(monkeypatch: pytest.MonkeyPatch) -> None:
    clear(monkeypatch)
    assert from_environment(KEPT) is None
    monkeypatch.setenv("DATABASE_URL", "postgresql://web:x@db/sidro")
    with pytest.raises(LauncherError, match="OWNER_DATABASE_URL, DOOR_DATABASE_URL, WORKER_DATABASE_URL"):
        from_environment(KEPT)


def test_roles_are_derived_from_the_superusers_address(monkeypatch: pytest.MonkeyPatch) -> None:
    clear(monkeypatch)
    monkeypatch.setenv("SUPERUSER_DATABASE_URL", "postgresql://root:p%40ss@db.example:5433/postgres?sslmode=require")
    found = from_environment(KEPT)
    assert found is not None
    password = KEPT["role_passwords"]["door"]
    assert found.roles["door"] == f"postgresql://sidro_door:{password}@db.example:5433/sidro?sslmode=require"


def clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_ROLE_PREFIX", "sidro")
    for name in DATABASES.variables():
        monkeypatch.delenv(name, raising=False)


def test_secrets_are_kept_and_closed(tmp_path: Path) -> None:
    first = secrets.load_secrets(tmp_path)
    path = tmp_path / "secrets.json"
    path.chmod(0o644)
    assert secrets.load_secrets(tmp_path) == first
    assert path.stat().st_mode & 0o777 == 0o600


def test_lost_secrets_are_not_silently_made_anew(tmp_path: Path) -> None:
    (tmp_path / "stamps.json").write_text("{}")
    with pytest.raises(LauncherError, match="make clean-data"):
        secrets.load_secrets(tmp_path)
