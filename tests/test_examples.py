"""The examples run, and so does the code in the README and the guide."""

import gc
import re
import runpy
import subprocess
import sys
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("guide", "data", "files", "augmentations", "training", "affine", "image_data_generator", "migration")
PAGES = ["README.md", *(f"docs/{page}.md" for page in NAMES)]


def run(*arguments, cwd):
    result = subprocess.run([sys.executable, *arguments], cwd=cwd, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def run_here(tmp_path, monkeypatch, capfd):
    """Runs a program in this process, where TensorFlow is imported already, in an empty folder; returns the output."""

    def run_path(path):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", [str(path)])
        monkeypatch.setenv("NO_ALBUMENTATIONS_UPDATE", "1")
        state = np.random.get_state()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("default")
                runpy.run_path(str(path), run_name="__main__")
                gc.collect()  # Keras leaves a pool of workers open, whose end is no other test's affair
        finally:
            np.random.set_state(state)
            keras.config.set_image_data_format("channels_last")
        return capfd.readouterr().out

    return run_path


# Those that start processes, which would inherit what other tests have left in this one.
APART = ("silent_faults.py", "silent_faults_sequence.py")


def silent_faults(output):
    rows = [line.split() for line in output.splitlines()[1:]]
    return len(rows) == 4 and all(row[-2:] == ["no", "yes"] for row in rows)


def silent_faults_sequence(output):
    draws = re.search(r"different batches of 16, .*: today (\d+), seqaug 16", output)
    counts = "the epochs of validation data: today [1, 3, 5], seqaug [0, 1, 2]"
    return draws is not None and int(draws[1]) < 16 and counts in output


# What an example must print; a text, how often, or a function that looks.
PRINTED = {
    "array_stores.py": {"the same batches as from memory: True": 1, "held-out accuracy": 1},
    "augment_arrays.py": {"held-out accuracy": 1},
    "augmented_files.py": {"4 batches, the last one (12, 224, 224, 3)": 3},
    "change_one_import.py": {"equal bits: True": 1},
    "detection.py": {"the loss goes down: True": 1, "of 62 boxes none is lost without augmentation: 62": 1},
    "from_folder.py": {"the same classes and files as Keras: True": 1, "Using 120 files for training.": 1},
    "from_tf_data.py": {"the same picture from both: True": 1, "TensorSpec(shape=(32, 25, 25, 1), dtype=tf.float32": 1},
    "image_data_generator.py": {
        "Found 40 images belonging to 2 classes.": 4,
        "previews saved: 5": 1,
        "all batches: ": 1,
    },
    "mixing.py": {
        "images (32, 48, 64, 3) float32, labels (32, 3) float32 that sum to 1: True": 1,
        "needs other images of the batch": 3,
    },
    "numbers_sequence.py": {
        "32 batches, the last one of 8 pairs; the same as before: True": 1,
        "With an augmentation: Batch 0 of the Sequence in `x`: `x` must be of rank 4": 1,
    },
    "picture_files.py": {"the same as before: True": 3, "images (5, 96, 128, 3) float32": 1},
    "policies.py": {"6 different pictures of 6": 4},
    "preview.py": {"native passes: 1": 1},
    "segmentation.py": {"masks (16, 64, 64) uint8 of the values [0, 1, 2]": 1, "native passes: 1": 1},
    "shrinking.py": {"antialias=True and Pillow differ by at most 1 of 255": 1},
    "silent_faults.py": silent_faults,
    "silent_faults_sequence.py": silent_faults_sequence,
}
SAVED = {
    "augmented_files.py": "augmented-files.png",
    "mixing.py": "mixing.png",
    "detection.py": "detection.png",
    "policies.py": "policies.png",
    "preview.py": "preview.png",
    "segmentation.py": "segmentation.png",
    "shrinking.py": "shrinking.png",
}


@pytest.mark.parametrize("name", PRINTED)
def test_example(name, tmp_path, run_here):
    path = ROOT / "examples" / name
    output = run(str(path), cwd=tmp_path) if name in APART else run_here(path)
    expected = PRINTED[name]
    if callable(expected):
        assert expected(output), output
    else:
        assert {text: output.count(text) for text in expected} == expected, output
    assert [path.name for path in tmp_path.iterdir()] == ([SAVED[name]] if name in SAVED else [])


def test_documented_uses_of_keras_by_one_import(tmp_path):
    """The same file with Keras's own import prints the same, the hash of all batches included."""
    ours = (ROOT / "examples" / "image_data_generator.py").read_text()
    theirs = ours.replace("seqaug.preprocessing.image", "tensorflow.keras.preprocessing.image")
    assert theirs.count("tensorflow.keras.preprocessing.image") == 1
    printed = []
    for name, code in (("ours.py", ours), ("theirs.py", theirs)):
        (tmp_path / name).write_text(code)
        printed.append(run(name, cwd=tmp_path))
    assert printed[0] == printed[1]


def test_no_example_is_forgotten():
    assert sorted(path.name for path in (ROOT / "examples").glob("*.py")) == sorted(PRINTED)


@pytest.mark.parametrize("page", PAGES)
def test_code_on_the_page(page, tmp_path_factory, run_here):
    """All Python blocks of a page, one after the other, with the data that the page takes for granted."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    assert blocks
    given = """
import os
from pathlib import Path
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
import keras
import numpy as np
import skimage.data
from PIL import Image
astronaut = skimage.data.astronaut()
images = np.stack([astronaut[i : i + 64, i : i + 80] for i in range(0, 320, 8)])
labels = np.arange(40) % 2
paths = [f"{i}.jpg" for i in range(40)]
for path, image in zip(paths, images):
    Image.fromarray(image).save(path)
for name in ("cats", "dogs"):
    os.makedirs(f"folder/{name}")
    Image.fromarray(images[0]).save(f"folder/{name}/one.jpg")
    for i in range(8):
        Image.fromarray(images[i]).save(f"folder/{name}/{i}.jpg")
model = keras.Sequential([keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1)])
model.compile("sgd", "mse")
"""
    path = tmp_path_factory.mktemp("page") / "page.py"
    path.write_text(given + "\n".join(blocks))
    run_here(path)
