"""Plans and pipelines as text: what was drawn comes back exactly, and what is no plan is refused."""

import json

import keras
import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from strategies import transform_lists
from test_kinds_of_stages import Ways
from test_transforms_keras import IMAGES

from seqaug import (
    AugmentedSequence,
    Pipeline,
    Plan,
    RandomBrightness,
    RandomCrop,
    RandomFlip,
    RandomHue,
    RandomRotation,
    Rescaling,
    Resizing,
)
from seqaug.transforms import TRANSFORMS

FEW = [RandomFlip(), RandomRotation(0.1, "constant", fill_value=7.0), RandomHue(0.1, (0, 255)), Rescaling(0.5)]


def again(plan):
    text = plan.to_json()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    other = Plan.from_json(text)
    assert other.to_json() == text
    return other


@settings(max_examples=40)
@given(transform_lists(), st.integers(0, 2**64 - 1))
@pytest.mark.filterwarnings("ignore:.*is told that values go from")
def test_a_plan_that_comes_back_gives_the_same_batch(transforms, seed):
    pipeline = Pipeline(transforms, image_size=(60, 90))
    shapes = [image.shape for image in IMAGES[:3]]
    try:
        plan = pipeline.draw(seed=seed, epoch=0, ids=range(3), shapes=shapes, value_range=(0, 255))
    except ValueError as error:
        event(str(error)[:30])
        return
    out = pipeline.run(plan, IMAGES[:3])
    assert pipeline.run(again(plan), IMAGES[:3]).tobytes() == out.tobytes()


@pytest.mark.parametrize("transforms", [
    FEW,
    [Ways(tuple(FEW), (), (RandomFlip(),))],
    [Ways((Ways((RandomBrightness(0.1, (0, 255)),), ()),), ())],
    [Resizing(30, 20, antialias=True), RandomCrop(9, 8)],
])  # fmt: skip
def test_a_batch_of_a_sequence_again(transforms):
    sequence = AugmentedSequence(IMAGES, augment=transforms, seed=3, shuffle=False)
    out = sequence.pipeline.run(again(sequence.plan(0)), IMAGES)
    assert out.tobytes() == sequence[0].tobytes()


def broken(change):
    """The JSON of a plan, after a change to what it holds."""
    data = json.loads(Pipeline([Ways(tuple(FEW), ()), RandomFlip()]).draw(
        seed=0, epoch=0, ids=range(4), shapes=[(5, 6, 3)] * 4).to_json())  # fmt: skip
    change(data)
    return json.dumps(data)


def set_array(where, values):
    where["values"] = values


@pytest.mark.parametrize("change", [
    lambda data: data.update(format=2),
    lambda data: data.pop("stages"),
    lambda data: data.update(stages=[]),
    lambda data: data.update(shapes=None),
    lambda data: data["shapes"].update(dtype="object"),
    lambda data: data["shapes"].update(shape=[3, 4]),
    lambda data: set_array(data["shapes"], [0] * 12),
    lambda data: data["stages"][0].update(stage="Plan"),
    lambda data: data["stages"][0].update(more=1),
    lambda data: data["stages"][1].update(size=[5.5, 6]),
    lambda data: data["stages"][1].update(size=[5]),
    lambda data: data["stages"][1].pop("border"),
    lambda data: data["stages"][1]["matrices"].update(shape=[2, 12]),
    lambda data: set_array(data["stages"][0]["branch"], [0, 1, 0, 2]),
    lambda data: set_array(data["stages"][0]["branch"], [0, 1, 0, -1]),
    lambda data: set_array(data["stages"][0]["place"], [0, 0, 5, 1]),
    lambda data: data["stages"][0].update(branches=[]),
])  # fmt: skip
def test_what_is_no_plan(change):
    with pytest.raises(ValueError, match=r"`text` (must be|is not).*Received: "):
        Plan.from_json(broken(change))


def test_what_is_no_text():
    with pytest.raises(ValueError, match="`text` must be the JSON that `to_json` gave"):
        Plan.from_json("{")
    with pytest.raises(TypeError, match=r"`text` must be the text.*dict"):
        Plan.from_json({})


@pytest.mark.parametrize("values", [[1e300] * 24, ["nan"] * 24, ["inf"] * 24])
def test_a_map_to_nowhere_is_refused_by_the_kernel(values):
    plan = Plan.from_json(broken(lambda data: set_array(data["stages"][1]["matrices"], values)))
    with pytest.raises(ValueError, match="the transform is not finite, or sends"):
        Pipeline([]).run(plan, np.zeros((4, 5, 6, 3), np.uint8))


def test_keras_saves_and_restores_them():
    pipeline = Pipeline(FEW, image_size=(4, 5))
    for value in [pipeline, *FEW]:
        text = json.dumps(keras.saving.serialize_keras_object(value))
        assert repr(keras.saving.deserialize_keras_object(json.loads(text))) == repr(value)
    for kind in TRANSFORMS.values():
        assert keras.saving.get_registered_object(f"seqaug>{kind.__name__}") is kind
