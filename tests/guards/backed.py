"""Guards that no test misses, because something else refuses the same: which, and what."""

BACKED: dict[str, str] = {}
