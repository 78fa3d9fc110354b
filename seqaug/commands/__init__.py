"""The commands behind `seqaug`. Importing this imports nothing that only one of them needs."""

import argparse
import sys

import seqaug
from seqaug.commands import cache, demo

_COMMANDS = (demo, cache)  # each with `add_to`, in the order in which `--help` shows them


def main(argv: list[str] | None = None) -> int:
    """Runs the command and returns its exit status: 0, 1 after a message on stderr, or 130 after Ctrl-C.

    Args:
        argv: The arguments after the command's name; None takes them from `sys.argv`.

    Raises:
        SystemExit: As argparse does it: 0 after `--help` and `--version`, 2 after arguments that it does not take.
    """
    arguments = _parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments)
    except arguments.errors as error:
        print(f"seqaug {arguments.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nseqaug {arguments.command}: stopped", file=sys.stderr)
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="seqaug", description="Native-accelerated image augmentation for Keras.")
    parser.add_argument("--version", action="version", version=f"seqaug {seqaug.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_to(commands)
    return parser
