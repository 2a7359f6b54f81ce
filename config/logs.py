"""Logs as JSON lines from an allow-list: time, level, logger, event, opaque ids. Never a message's own text.

An exception is named by its class and the place it was raised, because its text may hold what a person typed.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from django.views.debug import SafeExceptionReporterFilter

# What `extra=` may add to a line: codes and opaque ids.
ALLOWED_EXTRA = ("event", "object_id", "count", "seconds", "status_code", "process")
# Loggers of servers whose own messages hold no request data.
TRUSTED = ("gunicorn.error", "celery", "sidro")


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        for name in ALLOWED_EXTRA:
            if hasattr(record, name):
                line[name] = getattr(record, name)
        if record.name.startswith(TRUSTED) and not record.args:
            line.setdefault("event", str(record.msg))
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            line["where"] = _where(record.exc_info[2])
        return json.dumps(line)


def _where(trace: TracebackType | None) -> list[str]:
    """File, line and function of the innermost frames; no values, no source lines."""
    frames = traceback.extract_tb(trace)[-6:]
    return [f"{frame.filename.rsplit('site-packages/')[-1]}:{frame.lineno}:{frame.name}" for frame in frames]


class BlankEverything(SafeExceptionReporterFilter):
    """Where Django would report an error with request data, it gets none."""

    def is_active(self, request: object) -> bool:
        return True

    def get_post_parameters(self, request: object) -> dict:
        return {}

    def get_traceback_frame_variables(self, request: object, tb_frame: object) -> Any:
        return []

    def get_safe_settings(self) -> dict:
        return {}

    def get_safe_request_meta(self, request: object) -> dict:
        return {}

    def get_safe_cookies(self, request: object) -> dict:
        return {}
