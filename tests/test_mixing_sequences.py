"""Sequences whose images are mixed: batches, columns, views, plans, what is shown and what is refused."""

import json

import keras
import numpy as np
import pytest
from PIL import Image
from test_mixing import ALL, IMAGES, LABELS, MASKS, pieced, planned

from seqaug import AugmentedSequence, CutMix, DatasetMap, MixUp, Mosaic, Pipeline, Plan, RandomFlip, Rescaling

BOXES = {"boxes": np.ones((11, 1, 4)), "labels": np.zeros((11, 1))}


def sequence(augment, x=IMAGES, y=LABELS, batch_size=4, **arguments):
    return AugmentedSequence(x, y, augment=augment, seed=5, batch_size=batch_size, **arguments)


@pytest.mark.parametrize("transform", ALL, ids=repr)
@pytest.mark.parametrize("dtype", ["float32", "uint8"])
@pytest.mark.parametrize("threads", [1, 3])
def test_batches(transform, dtype, threads):
    """Each is mixed by itself, the last and shorter one too; the plan shows it."""
    train = sequence([RandomFlip(), transform], dtype=dtype, threads=threads)
    chosen = [np.argmax(sequence([])[i][1], axis=1) for i in range(3)]
    assert len(chosen[2]) == 3
    for i, ids in enumerate(chosen):
        x, y = train[i]
        pipeline = Pipeline([RandomFlip(), transform])
        assert x.tobytes() == pipeline(IMAGES[ids], seed=5, ids=ids, dtype=dtype).tobytes()
        np.testing.assert_array_equal(y, pipeline.mix_labels(train.plan(i), LABELS[ids]))
        assert train[i][0].tobytes() == x.tobytes()


@pytest.mark.parametrize("transform", ALL, ids=repr)
def test_channels_first(transform):
    last, first = (
        sequence([transform]),
        sequence([transform], IMAGES.transpose(0, 3, 1, 2), data_format="channels_first"),
    )
    for i in range(3):
        np.testing.assert_array_equal(first[i][0].transpose(0, 2, 3, 1), last[i][0])


def test_columns():
    """All of `y` is blended, nothing else; masks follow boxes and pieces."""
    y = {"labels": LABELS, "age": np.arange(11.0), "segmentation_masks": MASKS}
    x, more, weights = IMAGES, np.arange(11), np.arange(11) / 10
    train = AugmentedSequence(
        {"photo": x, "id": more}, y, weights, augment=[CutMix()], image="photo", seed=5, batch_size=11, threads=2
    )
    batch, mixed, kept = train[0]
    np.testing.assert_array_equal(kept, weights[batch["id"]])
    plan, ids = train.plan(0), batch["id"]
    for key in ("labels", "age"):
        np.testing.assert_array_equal(mixed[key], Pipeline([]).mix_labels(plan, y[key][ids]))
        assert (mixed[key] != y[key][ids]).any()
    np.testing.assert_array_equal(mixed["segmentation_masks"], pieced(plan, MASKS[ids], np.zeros_like(MASKS)))
    assert mixed["segmentation_masks"].dtype == np.int64


def test_further_images():
    """They go with the pictures."""
    depths = IMAGES[..., :1].astype("f4")
    train = sequence([MixUp(2.0), CutMix()], (IMAGES, depths), image=0, targets={1: "image"}, value_range=(0, 255))
    for i in range(3):
        (pictures, further), _ = train[i]
        np.testing.assert_allclose(further, pictures[..., :1], atol=1e-4)


class Batches(keras.utils.PyDataset):
    """Batches of 4, the last of 3."""

    batch_size = 4

    def __init__(self, labels=LABELS):
        super().__init__()
        self.labels = labels

    def __len__(self):
        return 3

    def __getitem__(self, i):
        return IMAGES[4 * i : 4 * i + 4], self.labels[4 * i : 4 * i + 4]


@pytest.mark.parametrize("transform", ALL, ids=repr)
def test_over_another_sequence(transform):
    wrapped, plain = AugmentedSequence(Batches(), augment=[transform], seed=5), sequence([transform], shuffle=False)
    for i in range(3):
        for one, other in zip(wrapped[i], plain[i], strict=True):
            assert one.tobytes() == other.tobytes()
    with pytest.raises(ValueError, match="`y` is blended where images are mixed"):
        AugmentedSequence(Batches(np.arange(11)), augment=[transform])


def test_files(tmp_path):
    paths = []
    for i, image in enumerate(IMAGES):
        paths.append(str(tmp_path / f"{i}.png"))
        Image.fromarray(image[: 20 + i]).save(paths[-1])
    several = AugmentedSequence(
        paths, LABELS, augment=[MixUp(2.0)], image_size=(20, 20), seed=5, batch_size=4, threads=3
    )
    arrays = [np.asarray(Image.open(path)) for path in paths]
    ids = several.data.select(0, 5, 0).ids
    expected = Pipeline([MixUp(2.0)], image_size=(20, 20))([arrays[i] for i in ids], seed=5, ids=ids)
    assert several[0][0].tobytes() == expected.tobytes()
    assert AugmentedSequence(paths, LABELS, augment=[Mosaic(20, 20)])[0][0].shape == (11, 20, 20, 3)


def test_views():
    train = sequence([RandomFlip(), MixUp(), Rescaling(1 / 255), CutMix(), Mosaic()])
    still = train.evaluation()
    np.testing.assert_array_equal(still[0][0], np.float32(IMAGES[:4]) * np.float32(1 / 255))
    np.testing.assert_array_equal(still[0][1], LABELS[:4])
    mine = train.shard(1, 2)
    assert mine[0][0].tobytes() == train[1][0].tobytes()
    assert train.repeat()[4][0].tobytes() == train.batch(1, 1)[0].tobytes()
    left, right = train.split(0.3)
    assert len(left) + len(right) == 3
    again = AugmentedSequence.from_config(json.loads(json.dumps(train.get_config())), IMAGES, LABELS)
    assert again[2][0].tobytes() == train[2][0].tobytes()


@pytest.mark.parametrize("transform", ALL, ids=repr)
def test_values_and_plans_as_json(transform):
    pipeline = Pipeline([transform, Rescaling(2)])
    assert Pipeline.from_json(pipeline.to_json()).transforms == pipeline.transforms
    plan = planned(pipeline.transforms)
    again = Plan.from_json(plan.to_json())
    assert pipeline.run(again, IMAGES).tobytes() == pipeline(IMAGES, seed=5).tobytes()


def spoil(data, name, value):
    stage = data["stages"][0]
    stage[name] = value if not isinstance(stage[name], dict) else stage[name] | {"values": value}


@pytest.mark.parametrize(("transform", "name", "value", "message"), [
    (MixUp(), "partners", [11] * 11, "`partners` must be rows of the batch"),
    (MixUp(), "weights", [2.0] * 11, "`weights` must be numbers from 0 to 1"),
    (CutMix(), "boxes", [0, 1, 24, 37] * 11, "`boxes` must lie within 24×37 pixels"),
    (Mosaic(), "sources", [-1] * 44, "`sources` must be rows of the batch"),
    (Mosaic(), "boxes", [0] * 176, "`boxes` must not all be empty"),
    (Mosaic(), "boxes", [0, 0, -1, 1] * 44, "`boxes` must lie within"),
    (Mosaic(), "fill", None, "`fill` must be a finite number"),
])  # fmt: skip
def test_plans_that_are_none(transform, name, value, message):
    data = json.loads(planned([transform]).to_json())
    spoil(data, name, value)
    with pytest.raises(ValueError, match=message):
        Plan.from_json(json.dumps(data))


def test_pieces_outside_of_their_sources():
    data = json.loads(planned([Mosaic()]).to_json())
    spoil(data, "moves", [2**40, 0] * 44)
    plan = Plan.from_json(json.dumps(data))
    for run in (lambda: Pipeline([]).run(plan, IMAGES), lambda: Pipeline([]).run_masks(plan, MASKS)):
        with pytest.raises(ValueError, match="pieces lie outside"):
            run()


@pytest.mark.parametrize("transform", ALL, ids=repr)
def test_volumes(transform):
    """Slices are mixed with the other volumes' slices at their depth, as that is after a flip."""
    volumes, labels = np.stack([IMAGES, IMAGES[:, ::-1], 255 - IMAGES], axis=1), LABELS
    train = sequence([RandomFlip("depth"), transform], volumes, batch_size=11, shuffle=False, threads=2)
    x, y = train[0]
    turned = train.plan(0).turned
    assert 0 < turned.sum() < 11
    volumes = np.where(turned[:, None, None, None, None], volumes[:, ::-1], volumes)
    for depth in range(3):
        pipeline = Pipeline([RandomFlip(p=0.0), transform])
        np.testing.assert_array_equal(x[:, depth], pipeline(np.ascontiguousarray(volumes[:, depth]), seed=5))
    np.testing.assert_array_equal(y, Pipeline([]).mix_labels(train.plan(0), labels))
    if not transform.blends:
        plan, masks = train.plan(0), np.stack([MASKS, MASKS + 1, MASKS + 2], axis=1)[..., None]
        moved = train.pipeline.run_masks(plan, masks, fill_value=1)
        ordered = np.where(turned[:, None, None, None, None], masks[:, ::-1], masks)
        flat = Plan(plan.shapes, plan.stages)
        np.testing.assert_array_equal(moved[:, 1], train.pipeline.run_masks(flat, ordered[:, 1], fill_value=1))


def test_preview():
    """The pictures that are shown are mixed with each other."""
    train = sequence([CutMix((1, 1))], y={"segmentation_masks": MASKS % 9}, batch_size=11)
    page = train.preview(2, 3)
    assert page.shape == (2 * 2 * 28 + 4, 4 * 41 + 4, 3)
    ids = train.data.select(0, 5, 0).ids[:2]
    second = Pipeline([CutMix((1, 1))])(IMAGES[ids], seed=5, epoch=1, ids=ids, dtype="uint8")
    np.testing.assert_array_equal(page[4:28, 4 + 2 * 41 :][:, :37], second[0])


def test_fit():
    """A network learns from mixed one-hot labels."""
    keras.utils.set_random_seed(0)
    x = np.zeros((64, 8, 8, 1), np.uint8)
    x[::2] = 200
    train = AugmentedSequence(
        x,
        np.eye(2)[np.arange(64) % 2],
        seed=3,
        batch_size=16,
        augment=[MixUp(p=0.5), CutMix(p=0.5), Rescaling(1 / 255)],
    )
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.GlobalAveragePooling2D(),
                              keras.layers.Dense(2, "softmax")])  # fmt: skip
    model.compile(keras.optimizers.Adam(0.3), "categorical_crossentropy", metrics=["accuracy"])
    model.fit(train, epochs=8, verbose=0)
    assert model.evaluate(train.evaluation(), verbose=0)[1] == 1.0


@pytest.mark.parametrize(("make", "message"), [
    (lambda: sequence([MixUp(), RandomFlip("depth")], IMAGES[:, None]), "must stand before MixUp"),
    (lambda: sequence([Mosaic()], y={"bounding_boxes": BOXES}, bounding_box_format="xyxy"), "cannot move bound"),
    (lambda: DatasetMap(Pipeline([MixUp()]), seed=1), "`pipeline` must not mix images"),
    (lambda: sequence([CutMix()], y=np.arange(11)), r"to_categorical\(y\).*Received: y of dtype int64"),
    (lambda: sequence([CutMix()], y={"a": LABELS, "b": np.arange(11)}), r"`y\['b'\]` is blended"),
    (lambda: sequence([CutMix(), MixUp()], y=MASKS, targets="segmentation_mask"), "`y`, a segmentation mask, cannot"),
    (lambda: sequence([MixUp()], y=MASKS), "has the height and width of the images"),
])  # fmt: skip
def test_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
