"""The commands beside `demo`, as a user runs them, and the line that tells how far they are."""

import io
import itertools
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seqaug import progress
from seqaug.__main__ import main
from seqaug.progress import Counter, duration
from seqaug.sources.cache import DiskCache, MemoryCache
from seqaug.sources.cache.building import fill
from seqaug.sources.decode import BrokenPicture, Decoder
from seqaug.sources.paths import Paths


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    for i in range(6):
        (folder / f"class_{i % 2}").mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(i).integers(0, 256, (20, 30, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"class_{i % 2}" / f"{i}.png")
    (folder / "class_0" / "notes.txt").write_text("no picture")
    return folder


def cache_of(where, photos, decoder=None):
    """What is in a cache of a folder, by path."""
    files = sorted(str(path.relative_to(photos)) for path in photos.rglob("*.png"))
    paths = Paths.of(files, str(photos))
    cache = DiskCache(where, (decoder or Decoder()).settings)
    return {path: cache.get(paths.key(i), path) for i, path in enumerate(paths)}


def test_build_check_clear(photos, tmp_path, capsys):
    where = tmp_path / "cache"
    assert main(["cache", "build", str(photos), str(where)]) == 0
    assert capsys.readouterr().out.startswith("6 pictures decoded, 0 were in the cache, 0 broken; ")
    for path, kept in cache_of(where, photos).items():
        np.testing.assert_array_equal(kept, np.asarray(Image.open(path)))
    changed = photos / "class_1" / "3.png"
    Image.fromarray(np.zeros((3, 3, 3), np.uint8)).save(changed)
    assert main(["cache", "build", str(photos), str(where), "--threads", "1"]) == 0
    assert capsys.readouterr().out.startswith("1 pictures decoded, 5 were in the cache, 0 broken; ")
    assert cache_of(where, photos)[str(changed)].shape == (3, 3, 3)
    assert main(["cache", "check", str(where)]) == 0
    out = capsys.readouterr().out
    assert "color_mode='rgb'" in out
    assert (
        "  6 pictures, 0.0 MiB, in 2 segments\n  1 pictures superseded; built anew it would be 0.0 MiB smaller" in out
    )
    assert "damaged" not in out
    assert main(["cache", "clear", str(where)]) == 0
    assert capsys.readouterr().out.startswith("7 pictures removed, ")
    assert list(where.iterdir()) == []
    assert main(["cache", "check", str(where)]) == 0
    assert capsys.readouterr().out == "The cache is empty.\n"


def test_the_settings_are_the_decoders(photos, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "seqaug.sources.cache.building.fill",
        lambda *arguments: seen.append(arguments[1]) or fill(Paths.of([]), *arguments[1:]),
    )
    arguments = ["--image-size", "100", "150", "--color-mode", "grayscale", "--cache-size", "7", "8"]
    main(["cache", "build", str(photos), str(tmp_path / "c"), *arguments, "--magnification", "1.25"])
    main(["cache", "build", str(photos), str(tmp_path / "c")])
    assert seen == [Decoder("grayscale", (125, 188), (7, 8)), Decoder("rgb")]


def test_broken_pictures_are_listed(photos, tmp_path, capsys):
    where = tmp_path / "cache"
    (photos / "class_0" / "1.png").write_bytes(b"")
    Path(os.fsdecode(os.fsencode(photos) + b"/a\xff\n.jpg")).write_bytes(b"no picture")
    (photos / "z.gif").symlink_to(photos / "nowhere")
    assert main(["cache", "build", str(photos), str(where)]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("6 pictures decoded, 0 were in the cache, 3 broken; ")
    lines = err.splitlines()
    assert len(lines) == 3
    for line, part in zip(lines, (r"a\udcff\n.jpg", "z.gif", "1.png"), strict=True):
        assert line.startswith(f"'{photos}")
        assert f"{part}': " in line


def test_damage_is_told(photos, tmp_path, capsys):
    where = tmp_path / "cache"
    main(["cache", "build", str(photos), str(where)])
    [pixels] = where.rglob("*.pixels.npy")
    content = bytearray(pixels.read_bytes())
    content[-1] ^= 1
    pixels.write_bytes(content)
    [names] = where.rglob("*.names.npy")
    names.write_bytes(names.read_bytes()[:-1] + b"x")
    capsys.readouterr()
    assert main(["cache", "check", str(where)]) == 1
    out = capsys.readouterr().out
    assert f"  damaged: {pixels.name} has 1 damaged pictures" in out
    assert f"  damaged: {names.name} " in out
    assert "  5 pictures" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "missing", "c"], "`directory` must be a folder. Received: directory='missing'"),
        (["build", "empty", "c"], "FOLDER must have pictures in it. Received: 'empty'"),
        (["build", "photos", "photos"], "`cache` must be a folder that is new"),
        (["build", "photos", "file"], "`cache` must be a folder that is new"),
        (["check", "missing"], "No such file"),
        (["check", "photos"], "The folder must have a cache in it. Received: 'photos'"),
        (["clear", "photos"], "The folder must have a cache in it. Received: 'photos'"),
        (["clear", "file"], "file"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(photos, tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    before = sorted(tmp_path.rglob("*"))
    assert main(["cache", *arguments]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("seqaug cache: ")
    assert message in err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["build", "a"],
        ["build", "a", "b", "--image-size", "3"],
        ["build", "a", "b", "--magnification", "0.5"],
        ["build", "a", "b", "--magnification", "nan"],
        ["build", "a", "b", "--threads", "0"],
        ["build", "a", "b", "--color-mode", "hsv"],
        ["check"],
    ],
)
def test_bad_arguments(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["cache", *arguments])
    assert stopped.value.code == 2
    assert "usage: seqaug cache" in capsys.readouterr().err


def test_help_reads_nothing_heavy(tmp_path):
    code = """
import sys
from seqaug.commands import main
try:
    main(["cache", "build", "--help"])
except SystemExit:
    print({"PIL", "keras", "tensorflow", "skimage"} & set(sys.modules))
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.rstrip().endswith("set()")


def test_fill_from_python(photos):
    """With a reader of one's own, a cache in memory, and one file that it does not read."""
    files = sorted(str(path) for path in photos.rglob("*.png"))
    asked = []

    def read(path):
        asked.append(path)
        if path == files[2]:
            raise ValueError("not this one")
        return np.full((1, 1, 1), files.index(path), np.int32)

    cache, counted = MemoryCache({}), []
    names = [os.fsencode(path) for path in files]
    filled = fill(Paths.of(files), read, cache, 1, lambda: counted.append(1))
    assert (filled.made, filled.held, filled.broken) == (5, 0, [(files[2], "not this one")])
    assert asked == files
    assert len(counted) == 6
    assert [cache.get(names[i], files[i]).item() for i in (0, 1, 3, 4, 5)] == [0, 1, 3, 4, 5]
    filled = fill(Paths.of(files), read, cache, 3)
    assert (filled.made, filled.held, len(filled.broken)) == (0, 5, 1)
    assert fill(Paths.of([]), read, cache).made == 0


def test_want_of_memory_ends_building(photos):
    files = sorted(str(path) for path in photos.rglob("*.png"))

    def read(path):
        if path == files[4]:
            try:
                raise MemoryError
            except MemoryError as error:
                raise BrokenPicture(path, "no memory") from error
        return np.zeros((1, 1, 1), np.uint8)

    cache = MemoryCache({})
    with pytest.raises(BrokenPicture, match="no memory"):
        fill(Paths.of(files), read, cache, 1)
    assert [cache.get(os.fsencode(path), path) is None for path in files] == [False] * 4 + [True] * 2


@pytest.mark.parametrize("threads", [1, 4])
def test_an_error_that_is_not_the_files_ends_it_and_loses_nothing(photos, tmp_path, threads):
    picture = (photos / "class_0" / "0.png").read_bytes()
    files = [str(tmp_path / f"{i}.png") for i in range(100)]
    for path in files:
        Path(path).write_bytes(picture)
    cache = DiskCache(tmp_path / "c", {})

    calls = itertools.count()

    def read(path):
        if next(calls) == 10:
            raise RuntimeError("a bug")
        time.sleep(0.001)
        return np.zeros((2, 2, 1), np.uint8)

    with pytest.raises(RuntimeError, match="a bug"):
        fill(Paths.of(files), read, cache, threads)
    again = DiskCache(tmp_path / "c", {})
    assert 10 <= sum(again.get(os.fsencode(path), path) is not None for path in files) < 20


def test_a_full_disk_ends_it(photos, tmp_path, monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("seqaug.sources.cache.writing._write_at", full)
    assert main(["cache", "build", str(photos), str(tmp_path / "c")]) == 1
    err = capsys.readouterr().err
    assert "There is no room for the cache (No space left on device)" in err
    assert len(err.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_leaves_a_good_cache(photos, tmp_path):
    code = """
import sys, time
import numpy as np
from seqaug.commands import main
from seqaug.sources import decode

def slow(self, path):
    print("one", flush=True)
    time.sleep(0.2)
    return np.zeros((2, 2, 3), np.uint8)

decode.Decoder.__call__ = slow
sys.exit(main(["cache", "build", *sys.argv[1:], "--threads", "1"]))
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    where = tmp_path / "cache"
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", code, photos, where],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for _ in range(3):
        assert process.stdout.readline() == "one\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "\nseqaug cache: stopped\n"
    found = [kept is not None for kept in cache_of(where, photos).values()]
    assert found[:3] == [True] * 3
    assert found[4:] == [False] * 2
    assert not list(where.rglob("*.tmp"))


class Stream(io.StringIO):
    def __init__(self, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return self.terminal


@pytest.mark.parametrize("terminal", [True, False])
def test_counter(monkeypatch, terminal):
    now = 50.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(sys, "stderr", stream := Stream(terminal))
    with Counter("Decoding", "pictures", 2000) as counter:
        for step in range(1, 1001):
            now = 50.0 + 0.1 * step
            counter.advance(2)
            if step == 9:
                assert stream.getvalue() == ""  # short work is silent
            if step == 20:
                early = stream.getvalue()
    assert counter.count == 2000
    shown = [text.strip() for text in re.split("[\r\n]", stream.getvalue()) if text.strip()]
    assert shown[0] == "Decoding 20 of 2,000 pictures (1%), 20 a second, 1 min 39 s left"
    if terminal:
        assert "\n" not in stream.getvalue()
        assert stream.getvalue().endswith("\r")
        assert len(shown) > 900
        assert all(len(part) <= 79 for part in stream.getvalue().split("\r"))
    else:
        assert "\r" not in stream.getvalue()
        assert early.count("\n") == 1
        assert len(shown) == 4
        assert shown[2] == "Decoding 1,220 of 2,000 pictures (61%), 20 a second, 39 s left"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3599, "59 min 59 s"), (7500, "2 h 5 min")]
)
def test_duration(seconds, text):
    assert duration(seconds) == text


def test_progress_is_on_stdout_unless_told(capsys):
    with progress.Progress() as line:
        line.show("nobody sees this")
        line.done("done")
    progress.Progress(sys.stderr).done("elsewhere")
    assert capsys.readouterr() == ("done\n", "elsewhere\n")
