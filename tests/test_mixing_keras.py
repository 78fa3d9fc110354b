"""MixUp and CutMix against the layers of Keras 3.15.1, the same drawn numbers forced on both."""

import keras
import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from test_transforms_keras import IMAGES

from seqaug import CutMix, MixUp, Pipeline

MORE = np.concatenate([IMAGES, IMAGES[::-1, ::-1], IMAGES[:3, :, ::-1]])
LABELS = np.eye(len(MORE), 13, dtype=np.float32)


def planned(transform, seed, shapes=None):
    shapes = [IMAGES[0].shape] * len(MORE) if shapes is None else shapes
    return Pipeline([transform]).draw(seed=seed, epoch=0, ids=range(len(shapes)), shapes=shapes)


def forced(stage):
    """What the layers draw, from our plan."""
    row, column = np.indices(stage.size)[:, None, :, :, None]
    top, left, height, width = stage.boxes.T[:, :, None, None, None]
    inside = (row >= top) & (row < top + height) & (column >= left) & (column < left + width)
    return {
        "mix_weight": stage.parts().shares[:, 0].astype(np.float32),
        "permutation_order": stage.partners,
        "batch_masks": inside,
    }


def theirs(layer, transformation, values, labels=LABELS):
    numpy = keras.ops.convert_to_numpy
    images = layer.transform_images(keras.ops.convert_to_tensor(values.astype("f4")), transformation)
    return numpy(images), numpy(layer.transform_labels(keras.ops.convert_to_tensor(labels), transformation))


@settings(max_examples=20)
@given(
    st.sampled_from([(MixUp(0.2), keras.layers.MixUp(0.2)), (MixUp(3.0, 5), keras.layers.MixUp(3.0)),
                     (CutMix(), keras.layers.CutMix()), (CutMix((0.5, 1.0)), keras.layers.CutMix((0.5, 1.0)))]),
    st.integers(0, 2**64 - 1),
    st.sampled_from(["u1", "f4", "u2", "f8"]),
)  # fmt: skip
def test_the_same_mixture(pair, seed, dtype):
    ours, layer = pair
    images = MORE.astype(dtype)
    plan = planned(ours, seed)
    expected, labels = theirs(layer, forced(plan.stages[0]), images)
    np.testing.assert_allclose(Pipeline([ours])(images, seed=seed, value_range=(0, 255)), expected, atol=1e-4)
    np.testing.assert_allclose(Pipeline([ours]).mix_labels(plan, LABELS), labels, atol=1e-6)
    stored = Pipeline([ours])(images, seed=seed, value_range=(0, 255), dtype="uint8")
    assert np.abs(stored - expected).max() <= 0.5001
    assert (expected != images).any()


def test_masks_under_cutmix():
    plan = planned(CutMix(), 7)
    masks = (MORE[..., :1] // 50).astype(np.int64)
    layer = keras.layers.CutMix()
    expected = layer.transform_segmentation_masks(keras.ops.convert_to_tensor(masks), forced(plan.stages[0]))
    np.testing.assert_array_equal(Pipeline([CutMix()]).run_masks(plan, masks), keras.ops.convert_to_numpy(expected))


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_weights_of_mixup(alpha):
    drawn = keras.layers.MixUp(alpha, seed=1).get_random_transformation(np.zeros((2000, 1, 1, 1), "f4"))
    weights = planned(MixUp(alpha), 3, [(1, 1, 1)] * 2000).stages[0].weights
    assert scipy.stats.ks_2samp(weights, keras.ops.convert_to_numpy(drawn["mix_weight"])).pvalue > 0.01


@pytest.mark.parametrize("factor", [0.3, 1.0])
def test_boxes_of_cutmix(factor):
    """Keras draws `alpha` once for a batch: a pair of equal bounds pins it."""
    shape = 100, 130, 1
    layer, count = keras.layers.CutMix((factor, factor), seed=1), 400
    drawn = layer.get_random_transformation(np.zeros((count, *shape), "f4"))
    inside = keras.ops.convert_to_numpy(drawn["batch_masks"])[..., 0]
    stage = planned(CutMix((factor, factor)), 3, [shape] * count).stages[0]
    seen = stage.parts().shares[:, 1]
    areas = inside.mean((1, 2))
    weights = keras.ops.convert_to_numpy(drawn["mix_weight"]).reshape(-1)
    np.testing.assert_allclose(areas, 1 - weights, atol=0.02)  # of the box before it comes to pixels
    assert scipy.stats.ks_2samp(seen, areas).pvalue > 0.01
    middles = (stage.boxes[:, :2] + stage.boxes[:, 2:] / 2)[(seen > 0.01) & (seen < 0.9)]
    cut = inside[(areas > 0.01) & (areas < 0.9)]
    for axis in range(2):
        lines = cut.any(2 - axis)
        theirs = (lines.argmax(1) + lines.shape[1] - lines[:, ::-1].argmax(1)) / 2
        assert scipy.stats.ks_2samp(middles[:, axis], theirs).pvalue > 0.01


def test_a_factor_for_each_image():
    """Over many batches, Keras's `alpha` is uniform within the bounds; ours is for each image."""
    stage = planned(CutMix((0.2, 1.0)), 3, [(1000, 1000, 1)] * 3000).stages[0]
    rng = np.random.default_rng(0)
    alphas = rng.uniform(0.2, 1.0, 3000) + 1e-6
    assert scipy.stats.ks_2samp(stage.parts().shares[:, 0], rng.beta(alphas, alphas)).pvalue > 0.01
