"""A missing or weak secret stops the start, with a hint that says what to do."""

import re

from django.core.exceptions import ImproperlyConfigured

# Which process may not start without which secret (docs/secrets.md).
NEEDED = {
    "staff": {"SECRET_KEY", "CONTEXT_KEY", "TOTP_KEY"},
    "public": {"SECRET_KEY"},
    "worker": {"SECRET_KEY"},
    "owner": {"CONTEXT_KEY"},
}
HINT = 'make one with: python3 -c "import secrets; print(secrets.token_hex(32))"'
_HEX = re.compile(r"[0-9a-f]{64,}\Z")


def require_secrets(*, production: bool, process: str, values: dict[str, str], has_pepper: bool) -> None:
    """Check the secrets of one process.

    Keys are hexadecimal, at least 256 bit. Outside production they must exist all the same (the launcher makes
    them), because demo and tests run the same code.
    Raises ImproperlyConfigured naming the variable, never its value.
    """
    if process not in NEEDED:
        raise ImproperlyConfigured(f"SIDRO_PROCESS must be one of {', '.join(sorted(NEEDED))}.")
    needed = NEEDED[process] | {name for name in values if name.startswith("PASSWORD_PEPPERS")}
    for name in sorted(needed):
        value = values.get(name, "")
        if not value:
            raise ImproperlyConfigured(f"{name} is not set; {HINT}")
        if production and (len(set(value)) < 8 or len(value) < 64):
            raise ImproperlyConfigured(f"{name} is too weak (64 hexadecimal characters or more); {HINT}")
        if name != "SECRET_KEY" and not _HEX.match(value):
            raise ImproperlyConfigured(f"{name} must be lower-case hexadecimal, 64 characters or more; {HINT}")
    if process == "staff" and not has_pepper:
        raise ImproperlyConfigured(f'PASSWORD_PEPPERS is not set, for example "1=<hex>"; {HINT}')
