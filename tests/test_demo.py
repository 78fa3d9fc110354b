"""The demo, as a user runs it: in a process of its own."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import seqaug
from seqaug.__main__ import main
from seqaug.demo import DemoError, pictures
from seqaug.progress import Progress

BLOCKER = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
"""
NO_NETWORK = """
import socket

def refuse(*arguments, **named):
    raise OSError("the demo opened a connection")

socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
"""


def run(folder: Path, *arguments: str, site: str = "", backend: str = "tensorflow") -> subprocess.CompletedProcess[str]:
    """Runs the command in `folder`; `site` is code that its Python runs first."""
    (folder / "site").mkdir()
    (folder / "site" / "sitecustomize.py").write_text(site)
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    environment |= {"PYTHONPATH": str(folder / "site"), "PYTHONIOENCODING": "utf-8", "KERAS_BACKEND": backend}
    command = [sys.executable, "-m", "seqaug", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=300)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    return folder, pictures.write(folder, pictures.data_folder())


def test_quick_demo(tmp_path):
    done = run(tmp_path, "demo", "--quick", "--output", "out.png", site=NO_NETWORK)
    assert done.returncode == 0, done.stderr
    assert "oneDNN" not in done.stderr  # TensorFlow talks
    assert re.search(r"^ +without augmentation +with augmentation$", done.stdout, re.M)
    assert re.search(r"^accuracy on held-out pictures \(1\)( +\d+\.\d%){2}$", done.stdout, re.M)
    assert re.search(r"^images per second delivered \(2\)( +[\d,]+){2}$", done.stdout, re.M)
    assert re.search(r"^step time spent waiting for data \(3\)( +\d+\.\d%){2}$", done.stdout, re.M)
    assert re.search(r"augmentation (gained|lost|made no difference)", done.stdout)
    assert "\r" not in done.stdout  # not a terminal
    with Image.open(tmp_path / "out.png") as picture:
        picture.load()
        assert picture.format == "PNG"
        assert 1000 <= picture.width <= 2000
        assert 700 <= picture.height <= 2000
        assert len(np.unique(np.asarray(picture))) > 100


@pytest.mark.parametrize("module", ["matplotlib", "skimage", "tensorflow", "jax"])
def test_missing_extra_is_named(tmp_path, module):
    backend = "jax" if module == "jax" else "tensorflow"
    done = run(tmp_path, "demo", "--quick", "--output", "out.png", site=BLOCKER.format(name=module), backend=backend)
    assert done.returncode == 1
    assert repr(module) in done.stderr
    assert 'pip install "seqaug[demo]"' in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(
    ("output", "message"), [("missing/out.png", "folder of --output does not exist"), (".", "must name a file")]
)
def test_bad_output_fails_at_once(tmp_path, monkeypatch, capsys, output, message):
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "--output", output]) == 1
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""


def test_output_in_a_folder_that_is_not_writable(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(os, "access", lambda *_: False)  # to root, everything is writable
    assert main(["demo", "--output", str(tmp_path / "out.png")]) == 1
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["demo", "--epochs", "0"], ["demo", "--epochs", "2", "--quick"]])
def test_bad_arguments(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: seqaug" in capsys.readouterr().err


def test_version_reads_no_keras(tmp_path):
    done = run(tmp_path, "--version", site=BLOCKER.format(name="keras"))
    assert (done.returncode, done.stdout.strip()) == (0, f"seqaug {seqaug.__version__}")


def test_pictures_are_what_their_names_say(written):
    _, shown = written
    assert len(shown.classes) == 10
    for path in shown.train.paths + shown.held_out.paths:
        gray = path.parent.name in pictures.FACE_ROWS
        with Image.open(path) as picture:
            expected = ("PNG", "L", (25, 25)) if gray else ("JPEG", "RGB", (pictures.CROP_SIDE,) * 2)
            assert (picture.format, picture.mode, picture.size) == expected


def test_labels_match_folders(written):
    folder, shown = written
    for part, split, count in (
        ("train", shown.train, pictures.TRAIN),
        ("held-out", shown.held_out, pictures.HELD_OUT),
    ):
        assert [shown.classes[label] for label in split.labels] == [path.parent.name for path in split.paths]
        assert {path.parent.parent for path in split.paths} == {folder / part}
        assert np.bincount(split.labels).tolist() == [count] * len(shown.classes)


def test_faces_are_all_there_once(written):
    _, shown = written
    gray = [path for path in shown.train.paths + shown.held_out.paths if path.suffix == ".png"]
    rows = [np.asarray(Image.open(path)).ravel() for path in gray]
    given = np.load(pictures.data_folder() / pictures.FACES).reshape(200, -1)
    assert sorted(row.tolist() for row in rows) == sorted(np.rint(given * 255).tolist())


@pytest.mark.parametrize("size", [(451, 300), (512, 512), (641, 427), (1411, 1411)])
def test_train_and_held_out_crops_are_disjoint(size):
    width, height = size
    boxes = pictures.crop_boxes(width, height)
    used = {part: np.zeros((height, width), bool) for part in boxes}
    for part, cuts in boxes.items():
        for left, top, right, bottom in cuts:
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= height
            used[part][top:bottom, left:right] = True
    assert used["train"].any()
    assert used["held-out"].any()
    assert not (used["train"] & used["held-out"]).any()


def test_a_missing_photograph_is_left_out(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    for file in (pictures.FACES, "coffee.png"):
        (data / file).write_bytes((pictures.data_folder() / file).read_bytes())
    shown = pictures.write(tmp_path / "out", data)
    assert shown.classes == ("face", "not face", "coffee")
    assert set(shown.held_out.labels) == {0, 1, 2}


def test_missing_faces_are_an_error(tmp_path):
    with pytest.raises(DemoError, match=r"lfw_subset\.npy"):
        pictures.write(tmp_path / "out", tmp_path)


def test_progress_on_a_terminal_writes_over_one_line(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    with Progress() as progress:
        progress.show("working " * 20)
        progress.done("worked")
        progress.show("working")
    lines = terminal.getvalue().split("\n")
    assert [line.split("\r")[-1] for line in lines] == ["worked", ""]
    assert max(map(len, terminal.getvalue().replace("\n", "\r").split("\r"))) < 80


def test_report_says_which_training_won():
    from seqaug.demo import report, training

    def results(without: float, augmented: float) -> list[training.Result]:
        return [
            training.Result(name, [0.1, *[accuracy] * 5], [1.0] * 6, 1234.5, 0.25)
            for name, accuracy in (("without", without), ("with", augmented))
        ]

    assert "augmentation gained 10.0 points" in report.table(results(0.5, 0.6))
    assert "augmentation lost 10.0 points" in report.table(results(0.6, 0.5))
    assert "augmentation made no difference" in report.table(results(0.6, 0.6))
    assert re.search(r"\(1\) +50\.0% +60\.0%", report.table(results(0.5, 0.6)))
