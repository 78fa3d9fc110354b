"""Choices among transforms: what is taken how often, that it depends on the keys alone, and what an image then gets."""

import itertools

import keras
import numpy as np
import pytest
import scipy.stats
from test_transforms_keras import IMAGES

import seqaug
from seqaug import (
    AugmentedSequence,
    CenterCrop,
    OneOf,
    Pipeline,
    RandomApply,
    RandomBrightness,
    RandomCrop,
    RandomFlip,
    RandomGrayscale,
    RandomOrder,
    RandomRotation,
    RandomShear,
    RandomZoom,
    Rescaling,
    Resizing,
    SomeOf,
)
from seqaug.randomness import Draws
from seqaug.transforms.lists import described, restored
from seqaug.values import Values

LAYERS = keras.layers
MANY = Draws(12, 2, 5, np.arange(6000, dtype=np.uint32))
A, B, C, D = (Rescaling(scale) for scale in (2.0, 3.0, 5.0, 7.0))
ABCD = [A, B, C, D]
TURN, SLANT = RandomRotation(0.1), RandomShear(0.2, 0.1)
LIGHT = RandomBrightness(0.3, (0, 255))
MASKS = (IMAGES[..., 0] % 7).astype(np.int64)
ALL = [
    OneOf([TURN, [SLANT, LIGHT], []], weights=[1, 2, 1], seed=3, p=0.8),
    SomeOf([TURN, LIGHT, RandomFlip()], (1, 2)),
    SomeOf([TURN, LIGHT], 3, replace=True, p=0.7),
    RandomApply([TURN, LIGHT], 0.4, seed=1),
    RandomOrder([TURN, LIGHT, OneOf([SLANT, RandomZoom(0.2)])], p=0.9),
]


def taken(choice, draws=MANY):
    """The places of what each image takes."""
    places = {id(transform): place for place, transform in enumerate(choice.transforms)}
    return [tuple(places[id(transform)] for _, transform in path) for path in choice.paths(draws)]


def check_frequencies(choice, expected):
    """Whether paths come as often as they should; `expected` gives a share for each that may come."""
    paths = taken(choice)
    assert set(paths) == {path for path, share in expected.items() if share}
    counts = [paths.count(path) for path, share in expected.items() if share]
    shares = np.array([share for share in expected.values() if share], float)
    assert scipy.stats.chisquare(counts, shares / shares.sum() * len(paths)).pvalue > 0.01


def test_one_of():
    check_frequencies(OneOf(ABCD), {(0,): 1, (1,): 1, (2,): 1, (3,): 1})
    check_frequencies(OneOf(ABCD, weights=(1, 0, 3, 0)), {(0,): 1, (1,): 0, (2,): 3, (3,): 0})
    check_frequencies(OneOf([A, B], p=0.3, seed=5), {(): 0.7, (0,): 0.15, (1,): 0.15})


def test_some_of():
    pairs = dict.fromkeys(itertools.combinations(range(4), 2), 1 / 6)
    check_frequencies(SomeOf(ABCD, 2), pairs)
    check_frequencies(SomeOf(ABCD, (0, 2)), {(): 1, **dict.fromkeys([(0,), (1,), (2,), (3,)], 1 / 4), **pairs})
    check_frequencies(SomeOf([A, B], 2, replace=True), {(0, 0): 1, (0, 1): 2, (1, 1): 1})
    check_frequencies(SomeOf([A, B], 1, p=0.5), {(): 2, (0,): 1, (1,): 1})


def test_random_apply_and_random_order():
    check_frequencies(RandomApply([A, B], p=0.3), {(): 0.7, (0, 1): 0.3})
    orders = dict.fromkeys(itertools.permutations(range(3)), 1)
    check_frequencies(RandomOrder([A, B, C]), orders)
    check_frequencies(RandomOrder([A, B, C], p=0.6), {(): 4, **orders})


@pytest.mark.parametrize("choice", ALL, ids=lambda choice: type(choice).__name__)
def test_what_is_taken_depends_on_the_keys_alone(choice):
    paths = taken(choice)
    few = Draws(MANY.key, MANY.slot, MANY.epoch, MANY.ids[500:100:-7].copy())
    assert taken(choice, few) == paths[500:100:-7]
    others = [Draws(13, 2, 5, MANY.ids), Draws(12, 3, 5, MANY.ids), Draws(12, 2, 6, MANY.ids)]
    assert all(taken(choice, other) != paths for other in others)
    seeded = restored({**described(choice), "config": {**choice.get_config(), "seed": 99}})
    assert taken(seeded) != paths


@pytest.mark.parametrize("choice", ALL, ids=lambda choice: type(choice).__name__)
def test_text_and_back(choice):
    pipeline = Pipeline([choice, Rescaling(1 / 255)])
    other = Pipeline.from_json(pipeline.to_json())
    assert (other.to_json(), repr(other)) == (pipeline.to_json(), repr(pipeline))
    assert other.transforms[0] == choice
    assert eval(repr(choice), vars(seqaug)) == choice
    out = pipeline(IMAGES, seed=4)
    assert other(IMAGES, seed=4).tobytes() == out.tobytes()
    assert pipeline(IMAGES, seed=4, threads=3).tobytes() == out.tobytes()
    alone = np.concatenate([pipeline(IMAGES[i : i + 1], seed=4, ids=[i]) for i in range(len(IMAGES))])
    assert alone.tobytes() == out.tobytes()
    plan = pipeline.draw(
        seed=4, epoch=0, ids=range(len(IMAGES)), shapes=[i.shape for i in IMAGES], value_range=(0, 255)
    )
    assert pipeline.run(seqaug.Plan.from_json(plan.to_json()), IMAGES).tobytes() == out.tobytes()


def test_images_get_what_is_taken():
    """A path's stages are those of a pipeline of it, so that its transforms share passes."""
    turn, light = RandomRotation((0.1, 0.1)), RandomBrightness((0.2, 0.2))
    images = np.stack([IMAGES[0]] * 20)
    out = Pipeline([RandomOrder([turn, light])])(images, seed=1)
    plans = [Pipeline(order)(images[:1], seed=0)[0] for order in ([turn, light], [light, turn])]
    kinds = [next(k for k, plan in enumerate(plans) if np.array_equal(image, plan)) for image in out]
    assert 4 < sum(kinds) < 16
    plan = Pipeline([OneOf([[turn, light]])]).draw(
        seed=0, epoch=0, ids=[0], shapes=[images[0].shape], value_range=(0, 255)
    )
    assert len(plan.stages[0].branches[0][0].branches[0]) == 1


def test_the_same_transform_again_draws_anew():
    choice = SomeOf([RandomRotation(0.2, "nearest")], 2, replace=True)
    plan = Pipeline([choice]).draw(seed=0, epoch=0, ids=range(3), shapes=[(9, 9, 1)] * 3)
    twice = plan.stages[0].branches[0][0].matrices
    slots = [slot for slot, _ in choice.paths(MANY)[0]]
    assert slots == [0, 1]
    one = Pipeline([SomeOf([RandomRotation(0.2, "nearest")], 1)]).draw(
        seed=0, epoch=0, ids=range(3), shapes=[(9, 9, 1)] * 3
    )
    first = one.stages[0].branches[0][0].matrices
    angles = np.arccos(twice[:, 0]), np.arccos(first[:, 0])
    assert np.abs(angles[0] - 2 * angles[1]).min() > 1e-3


def test_masks_go_the_ways_of_their_images():
    images = np.repeat(MASKS[..., None], 3, axis=3).astype(np.uint8)
    choice = RandomOrder([OneOf([RandomFlip("vertical", p=1.0), RandomFlip("horizontal", p=1.0), LIGHT]),
                          RandomApply([RandomRotation(0.1, "constant", "nearest")])])  # fmt: skip
    sequence = AugmentedSequence(images, {"segmentation_masks": MASKS}, augment=Pipeline([choice]), seed=5)
    pictures, y = sequence[0]
    still = [i for i, path in enumerate(sequence.plan(0).stages[0].branches) if path]
    assert len(still) > 1
    lit = Pipeline([OneOf([RandomFlip("vertical", p=1.0)]), choice])
    plan = lit.draw(seed=1, epoch=0, ids=range(len(images)), shapes=[i.shape for i in images], value_range=(0, 255))
    assert lit.run_masks(plan, MASKS).shape == MASKS.shape
    no_light = Pipeline([OneOf([RandomFlip("vertical", p=1.0), RandomFlip("horizontal", p=1.0), []]),
                         RandomApply([RandomRotation(0.1, "constant", "nearest")])])  # fmt: skip
    pictures, y = AugmentedSequence(images, {"segmentation_masks": MASKS}, augment=no_light, seed=5)[0]
    np.testing.assert_array_equal(np.asarray(pictures)[..., 0], y["segmentation_masks"])
    with pytest.raises(ValueError, match="has the height and width of the images"):
        AugmentedSequence(images, MASKS, augment=no_light)
    AugmentedSequence(images, MASKS, augment=[OneOf([LIGHT])])[0]  # which moves nothing


def test_keras_layers_and_models_within():
    model = keras.Sequential([LAYERS.RandomZoom(0.2), LAYERS.Pipeline([LAYERS.RandomContrast(0.3)])])
    choice = OneOf([LAYERS.RandomFlip(), model, LAYERS.Pipeline([LAYERS.RandomHue(0.1)]), [model, RandomFlip()]])
    names = [[type(t).__name__ for t in getattr(way, "transforms", [way])] for way in choice.transforms]
    pair = ["RandomZoom", "RandomContrast"]
    assert names == [["RandomFlip"], pair, ["RandomHue"], [*pair, "RandomFlip"]]
    for kind in (RandomApply, RandomOrder):
        assert [type(t).__name__ for t in kind(model).transforms] == pair
    assert len(RandomOrder([model, RandomFlip()]).transforms) == 2
    assert len(RandomApply([model, RandomFlip()]).transforms) == 3
    Pipeline([LAYERS.Pipeline([LAYERS.RandomFlip()]), choice])(IMAGES, seed=0)
    saved = keras.saving.serialize_keras_object(choice)
    assert keras.saving.deserialize_keras_object(saved) == choice


CROP = RandomCrop(5, 6)


@pytest.mark.parametrize(("transform", "expected"), [
    (OneOf([A, TURN]), None),
    (OneOf([A], p=0.5), None),
    (SomeOf([A, TURN], 1), None),
    (RandomApply([A, TURN]), None),
    (RandomApply([A, TURN], p=1.0), A),
    (RandomApply([A, TURN, CROP], p=1.0), RandomApply([A, CenterCrop(5, 6)], p=1.0)),
    (RandomOrder([TURN, A, B]), RandomApply([A, B], p=1.0)),
    (RandomOrder([TURN, A, B], p=0.5), None),
    (RandomApply([TURN], p=1.0), None),
    (OneOf([CROP, Resizing(5, 6)]), CenterCrop(5, 6)),
    (OneOf([[A, CROP], Resizing(5, 6)]), RandomApply([A, CenterCrop(5, 6)], p=1.0)),
    (SomeOf([CROP, Resizing(5, 6)], (1, 2)), CenterCrop(5, 6)),
    (OneOf([RandomApply([A, B], p=1.0)]), None),
])  # fmt: skip
def test_evaluation(transform, expected):
    assert transform.evaluation() == expected
    kept = Pipeline([transform]).evaluation()
    assert kept.transforms == (() if expected is None else (expected,))


def test_evaluation_of_what_is_fixed_is_itself():
    fixed = RandomApply([A, B], p=1.0)
    assert fixed.evaluation() is fixed


def outcomes(choice, start):
    return choice.outcomes(start, lambda transform, state: state * transform.scale)


def test_outcomes():
    assert outcomes(OneOf(ABCD), 1.0) == {2, 3, 5, 7}
    assert outcomes(OneOf([A, B], weights=[0, 1], p=0.5), 1.0) == {1, 3}
    assert outcomes(SomeOf(ABCD, 2), 1.0) == {6, 10, 14, 15, 21, 35}
    assert outcomes(SomeOf([A, B], (1, 2)), 1.0) == {2, 3, 6}
    assert outcomes(SomeOf([A, B], (0, 2), replace=True), 1.0) == {1, 2, 3, 4, 6, 9}
    assert outcomes(RandomApply([A, B]), 1.0) == {1, 6}
    assert outcomes(RandomApply([A, B], p=1.0), 1.0) == {6}
    assert outcomes(RandomApply([A, B], p=0.0), 1.0) == {1}
    assert outcomes(RandomOrder(ABCD), 1.0) == {210}
    many = outcomes(RandomOrder([A, *[Rescaling(1.0)] * 7], p=0.5), 1.0)
    assert {1, 2} <= many


@pytest.mark.parametrize("choice", ALL, ids=lambda choice: type(choice).__name__)
def test_outcomes_are_those_of_the_paths(choice):
    """Each way that is drawn is among those that were foreseen."""
    foreseen = choice.outcomes((), lambda transform, state: (*state, id(transform)))
    drawn = {tuple(id(transform) for _, transform in path) for path in choice.paths(MANY)}
    assert drawn == foreseen


def test_values_afterwards():
    values = Values(frozenset({(0.0, 255.0)}), 0.0, 255.0)
    assert OneOf([Rescaling(1 / 255), Rescaling(2 / 255, -1)]).carry(values).ranges == {(0, 1), (-1, 1)}
    assert RandomOrder([RandomFlip(), Rescaling(1 / 255)]).carry(values).range == (0, 1)
    with pytest.raises(ValueError, match=r"RandomBrightness.*has to know the range"):
        Pipeline([OneOf([Rescaling(1 / 255), Rescaling(2 / 255, -1)]), RandomBrightness(0.1)])(IMAGES, seed=0)
    with pytest.raises(ValueError, match=r"OneOf.*has to know the range"):
        Pipeline([OneOf([RandomBrightness(0.1), []])])(IMAGES.astype("f4"), seed=0)
    floats = Pipeline([OneOf([RandomBrightness(0.1), []])])(IMAGES.astype("f4"), seed=0, value_range=(0, 255))
    assert floats.tobytes() == Pipeline([OneOf([RandomBrightness(0.1), []])])(IMAGES, seed=0).tobytes()
    with pytest.raises(ValueError, match='`dtype="uint8"` holds'):
        Pipeline([RandomApply([Rescaling(2.0)])])(IMAGES, seed=0, dtype="uint8")


def test_a_range_follows_each_path():
    """Brightness is measured in the range that its image has come to, whichever way that was."""
    choice = RandomOrder([Rescaling(1 / 255), RandomBrightness((0.2, 0.2))])
    out = Pipeline([choice])(np.zeros((20, 3, 4, 1), np.uint8), seed=0)
    np.testing.assert_allclose(out, 0.2, rtol=1e-5)


def test_sizes():
    same = Pipeline([OneOf([RandomCrop(5, 6), Resizing(5, 6)]), RandomFlip()])
    assert same.output_size(40, 50) == (5, 6)
    assert same(IMAGES, seed=0).shape[1:3] == (5, 6)
    Pipeline([OneOf([RandomCrop(5, 6), RandomFlip()])], image_size=(5, 6))
    for bad in ([OneOf([RandomCrop(5, 6), RandomFlip()])], [RandomApply([Resizing(5, 6)])],
                [RandomOrder([Resizing(5, 6), CenterCrop(6, 5)])], [OneOf([[OneOf([CROP, A])]])]):  # fmt: skip
        with pytest.raises(ValueError, match=r"must come to one size.*Received: .*5×6.* of 1009×1009"):
            Pipeline(bad)


def test_settings_of_a_pipeline_reach_within():
    inner = OneOf([RandomRotation(0.1), [RandomShear(0.1, 0.1), LIGHT]])
    pipeline = Pipeline([RandomApply([inner])], fill_mode="constant", fill_value=9.0, interpolation="nearest")
    turn, (slant, light) = (way if i == 0 else way.transforms
                            for i, way in enumerate(pipeline.transforms[0].transforms[0].transforms))  # fmt: skip
    assert turn == RandomRotation(0.1, "constant", "nearest", fill_value=9.0)
    assert slant == RandomShear(0.1, 0.1, "nearest", "constant", 9.0)
    assert light == LIGHT
    assert inner.transforms[0] == RandomRotation(0.1)


def test_channels_are_looked_at_whatever_is_drawn():
    for wrap in (lambda t: OneOf([A, t], weights=[1, 0]), lambda t: RandomApply([RandomOrder([t])], p=0.0)):
        with pytest.raises(ValueError, match="needs images of 3 channels"):
            Pipeline([wrap(seqaug.RandomHue(0.1, (0, 255)))])(IMAGES[..., :1], seed=0)
    Pipeline([OneOf([A, RandomGrayscale(0.5)])])(IMAGES, seed=0)


@pytest.mark.parametrize(("make", "error", "message"), [
    (lambda: OneOf([]), ValueError, r"`transforms` must be a list of at least one. Received: transforms=\[\]"),
    (lambda: OneOf("ab"), TypeError, "must be a list of seqaug transforms.*Received: 'ab'"),
    (lambda: OneOf([3]), TypeError, "Received: 3 of type builtins.int in it"),
    (lambda: OneOf(["flip"]), TypeError, "Received: 'flip' of type builtins.str in it"),
    (lambda: RandomApply(5), TypeError, "must be a list of seqaug transforms.*Received: 5"),
    (lambda: RandomOrder(None), ValueError, "must be a list of at least one. Received: transforms=None"),
    (lambda: OneOf([LAYERS.Dense(3)]), ValueError, "Dense has no counterpart"),
    (lambda: OneOf([A, B], weights=[1]), ValueError, r"`weights` must be one for each of the 2.*weights=\[1\]"),
    (lambda: OneOf([A, B], weights=3), ValueError, "`weights` must be one for each of the 2.*Received: weights=3"),
    (lambda: OneOf([A, B], weights=[1, -1]), ValueError, "`weights` must be a finite number.*Received: weights=-1"),
    (lambda: OneOf([A, B], weights=[0, 0]), ValueError, "`weights` must not all be 0"),
    (lambda: OneOf([A, B], weights=[1e308] * 2), ValueError, "nor add up to infinity"),
    (lambda: OneOf([A], p=2), ValueError, "`p` must be"),
    (lambda: OneOf([A], seed=-1), ValueError, "`seed` must be"),
    (lambda: SomeOf([A, B], 3), ValueError, "`count` must be from 0 to 2. Received: count=3"),
    (lambda: SomeOf([A, B], (2, 1)), ValueError, r"the smaller first. Received: count=\(2, 1\)"),
    (lambda: SomeOf([A, B], (1, 1, 2)), ValueError, r"`count` must be an integer or a pair"),
    (lambda: SomeOf([A, B], 1.5), TypeError, "`count` must be an integer. Received: count=1.5"),
    (lambda: SomeOf([A, B], 1, replace=1), TypeError, "`replace` must be True or False"),
    (lambda: restored({"class_name": "OneOf", "config": {"transforms": 3}}), TypeError, "a list of descriptions"),
])  # fmt: skip
def test_errors(make, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        make()


def test_volumes_are_turned_by_what_is_taken():
    volumes = np.random.default_rng(0).integers(0, 256, (20, 4, 5, 6, 1)).astype(np.uint8)
    back, mirror = RandomFlip("depth", p=1.0), RandomFlip("horizontal", p=1.0)
    pipeline = Pipeline([OneOf([back, [back, mirror], mirror, [back, back], []])])
    out = pipeline(volumes, seed=0)
    ways = [volumes[:, ::-1], volumes[:, ::-1, :, ::-1], volumes[:, :, :, ::-1], volumes]
    found = [[k for k, way in enumerate(ways) if np.array_equal(way[i], volume)] for i, volume in enumerate(out)]
    assert {len(ks) for ks in found} == {1}
    assert {ks[0] for ks in found} == {0, 1, 2, 3}
    with pytest.raises(ValueError, match="is for volumes"):
        pipeline(volumes[:, 0], seed=0)
