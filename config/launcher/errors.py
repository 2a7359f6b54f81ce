"""What the launcher tells the person at the terminal: one sentence, no traceback."""

import sys


class LauncherError(Exception):
    """Something the person can mend; the text says how."""


def say(text: str) -> None:
    """Print to standard error: standard output belongs to the commands that are run."""
    print(text, file=sys.stderr, flush=True)
