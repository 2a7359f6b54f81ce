"""What the tests of this folder share."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.accounts.authenticator import ORIGIN, SITE


@pytest.fixture(scope="session", autouse=True)
def static_folder() -> None:
    """WhiteNoise warns about a missing folder, and warnings are errors here."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def passkeys_here(settings) -> None:
    """Passkeys work under the address of Django's own test client."""
    settings.PASSKEY_ORIGINS, settings.PASSKEY_RP_ID = [ORIGIN], SITE
