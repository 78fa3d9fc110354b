"""`seqaug cache`: build, check and clear a cache of decoded pictures."""

import argparse
import math
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from seqaug.commands.arguments import magnification, positive

if TYPE_CHECKING:
    from seqaug.commands.arguments import Commands
    from seqaug.sources.cache.maintenance import Contents
    from seqaug.sources.decode import Decoder
    from seqaug.sources.paths import Paths

_COLOR_MODES = ("grayscale", "rgb", "rgba", "mask")


def add_to(commands: "Commands") -> None:
    """Adds the command to the parser's."""
    cache = commands.add_parser("cache", help="build, check or clear a cache of decoded pictures")
    actions = cache.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_build(actions)
    check = actions.add_parser(
        "check",
        help="read all of a cache, and tell what is in it and what is damaged",
        description="Reads all of a cache and compares each picture with its checksum. Exit status 1: there is damage.",
    )
    clear = actions.add_parser(
        "clear",
        help="remove what a cache has written",
        description="Removes what a cache has written into its folder, and nothing else.",
    )
    for parser, run in ((check, _check), (clear, _clear)):
        parser.add_argument("cache", type=Path, metavar="CACHE", help="the cache's folder")
        parser.set_defaults(run=run, errors=(OSError, ValueError))


def _add_build(actions: "Commands") -> None:
    build = actions.add_parser(
        "build",
        help="decode a folder of pictures into a cache",
        description="Decodes all pictures in a folder that are not yet in a cache. Give the sizes and the colour mode "
        "that the training has: pictures of other settings are not found. Exit status 1: some files could not be read, "
        "and are listed.",
    )
    add_size = partial(build.add_argument, type=positive, nargs=2, metavar=("H", "W"))
    build.add_argument("folder", type=Path, metavar="FOLDER", help="the folder with pictures, and folders of them")
    build.add_argument("cache", type=Path, metavar="CACHE", help="the cache's folder; made if need be")
    add_size("--image-size", help="the training's image_size, for JPEGs to be decoded at less")
    build.add_argument("--color-mode", choices=_COLOR_MODES, default="rgb", help="(default: %(default)s)")
    add_size("--cache-size", help="the training's cache_size: larger pictures are shrunk to cover it")
    build.add_argument(
        "--magnification",
        type=magnification,
        default=1.0,
        metavar="M",
        help="by how much the training's transforms magnify at most (default: %(default)s)",
    )
    build.add_argument("--threads", type=positive, metavar="N", help="(default: one for each CPU)")
    build.set_defaults(run=_build, errors=(OSError, ValueError))


def _build(arguments: argparse.Namespace) -> int:
    from seqaug.labelled import require_beside
    from seqaug.progress import Counter, duration
    from seqaug.sources.cache import DiskCache
    from seqaug.sources.cache.building import fill

    require_beside(arguments.cache, arguments.folder)
    paths = _pictures(arguments.folder)
    if not paths:
        raise ValueError(f"FOLDER must have pictures in it. Received: {str(arguments.folder)!r}, which has none")
    decoder = _decoder(arguments)
    cache = DiskCache(arguments.cache, decoder.settings)
    started = time.monotonic()
    with Counter("Decoding", "pictures", len(paths)) as counter:
        filled = fill(paths, decoder, cache, arguments.threads, counter.advance)
    took = duration(time.monotonic() - started)
    print(f"{filled.made:,} pictures decoded, {filled.held:,} were in the cache, {len(filled.broken):,} broken; {took}")
    for path, reason in filled.broken:
        print(printable(f"{path!r}: {reason}"), file=sys.stderr)
    return 1 if filled.broken else 0


def _pictures(folder: Path) -> "Paths":
    """The pictures in a folder and the folders in it."""
    from seqaug.sources.listing import FORMATS, MORE_FORMATS, list_folder

    return list_folder(str(folder), False, None, False, (*FORMATS, *MORE_FORMATS)).paths


def _decoder(arguments: argparse.Namespace) -> "Decoder":
    """The decoder that the training has."""
    from seqaug.sources.decode import Decoder

    reach = None
    if arguments.image_size is not None:
        height, width = (math.ceil(side * arguments.magnification) for side in arguments.image_size)
        reach = height, width
    cache_size = None if arguments.cache_size is None else tuple(arguments.cache_size)
    return Decoder(arguments.color_mode, reach, cache_size)


def _check(arguments: argparse.Namespace) -> int:
    from seqaug.progress import Counter
    from seqaug.sources.cache.maintenance import check

    with Counter("Reading", "pictures", 0) as counter:

        def advance(_: int, total: int) -> None:
            counter.total = total
            counter.advance()

        found = check(arguments.cache, advance)
    if not found:
        print("The cache is empty.")
    for contents in found:
        print(_report(contents))
    return 1 if any(contents.damaged for contents in found) else 0


def _report(contents: "Contents") -> str:
    settings = contents.settings or {}
    words = ", ".join(f"{key}={value!r}" for key, value in settings.items())
    lines = [f"{printable(contents.folder.name)}: {printable(words)}"]
    lines.append(f"  {contents.pictures:,} pictures, {_size(contents.bytes)}, in {contents.segments:,} segments")
    if contents.superseded or contents.superseded_bytes:
        gain = _size(contents.superseded_bytes)
        lines.append(f"  {contents.superseded:,} pictures superseded; built anew it would be {gain} smaller")
    if contents.unfinished:
        lines.append(f"  {contents.unfinished:,} segments unfinished, {_size(contents.unfinished_bytes)}")
    lines += [f"  damaged: {printable(fault)}" for fault in contents.damaged]
    return "\n".join(lines)


def _clear(arguments: argparse.Namespace) -> int:
    from seqaug.sources.cache.maintenance import clear

    pictures, removed = clear(arguments.cache)
    print(f"{pictures:,} pictures removed, {_size(removed)}")
    return 0


def _size(number: int) -> str:
    return f"{number / 2**30:,.1f} GiB" if number >= 2**30 else f"{number / 2**20:,.1f} MiB"


def printable(text: str) -> str:
    """Returns a text that any stream takes: names may hold bytes that are no characters."""
    return text.encode("ascii", "backslashreplace").decode() if not text.isprintable() else text
