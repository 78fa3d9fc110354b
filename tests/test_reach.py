"""How small a picture may be decoded: never smaller than what a draw shows of it, and no draw counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from seqaug import (
    AugmentedSequence,
    CenterCrop,
    OneOf,
    Pipeline,
    RandomAffine,
    RandomApply,
    RandomCrop,
    RandomFlip,
    RandomGaussianBlur,
    RandomPerspective,
    RandomResizedCrop,
    RandomRotate90,
    RandomRotation,
    RandomShear,
    RandomTranslation,
    RandomZoom,
    Rescaling,
    Resizing,
    Solarization,
)
from seqaug.detail import reach

FIRST = [
    Resizing(300, 400),
    Resizing(300, 400, crop_to_aspect_ratio=True),
    Resizing(300, 400, pad_to_aspect_ratio=True),
    RandomResizedCrop(300, 400, antialias=False),
    RandomResizedCrop(400, 250, scale=(0.3, 1.0), ratio=(0.5, 1.5), antialias=False),
]
NEXT = [
    RandomFlip(),
    RandomRotation(0.5),
    RandomTranslation(0.3, 0.3),
    RandomZoom(0.4),
    RandomZoom((-0.2, 0.3), (-0.5, 0.1)),
    RandomShear(0.3, 0.2),
    RandomAffine(degrees=90, zoom_factor=0.3, x_factor=0.2),
    RandomCrop(200, 200),
    CenterCrop(500, 500),
    RandomResizedCrop(160, 160, antialias=False),
    Resizing(600, 200),
    RandomApply([RandomZoom(0.3), RandomShear(0.2)]),
    OneOf([RandomZoom(0.5), RandomRotation(0.2)]),
    Rescaling(1 / 255),
    Solarization(),
]


def steps(pipeline, size, count, seed):
    """How far apart in the source lie places that are next to each other, in the direction where they lie closest."""
    shapes = np.array([[*size, 1]] * count)
    plan = pipeline.draw(seed=seed, epoch=0, ids=np.arange(count), shapes=shapes, value_range=(0, 1))
    closest = np.full(count, 1.0)
    for stage in plan.stages:
        if hasattr(stage, "matrices"):
            matrices = stage.matrices.reshape(count, -1)
            parts = matrices[:, [0, 1, 3, 4]].reshape(count, 2, 2)
            closest = closest * np.linalg.svd(parts, compute_uv=False).min(axis=1)
    return closest


@given(
    st.sampled_from(FIRST),
    st.lists(st.sampled_from([t for t in NEXT if not isinstance(t, OneOf | RandomApply)]), max_size=3),
    st.tuples(st.floats(1, 3), st.floats(1, 3)),
    st.integers(0, 99),
)
def test_no_draw_enlarges_a_picture_of_that_size(first, following, by, seed):
    pipeline = Pipeline([first, *following], fill_mode="nearest")
    least = reach(pipeline)
    height, width = (int(extent * factor) + 1 for extent, factor in zip(least, by, strict=True))
    assert steps(pipeline, (height, width), 40, seed).min() > 0.98  # crops have whole pixels


@pytest.mark.parametrize("first", FIRST, ids=repr)
def test_some_draw_comes_near(first):
    """What is decoded is not much larger than needed: at a quarter of it, pictures are enlarged."""
    pipeline = Pipeline([first])
    height, width = (-(-extent // 4) for extent in reach(pipeline))
    assert steps(pipeline, (height, width), 300, 0).min() < 0.6


@pytest.mark.parametrize(
    ("transforms", "expected"),
    [
        ([], None),
        ([Rescaling(1 / 255)], None),
        ([RandomCrop(20, 20), Resizing(10, 10)], None),
        ([RandomGaussianBlur(), Resizing(10, 10)], None),
        ([RandomRotation(0.1), Resizing(10, 10)], None),
        ([Resizing(224, 200)], (224, 200)),
        ([RandomFlip(), Resizing(224, 200)], (224, 224)),
        ([RandomRotate90(), Resizing(224, 200)], (224, 224)),
        ([Resizing(256, 256), RandomCrop(224, 224)], (256, 256)),
        ([Resizing(256, 256), Resizing(64, 64)], (256, 256)),
        ([Resizing(64, 64), Resizing(256, 256)], (256, 256)),
        ([Resizing(100, 100), RandomZoom((-0.5, 0.5))], (200, 200)),
        ([Resizing(100, 100), RandomZoom((-0.5, 0.0)), Resizing(50, 50)], (200, 200)),
        ([Resizing(100, 100), OneOf([RandomZoom((-0.5, 0.5)), RandomZoom((-0.2, 0.5))])], (250, 250)),
        ([Resizing(100, 100), RandomPerspective(scale=0.5)], (178, 178)),
        ([Resizing(100, 100), CenterCrop(150, 100)], (150, 150)),
        ([RandomResizedCrop(100, 100, scale=(0.25, 1.0), ratio=(1.0, 1.0))], (200, 200)),
    ],
)
def test_reach(transforms, expected):
    assert reach(Pipeline(transforms)) == expected


def test_the_size_that_a_sequence_brings_pictures_to_counts(tmp_path):
    """For pictures alone; where places in them are told in pixels, they are decoded whole."""
    photo = Image.fromarray(np.zeros((500, 700, 3), np.uint8))
    photo.save(tmp_path / "a.jpg")
    photo.convert("L").save(tmp_path / "mask.png")
    files, augment = [str(tmp_path / "a.jpg")], [RandomFlip(), RandomRotation(0.1)]

    def decoded(y=None, **arguments):
        sequence = AugmentedSequence(files, y, augment=augment, seed=7, **arguments)
        return sequence.data.table.source.read([0])[0].shape[:2]

    assert decoded() == (500, 700)
    assert decoded(image_size=(125, 100)) == (125, 175)
    assert decoded(image_size=(126, 100)) == (250, 350)
    assert decoded(np.zeros(1), image_size=(60, 60)) == (63, 88)
    assert decoded({"segmentation_masks": [str(tmp_path / "mask.png")]}, image_size=(125, 100)) == (500, 700)
    boxes = {"bounding_boxes": np.array([[[1.0, 2, 30, 40]]])}
    assert decoded(boxes, image_size=(125, 100), bounding_box_format="xyxy") == (500, 700)
    assert decoded({"labels": np.zeros(1)}, image_size=(125, 100)) == (125, 175)
