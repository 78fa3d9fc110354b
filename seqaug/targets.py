"""Everything that is not the picture: labels, which go along untouched, and masks, which are moved by the same plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import checks
from seqaug.masks import checked_fill
from seqaug.sources import Source
from seqaug.sources.arrays import MaskSource
from seqaug.structure import Path, Structure, name_of

LABEL, MASK = "label", "segmentation_mask"
KINDS = {LABEL: LABEL, "labels": LABEL, MASK: MASK, "segmentation_masks": MASK}
# The keys that Keras's image layers know.
_KERAS_KEYS = {"labels": LABEL, "segmentation_masks": MASK}
_UNMOVED = ("bounding_boxes", "bounding_box", "boxes", "bboxes", "bbox", "keypoints", "keypoint")
Targets = str | Mapping[Any, str] | None


@dataclass(frozen=True)
class Table:
    """A data set, or one batch of another Sequence: the picture, the labels and the masks, all with as many rows.

    Args:
        structure: How batches are put together.
        picture: Where the picture is.
        source: The picture.
        labels: Arrays whose rows go along untouched.
        masks: Arrays whose rows are moved with their images.
    """

    structure: Structure
    picture: Path
    source: Source
    labels: dict[Path, NDArray[Any]]
    masks: dict[Path, MaskSource]

    @property
    def signature(self) -> str:
        """What must be the same in all batches of a Sequence, as text."""
        parts = [f"{name_of(self.picture)}: {self.source.shape[2]} channels of {self.source.dtype}"]
        parts += [f"{name_of(path)}: {MASK} of {mask.shape[2]} × {mask.dtype}" for path, mask in self.masks.items()]
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
    *,
    targets: Targets,
    channels_first: bool,
    fill_value: float,
    image_sizes: set[tuple[int, ...]],
) -> Table:
    """Returns a data set with its columns sorted into labels and masks, all checked.

    Args:
        structure: Of the data set.
        picture: Where the picture is in it.
        source: The picture.
        targets: What the user declared.
        channels_first: Whether masks with channels have them before height and width.
        fill_value: What lies outside of masks.
        image_sizes: The (height, width) that a column must not have unless it is declared; empty if no pixel moves.

    Raises:
        ValueError: A column does not fit the images, or is a mask or something else to be moved that is not declared.
        TypeError: A column is of a kind that is not taken.
    """
    leaves = {path: leaf for path, leaf in structure.leaves.items() if path != picture}
    kinds = _kinds(leaves, targets)
    labels, masks = {}, {}
    for path, leaf in leaves.items():
        kind = kinds.get(path)
        if kind == MASK:
            masks[path] = MaskSource(leaf, channels_first, name_of(path), source.depth)
            _check_count(path, len(masks[path]), len(source))
            checked_fill("mask_fill_value", fill_value, np.dtype(masks[path].dtype))
            masks[path].check_size(0, source.shape)
        else:
            if kind is None and hasattr(leaf, "shape"):  # before it is read as a whole
                _check_unmoved(path, np.shape(leaf), image_sizes)
            labels[path] = _label_column(path, leaf, len(source))
            if kind is None:
                _check_unmoved(path, labels[path].shape, image_sizes)
    return Table(structure, picture, source, labels, masks)


def _kinds(leaves: dict[Path, Any], targets: Targets) -> dict[Path, str]:
    """What each column was declared to be, by Keras's names or by `targets`."""
    kinds = {path: _KERAS_KEYS[path[1]] for path in leaves if path[1] in _KERAS_KEYS}
    if isinstance(targets, str):
        if ("y", None) not in leaves:
            raise ValueError(f"`targets` must be a dict unless `y` is one array. Received: targets={targets!r}")
        targets = {"y": targets}
    elif not isinstance(targets, Mapping | None):
        raise TypeError(f"`targets` must be a text or a dict. Received: targets={targets!r}")
    for name, kind in (targets or {}).items():
        checked = _checked_kind(kind)
        found = _named(name, leaves)
        for path in found:  # weights under the name of a mask may be one per sample
            plain = len(found) > 1 and path[0] == "sample_weight" and len(np.shape(leaves[path])) < 3
            kinds[path] = LABEL if plain else checked
    for part, key in leaves:
        if key in _UNMOVED and (part, key) not in kinds:
            raise ValueError(
                f"`{name_of((part, key))}` would have to move with the images, and is not moved by this version. Leave "
                f'it out, or declare it: targets={{{key!r}: "label"}} if it must stay as it is.'
            )
    return kinds


def _checked_kind(kind: Any) -> str:
    if kind in _UNMOVED:
        raise ValueError(f"`targets`: {kind!r} are not moved by this version. Received: {kind!r}")
    return KINDS[checks.one_of("targets", kind, tuple(KINDS))]


def _named(name: Any, leaves: dict[Path, Any]) -> list[Path]:
    """The columns that a key of `targets` means: an entry's key, a part's name, or the two together."""
    if isinstance(name, tuple) and name in leaves:
        return [name]
    found = [path for path in leaves if name in (path[1], path[0] if path[1] is None else None) and name is not None]
    if not found:
        names = [path[0] if path[1] is None else path[1] for path in leaves]
        raise ValueError(f"`targets` must name columns of the data, of which there are {names}. Received: {name!r}")
    if len([path for path in found if path[0] != "sample_weight"]) > 1:
        raise ValueError(
            f"`targets` names several columns by {name!r}; say which: {', '.join(map(repr, found))}. "
            f"Received: targets={{{name!r}: …}}"
        )
    return found


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


def _label_column(path: Path, value: Any, count: int) -> NDArray[Any]:
    """Returns a column as an array, checked."""
    name = name_of(path)
    checks.unmasked(name, value)
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
