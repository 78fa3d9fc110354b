"""What is about bounding boxes alone."""

from seqaug import checks
from seqaug.transforms.base import Transform


class MaxNumBoundingBoxes(Transform):
    """Sets for how many bounding boxes there is room in a batch, as `keras.layers.MaxNumBoundingBoxes`.

    ```python
    MaxNumBoundingBoxes(10)
    ```

    Wherever it stands in the list it acts at the end: of the boxes that are still in a picture the first ones are
    taken. (In Keras a box that has left the picture takes up a place, its label -1.) The same as `max_boxes=` of
    `AugmentedSequence`; `Pipeline.run_boxes` returns lists, which have as many as there are.

    Args:
        max_number: The number of boxes.
        fill_value: What boxes and their labels are where there are fewer.

    Raises:
        ValueError: `max_number` is less than 1.
        TypeError: An argument is not an integer.
    """

    is_random = False

    def __init__(self, max_number: int, fill_value: int = -1) -> None:
        super().__init__(1.0)
        self.max_number = checks.integer("max_number", max_number, 1)
        self.fill_value = checks.integer("fill_value", fill_value, -(2**31), 2**31 - 1)
