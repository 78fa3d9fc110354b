"""Random lists of transforms, with every argument that they have."""

from hypothesis import strategies as st

import seqaug

MODES = ("nearest", "reflect", "wrap", "constant")
CHANCES = st.sampled_from([1.0, 1.0, 0.5, 0.0])
SEEDS = st.sampled_from([None, None, 3, 2**64 - 1])
SHARES = st.sampled_from([1.0, (1.0, 1.0), (0.4, 0.8), 0.0])
EXTENTS = st.integers(1, 48)


def fractions(low=-1.0):
    """Numbers, and pairs that may be degenerate; -1 … 1, or above `low`."""
    one = st.sampled_from([0.0, 0.1, 0.3]) | st.floats(low + 0.2 if low else 0.0, 1.0)
    return st.sampled_from([0.0, 0.05, 0.3]) | st.tuples(one, one) | one.map(lambda v: (v, v))


@st.composite
def warps(draw, mode, interpolation, fill):
    """A transform with a border rule, mostly that of the list."""
    common = {
        "fill_mode": draw(st.sampled_from([mode] * 4 + list(MODES))),
        "interpolation": draw(st.sampled_from([interpolation] * 4 + ["nearest"])),
        "fill_value": draw(st.sampled_from([fill] * 4 + [0.0, 77.5])),
        "seed": draw(SEEDS),
        "p": draw(CHANCES),
    }
    kind = draw(st.sampled_from(["rotation", "quarter", "translation", "zoom", "shear", "affine", "perspective"]))
    if kind == "rotation":
        return seqaug.RandomRotation(draw(fractions()), **common)
    if kind == "quarter":
        return seqaug.RandomRotation((draw(st.sampled_from([-1, -0.5, 0.25, 0.5, 0.75])),) * 2, **common)
    if kind == "perspective":
        return seqaug.RandomPerspective(draw(SHARES), draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])), **common)
    if kind == "translation":
        return seqaug.RandomTranslation(draw(fractions()), draw(fractions()), **common)
    if kind == "zoom":
        return seqaug.RandomZoom(draw(fractions()), draw(st.none() | fractions()), **common)
    if kind == "shear":
        return seqaug.RandomShear(draw(fractions(0)), draw(fractions(0)), **common)
    return seqaug.RandomAffine(
        draw(fractions()), draw(fractions()), draw(fractions()), draw(fractions()), draw(fractions(0)),
        draw(fractions(0)), **common,
    )  # fmt: skip


@st.composite
def sizings(draw, interpolation):
    """A transform that changes the size."""
    height, width = draw(EXTENTS), draw(EXTENTS)
    kind = draw(st.sampled_from(["random", "center", "resize", "resized"]))
    if kind == "random":
        return seqaug.RandomCrop(height, width, draw(SEEDS), p=draw(CHANCES))
    if kind == "center":
        return seqaug.CenterCrop(height, width)
    if kind == "resized":
        scale, ratio = (
            draw(st.sampled_from([(0.08, 1.0), (0.5, 0.5), (1.0, 1.0)])),
            draw(st.sampled_from([(0.75, 4 / 3), (3, 4)])),
        )
        antialias = draw(st.sampled_from([False, "auto", interpolation != "nearest"]))
        return seqaug.RandomResizedCrop(
            height, width, scale, ratio, interpolation, antialias, draw(SEEDS), p=draw(CHANCES)
        )
    aspect = draw(st.sampled_from([{}, {"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True}]))
    antialias = draw(st.sampled_from([False, "auto", interpolation != "nearest"]))
    fill = draw(st.sampled_from([0.0, 20.0]))
    return seqaug.Resizing(height, width, interpolation, **aspect, fill_value=fill, antialias=antialias)


@st.composite
def colours(draw, channels):
    """A transform of colour, for images of so many channels."""
    numbers = st.sampled_from([1 / 255, 2.0, -1.0, 0.5])
    mixing = ["gray"] if channels == 3 else []
    kind = draw(st.sampled_from(["rescale", "channels", "normalize", "brightness", "contrast", *mixing]))
    if kind == "gray":
        return seqaug.RandomGrayscale(draw(st.sampled_from([0.0, 0.5, 1.0])), draw(SEEDS), p=draw(CHANCES))
    if kind == "rescale":
        return seqaug.Rescaling(draw(numbers), draw(st.sampled_from([0.0, 10.0])), p=draw(CHANCES))
    if kind == "channels":
        return seqaug.Rescaling(draw(st.lists(numbers, min_size=channels, max_size=channels)), 1.0, p=draw(CHANCES))
    if kind == "normalize":
        mean = draw(st.sampled_from([5.0, [float(k) for k in range(channels)]]))
        return seqaug.Normalization(mean=mean, variance=9.0, invert=draw(st.booleans()), p=draw(CHANCES))
    value_range = draw(st.sampled_from([None, (0.0, 255.0), (-1.0, 30.0)]))
    if kind == "brightness":
        factor = draw(st.sampled_from([0.2, (0.1, 0.1), (-0.5, 0.0), 1.0]))
        return seqaug.RandomBrightness(factor, value_range, draw(SEEDS), p=draw(CHANCES))
    factor = draw(st.sampled_from([0.5, (0.3, 0.3), (0.0, 0.0), (0.2, 0.9), 1.0]))
    return seqaug.RandomContrast(factor, value_range, draw(SEEDS), p=draw(CHANCES))


@st.composite
def erasings(draw):
    """A transform that erases, by a constant: noise has tests of its own."""
    common = {
        "fill_value": draw(st.sampled_from([0.0, 7.5, 300.0])),
        "value_range": draw(st.sampled_from([None, (0.0, 255.0)])),
        "seed": draw(SEEDS),
        "p": draw(CHANCES),
    }
    kind = draw(st.sampled_from(["one", "several", "grid"]))
    if kind == "one":
        return seqaug.RandomErasing(draw(SHARES), draw(st.sampled_from([(0.02, 0.33), 1.0, (1.0, 1.0), 0.0])), **common)
    extents = st.sampled_from([(0.1, 0.5), 0.3, 1.0, 3, (1, 100)])
    if kind == "several":
        return seqaug.CoarseDropout(draw(st.sampled_from([1, (1, 2), (3, 7)])), draw(extents), draw(extents), **common)
    return seqaug.GridMask(draw(extents), draw(st.sampled_from([0.5, 0.1, 1.0])), draw(st.booleans()), **common)


# Moves of whole pixels that pictures of any shape may make together.
SYMMETRIES = st.sampled_from([
    seqaug.RandomRotate90((0, 2)), seqaug.RandomRotate90((1, 3), 5), seqaug.RandomRotate90((3,)),
    seqaug.RandomTranspose(p=1), seqaug.RandomTranspose(p=0),
])  # fmt: skip


@st.composite
def transform_lists(draw, channels=3, most=6, kind="all"):
    """Lists of transforms, mostly of one border rule, so that stages are shared.

    `kind` is "all", or "colours" for colours among flips, or "squares" for what may come before a crop that hides what
    it cuts off, such crops, and one transform after them.
    """
    mode, interpolation = (
        draw(st.sampled_from(MODES)),
        draw(st.sampled_from(["bilinear", "bilinear", "nearest", "bicubic"])),
    )
    fill = draw(st.sampled_from([0.0, -3.0]))
    flips = st.builds(
        seqaug.RandomFlip, st.sampled_from(["horizontal", "vertical", "horizontal_and_vertical"]), SEEDS, p=CHANCES
    )
    flips = flips | SYMMETRIES
    if kind == "colours":
        return draw(st.lists(flips | colours(channels) | colours(channels), min_size=2, max_size=most))
    if kind == "squares":
        low = draw(st.sampled_from([-0.75, 0.25, 0.5]))
        turns = st.builds(
            seqaug.RandomRotation, st.just((low, low)), st.just(mode), st.just(interpolation), fill_value=st.just(fill),
            p=CHANCES,
        )  # fmt: skip
        sides = st.integers(1, 9)
        crops = st.builds(seqaug.RandomCrop, sides, sides) | st.builds(seqaug.CenterCrop, sides, sides)
        first = draw(st.lists(flips | turns | crops, min_size=1, max_size=3))
        return [*first, draw(crops), draw(warps(mode, interpolation, fill))]
    any_of = warps(mode, interpolation, fill) | flips | sizings(interpolation) | colours(channels) | erasings()
    return draw(st.lists(any_of, max_size=most))


@st.composite
def gentle_lists(draw, upright=False, most=4):
    """Lists of transforms that leave most of a picture to be seen and put 0 outside; or those that turn nothing."""
    how = {"fill_mode": "constant", "interpolation": draw(st.sampled_from(["bilinear", "nearest"]))}
    shares, sides = st.floats(-0.3, 0.3).map(lambda v: (v, v)) | st.just(0.2), st.integers(24, 60)
    kinds = [
        st.builds(seqaug.RandomFlip, st.sampled_from(["horizontal", "vertical", "horizontal_and_vertical"])),
        st.builds(lambda a, b: seqaug.RandomTranslation(a, b, **how), shares, shares),
        st.builds(lambda a, b: seqaug.RandomZoom(a, b, **how), shares, shares),
        st.builds(seqaug.RandomCrop, sides, sides) | st.builds(seqaug.CenterCrop, sides, sides),
        st.builds(
            lambda a, b, aspect: seqaug.Resizing(a, b, how["interpolation"], **aspect),
            sides,
            sides,
            st.sampled_from([{}, {"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True}]),
        ),
    ]
    if not upright:
        angles, slants = st.floats(-0.5, 0.5).map(lambda v: (v, v)) | st.just(0.5), st.floats(0, 0.3)
        kinds += [
            st.builds(lambda a: seqaug.RandomRotation(a, **how), angles),
            st.builds(lambda a, b: seqaug.RandomShear(a, b, **how), slants, slants),
            st.builds(lambda a, b, c: seqaug.RandomAffine(a, b, b, c, c, **how), angles, shares, slants),
        ]
    return draw(st.lists(st.one_of(kinds), max_size=most))
