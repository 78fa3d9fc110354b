"""The package as it is installed: what importing it costs, and what it says where it cannot work."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import seqaug


def python(code, cwd, **environment):
    return subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True
    )


def test_import_brings_nothing_heavy(tmp_path):
    heavy = {"keras", "tensorflow", "matplotlib", "scipy", "PIL", "skimage"}
    code = f"import seqaug, seqaug.preprocessing.image, sys; print({heavy} & set(m.split('.')[0] for m in sys.modules))"
    assert python(code, tmp_path).stdout.strip() == "set()"


def test_works_without_keras(tmp_path):
    code = """
import sys
sys.modules["keras"] = sys.modules["tensorflow"] = None
import numpy as np, seqaug
print(seqaug.Pipeline([seqaug.RandomFlip(), seqaug.RandomRotation(0.1)])(np.ones((2, 4, 4, 3), "u1"), seed=1).sum())
"""
    result = python(code, tmp_path)
    assert result.stdout.strip() == "96.0", result.stderr


def test_version():
    assert seqaug.__version__ == version("seqaug")


def test_public_names():
    for name in seqaug.__all__:
        assert getattr(seqaug, name).__doc__
    assert set(seqaug.__all__) <= set(dir(seqaug))
    assert seqaug.preprocessing.image.apply_affine_transform
    with pytest.raises(AttributeError, match="RandomFlop"):
        seqaug.RandomFlop  # noqa: B018


def test_the_bare_source_folder_says_what_it_is(tmp_path):
    """A copy of the package without its compiled module, as a checkout has it."""
    shutil.copytree(
        Path(seqaug.__file__).parent, tmp_path / "seqaug", ignore=shutil.ignore_patterns("*.so", "*.pyd", "*.c")
    )
    result = subprocess.run(  # -S: an editable install would step in with the module
        [sys.executable, "-S", "-c", "import seqaug"], cwd=tmp_path, capture_output=True, text=True
    )
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith(f"ImportError: {tmp_path / 'seqaug'} is seqaug's source folder")
    assert "pip install -e ." in last


def test_the_command_is_the_module(tmp_path):
    command = Path(sys.executable).with_name("seqaug")
    by_command = subprocess.run([command, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True)
    by_module = subprocess.run(
        [sys.executable, "-m", "seqaug", "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert by_command.stdout == by_module.stdout
    assert seqaug.__version__ in by_command.stdout


def test_the_variant_can_be_chosen(tmp_path):
    code = "import seqaug, os; print(seqaug._core.use_cpu(os.environ['SEQAUG_CPU']))"
    assert python(code, tmp_path, SEQAUG_CPU="baseline").stdout.strip() == "baseline"
    refused = python("import seqaug", tmp_path, SEQAUG_CPU="z80")
    assert refused.returncode == 1
    assert "The environment variable SEQAUG_CPU" in refused.stderr
    assert "'z80'" in refused.stderr


def test_typed():
    assert (Path(seqaug.__file__).parent / "py.typed").exists()
    assert (Path(seqaug.__file__).parent / "_core.pyi").exists()
