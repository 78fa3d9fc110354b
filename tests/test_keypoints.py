"""Keypoints: spots painted into pictures are found where the numbers say."""

import numpy as np
import pytest
from common import attempt, slack
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import gentle_lists

from seqaug import (
    CenterCrop,
    Pipeline,
    RandomAffine,
    RandomFlip,
    RandomRotation,
    RandomShear,
    RandomTranslation,
    RandomZoom,
    Resizing,
)

COUNT = 3


def planned(pipeline, count=1, seed=0):
    return pipeline.draw(seed=seed, epoch=0, ids=range(count), shapes=[(40, 60, 3)] * count)


def run(transforms, keypoints, **arguments):
    """What becomes of the keypoints of one picture of 40×60 pixels."""
    pipeline = Pipeline(transforms)
    return pipeline.run_keypoints(planned(pipeline), [keypoints], **arguments)[0]


@settings(max_examples=50)
@given(st.data(), gentle_lists(), st.integers(0, 2**32))
def test_a_painted_spot_is_where_its_keypoint_says(data, transforms, seed):
    """Spots of 3×3 pixels, a channel for each."""
    spots = np.array(data.draw(st.lists(st.tuples(st.integers(2, 57), st.integers(2, 37)), min_size=1, max_size=4)))
    picture = np.zeros((40, 60, len(spots)), np.float32)
    for k, (x, y) in enumerate(spots):
        picture[y - 1 : y + 2, x - 1 : x + 2, k] = 255
    pipeline = Pipeline(transforms)
    plan, refusal = attempt(pipeline.draw, seed=seed, epoch=0, ids=[0], shapes=[picture.shape])
    if plan is None:
        assert "would enlarge" in refusal
        return
    out = pipeline.run(plan, picture[None], np.empty(plan.out_shape, np.float32))[0]
    (ours,) = pipeline.run_keypoints(plan, [np.column_stack([spots, [2] * len(spots)])])
    (plain,) = pipeline.run_keypoints(plan, [spots])
    np.testing.assert_array_equal(ours[:, :2], plain)
    last, off = np.array(plan.out_shape[2:0:-1]) - 1, slack(plan)
    for k, (x, y, seen) in enumerate(ours):
        assert seen in (0, 2)
        beyond = max(-x, -y, *(np.array([x, y]) - last))  # how many pixels outside
        assert (seen == 0) == (beyond > 0.5) or len(plan.stages) > 1 or plan.stages[0].windows is not None
        weights = out[..., k]
        if seen and weights.max() > 100 and beyond < -3 * off:
            rows, columns = np.nonzero(weights > weights.max() / 2)
            np.testing.assert_allclose([columns.mean(), rows.mean()], [x, y], atol=off)
        elif beyond > 3 * off:
            assert weights.max(initial=0) < 1


@pytest.mark.parametrize(("transform", "expected"), [
    (RandomFlip("horizontal", p=1), [56, 4]),
    (RandomFlip("vertical", p=1), [3, 35]),
    (RandomTranslation((0.1, 0.1), (-0.05, -0.05)), [0, 8]),
    (Resizing(80, 120), [6.5, 8.5]),
    (Resizing(20, 20), [3.5 / 3 - 0.5, 1.75]),
    (CenterCrop(38, 56), [1, 3]),
    (RandomRotation((0.5, 0.5)), [56, 35]),
])  # fmt: skip
def test_whole_numbers_are_the_middles_of_pixels(transform, expected):
    np.testing.assert_allclose(run([transform], [[3, 4]]), [expected], atol=1e-5)


def test_visibility():
    points = [[3, 4, 2], [3, 4, 1], [3, 4, 0], [50, 20, 1], [-7, -8, 0], [70, 4, 2], [np.nan, np.nan, 0]]
    left = run([RandomTranslation((0.0, 0.0), (-0.5, -0.5))], points)
    expected = [[-27, 4, 0], [-27, 4, 0], [3, 4, 0], [20, 20, 1], [-7, -8, 0], [40, 4, 0], [np.nan, np.nan, 0]]
    np.testing.assert_allclose(left, expected, atol=1e-5)
    edge = run([], [[-0.5, -0.5, 1], [-0.6, 0, 1], [59.4, 39.4, 1], [59.5, 0, 1]])
    assert edge[:, 2].tolist() == [1, 0, 1, 0]


def test_what_has_been_cut_off_is_not_seen_again():
    shift = RandomTranslation((0.5, 0.5), (0.0, 0.0), "constant")
    moved = run([CenterCrop(20, 20), shift], [[30, 9, 2], [30, 11, 2], [30, 21, 2]])
    np.testing.assert_allclose(moved, [[10, 9, 0], [10, 11, 2], [10, 21, 0]])
    back = RandomTranslation((-0.5, -0.5), (0.0, 0.0), "nearest")
    np.testing.assert_allclose(run([shift, back], [[3, 4, 1], [3, 24, 1]]), [[3, 4, 1], [3, 24, 0]], atol=1e-5)


def test_pairs_change_places_in_a_mirrored_picture():
    points = [[3, 4, 2], [5, 6, 1], [7, 8, 0], [9, 10, 2]]
    pairs = [(0, 1), (3, 2)]
    flipped = [[54, 6, 1], [56, 4, 2], [50, 10, 2], [7, 8, 0]]
    np.testing.assert_allclose(run([RandomFlip("horizontal", p=1)], points, flip_pairs=pairs), flipped)
    for still in (RandomFlip("horizontal_and_vertical", p=0), RandomRotation((0.5, 0.5)), RandomZoom(0.3),
                  RandomShear(0.3, 0.1), RandomAffine(0.3, x_factor=0.2)):  # fmt: skip
        np.testing.assert_array_equal(run([still], points, flip_pairs=pairs), run([still], points))
    both = [RandomFlip("vertical", p=1), RandomFlip("horizontal", p=1), Resizing(7, 9)]
    np.testing.assert_array_equal(run(both, points, flip_pairs=pairs), run(both, points))
    one = [RandomRotation((0.3, 0.3)), RandomFlip("vertical", p=1), RandomRotation((0.2, 0.2), "wrap")]
    np.testing.assert_array_equal(run(one, points, flip_pairs=pairs), run(one, points)[[1, 0, 3, 2]])


def test_lists_of_any_length_come_padded():
    pipeline = Pipeline([RandomFlip("horizontal", p=1)])
    lists = [[[3, 4, 2]], [], [[5, 6, 1], [7, 8, 0]]]
    expected = [[[56, 4, 2], [0, 0, 0]], [[0, 0, 0]] * 2, [[54, 6, 1], [7, 8, 0]]]
    np.testing.assert_array_equal(pipeline.run_keypoints(planned(pipeline, 3), lists), expected)
    one = pipeline.run_keypoints(planned(pipeline, 2), np.array([[3, 4], [5, 6]]))
    np.testing.assert_array_equal(one, [[56, 4], [54, 6]])


@pytest.mark.parametrize(("keypoints", "arguments", "error", "message"), [
    ([[[1, 2]]] * 2, {}, ValueError, "`keypoints` must have one entry for each of the plan's 1 images. Received: 2"),
    (np.ones((1, 2, 4)), {}, ValueError, r"`keypoints` must be of shape .* Received: shape \(1, 2, 4\)"),
    (np.ones(1), {}, ValueError, r"`keypoints` must be of shape .* Received: shape \(1,\)"),
    ([[[1, np.inf]]], {}, ValueError, r"`keypoints\[0\]\[0\]`, a keypoint, must be finite .*\[1.0, inf\]"),
    ([[[1, 2, -1]]], {}, ValueError, r"`keypoints\[0\]\[0\]`, .* visibility at least 0.*\[1.0, 2.0, -1.0\]"),
    ([[[1, 2, np.nan]]], {}, ValueError, r"`keypoints\[0\]\[0\]`, a keypoint, must be finite"),
    ([[[1, 2]], [[1, 2], [3, 4]]], {}, ValueError, "must have visibility .x, y and v. where pictures have different"),
    ([[["a", "b"]]], {}, TypeError, "`keypoints` must hold numbers"),
    ([[[1, 2]]], {"flip_pairs": [(0, 1)]}, ValueError, "must name keypoints that there are. Received: 1, where `key"),
    ([[[1, 2]]], {"flip_pairs": [(0, 0)]}, ValueError, "`flip_pairs` must name each keypoint once"),
    ([[[1, 2]]], {"flip_pairs": [0, 1]}, ValueError, "`flip_pairs` must be a list of pairs"),
    ([[[1, 2]]], {"flip_pairs": [(0, 1.5)]}, TypeError, "`flip_pairs` must be an integer"),
])  # fmt: skip
def test_refused(keypoints, arguments, error, message):
    pipeline = Pipeline([])
    with pytest.raises(error, match=message):
        pipeline.run_keypoints(planned(pipeline), keypoints, **arguments)
