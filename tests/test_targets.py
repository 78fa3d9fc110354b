"""Columns beside the picture: masks move by the same plan, nearest and unblended, and labels go along untouched."""

import h5py
import keras
import numpy as np
import pytest
from common import DTYPES, laid_out, pixels, scipy_affine
from fits import flat, trained
from hypothesis import given, settings
from hypothesis import strategies as st

from seqaug import AugmentedSequence, RandomFlip, RandomRotation, Rescaling
from seqaug.structure import Structure

COUNT = 20
IMAGES = np.random.default_rng(0).integers(0, 256, (COUNT, 12, 17, 3), np.uint8)
LABELS = np.arange(COUNT)
MASKS = np.random.default_rng(1).integers(0, 5, (COUNT, 12, 17), np.uint8)
AUGMENT = [RandomFlip("horizontal"), RandomRotation(degrees=15, fill_mode="nearest"), Rescaling(1 / 255)]


def make(y=LABELS, x=IMAGES, sample_weight=None, **changed):
    arguments = {"augment": AUGMENT, "batch_size": 8, "seed": 7, "shuffle": False, **changed}
    return AugmentedSequence(x, y, sample_weight, **arguments)


def moved(masks=MASKS, **changed):
    """The masks of batch 0 as they come where nothing else does."""
    return make(masks, targets="segmentation_mask", **changed)[0][1]


@settings(max_examples=150)
@given(
    st.data(),
    st.sampled_from(DTYPES),
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.sampled_from([None, 1, 3]),
    st.sampled_from(["nearest", "reflect", "constant"]),
    st.booleans(),
    st.integers(0, 2**32),
)
def test_masks_are_those_of_scipy(data, dtype, size, channels, mode, first, seed):
    """Order 0 of the composite matrix that the plan holds: every dtype, rank and layout, flips and rotations."""
    masks = data.draw(pixels((3, *size) if channels is None else (3, *size, channels), dtype))
    given_masks = masks if channels is None or not first else masks.transpose(0, 3, 1, 2)
    given_masks = data.draw(laid_out(given_masks.copy()))
    masks = np.asarray(given_masks)
    images = np.zeros((3, 3, *size) if first else (3, *size, 3), np.uint8)
    fill = data.draw(st.sampled_from([0, 1]))
    sequence = AugmentedSequence(
        images,
        given_masks,
        targets="segmentation_mask",
        augment=[RandomFlip(), RandomRotation(0.5, fill_mode=mode)],
        data_format="channels_first" if first else "channels_last",
        mask_fill_value=fill,
        seed=seed,
        batch_size=3,
    )
    _, ours = sequence[0]
    assert ours.dtype == np.dtype(dtype)
    assert ours.ctypes.data % 64 == 0
    ids = sequence.data.select(0, seed, 0).ids
    (stage,) = sequence.plan(0).stages
    for row, number in enumerate(ids):
        mask = masks[number] if channels is None or not first else masks[number].transpose(1, 2, 0)
        mask = mask[..., None] if channels is None else mask
        numbers = np.arange(mask.shape[0] * mask.shape[1], dtype="f8").reshape(*size, 1)
        where = scipy_affine(numbers, stage.matrices[row], 0, mode, -1.0)[..., 0].astype(int)
        expected = np.where((where < 0)[..., None], np.array(fill, masks.dtype), mask.reshape(-1, mask.shape[2])[where])
        result = ours[row][..., None] if channels is None else ours[row].transpose(1, 2, 0) if first else ours[row]
        np.testing.assert_array_equal(result, expected.astype(dtype))  # where -0.0 may have become 0.0, as in SciPy


def test_masks_move_with_their_images():
    """A picture that is its own mask, sampled by the nearest pixel, stays so: also resized, and shuffled."""
    augment = [RandomFlip(), RandomRotation(0.2, interpolation="nearest", fill_mode="wrap")]
    for extra in ({}, {"image_size": (20, 9), "interpolation": "nearest"}, {"shuffle": True, "threads": 3}):
        for x, y in (make(IMAGES, augment=augment, targets="segmentation_masks", **extra)[i] for i in range(3)):
            np.testing.assert_array_equal(x, y)


def test_colour_leaves_masks_alone():
    np.testing.assert_array_equal(moved(augment=[Rescaling(1 / 255)]), MASKS[:8])


LEAVES = st.integers(1, 3).map(np.arange)
PARTS = (
    LEAVES
    | st.dictionaries(st.text(max_size=3) | st.integers(), LEAVES, min_size=1, max_size=3)
    | st.lists(LEAVES, min_size=1, max_size=3).map(tuple)
)


@given(st.lists(PARTS, min_size=1, max_size=3))
def test_structures_are_taken_apart_and_put_together(parts):
    """Of whole data sets and of batches: the same containers with other arrays, each in its place."""
    alone = len(parts) == 1 and not isinstance(parts[0], tuple)
    whole = parts[0] if alone else tuple(parts)
    for structure in (Structure.of_data(*parts, *[None] * (3 - len(parts))), Structure.of_batch(whole)):
        other = structure.rebuild({path: -leaf for path, leaf in structure.leaves.items()})
        keras.tree.assert_same_structure(other, whole)
        for ours, theirs in zip(keras.tree.flatten(other), keras.tree.flatten(whole), strict=True):
            np.testing.assert_array_equal(ours, -theirs)


@pytest.mark.parametrize(
    "declared",
    [
        {"y": {"segmentation_masks": MASKS, "labels": LABELS}},
        {"y": {"segmentation_masks": MASKS, "m": MASKS}, "targets": {"m": "segmentation_mask"}},
        {"y": {"m": MASKS, "labels": LABELS}, "targets": {"m": "segmentation_mask"}},
        {"y": (LABELS, MASKS), "targets": {1: "segmentation_masks"}},
        {"y": MASKS, "targets": {"y": "segmentation_mask"}},
        {"y": LABELS, "sample_weight": MASKS, "targets": {"sample_weight": "segmentation_mask"}},
        {"y": {"m": MASKS}, "sample_weight": {"m": MASKS}, "targets": {"m": "segmentation_mask"}},
        {"y": {"m": MASKS}, "sample_weight": {"m": LABELS}, "targets": {"m": "segmentation_mask"}},
        {"x": {"a": IMAGES, "b": MASKS}, "image": "a", "targets": {"b": "segmentation_mask"}},
        {"x": (MASKS, IMAGES), "image": 1, "targets": {("x", 0): "segmentation_mask"}},
        {"x": {"a": IMAGES, "b": LABELS / 2}, "image": "a", "y": None},
        {"x": (LABELS, IMAGES), "image": 1, "y": None},
        {"y": {"m": MASKS, "labels": LABELS}, "targets": {"m": "label"}},
        {"y": {"bounding_boxes": LABELS}, "targets": {"bounding_boxes": "label"}},
    ],
)
def test_structures(declared):
    """What comes out has the structure of what went in; masks are moved, labels are not."""
    arguments = {"x": IMAGES, "y": LABELS, "sample_weight": None, **declared}
    batch = make(**arguments)[0]
    parts = [arguments[name] for name in ("x", "y", "sample_weight") if arguments[name] is not None]
    if len(parts) == 1 and isinstance(parts[0], dict):
        batch = (batch,)
    as_label = arguments.get("targets") == {"m": "label"}
    picture = make()[0][0]
    for ours, theirs in zip(batch, parts, strict=True):
        keras.tree.assert_same_structure(ours, theirs)
        for got, whole in zip(keras.tree.flatten(ours), keras.tree.flatten(theirs), strict=True):
            expected = picture if whole is IMAGES else moved() if whole is MASKS and not as_label else whole[:8]
            np.testing.assert_array_equal(got, expected)
            assert whole is IMAGES or got.dtype == whole.dtype


def test_masks_are_read_row_by_row(tmp_path):
    np.save(tmp_path / "m.npy", MASKS)
    expected = moved()
    np.testing.assert_array_equal(moved(np.load(tmp_path / "m.npy", mmap_mode="r")), expected)
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["m"], file["x"] = MASKS, IMAGES
        np.testing.assert_array_equal(moved(file["m"], x=file["x"]), expected)

    class Rows:
        shape, dtype = MASKS.shape, MASKS.dtype

        def __getitem__(self, row):
            assert isinstance(row, int)
            return MASKS[row]

        def __array__(self, *_, **__):
            raise AssertionError("read as a whole")

    np.testing.assert_array_equal(moved(Rows()), expected)
    with pytest.raises(ValueError, match="has the height and width of the images"):
        make(Rows())


def test_a_dict_of_files(tmp_path):
    from PIL import Image

    paths = []
    for i, image in enumerate(IMAGES[:3]):
        paths.append(tmp_path / f"{i}.png")
        Image.fromarray(image if i < 2 else image[:5]).save(paths[-1])
    sequence = make({"m": MASKS[:3]}, {"photo": paths}, image="photo", targets={"m": "segmentation_mask"}, batch_size=2)
    np.testing.assert_array_equal(sequence[0][1]["m"], moved()[:2])
    sized = make(MASKS[:3], paths, targets="segmentation_mask", batch_size=1, image_size=(4, 4))
    assert sized[1][1].shape == (1, 4, 4)
    with pytest.raises(ValueError, match=r"`y\[2\]`, a segm.* Received: 12×17 and 5×17"):
        sized[2]


BOX = np.zeros((COUNT, 4, 4))
REFUSED = {
    "boxes": ({"y": {"boxes": BOX}}, ValueError, r"`y\['boxes'\]` has a name .*targets={'boxes': \"bounding_boxes\"}"),
    "keypoint": ({"y": {"keypoint": BOX}}, ValueError, r"`y\['keypoint'\]` has a name .*\"keypoints\""),
    "kind": ({"targets": {"y": "mask"}}, ValueError, "`targets` must be one of 'label', .*Received: targets='mask'"),
    "no text": ({"targets": 3}, TypeError, "`targets` must be a text or a dict. Received: targets=3"),
    "text of dict": (
        {"y": {"a": LABELS}, "targets": "label"},
        ValueError,
        "`targets` must be a dict unless `y` is one",
    ),
    "text without y": ({"y": None, "targets": "label"}, ValueError, "`targets` must be a dict unless"),
    "unknown": (
        {"y": {"a": LABELS, "b": LABELS}, "targets": {"c": "label"}},
        ValueError,
        r"must name columns of the data, of which there are \['a', 'b'\]. Received: 'c'",
    ),
    "twice": (
        {"y": (LABELS, LABELS), "x": (LABELS, IMAGES), "image": 1, "targets": {0: "label"}},
        ValueError,
        r"several columns by 0; say which: \('x', 0\), \('y', 0\)",
    ),
    "the picture": (
        {"x": {"a": IMAGES}, "image": "a", "targets": {"a": "label"}},
        ValueError,
        r"`targets` must name columns .* \['y'\]",
    ),
    "rank 1": ({"targets": "segmentation_mask"}, ValueError, r"`y` must be of rank 3 or 4.*y.shape=\(20,\)"),
    "weights alone": (
        {"sample_weight": {"w": LABELS}, "targets": {"w": "segmentation_mask"}},
        ValueError,
        r"`sample_weight\['w'\]` must be of rank 3 or 4",
    ),
    "list of masks": (
        {"y": list(MASKS), "targets": "segmentation_mask"},
        TypeError,
        r"`y` must be an array of masks.*np.stack\(y\)",
    ),
    "size": (
        {"y": MASKS[:, :5], "targets": "segmentation_mask"},
        ValueError,
        r"`y\[0\]`, a segm.* Received: 5×17 and 12×17",
    ),
    "dtype": (
        {"y": MASKS.astype("f2"), "targets": "segmentation_mask"},
        TypeError,
        "`y` must be of dtype bool, .*float16",
    ),
    "count": ({"y": MASKS[:9], "targets": "segmentation_mask"}, ValueError, "`y` must have one entry .*Received: 9"),
    "fill": (
        {"y": MASKS, "targets": "segmentation_mask", "mask_fill_value": 256},
        ValueError,
        "`mask_fill_value` must be a value of the masks' dtype, uint8. Received: mask_fill_value=256.0",
    ),
    "fill half": ({"y": {"segmentation_masks": MASKS}, "mask_fill_value": 0.5}, ValueError, "`mask_fill_value`.*uint8"),
    "fill NaN": ({"mask_fill_value": float("nan")}, ValueError, "`mask_fill_value` must be a finite number"),
    "undeclared": (
        {"y": {"m": MASKS}},
        ValueError,
        r"`y\['m'\]` has the height and width .*targets={'m': \"segmentation_mask\"}.*\"label\"",
    ),
    "undeclared list": ({"y": list(MASKS)}, ValueError, "`y` has the height and width"),
    "undeclared x": (
        {"x": {"a": IMAGES, "b": IMAGES}, "image": "a"},
        ValueError,
        r"`x\['b'\]` has the height and width",
    ),
    "no image": ({"x": {"a": IMAGES, "b": LABELS}}, ValueError, r"`image` must say which .* \['a', 'b'\].*image=None"),
    "wrong image": ({"x": (IMAGES,), "image": 1}, ValueError, r"`image` must say which .* \[0\]. Received: image=1"),
    "image of one": ({"image": "a"}, ValueError, "`image` names the picture in a dict or tuple `x`.*image='a'"),
    "empty dict": ({"y": {}}, ValueError, "`y` must hold at least one array. Received: y={}"),
    "nested": ({"y": {"a": {"b": LABELS}}}, TypeError, r"`y\['a'\]` must be an array: .* nested no deeper.*dict"),
    "short column": (
        {"x": (IMAGES, LABELS[:3]), "image": 0},
        ValueError,
        r"`x\[1\]` must have one entry .*Received: 3",
    ),
    "no picture": (
        {"x": (IMAGES, LABELS), "image": 1},
        ValueError,
        r"`x\[1\]` must be of rank 4.*x\[1\].shape=\(20,\)",
    ),
    "tuple of labels": ({"y": tuple(LABELS.tolist())}, ValueError, r"`y\[0\]` must have one entry .*a single number"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    arguments, error, message = REFUSED[case]
    with pytest.raises(error, match=f"(?s){message}"):
        make(**arguments)


def test_fit_segmentation():
    model = keras.Sequential([keras.Input((12, 17, 3)), keras.layers.Conv2D(5, 3, padding="same")])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, weighted_metrics=["accuracy"])
    weights = np.ones(MASKS.shape, np.float32)
    declared = {"y": "segmentation_mask", "sample_weight": "segmentation_mask"}
    history = model.fit(make(MASKS, sample_weight=weights, targets=declared, shuffle=True), epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    plain = make(MASKS, targets="segmentation_mask")
    model.fit(plain, validation_data=plain.evaluation(), verbose=0)
    expected = model.evaluate((IMAGES / 255).astype("f4"), MASKS, verbose=0)
    np.testing.assert_allclose(model.evaluate(plain.evaluation(), verbose=0), expected, rtol=1e-4)


@pytest.mark.parametrize("as_dict", [True, False])
def test_fit_evaluate_predict_of_structures(as_dict):
    """Two inputs and two outputs, by name or by place."""
    photo, age = keras.Input((12, 17, 3), name="photo"), keras.Input((1,), name="age")
    merged = keras.layers.Concatenate()([keras.layers.GlobalAveragePooling2D()(photo), age])
    outputs = [keras.layers.Dense(1, name=name)(merged) for name in ("a", "b")]
    inputs = {"photo": photo, "age": age} if as_dict else (photo, age)
    model = keras.Model(inputs, dict(zip("ab", outputs, strict=True)) if as_dict else tuple(outputs))
    model.compile("sgd", {"a": "mse", "b": "mse"} if as_dict else ("mse", "mse"))
    ages = (LABELS[:, None] / 20).astype("f4")
    x = {"photo": IMAGES, "age": ages} if as_dict else (IMAGES, ages)
    y = {"a": ages, "b": -ages} if as_dict else (ages, -ages)
    weights = {"a": ages[:, 0], "b": ages[:, 0]} if as_dict else (ages[:, 0], ages[:, 0])
    sequence = make(y, x, weights, image="photo" if as_dict else 0, shuffle=True)
    model.fit(sequence, epochs=2, verbose=0)
    pictures = (IMAGES / 255).astype("f4")
    direct = {"photo": pictures, "age": ages} if as_dict else (pictures, ages)
    np.testing.assert_allclose(
        model.evaluate(sequence.evaluation(), verbose=0),
        model.evaluate(direct, y, sample_weight=weights, batch_size=8, verbose=0),
        rtol=1e-4,
    )
    alone = make(None, x, image="photo" if as_dict else 0)
    predicted, expected = (model.predict(data, verbose=0) for data in (alone.evaluation(), direct))
    for ours, theirs in zip(keras.tree.flatten(predicted), keras.tree.flatten(expected), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_fit_sees_masks_and_labels_as_they_are(workers):
    sequence = make({"segmentation_masks": MASKS, "labels": LABELS}, shuffle=True, workers=workers)
    seen = trained(sequence, epochs=2)
    assert seen == [flat(sequence.batch(index, epoch)) for epoch in (0, 1) for index in range(3)]


def test_class_weight_and_sample_weight():
    model = keras.Sequential([keras.Input((12, 17, 3)), keras.layers.Flatten(), keras.layers.Dense(COUNT)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(make(), class_weight=dict.fromkeys(range(COUNT), 0.5), verbose=0)
    nothing = make(sample_weight=np.zeros(COUNT, np.float32))
    assert model.evaluate(nothing.evaluation(), verbose=0) == 0
