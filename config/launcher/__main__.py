"""Command line of the launcher: `run`, `exec`, `mail`, `clean`. The Makefile is its usual caller."""

import argparse
import sys

from config.launcher.commands import clean_data, run_check, run_demo, run_test
from config.launcher.demo import run
from config.launcher.errors import LauncherError, say
from config.launcher.folders import data_folder
from config.launcher.mailbox import show

PROCESSES = ("owner", "staff", "public", "worker", "operator")


def parse(arguments: list[str]) -> argparse.Namespace:
    """What the person asked for."""
    parser = argparse.ArgumentParser(prog="python -m config.launcher", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("run", help="start everything until Ctrl-C")
    actions.add_parser("mail", help="print the mail that the demo sent")
    actions.add_parser("clean", help="remove the demo's data")
    execute = actions.add_parser("exec", help="run one command with servers and settings")
    where = execute.add_mutually_exclusive_group()
    where.add_argument("--test", action="store_true", help="with fresh servers that are removed afterwards")
    where.add_argument("--check", choices=("production", "test"), help="with settings of this mode, without servers")
    where.add_argument("--process", choices=PROCESSES, default="owner", help="against the demo's data, as this process")
    execute.add_argument("--workers", type=int, default=1, help="with --test: so many sets of servers")
    execute.add_argument("command", nargs="+")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Run one action; a problem the person can mend is one sentence, not a traceback."""
    asked = parse(arguments)
    try:
        if asked.action == "run":
            return run()
        if asked.action == "mail":
            show(data_folder() / "mail")
            return 0
        if asked.action == "clean":
            return clean_data()
        if asked.test:
            return run_test(asked.command, workers=asked.workers)
        if asked.check:
            return run_check(asked.command, mode=asked.check)
        return run_demo(asked.command, process=asked.process)
    except LauncherError as problem:
        say(f"{problem}")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
