"""RandAugment and AugMix beside Keras's, and TrivialAugmentWide by its published table."""

import keras
import numpy as np
import pytest
import scipy.stats
from test_transforms_keras import IMAGES

import seqaug
from seqaug import AugmentedSequence, AugMix, OneOf, Pipeline, Plan, RandAugment, RandomBrightness, TrivialAugmentWide
from seqaug.randomness import Draws

LAYERS = keras.layers
MANY = Draws(6, 0, 0, np.arange(20000, dtype=np.uint32))
SMALL = np.random.default_rng(1).integers(0, 256, (24, 16, 20, 3)).astype(np.uint8)
POLICIES = [
    RandAugment(num_ops=3, factor=0.7),
    RandAugment((0, 255), p=0.5, seed=3),
    AugMix(alpha=0.5),
    AugMix(num_chains=1, chain_depth=4, p=0.6, all_ops=False),
    TrivialAugmentWide(),
    TrivialAugmentWide(5, "bilinear", fill_mode="reflect", p=0.8),
]
INNER = {  # our transform, Keras's attribute
    "RandomShear": "random_shear",
    "RandomTranslation": "random_translation",
    "RandomRotation": "random_rotation",
    "RandomBrightness": "random_brightness",
    "RandomColorDegeneration": "random_color_degeneration",
    "RandomContrast": "random_contrast",
    "RandomSharpness": "random_sharpness",
    "RandomPosterization": "random_posterization",
    "Solarization": "solarization",
    "AutoContrast": "auto_contrast",
    "Equalization": "equalization",
}
# Whose strength is the same each time if the ends of `factor` are.
FIXED = [name for name in INNER if name not in ("RandomShear", "RandomContrast", "Solarization")]


def policies(*kinds):
    chosen = [policy for policy in POLICIES if not kinds or isinstance(policy, kinds)]
    return pytest.mark.parametrize("policy", chosen, ids=repr)


def names(transforms):
    return [type(transform).__name__ for transform in transforms]


def drawn(policy, images, seed=4):
    shapes = [image.shape for image in images]
    return Pipeline([policy]).draw(seed=seed, epoch=0, ids=range(len(images)), shapes=shapes, value_range=(0, 255))


@pytest.mark.parametrize("arguments", [
    {}, {"factor": 0.05}, {"factor": (0.2, 0.7), "interpolation": "nearest"}, {"factor": 1.0, "value_range": (0, 1)},
])  # fmt: skip
@pytest.mark.parametrize("kind", ["RandAugment", "AugMix", "few"])
def test_operations_are_those_of_keras(kind, arguments):
    """The same layers in the same order, each with the same arguments."""
    if kind == "RandAugment":
        layer = LAYERS.RandAugment(**arguments)
        attributes = layer._AUGMENT_LAYERS
    else:
        layer = LAYERS.AugMix(**arguments, all_ops=kind == "AugMix")
        attributes = layer._augment_layers
    (policy,) = Pipeline.from_keras(layer).transforms
    assert [INNER[name] for name in names(policy.transforms)] == attributes
    assert policy.value_range == tuple(arguments.get("value_range", (0, 255)))
    for transform, attribute in zip(policy.transforms, attributes, strict=True):
        (theirs,) = Pipeline.from_keras(getattr(layer, attribute)).transforms
        config = {name: value for name, value in theirs.get_config().items() if name not in ("value_range", "seed")}
        assert transform.get_config() == config


def test_arguments_of_keras():
    for kind, arguments in (("RandAugment", ((0, 1), 3, (0.1, 0.4), "nearest", 7)),
                            ("AugMix", ((0, 1), 2, 4, 0.2, 0.5, False, "nearest", 7))):  # fmt: skip
        (transform,) = Pipeline(getattr(LAYERS, kind)(*arguments)).transforms
        assert transform == getattr(seqaug, kind)(*arguments)


def alike(ours, theirs):
    """The share of values that are within a grey level: tones with steps turn hairs into leaps."""
    return (np.abs(ours - theirs) <= 1.01).mean()


@pytest.mark.parametrize("first", FIXED)
def test_rand_augment_beside_keras(first):
    """Pairs of operations, for each image those that it drew, through Keras's own code for a policy's layers."""
    policy = RandAugment((0, 255), factor=(0.3, 0.3))
    layer = LAYERS.RandAugment(factor=(0.3, 0.3))
    place, fixed = names(policy.transforms).index(first), [names(policy.transforms).index(name) for name in FIXED]
    paths = policy.paths(MANY)
    tried = set()
    for i, path in enumerate(paths):
        (one, _), (two, _) = path
        if one != place or two not in fixed or (one, two) in tried:
            continue
        tried.add((one, two))
        image = IMAGES[i % len(IMAGES)][None]
        ours = Pipeline([policy])(image, seed=MANY.key, ids=[i])
        floats = image.astype(np.float32)
        inner = {a: getattr(layer, a).get_random_transformation(floats, training=True) for a in layer._AUGMENT_LAYERS}
        theirs = layer.transform_images(floats, {"layer_idxes": [one, two], "transforms": inner})
        assert alike(ours, keras.ops.convert_to_numpy(theirs)) > 0.97, (first, FIXED[fixed.index(two)])
    assert len(tried) == len(FIXED)


def test_aug_mix_beside_keras():
    """Chains that take operations of fixed strength only, and the weights that were drawn, through Keras's layer."""
    policy = AugMix((0, 255), num_chains=2, chain_depth=2, factor=(0.3, 0.3))
    layer = LAYERS.AugMix(num_chains=2, chain_depth=2, factor=(0.3, 0.3))
    chains = policy.chains(MANY)
    taken = [[names(t for _, t in chain[i]) for chain in chains] for i in range(2000)]
    chosen = [i for i, both in enumerate(taken) if all(both) and {*both[0], *both[1]} <= set(FIXED)][:12]
    weights = policy.weights(MANY)
    assert len(chosen) == 12
    for i in chosen:
        image = IMAGES[i % len(IMAGES)][None]
        ours = Pipeline([policy])(image, seed=MANY.key, ids=[i])
        floats, (own, *shares) = image.astype(np.float32), weights[i]
        steps = [[{
            "layer_name": INNER[name],
            "transformation": getattr(layer, INNER[name]).get_random_transformation(floats, training=True),
        } for name in chain] for chain in taken[i]]  # fmt: skip
        theirs = layer.transform_images(floats, {
            "chain_mixing_weights": np.array(shares) / (1 - own), "weight_sample": own, "chain_transforms": steps,
        })  # fmt: skip
        assert alike(ours, keras.ops.convert_to_numpy(theirs)) > 0.97, taken[i]


def test_what_rand_augment_takes():
    for policy, count in ((RandAugment(), 2), (RandAugment(num_ops=1), 1)):
        table = np.zeros((11,) * count)
        for path in policy.paths(MANY):
            table[tuple(slot for slot, _ in path)] += 1
        assert scipy.stats.chisquare(table.ravel()).pvalue > 0.01
    changed = [path != () for path in RandAugment(p=0.3).paths(MANY)]
    assert abs(np.mean(changed) - 0.3) < 0.01
    assert set(RandAugment(num_ops=0).paths(MANY)) == {()}
    np.testing.assert_array_equal(Pipeline([RandAugment(num_ops=0)])(IMAGES, seed=0), IMAGES)


def test_what_aug_mix_takes():
    policy = AugMix(num_chains=2, chain_depth=3)
    first, second = policy.chains(MANY)
    lengths = np.bincount([len(path) for path in first], minlength=4)
    assert scipy.stats.chisquare(lengths, scipy.stats.binom(3, 11 / 12).pmf(range(4)) * len(first)).pvalue > 0.01
    counts = np.bincount([slot % 11 for path in second for slot, _ in path])
    assert scipy.stats.chisquare(counts).pvalue > 0.01
    slots = {slot // 11 for path in first for slot, _ in path}, {slot // 11 for path in second for slot, _ in path}
    assert slots == ({0, 1, 2}, {3, 4, 5})  # so that what comes again draws anew
    still = AugMix(p=0.4)
    weights = still.weights(MANY)
    applied = weights[:, 0] < 1
    assert abs(applied.mean() - 0.4) < 0.01
    assert {bool(applies) for path, applies in zip(still.chains(MANY)[0], applied, strict=True) if path} == {True}


@pytest.mark.parametrize(("alpha", "chains"), [(1.0, 3), (0.3, 2), (4.0, 5)])
def test_weights_of_aug_mix(alpha, chains):
    weights = AugMix(alpha=alpha, num_chains=chains).weights(MANY)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-12)
    assert scipy.stats.kstest(weights[:, 0], scipy.stats.beta(alpha, alpha).cdf).pvalue > 0.01
    shares = weights[:, 1:] / np.maximum(1 - weights[:, :1], 1e-300)
    known = weights[:, 0] < 1 - 1e-9
    for share in shares[known].T:
        assert scipy.stats.kstest(share, scipy.stats.beta(alpha, (chains - 1) * alpha).cdf).pvalue > 0.01
    assert abs(np.corrcoef(weights[known, 0], shares[known, 0])[0, 1]) < 0.03


def test_a_blend_is_the_sum_of_its_chains():
    plan = drawn(AugMix(), IMAGES)
    (blend,) = plan.stages
    whole = Pipeline([]).run(plan, IMAGES)
    expected = blend.weights[:, 0, None, None, None] * IMAGES
    for stages, weight in zip(blend.chains, blend.weights.T[1:], strict=True):
        expected = expected + weight[:, None, None, None] * Pipeline([]).run(Plan(plan.shapes, stages), IMAGES)
    np.testing.assert_allclose(whole, expected, atol=1e-3)


@policies()
def test_text_threads_and_batches(policy):
    """Large images have calls of their own, small ones share them: either way an image comes out by itself."""
    pipeline = Pipeline([policy])
    other = Pipeline.from_json(pipeline.to_json())
    assert other.transforms[0] == policy
    assert eval(repr(policy), vars(seqaug)) == policy
    assert len(repr(policy)) < 120
    for images in (SMALL, IMAGES):
        out = pipeline(images, seed=4)
        assert out.min() >= 0
        assert out.max() <= 255
        for again in (
            other(images, seed=4),
            pipeline(images, seed=4, threads=3),
            pipeline(list(images), seed=4),
            np.concatenate([pipeline(images[i : i + 1], seed=4, ids=[i]) for i in range(len(images))]),
            pipeline.run(Plan.from_json(drawn(policy, images).to_json()), images),
        ):
            assert again.tobytes() == out.tobytes()
        levels = pipeline(images, seed=4, dtype="uint8")
        assert np.abs(levels - out).max() <= 0.5 + 1e-4


@policies()
def test_ranges(policy):
    """On values of 0 to 1 the same happens as on 0 to 255, without being told."""
    plain = type(policy)(**{**policy.get_config(), "value_range": None})
    whole, part = seqaug.Rescaling(1.0), seqaug.Rescaling(1 / 255)  # so that the policy has one slot
    levels = Pipeline([whole, plain, part])(IMAGES, seed=2)
    units = Pipeline([part, plain, whole])(IMAGES, seed=2)
    assert (np.abs(levels - units) < 2e-3).mean() > 0.97
    with pytest.raises(ValueError, match="has to know the range"):
        Pipeline([plain])(IMAGES.astype("f4"), seed=0)
    told = type(policy)(**{**policy.get_config(), "value_range": (0, 1)})
    with pytest.warns(UserWarning, match="is told that values go from 0 to 1"):
        Pipeline([told])(IMAGES, seed=0)


@policies()
def test_a_place_among_others(policy):
    assert Pipeline([policy, RandomBrightness(0.1)]).evaluation().transforms == ()
    within = Pipeline([OneOf([policy, []])])
    assert within(SMALL, seed=0).shape == SMALL.shape
    changed = Pipeline([policy], fill_mode="nearest", interpolation="bicubic").transforms[0]
    assert (changed.fill_mode, changed.interpolation) == ("nearest", "bicubic")
    assert {t.fill_mode for t in changed.transforms if hasattr(t, "fill_mode")} == {"nearest"}
    assert Pipeline.from_json(Pipeline([changed]).to_json()).transforms[0] == changed
    saved = keras.saving.serialize_keras_object(policy)
    assert keras.saving.deserialize_keras_object(saved) == policy
    if getattr(policy, "all_ops", True):
        with pytest.raises(ValueError, match="images of 3 channels"):
            Pipeline([policy])(IMAGES[..., :1], seed=0)
    else:
        assert Pipeline([policy])(IMAGES[..., :1], seed=0).shape == (*IMAGES.shape[:3], 1)


@policies(RandAugment, TrivialAugmentWide)
def test_masks_go_with_their_images(policy):
    """A mask under the plan of its image is where a picture of it goes by the nearest pixels, colours left out."""
    masks = (IMAGES[..., 0] // 40).astype(np.uint8)
    plan = drawn(policy, IMAGES)
    moved = Pipeline([policy]).run_masks(plan, masks)
    for i, mask in enumerate(masks):
        for stage in plan.stages:
            own = stage.branches[stage.branch[i]]
            if own and hasattr(own[0], "matrices"):
                row = Plan(np.array([[*mask.shape, 1]]), own)
                parts = {name: getattr(own[0], name)[stage.place[i] : stage.place[i] + 1]
                         for name in ("matrices", "orders")}  # fmt: skip
                alone = type(own[0])(own[0].size, own[0].border, None, None, **parts, kinds=(), colour=None,
                                     fill=np.zeros((1, 1)), fill_step=0)  # fmt: skip
                mask = Pipeline([]).run_masks(Plan(row.shapes, (alone,)), mask[None])[0]
        np.testing.assert_array_equal(moved[i], mask)
    assert not np.array_equal(moved, masks)


@policies(AugMix)
def test_masks_stay_under_a_blend(policy):
    masks = (IMAGES[..., 0] // 40).astype(np.uint8)
    np.testing.assert_array_equal(Pipeline([policy]).run_masks(drawn(policy, IMAGES), masks), masks)
    AugmentedSequence(IMAGES, masks, augment=policy)[0]  # a label like any other: nothing moves
    moving = AugmentedSequence(IMAGES, {"segmentation_masks": masks}, augment=[policy, seqaug.RandomFlip(p=1.0)])
    _, y = moving[0]
    assert y["segmentation_masks"].shape == masks.shape


def test_boxes_and_keypoints_stay_under_a_blend():
    boxes = [np.array([[5.0, 6.0, 50.0, 40.0]], np.float32)] * len(IMAGES)
    points = np.full((len(IMAGES), 1, 2), 30.0)
    plan, pipeline = drawn(AugMix(), IMAGES), Pipeline([AugMix()])
    np.testing.assert_array_equal(pipeline.run_boxes(plan, boxes, bounding_box_format="xyxy"), boxes)
    np.testing.assert_array_equal(pipeline.run_keypoints(plan, points), points)


def test_values_beyond_the_range_are_cut_where_something_is_blended():
    images = np.full((40, 8, 8, 3), 300, np.float32)
    policy = AugMix((0, 255), p=0.5)
    changed = drawn(policy, images).stages[0].weights[:, 0] < 1
    out = Pipeline([policy])(images, seed=4)
    assert 5 < changed.sum() < 35
    assert out[changed].max() == 255
    assert (out[~changed] == 300).all()


# TrivialAugmentWide: the place of an operation, and the strengths of which it takes one.
SIGNED = np.arange(-30, 31) / 30


def strengths_of(policy, place, size=(40, 50)):
    """What each of many images drew for an operation: the plan of it alone."""
    plan = Pipeline([policy]).draw(
        seed=3, epoch=0, ids=MANY.ids, shapes=np.tile([*size, 3], (len(MANY.ids), 1)), value_range=(0, 255)
    )
    (stage,) = plan.stages
    paths = policy.paths(Draws(3, 0, 0, MANY.ids))
    rows = [i for i, path in enumerate(paths) if path and path[0][0] == place]
    (own,) = stage.branches[stage.branch[rows[0]]]
    assert len(rows) == len(getattr(own, "matrices", getattr(own, "numbers", ())))
    return own


def check_levels(sample, levels, shares=None):
    """Whether a sample takes these levels, and each as often as it should."""
    places = np.abs(sample[:, None] - levels).argmin(axis=1)
    np.testing.assert_allclose(sample, levels[places], atol=1e-9)
    shares = np.ones(len(levels)) if shares is None else np.asarray(shares, float)
    counts = np.bincount(places, minlength=len(levels))
    assert scipy.stats.chisquare(counts, shares / shares.sum() * len(sample)).pvalue > 0.01


TWICE_AT_0 = [1] * 30 + [2] + [1] * 30  # either sign of nothing


@pytest.mark.parametrize(("place", "read", "levels", "shares"), [
    (0, lambda s: s.matrices[:, 3], 0.99 * SIGNED, TWICE_AT_0),
    (1, lambda s: s.matrices[:, 1], 0.99 * SIGNED, TWICE_AT_0),
    (2, lambda s: -s.matrices[:, 5], *np.unique(np.trunc(32 * np.repeat(SIGNED, TWICE_AT_0)), return_counts=True)),
    (3, lambda s: -s.matrices[:, 2], *np.unique(np.trunc(32 * np.repeat(SIGNED, TWICE_AT_0)), return_counts=True)),
    (4, lambda s: np.degrees(np.arctan2(s.matrices[:, 1], s.matrices[:, 0])), 135 * SIGNED, TWICE_AT_0),
    (5, lambda s: s.colour[:, 0, 0, 0], 1 + 0.99 * SIGNED, TWICE_AT_0),
    (6, lambda s: (s.colour[:, 0, 0, 0] - 0.2989) / (1 - 0.2989), 1 + 0.99 * SIGNED, TWICE_AT_0),
    (7, lambda s: s.colour[:, 0, 0, 0], 1 + 0.99 * SIGNED, TWICE_AT_0),
    (8, lambda s: s.numbers[:, 0], 1 + 0.99 * SIGNED, TWICE_AT_0),
    (9, lambda s: np.log2(s.colour[:, 0, 0, 0]), np.arange(7.0), [3, 5, 5, 5, 5, 5, 3]),
    (10, lambda s: s.colour[:, 0, 0, 0], 255 * np.arange(31) / 30, [1] * 31),
])  # fmt: skip
def test_strengths_of_trivial_augment(place, read, levels, shares):
    check_levels(read(strengths_of(TrivialAugmentWide(), place)), levels, shares)


def test_what_trivial_augment_takes():
    counts = np.zeros(14)
    for path in TrivialAugmentWide().paths(MANY):
        counts[path[0][0] if path else 13] += 1
    assert scipy.stats.chisquare(counts).pvalue > 0.01
    few = TrivialAugmentWide(2)
    check_levels(strengths_of(few, 4).matrices[:, 0], np.cos(np.radians([0, 135])), [1, 1])


def gray(image):
    return image @ np.array([0.2989, 0.587, 0.114])


@pytest.mark.parametrize(("place", "expected"), [
    (5, lambda image, f: image * f),
    (6, lambda image, f: image * f + (1 - f) * gray(image)[..., None]),
    (7, lambda image, f: image * f + (1 - f) * image.mean((0, 1))),
    (9, lambda image, lost: np.floor(image / lost) * lost),
    (10, lambda image, threshold: np.where(image < threshold, image, 255 - image)),
])  # fmt: skip
def test_colours_of_trivial_augment(place, expected):
    """By torchvision's formulas, but for contrast's mean."""
    policy = TrivialAugmentWide()
    taken = [i for i, path in enumerate(policy.paths(MANY)) if path and path[0][0] == place][:40]
    image = IMAGES[0]
    out = Pipeline([policy])(np.stack([image] * 40), seed=MANY.key, ids=taken)
    plan = Pipeline([policy]).draw(
        seed=MANY.key, epoch=0, ids=taken, shapes=[image.shape] * 40, value_range=(0, 255)
    ).stages[0].branches[0][0]  # fmt: skip
    numbers = plan.colour[:, 0, 0, 0]
    numbers = (numbers - 0.2989) / (1 - 0.2989) if place == 6 else numbers
    for picture, number in zip(out, numbers, strict=True):
        reference = np.clip(expected(image.astype(float), number), 0, 255)
        assert (np.abs(picture - reference) < 0.01).mean() > 0.999


@pytest.mark.parametrize(("make", "error", "message"), [
    (lambda: RandAugment(num_ops=-1), ValueError, "`num_ops` must be at least 0. Received: num_ops=-1"),
    (lambda: RandAugment(num_ops=1.5), TypeError, "`num_ops` must be an integer"),
    (lambda: RandAugment(factor=1.5), ValueError, "`factor` must be a finite number from 0 to 1"),
    (lambda: RandAugment((1, 0)), ValueError, "`value_range` must be a pair with low < high"),
    (lambda: RandAugment(interpolation="cubic"), ValueError, "`interpolation` must be one of"),
    (lambda: RandAugment(fill_mode="mirror"), ValueError, "`fill_mode` must be one of"),
    (lambda: AugMix(num_chains=0), ValueError, "`num_chains` must be at least 1"),
    (lambda: AugMix(chain_depth=-1), ValueError, "`chain_depth` must be at least 0"),
    (lambda: AugMix(alpha=0), ValueError, "`alpha` must be above 0. Received: alpha=0"),
    (lambda: AugMix(alpha=-1), ValueError, "`alpha` must be a finite number from 0"),
    (lambda: AugMix(all_ops=1), TypeError, "`all_ops` must be True or False"),
    (lambda: TrivialAugmentWide(1), ValueError, "`num_magnitude_bins` must be from 2"),
    (lambda: TrivialAugmentWide(p=-1), ValueError, "`p` must be"),
])  # fmt: skip
def test_errors(make, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        make()
