"""Pipelines as values: evaluation, configurations, JSON, arguments for all transforms, sizes that come out."""

import json

import numpy as np
import pytest
from common import attempt
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import EXTENTS, transform_lists
from test_transforms_keras import IMAGES

from seqaug import (
    CenterCrop,
    Normalization,
    Pipeline,
    RandomBrightness,
    RandomContrast,
    RandomCrop,
    RandomFlip,
    RandomResizedCrop,
    RandomRotate90,
    RandomRotation,
    RandomTranspose,
    RandomZoom,
    Rescaling,
    Resizing,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*is told that values go from")
SMALL = IMAGES[:, :24, :30]


def outcome(pipeline, **arguments):
    """The bits of a batch, or the words of the refusal."""
    result, refusal = attempt(pipeline, SMALL, seed=9, epoch=2, **arguments)
    return refusal if result is None else result.tobytes()


@settings(max_examples=150)
@given(transform_lists(), st.none() | st.tuples(EXTENTS, EXTENTS))
def test_there_and_back_changes_no_bit(transforms, image_size):
    pipeline = Pipeline(transforms, image_size=image_size)
    expected = outcome(pipeline)
    text = pipeline.to_json()
    assert json.loads(text)["format"] == 1
    for again in (
        Pipeline.from_config(pipeline.get_config()),
        Pipeline.from_config(json.loads(json.dumps(pipeline.get_config()))),
        Pipeline.from_json(text),
        Pipeline(pipeline),
    ):
        assert repr(again) == repr(pipeline)
        assert outcome(again) == expected
    assert Pipeline.from_json(text).to_json() == text


@pytest.mark.parametrize("text", ['{"format": 2, "transforms": [], "resize": null}', "[]", "{}", '"x"'])
def test_json_of_something_else(text):
    with pytest.raises(ValueError, match="the JSON that `to_json` gave, of format 1"):
        Pipeline.from_json(text)


def test_json_of_an_unknown_transform():
    text = Pipeline([RandomFlip()]).to_json().replace("RandomFlip", "RandomFlop")
    with pytest.raises(ValueError, match=r"`class_name` must be one of .*, CenterCrop, .*Received: .*RandomFlop"):
        Pipeline.from_json(text)


@settings(max_examples=100)
@given(transform_lists(), st.integers(0, 2**32))
def test_evaluation_keeps_what_is_fixed(transforms, seed):
    """And depends on no seed, epoch or id."""
    instead = {RandomCrop: CenterCrop, RandomResizedCrop: Resizing}
    pipeline = Pipeline(transforms, image_size=(24, 30))
    evaluation = pipeline.evaluation()
    assert evaluation.resize is pipeline.resize
    kept = [t for t in transforms if type(t) in instead or (not t.is_random and t.p == 1)]
    assert [instead.get(type(t), type(t)) for t in kept] == [type(t) for t in evaluation.transforms]
    assert [t for t in kept if type(t) not in instead] == [
        t for t, old in zip(evaluation.transforms, kept, strict=True) if type(old) not in instead
    ]
    one = evaluation(SMALL, seed=0)
    assert one.tobytes() == evaluation(SMALL, seed=seed, epoch=5, ids=[9, 8, 7, 6]).tobytes()
    assert evaluation.evaluation().to_json() == evaluation.to_json()


def test_evaluation_by_hand():
    pipeline = Pipeline([RandomFlip(), RandomCrop(11, 12, p=0.5), RandomBrightness(0.5), Rescaling(1 / 255),
                         Rescaling(3, p=0.5), RandomContrast(0.5)])  # fmt: skip
    middle = SMALL[:, 6:17, 9:21]
    np.testing.assert_allclose(pipeline.evaluation()(SMALL, seed=0), middle / np.float32(255), rtol=1e-6)
    assert [type(t) for t in pipeline.transforms][1] is RandomCrop  # it is another one


def test_one_border_for_all():
    rotate, zoom = RandomRotation(0.1, "wrap", "nearest", fill_value=3), RandomZoom(0.1, fill_mode="nearest")
    pipeline = Pipeline([rotate, zoom, RandomFlip(), Resizing(20, 20, "nearest")], image_size=(24, 30))
    assert len(pipeline.stages) > 1
    changed = Pipeline(pipeline, fill_mode="reflect", interpolation="bilinear", fill_value=7.5)
    assert len(changed.stages) == 1
    for transform in changed.transforms[:2]:
        assert (transform.fill_mode, transform.interpolation, transform.fill_value) == ("reflect", "bilinear", 7.5)
    assert changed.transforms[3].interpolation == "bilinear"
    assert (rotate.fill_mode, rotate.interpolation, rotate.fill_value) == ("wrap", "nearest", 3)  # as they were
    written = Pipeline([RandomRotation(0.1, fill_value=7.5), RandomZoom(0.1, fill_value=7.5), RandomFlip(),
                        Resizing(20, 20, fill_value=7.5)], image_size=(24, 30))  # fmt: skip
    assert changed.get_config()["transforms"] == written.get_config()["transforms"]
    assert outcome(changed) == outcome(written)
    nearest = Pipeline(image_size=(12, 15), interpolation="nearest")
    assert nearest.resize.interpolation == "nearest"
    np.testing.assert_array_equal(nearest(SMALL, seed=0), SMALL[:, 1::2, 1::2])


@settings(max_examples=100)
@given(transform_lists(), st.integers(1, 40), st.integers(1, 40), st.none() | st.tuples(EXTENTS, EXTENTS))
def test_output_size(transforms, height, width, image_size):
    pipeline = Pipeline(transforms, image_size=image_size)
    images = np.zeros((1, height, width, 3), np.uint8)
    last = image_size or (height, width)
    for t in transforms:
        if isinstance(t, CenterCrop | RandomCrop | RandomResizedCrop | Resizing):
            last = t.height, t.width
        elif (isinstance(t, RandomRotate90) and 0 not in t.turns) or (isinstance(t, RandomTranspose) and t.p == 1):
            last = last[::-1]
    assert pipeline.output_size(height, width) == last
    result, refusal = attempt(pipeline, images, seed=0)
    if result is None:
        assert "would enlarge" in refusal or "has to know the range" in refusal
    else:
        assert result.shape[1:3] == last


def test_moves_pixels():
    assert Pipeline([RandomFlip()]).moves_pixels
    assert Pipeline(image_size=(3, 4)).moves_pixels
    assert not Pipeline([Rescaling(2), RandomContrast(0.1), Normalization(mean=0, variance=1)]).moves_pixels


def test_what_is_adapted_later_is_checked_again():
    pipeline = Pipeline([Normalization(mean=0.0, variance=1.0)])
    assert pipeline(SMALL, seed=0, dtype="uint8").dtype == np.uint8
    pipeline.transforms[0].adapt(SMALL)
    with pytest.raises(ValueError, match='`dtype="uint8"` holds 0 to 255'):
        pipeline(SMALL, seed=0, dtype="uint8")
