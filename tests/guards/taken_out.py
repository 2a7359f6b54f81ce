"""A plugin of pytest: the guard that TAKEN_OUT names is not there while the tests run; with no name everything is."""

import os
import shutil
from pathlib import Path

import psycopg
import pytest
from django.conf import settings


@pytest.fixture(scope="session", autouse=True)
def taken_out(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tests that apply the functions anew read them from the same place. Django is not ready when a plugin is loaded."""
    if not os.environ["TAKEN_OUT"]:
        return
    from config.database import apply
    from tests.guards.guards import all_guards

    guard = next(one for one in all_guards() if one.name == os.environ["TAKEN_OUT"])
    place = Path(shutil.copytree(apply.FUNCTIONS, tmp_path_factory.mktemp("guards") / "functions"))
    (place / f"{guard.file}.sql").write_text(guard.without())
    apply.FUNCTIONS = place
    with psycopg.connect(os.environ["OWNER_DATABASE_URL"], autocommit=True) as owner:
        apply.apply(owner, prefix=settings.DATABASE_ROLE_PREFIX, context_key=bytes.fromhex(settings.CONTEXT_KEY))
