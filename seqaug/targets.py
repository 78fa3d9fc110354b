"""Everything that is not the picture: labels, which go along untouched, and what is moved by the same plan."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import checks
from seqaug.declared import BOXES, IMAGE, KEYPOINTS, MASK, Declared
from seqaug.masks import checked_fill
from seqaug.sources import Masks, Source
from seqaug.sources.boxes import BoxSource
from seqaug.sources.classes import OneHot
from seqaug.sources.files import FileSource
from seqaug.sources.keypoints import KeypointSource
from seqaug.structure import Path, Structure, name_of


@dataclass(frozen=True)
class Table:
    """A data set, or one batch of another Sequence: the picture and all that goes with it, with as many rows each.

    Args:
        structure: How batches are put together.
        picture: Where the picture is.
        source: The picture.
        labels: Columns whose rows go along untouched.
        masks: Arrays whose rows are moved with their images.
        images: Further pictures, to which the same is done.
        boxes: Bounding boxes, which are moved.
        keypoints: Keypoints, which are moved.
    """

    structure: Structure
    picture: Path
    source: Source
    labels: dict[Path, NDArray[Any] | OneHot]
    masks: dict[Path, Masks] = field(default_factory=dict)
    images: dict[Path, Source] = field(default_factory=dict)
    boxes: dict[Path, BoxSource] = field(default_factory=dict)
    keypoints: dict[Path, KeypointSource] = field(default_factory=dict)

    @property
    def has_points(self) -> bool:
        """Whether there are places in pictures that move, beside pixels."""
        return bool(self.boxes or self.keypoints)

    @property
    def files(self) -> list[FileSource]:
        """What is read from files."""
        columns = (self.source, *self.masks.values(), *self.images.values())
        return [column for column in columns if isinstance(column, FileSource)]

    @property
    def signature(self) -> str:
        """What must be the same in all batches of a Sequence, as text."""
        parts = [f"{name_of(self.picture)}: {self.source.shape[2]} channels of {self.source.dtype}"]
        parts += [f"{name_of(path)}: {MASK} of {mask.shape[2]} × {mask.dtype}" for path, mask in self.masks.items()]
        parts += [f"{name_of(path)}: {image.shape[2]} channels of {image.dtype}" for path, image in self.images.items()]
        parts += [f"{name_of(path)}: {BOXES} with {[*boxes.columns]}" for path, boxes in self.boxes.items()]
        parts += [f"{name_of(path)}: {KEYPOINTS} {points.shape}" for path, points in self.keypoints.items()]
        parts += [f"{name_of(path)}: rank {column.ndim}" for path, column in self.labels.items()]
        return f"({', '.join(parts)})"


def picture_path(structure: Structure, image: Any) -> Path:
    """Returns where the picture is.

    Args:
        structure: Of the data set.
        image: The key or index that the user gave, or None.

    Raises:
        ValueError: `image` is missing, unknown, or given where `x` is one array.
    """
    keys = [key for part, key in structure.leaves if part == "x"]
    if structure.forms["x"] is None:
        if image is not None:
            raise ValueError(f"`image` names the picture in a dict or tuple `x`. Received: image={image!r} and one `x`")
        return "x", None
    if image is None or image not in keys:
        raise ValueError(
            f"`image` must say which entry of `x` is the picture, one of {keys}. Received: image={image!r}"
        )
    return "x", keys[keys.index(image)]


def make_table(
    structure: Structure,
    picture: Path,
    source: Source,
    declared: Declared,
    *,
    image_sizes: set[tuple[int, ...]],
    source_of: Callable[[Any, str], Source],
    masks_of: Callable[[Any, str, int | None], Masks],
) -> Table:
    """Returns a data set with its columns sorted by what they are, all checked.

    Args:
        structure: Of the data set.
        picture: Where the picture is in it.
        source: The picture.
        declared: What the user said of the other columns.
        image_sizes: The (height, width) that a column must not have unless it is declared; empty if no pixel moves.
        source_of: Gives the source of a further picture, and takes what messages call it.
        masks_of: The same for masks, of pictures or of volumes of a depth.

    Raises:
        ValueError: A column does not fit the images, or is a mask or something else to be moved that is not declared.
        TypeError: A column is of a kind that is not taken.
    """
    leaves = {path: leaf for path, leaf in structure.leaves.items() if path != picture}
    kinds = declared.kinds(leaves)
    table = Table(structure, picture, source, {})
    for path, leaf in leaves.items():
        kind, name = kinds.get(path), name_of(path)
        if kind == MASK:
            mask = table.masks[path] = masks_of(leaf, name, source.depth)
            checked_fill("mask_fill_value", declared.mask_fill_value, np.dtype(mask.dtype))
            _check_first(path, kind, mask, source)
        elif kind == IMAGE:
            table.images[path] = source_of(leaf, name)
            _check_first(path, kind, table.images[path], source)
            if table.images[path].depth != source.depth:
                raise ValueError(
                    f"`{name}`, a further image, must have the depth of the picture. "
                    f"Received: {table.images[path].depth} and {source.depth}"
                )
        elif kind == BOXES:
            table.boxes[path] = BoxSource(leaf, declared.rules_for(name), name)
        elif kind == KEYPOINTS:
            table.keypoints[path] = KeypointSource(leaf, declared.flip_pairs, name)
        else:
            if isinstance(leaf, dict):
                raise TypeError(f"`{name}` must be an array to be a label. Received: a dict with {list(leaf)}")
            if kind is None and hasattr(leaf, "shape"):  # before it is read as a whole
                _check_unmoved(path, np.shape(leaf), image_sizes)
            table.labels[path] = _label_column(path, leaf, len(source))
            if kind is None:
                _check_unmoved(path, table.labels[path].shape, image_sizes)
    for columns in (table.masks, table.images, table.boxes, table.keypoints):
        for path, column in columns.items():
            _check_count(path, len(column), len(source))
    return table


def _check_first(path: Path, kind: str, column: Masks | Source, source: Source) -> None:
    """Compares sizes that are known at the start, unless they are of two samples, the first files being broken."""
    row: int = getattr(column, "example", 0)
    if row == getattr(source, "example", 0):
        check_sizes(path, kind, [row], np.array([column.shape]), np.array([source.shape]))


def check_sizes(path: Path, kind: str, rows: Sequence[int], sizes: NDArray[Any], wanted: NDArray[Any]) -> None:
    """Raises an error unless what moves with the pictures has their heights and widths, `(n, 2)` or more of each."""
    wrong = (sizes[:, :2] != wanted[:, :2]).any(axis=1)
    for i in np.flatnonzero(wrong)[:1].tolist():
        what = "a segmentation mask" if kind == MASK else "a further image"
        raise ValueError(
            f"`{name_of(path)}[{rows[i]}]`, {what}, must have the height and width of the picture. "
            f"Received: {sizes[i][0]}×{sizes[i][1]} and {wanted[i][0]}×{wanted[i][1]}"
        )


def _check_unmoved(path: Path, shape: tuple[int, ...], image_sizes: set[tuple[int, ...]]) -> None:
    """Refuses what looks like a mask, was not declared, and would be left behind."""
    if image_sizes & {shape[1:3], shape[2:4]}:
        name = name_of(path)
        key = "y" if path == ("y", None) else path[0] if path[1] is None else path[1]
        raise ValueError(
            f"`{name}` has the height and width of the images, as masks do, and would be left behind when they are "
            f'moved. Declare it: targets={{{key!r}: "segmentation_mask"}}, or "label" if it must stay as it is. '
            f"Received: {name}.shape={shape}"
        )


def _check_count(path: Path, count: int, images: int) -> None:
    if count != images:
        raise ValueError(
            f"`{name_of(path)}` must have one entry for each of the {images} images in `x`; several columns go into a "
            f"tuple or a dict. Received: {count}"
        )


def _label_column(path: Path, value: Any, count: int) -> NDArray[Any] | OneHot:
    """Returns a column as an array, or as it is if it makes its rows when they are wanted, checked."""
    name = name_of(path)
    checks.unmasked(name, value)
    if isinstance(value, OneHot):
        _check_count(path, len(value), count)
        return value
    try:
        array = np.asarray(value)
    except ValueError as error:  # a ragged list
        raise ValueError(f"`{name}` must be an array or a list with one entry per image: {error}") from None
    if array.dtype.kind not in "biuf":
        first = array.reshape(-1)[:1].tolist()
        if first and isinstance(first[0], str):
            hint = f"; of class names, `np.unique({name}, return_inverse=True)[1]` makes numbers"
        else:
            hint = "; transforms go into `augment`" if first and hasattr(first[0], "carry") else ""
        raise TypeError(f"`{name}` must hold numbers{hint}. Received: {name} of dtype {array.dtype}: {first}")
    if array.ndim == 0:
        raise ValueError(
            f"`{name}` must have one entry for each of the {count} images in `x`. Received: a single number"
        )
    _check_count(path, len(array), count)
    return array
