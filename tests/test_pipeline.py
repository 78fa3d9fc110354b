"""Pipelines of moves and scales: what they promise beside the values, which tests/test_composites.py compares."""

import numpy as np
import pytest
from common import every_cpu
from hypothesis import given, settings
from hypothesis import strategies as st

import seqaug
from seqaug import Pipeline, RandomFlip, RandomRotation, Rescaling


@settings(max_examples=40)
@given(st.integers(1, 12), st.integers(0, 2**32))
def test_threads_change_no_bit(threads, seed):
    images = np.random.default_rng(0).integers(0, 256, (11, 17, 23, 3), np.uint8)
    pipeline = Pipeline([RandomFlip(), RandomRotation(0.1), Rescaling(1 / 255)])
    one, many = pipeline(images, seed=seed), pipeline(images, seed=seed, threads=threads)
    assert one.tobytes() == many.tobytes()


@settings(max_examples=40)
@given(st.lists(st.integers(0, 10), min_size=1, max_size=11), st.integers(0, 2**32))
def test_batches_do_not_matter(chosen, seed):
    images = np.random.default_rng(0).integers(0, 256, (11, 17, 23, 3), np.uint8)
    pipeline = Pipeline([RandomFlip(), RandomRotation(0.1), Rescaling(1 / 255)])
    whole, part = pipeline(images, seed=seed), pipeline(images[chosen], seed=seed, ids=chosen)
    assert whole[chosen].tobytes() == part.tobytes()


@pytest.mark.parametrize("size", [20, np.int64(20), [20, 20], (20, 20)])
def test_one_number_is_a_size(size):
    images = np.random.default_rng(0).integers(0, 256, (2, 30, 40, 3), np.uint8)
    expected = Pipeline([], image_size=(20, 20))(images, seed=1)
    assert Pipeline([], image_size=size)(images, seed=1).tobytes() == expected.tobytes()
    sequence = seqaug.AugmentedSequence(images, image_size=size, augment=[RandomFlip()])
    assert sequence[0].shape == (2, 20, 20, 3)
    assert sequence.get_config()["image_size"] == (20, 20)


@pytest.mark.parametrize("size", [0, -3, True, 2.0, "20", (20,), (20, 0), (20, 20, 3)])
def test_sizes_that_are_none(size):
    with pytest.raises((ValueError, TypeError), match="`image_size` must be"):
        Pipeline([], image_size=size)


def test_variants_agree():
    images = np.random.default_rng(0).integers(0, 256, (4, 61, 75, 3), np.uint8)
    results = set()
    for _ in every_cpu():
        for mode in seqaug._core.BORDERS[:4]:
            results.add((mode, Pipeline([RandomRotation(0.2, mode), Rescaling(1 / 255)])(images, seed=1).tobytes()))
    assert len(results) == 4


def test_no_transforms_copy_and_convert():
    images = np.random.default_rng(0).integers(0, 256, (4, 6, 5, 3), np.uint8)
    np.testing.assert_array_equal(Pipeline()(images, seed=0), images.astype("f4"))
    as_bytes = Pipeline()(images, seed=0, dtype="uint8")
    assert as_bytes.tobytes() == images.tobytes()
    assert not np.shares_memory(as_bytes, images)


@pytest.mark.parametrize(("mode", "index"), [
    ("horizontal", np.s_[:, ::-1]), ("vertical", np.s_[::-1]), ("horizontal_and_vertical", np.s_[::-1, ::-1]),
])  # fmt: skip
def test_flips_are_moves(mode, index):
    images = np.random.default_rng(0).normal(size=(3, 6, 5, 3)).astype("f4")
    images[0, 2, 2] = np.nan
    out = Pipeline([RandomFlip(mode, p=1)])(images, seed=0)
    for image, flipped in zip(images, out, strict=True):
        assert flipped.tobytes() == image[index].tobytes()
    twice = Pipeline([RandomFlip(mode, p=1), RandomFlip(mode, p=1)])(images, seed=0)
    assert twice.tobytes() == images.tobytes()


def test_quarter_turns_are_moves():
    images = np.random.default_rng(0).integers(0, 256, (1, 6, 6, 2), np.uint8)
    for quarters in range(-4, 5):
        out = Pipeline([RandomRotation((quarters / 4, quarters / 4), "constant")])(images, seed=0, dtype="uint8")
        np.testing.assert_array_equal(out[0], np.rot90(images[0], quarters))


def test_nearest_interpolation_invents_no_value():
    images = np.random.default_rng(0).choice([0, 77, 255], (3, 31, 40, 1)).astype("u1")
    out = Pipeline([RandomRotation(0.5, interpolation="nearest")])(images, seed=0)
    assert set(np.unique(out)) <= {0, 77, 255}


def test_uint8_rounds_half_up_and_saturates():
    images = np.array([0, 1, 2, 100, 255], np.uint8).reshape(1, 1, 5, 1)
    out = Pipeline([Rescaling(1.5, -1)])(images, seed=0, dtype="uint8", value_range=(1, 170))
    assert out.reshape(-1).tolist() == [0, 1, 2, 149, 255]


def test_rescaling_per_channel():
    images = np.ones((2, 3, 4, 3), np.uint8)
    out = Pipeline([Rescaling([1, 2, 3], [0, 0, 10])])(images, seed=0)
    np.testing.assert_array_equal(out, np.broadcast_to(np.float32([1, 2, 13]), out.shape))
    with pytest.raises(ValueError, match="one for each of the 4 channels"):
        Pipeline([Rescaling([1, 2, 3])])(np.ones((2, 3, 4, 4), np.uint8), seed=0)


def test_probability():
    images = np.arange(2, dtype=np.uint8).reshape(1, 1, 2, 1).repeat(4000, axis=0)
    for p in (0.0, 0.2, 0.5, 1.0):
        flipped = Pipeline([RandomFlip("horizontal", p=p)])(images, seed=0)[:, 0, 0, 0].mean()
        assert abs(flipped - p) <= 4.5 * np.sqrt(p * (1 - p) / 4000)
    angles = Pipeline([RandomRotation(0.1, p=0.25)]).draw(
        seed=1, epoch=0, ids=np.arange(4000, dtype=np.uint32), shapes=[(5, 5, 1)] * 4000
    )
    turned = (angles.stages[0].matrices[:, 0] != 1).mean()
    assert abs(turned - 0.25) <= 4.5 * np.sqrt(0.25 * 0.75 / 4000)


def stages(*transforms, **arguments):
    return [[type(t).__name__ for t in stage.transforms] for stage in Pipeline(transforms, **arguments).stages]


def test_stages():
    flip, scale = RandomFlip(), Rescaling(2)
    near, reflect = RandomRotation(0.1, "nearest"), RandomRotation(0.1, "reflect")
    black, grey = RandomRotation(0.1, "constant"), RandomRotation(0.1, "constant", fill_value=9)
    assert stages(flip, near, scale, near, flip) == [
        ["RandomFlip", "RandomRotation", "Rescaling", "RandomRotation", "RandomFlip"]
    ]
    assert stages(near, reflect) == [["RandomRotation"], ["RandomRotation"]]
    assert stages(near, RandomRotation(0.1, "nearest", "nearest")) == [["RandomRotation"], ["RandomRotation"]]
    assert stages(black, grey) == [["RandomRotation"], ["RandomRotation"]]
    assert stages(black, flip, black) == [["RandomRotation", "RandomFlip", "RandomRotation"]]
    assert stages(black, scale, black) == [["RandomRotation", "Rescaling"], ["RandomRotation"]]
    assert stages(reflect, image_size=(4, 4)) == [["Resizing", "RandomRotation"]]
    assert stages(black, image_size=(4, 4)) == [["Resizing"], ["RandomRotation"]]


def test_stages_run_one_after_the_other():
    images = np.random.default_rng(0).integers(0, 256, (2, 20, 30, 3), np.uint8)
    first, second = RandomRotation((0.1, 0.1), "nearest"), RandomRotation((0.05, 0.05), "constant", fill_value=7.0)
    both = Pipeline([first, second, Rescaling(0.5)])(images, seed=0)
    halfway = Pipeline([first])(images, seed=0)
    np.testing.assert_array_equal(both, Pipeline([second, Rescaling(0.5)])(halfway, seed=0))
    assert (both[:, 0, 0] == 3.5).all()


def test_image_size_evens_out():
    small = np.random.default_rng(0).integers(0, 256, (10, 20, 3), np.uint8)
    large = np.random.default_rng(0).integers(0, 256, (41, 33, 3), np.uint8)
    out = Pipeline(image_size=(24, 32))([small, large], seed=0)
    assert out.shape == (2, 24, 32, 3)
    import tensorflow as tf

    for image, resized in zip([small, large], out, strict=True):
        np.testing.assert_allclose(resized, tf.image.resize(image, (24, 32)), atol=1e-3)
    nearest = Pipeline(image_size=(20, 40), interpolation="nearest")([small], seed=0)
    np.testing.assert_array_equal(nearest[0], small.repeat(2, axis=0).repeat(2, axis=1))


def test_nearest_resize_takes_the_nearest_pixel():
    """floor((i + 1/2) n / m), in whole numbers; halfway between two pixels the later one."""
    for n in range(1, 33):
        line = np.arange(n, dtype=np.uint8).reshape(1, n, 1)
        for m in range(1, 33):
            resized = Pipeline(image_size=(1, m), interpolation="nearest")([line], seed=0)
            assert resized[0, 0, :, 0].tolist() == [(2 * i + 1) * n // (2 * m) for i in range(m)]


def test_one_transform_needs_no_list():
    flip = RandomFlip()
    assert Pipeline(flip).transforms == Pipeline([flip]).transforms == (flip,)


def test_a_pipeline_of_a_pipeline():
    first = Pipeline([RandomFlip()], image_size=(4, 5), interpolation="nearest")
    again = Pipeline(first)
    assert (again.transforms, again.resize) == (first.transforms, first.resize)
    assert Pipeline(first, image_size=(6, 7)).resize.height == 6
    assert "image_size=(4, 5)" in repr(again)


def test_run_takes_what_was_planned_and_nothing_else():
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 6, 2), np.uint8)
    pipeline = Pipeline([RandomFlip(p=1)])
    plan = pipeline.draw(seed=0, epoch=0, ids=np.arange(3, dtype=np.uint32), shapes=[(8, 6, 2)] * 3)
    assert plan.out_shape == (3, 8, 6, 2)
    out = np.empty(plan.out_shape, np.float32)
    assert pipeline.run(plan, images, out) is out
    np.testing.assert_array_equal(out, images[:, ::-1, ::-1])
    for bad_images, bad_out, message in (
        (images[:2], out, "those that the plan was drawn for"),
        (images[:, :7], out, "those that the plan was drawn for"),
        (images, np.empty((4, 8, 6, 2), np.float32), "`out` must be of shape"),
        (images, np.empty((3, 8, 5, 2), np.float32), "`out` must be of shape"),
        (images, np.empty((3, 8, 6, 2), np.int64), "`out` must be of dtype float32 or uint8"),
        (images, images, "must not share memory"),
        (images, images[::-1], "must not share memory"),
        (images.astype("V0"), out, "Images must be of dtype"),
    ):
        with pytest.raises((ValueError, TypeError), match=message):
            pipeline.run(plan, bad_images, bad_out)
    with pytest.raises(ValueError, match=r"`ids` must be 4 .*, one per image"):
        pipeline.draw(seed=0, epoch=0, ids=np.arange(3, dtype=np.uint32), shapes=[(8, 6, 2)] * 4)
    with pytest.raises(ValueError, match=r"`shapes` must be .height, width, channels. of at least one image"):
        pipeline.draw(seed=0, epoch=0, ids=np.arange(0, dtype=np.uint32), shapes=[])


@pytest.mark.parametrize(
    ("transforms", "fits"),
    [
        ([], True),
        ([Rescaling(0.5)], True),
        ([Rescaling(1 / 255)], False),
        ([Rescaling(1 / 255, p=0.5)], False),
        ([Rescaling([1 / 255, 1, 1])], False),
        ([Rescaling(1 / 255), Rescaling(255)], True),
        ([Rescaling(2)], False),
        ([RandomRotation(0.1, "constant", fill_value=-1)], False),
        ([RandomRotation(0.1, "nearest", fill_value=-1)], True),
    ],
)
def test_bytes_hold_the_values_or_are_refused(transforms, fits):
    images = np.zeros((1, 4, 4, 3), np.uint8)
    if fits:
        Pipeline(transforms)(images, seed=0, dtype="uint8")
        return
    with pytest.raises(ValueError, match='`dtype="uint8"` holds 0 to 255'):
        Pipeline(transforms)(images, seed=0, dtype="uint8")


def test_image_size_does_not_shift_the_draws():
    images = np.random.default_rng(0).integers(0, 256, (5, 12, 12, 1), np.uint8)
    augment = [RandomFlip("horizontal"), RandomRotation(0.2)]
    np.testing.assert_array_equal(
        Pipeline(augment)(images, seed=3), Pipeline(augment, image_size=(12, 12))(images, seed=3)
    )


def test_ids_epochs_and_seeds_all_matter():
    images = np.random.default_rng(0).integers(0, 256, (1, 9, 9, 1), np.uint8)
    pipeline = Pipeline([RandomRotation(1.0)])
    results = {
        pipeline(images, seed=seed, epoch=epoch, ids=[sample]).tobytes()
        for seed in (0, 1, 2**40) for epoch in (0, 1) for sample in (0, 1, 2**32 - 1)
    }  # fmt: skip
    assert len(results) == 18


def test_aligned():
    for n in range(1, 6):
        assert Pipeline()(np.zeros((n, 3, 5, 1), np.uint8), seed=0).ctypes.data % 64 == 0
