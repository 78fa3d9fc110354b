"""ImageDataGenerator over arrays, and the functions of one image, beside Keras's: bits, draws, files and errors."""

import inspect
import pickle

import numpy as np
import pytest
from common import DTYPES, bits, guarded, laid_out, pixels
from hypothesis import event, given, settings
from hypothesis import strategies as st
from side_by_side import image_data_format, keras_image, our_image, require_same

from seqaug import _core

SEEDS = st.none() | st.integers(0, 2**31)
SHIFTS = st.sampled_from([0.0, 0.2, 0.999, 1.0, 3, 7.5, [1, 2, 5], (0.1, -0.3), [0.5]])


def halved(x):
    return x * 0.5


def drawing(x):
    return x + np.random.random()


def centred(x):
    """Its sums depend on the order of the values in memory."""
    return x - x.mean() - x.std(axis=(0, 1))


def in_place(x):
    x += 1
    return x


FUNCTIONS = st.sampled_from([None, None, None, halved, centred, drawing, in_place, np.copy])


@st.composite
def generators(draw, orders=(0, 1, 1, 2, 3, 5)):
    """Arguments of ImageDataGenerator: a random part of all of them."""
    flag = st.booleans()
    choices = {
        "featurewise_center": flag,
        "samplewise_center": flag,
        "featurewise_std_normalization": flag,
        "samplewise_std_normalization": flag,
        "zca_whitening": flag,
        "zca_epsilon": st.sampled_from([1e-6, 1e-2]),
        "rotation_range": st.sampled_from([0, 10, 90.0, 180]),
        "width_shift_range": SHIFTS,
        "height_shift_range": SHIFTS,
        "brightness_range": st.sampled_from([None, (0.2, 1.8), [1.0, 1.0], (0, 3)]),
        "shear_range": st.sampled_from([0.0, 20, 45.0]),
        "zoom_range": st.sampled_from([0.0, 0.3, (0.5, 1.5), [1, 1], [2.0, 2.0], 1]),
        "channel_shift_range": st.sampled_from([0.0, 5, 100.0]),
        "fill_mode": st.sampled_from(["nearest", "reflect", "wrap", "constant", "mirror"]),
        "cval": st.sampled_from([0.0, -3.5, 300]),
        "horizontal_flip": flag,
        "vertical_flip": flag,
        "rescale": st.sampled_from([None, 0, 1 / 255, 2, np.float64(0.1), np.float32(0.1)]),
        "preprocessing_function": FUNCTIONS,
        "data_format": st.sampled_from([None, "channels_last", "channels_first"]),
        "validation_split": st.sampled_from([0.0, 0.25, 0.5]),
        "interpolation_order": st.sampled_from(orders),
        "dtype": st.sampled_from([None] * 6 + ["float64", "float16", "uint8", np.dtype("float32")]),
    }
    assert set(choices) == set(inspect.signature(keras_image.ImageDataGenerator).parameters)
    names = draw(st.sets(st.sampled_from(sorted(choices)), max_size=9))
    usual = {"rotation_range": 15, "horizontal_flip": True} if draw(st.booleans()) else {}
    return {**usual, **{name: draw(choices[name]) for name in sorted(names)}}


@st.composite
def arrays(draw, channels_first, most=10):
    """Images of rank 4, mostly ordinary ones."""
    size = st.integers(1, 4) if draw(st.booleans()) else st.integers(1, 30)
    count, height, width = draw(st.integers(1, most)), draw(size), draw(size)
    channels = draw(st.sampled_from([1, 3, 3, 4, 2, 9]))
    shape = (count, channels, height, width) if channels_first else (count, height, width, channels)
    if draw(st.booleans()):
        rng = np.random.default_rng(draw(st.integers(0, 2**32)))
        low, high = draw(st.sampled_from([(0, 255), (0, 1), (-20, 300), (7, 7)]))
        x = (low + rng.random(shape) * (high - low)).astype(draw(st.sampled_from(["f4", "f8", "u1", "i2"])))
    else:
        x = draw(pixels(shape, draw(st.sampled_from([name for name in DTYPES if name != "?"]))))
    return draw(laid_out(x))


def is_first(arguments):
    return arguments.get("data_format") == "channels_first"


@settings(max_examples=500)
@given(st.data())
def test_flow(data):
    arguments = data.draw(generators())
    x = data.draw(arrays(is_first(arguments)))
    y = data.draw(st.sampled_from([None, np.arange(len(x)) % 2, [3.5] * len(x), np.eye(len(x))]))
    weights = data.draw(st.sampled_from([None, np.arange(len(x)) / 2])) if y is not None else None
    inputs = data.draw(st.sampled_from([x, x, x, (x, np.arange(len(x))), [x, [np.arange(len(x)), np.ones(len(x))]]]))
    flow = {
        "batch_size": data.draw(st.integers(1, 7)),
        "shuffle": data.draw(st.booleans()),
        "seed": data.draw(SEEDS),
        "sample_weight": weights,
        "save_prefix": data.draw(st.sampled_from(["", "a b"])),
        "save_format": data.draw(st.sampled_from(["png", "bmp"])),
    }
    subset = data.draw(st.sampled_from([None, None, None, "training", "validation", "test"]))
    flow |= {"subset": subset, "ignore_class_split": data.draw(st.booleans())}
    saves, fits, seed = data.draw(st.booleans()), data.draw(st.booleans()), data.draw(st.integers(0, 99))
    asked = data.draw(st.lists(st.sampled_from(["next", 0, 0, 1, 5, "end", "reset", "begin"]), min_size=1, max_size=6))
    if subset is not None:  # Keras does not cut these
        flow["sample_weight"] = None

    def run(module, folder):
        generator = module.ImageDataGenerator(**arguments)
        if fits:
            generator.fit(x, augment=seed % 2 == 0, rounds=1 + seed % 3, seed=seed if seed % 5 else None)
        folder_of = {"save_to_dir": str(folder)} if saves else {}
        iterator = generator.flow(inputs, y, **flow, **folder_of)
        batches = [len(iterator)]
        for step in asked:
            if step == "next":
                batches.append(next(iterator))
            elif step == "end":
                iterator.on_epoch_end()
            elif step == "begin":
                iterator.on_epoch_begin()
            elif step == "reset":
                iterator.reset()
            else:
                batches.append(iterator[step])
        state = [iterator.batch_index, iterator.total_batches_seen, iterator.index_array]
        return batches, state, [generator.mean, generator.std, generator.zca_whitening_matrix]

    event(require_same(run, seed))


@settings(max_examples=300)
@given(st.data())
def test_one_image(data):
    """The methods that take one image, one after the other, and that leave their argument as Keras leaves it."""
    arguments = data.draw(generators())
    x = data.draw(arrays(is_first(arguments), most=1))[0]
    seed, calls = data.draw(SEEDS), data.draw(st.integers(1, 3))

    def run(module, _):
        generator = module.ImageDataGenerator(**arguments)
        image = x.copy()
        drawn = [generator.get_random_transform(image.shape, seed) for _ in range(calls)]
        results = [generator.apply_transform(image, each) for each in drawn]
        results.append(generator.random_transform(image, seed=seed))
        results.append(generator.standardize(results[0].copy("K")))
        return drawn, results, image

    event(require_same(run))


# Of each argument a value that does something.
ACTIVE = {
    "featurewise_center": True,
    "samplewise_center": True,
    "featurewise_std_normalization": True,
    "samplewise_std_normalization": True,
    "zca_whitening": True,
    "zca_epsilon": 1e-2,
    "rotation_range": 40,
    "width_shift_range": 0.3,
    "height_shift_range": 3,
    "brightness_range": (0.3, 1.7),
    "shear_range": 30,
    "zoom_range": (0.6, 1.6),
    "channel_shift_range": 60.0,
    "fill_mode": "constant",
    "cval": 7.5,
    "horizontal_flip": True,
    "vertical_flip": True,
    "rescale": 1 / 255,
    "preprocessing_function": centred,
    "data_format": "channels_first",
    "validation_split": 0.4,
    "interpolation_order": 0,
    "dtype": "float64",
}


@pytest.mark.parametrize("base", [{}, {"rotation_range": 20, "horizontal_flip": True, "vertical_flip": True}], ids=str)
@pytest.mark.parametrize("first", ACTIVE)
def test_every_two_arguments(first, base):
    """What goes through another path together is met together."""
    assert set(ACTIVE) == set(inspect.signature(keras_image.ImageDataGenerator).parameters)
    values = np.random.default_rng(1).random((5, 3, 9, 12)).astype("f4") * 300 - 20
    for second in ACTIVE:
        arguments = {**base, first: ACTIVE[first], second: ACTIVE[second]}
        x = values if is_first(arguments) else values.transpose(0, 2, 3, 1).copy()

        def run(module, _, arguments=arguments, x=x):
            generator = module.ImageDataGenerator(**arguments)
            generator.fit(x)
            return next(generator.flow(x, range(5), batch_size=4, seed=1, subset="training", ignore_class_split=True))

        kind = require_same(run)
        assert kind == "value" or {"brightness_range", "data_format"} <= set(arguments)


WRONG = [
    {"data_format": "middle"},
    {"validation_split": 1.5},
    {"validation_split": -0.1},
    {"zoom_range": (1, 2, 3)},
    {"zoom_range": ("a", "b")},
    {"zoom_range": None},
    {"brightness_range": 3},
    {"brightness_range": (1, 2, 3)},
    {"brightness_range": np.ones(2)},
    {"zca_whitening": True, "featurewise_std_normalization": True},
    {"samplewise_std_normalization": True},
    {"featurewise_std_normalization": True},
    {"fill_mode": "edge", "rotation_range": 5},
    {"rotation_range": "a"},
    {"width_shift_range": np.array([1, 2])},
    {"horizontal_flip": None},
    {"typo_range": 3},
]


@pytest.mark.parametrize("arguments", WRONG, ids=str)
@pytest.mark.parametrize(
    "x", [np.ones((4, 5, 6, 3)), np.ones((4, 5, 6)), np.ones((4, 5, 6, 2)), [], np.ones((0, 3, 3, 1)), "x"], ids=str
)
def test_bad_arguments(x, arguments):
    def run(module, _):
        generator = module.ImageDataGenerator(**arguments)
        settings_of = {name: value for name, value in vars(generator).items() if name != "mean"}
        generator.fit(x)
        return settings_of, next(generator.flow(x)), generator.flow(x, [1, 2, 3])

    require_same(run)


@pytest.mark.filterwarnings("ignore:Expected 1, 3 or 4:UserWarning")
@pytest.mark.parametrize("index", [-1, -2, -3, -4, 0, 2, 3])
def test_negative_indices_count_from_the_end(index):
    iterator = our_image.ImageDataGenerator().flow(np.arange(10.0).reshape(5, 1, 1, 2), batch_size=2, shuffle=False)
    assert len(iterator) == 3
    if -3 <= index < 3:
        assert (iterator[index] == iterator[index % 3]).all()
    else:
        with pytest.raises(ValueError, match=f"batch {index} of a Sequence of 3"):
            iterator[index]


def test_weights_follow_the_subset():
    x, weights = np.ones((8, 2, 2, 1)), np.arange(8.0)
    generator = our_image.ImageDataGenerator(validation_split=0.25)
    for subset, expected in (("validation", weights[:2]), ("training", weights[2:])):
        flow = generator.flow(x, weights, sample_weight=weights, subset=subset, shuffle=False, ignore_class_split=True)
        _, y, w = flow[0]
        assert (y == expected).all()
        assert (w == expected).all()


@settings(max_examples=400)
@given(st.data())
def test_functions_of_one_image(cpu, data):
    first = data.draw(st.booleans())
    x = data.draw(arrays(first, most=1))[0]
    axes = (
        {"row_axis": 1, "col_axis": 2, "channel_axis": 0}
        if first
        else {"row_axis": 0, "col_axis": 1, "channel_axis": 2}
    )
    moved = {**axes, "fill_mode": data.draw(st.sampled_from(["nearest", "constant"])), "interpolation_order": 1}
    number = data.draw(st.sampled_from([0, 0.0, -0.0, 0.5, 3, 100.0, -7.25, np.float64(2.5), np.float32(1.5)]))
    calls = {
        "random_rotation": [(x, 40.0), moved],
        "random_shift": [(x, 0.3, 0.2), moved],
        "random_shear": [(x, 30), moved],
        "random_zoom": [(x, data.draw(st.sampled_from([(0.5, 1.5), (1, 1), (0.5,)]))), moved],
        "random_channel_shift": [(x, 20.0), {"channel_axis": axes["channel_axis"]}],
        "apply_channel_shift": [(x, number), {"channel_axis": data.draw(st.sampled_from([0, 2, -1, -2, 3]))}],
        "random_brightness": [
            (x, data.draw(st.sampled_from([(0.5, 1.5), (0.5,)]))),
            {"scale": data.draw(st.booleans())},
        ],
        "apply_brightness_shift": [(x, abs(float(number))), {"scale": data.draw(st.booleans())}],
        "flip_axis": [(x, data.draw(st.sampled_from([0, 1, 2, -1, 3]))), {}],
    }
    name = data.draw(st.sampled_from(sorted(calls)))
    args, keywords = calls[name]
    before = x.tobytes()
    with image_data_format(data.draw(st.sampled_from(["channels_last", "channels_last", "channels_first"]))):
        event(f"{name}: {require_same(lambda module, _: getattr(module, name)(*args, **keywords))}")
    assert x.tobytes() == before


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf, 1e30, -0.0], ids=str)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_tones_of_odd_values(odd, channels):
    x = np.random.default_rng(0).random((4, 5, channels)).astype("f4") * 200
    x[1, 2, 0] = odd
    for amount in (0.0, 3.5, -250.0):
        require_same(lambda module, _, amount=amount: module.apply_channel_shift(x, amount, 2))
        for scale in (True, False):
            require_same(lambda module, _, amount=amount, scale=scale: module.apply_brightness_shift(x, amount, scale))
    arguments = {"channel_shift_range": 30.0, "brightness_range": (0.5, 1.5)}
    for name in arguments:
        only = {name: arguments[name]}
        require_same(lambda module, _, only=only: module.ImageDataGenerator(**only).flow(x[None], seed=1)[0])


@given(st.lists(st.floats(-3, 3), min_size=9, max_size=9), st.integers(1, 99), st.integers(1, 99))
def test_offset_center(numbers, x, y):
    matrix = np.array(numbers).reshape(3, 3)
    require_same(lambda module, _: module.transform_matrix_offset_center(matrix, x, y))


def test_every_name_of_keras_is_there():
    """The classes and functions of the legacy module, and what tf.keras shows beside them."""
    theirs = {
        name
        for name, value in vars(keras_image).items()
        if getattr(value, "__module__", None) == keras_image.__name__ and not name.startswith("_")
    }
    shared = {"array_to_img", "img_to_array", "load_img", "save_img", "smart_resize"}
    assert set(our_image.__all__) == theirs | shared
    for name in our_image.__all__:
        ours = getattr(our_image, name)
        if name in shared:
            continue
        theirs_of = getattr(keras_image, name)
        parameters = inspect.signature(theirs_of).parameters
        assert list(inspect.signature(ours).parameters) == list(parameters)
        for parameter, of_ours in zip(parameters.values(), inspect.signature(ours).parameters.values(), strict=True):
            assert (parameter.name, parameter.default, parameter.kind) == (of_ours.name, of_ours.default, of_ours.kind)
        if inspect.isclass(ours):
            public = {member for member in dir(theirs_of) if not member.startswith("_")}
            assert public <= set(dir(ours)), name
    with pytest.raises(AttributeError, match="typo"):
        _ = our_image.typo
    assert set(our_image.__all__) <= set(dir(our_image))


class Halved:
    """Methods that a user writes anew in a class of his own."""

    def get_random_transform(self, img_shape, seed=None):
        drawn = super().get_random_transform(img_shape, seed)
        drawn["theta"] /= 2
        return drawn

    def standardize(self, x):
        return super().standardize(x) / 2


@pytest.mark.parametrize("names", [["get_random_transform"], ["standardize"], ["get_random_transform", "standardize"]])
def test_methods_written_anew_are_called(names):
    x = np.random.default_rng(0).random((5, 8, 9, 3))

    def run(module, _):
        methods = {name: vars(Halved)[name] for name in names}
        base = module.ImageDataGenerator

        class Own(base):
            pass

        for name in methods:  # as `super()` needs the class
            setattr(Own, name, _bound_to(Own, name))
        return next(Own(rotation_range=40).flow(x, seed=3))

    assert require_same(run) == "value"


def _bound_to(cls, name):
    if name == "standardize":
        return lambda self, x: super(cls, self).standardize(x) / 2

    def get_random_transform(self, img_shape, seed=None):
        drawn = super(cls, self).get_random_transform(img_shape, seed)
        return {**drawn, "theta": drawn["theta"] / 2}

    return get_random_transform


def test_a_subclass_of_the_iterator():
    def run(module, _):
        class Counting(module.Iterator):
            def _get_batches_of_transformed_samples(self, index_array):
                return index_array + np.random.random()

        iterator = Counting(7, 3, True, 5)
        return [next(iterator), iterator[0], iterator[2], [next(iterator) for _ in range(4)], iterator.n, len(iterator)]

    assert require_same(run) == "value"


def test_iterators_pickle():
    x = np.random.default_rng(0).random((6, 4, 5, 3))
    iterator = our_image.ImageDataGenerator(rotation_range=30).flow(x, np.arange(6), batch_size=2, seed=1)
    iterator.on_epoch_end()
    other = pickle.loads(pickle.dumps(iterator))
    for ours, theirs in zip(iterator[1], other[1], strict=True):
        assert (ours == theirs).all()
    next(iterator)
    other = pickle.loads(pickle.dumps(iterator))
    for ours, theirs in zip(next(iterator), next(other), strict=True):
        assert (ours == theirs).all()


def test_batches_are_aligned_for_keras_only():
    """So that TensorFlow takes them without a copy; but who takes one by `next` may change it after handing it on."""
    iterator = our_image.ImageDataGenerator(rotation_range=30).flow(np.ones((4, 32, 32, 3)))
    handed_over, by_hand = iterator[0], next(iterator)
    assert handed_over.ctypes.data % 64 == 0
    for batch in (handed_over, by_hand):
        assert batch.flags.c_contiguous
        assert batch.flags.writeable
    assert by_hand.flags.owndata


def test_the_error_state_of_numpy_is_that_of_the_caller():
    x = np.ones((8, 3, 3, 1), "f4")
    x[7] = np.inf
    iterator = our_image.ImageDataGenerator(samplewise_center=True).flow(x, shuffle=False)
    iterator.threads = 4
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        next(iterator)
    with np.errstate(all="ignore"):
        next(iterator)


def test_changed_iterators():
    """Attributes that a user sets after the iterator was made."""
    x = np.random.default_rng(0).random((6, 8, 8, 3)) * 2**30

    def run(module, _):
        iterator = module.ImageDataGenerator(rotation_range=30).flow(x, batch_size=4, seed=2)
        iterator.x = x.astype("i4")
        first = next(iterator)
        iterator.image_data_generator = module.ImageDataGenerator(zoom_range=0.5)
        iterator.batch_size = np.uint8(3)
        return first, iterator[1], len(iterator)

    assert require_same(run) == "value"


def test_generators_that_are_none():
    """What has the three methods is enough."""
    x = np.random.default_rng(0).random((3, 4, 5, 3))

    def run(module, _):
        inner = module.ImageDataGenerator(rotation_range=30)

        class Around:
            def __getattr__(self, name):
                return getattr(inner, name)

        return next(module.NumpyArrayIterator(x, None, Around(), seed=1))

    assert require_same(run) == "value"


@given(st.integers(0, 700), st.integers(1, 5), st.booleans(), st.booleans(), st.integers(0, 99))
def test_tables_stay_inside(count, channels, scaled, at_end, seed):
    """Arrays right against pages that may not be touched; values of any size."""
    rng = np.random.default_rng(seed)
    x = (rng.normal(size=count) * rng.choice([1.0, 300.0, 1e20], count)).astype("f4")
    x[rng.random(count) < 0.1] = rng.choice([np.nan, np.inf, -np.inf])
    tables = rng.normal(size=(channels, 256)).astype("f4")
    source, target = guarded(x, at_end), guarded(np.zeros_like(x), at_end)
    low, extent = np.float32(rng.normal()), np.float32(rng.choice([0.0, 3.5]))
    _core.look_up(source, guarded(tables, at_end), float(low), float(extent), scaled, target)
    with np.errstate(invalid="ignore", over="ignore"):
        values = (x - low) / (extent or np.float32(1)) * np.float32(255) if scaled else x
        inside = np.where(np.abs(values) < 2.0**31, values, 0)
        expected = tables[np.arange(count) % channels, np.trunc(inside).astype("i8") % 256]
    assert bits(target) == bits(expected)
    _core.shift(source, 2.5, -3.0, 8.0, target)
    assert bits(target) == bits(np.clip(x + np.float32(2.5), np.float32(-3), np.float32(8)))
    _core.shift(source, 2.5, -3.0, 8.0, source)
    assert bits(source) == bits(target)


def test_bad_tables_are_refused():
    x, tables = np.ones(6, "f4"), np.ones((3, 256), "f4")
    for target, bad in ((x[:5], tables), (x.copy(), tables[:0]), (x.copy(), tables[:, :255].copy())):
        with pytest.raises(ValueError, match="of one size"):
            _core.look_up(x, bad, 0.0, 1.0, False, target)
    with pytest.raises(ValueError, match="of one size"):
        _core.shift(x, 1.0, 0.0, 1.0, x[:5])
