"""The native pass in double and plain NumPy: where pixels are taken from, samples, steps of colour, the shrink."""

import numpy as np
import scipy.stats


def coordinates(matrix, size):
    """y and x of every output pixel, in the order of operations that seqaug.h states."""
    m = np.concatenate([matrix, [0.0, 0.0, 1.0]]) if len(matrix) == 6 else np.asarray(matrix)
    rows, columns = (index.astype(np.float64) for index in np.indices(size))
    with np.errstate(all="ignore"):
        y, x, w = ((m[k + 2] + rows * m[k]) + columns * m[k + 1] for k in (0, 3, 6))
        return (y, x) if len(matrix) == 6 else (y / w, x / w)


def bring_inside(c, n, border):
    """SciPy's border rules for coordinates, and which of them are outside."""
    outside = ~(np.abs(c) < 2.0**52)
    c = np.where(outside, 0.0, c)
    if border in ("constant", "frame"):
        margin = 0.5 if border == "frame" else 0.0
        outside = outside | (c < -margin) | (c > n - 1 + margin)
    elif border == "reflect":
        c = np.where(c < 0, -c - 1, c)
        c = c - 2 * n * np.trunc(c / (2 * n))
        c = np.where(c >= n, 2 * n - c - 1, c)
    elif border == "wrap":
        period = max(n - 1, 1)
        low = c + period * (np.trunc(-c / period) + 1)
        c = np.where(c < 0, low, np.where(c > n - 1, c - period * np.trunc(c / period), c))
        c = c if n > 1 else np.zeros_like(c)
    return np.clip(c, -4, n + 3), outside


def tap(at, n, border):
    if border in ("constant", "wrap"):
        at = np.where(at < 0, -at, np.where(at > n - 1, 2 * (n - 1) - at, at))
    return np.clip(at, 0, n - 1).astype(int)


def keys(d):
    """Keys' kernel with a = -0.5, as a function of the distance."""
    d = np.abs(d)
    near, far = 1.5 * d**3 - 2.5 * d**2 + 1, -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2
    return np.where(d <= 1, near, np.where(d < 2, far, 0.0))


def sampled(x, matrix, order, border, size):
    """The samples of an image (h, w, c) as doubles, and which pixels are outside."""
    x = x.astype(np.float64)
    axes, outside = [], np.zeros(size, bool)
    for c, n in zip(coordinates(np.asarray(matrix), size), x.shape, strict=False):
        c, beyond = bring_inside(c, n, border)
        outside |= beyond
        if order == 0:
            axes.append([(np.clip(np.floor(c + 0.5), 0, n - 1).astype(int), 1.0)])
            continue
        start = np.floor(c)
        if order == 1:
            weigh, offsets = (lambda d: 1 - np.abs(d)), (0, 1)
        else:
            weigh, offsets = keys, (-1, 0, 1, 2)
        axes.append([(tap(start + k, n, border), weigh(c - (start + k))) for k in offsets])
    total = np.zeros((*size, x.shape[2]))
    for rows, down in axes[0]:
        for columns, across in axes[1]:
            total += x[rows, columns] * np.broadcast_to(down * across, size)[..., None]
    return total, outside


def stepped(value, kind, rows, picture):
    """One step of colour on (…, channels) doubles, of a picture (h, w, channels) as it comes to the step."""
    if kind == "linear":
        mean = picture.mean((0, 1)) if rows[4].any() else 0.0
        value = value * rows[0] + rows[1] + np.where(rows[4] != 0, rows[4] * mean, 0.0)
    elif kind == "mix":
        value = value @ np.array([rows[0], rows[4], rows[5]]).T + rows[1]
    elif kind == "saturation":
        h, width, v = to_hue(value)
        saturation = np.where(v > 0, width / np.where(v > 0, v, 1.0), 0.0)
        return from_hue(h, v * np.clip(saturation * rows[0][0], rows[2][0], rows[3][0]) * (v > 0), v)
    elif kind == "hue":
        h, width, v = to_hue(value)
        value = from_hue(h + rows[0][0], width, v)
    elif kind == "noise":
        value = value + rows[1] * normals(rows[4:6, 0], value.shape)
    else:
        return np.stack([curved(value[..., c], kind, rows[:, c], picture[..., c]) for c in range(len(rows[0]))], -1)
    value = np.where(value < rows[2], rows[2], value)
    return np.where(value > rows[3], rows[3], value)


def curved(v, kind, rows, picture):
    """One channel along a curve between the ends of its range."""
    low, high = rows[2], rows[3]
    if not 0 < high - low < np.inf:
        return v
    if kind == "posterize":
        part = np.clip((v - low) / (high - low) * 255, 0, 255)
        return np.trunc(part / rows[0]) * rows[0] / 255 * (high - low) + low
    if kind == "solarize":
        t = np.clip(v + rows[1], low, high)
        return np.where(t < rows[0], t, low + high - t)
    if kind == "power":
        return low + (high - low) * (np.clip(v - low, 0, high - low) / (high - low)) ** rows[0]
    if kind == "stretch":
        least, most = picture.min(), picture.max()
        return v if least == most else np.clip((v - least) * ((high - low) / (most - least)) + low, low, high)
    assert kind == "equalize"
    last = rows[0] - 1

    def bin_of(v):
        return np.clip((v - low) * last / (high - low), 0, last).astype(int)

    counts = np.bincount(bin_of(picture).ravel(), minlength=int(rows[0]))
    if np.count_nonzero(counts) < 2:
        return v
    upto, first = counts.cumsum(), counts[counts > 0][0]
    levels = np.round((upto - first) * 255 / (upto[-1] - first))
    return low + levels[bin_of(v)] / 255 * (high - low)


def normals(key, shape):
    """Normal numbers for a picture (h, w, channels), by the inverse of their distribution."""
    height, width, channels = shape
    result = np.empty(shape)
    for group, first in enumerate(range(0, channels, 16)):
        lanes = min(16, channels - first)
        numbers = keyed_normals(key, group, height * width * lanes)
        result[..., first : first + lanes] = numbers.reshape(height, width, lanes)
    return result


def keyed_normals(key, part, count):
    """So many normal numbers, out of the upper and the lower 16 bits of words."""
    e = np.arange(count)
    words = philox(e // 64 * 8 + e % 8, part, key)
    word = words[e // 8 % 8 // 2, np.arange(len(e))]
    piece = np.where(e // 8 % 2 == 1, word & 0xFFFF, word >> 16).astype(np.int64)
    size = scipy.stats.norm.isf((2 * (piece & 0x7FFF) + 1) / 2**17)
    return np.where(piece >> 15, -size, size)


def philox(block, group, key):
    """Philox4x32-10 of counters (block, group, 0), as in its paper: four words for each block."""
    mask = np.uint64(0xFFFFFFFF)
    block = block.astype(np.uint64)
    c = [block & mask, block >> np.uint64(32), np.full_like(block, group), np.zeros_like(block)]
    k = [int(word) for word in key]
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        high = [product >> np.uint64(32) for product in (a, b)]
        c = [high[1] ^ c[1] ^ np.uint64(k[0]), b & mask, high[0] ^ c[3] ^ np.uint64(k[1]), a & mask]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return np.stack(c)


def to_hue(rgb):
    """HSV's hue and value as in textbooks, and between them the range of the channels, saturation times value."""
    r, g, b = np.moveaxis(rgb, -1, 0)
    v, low = rgb.max(-1), rgb.min(-1)
    width = np.where(v > low, v - low, 1.0)
    h = np.where(r == v, (g - b) / width, np.where(g == v, 2 + (b - r) / width, 4 + (r - g) / width))
    return np.where(v > low, h / 6, 0.0) % 1.0, v - low, v


def from_hue(h, width, v):
    result = []
    for shift in (5, 3, 1):
        k = (shift + h * 6) % 6
        result.append(v - width * np.clip(np.minimum(k, 4 - k), 0, 1))
    return np.stack(result, axis=-1)


def passed(x, matrix, order, border, size, kinds=(), colour=(), fill=0.0, fill_step=0):
    """The whole pass, before it is stored."""
    value, outside = sampled(x, matrix, order, border, size)
    fills = np.broadcast_to(np.float64(fill), x.shape[2:]).copy()
    for number, (kind, rows) in enumerate(zip(kinds, colour, strict=True)):
        picture = np.where(outside[..., None], fills, value)
        if kind == "noise" and number >= fill_step:  # which pixels outside have, too, one by one
            value, outside = picture, np.zeros_like(outside)
        value = stepped(value, kind, rows, picture)
        if number >= fill_step and outside.any():
            fills = stepped(fills, kind, rows, picture)
    return np.where(outside[..., None], fills, value)


def shrunk(x, size):
    """The antialiasing triangle, as Pillow and tf.image.resize define it, axis by axis."""
    x = x.astype(np.float64)
    for axis, m in enumerate(size):
        n = x.shape[axis]
        reach = max(n / m, 1.0)
        centres = (np.arange(m)[:, None] + 0.5) * n / m
        weights = np.maximum(1 - np.abs(np.arange(n) + 0.5 - centres) / reach, 0.0)
        x = np.moveaxis(np.tensordot(weights / weights.sum(1, keepdims=True), x, (1, axis)), 0, axis)
    return x
