"""`seqaug check`: what is broken, wrong or there twice in a folder of pictures."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from seqaug.commands.arguments import positive

if TYPE_CHECKING:
    from seqaug.commands.arguments import Commands
    from seqaug.inspection import Inspection


def add_to(commands: "Commands") -> None:
    """Adds the command to the parser's."""
    check = commands.add_parser(
        "check",
        help="read all pictures in a folder, and list what is broken, wrong or there twice",
        description="Decodes every picture in a folder and in the folders in it. Lists what is broken: cut off, empty, "
        "too large, or no picture at all. What is wrong: extensions that do not fit the content or that no folder is "
        "searched for, and files among the pictures that are none. And which pictures have the same bytes. "
        "Exit status 1: something is broken or wrong.",
    )
    check.add_argument("folder", type=Path, metavar="FOLDER", help="the folder with pictures, and folders of them")
    check.add_argument(
        "--json", type=Path, metavar="PATH", help="write the result there as well; - is for stdout alone"
    )
    check.add_argument("--threads", type=positive, metavar="N", help="(default: one for each CPU)")
    check.add_argument("--max-pixels", type=positive, metavar="N", help="the training's max_pixels (default: as there)")
    check.add_argument("--follow-links", action="store_true", help="look into folders that are links as well")
    check.set_defaults(run=_run, errors=(OSError, ValueError))


def _run(arguments: argparse.Namespace) -> int:
    from seqaug.inspection import inspect, walk
    from seqaug.progress import Counter, duration
    from seqaug.sources.decode import MAX_PIXELS, Decoder

    if arguments.json is not None and not arguments.json.parent.is_dir():  # before all is decoded
        raise ValueError(f"--json must be in a folder that exists. Received: {str(arguments.json)!r}")
    started = time.monotonic()
    found = walk(str(arguments.folder), arguments.follow_links)
    decoder = Decoder(max_pixels=arguments.max_pixels or MAX_PIXELS)
    with Counter("Decoding", "files", len(found.files)) as counter:
        result = inspect(found, decoder, arguments.threads, counter.advance)
    if arguments.json is not None:
        text = json.dumps({"folder": str(arguments.folder), **result.json}, indent=1)  # ASCII, whatever the names
        if arguments.json == Path("-"):
            print(text)
            return 0 if result.good else 1
        arguments.json.write_text(f"{text}\n", "ascii")
    for line in _lines(result):
        print(shown(line, sys.stdout))
    print(f"{_counts(result)}; {duration(time.monotonic() - started)}")
    return 0 if result.good else 1


def _lines(result: "Inspection") -> list[str]:
    lines = [f"broken: {path}: {reason}" for path, reason in result.broken]
    lines += [f"wrong: {path}: {reason}" for path, reason in result.wrong]
    for first, *others in result.duplicates:
        lines += [f"duplicate: {first}", *(f"  the same: {other}" for other in others)]
    return lines


def _counts(result: "Inspection") -> str:
    copies = sum(len(group) - 1 for group in result.duplicates)
    return (
        f"{result.files:,} files, {result.pictures:,} pictures that can be read; {len(result.broken):,} broken, "
        f"{len(result.wrong):,} wrong, {copies:,} duplicates"
    )


def shown(text: str, stream: TextIO) -> str:
    """Returns a text in one line that a stream takes: names may hold anything, also what is no character."""
    printable = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    encoding = stream.encoding or "utf-8"
    return printable.encode(encoding, "backslashreplace").decode(encoding)
