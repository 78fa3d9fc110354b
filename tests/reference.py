"""What a pipeline means, one image at a time: matrices by NumPy, pixels by SciPy, colours in order, all in double.

Shares nothing with the package's planning: stages, windows, draws and ranges follow the documented rules.
"""

import numpy as np
from reference_pass import stepped

from seqaug import (
    CenterCrop,
    CoarseDropout,
    GridMask,
    Normalization,
    RandomAffine,
    RandomBrightness,
    RandomContrast,
    RandomCrop,
    RandomD4,
    RandomErasing,
    RandomFlip,
    RandomGrayscale,
    RandomHue,
    RandomPerspective,
    RandomResizedCrop,
    RandomRotate90,
    RandomRotation,
    RandomSaturation,
    RandomShear,
    RandomTranslation,
    RandomTranspose,
    RandomZoom,
    Rescaling,
    Resizing,
)
from seqaug.randomness import Draws

COLOURS = (
    Normalization, RandomBrightness, RandomContrast, RandomGrayscale, RandomHue, RandomSaturation, Rescaling
)  # fmt: skip
CLIPPING = (RandomBrightness, RandomContrast, RandomHue)
ERASING = (CoarseDropout, GridMask, RandomErasing)
SYMMETRIES = (RandomD4, RandomRotate90, RandomTranspose)
CROPS = (CenterCrop, RandomCrop)
RULES = ("nearest", "reflect", "wrap", "constant", "frame")
RANGES = {"u1": (0, 255), "u2": (0, 65535), "i2": (-(2**15), 2**15 - 1), "i4": (-(2**31), 2**31 - 1)}
HAIR = 1e-8  # how near to a jump a coordinate may fall on either side of it


class RefusedError(Exception):
    """The documented rules refuse this list for these images."""


def numbers(transform, slot, key):
    """Whether the change is made, and the amounts in 0 … 1: number 0 of the sample's draws, and those from 1 on."""
    seed, epoch, sample = key
    drawn = Draws(seed, slot % 2**32, epoch, np.array([sample], np.uint32)).uniforms(0, 40, transform.seed)[0]
    return drawn[0] < transform.p, drawn[1:]


def between(bounds, number):
    return bounds[0] + (bounds[1] - bounds[0]) * number


def move(down, right):
    return np.array([[1.0, 0, down], [0, 1, right], [0, 0, 1]])


def about_centre(matrix, height, width):
    y, x = (height - 1) / 2, (width - 1) / 2
    return np.dot(move(y, x), np.dot(matrix, move(-y, -x)))


def turn(turns):
    angle = turns * 2 * np.pi
    return np.array([[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]])


def slant(b, a):
    return np.array([[1.0, b, 0], [a, 1, 0], [0, 0, 1]])


def showing(top, left, height, width, size):
    """The map under which `size` shows a window, pixel areas matching at the edges."""
    down, right = height / size[0], width / size[1]
    return np.array([[down, 0, top + (down - 1) / 2], [0, right, left + (right - 1) / 2], [0, 0, 1]])


def fitting(height, width, size):
    """The largest centred window of the shape of `size`."""
    tall = max(min(height, width * size[0] // size[1]), 1)
    wide = max(min(width, height * size[1] // size[0]), 1)
    return (height - tall) // 2, (width - wide) // 2, tall, wide


def crop_window(transform, applied, amounts, height, width):
    size = transform.height, transform.width
    if height < size[0] or width < size[1]:
        return fitting(height, width, size)
    if isinstance(transform, RandomCrop) and applied:
        top, left = (int(u * (n - m + 1)) for u, n, m in zip(amounts, (height, width), size, strict=False))
    else:
        top, left = (height - size[0]) // 2, (width - size[1]) // 2
    return top, left, *size


def random_window(transform, applied, amounts, height, width):
    """torchvision's, the place being drawn before the tries."""
    if not applied:
        return fitting(height, width, (transform.height, transform.width))
    for try_ in range(10):
        area = between(transform.scale, amounts[2 + 2 * try_]) * height * width
        ratio = np.exp(between(np.log(transform.ratio), amounts[3 + 2 * try_]))
        wide, tall = round(np.sqrt(area * ratio)), round(np.sqrt(area / ratio))
        if 0 < wide <= width and 0 < tall <= height:
            return int(amounts[0] * (height - tall + 1)), int(amounts[1] * (width - wide + 1)), tall, wide
    wide, tall = width, height
    if width / height < transform.ratio[0]:
        tall = max(round(width / transform.ratio[0]), 1)
    elif width / height > transform.ratio[1]:
        wide = max(round(height * transform.ratio[1]), 1)
    return (height - tall) // 2, (width - wide) // 2, tall, wide


def homography(before, after):
    """The 3x3 matrix that takes points (y, x) to others, of which there are four each."""
    rows, right = [], []
    for (y, x), (v, u) in zip(before, after, strict=True):
        rows += [[y, x, 1, 0, 0, 0, -v * y, -v * x], [0, 0, 0, y, x, 1, -u * y, -u * x]]
        right += [v, u]
    return np.append(np.linalg.solve(rows, right), 1.0).reshape(3, 3)


def pulled_corners(transform, amounts, height, width):
    x1, y2, x3, y3 = 1 + transform.scale * (amounts[1:5] - 0.5)
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]) * [max(height - 1, 1), max(width - 1, 1)]
    return homography(corners * [[0, 0], [0, x1], [y2, 0], [y3, x3]], corners)


def symmetry(transform, applied, amounts):
    """What NumPy does to the axes: a transposition or not, then an index for rows and one for columns."""
    if isinstance(transform, RandomTranspose):
        return applied, 1, 1
    count = 8 if isinstance(transform, RandomD4) else len(transform.turns)
    which = int(amounts[0] * count)
    if isinstance(transform, RandomD4):
        k = which if applied else 0
        return bool(k & 4), -1 if k & 2 else 1, -1 if k & 1 else 1
    turn = transform.turns[which] if applied else 0
    return turn % 2 == 1, -1 if turn in (2, 3) else 1, -1 if turn in (1, 2) else 1


def resized(transform, size):
    """The height and width after a transform."""
    if isinstance(transform, RandomTranspose) or getattr(transform, "turns", (0,))[0] % 2 == 1:
        return size[::-1] if transform.p == 1 else size  # those of one batch are all alike
    return getattr(transform, "height", size[0]), getattr(transform, "width", size[1])


def pull(transform, slot, key, height, width):
    """The 3x3 matrix from output to input."""
    applied, u = numbers(transform, slot, key)
    if isinstance(transform, RandomResizedCrop):
        window = random_window(transform, applied, u, height, width)
        return showing(*window, (transform.height, transform.width))
    if isinstance(transform, SYMMETRIES):
        across, down, right = symmetry(transform, applied, u)
        mirrored = about_centre(np.diag([float(down), float(right), 1]), height, width)
        return np.dot(mirrored, np.eye(3)[[1, 0, 2]]) if across else mirrored
    if isinstance(transform, RandomPerspective):
        pulled = applied and u[0] < np.mean(transform.factor)
        return pulled_corners(transform, u, height, width) if pulled else np.eye(3)
    if isinstance(transform, CROPS):
        return showing(*crop_window(transform, applied, u, height, width), (transform.height, transform.width))
    if isinstance(transform, Resizing):
        size = transform.height, transform.width
        window = 0, 0, height, width
        if transform.crop_to_aspect_ratio:
            window = fitting(height, width, size)
        if transform.pad_to_aspect_ratio:
            above = (max(height, width * size[0] // size[1]) - height) // 2
            aside = (max(width, height * size[1] // size[0]) - width) // 2
            window = -above, -aside, height + 2 * above, width + 2 * aside
        return showing(*window, size)
    if not applied:
        return np.eye(3)
    if isinstance(transform, RandomFlip):
        down, right = ("vertical" in transform.mode), ("horizontal" in transform.mode)
        return about_centre(np.diag([-1.0 if down else 1, -1.0 if right else 1, 1]), height, width)
    if isinstance(transform, RandomRotation):
        return about_centre(turn(between(transform.factor, u[0])), height, width)
    if isinstance(transform, RandomTranslation):
        return move(
            -between(transform.height_factor, u[0]) * height, -between(transform.width_factor, u[1]) * width
        )  # fmt: skip
    if isinstance(transform, RandomZoom):
        down = right = 1 + between(transform.height_factor, u[0])
        if transform.width_factor is not None:
            right = 1 + between(transform.width_factor, u[1])
        return about_centre(np.diag([down, right, 1]), height, width)
    if isinstance(transform, RandomShear):
        sign = -1 if u[0] > 0.5 else 1
        return slant(sign * between(transform.y_factor, u[1]), sign * between(transform.x_factor, u[2]))
    assert isinstance(transform, RandomAffine)
    sign = -1 if u[4] > 0.5 else 1
    zoom = 1 + between(transform.zoom_factor, u[3])
    leaning = slant(sign * between(transform.y_factor, u[5]), sign * between(transform.x_factor, u[6]))
    turning = turn(between(transform.rotation_factor, u[0]))
    down, right = between(transform.height_factor, u[1]) * height, between(transform.width_factor, u[2]) * width
    middle = [about_centre(m, height, width) for m in (np.diag([zoom, zoom, 1]), leaning, turning)]
    return np.linalg.multi_dot([*middle, move(-down, -right)])


def holes(transform, slot, key, height, width):
    """Where a picture is erased: `(height, width)` bools."""
    applied, u = numbers(transform, slot, key)
    result, rows, columns = np.zeros((height, width), bool), np.arange(height), np.arange(width)
    if isinstance(transform, RandomErasing):
        wide, tall = np.sqrt(between(transform.scale, u[2:4])) * [width, height]
        left, top = u[4:6] * [width - wide, height - tall]
        within = (rows >= top) & (rows < top + tall), (columns >= left) & (columns < left + wide)
        return np.outer(*within) & (applied and u[1] < np.mean(transform.factor))
    if isinstance(transform, CoarseDropout):
        least, most = transform.num_holes_range
        for k in range(int(least + (most + 1 - least) * u[1]) if applied else 0):
            tall = side(transform.hole_height_range, u[2 + 4 * k], height)
            wide = side(transform.hole_width_range, u[3 + 4 * k], width)
            top, left = int(u[4 + 4 * k] * (height - tall + 1)), int(u[5 + 4 * k] * (width - wide + 1))
            result[top : top + tall, left : left + wide] = True
        return result
    unit = max(side(transform.unit_size, u[1], min(height, width)), 2)
    hole = max(round(unit * transform.ratio), 1)
    down, right = (int(number * unit) if transform.random_offset else 0 for number in u[2:4])
    return np.outer((rows + down) % unit < hole, (columns + right) % unit < hole) & applied


def side(bounds, number, whole):
    if isinstance(bounds[0], int):
        return min(int(bounds[0] + (bounds[1] + 1 - bounds[0]) * number), whole)
    return min(max(round(between(bounds, number) * whole), 1), whole)


def recoloured(transform, slot, key, picture, means, bounds):
    """`picture` (…, channels) after a colour; `means` are those of the channels as they now stand."""
    applied, u = numbers(transform, slot, key)
    if not applied:
        return picture
    if isinstance(transform, Rescaling):
        return picture * np.asarray(transform.scale) + np.asarray(transform.offset)
    if isinstance(transform, Normalization):
        deviation = np.maximum(np.sqrt(np.asarray(transform.variance)), 1e-7)
        if transform.invert:
            return picture * deviation + np.asarray(transform.mean)
        return (picture - np.asarray(transform.mean)) / deviation
    if isinstance(transform, RandomGrayscale):
        gray = picture @ [0.2989, 0.587, 0.114]
        return np.repeat(gray[..., None], 3, axis=-1) if u[0] < transform.factor else picture
    if isinstance(transform, RandomSaturation):
        factor = between(transform.factor, u[0])
        limits = transform.value_range or (0, 1)
        rows = np.array([[factor / (1 - factor + 1e-7)], [0], [limits[0]], [limits[1]]])
        return stepped(picture, "saturation", rows, None)
    low, high = bounds
    if isinstance(transform, RandomHue):
        turns = (-0.5 if u[0] > 0.5 else 0.5) * between(transform.factor, u[1])
        return stepped(picture, "hue", np.array([[turns], [0], [low], [high]]), None)
    if isinstance(transform, RandomBrightness):
        return np.clip(picture + between(transform.factor, u[0]) * (high - low), low, high)
    factor = between((1 - transform.factor[0], 1 + transform.factor[1]), u[0])
    return np.clip((picture - means) * factor + means, low, high)


def ranges_at(placed, given):
    """The range of values at the slot of every transform that clips; RefusedError where it cannot be told."""
    found, here = {}, {given}
    for slot, transform in placed:
        after = here
        if isinstance(transform, Rescaling):
            after = lines(here, transform.scale, transform.offset)
        if isinstance(transform, Normalization):
            deviation = np.maximum(np.sqrt(np.asarray(transform.variance)), 1e-7)
            mean = np.asarray(transform.mean)
            line = (deviation, mean) if transform.invert else (1 / deviation, -mean / deviation)
            after = lines(here, *line)
        if isinstance(transform, CLIPPING):
            bounds = transform.value_range
            if bounds is None:
                if len(here) > 1 or None in here:
                    raise RefusedError("has to know the range")
                (bounds,) = here
            found[slot], after = bounds, {bounds}
        here = after if transform.p == 1 else here | after
    return found


def lines(ranges, scale, offset):
    pairs = np.broadcast_arrays(np.atleast_1d(scale), np.atleast_1d(offset))
    return {
        None if bounds is None else tuple(sorted((bounds[0] * a + b, bounds[1] * a + b)))
        for bounds in ranges for a, b in zip(*pairs, strict=True)
    }  # fmt: skip
