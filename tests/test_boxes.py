"""Bounding boxes: rectangles painted into pictures are found where the numbers say, and what goes with them stays."""

from functools import reduce

import keras
import numpy as np
import pytest
from common import attempt, slack
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import gentle_lists

from seqaug import (
    CenterCrop,
    Pipeline,
    RandomBrightness,
    RandomCrop,
    RandomElasticTransform,
    RandomFlip,
    RandomPerspective,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
    Resizing,
    SomeOf,
    box_formats,
    points,
)
from seqaug.filters import FILTERS, FilterKind
from seqaug.maps import compose
from seqaug.transforms.apart import Filter
from seqaug.transforms.compound import Choice
from seqaug.transforms.policies import AugMix

WHOLE = [[0.0, 0.0, 60.0, 40.0]]


def planned(pipeline, count=1, size=(40, 60), seed=0):
    return pipeline.draw(seed=seed, epoch=0, ids=range(count), shapes=[(*size, 3)] * count, value_range=(0, 255))


def run(transforms, boxes, labels=None, **arguments):
    """What becomes of the boxes of one picture of 40×60 pixels."""
    pipeline = transforms if isinstance(transforms, Pipeline) else Pipeline(transforms)
    given = {"bounding_box_format": "xyxy", **arguments}
    result = pipeline.run_boxes(planned(pipeline), [boxes], None if labels is None else [labels], **given)
    return result[0] if labels is None else (result[0][0], result[1][0])


@st.composite
def rectangles(draw, height, width):
    """Edges of whole pixels: left, top, right and bottom."""
    top, left = draw(st.integers(0, height - 9)), draw(st.integers(0, width - 9))
    bottom, right = draw(st.integers(top + 8, height)), draw(st.integers(left + 8, width))
    return left, top, right, bottom


def painted(boxes, height, width):
    """A picture with a channel for each box, white within."""
    picture = np.zeros((height, width, len(boxes)), np.float32)
    for k, (left, top, right, bottom) in enumerate(boxes):
        picture[top:bottom, left:right, k] = 255
    return picture


def found(channel):
    """The edges of what is white, or None."""
    rows, columns = np.nonzero(channel > 127)
    return None if len(rows) == 0 else np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])


@settings(max_examples=50)
@given(st.data(), st.integers(0, 2**32))
@pytest.mark.parametrize("upright", [True, False])
def test_a_painted_rectangle_is_where_its_box_says(upright, data, seed):
    height, width = data.draw(st.tuples(st.integers(30, 50), st.integers(30, 50)))
    boxes = data.draw(st.lists(rectangles(height, width), min_size=1, max_size=3))
    size = data.draw(st.sampled_from([None, None, (33, 47)]))
    pipeline = Pipeline(data.draw(gentle_lists(upright)), image_size=size)
    shape = (height, width, len(boxes))
    plan, refusal = attempt(pipeline.draw, seed=seed, epoch=0, ids=[0], shapes=[shape])
    if plan is None:
        assert "would enlarge" in refusal
        return
    picture = pipeline.run(plan, painted(boxes, height, width)[None], np.empty(plan.out_shape, np.float32))[0]
    ours, kept = pipeline.run_boxes(plan, [boxes], [np.arange(len(boxes))], bounding_box_format="xyxy")
    assert (np.diff(kept[0]) > 0).all()
    assert (ours[0][:, :2] >= 0).all()
    assert (ours[0] <= np.tile(plan.out_shape[2:0:-1], 2)).all()
    assert (ours[0][:, 2:] > ours[0][:, :2]).all()
    off = slack(plan)
    for k in range(len(boxes)):
        white = found(picture[..., k])
        if k not in kept[0]:
            assert white is None or (white[2:] - white[:2]).min() <= 2 * off
            continue
        box = ours[0][list(kept[0]).index(k)]
        if white is not None:
            assert (white[:2] >= box[:2] - off).all()
            assert (white[2:] <= box[2:] + off).all()
        inside = (box[:2] > 1).all() and (box[2:] < np.array(plan.out_shape[2:0:-1]) - 1).all()
        if (box[2:] - box[:2]).min() > 4 * off and (upright or (inside and len(plan.stages) == 1)):
            np.testing.assert_allclose(white, box, atol=off + (not upright))


@pytest.mark.parametrize("transform", [
    RandomFlip("horizontal", p=1), RandomFlip("vertical", p=1), RandomRotation((0.5, 0.5)), Resizing(13, 7),
    Resizing(13, 7, "nearest"), Resizing(90, 70, antialias=True), Resizing(8, 9, antialias=True), RandomBrightness(0.1),
    RandomCrop(20, 20), Resizing(9, 9, crop_to_aspect_ratio=True), RandomZoom((-0.5, -0.5)),
])  # fmt: skip
def test_a_box_of_the_whole_picture_stays_that(transform):
    pipeline = Pipeline([transform])
    height, width = pipeline.output_size(40, 60)
    np.testing.assert_allclose(run(pipeline, WHOLE), [[0, 0, width, height]], atol=1e-5)


def test_a_padded_picture():
    np.testing.assert_allclose(run([Resizing(30, 30, pad_to_aspect_ratio=True)], WHOLE), [[0, 5, 30, 25]])


def test_boxes_go_with_the_part_that_a_crop_leaves():
    """Moved then, the picture shows a border where it was cut off, and a box does not come back there."""
    crop, shift = CenterCrop(20, 20), RandomTranslation((0.5, 0.5), (0.0, 0.0), "constant")  # from (20, 10) on, down 10
    np.testing.assert_allclose(run([crop, shift], WHOLE), [[0, 10, 20, 20]])
    boxes = [[0, 0, 60, 9], [0, 0, 60, 12], [25, 15, 30, 18], [0, 26, 60, 40]]
    result, labels = run([crop, shift], boxes, [2, 3, 4, 5])
    np.testing.assert_allclose(result, [[0, 10, 20, 12], [5, 15, 10, 18]])
    assert labels.tolist() == [3, 4]


def test_what_a_stage_has_lost_does_not_come_back():
    """A picture moved out and back in, by two border rules: the second pass sees the first one's border."""
    there = RandomTranslation((0.5, 0.5), (0.0, 0.0), "constant")
    back = RandomTranslation((-0.5, -0.5), (0.0, 0.0), "nearest")
    np.testing.assert_allclose(run([there, back], WHOLE), [[0, 0, 60, 20]])
    turned = RandomRotation((0.125, 0.125), "nearest")
    (box,) = run([there, turned], WHOLE)
    assert (box[1] > 0) == (box[1] > 1)
    _, kept = run([there, turned], [[0, 0, 60, 40], [0, 21, 60, 40]], [0, 1])
    assert kept.tolist() == [0]


def test_a_box_beside_what_is_cut_out_has_no_part_in_it():
    turned = [CenterCrop(20, 20), RandomRotation((0.1, 0.1), "constant")]
    assert len(run(turned, [[0, 0, 20, 40]])) == 0
    assert len(run(turned, [[0, 0, 20.1, 40]])) == 1


def test_a_box_is_there_if_something_of_it_is():
    """Not only the upright box around it: thin boxes near the corner of a picture turned by an eighth and enlarged."""
    rng = np.random.default_rng(0)
    first = rng.uniform(0, [40, 38], (400, 2))
    boxes = np.concatenate([first, first + np.array([20.0, 0.2])], axis=1)
    pipeline = Pipeline([RandomRotation((0.125, 0.125), "constant"), RandomZoom((-0.5, -0.5), None, "constant")])
    _, (kept,) = pipeline.run_boxes(planned(pipeline), [boxes], [np.arange(400)], bounding_box_format="xyxy")
    inner = np.stack(np.meshgrid(np.linspace(0.01, 19.99, 300), [0.1]), axis=-1).reshape(-1, 2)
    spots = (first[:, None] + inner - 0.5).reshape(1, -1, 2)
    seen = pipeline.run_keypoints(planned(pipeline), np.concatenate([spots, np.ones_like(spots[..., :1])], axis=2))
    there = (seen[0, :, 2].reshape(400, -1) > 0).any(axis=1)
    assert 20 < there.sum() < 380
    missed = np.setdiff1d(np.flatnonzero(there), kept)
    extra = np.setdiff1d(kept, np.flatnonzero(there))
    assert len(missed) == 0
    assert len(extra) <= 4  # whose edge alone is in the picture


def test_minima():
    boxes, labels = [[0, 0, 10, 10], [20, 0, 40, 20], [55, 0, 60, 40]], [1, 2, 3]
    shift = RandomTranslation((0.0, 0.0), (-0.1, -0.1), "constant")  # six pixels to the left
    assert run([shift], boxes, labels)[1].tolist() == [1, 2, 3]
    np.testing.assert_allclose(run([shift], boxes)[0], [0, 0, 4, 10], atol=1e-5)
    assert run([shift], boxes, labels, min_area=40.1)[1].tolist() == [2, 3]
    assert run([shift], boxes, labels, min_area=200.1)[1].tolist() == [2]
    assert run([shift], boxes, labels, min_visibility=0.39)[1].tolist() == [1, 2, 3]
    assert run([shift], boxes, labels, min_visibility=0.41)[1].tolist() == [2, 3]
    assert run([shift, Resizing(80, 120)], boxes, labels, min_area=4 * 40 + 1)[1].tolist() == [2, 3]


def test_of_a_box_that_is_beyond_the_picture_only_what_is_in_it_counts():
    boxes = [[-10, 0, 10, 10], [-10, 0, 0, 10], [3, 3, 3, 9], [55, 35, 70, 70]]
    shift = RandomTranslation((0.0, 0.0), (0.1, 0.1), "constant")
    result, labels = run([shift], boxes, [1, 2, 3, 4])
    assert labels.tolist() == [1]
    np.testing.assert_allclose(result, [[6, 0, 16, 10]], atol=1e-5)
    assert len(run([], boxes[:1], min_visibility=0.6)) == 0


BOXES = np.array([[3.0, 4.0, 20.5, 30.25], [0.0, 0.0, 60.0, 40.0], [50.0, 1.0, 59.0, 2.0]])


@pytest.mark.parametrize("written", box_formats.FORMATS)
def test_formats_are_those_of_keras(written):
    convert = keras.utils.bounding_boxes.convert_format
    theirs = np.asarray(convert(BOXES, "xyxy", written, 40, 60))
    assert run([], theirs, bounding_box_format=written) == pytest.approx(theirs, abs=1e-5)
    moved = run([Resizing(20, 90), RandomFlip("horizontal", p=1)], theirs, bounding_box_format=written.upper())
    expected = BOXES[:, [2, 1, 0, 3]] * [-1.5, 0.5, -1.5, 0.5] + [90, 0, 90, 0]
    np.testing.assert_allclose(moved, np.asarray(convert(expected, "xyxy", written, 20, 90)), atol=1e-5)


def test_there_is_no_other_format():
    from keras.src.layers.preprocessing.image_preprocessing.bounding_boxes.bounding_box import SUPPORTED_FORMATS

    assert box_formats.FORMATS == SUPPORTED_FORMATS


def test_padding_is_no_box():
    boxes = np.array([[[1, 2, 3, 4], [-1, -1, -1, -1], [5, 6, 7, 8]], [[-1] * 4] * 3], np.float32)
    labels = np.array([[7, -1, -1], [-1, -1, -1]])
    pipeline = Pipeline([])
    alone = pipeline.run_boxes(planned(pipeline, 2), boxes, bounding_box_format="xyxy")
    assert [part.tolist() for part in alone] == [[[1, 2, 3, 4], [5, 6, 7, 8]], []]
    both, kept = pipeline.run_boxes(planned(pipeline, 2), boxes, labels, bounding_box_format="xyxy")
    assert [part.tolist() for part in both] == [[[1, 2, 3, 4]], []]
    assert [part.tolist() for part in kept] == [[7], []]


class Roll(Filter):
    """Moves rows down by three."""

    kind = "roll"

    def numbers(self, draws, height, width, values):  # noqa: ARG002
        return np.full((len(draws.ids), 1), 3.0)


class Halves(Choice):
    """Even numbers go one way, odd ones another."""

    def __init__(self, *ways):
        super().__init__(1.0, None)
        self.ways = ways
        self.transforms = tuple(transform for way in ways for transform in way)

    def paths(self, draws):
        return [tuple(enumerate(self.ways[i % 2])) for i in draws.ids.tolist()]

    def outcomes(self, start, act):
        return {reduce(lambda state, transform: act(transform, state), way, start) for way in self.ways}


def rolled(points, numbers, size):
    return points + np.array([numbers[0], 0.0])


def test_branches_and_filters(monkeypatch):
    kind = FilterKind(run=None, run_mask=lambda *_: None, move_points=rolled)
    monkeypatch.setitem(FILTERS, "roll", kind)
    pipeline = Pipeline([RandomFlip("horizontal", p=1), Halves([Roll(1.0)], [RandomFlip("vertical", p=1), Roll(0.0)])])
    plan = planned(pipeline, 4)
    boxes = [[[0, 0, 10, 5 + i], [1, 36, 2, 40]][: 1 + i % 2] for i in range(4)]
    result = pipeline.run_boxes(plan, boxes, bounding_box_format="xyxy")
    assert not points.keeps_lines_straight(plan.stages)
    np.testing.assert_allclose(result[0], [[50, 3, 60, 8]])
    np.testing.assert_allclose(result[1], [[50, 34, 60, 40], [58, 0, 59, 4]])
    np.testing.assert_allclose(result[2], [[50, 3, 60, 10]])
    np.testing.assert_allclose(result[3], [[50, 32, 60, 40], [58, 0, 59, 4]])


@pytest.mark.parametrize(("transform", "within"), [
    (RandomPerspective((0.4, 0.6), fill_mode="constant"), 2.0),
    (RandomElasticTransform((1.0, 1.0), (0.1, 0.2), fill_mode="constant"), 2.0),
    (SomeOf([RandomFlip("horizontal", p=1), RandomRotation((0.25, 0.25), "constant"), RandomFlip()], 2), 1.5),
])  # fmt: skip
def test_painted_rectangles_under_all_kinds_of_stages(transform, within):
    pipeline = Pipeline([RandomFlip("horizontal"), transform, RandomTranslation(0.1, 0.1, "constant")])
    boxes = [(10, 8, 28, 30), (30, 12, 52, 36), (0, 0, 9, 12)]
    picture = painted(boxes, 40, 60)
    still = pipeline.draw(seed=0, epoch=0, ids=range(12), shapes=[picture.shape] * 12, value_range=(0, 255))
    out = pipeline.run(still, np.stack([picture] * 12), np.empty(still.out_shape, np.float32))
    ours, kept = pipeline.run_boxes(still, [boxes] * 12, [range(3)] * 12, bounding_box_format="xyxy")
    compared = 0
    for i in range(12):
        for box, k in zip(ours[i], kept[i], strict=True):
            white = found(out[i, ..., k])
            assert (white[:2] >= box[:2] - within).all()
            assert (white[2:] <= box[2:] + within).all()
            if (box[:2] > 1).all() and (box[2:] < [59, 39]).all():
                np.testing.assert_allclose(white, box, atol=within)
                compared += 1
    assert compared > 5


def test_boxes_stay_where_the_image_is_blended_with_others():
    pipeline = Pipeline([AugMix(), RandomFlip("horizontal", p=1)])
    result = pipeline.run_boxes(planned(pipeline, 3), [[[10, 8, 28, 30]]] * 3, bounding_box_format="xyxy")
    np.testing.assert_allclose(np.concatenate(result), [[32, 8, 50, 30]] * 3)


def test_what_cannot_move_boxes_is_refused(monkeypatch):
    monkeypatch.setitem(FILTERS, "roll", FilterKind(run=None, run_mask=lambda *_: None))
    with pytest.raises(ValueError, match=r"Roll cannot move bounding boxes .*Received: Roll\("):
        points.require_movable(Pipeline([Halves([Roll(1.0)], [])]).transforms)
    monkeypatch.setattr(RandomFlip, "moves_points", False)
    with pytest.raises(ValueError, match="RandomFlip cannot move bounding boxes"):
        points.require_movable([RandomFlip()])


@given(st.integers(0, 2**32))
def test_perspective_maps_are_inverted(seed):
    rng = np.random.default_rng(seed)
    matrices = np.concatenate([rng.normal(size=(5, 6)), rng.normal(size=(5, 2)) * 0.02, np.ones((5, 1))], axis=1)
    out = rng.uniform(0, 20, (5, 3, 2))
    homogeneous = np.concatenate([out, np.ones((5, 3, 1))], axis=2) @ matrices.reshape(5, 3, 3).transpose(0, 2, 1)
    back = points._pushed(matrices, homogeneous[..., :2] / homogeneous[..., 2:])
    before = homogeneous[..., 2] > 0
    scale = np.abs(np.linalg.det(matrices.reshape(5, 3, 3)))[:, None, None]
    np.testing.assert_allclose((back * scale)[before], (out * scale)[before], rtol=1e-6, atol=1e-6)
    assert np.isnan(back[~before]).all()
    affine = matrices[:, :6]
    np.testing.assert_allclose(
        points._pushed(affine, out), points._pushed(np.concatenate([affine, [[0, 0, 1]] * 5], axis=1), out), rtol=1e-6
    )


def test_maps_to_a_line_show_nothing():
    still = np.array([[1.0, 0, 0, 0, 1, 0]])
    for flat in (np.zeros((1, 6)), np.array([[1.0, 1, 0, 1, 1, 0]])):
        with np.errstate(all="ignore"):
            places = points._pushed(compose(still, flat), np.ones((1, 1, 2)))
        assert np.isnan(places).all()


@pytest.mark.parametrize(("boxes", "labels", "arguments", "error", "message"), [
    ([[[0, 0, 1, 1]]], None, {"bounding_box_format": "xyhw"}, ValueError, "`bounding_box_format` must be one"),
    ([[[0, 0, 1, 1]]], None, {"min_area": -1}, ValueError, "`min_area` must be a finite number from 0"),
    ([[[0, 0, 1, 1]]], None, {"min_visibility": 1.5}, ValueError, "`min_visibility` must be .* from 0 to 1"),
    ([[[0, 0, 1, 1]]] * 2, None, {}, ValueError, "`boxes` must have one entry for each of the plan's 1 .*Received: 2"),
    ([[0, 0, 1, 1]], None, {}, ValueError, r"`boxes\[0\]` must be of shape \(boxes, 4\). Received: shape \(4,\)"),
    ([[[0, 0, 1]]], None, {}, ValueError, r"`boxes` must be boxes of four numbers"),
    ([[[0, 0, 1, 1], [5, 0, 4, 1]]], None, {}, ValueError, r"`boxes\[0\]\[1\]`, a box, must be 'xyxy' with a width"),
    ([[[0, 0, np.nan, 1]]], None, {}, ValueError, r"`boxes\[0\]\[0\]`, a box, must be finite numbers.*\[0.0, 0.0, nan"),
    ([[[0, 0, -2, 1]]], None, {"bounding_box_format": "xywh"}, ValueError, "must be 'xywh' with a width and a height"),
    ([[[0, 0, 50, 9]]], None, {"bounding_box_format": "rel_xyxy"}, ValueError, "must be 'rel_xyxy', fractions"),
    ([[[0, 0, 1, 1]]], [[1, 2]], {}, ValueError, r"one entry for each of the 1 boxes in `boxes\[0\]`.*2"),
    ([[[0, 0, 1, 1]]], [["cat"]], {}, TypeError, "must hold numbers; of class names"),
    ([[[0, 0, 1, 1]]], [[1]] * 2, {}, ValueError, "one entry for each of the 1 pictures"),
])  # fmt: skip
def test_refused(boxes, labels, arguments, error, message):
    pipeline = Pipeline([])
    with pytest.raises(error, match=message):
        pipeline.run_boxes(planned(pipeline), boxes, labels, **{"bounding_box_format": "xyxy", **arguments})
