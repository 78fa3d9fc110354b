"""`seqaug demo`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from seqaug.commands.arguments import positive
from seqaug.demo.errors import DemoError

if TYPE_CHECKING:
    from seqaug.commands.arguments import Commands


def add_to(commands: "Commands") -> None:
    """Adds the command to the parser's."""
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
    length.add_argument("--epochs", type=positive, metavar="N", help="epochs of each training (default: 40)")
    length.add_argument("--quick", action="store_true", help="three epochs and short measurements: a trial run")
    demo.set_defaults(run=_run, errors=DemoError)


def _run(arguments: argparse.Namespace) -> int:
    from seqaug import demo

    demo.run(arguments.output, epochs=arguments.epochs, quick=arguments.quick)
    return 0
