"""A picture of what a Sequence does: originals beside augmented, boxes and keypoints painted on them, masks below."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug.buffers import Images, all_readable
from seqaug.mixing import execute_all, execute_masks_all
from seqaug.painting import colours
from seqaug.pipeline import Pipeline
from seqaug.plan import Plan
from seqaug.transforms.sizes import Resizing
from seqaug.values import Values

_GAP = 4  # pixels between pictures
_PAPER = 255
Bytes = NDArray[np.uint8]


def fitting(picture: NDArray[Any], size: tuple[int, int], is_mask: bool = False) -> Plan:
    """Returns the plan that fits a picture `(h, w, c)` of any size into one without distortion."""
    interpolation = "nearest" if is_mask else "bilinear"
    resize = Resizing(*size, interpolation, pad_to_aspect_ratio=True, fill_value=_lowest(picture))
    return Pipeline([resize]).draw(seed=0, epoch=0, ids=np.zeros(1, np.uint32), shapes=[picture.shape])


def _lowest(picture: NDArray[Any]) -> float:
    finite = picture[np.isfinite(picture)]
    return float(finite.min()) if finite.size else 0.0


def augmented(plan: Plan, pictures: Images) -> NDArray[np.float32]:
    """Returns what a plan makes of its pictures."""
    out: NDArray[np.float32] = np.empty(plan.out_shape, np.float32)
    execute_all(plan, all_readable(pictures), out, 1)
    return out


def moved(plan: Plan, masks: Images, fill_value: float = 0) -> NDArray[Any]:
    """Returns what a plan makes of its pictures' masks."""
    out: NDArray[Any] = np.empty((*plan.out_shape[:3], masks[0].shape[2]), masks[0].dtype.newbyteorder("="))
    execute_masks_all(plan, all_readable(masks), out, fill_value)
    return out


def shown(picture: NDArray[Any], values: Values) -> Bytes:
    """Returns `(h, w, c)` as `(h, w, 3)` bytes, black being the lowest value that there may be and white the highest.

    Of one, two or more than four channels the first one is shown, in gray; of four the first three.
    """
    low, high = values.range or (values.least, values.most)
    if not np.isfinite(high - low):
        low, high = _lowest(picture), -_lowest(-picture)
    scaled = (np.nan_to_num(picture.astype(np.float64), nan=low, posinf=high, neginf=low) - low) * (
        255 / (high - low or 1.0)
    )
    channels = scaled[..., :3] if picture.shape[2] in (3, 4) else scaled[..., [0, 0, 0]]
    return np.floor(channels + 0.5).clip(0, 255).astype(np.uint8)


def labels(mask: NDArray[Any]) -> Bytes:
    """Returns a mask `(h, w, c)` as `(h, w, 3)` bytes: a colour for each value of its first channel, black for 0."""
    numbers = mask[..., 0].astype(np.float64)
    return np.where(numbers[..., None] == 0, 0, colours(numbers)).astype(np.uint8)


def grid(rows: list[list[Bytes]]) -> Bytes:
    """Returns rows of pictures of one size in one picture, with gaps between them."""
    height, width, _ = rows[0][0].shape
    down, across = height + _GAP, width + _GAP
    page = np.full((len(rows) * down + _GAP, len(rows[0]) * across + _GAP, 3), _PAPER, np.uint8)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            top, left = i * down + _GAP, j * across + _GAP
            page[top : top + height, left : left + width] = cell
    return page


def figure(page: Bytes, titles: list[str]) -> Any:
    """Returns a matplotlib figure of a grid, with a title over each column."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError('A figure needs matplotlib: `pip install "seqaug[plot]"`.') from error
    height, width, _ = page.shape
    result = Figure(figsize=(10, 10 * height / width), layout="constrained")
    axes = result.subplots()
    axes.imshow(page)
    step = (width - _GAP) / len(titles)
    axes.set_xticks([_GAP / 2 + step * (column + 0.5) for column in range(len(titles))], titles)
    axes.xaxis.tick_top()
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return result


def rows_of(
    pictures: Images,
    masks: Sequence[Images],
    plans: Sequence[Plan],
    before: Values,
    after: Values,
    fill_value: float,
    paint: Callable[[int, Plan, list[Bytes]], None],
) -> list[list[Bytes]]:
    """Returns the rows of a preview.

    Args:
        pictures: n pictures, `(h, w, c)` each.
        masks: For each column of masks, those of the pictures.
        plans: What was drawn for all pictures, once for each draw.
        before: The values of the pictures.
        after: The values of what comes out.
        fill_value: What lies outside of masks.
        paint: Called as `paint(i, plan, row)`: paints what else there is in picture i over its cells, the first of
            which shows it as that plan has fitted it.
    """
    rows: list[list[Bytes]] = []
    _, height, width, _ = plans[0].out_shape
    drawn = [augmented(plan, pictures) for plan in plans]
    moves = [(column, [moved(plan, column, fill_value) for plan in plans]) for column in masks]
    for i, picture in enumerate(pictures):
        fitted = fitting(picture, (height, width))
        row = [shown(augmented(fitted, [picture])[0], before), *(shown(batch[i], after) for batch in drawn)]
        paint(i, fitted, row)
        rows.append(row)
        for column, batches in moves:
            first = moved(fitting(column[i], (height, width), is_mask=True), [column[i]])[0]
            rows.append([labels(first), *(labels(batch[i]) for batch in batches)])
    return rows
