"""How much of a picture's detail a pipeline can show, and so how small it may be decoded."""

import math

from seqaug.pipeline import Pipeline
from seqaug.transforms.base import Geometric, Transform
from seqaug.transforms.compound import resize
from seqaug.transforms.geometric import RandomTranslation, RandomZoom
from seqaug.transforms.resized_crop import RandomResizedCrop
from seqaug.transforms.sizes import Resizing, Sized

_UPRIGHT = (Sized, RandomTranslation, RandomZoom)  # which leave rows rows, as flips and quarter turns do


def reach(pipeline: Pipeline) -> tuple[int, int] | None:
    """Returns the least (height, width) of a picture that no draw enlarges, None if its pixels count as they are.

    That depends on nothing that is drawn, so that pictures can be decoded to it once and for all. They do not count
    where the first that is done, but for flips and quarter turns, brings them to one size.

    Args:
        pipeline: What is done to the pictures.
    """
    transforms = [*([] if pipeline.resize is None else [pipeline.resize]), *pipeline.transforms]
    start = next((i for i, transform in enumerate(transforms) if not _only_moves(transform)), len(transforms))
    first = transforms[start] if start < len(transforms) else None
    if not isinstance(first, Resizing | RandomResizedCrop):
        return None
    size = (float(first.height), float(first.width))
    detail = most = size if start == 0 else (max(size), max(size))  # a quarter turn may bring height to width
    turned = False
    for transform in transforms[start:]:
        turned = turned or (transform.moves_pixels and not isinstance(transform, _UPRIGHT))
        if _only_moves(transform):
            detail = most = (max(most), max(most))
            size = resize(transform, size)
        else:
            larger, after = transform.enlarges(*size), resize(transform, size)
            down, across = larger[0] * after[0] / size[0], larger[1] * after[1] / size[1]
            if turned:  # what was height may be width by now
                down = across = max(down, across)
            detail = detail[0] * down, detail[1] * across
            most, size = (max(most[0], detail[0]), max(most[1], detail[1])), after
    if isinstance(first, RandomResizedCrop) or first.crop_to_aspect_ratio or first.pad_to_aspect_ratio:
        larger_side = max(most[0] / first.height, most[1] / first.width)  # it keeps the shape of what it shows
        most = max(most[0], larger_side * first.height), max(most[1], larger_side * first.width)
    return math.ceil(most[0]), math.ceil(most[1])


def _only_moves(transform: Transform) -> bool:
    return isinstance(transform, Geometric) and transform.is_move and transform.turns_squarely
