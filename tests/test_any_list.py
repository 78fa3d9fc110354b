"""Any list of any transforms: what stays true of it, whatever is in it."""

import json

import numpy as np
import pytest
from common import attempt, every_cpu
from hypothesis import event, given, settings
from hypothesis import strategies as st

import seqaug
from seqaug import Pipeline, Plan
from seqaug.transforms import TRANSFORMS
from seqaug.transforms.apart import Mixing

RANGE = (0, 255)
MODE = "nearest"
# Each transform in one or two forms, which change a picture.
FORMS = [
    seqaug.RandomFlip("horizontal"), seqaug.RandomFlip("vertical", seed=5), seqaug.RandomRotation(0.1, MODE),
    seqaug.RandomTranslation(0.2, 0.2, "constant", fill_value=-3.0), seqaug.RandomZoom(0.3, p=0.5),
    seqaug.RandomShear(0.2, 0.1, "bicubic"), seqaug.RandomAffine(0.1, 0.1, zoom_factor=0.2, fill_mode=MODE),
    seqaug.RandomPerspective(1.0, 0.4), seqaug.RandomElasticTransform(1.0, 0.3), seqaug.RandomRotate90((0, 2)),
    seqaug.RandomTranspose(), seqaug.RandomD4(), seqaug.RandomCrop(17, 18), seqaug.CenterCrop(19, 18),
    seqaug.RandomResizedCrop(20, 21), seqaug.Resizing(22, 20, "bicubic", antialias=True), seqaug.Resizing(24, 24),
    seqaug.RandomBrightness(0.3, RANGE), seqaug.RandomContrast((0.5, 0.5), RANGE), seqaug.RandomHue(0.3, RANGE),
    seqaug.RandomSaturation((0.3, 0.7)), seqaug.RandomGrayscale(0.5), seqaug.RandomColorDegeneration(0.5, RANGE),
    seqaug.RandomColorJitter(RANGE, 0.3, (0.3, 0.3), (0.4, 0.6), 0.2), seqaug.RandomChannelShift(0.2, RANGE),
    seqaug.RandomInvert(1.0, RANGE), seqaug.RandomPosterization((2, 6), RANGE), seqaug.RandomGamma((0.5, 2), RANGE),
    seqaug.Solarization(0.2, 0.8, RANGE, p=0.5), seqaug.AutoContrast(RANGE), seqaug.Equalization(RANGE, p=0.5),
    seqaug.GaussianNoise((3, 9)), seqaug.RandomGaussianBlur(1.0, 5, 1.5), seqaug.RandomSharpness(1.0, RANGE),
    seqaug.ContrastLimitedAdaptiveHistogramEqualization(RANGE, tile_grid_size=(2, 3)), seqaug.CoarseDropout(),
    seqaug.ImageCompression((20, 60), value_range=RANGE), seqaug.RandomErasing(1.0, value_range=RANGE),
    seqaug.GridMask(p=0.5), seqaug.MixUp(1.0), seqaug.CutMix(p=0.8), seqaug.Mosaic(), seqaug.MaxNumBoundingBoxes(3),
    seqaug.OneOf([seqaug.RandomFlip(), [seqaug.RandomHue(0.2, RANGE), seqaug.RandomZoom(0.2)], []]),
    seqaug.SomeOf([seqaug.RandomFlip(), seqaug.RandomInvert(1.0, RANGE), seqaug.RandomGaussianBlur(1.0)], (0, 2)),
    seqaug.RandomApply([seqaug.RandomRotation(0.1), seqaug.RandomErasing(1.0, fill_value=9.0)]),
    seqaug.RandomOrder([seqaug.RandomRotation(0.1, MODE), seqaug.RandomSharpness(0.5, RANGE)]),
    seqaug.RandAugment(RANGE), seqaug.AugMix(RANGE), seqaug.TrivialAugmentWide(value_range=RANGE),
    seqaug.Rescaling(0.5, 3.0), seqaug.Normalization(mean=[100.0, 90.0, 80.0], variance=[900.0, 800.0, 700.0]),
]  # fmt: skip
COUNT = 5
GRID = np.arange(COUNT * 24 * 24 * 3).reshape(COUNT, 24, 24, 3)
PICTURES = (GRID * GRID // 7 % 256).astype("u1")
MASKS = (GRID[..., 0] // 5 % 3 * 2 + 1).astype("i2")
LISTS = st.lists(st.sampled_from(FORMS), max_size=4)


def test_every_transform_is_among_them():
    assert {type(form).__name__ for form in FORMS} == set(TRANSFORMS) - {"Lambda"}


def drawn(pipeline, seed, ids, images):
    shapes = [image.shape for image in images]
    return pipeline.draw(seed=seed, epoch=2, ids=ids, shapes=shapes, value_range=RANGE)


@settings(max_examples=120)
@given(LISTS, st.integers(0, 2**64 - 1), st.sampled_from(["u1", "u2", "f4"]), st.sampled_from(["float32", "uint8"]))
@pytest.mark.filterwarnings("ignore:.*is told that values go from")
def test_any_list(transforms, seed, source, dtype):
    pipeline, refusal = attempt(Pipeline, [*transforms, seqaug.Resizing(16, 15)])
    if pipeline is None:
        assert "sideways" in refusal
        return
    images, again = PICTURES.astype(source), PICTURES.astype(source)
    ids = np.arange(COUNT)
    plan, refusal = attempt(drawn, pipeline, seed, ids, images)
    if plan is None:  # a crop of what is smaller, under borders that would show
        event(refusal[:40])
        assert "would enlarge an image" in refusal or "sideways" in refusal
        return
    out = np.empty(plan.out_shape, dtype)
    batch, refusal = attempt(pipeline.run, plan, images, out, value_range=RANGE)
    if batch is None:
        event(refusal[:40])
        assert dtype == "uint8"
        assert "holds 0 to 255" in refusal
        return
    assert batch.shape == (COUNT, 16, 15, 3)
    assert np.isfinite(batch).all()
    assert images.tobytes() == again.tobytes()
    # threads, instructions and a way through JSON change no bit
    other = np.empty_like(batch)
    assert pipeline.run(plan, images, other, threads=3, value_range=RANGE).tobytes() == batch.tobytes()
    read = Plan.from_json(plan.to_json())
    for _ in every_cpu():
        assert pipeline.run(read, images, other, value_range=RANGE).tobytes() == batch.tobytes()
    restored = Pipeline.from_json(pipeline.to_json())
    assert json.loads(restored.to_json()) == json.loads(pipeline.to_json())
    assert drawn(restored, seed, ids, images).to_json() == plan.to_json()
    if not any(isinstance(t, Mixing) for t in transforms):
        alone = drawn(pipeline, seed, ids[3:4], images[3:4])
        one = np.empty((1, *batch.shape[1:]), dtype)
        assert pipeline.run(alone, images[3:4], one, value_range=RANGE).tobytes() == batch[3:4].tobytes()
    if not any(isinstance(t, seqaug.MixUp) for t in transforms):
        masks = pipeline.run_masks(plan, MASKS, fill_value=9)
        assert masks.shape == batch.shape[:3]
        assert set(np.unique(masks)) <= {1, 3, 5, 9}


@settings(max_examples=60)
@given(LISTS, st.integers(0, 2**64 - 1))
@pytest.mark.filterwarnings("ignore:.*is told that values go from")
def test_any_list_of_boxes(transforms, seed):
    """They stay in the picture, in step with their labels, or are refused where the list is made."""
    x, boxes = PICTURES, np.tile(np.float32([[2, 3, 9, 12], [0, 0, 24, 24], [15, 1, 23, 8]]), (COUNT, 1, 1))
    y = {"bounding_boxes": {"boxes": boxes, "labels": np.tile([5, 6, 7], (COUNT, 1))}}
    sequence, refusal = attempt(
        seqaug.AugmentedSequence, x, y, augment=[*transforms, seqaug.Resizing(16, 15)], seed=seed % 2**63,
        bounding_box_format="xyxy", value_range=RANGE,
    )  # fmt: skip
    if sequence is None:
        event(refusal[:40])
        assert "cannot move bounding boxes" in refusal or "would enlarge an image" in refusal or "sideways" in refusal
        return
    batch, moved = sequence[0]
    found, labels = moved["bounding_boxes"]["boxes"], moved["bounding_boxes"]["labels"]
    there = labels != -1
    assert ((found[there] >= 0) & (found[there] <= [15, 16, 15, 16])).all()
    assert (found[there][:, 2:] > found[there][:, :2]).all()
    assert (found[~there] == -1).all()
    assert set(np.unique(labels)) <= {-1, 5, 6, 7}
    assert batch.shape == (COUNT, 16, 15, 3)
