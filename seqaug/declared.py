"""What the columns beside the picture are, by what the user says of them: labels, masks, boxes, keypoints, pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqaug import checks
from seqaug.boxes import BoxRules
from seqaug.keypoints import Pairs, checked_pairs
from seqaug.structure import Path, name_of

LABEL, MASK, BOXES, KEYPOINTS, IMAGE = "label", "segmentation_mask", "bounding_boxes", "keypoints", "image"
KINDS = {
    LABEL: LABEL,
    "labels": LABEL,
    MASK: MASK,
    "segmentation_masks": MASK,
    BOXES: BOXES,
    KEYPOINTS: KEYPOINTS,
    IMAGE: IMAGE,
}
# The keys that Keras's image layers know, and the one that they are expected to know next.
_KERAS_KEYS = {"labels": LABEL, "segmentation_masks": MASK, "bounding_boxes": BOXES, "keypoints": KEYPOINTS}
_SUSPECTS = dict.fromkeys(("bounding_box", "boxes", "bboxes", "bbox"), BOXES) | {"keypoint": KEYPOINTS}
Targets = str | Mapping[Any, str] | None


@dataclass(frozen=True)
class Declared:
    """The arguments of `AugmentedSequence` about what moves with the picture.

    Args:
        targets: What the user declared.
        mask_fill_value: What lies outside of masks.
        rules: How boxes are written and which are kept; None if the user did not say how they are written.
        max_boxes: For how many boxes there is room, None for as many as there are.
        flip_pairs: Keypoints that change places where a picture is mirrored.
    """

    targets: Targets
    mask_fill_value: float
    rules: BoxRules | None = None
    max_boxes: int | None = None
    flip_pairs: Pairs = ()

    @classmethod
    def checked(
        cls,
        targets: Any,
        mask_fill_value: Any,
        bounding_box_format: Any,
        min_area: Any,
        min_visibility: Any,
        max_boxes: Any,
        keypoint_flip_pairs: Any,
    ) -> "Declared":
        """Returns the arguments as the user gave them, checked."""
        written = "xyxy" if bounding_box_format is None else bounding_box_format
        rules = BoxRules.checked("bounding_box_format", written, min_area, min_visibility)
        return cls(
            targets,
            checks.number("mask_fill_value", mask_fill_value),
            None if bounding_box_format is None else rules,
            None if max_boxes is None else checks.integer("max_boxes", max_boxes, 1),
            checked_pairs("keypoint_flip_pairs", keypoint_flip_pairs),
        )

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that these are, for `get_config`."""
        return {
            "targets": self.targets,
            "mask_fill_value": self.mask_fill_value,
            "bounding_box_format": None if self.rules is None else self.rules.written,
            "min_area": 0.0 if self.rules is None else self.rules.min_area,
            "min_visibility": 0.0 if self.rules is None else self.rules.min_visibility,
            "max_boxes": self.max_boxes,
            "keypoint_flip_pairs": [list(pair) for pair in self.flip_pairs],
        }

    @property
    def whole(self) -> tuple[str, ...]:
        """The parts of a batch whose dicts are boxes with what belongs to them."""
        return ("y",) if isinstance(self.targets, str) and self.targets == BOXES else ()

    def rules_for(self, name: str) -> BoxRules:
        """Returns how boxes are written, which must have been said."""
        if self.rules is None:
            raise ValueError(
                f"`bounding_box_format` must say how the boxes in `{name}` are written: 'xyxy', 'xywh' or another of "
                "Keras's formats. Received: bounding_box_format=None"
            )
        return self.rules

    def kinds(self, leaves: dict[Path, Any]) -> dict[Path, str]:
        """Returns what each column was declared to be, by Keras's names or by `targets`."""
        targets = self.targets
        kinds = {path: _KERAS_KEYS[path[1]] for path in leaves if path[1] in _KERAS_KEYS}
        if isinstance(targets, str):
            if ("y", None) not in leaves:
                raise ValueError(f"`targets` must be a dict unless `y` is one array. Received: targets={targets!r}")
            targets = {"y": targets}
        elif not isinstance(targets, Mapping | None):
            raise TypeError(f"`targets` must be a text or a dict. Received: targets={targets!r}")
        for name, kind in (targets or {}).items():
            checked = KINDS[checks.one_of("targets", kind, tuple(KINDS))]
            found = _named(name, leaves)
            for path in found:  # weights under the name of a mask may be one per sample
                plain = len(found) > 1 and path[0] == "sample_weight" and not _is_mask(leaves[path])
                kinds[path] = LABEL if plain else checked
        for path in leaves:
            if path[1] in _SUSPECTS and path not in kinds:
                raise ValueError(
                    f"`{name_of(path)}` has a name as if it would have to move with the images. Declare it: "
                    f'targets={{{path[1]!r}: "{_SUSPECTS[path[1]]}"}}, or "label" if it must stay as it is.'
                    + (' Where `y` is boxes altogether: targets="bounding_boxes".' if path[0] == "y" else "")
                )
        return kinds


def _is_mask(leaf: Any) -> bool:
    return not isinstance(leaf, dict) and len(np.shape(leaf)) >= 3


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
