"""flow_from_directory and flow_from_dataframe beside Keras's: bits, draws, files, prints, warnings and errors."""

import shutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from PIL import Image
from side_by_side import our_image, require_same
from test_legacy_arrays import generators

NOISE = np.random.default_rng(0)


def photograph(height, width, mode="RGB"):
    channels = len(mode)
    y, x = np.mgrid[:height, :width]
    waves = np.stack([127 + 90 * np.sin(x / (3 + k) + y / (7 - k)) for k in range(channels)], 2)
    pixels = np.clip(waves + NOISE.normal(size=waves.shape) * 9, 0, 255).astype(np.uint8)
    return Image.merge(mode, [Image.fromarray(pixels[:, :, k]) for k in range(channels)])


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A folder per class, with pictures of every kind, odd names, folders in folders, and what is no picture."""
    root = tmp_path_factory.mktemp("pictures") / "data"
    for name in ("cats", "dogs and more", "Ünïcode", "empty", "nested"):
        (root / name).mkdir(parents=True)
    (root / "nested" / "b" / "c").mkdir(parents=True)
    (root / "nested" / "a").mkdir()
    cats, dogs, odd, nested = root / "cats", root / "dogs and more", root / "Ünïcode", root / "nested"
    for i, (height, width) in enumerate([(20, 30), (31, 17), (8, 8), (64, 48), (9, 40)]):
        photograph(height, width).save(cats / f"{i}.jpg", quality=95 - 20 * i, subsampling=i % 3)
    photograph(12, 12, "L").save(cats / "gray.JPEG")
    photograph(12, 13, "CMYK").save(cats / "cmyk.jpg")
    photograph(16, 11).save(dogs / "progressive.jpg", progressive=True)
    photograph(16, 11).save(dogs / "restarts.jpg", restart_marker_blocks=1)
    turned = Image.Exif()
    turned[0x0112] = 6
    photograph(20, 10).save(dogs / "turned.jpg", exif=turned)
    photograph(7, 9, "RGBA").save(odd / "alpha.png")
    photograph(7, 9).quantize(5).save(odd / "palette.png")
    Image.fromarray((np.arange(99).reshape(9, 11) * 600).astype(np.uint16)).save(odd / "deep.png")
    photograph(7, 9, "L").convert("1").save(odd / "bit.bmp")
    photograph(8, 8).save(odd / "Größe 10%.PNG")
    photograph(8, 9, "L").save(odd / "p.ppm")
    photograph(9, 9).save(nested / "b" / "x.tif")
    photograph(9, 9).save(nested / "b" / "c" / "y.tiff")
    photograph(9, 9).save(nested / "a" / "z.jpg")
    photograph(9, 9).save(nested / "gif.gif")
    (cats / "notes.txt").write_text("no picture")
    (nested / ".jpg").write_bytes((nested / "a" / "z.jpg").read_bytes())
    (root / "loose.jpg").write_bytes((nested / "a" / "z.jpg").read_bytes())
    return root


READING = {
    "target_size": st.sampled_from([(10, 10), (20, 30), (7, 13), [9, 9]]),
    "color_mode": st.sampled_from(["rgb", "rgb", "grayscale", "rgba"]),
    "batch_size": st.integers(1, 9),
    "shuffle": st.booleans(),
    "seed": st.none() | st.integers(0, 999),
    "save_prefix": st.sampled_from(["", "p"]),
    "subset": st.sampled_from([None, None, "training", "validation"]),
    "interpolation": st.sampled_from(["nearest", "nearest", "bilinear", "bicubic", "box", "hamming", "lanczos"]),
}


def reading(draw, **more):
    choices = {**READING, **more}
    return {
        name: draw(choices[name]) for name in draw(st.sets(st.sampled_from(sorted(choices)))).union({"target_size"})
    }


def batches_of(iterator, asked):
    found = [next(iterator) if step == "next" else iterator[step % max(len(iterator), 1)] for step in asked]
    return [*found, len(iterator), iterator.filenames, iterator.filepaths, iterator.samples, iterator.image_shape]


ASKED = st.lists(st.sampled_from(["next", 0, 1, 2]), max_size=4)


@settings(max_examples=150)
@given(st.data())
def test_directory(pictures, data):
    arguments = data.draw(generators())
    modes = st.sampled_from(["categorical", "binary", "sparse", "input", None])
    flow = reading(
        data.draw,
        class_mode=modes,
        classes=st.sampled_from([None, ["nested", "cats"], ["cats", "empty"], ("Ünïcode",)]),
        follow_links=st.booleans(),
        keep_aspect_ratio=st.booleans(),
    )
    asked, saves = data.draw(ASKED), data.draw(st.booleans())

    def run(module, folder):
        more = {"save_to_dir": str(folder)} if saves else {}
        iterator = module.ImageDataGenerator(**arguments).flow_from_directory(str(pictures), **flow, **more)
        known = [iterator.class_indices, iterator.classes, iterator.num_classes, iterator.labels, iterator.split]
        return batches_of(iterator, asked), known

    event(require_same(run, data.draw(st.integers(0, 9))))


@settings(max_examples=200)
@given(st.data())
def test_dataframe(pictures, data):
    arguments = data.draw(generators())
    paths = sorted(str(path.relative_to(pictures)) for path in pictures.rglob("*") if path.is_file())
    paths += ["missing.jpg", "cats", "", "./cats/../cats/0.jpg", "nested//a/z.jpg"]
    names = data.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=12))
    frame = pd.DataFrame({"filename": names}, index=data.draw(st.permutations(range(len(names)))))
    kinds = st.sampled_from(["a", "b", "c", ("a", "b"), ["c"], 3, None, float("nan")])
    kinds = data.draw(st.sampled_from([st.sampled_from("ab"), st.sampled_from("abc"), kinds]))
    frame["class"] = pd.Series([data.draw(kinds) for _ in names], index=frame.index, dtype=object)
    frame["size"] = np.arange(len(names)) / 3
    frame["weight"] = np.arange(len(names)) if data.draw(st.booleans()) else "heavy"
    mode = data.draw(
        st.sampled_from(["categorical", "binary", "sparse", "input", None, "raw", "multi_output", "other"])
    )
    flow = reading(
        data.draw,
        y_col=st.sampled_from(["class", "size", ["size", "weight"], "no such column"]),
        weight_col=st.sampled_from([None, "weight", "size"]),
        classes=st.sampled_from([None, ["b", "a"], ("c",), ["a", "a", "b"]]),
        validate_filenames=st.sampled_from([True, True, True, False]),
        sort=st.just(True),
        has_ext=st.just(False),
        drop_duplicates=st.just(True),
    )
    if mode == "multi_output" and data.draw(st.booleans()):
        flow["y_col"] = ["size", "class"]
    whole = data.draw(st.booleans())
    if whole:
        frame["filename"] = [f"{pictures}/{name}" for name in names]
    asked, saves = data.draw(ASKED), data.draw(st.booleans())

    def run(module, folder):
        more = {"save_to_dir": str(folder)} if saves else {}
        more |= {} if whole else {"directory": str(pictures)}
        generator = module.ImageDataGenerator(**arguments)
        iterator = generator.flow_from_dataframe(frame, class_mode=mode, **flow, **more)
        known = [getattr(iterator, "class_indices", None), iterator.split]
        known += [iterator.labels, iterator.sample_weight] if mode not in ("input", None) else []
        return batches_of(iterator, asked), known

    event(f"{mode}: {require_same(run, data.draw(st.integers(0, 9)))}")


@pytest.mark.parametrize(
    "arguments",
    [
        {"class_mode": "text"},
        {"class_mode": "raw"},
        {"color_mode": "hsv"},
        {"subset": "test"},
        {"subset": "training"},
        {"target_size": None},
        {"target_size": 9},
        {"interpolation": "cubic"},
        {"classes": ["no such folder"]},
        {"classes": ["nested/b"]},
        {"directory": "no such folder"},
        {"directory": None},
        {"batch_size": 0},
        {"typo": 3},
    ],
    ids=str,
)
@pytest.mark.parametrize("split", [0.0, 0.3])
def test_bad_arguments_of_directories(pictures, arguments, split):
    arguments = {"directory": str(pictures), "target_size": (5, 5), "shuffle": False, **arguments}

    def run(module, _):
        return next(module.ImageDataGenerator(validation_split=split).flow_from_directory(**arguments))

    require_same(run)


def test_directories_as_paths_and_links(pictures, tmp_path):
    root = tmp_path / "links"
    (root / "one").mkdir(parents=True)
    (root / "one" / "link").symlink_to(pictures / "cats")
    (root / "two").symlink_to(pictures / "nested")
    for path in (root, str(root) + "/"):
        for follow in (True, False):

            def run(module, _, path=path, follow=follow):
                iterator = module.ImageDataGenerator().flow_from_directory(path, (6, 6), follow_links=follow, seed=1)
                return next(iterator), iterator.filenames

            require_same(run)


@pytest.mark.parametrize("kind", ["truncated", "empty", "text", "directory", "half a header"])
def test_damaged_pictures(pictures, tmp_path, kind):
    """The same error at the same image, with as much drawn before."""
    root = tmp_path / "damaged"
    shutil.copytree(pictures / "cats", root / "cats")
    whole = (root / "cats" / "3.jpg").read_bytes()
    content = {"truncated": whole[: len(whole) // 2], "empty": b"", "text": b"hello", "half a header": whole[:20]}
    if kind == "directory":
        (root / "cats" / "3.jpg").unlink()
        (root / "cats" / "3.jpg").symlink_to(tmp_path / "nowhere.jpg")
    else:
        (root / "cats" / "3.jpg").write_bytes(content[kind])

    def run(module, _):
        generator = module.ImageDataGenerator(rotation_range=30, zoom_range=0.2)
        return next(generator.flow_from_directory(str(root), (9, 9), shuffle=False))

    assert require_same(run) == "error"


def test_without_a_generator(pictures):
    def run(module, _):
        flow = {"target_size": (9, 9), "shuffle": False, "data_format": "channels_last"}
        frame = pd.DataFrame({"filename": ["0.jpg", "1.jpg"], "class": ["a", "b"]})
        return [
            next(module.DirectoryIterator(str(pictures), None, **flow)),
            next(module.DataFrameIterator(frame, str(pictures / "cats"), None, **flow)),
        ]

    assert require_same(run) == "value"


@settings(max_examples=60)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 100), st.integers(0, 2), st.booleans(), st.booleans())
def test_jpeg_is_decoded_as_by_pillow(tmp_path_factory, height, width, quality, subsampling, is_gray, progressive):
    folder = tmp_path_factory.mktemp("jpeg")
    (folder / "class").mkdir()
    picture = photograph(height, width, "L" if is_gray else "RGB")
    picture.save(folder / "class" / "0.jpg", quality=quality, subsampling=subsampling, progressive=progressive)
    for size in ((height, width), (11, 12)):
        for mode in ("rgb", "grayscale"):

            def run(module, _, size=size, mode=mode):
                flow = {"target_size": size, "color_mode": mode, "keep_aspect_ratio": True}
                return next(module.ImageDataGenerator().flow_from_directory(str(folder), **flow))

            assert require_same(run) == "value"


@pytest.mark.filterwarnings("ignore:.*TIFF files:UserWarning")
def test_lines_go_where_keras_prints(pictures, capsys, caplog):
    import keras

    our_image.ImageDataGenerator().flow_from_directory(str(pictures))
    assert capsys.readouterr().out == "Found 20 images belonging to 5 classes.\n"
    keras.config.disable_interactive_logging()
    try:
        with caplog.at_level("INFO", logger="absl"):
            our_image.ImageDataGenerator().flow_from_directory(str(pictures))
    finally:
        keras.config.enable_interactive_logging()
    assert capsys.readouterr().out == ""
