"""Classes of samples as rows of zeros with a one, of which only those exist that are wanted."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


class OneHot:
    """`(n, count)` float32: a row for each sample, 1 in the column of its class. Rows are made when they are taken.

    ```python
    column = OneHot(np.array([2, 0]), 3)
    column[:1]  # [[0, 0, 1]]
    ```

    Args:
        classes: `(n,)` the class of each sample, from 0 to count - 1.
        count: The number of classes.

    Raises:
        ValueError: There is a class out of range.
    """

    ndim = 2
    dtype = np.dtype(np.float32)

    def __init__(self, classes: NDArray[Any], count: int) -> None:
        for extreme in (classes.min(), classes.max()) if len(classes) else ():
            if not 0 <= extreme < count:
                raise ValueError(f"`classes` must be numbers from 0 to {count - 1}. Received: {extreme}")
        self.classes, self.count = classes, count

    @property
    def shape(self) -> tuple[int, int]:
        """(samples, classes)."""
        return len(self.classes), self.count

    def __len__(self) -> int:
        return len(self.classes)

    def __getitem__(self, rows: Any) -> NDArray[np.float32]:
        classes = np.asarray(self.classes[rows])
        result = np.zeros((*classes.shape, self.count), np.float32)
        np.put_along_axis(result, classes[..., None].astype(np.intp), np.float32(1), -1)
        return result

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("One-hot rows are made when they are taken, and so cannot be had without a copy.")
        return self[:].astype(self.dtype if dtype is None else dtype, copy=False)
