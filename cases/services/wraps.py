"""The nightly check that every wrapped key is where it should be, and nowhere else: app.wraps_out_of_order()."""

import logging

from django.conf import settings

from accounts import audit, database

logger = logging.getLogger("sidro.wraps")
LONGEST = "10min"  # it reads every wrap; pages have seconds


def check() -> int | None:
    """Check once a night; returns how many stand out of order, None where it was done already."""
    with audit.unit():
        database.set_local("statement_timeout", LONGEST)
        found = database.value("wraps_check", settings.TIME_ZONE)
    if found is not None:
        logger.info("", extra={"event": "wraps_checked", "count": found})
    return found
