"""Images of a batch mixed with each other: who with whom, pixels, labels, masks, in pipelines and Sequences."""

import numpy as np
import pytest
from common import bits, every_cpu, laid_out, pixels
from hypothesis import given, settings
from hypothesis import strategies as st

import seqaug
from seqaug import (
    CenterCrop,
    CutMix,
    MixUp,
    Mosaic,
    OneOf,
    Pipeline,
    Plan,
    RandomApply,
    RandomFlip,
    RandomRotation,
    Rescaling,
    _core,
    buffers,
)
from seqaug.randomness import Draws

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (11, 24, 37, 3), np.uint8)
MASKS = RNG.integers(0, 9, (11, 24, 37)).astype(np.int64) + 2**40
LABELS = np.eye(11, dtype=np.float32)
ALL = [MixUp(2.0), CutMix(), Mosaic(), Mosaic(40, 30, fill_value=9)]


def planned(transform, ids=range(11), seed=5, shapes=None):
    shapes = [IMAGES[0].shape] * len(ids) if shapes is None else shapes
    return Pipeline(transform).draw(seed=seed, epoch=0, ids=ids, shapes=shapes, value_range=(0, 255))


def pieced(plan, images, out):
    """What a plan of one stage says, pixel by pixel: its parts one over the other."""
    (stage,) = plan.stages
    parts = stage.parts()
    for i in range(len(out)):
        for j, row in enumerate(parts.rows[i]):
            (top, left, height, width), (down, right) = parts.boxes[i, j], parts.moves[i, j]
            for y in range(top, top + height):
                for x in range(left, left + width):
                    assert y >= down
                    assert x >= right
                    out[i, y, x] = images[row][y - down, x - right]
    return out


# Who is mixed with whom


@pytest.mark.parametrize("transform", [MixUp(), CutMix(), MixUp(seed=9)])
def test_partners_are_next_in_a_circle(transform):
    ids = RNG.choice(2**32, 50, replace=False)
    partners = planned(transform, ids).stages[0].partners
    numbers = Draws(5, 0, 0, ids.astype(np.uint32)).uniforms(1, 1, transform.seed)[:, 0]
    order = np.argsort(numbers)
    np.testing.assert_array_equal(partners[order], np.roll(order, -1))
    assert sorted(partners) == list(range(50))
    assert (partners != np.arange(50)).all()


@pytest.mark.parametrize("transform", ALL, ids=repr)
def test_a_batch_hangs_on_who_is_in_it(transform):
    """The same samples in another order give the same images; other company gives others; draws differ by epoch."""
    out = Pipeline([transform])(IMAGES, seed=5)
    order = RNG.permutation(11)
    moved = Pipeline([transform])(IMAGES[order], seed=5, ids=order)
    np.testing.assert_array_equal(moved, out[order])
    fewer = Pipeline([transform])(IMAGES[:4], seed=5)
    assert (fewer != out[:4]).any()
    assert (Pipeline([transform])(IMAGES, seed=5, epoch=1) != out).any()


@pytest.mark.parametrize("transform", [MixUp(2.0), CutMix(), Mosaic((24), 37)], ids=repr)
def test_alone(transform):
    """Mixed with itself."""
    out = Pipeline([transform])(IMAGES[:1], seed=5)
    if isinstance(transform, Mosaic):
        assert planned([transform], [3]).stages[0].sources.tolist() == [[0, 0, 0, 0]]
    else:
        np.testing.assert_allclose(out, IMAGES[:1], atol=1e-4)
    np.testing.assert_allclose(Pipeline([transform]).mix_labels(planned([transform], [3]), [[0, 1.0]]), [[0, 1]])


@pytest.mark.parametrize("transform", [MixUp(2.0, p=0.4), CutMix((0.5, 1), p=0.4), Mosaic(p=0.4)], ids=repr)
def test_some_stay(transform):
    applies = Draws(5, 0, 0, np.arange(11, dtype=np.uint32)).uniforms(0, 1)[:, 0] < 0.4
    assert 0 < applies.sum() < 11
    out, labels = Pipeline([transform])(IMAGES, seed=5), Pipeline([transform]).mix_labels(planned([transform]), LABELS)
    np.testing.assert_array_equal((out != IMAGES).any((1, 2, 3)), applies)
    np.testing.assert_array_equal(labels[~applies], LABELS[~applies])
    assert ((labels != LABELS).any(1) == applies).all()


# Pixels


@pytest.mark.parametrize("transform", [CutMix(), Mosaic(), Mosaic(40, 60, (0.1, 0.4), 114.5)], ids=repr)
@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_pieces(transform, dtype):
    plan = planned([transform])
    fill = 0 if isinstance(transform, CutMix) else transform.fill_value
    expected = pieced(plan, IMAGES, np.full((11, *plan.stages[0].size, 3), fill, "f4"))
    expected = np.floor(expected + 0.5) if dtype == "uint8" else expected
    np.testing.assert_array_equal(Pipeline([transform])(IMAGES, seed=5, dtype=dtype), expected)
    labels = Pipeline([transform]).mix_labels(plan, LABELS)
    index = np.tile(np.arange(11)[:, None, None, None], (1, 24, 37, 1))
    shown = pieced(plan, index, np.full((11, *plan.stages[0].size, 1), -1))
    areas = np.array([[(image == source).sum() for source in range(11)] for image in shown])
    np.testing.assert_allclose(labels, areas / areas.sum(1, keepdims=True), atol=1e-6)
    masks = Pipeline([transform]).run_masks(plan, MASKS, fill_value=2)
    np.testing.assert_array_equal(masks, pieced(plan, MASKS, np.full((11, *plan.stages[0].size), 2)))


def test_images_of_different_sizes_in_a_mosaic():
    images = [image[: 10 + i, : 37 - 2 * i] for i, image in enumerate(IMAGES)]
    pipeline = Pipeline([Mosaic(30, 50, (0, 1), fill_value=7, p=0.7), Rescaling(2)])
    plan = pipeline.draw(seed=1, epoch=0, ids=range(11), shapes=[image.shape for image in images])
    first = Plan(plan.shapes, plan.stages[:1])
    expected = 2 * pieced(first, images, np.full((11, 30, 50, 3), 7.0))
    np.testing.assert_array_equal(pipeline(images, seed=1, threads=2), expected)
    boxes = plan.stages[0].boxes
    alone = np.flatnonzero(plan.stages[0].parts().shares[:, 0] == 1)
    for i in alone:  # in the middle
        height, width = images[i].shape[:2]
        assert boxes[i, 0].tolist() == [(30 - height) // 2, (50 - width) // 2, height, width]
    with pytest.raises(ValueError, match="must have one size"):
        Pipeline([Mosaic()])(images, seed=1)
    with pytest.raises(ValueError, match="must have one size"):
        Pipeline([MixUp()])(images, seed=1)


@pytest.mark.parametrize("transform", ALL, ids=repr)
@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_in_the_middle_of_a_list(transform, dtype):
    """What comes before is done for all, and what follows goes on from there."""
    before, after = [RandomFlip(), RandomRotation(0.1)], [RandomRotation(0.2, "nearest"), CenterCrop(20, 20)]
    pipeline = Pipeline([*before, transform, *after])
    turned = Pipeline(before)(IMAGES, seed=5)
    plan = planned(pipeline.transforms)
    mixed = Pipeline([]).run(Plan(np.array([image.shape for image in turned]), plan.stages[1:2]), turned)
    last = Plan(np.array([image.shape for image in mixed]), plan.stages[2:])
    expected = Pipeline([]).run(last, mixed, np.empty((11, 20, 20, 3), dtype), value_range=(0, 255))
    for threads in (1, 3, 20):
        out = pipeline(IMAGES, seed=5, dtype=dtype, threads=threads)
        assert out.tobytes() == expected.tobytes()
    assert "needs other images of the batch" in str(pipeline)


@pytest.mark.parametrize("transform", ALL, ids=repr)
def test_every_variant_gives_the_same_bits(transform):
    results = set()
    for _ in every_cpu():
        for source in (IMAGES, IMAGES.astype("f4")):
            for dtype in ("float32", "uint8"):
                results.add((source.dtype, dtype, Pipeline([transform])(source, seed=1, dtype=dtype,
                                                                        value_range=(0, 255)).tobytes()))  # fmt: skip
    assert len(results) == 4


@settings(max_examples=50)
@given(st.data())
def test_kernel(data):
    """Any layout of sources and targets, any numbers."""
    shape = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 700) | st.integers(1, 9), st.integers(1, 5)))
    shape = shape if np.prod(shape) < 9000 else (1, *shape[1:])
    kinds = [data.draw(st.sampled_from(["u1", "f4"])) for _ in range(2)]
    batch = np.stack([data.draw(pixels(shape, kinds[0])) for _ in range(3)])
    source = buffers.readable(data.draw(laid_out(batch)))
    box = [data.draw(st.integers(0, extent)) for extent in shape[:2]]
    box += [data.draw(st.integers(0, extent - start)) for extent, start in zip(shape[:2], box, strict=True)]
    weight = data.draw(st.sampled_from([0.0, 1.0, 0.25]) | st.floats(0, 1))
    target = np.full((2, *shape[::-1]), 77, kinds[1]).transpose(0, 3, 2, 1)
    target = target if data.draw(st.booleans()) else np.full((2, *shape), 77, kinds[1])
    own, partners = np.array([1, 0]), np.array([2, 0])
    _core.mix(source, target, own, partners, np.array([box] * 2), np.full(2, weight), rows=np.arange(3))
    a, b = source[own].astype("f4"), source[partners].astype("f4")
    share = np.float32(weight)
    with np.errstate(all="ignore"):
        blended = b if share == 0 else a if share == 1 else a * share + b * (np.float32(1) - share)
        expected = a.copy()
        rows, columns = slice(box[0], box[0] + box[2]), slice(box[1], box[1] + box[3])
        expected[:, rows, columns] = blended[:, rows, columns]
        if kinds[1] == "u1":
            expected = np.floor(np.nan_to_num(expected, nan=0.0, posinf=255, neginf=0).clip(0, 255) + np.float32(0.5))
            expected = expected.astype("u1")
    assert bits(target) == bits(expected)


@pytest.mark.parametrize(("change", "error"), [
    ({"own": np.array([3])}, IndexError), ({"partners": np.array([-1])}, IndexError),
    ({"boxes": np.array([[0, 0, 5, 4]])}, ValueError), ({"boxes": np.array([[-1, 0, 2, 2]])}, ValueError),
    ({"boxes": np.array([[2**62, 2**62, 2**62, 2**62]])}, ValueError), ({"boxes": np.zeros((1, 3), int)}, ValueError),
    ({"weights": np.zeros(2)}, ValueError), ({"target": np.zeros((1, 4, 5, 3))}, ValueError),
    ({"target": np.zeros((1, 4, 4, 2), "f4")}, ValueError), ({"sources": np.zeros((3, 4, 4, 3), "f8")}, ValueError),
])  # fmt: skip
def test_what_the_kernel_refuses(change, error):
    arguments = {
        "sources": np.zeros((3, 4, 4, 3), "u1"), "target": np.zeros((1, 4, 4, 3), "f4"), "own": np.array([0]),
        "partners": np.array([1]), "boxes": np.array([[0, 0, 4, 4]]), "weights": np.array([0.5]),
    }  # fmt: skip
    _core.mix(**arguments, rows=np.arange(3))
    with pytest.raises(error):
        _core.mix(**(arguments | change), rows=np.arange(3))


# Labels


def test_labels():
    plan = planned([MixUp(2.0), RandomFlip(), CutMix()])
    mix, _, cut = plan.stages
    weight, cover = mix.weights[:, None], (cut.boxes[:, 2] * cut.boxes[:, 3] / (24 * 37))[:, None]
    once = weight * LABELS + (1 - weight) * LABELS[mix.partners]
    expected = (1 - cover) * once + cover * once[cut.partners]
    for labels in (LABELS, LABELS > 0, LABELS.astype(int), LABELS.tolist()):
        result = Pipeline([]).mix_labels(plan, labels)
        assert result.dtype == np.float32
        np.testing.assert_allclose(result, expected, atol=1e-6)
    numbers = Pipeline([]).mix_labels(plan, np.arange(11.0))
    np.testing.assert_allclose(numbers, expected @ np.arange(11), atol=1e-5)


def test_a_missing_label_stays_with_its_image():
    labels = np.full((11, 2), 3.0)
    labels[4] = np.nan
    plan = planned([CutMix(p=0.5)])
    mixed = Pipeline([]).mix_labels(plan, labels)
    parts = plan.stages[0].parts()
    with_nan = ((parts.rows == 4) & (parts.shares > 0)).any(1)
    assert 0 < with_nan.sum() < 3
    np.testing.assert_array_equal(np.isnan(mixed).any(1), with_nan)


@pytest.mark.parametrize(("labels", "message"), [
    (np.arange(11), r"`labels` is blended .*to_categorical\(labels\).* Received: labels of dtype int64 and"),
    (np.arange(11)[:, None], "class numbers cannot be"),
    (LABELS[:5], r"`labels` must have a row for each of the 11 images. Received: labels.shape=\(5, 11\)"),
])  # fmt: skip
def test_labels_that_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        Pipeline([]).mix_labels(planned([MixUp()]), labels)
    with pytest.raises(TypeError, match="`labels` must be an array of numbers"):
        Pipeline([]).mix_labels(planned([MixUp()]), ["a"] * 11)


# What is refused


@pytest.mark.parametrize(("make", "message"), [
    (lambda: MixUp(0), "`alpha` must be above 0. Received: alpha=0"),
    (lambda: MixUp(float("nan")), "`alpha` must be a finite number"),
    (lambda: CutMix(1.1), "`factor` must be a finite number from 0 to 1"),
    (lambda: CutMix((0.1, 0.2, 0.3)), "`factor` must be a number or a pair"),
    (lambda: Mosaic(10), "`height` and `width` go together. Received: height=10 and width=None"),
    (lambda: Mosaic(0, 1), "`height` must be from 1"),
    (lambda: Mosaic(center_range=0.5), "`center_range` must be a pair of numbers"),
    (lambda: Mosaic(center_range=(0.5, 2)), "`center_range` must be a finite number from 0 to 1"),
    (lambda: Mosaic(p=2), "`p` must be"),
    (lambda: Pipeline([]).run_masks(planned([MixUp()]), MASKS), "cannot follow a plan that blends images"),
    (lambda: Pipeline([Mosaic(9, 9, fill_value=-1)])(IMAGES, seed=1, dtype="uint8"), "holds 0 to 255"),
])  # fmt: skip
def test_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_refused_within_another_transform():
    for inner in ([OneOf([RandomFlip(), CutMix()])], RandomApply([OneOf([MixUp(), RandomFlip()])])):
        with pytest.raises(
            ValueError, match="needs the whole batch, and must stand in the list itself, not within OneOf"
        ):
            Pipeline(inner)


def test_names():
    assert {"MixUp", "CutMix", "Mosaic"} <= set(seqaug.__all__)
    assert Pipeline([Mosaic(8, 9)]).output_size(3, 4) == (8, 9)
    assert Pipeline([Mosaic(fill_value=3)], fill_value=8).transforms[0].fill_value == 8
