"""What a `Pipeline` does to the masks, the boxes and the keypoints of its pictures."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import mixing
from seqaug.boxes import BoxRules
from seqaug.keypoints import checked_pairs
from seqaug.masks import moved
from seqaug.plan import Plan
from seqaug.sources.boxes import BoxSource
from seqaug.sources.keypoints import KeypointSource


class Moving:
    """The methods of `Pipeline` that carry a plan out over what belongs to its pictures."""

    def run_masks(
        self, plan: Plan, masks: Sequence[NDArray[Any]] | NDArray[Any], *, fill_value: float = 0
    ) -> NDArray[Any]:
        """Runs a plan over the segmentation masks of its images: nearest sampling, and no colour.

        Args:
            plan: What `draw` gave for the images.
            masks: The n masks, `(height, width)` or `(height, width, channels)` each, of their images' sizes and of
                booleans, integers, float32 or float64; for volumes `(n, depth, height, width, channels)`.
            fill_value: What lies outside under `"constant"`, and in padding: a value that the masks' dtype holds.

        Returns:
            `(n, height, width)` or `(n, height, width, channels)` of the masks' dtype.

        Raises:
            ValueError: The masks do not fit the plan or each other, or `fill_value` does not fit their dtype.
            TypeError: The masks are of a dtype that is not taken.
        """
        return moved(plan, masks, fill_value)

    def run_boxes(
        self,
        plan: Plan,
        boxes: Any,
        labels: Any = None,
        *,
        bounding_box_format: str,
        min_area: float = 0.0,
        min_visibility: float = 0.0,
    ) -> Any:
        """Runs a plan over the bounding boxes of its images; see `AugmentedSequence` for what becomes of a box.

        ```python
        plan = pipeline.draw(seed=7, epoch=0, ids=range(len(images)), shapes=[image.shape for image in images])
        boxes, labels = pipeline.run_boxes(plan, boxes, labels, bounding_box_format="xywh")
        ```

        Args:
            plan: What `draw` gave for the images.
            boxes: A list of n arrays `(k, 4)`, or `(n, k, 4)` in which rows of -1 are padding.
            labels: One for each box, in a list of n arrays or as `(n, k)`; or None.
            bounding_box_format: How the boxes are written, one of Keras's: `"xyxy"`, `"yxyx"`, `"xywh"`,
                `"center_xywh"`, `"center_yxhw"`, `"rel_xyxy"`, `"rel_yxyx"`, `"rel_xywh"`, `"rel_center_xywh"`.
            min_area: The square pixels that a box must have in the picture that comes out.
            min_visibility: The share of a box's area that must lie in it.

        Returns:
            A list of n arrays `(k, 4)` float32 of the boxes that are left, in the same order; with `labels`, a pair of
            that and the list of their labels.

        Raises:
            ValueError: An argument is out of range, or boxes and labels do not fit the plan or each other.
            TypeError: Boxes or labels are no numbers.
        """
        rules = BoxRules.checked("bounding_box_format", bounding_box_format, min_area, min_visibility)
        given = {"boxes": boxes} if labels is None else {"boxes": boxes, "labels": labels}
        source = BoxSource(given, rules, "boxes", alone=True)
        _check_count("boxes", len(source), plan)
        result, columns, owners = source.moved(plan, range(len(source)))
        cuts = np.searchsorted(owners, np.arange(1, len(source)))
        parts = np.split(result, cuts)
        return parts if labels is None else (parts, np.split(columns["labels"], cuts))

    def run_keypoints(self, plan: Plan, keypoints: Any, *, flip_pairs: Any = ()) -> NDArray[np.float32]:
        """Runs a plan over the keypoints of its images; see `AugmentedSequence` for what becomes of a keypoint.

        Args:
            plan: What `draw` gave for the images.
            keypoints: `(n, k, 2)` of x and y in pixels, (0, 0) being the middle of the first pixel, or `(n, k, 3)` with
                visibility, 0 for what is not labelled; or a list of n arrays `(k, 3)`, which come padded with zeros.
            flip_pairs: Pairs of keypoints that change places where an image is mirrored, as left and right eyes.

        Returns:
            `(n, k, 2)` or `(n, k, 3)` float32.

        Raises:
            ValueError: The keypoints do not fit the plan, or are not finite, or `flip_pairs` are not among them.
            TypeError: The keypoints are no numbers.
        """
        source = KeypointSource(keypoints, checked_pairs("flip_pairs", flip_pairs), "keypoints")
        _check_count("keypoints", len(source), plan)
        return source.moved(plan, range(len(source)))

    def mix_labels(self, plan: Plan, labels: Any) -> NDArray[np.float32]:
        """Mixes labels as a plan mixes their images.

        ```python
        plan = pipeline.draw(seed=7, epoch=0, ids=range(32), shapes=[image.shape for image in images])
        batch, y = pipeline.run(plan, images), pipeline.mix_labels(plan, keras.utils.to_categorical(labels))
        ```

        Args:
            plan: What `draw` gave for the images.
            labels: n rows of numbers that may be blended: one-hot, not numbers of classes.

        Returns:
            float32 of the same shape.

        Raises:
            ValueError: There is not one row for each image, or these are numbers of classes.
            TypeError: They hold no numbers.
        """
        return mixing.mixed_labels(plan, labels)


def _check_count(name: str, count: int, plan: Plan) -> None:
    if count != len(plan.shapes):
        raise ValueError(
            f"`{name}` must have one entry for each of the plan's {len(plan.shapes)} images. Received: {count}"
        )
