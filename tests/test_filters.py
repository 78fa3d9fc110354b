"""Filters by themselves: every variant, odd numbers and shapes, what they leave alone, and their arguments."""

import json
import pickle
import sys

import numpy as np
import pytest
import scipy.stats
from common import bits, every_cpu, guarded, pixels
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_pass import keyed_normals

from seqaug import (
    AugmentedSequence,
    ContrastLimitedAdaptiveHistogramEqualization,
    ImageCompression,
    Lambda,
    Pipeline,
    Plan,
    RandomElasticTransform,
    RandomFlip,
    RandomGaussianBlur,
    RandomSharpness,
    Rescaling,
    _core,
)
from seqaug.filters import FILTERS, field

CLAHE = ContrastLimitedAdaptiveHistogramEqualization
SHAPES = st.tuples(st.integers(1, 12), st.integers(1, 40), st.integers(1, 9)) | st.sampled_from(
    [(1, 1, 1), (1, 1, 3), (1, 50, 3), (50, 1, 3), (2, 700, 3), (9, 5, 300)]
)
LIMITS = st.sampled_from([(0, 255), (-np.inf, np.inf), (0, 1)])
IMAGES = np.random.default_rng(0).integers(0, 256, (3, 20, 30, 3)).astype("u1")
ALL = [
    RandomGaussianBlur((1.0, 1.0), 5, (0.5, 2.0)),
    RandomSharpness(1.0),
    CLAHE(),
    RandomElasticTransform((1.0, 1.0), (0.5, 1.0)),
    ImageCompression(),
]
NAMES = [type(transform).__name__ for transform in ALL]


def kernels(data):
    """One call of each kernel, for pictures of any shape: by name."""
    draw = data.draw
    odd = st.integers(0, 30).map(lambda half: 2 * half + 1)
    size, sigma = draw(st.tuples(odd, odd)), draw(st.tuples(*[st.sampled_from([1e-6, 0.3, 2.0, 1e4])] * 2))
    grid, limit = draw(st.tuples(st.integers(1, 9), st.integers(1, 99))), draw(st.sampled_from([0.0, 0.5, 4.0, 1e300]))
    low, high = draw(LIMITS)
    known = (0, 255) if low < 0 else (low, high)
    key, alpha, deviation = draw(st.integers(0, 2**64 - 1)), draw(st.floats(-99, 99)), draw(st.floats(0, 20))
    border = draw(st.sampled_from(_core.BORDERS))
    order = draw(st.sampled_from([0, 1, 3]))

    def elastic(source, target):
        fields = np.empty((1, 2, *source.shape[:2]), "f4")
        _core.elastic(key, alpha, deviation, fields[0])
        still, orders, fill = (
            np.array([[1.0, 0, 0, 0, 1, 0]]),
            np.array([order], "u1"),
            np.full((1, source.shape[2]), 7.0),
        )
        _core.resample([source], target[None], still, orders, border, (), None, fill, 0, None, fields=fields)

    return {
        "blur": lambda source, target: _core.blur(source, target, size, sigma, low, high),
        "sharpen": lambda source, target: _core.sharpen(source, target, 1.5, low, high),
        "clahe": lambda source, target: _core.clahe(source, target, grid, limit, *known),
        "elastic": elastic,
    }


@pytest.mark.parametrize("name", ["blur", "sharpen", "clahe", "elastic"])
@settings(max_examples=40)
@given(st.data())
def test_variants_give_the_same_bits(name, data):
    """Whatever the numbers, NaN, infinities and huge ones too; and the source is only read."""
    x = data.draw(pixels(data.draw(SHAPES), "f4"))
    kernel, before, results = kernels(data)[name], x.tobytes(), []
    for _ in every_cpu():
        out = np.full(x.shape, np.nan, "f4")
        kernel(x, out)
        results.append(bits(out))
    assert len(set(results)) == 1
    assert x.tobytes() == before


@pytest.mark.skipif(sys.platform != "linux", reason="page protection is asked for by Linux's call")
@pytest.mark.parametrize("at_end", [True, False])
@pytest.mark.parametrize("name", ["blur", "sharpen", "clahe", "elastic"])
@settings(max_examples=20)
@given(st.data())
def test_kernels_stay_inside(cpu, name, at_end, data):
    shape = data.draw(SHAPES)
    x, out = guarded(np.full(shape, 100, "f4"), at_end), guarded(np.full(shape, np.nan, "f4"), at_end)
    kernels(data)[name](x, out)
    assert np.isfinite(out).all()  # every pixel was written


@pytest.mark.skipif(sys.platform != "linux", reason="page protection is asked for by Linux's call")
@settings(max_examples=40)
@given(st.data())
def test_bytes_are_sharpened_as_floats_are(cpu, data):
    shape, at_end = data.draw(SHAPES), data.draw(st.booleans())
    x = np.random.default_rng(data.draw(st.integers(0, 99))).integers(0, 256, shape, np.uint8)
    out, expected = guarded(np.full(shape, np.nan, "f4"), at_end), np.empty(shape, "f4")
    _core.sharpen(guarded(x, at_end), out, 1.7, 0, 255)
    _core.sharpen(x.astype("f4"), expected, 1.7, 0, 255)
    assert out.tobytes() == expected.tobytes()
    with pytest.raises(ValueError, match="Buffer dtype mismatch"):
        _core.sharpen(x.view(np.int8), out, 1.7, 0, 255)
    with pytest.raises(ValueError, match="of one shape"):
        _core.sharpen(x[:, :, :0], out, 1.7, 0, 255)


def test_a_nan_stays_where_it_is(cpu):
    """It spreads as far as a pixel is looked at, and nowhere else."""
    x = np.ones((9, 9, 1), "f4")
    x[4, 4] = np.nan
    out = np.empty_like(x)
    _core.blur(x, out, (3, 5), (1.0, 1.0), 0, 255)
    expected = np.zeros((9, 9), bool)
    expected[3:6, 2:7] = True
    np.testing.assert_array_equal(np.isnan(out[..., 0]), expected)
    _core.sharpen(x, out, 0.5, 0, 255)
    expected[:, [2, 6]] = False
    np.testing.assert_array_equal(np.isnan(out[..., 0]), expected)
    _core.clahe(x, out, (2, 2), 4.0, 0, 255)
    assert np.isfinite(out).all()  # a NaN is black


def test_noise(cpu):
    """The numbers of the pass's noise; any number of them begins alike."""
    count, key = 20_001, 0x123456789ABCDEF
    for part in (0, 1):
        values, few = np.empty(count, "f4"), np.empty(77, "f4")
        _core.noise(key, part, values)
        expected = keyed_normals((key % 2**32, key >> 32), part, count)
        np.testing.assert_allclose(values, expected, atol=4.6e-5)
        assert scipy.stats.kstest(values, "norm").pvalue > 1e-3
        _core.noise(key, part, few)
        np.testing.assert_array_equal(few, values[:77])


@pytest.mark.parametrize("shape", [(60, 80), (1, 30), (30, 1), (1, 1)])
def test_points_go_where_their_pixels_go(shape):
    """A point, and where it is shown: its displacement leads back to it. NaN and infinity stay."""
    numbers = np.array([1.0, 2.0, 4.0, 3.0, 1, 1, 0, -np.inf, np.inf])
    displacements = field(numbers, shape)
    rng = np.random.default_rng(0)
    points = rng.random((200, 2)) * np.array(shape)
    points[:2] = [[-5, -9], [np.nan, np.inf]]
    moved = FILTERS["elastic"].move_points(points, numbers, shape)
    np.testing.assert_array_equal(moved[1], points[1])
    at = np.clip(moved, 0, np.array(shape) - 1.0)
    at[1] = 0
    whole = np.minimum(at.astype(int), np.maximum(np.array(shape) - 2, 0))
    part, after = at - whole, np.minimum(whole + 1, np.array(shape) - 1)
    d = displacements.astype("f8")
    upper = d[:, whole[:, 0], whole[:, 1]] * (1 - part[:, 1]) + d[:, whole[:, 0], after[:, 1]] * part[:, 1]
    lower = d[:, after[:, 0], whole[:, 1]] * (1 - part[:, 1]) + d[:, after[:, 0], after[:, 1]] * part[:, 1]
    back = moved + (upper * (1 - part[:, 0]) + lower * part[:, 0]).T
    np.testing.assert_allclose(back[2:], points[2:], atol=1e-6)
    if min(shape) > 1:
        assert np.abs(moved[2:] - points[2:]).max() > 0.5


def test_masks_and_points_move_with_the_picture():
    """A bright blob, its mask and its middle."""
    images, rows, columns = np.zeros((4, 90, 120, 1), "u1"), *np.indices((90, 120))
    blob = (rows - 40) ** 2 + (columns - 50) ** 2 <= 49
    images[:, blob] = 255
    pipeline = Pipeline([RandomElasticTransform((1.0, 1.0), (0.6, 0.6), fill_mode="constant")])
    plan = pipeline.draw(seed=3, epoch=0, ids=range(4), shapes=[image.shape for image in images])
    out = np.empty(images.shape, "f4")
    pipeline.run(plan, images, out)
    masks = pipeline.run_masks(plan, np.stack([blob.astype(np.int64) * 2**40] * 4))
    for image, mask, numbers in zip(out[..., 0], masks, plan.stages[0].numbers, strict=True):
        assert set(np.unique(mask)) == {0, 2**40}
        assert (image > 127).sum() == pytest.approx((mask > 0).sum(), abs=12)
        inner = np.argwhere((rows - 40) ** 2 + (columns - 50) ** 2 <= 9).astype("f8")
        moved = FILTERS["elastic"].move_points(inner, numbers, (90, 120))
        assert np.abs(moved - inner).max() > 1
        assert (mask[tuple(np.rint(moved).astype(int).T)] > 0).mean() > 0.9
    assert len({mask.tobytes() for mask in masks}) == 4


def test_keypoints_and_boxes_of_a_sequence_move_too():
    """Middles of bright squares are still bright; what moves no pixel moves nothing."""
    images = np.zeros((4, 90, 120, 1), "u1")
    images[:, 30:50, 40:60] = 255
    y = {
        "keypoints": np.tile(np.float32([[[45.5, 35.5], [55.5, 45.5]]]), (4, 1, 1)),
        "bounding_boxes": {"boxes": np.tile(np.float32([[[40, 30, 60, 50]]]), (4, 1, 1)), "labels": np.zeros((4, 1))},
    }
    moves = [RandomElasticTransform((1.0, 1.0), 0.5)]
    for augment in (moves, [RandomGaussianBlur((1.0, 1.0)), Lambda(lambda image: image)]):
        sequence = AugmentedSequence(
            images, y, augment=augment, batch_size=4, seed=1, shuffle=False, bounding_box_format="xyxy"
        )
        x, moved = sequence[0]
        points = np.asarray(moved["keypoints"])
        for image, own in zip(x, points, strict=True):
            assert (image[tuple(np.floor(own[:, ::-1]).astype(int).T)] > 127).all()
        boxes = np.asarray(moved["bounding_boxes"]["boxes"])
        for image, (left, top, right, bottom) in zip(x[..., 0], boxes[:, 0], strict=True):
            rows, columns = np.nonzero(image > 127)
            painted = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            np.testing.assert_allclose([left, top, right, bottom], painted, atol=2)
        assert (np.abs(points - y["keypoints"]).max() > 0.3) == (augment is moves)


def test_what_moves_nothing_leaves_masks_alone():
    masks = (IMAGES[..., 0] % 7).astype(np.int64)
    for transform in ALL[:3] + ALL[4:]:
        pipeline = Pipeline([transform])
        shapes = [image.shape for image in IMAGES]
        plan = pipeline.draw(seed=3, epoch=0, ids=range(3), shapes=shapes, value_range=(0, 255))
        np.testing.assert_array_equal(pipeline.run_masks(plan, masks), masks)


@pytest.mark.parametrize("transform", ALL, ids=NAMES)
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_the_same_whatever_the_threads_and_the_layout(cpu, transform, dtype):
    images, value_range = IMAGES.astype(dtype), (0, 255)
    if dtype == "u2":
        images, value_range = images * 257, None
    pipeline = Pipeline([transform])
    before = images.tobytes()
    one = pipeline(images, seed=1, value_range=value_range)
    assert images.tobytes() == before
    assert one.dtype == np.float32
    assert pipeline(images, seed=1, value_range=value_range, threads=3).tobytes() == one.tobytes()
    turned = np.ascontiguousarray(images[:, ::-1, :, ::-1])[:, ::-1, :, ::-1]
    assert pipeline(turned, seed=1, value_range=value_range).tobytes() == one.tobytes()
    low, high = value_range or (0, 65535)
    assert low <= one.min() < one.max() <= high
    alone = pipeline(images[2:], seed=1, ids=[2], value_range=value_range)
    np.testing.assert_array_equal(alone[0], one[2])


@pytest.mark.parametrize("transform", ALL, ids=NAMES)
def test_in_a_list(transform):
    """Between other stages, as bytes, in a Sequence, in JSON, and with a probability."""
    listed = Pipeline([RandomFlip(), transform, Rescaling(1 / 255)])
    assert len(listed.stages) == 3
    assert Pipeline.from_json(listed.to_json()).transforms == listed.transforms
    assert pickle.loads(pickle.dumps(transform)) == transform
    out = listed(IMAGES, seed=1)
    sequence = AugmentedSequence(IMAGES, augment=listed, batch_size=3, seed=1, shuffle=False)
    np.testing.assert_array_equal(sequence[0], out)
    again = Plan.from_json(sequence.plan(0).to_json())
    np.testing.assert_array_equal(listed.run(again, IMAGES, np.empty(out.shape, "f4")), out)
    assert Pipeline([transform])(IMAGES, seed=1, dtype="uint8").dtype == np.uint8
    config = transform.get_config() | {"p": 0.0}
    assert json.loads(json.dumps(config))
    np.testing.assert_array_equal(Pipeline([type(transform)(**config)])(IMAGES, seed=1), IMAGES)
    kept = Pipeline([transform]).evaluation().transforms
    assert kept == ((transform,) if isinstance(transform, CLAHE) else ())


@settings(max_examples=30)
@given(pixels((5, 7, 2), "f4"))
def test_strengths_that_change_nothing(x):
    finite = np.nan_to_num(x, posinf=3e38, neginf=-3e38)
    still = [
        RandomGaussianBlur((1.0, 1.0), 1, 5.0),
        RandomGaussianBlur((0.0, 0.0), 5, 5.0),
        RandomElasticTransform((1.0, 1.0), (0.0, 0.0)),
        RandomElasticTransform(0.0),
    ]
    for transform in still:
        np.testing.assert_array_equal(Pipeline([transform])(finite[None], seed=0)[0], finite)
    unit = np.clip(finite, 0, 1)
    sharp = Pipeline([RandomSharpness((0.5, 0.5), (0, 1))])(unit[None], seed=0)[0]
    np.testing.assert_array_equal(sharp, unit)


def test_ranges_are_carried():
    low = Pipeline([Rescaling(1 / 255, 1.0), RandomSharpness((1.0, 1.0))])(IMAGES, seed=0)
    assert (low.min(), low.max()) == (1, 2)
    dark = Pipeline([Rescaling(1 / 255, 1.0), ALL[0]])(IMAGES, seed=0)
    assert dark.min() < 1
    told = Pipeline([Rescaling(1 / 255, 1.0), RandomGaussianBlur((1.0, 1.0), 5, value_range=(1, 2))])(IMAGES, seed=0)
    assert told.min() == 1
    for transform in (RandomSharpness(1.0), CLAHE(), ImageCompression()):
        with pytest.raises(ValueError, match="has to know the range of the values"):
            Pipeline([transform])(IMAGES.astype("f4"), seed=0)
    with pytest.raises(ValueError, match=r'`dtype="uint8"` holds 0 to 255'):
        Pipeline([RandomElasticTransform(fill_mode="constant", fill_value=-1)])(IMAGES, seed=0, dtype="uint8")


@pytest.mark.parametrize("channels", [1, 3])
def test_compression(channels):
    """What libjpeg-turbo makes of the same bytes, by Pillow; in another range the same."""
    import io

    from PIL import Image

    smooth = np.add.outer(np.arange(40), np.arange(60))[..., None] * np.arange(1, channels + 1) % 256
    image = smooth.astype("u1")
    file = io.BytesIO()
    Image.fromarray(image[..., 0] if channels == 1 else image).save(file, "JPEG", quality=30, subsampling=2)
    expected = np.asarray(Image.open(file)).reshape(image.shape)
    ours = Pipeline([ImageCompression(30)])(image[None], seed=0)[0]
    assert np.abs(ours - expected).max() <= 1
    scaled = Pipeline([Rescaling(1 / 127.5, -1), ImageCompression(30)])(image[None], seed=0)[0]
    np.testing.assert_allclose(scaled, ours / 127.5 - 1, atol=1e-6)
    worse, better = (Pipeline([ImageCompression(quality)])(image[None], seed=0) for quality in (5, 95))
    assert np.abs(worse - image).mean() > 2 * np.abs(better - image).mean()
    plan = Pipeline([ImageCompression((50, 53))]).draw(
        seed=0, epoch=0, ids=range(200), shapes=[(8, 8, 3)] * 200, value_range=(0, 255)
    )
    assert set(plan.stages[0].numbers[:, 0]) == {50, 51, 52, 53}


@pytest.mark.parametrize(("make", "message"), [
    (lambda: RandomGaussianBlur(1.5), "`factor` must be a finite number from 0 to 1"),
    (lambda: RandomGaussianBlur(kernel_size=4), "`kernel_size` must be odd. Received: kernel_size=4"),
    (lambda: RandomGaussianBlur(kernel_size=(3, 4)), "`kernel_size` must be odd"),
    (lambda: RandomGaussianBlur(kernel_size=(3, 3, 3)), "`kernel_size` must be an odd number or a pair"),
    (lambda: RandomGaussianBlur(kernel_size=0), "`kernel_size` must be from 1"),
    (lambda: RandomGaussianBlur(sigma=-1), "`sigma` must be"),
    (lambda: RandomGaussianBlur(sigma=(0, np.inf)), "`sigma` must be"),
    (lambda: RandomSharpness((0, 2)), "`factor` must be"),
    (lambda: RandomSharpness(1.0, (1, 0)), "`value_range` must be a pair with low < high"),
    (lambda: CLAHE(clip_limit=-1), "`clip_limit` must be"),
    (lambda: CLAHE(tile_grid_size=8), "`tile_grid_size` must be a pair"),
    (lambda: CLAHE(tile_grid_size=(0, 8)), "`tile_grid_size` must be"),
    (lambda: RandomElasticTransform(scale=2), "`scale` must be"),
    (lambda: RandomElasticTransform(fill_mode="mirror"), "`fill_mode` must be one of .* Received: fill_mode='mirror'"),
    (lambda: RandomElasticTransform(interpolation="cubic"), "`interpolation` must be one of"),
    (lambda: ImageCompression(0), "`quality` must be from 1 to 100"),
    (lambda: ImageCompression((1, 2, 3)), "`quality` must be a whole number or a pair"),
])  # fmt: skip
def test_arguments_that_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_compression_of_what_it_cannot_take():
    with pytest.raises(ValueError, match=r"ImageCompression\(\) needs images of 1 or 3 channels. Received: 2 channels"):
        Pipeline([ImageCompression()])(IMAGES[..., :2], seed=0)
    with pytest.raises(ValueError, match=r"takes sides of up to 65500 pixels, as JPEG does. Received: 65501"):
        Pipeline([ImageCompression()])(np.zeros((1, 1, 65501, 1), "u1"), seed=0)


def test_calls_that_are_refused():
    x = np.ones((4, 5, 2), "f4")
    out = np.empty_like(x)
    refused = [
        (lambda: _core.blur(x, out[:3], (3, 3), (1.0, 1.0), 0, 1), "one shape"),
        (lambda: _core.blur(x[:, :0].copy(), out[:, :0].copy(), (3, 3), (1.0, 1.0), 0, 1), "not empty"),
        (lambda: _core.blur(x, out, (2, 3), (1.0, 1.0), 0, 1), "out of range"),
        (lambda: _core.blur(x, out, (3, 65537), (1.0, 1.0), 0, 1), "out of range"),
        (lambda: _core.blur(x, out, (3, -1), (1.0, 1.0), 0, 1), "at least 1"),
        (lambda: _core.blur(x, out, (3, 3), (0.0, 1.0), 0, 1), "out of range"),
        (lambda: _core.blur(x, out, (3, 3), (1.0, np.nan), 0, 1), "out of range"),
        (lambda: _core.sharpen(x, out, np.nan, 0, 1), "out of range"),
        (lambda: _core.clahe(x, out, (0, 1), 1.0, 0, 1), "at least one tile"),
        (lambda: _core.clahe(x, out, (1, 1), np.nan, 0, 1), "out of range"),
        (lambda: _core.clahe(x, out, (1, 1), 1.0, 1, 0), "out of range"),
        (lambda: _core.elastic(0, 1.0, 1e5, np.empty((2, 3, 4), "f4")), "out of range"),
        (lambda: _core.elastic(0, np.nan, 1.0, np.empty((2, 3, 4), "f4")), "out of range"),
        (lambda: _core.elastic(0, 1.0, 1.0, np.empty((1, 3, 4), "f4")), "two planes"),
        (lambda: _core.displace(np.empty((2, 3, 4), "f4"), np.empty((1, 3)), np.empty((1, 3))), "two numbers"),
    ]
    for call, message in refused:
        with pytest.raises(ValueError, match=message):
            call()


def test_a_field_that_leads_nowhere(cpu):
    """NaN and infinite displacements are outside, huge ones are as far as they say."""
    x = np.arange(12, dtype="f4").reshape(3, 4, 1)
    fields = np.zeros((1, 2, 3, 4), "f4")
    fields[0, 0, 0] = [np.nan, np.inf, -np.inf, 3e38]
    fields[0, 1, 1] = [1e9, -1e9, 1.0, -1.0]
    still, fill = np.array([[1.0, 0, 0, 0, 1, 0]]), np.full((1, 1), -7.0)
    for order in (0, 1, 3):
        out = np.empty((1, 3, 4, 1), "f4")
        arguments = (out, still, np.array([order], "u1"), "nearest", (), None, fill, 0, None)
        _core.resample([x], *arguments, fields=fields)
        np.testing.assert_allclose(out[0, ..., 0], [[-7] * 4, [7, 4, 7, 6], [8, 9, 10, 11]], atol=1e-5)
    with pytest.raises(ValueError, match="two planes of the target's size"):
        _core.resample([x], *arguments, fields=fields[:, :, :2].copy())
