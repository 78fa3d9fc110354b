"""The examples run, and so does the code in the README and the guide."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("*.py"))
PAGES = ["README.md", "docs/guide.md"]


def run(*arguments, cwd):
    result = subprocess.run([sys.executable, *arguments], cwd=cwd, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name, tmp_path):
    output = run(str(ROOT / "examples" / name), cwd=tmp_path)
    if name == "change_one_import.py":
        assert "equal bits: True" in output
    if name == "picture_files.py":
        assert "same epoch, same batch: True\nnext epoch, same batch: False" in output
        assert output.count("images (1, 96, 128, 3) float32") == 2
    if name == "augment_arrays.py":
        assert "held-out accuracy" in output


def test_there_are_examples():
    assert EXAMPLES == ["augment_arrays.py", "change_one_import.py", "picture_files.py"]


@pytest.mark.parametrize("page", PAGES)
def test_code_on_the_page(page, tmp_path):
    """All Python blocks of a page, one after the other, with the data that the page takes for granted."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    assert blocks
    given = """
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
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
model = keras.Sequential([keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1)])
model.compile("sgd", "mse")
"""
    (tmp_path / "page.py").write_text(given + "\n".join(blocks))
    run("page.py", cwd=tmp_path)
