"""Take out one guard after the other; one JSON object a line, and exit 1 when a test misses one that nothing else backs.

What is red with every guard in its place would notice anything: it is run so first, and ends everything.
"""

import json
import os
import subprocess
import sys
import time

from tests.guards.backed import BACKED
from tests.guards.guards import all_guards


def failed(tests: list[str], without: str) -> str:
    """The first test that fails without this guard, or nothing. An error outside a test ends everything."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--show-capture=no", "-p", "tests.guards.taken_out"]
    environment = {**os.environ, "TAKEN_OUT": without}
    ran = subprocess.run([*command, *tests], capture_output=True, text=True, env=environment)
    lines = ran.stdout.splitlines()
    found = [line.split()[1] for line in lines if line.startswith("FAILED ")]
    if ran.returncode not in (0, 1) or bool(found) is not bool(ran.returncode):
        sys.exit(f"{without}: no test said so\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return found[0] if found else ""


def main(only: list[str]) -> int:
    missed, sound = 0, set()
    for guard in all_guards():
        if only and guard.file not in only and guard.name not in only:
            continue
        began, tests = time.monotonic(), guard.tests()
        if not sound.issuperset(tests):
            if red := failed(tests, without=""):
                sys.exit(f"{red} fails with every guard in its place")
            sound.update(tests)
        test = failed(tests, without=guard.name)
        backed = "" if test else BACKED.get(guard.name, "")
        missed += not test and not backed
        said = {
            "guard": guard.name,
            "noticed_by": test,
            "backed_by": backed,
            "seconds": round(time.monotonic() - began),
        }
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
