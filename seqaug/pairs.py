"""Pictures by name or by pattern, and the masks that go with them."""

import glob
import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from seqaug.sources.paths import Paths

_LOSSY = (".jpg", ".jpeg", ".jpe", ".jfif")


def find_files(paths: Any, name: str) -> list[Any] | Paths:
    """Returns the files of a list, or those that a pattern matches, sorted.

    Args:
        paths: A list, or a pattern as `glob` takes it, `**` being any number of folders.
        name: What messages call it.

    Raises:
        ValueError: The pattern matches no file.
        TypeError: It is neither.
    """
    if isinstance(paths, str | os.PathLike):
        pattern = os.fspath(paths)
        found = sorted(path for path in glob.glob(pattern, recursive=True) if os.path.isfile(path))  # noqa: PTH113, PTH207
        if not found:
            folder = os.path.isdir(pattern)  # noqa: PTH112
            hint = "; for all pictures of a folder there is `from_directory`" if folder else ""
            raise ValueError(f"`{name}`, a pattern, matches no file{hint}. Received: {name}={pattern!r}")
        return found
    if isinstance(paths, Paths):
        return paths
    if isinstance(paths, Iterable) and not isinstance(paths, bytes | dict):
        return list(paths)
    raise TypeError(f"`{name}` must be a list of files or a pattern. Received: {name} of type {type(paths).__name__}")


def find_masks(masks: Any, paths: Sequence[Any]) -> list[Any] | Paths:
    """Returns the file of the mask of each picture.

    Args:
        masks: A list, in the order of the pictures; or a pattern of files that are called as the pictures are, but for
            folder and extension; or a function that makes the path of a mask of that of a picture.
        paths: The pictures.

    Raises:
        ValueError: A picture has no mask, or a mask no picture.
    """
    if callable(masks):
        made: Callable[[str], Any] = masks
        found: list[Any] | Paths = [made(os.fspath(path)) for path in paths]
        missing = [i for i, path in enumerate(found) if not os.path.isfile(path)]  # noqa: PTH113
        if missing:
            raise ValueError(
                f"{len(missing)} of {len(paths)} pictures have no mask where `masks` says. Received: "
                f"{found[missing[0]]!r} for {paths[missing[0]]!r}, which is no file"
            )
    else:
        found = find_files(masks, "masks")
        if isinstance(masks, str | os.PathLike):
            found = _paired(found, [os.fspath(path) for path in paths])
        elif len(found) != len(paths):
            raise ValueError(f"`masks` must be one file for each of the {len(paths)} pictures. Received: {len(found)}")
    warn_of_lossy(found)
    return found


def warn_of_lossy(masks: Sequence[Any]) -> None:
    """Warns of masks that are JPEGs by their names: their values are not what was saved."""
    first = next((path for path in masks if os.fspath(path).lower().endswith(_LOSSY)), None)
    if first is not None:
        warnings.warn(
            f"A mask is a JPEG, which changes values near the edges of what it shows; save masks as PNG: {first!r}",
            stacklevel=4,
        )


def _paired(masks: Sequence[str], paths: Sequence[str]) -> list[str]:
    """Masks in the order of the pictures of the same name; where one occurs twice, folders count as well."""
    by_name, names = _names(masks, False), _names(paths, False)
    if len(set(by_name)) < len(masks) or len(set(names)) < len(paths):
        by_name, names = _names(masks, True), _names(paths, True)
    found = dict(zip(by_name, masks, strict=True))
    known = set(names)
    for what, other, lonely in (
        ("pictures", "mask", [path for path, name in zip(paths, names, strict=True) if name not in found]),
        ("masks", "picture", [path for path, name in zip(masks, by_name, strict=True) if name not in known]),
        ("pictures", "mask of its own", _twice(names, paths)),
        ("masks", "picture of its own", _twice(by_name, masks)),
    ):
        if lonely:
            raise ValueError(
                f"`masks`: {len(lonely)} {what} have no {other} of the same name, extensions aside: "
                f"{', '.join(map(repr, lonely[:3]))}{' …' if len(lonely) > 3 else ''}. Other names are told by a "
                'function, masks=lambda path: path.replace("photo", "mask")'
            )
    return [found[name] for name in names]


def _names(paths: Sequence[str], with_folders: bool) -> list[str]:
    """What files are called without their extension; their folders as well, below the one that they all lie in."""
    plain = [os.path.splitext(path)[0] for path in paths]  # noqa: PTH122
    if not with_folders:
        return [os.path.basename(path) for path in plain]  # noqa: PTH119
    common = os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in plain])  # noqa: PTH100, PTH120
    return [os.path.relpath(path, common) for path in plain]


def _twice(names: list[str], paths: Sequence[str]) -> list[str]:
    seen: set[str] = set()
    return [path for name, path in zip(names, paths, strict=True) if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
