"""The command `seqaug`, also `python -m seqaug`."""

import argparse
import sys
from pathlib import Path

import seqaug


def main(argv: list[str] | None = None) -> int:
    """Runs the command and returns its exit status: 0, or 1 after a message on stderr.

    Args:
        argv: The arguments after the command's name; None takes them from `sys.argv`.

    Raises:
        SystemExit: As argparse does it: 0 after `--help` and `--version`, 2 after arguments that it does not take.
    """
    arguments = _parser().parse_args(argv)
    from seqaug import demo  # here, so that `seqaug --version` reads only what it needs

    try:
        demo.run(arguments.output, epochs=arguments.epochs, quick=arguments.quick)
    except demo.DemoError as error:
        print(f"seqaug demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nseqaug demo: stopped", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="seqaug", description="Native-accelerated image augmentation for Keras.")
    parser.add_argument("--version", action="version", version=f"seqaug {seqaug.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser(
        "demo",
        help="train a small network with and without augmentation, and draw what happened",
        description="Trains a small network on photographs that scikit-image ships, with and without augmentation; "
        "prints a table and writes one picture. Takes one to two minutes and needs no network.",
    )
    demo.add_argument(
        "--output",
        type=Path,
        default=Path("seqaug-demo.png"),
        metavar="PATH",
        help="the PNG file to write (default: %(default)s)",
    )
    length = demo.add_mutually_exclusive_group()
    length.add_argument("--epochs", type=_positive, metavar="N", help="epochs of each training (default: 40)")
    length.add_argument("--quick", action="store_true", help="three epochs and short measurements: a trial run")
    return parser


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1. Received: {text!r}")
    return number


if __name__ == "__main__":
    sys.exit(main())
