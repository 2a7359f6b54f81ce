"""What is inside an envelope: JSON, with a schema version and upgraders at read.

The server can never migrate ciphertext, so an old schema is brought up to date when somebody who may reads it.
"""

import json
from collections.abc import Callable
from typing import Any

SCHEMA = 1
# (field, old schema) -> function that returns the value in the next schema.
UPGRADERS: dict[tuple[str, int], Callable[[Any], Any]] = {}


def pack(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def unpack(field: str, plaintext: bytes, schema: int) -> Any:
    value = json.loads(plaintext)
    while schema < SCHEMA:
        value = UPGRADERS[field, schema](value)
        schema += 1
    return value
