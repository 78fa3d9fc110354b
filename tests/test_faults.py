"""Faults that would be silent: each was possible once."""

import re
import warnings

import keras
import numpy as np
import pytest
from common import Batches, digests

from seqaug import (
    AugmentedSequence,
    CenterCrop,
    Normalization,
    Pipeline,
    RandomBrightness,
    RandomCrop,
    RandomFlip,
    RandomRotation,
    Rescaling,
    Resizing,
)

IMAGES = np.random.default_rng(0).integers(0, 256, (10, 8, 9, 3), np.uint8)
LABELS = np.arange(10)


def test_evaluation_checks_the_dtype_again():
    """In training brightness clips to 0 … 255; what is left for evaluation has values from 0 to 1."""
    floats = (IMAGES / 255).astype("f4")
    sequence = AugmentedSequence(floats, LABELS, augment=[RandomBrightness(0.1, value_range=(0, 255))], dtype="uint8")
    with pytest.raises(ValueError, match='`dtype="uint8"` holds 0 to 255'):
        sequence.evaluation()
    with pytest.raises(ValueError, match='`dtype="uint8"` holds 0 to 255'):
        sequence.split(0.5)


@pytest.mark.parametrize("key", ["bbox", "keypoint"])
@pytest.mark.parametrize("part", ["x", "y", "wrapped"])
def test_what_may_be_boxes_is_refused_wherever_it_is(key, part):
    boxes = np.ones((10, 5, 4))
    x = IMAGES if part == "y" else {"images": IMAGES, key: boxes}
    x = Batches([x]) if part == "wrapped" else x
    y = {key: boxes} if part == "y" else None
    with pytest.raises(ValueError, match=f"{key}.* would have to move with the images"):
        AugmentedSequence(x, y, image=None if part == "y" else "images", augment=RandomFlip())


def test_masks_of_keras_move_in_a_dict_batch_too():
    masks = IMAGES[..., :1]
    sequence = AugmentedSequence(
        Batches([{"images": IMAGES, "segmentation_masks": masks}]),
        image="images",
        augment=[RandomFlip(), RandomRotation(0.1, interpolation="nearest")],
        seed=1,
    )
    batch = sequence[0]
    np.testing.assert_array_equal(batch["images"][..., :1], batch["segmentation_masks"])


def test_a_layer_of_ones_own_is_not_taken_for_that_of_keras():
    class Rescaling(keras.layers.Layer):
        def call(self, x):
            return x * 7

    class RandomFlip(keras.layers.RandomFlip):
        pass

    for layer in (Rescaling(), RandomFlip()):
        with pytest.raises(ValueError, match="of your own has no counterpart"):
            Pipeline.from_keras(layer)


def test_layers_in_whole_numbers_are_refused():
    with pytest.raises(ValueError, match=r"floating point.*uint8"):
        Pipeline.from_keras(keras.layers.Rescaling(0.5, dtype="uint8"))
    assert Pipeline.from_keras(keras.layers.RandomFlip(seed=-5)).transforms[0].seed == 2**64 - 5


@pytest.mark.parametrize("crop", [CenterCrop(10, 12), RandomCrop(10, 12), Resizing(10, 12, crop_to_aspect_ratio=True)])
def test_what_a_first_crop_cuts_off_does_not_blend_in(crop):
    image = np.zeros((1, 8, 8, 1), np.uint8)
    image[:, 0] = image[:, -1] = 255  # cut to 6 of 8 rows, then enlarged
    assert not Pipeline([crop])(image, seed=0).any()
    assert not Pipeline([RandomFlip(p=1), crop, RandomRotation(0.1, fill_mode="nearest")])(image, seed=0).any()


def test_a_crop_of_several_sizes_cuts_each_by_itself():
    images = [IMAGES[0], IMAGES[1, :4], IMAGES[2, :, :3]]
    pipeline = Pipeline([RandomCrop(6, 6), RandomRotation(0.1, "reflect")])
    together = pipeline(images, seed=3)
    for i, image in enumerate(images):
        np.testing.assert_array_equal(together[i], pipeline([image], seed=3, ids=[i])[0])


def test_an_evaluation_beside_the_training_does_not_count_its_epochs():
    inner = AugmentedSequence(IMAGES, LABELS, seed=1, batch_size=5)
    outer = AugmentedSequence(inner, augment=[Rescaling(1 / 255)], seed=1)
    model = keras.Sequential([keras.Input((8, 9, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(outer, validation_data=outer.evaluation(), epochs=3, verbose=0)
    assert (inner.epoch, outer.epoch) == (3, 3)
    for _ in outer.evaluation():
        assert inner.epoch == 3


def test_a_share_evaluates_all_its_samples():
    sequence = AugmentedSequence(IMAGES, LABELS, batch_size=4)
    assert [len(sequence.shard(i, 2)) for i in (0, 1)] == [1, 1]
    assert [len(sequence.shard(i, 2).evaluation()) for i in (0, 1)] == [2, 1]


def test_configurations_of_evaluated_sides():
    sequence = AugmentedSequence(IMAGES, LABELS, batch_size=4, drop_remainder=True, seed=1)
    _, side = sequence.split(0.2)
    again = AugmentedSequence.from_config(side.get_config(), IMAGES, LABELS)
    assert digests(again) == digests(side)


def test_what_is_done_to_a_transform_later_changes_nothing():
    normalization = Normalization(mean=1.0, variance=4.0)
    sequence = AugmentedSequence(IMAGES, augment=[normalization], seed=1)
    before = sequence[0]
    normalization.adapt(IMAGES)
    np.testing.assert_array_equal(sequence[0], before)
    assert normalization.mean != sequence.pipeline.transforms[0].mean == 1.0


def test_bytes_that_do_not_fit_are_refused_by_run_too():
    pipeline = Pipeline([Rescaling(1 / 255)])
    plan = pipeline.draw(seed=0, epoch=0, ids=range(10), shapes=[image.shape for image in IMAGES])
    with pytest.raises(ValueError, match='`dtype="uint8"` holds 0 to 255'):
        pipeline.run(plan, IMAGES, np.empty(plan.out_shape, np.uint8))


def test_a_range_that_the_first_image_does_not_keep_to():
    with pytest.warns(UserWarning, match="`value_range` says that values go from 0 to 1, and the first image has"):
        AugmentedSequence(IMAGES, value_range=(0, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        AugmentedSequence(IMAGES, value_range=(0, 255))
        AugmentedSequence((IMAGES / 255).astype("f4"), value_range=(0, 1))


@pytest.mark.parametrize(
    ("name", "value"), [("dtype", "uint8"), ("targets", "label"), ("image", "photo"), ("value_range", (0, 1))]
)
def test_arguments_without_effect_are_refused(name, value):
    with pytest.raises(ValueError, match=f"`{name}` has no effect without `augment`"):
        AugmentedSequence(Batches([IMAGES]), **{name: value})


def test_draws_that_fail_name_the_images():
    sequence = AugmentedSequence(
        Batches([IMAGES, IMAGES[:, :4]]), augment=[RandomCrop(6, 6), RandomRotation(0.1, "constant")]
    )
    with pytest.raises(ValueError, match=r"would enlarge.*Images \[0, 1, 2, 3\] …"):
        sequence[1]


def test_no_augmentation_may_be_said_as_none():
    assert AugmentedSequence(IMAGES, augment=None).pipeline.transforms == ()


def test_pictures_of_odd_values_are_previewed():
    floats = IMAGES.astype("f4")
    floats[0, 0, 0], floats[1] = np.nan, np.inf
    page = AugmentedSequence(floats, augment=RandomFlip()).preview(2, 1)
    assert page.dtype == np.uint8


@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")  # Keras 3.12
@pytest.mark.parametrize("loop", ["evaluate", "predict", "validation"])
def test_augmented_evaluations_are_warned_of(loop):
    """Keras and ImageDataGenerator augment validation data without a word."""
    model = keras.Sequential([keras.Input((8, 9, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    calls = {
        "evaluate": lambda data: model.evaluate(data, verbose=0),
        "predict": lambda data: model.predict(data, verbose=0),
        "validation": lambda data: model.fit(data.evaluation(), validation_data=data, verbose=0),
    }

    def made(augment):
        return AugmentedSequence(IMAGES, LABELS, augment=augment, shuffle=False, seed=1)

    name = "predict" if loop == "predict" else "evaluate"
    with pytest.warns(UserWarning, match=f"`{name}` goes through a Sequence that augments at random"):
        calls[loop](made([RandomFlip(), Rescaling(1 / 255)]))
    for augment in ([Rescaling(1 / 255)], [CenterCrop(5, 5), Resizing(8, 9)]):
        calls[loop](made(augment))
    calls[loop](made([RandomCrop(8, 9)]).evaluation())


def test_repeat_goes_on_from_the_current_epoch():
    sequence = AugmentedSequence(IMAGES, LABELS, augment=RandomFlip(), seed=1, batch_size=4)
    sequence.epoch = 5
    endless = sequence.repeat()
    for item in range(7):
        sequence.epoch = 5 + item // 3
        assert all((a == b).all() for a, b in zip(endless[item], sequence[item % 3], strict=True))
    with pytest.raises(AttributeError, match="set the Sequence's `epoch` before"):
        endless.epoch = 3


def test_shares_of_an_evaluation_leave_nothing_out():
    evaluation = AugmentedSequence(IMAGES, LABELS, augment=RandomFlip(), batch_size=4).evaluation()
    seen = [y for i in (0, 1) for _, labels in evaluation.shard(i, 2) for y in labels]
    assert sorted(seen) == LABELS.tolist()


@pytest.mark.parametrize("scale", [1, 255])
def test_rescaled_twice(scale):
    images = IMAGES if scale == 1 else (IMAGES / 255).astype("f4")
    augment = [Rescaling(1 / 255), Rescaling(1 / 255)] if scale == 1 else [Rescaling(1 / 255)]
    with pytest.warns(UserWarning, match="rescaled twice"):
        AugmentedSequence(images, augment=augment)
    with pytest.warns(UserWarning, match="rescaled twice"):
        AugmentedSequence(Batches([images]), augment=augment)
    AugmentedSequence(images, augment=augment[1:])
    AugmentedSequence(images, augment=[Normalization(mean=0.5, variance=0.05)])


def test_channels_that_seem_to_come_first():
    images = np.zeros((2, 3, 32, 32), np.uint8)
    with pytest.warns(UserWarning, match="as if the channels came first"):
        AugmentedSequence(images)
    AugmentedSequence(images, data_format="channels_first")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"y": np.array([2.5, 1.5] * 5, object)}, "`y` must hold numbers. Received: y of dtype object: [2.5]"),
        ({"y": list("ab") * 5}, "of class names, `np.unique(y, return_inverse=True)[1]`"),
        ({"y": LABELS, "sample_weight": [RandomFlip()] * 10}, "transforms go into `augment`"),
        ({"y": [7.0] * 10, "targets": "segmentation_mask"}, "or a list of files"),
    ],
)
def test_messages_that_say_what_to_do(columns, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        AugmentedSequence(IMAGES, **columns)


def test_adapting_to_files():
    with pytest.raises(TypeError, match=r"`images` must be an array of images.*str"):
        Normalization().adapt(["a.png"])
