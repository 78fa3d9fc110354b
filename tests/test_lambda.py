"""Functions of the user's own in a pipeline."""

import json

import keras
import numpy as np
import pytest

from seqaug import AugmentedSequence, Lambda, Pipeline, RandomFlip, RandomRotation, Rescaling

IMAGES = np.random.default_rng(0).integers(0, 256, (7, 10, 12, 3)).astype("u1")


def reverse(images):
    return images[..., ::-1]


def dim(images):
    images *= 0.5  # in place
    return images


@pytest.mark.parametrize("per_batch", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_functions_among_transforms(per_batch, dtype):
    before = IMAGES.tobytes()
    pipeline = Pipeline([RandomFlip(), Lambda(reverse, per_batch), Lambda(dim, per_batch)])
    assert [stage.reason for stage in pipeline.stages[1:]] == ["Lambda is a function of Python's"] * 2
    flipped = Pipeline([RandomFlip()])(IMAGES, seed=1)
    for threads in (1, 3):
        out = pipeline(IMAGES, seed=1, dtype=dtype, threads=threads)
        expected = flipped[..., ::-1] / 2
        np.testing.assert_array_equal(out, np.floor(expected + 0.5) if dtype == "uint8" else expected)
    floats = IMAGES.astype("f4")
    alone = Pipeline([Lambda(dim, per_batch)])(floats, seed=1)
    np.testing.assert_array_equal(alone, floats / 2)
    assert IMAGES.tobytes() == before
    np.testing.assert_array_equal(floats, IMAGES)  # whatever the function does to what it is given


@pytest.mark.parametrize("per_batch", [False, True])
def test_with_a_probability(per_batch):
    pipeline = Pipeline([Lambda(dim, per_batch, p=0.5)])
    plan = pipeline.draw(seed=1, epoch=0, ids=range(7), shapes=[image.shape for image in IMAGES])
    changed = plan.stages[0].changed
    assert 0 < changed.sum() < 7
    out = pipeline(IMAGES, seed=1)
    np.testing.assert_array_equal(out, np.where(changed[:, None, None, None], IMAGES / 2, IMAGES))
    assert pipeline.evaluation().transforms == ()
    assert Pipeline([Lambda(dim)]).evaluation().transforms == (Lambda(dim),)


def test_what_a_function_gets_and_returns():
    got = []

    def note(image):
        got.append((image.shape, image.dtype))
        return (image > 100).tolist()

    out = Pipeline([Lambda(note)])(IMAGES[:2], seed=0)
    assert got == [((10, 12, 3), np.float32)] * 2
    np.testing.assert_array_equal(out, IMAGES[:2] > 100)
    odd = Pipeline([Lambda(lambda image: np.full(image.shape, np.nan))])(IMAGES[:1], seed=0)
    assert np.isnan(odd).all()


@pytest.mark.parametrize("per_batch", [False, True])
@pytest.mark.parametrize(("function", "error", "message"), [
    (lambda image: image[:, 1:], ValueError, r"must return an array of shape \(.*10, 12, 3\). Received: \("),
    (lambda _: None, TypeError, "must return an array of numbers. Received: dtype object"),
    (lambda image: image * 1j, TypeError, "must return an array of numbers. Received: dtype complex"),
    (lambda _: {}["a"], RuntimeError, "the function failed: KeyError: 'a'"),
])  # fmt: skip
def test_functions_that_go_wrong(per_batch, function, error, message):
    pipeline = Pipeline([Rescaling(2.0), Lambda(function, per_batch)])
    who = r"Lambda\(.*<lambda>.*\), sample.* 41.*: .*"
    with pytest.raises(error, match=who + message) as caught:
        pipeline(IMAGES[:3], seed=0, ids=[41, 42, 43])
    assert error is not RuntimeError or isinstance(caught.value.__cause__, KeyError)


def test_in_a_sequence():
    masks = IMAGES[..., 0].astype(np.int64)
    augment = [RandomRotation(0.1, "nearest"), Lambda(reverse), Rescaling(1 / 255)]
    y = {"segmentation_masks": masks}
    sequence = AugmentedSequence(IMAGES, y, augment=augment, batch_size=4, seed=1, shuffle=False, threads=2)
    without = AugmentedSequence(IMAGES, y, augment=augment[::2], batch_size=4, seed=1, shuffle=False)
    (x, moved), plan = sequence[1], sequence.plan(1)
    assert x.shape == (3, 10, 12, 3)
    assert moved["segmentation_masks"].shape == (3, 10, 12)
    assert len(plan.stages) == 3
    assert without[1][0].shape == x.shape
    with pytest.raises(TypeError, match="holds a function, which cannot be written as plain values"):
        sequence.get_config()
    with pytest.raises(TypeError, match="cannot be written as JSON"):
        plan.to_json()
    with pytest.raises(TypeError, match=r"Lambda\(reverse\) holds a function"):
        sequence.pipeline.to_json()
    assert json.loads(without.pipeline.to_json())


def test_the_range_that_it_tells():
    dark = Pipeline([Lambda(lambda image: image / 255, value_range=(0, 1))])
    with pytest.raises(ValueError, match=r'`dtype="uint8"` holds 0 to 255, and the pipeline gives values from 0 to 1'):
        dark(IMAGES, seed=0, dtype="uint8")
    Pipeline([Lambda(reverse)])(IMAGES, seed=0, dtype="uint8")


def test_arguments():
    assert repr(Lambda(reverse, True, p=0.5)) == "Lambda(reverse, per_batch=True, p=0.5)"
    assert Lambda(reverse) == Lambda(reverse) != Lambda(dim)
    assert hash(Lambda(reverse)) == hash(Lambda(dim))
    with pytest.raises(TypeError, match=r"`function` must be a function of an image. Received: function=3"):
        Lambda(3)
    with pytest.raises(TypeError, match="`per_batch` must be True or False"):
        Lambda(reverse, per_batch=1)
    with pytest.raises(ValueError, match="The Keras layer Lambda has no counterpart"):
        Pipeline([keras.layers.Lambda(lambda x: x)])
