"""The command `check`, and the inspection behind it: exactly what was planted is found."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hostile import ALL_BROKEN, ALL_WRONG, ODD, SAME, SOUND, UNREAD, compare, encoded, plant

import seqaug
from seqaug.__main__ import main
from seqaug.inspection import inspect, walk
from seqaug.sources.decode import Decoder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    plant(tmp_path / "photographs", monkeypatch)
    return tmp_path / "photographs"


def relative(root, groups):
    return [[os.path.relpath(path, root) for path in group] for group in groups]


@pytest.mark.parametrize("threads", [1, 3])
def test_exactly_what_was_planted(folder, threads):
    counted = []
    found = walk(str(folder))
    result = inspect(found, threads=threads, progress=lambda: counted.append(1))
    compare(folder, result.broken, ALL_BROKEN | UNREAD)
    compare(folder, result.wrong, ALL_WRONG)
    assert relative(folder, result.duplicates) == SAME
    assert result.pictures == len(SOUND) + 3 + 4
    assert result.files == len(counted) == len(found.files) == result.pictures + len(ALL_BROKEN) + len(ALL_WRONG) - 5
    assert not result.good
    assert [path for path, _ in result.broken] == sorted((path for path, _ in result.broken), key=os.fsencode)


def test_links_are_followed_if_that_is_wanted(folder, tmp_path):
    """Each folder once; what leads back is told of."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/new.jpg").write_bytes(encoded(50))
    (tmp_path / "elsewhere/back").symlink_to(folder)
    (folder / "far").symlink_to(tmp_path / "elsewhere")
    (folder / "again").symlink_to(tmp_path / "elsewhere")
    result = inspect(walk(str(folder), follow_links=True))
    loops = {"dog/up": "a link to a folder in which it lies"}
    back = next(path for path, _ in result.broken if path.endswith("back"))
    assert os.path.relpath(back, folder) in ("far/back", "again/back")
    compare(folder, [(path, reason) for path, reason in result.broken if path != back], ALL_BROKEN | UNREAD | loops)
    assert result.pictures == len(SOUND) + 3 + 4 + 1


def test_the_limit_is_the_users(folder):
    smaller = inspect(walk(str(folder)), Decoder(max_pixels=1999))
    assert smaller.pictures == 0
    assert len(smaller.broken) > len(ALL_BROKEN) + len(SOUND)


def test_the_command(folder, capsys, tmp_path):
    target = tmp_path / "result.json"
    assert main(["check", str(folder), "--json", str(target), "--threads", "2"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert all(line.isprintable() for line in lines)
    result = json.loads(target.read_text())
    compare(folder, [(entry["path"], entry["reason"]) for entry in result["broken"]], ALL_BROKEN | UNREAD)
    compare(folder, [(entry["path"], entry["reason"]) for entry in result["wrong"]], ALL_WRONG)
    assert relative(folder, result["duplicates"]) == SAME
    assert result["folder"] == str(folder)
    assert len([line for line in lines if line.startswith("broken: ")]) == len(ALL_BROKEN | UNREAD)
    assert len([line for line in lines if line.startswith("wrong: ")]) == len(ALL_WRONG)
    assert len([line for line in lines if line.startswith("  the same: ")]) == 3
    counts = f"{len(ALL_BROKEN | UNREAD)} broken, {len(ALL_WRONG)} wrong, 3 duplicates; "
    assert lines[-1].startswith(f"{result['files']} files, {result['pictures']} pictures that can be read; {counts}")


def test_the_command_finds_nothing(tmp_path, capsys):
    """Duplicates alone are no reason to fail."""
    for name in ODD:
        (tmp_path / name).write_bytes(encoded(0, "PNG" if name.endswith("png") else "JPEG"))
    assert main(["check", str(tmp_path), "--json", "-"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["files"], result["pictures"], result["broken"], result["wrong"]) == (6, 6, [], [])
    assert sorted(map(len, result["duplicates"])) == [3, 3]
    assert {os.fsencode(path) for group in result["duplicates"] for path in group} == {
        os.fsencode(tmp_path / name) for name in ODD
    }
    (tmp_path / "empty").mkdir()
    assert main(["check", str(tmp_path / "empty")]) == 0
    assert capsys.readouterr().out.startswith("0 files, 0 pictures")


def test_names_are_printed_by_any_stream(tmp_path):
    for name in ODD:
        (tmp_path / name).write_bytes(b"")
    paths = os.pathsep.join([str(Path(seqaug.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    result = subprocess.run(
        [sys.executable, "-P", "-m", "seqaug", "check", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "ascii:strict"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 1
    lines = result.stdout.decode("ascii").splitlines()
    assert len(lines) == len(ODD) + 1
    assert any(r"not UTF-8 \udcff\udcfe.jpg: the file is empty" in line for line in lines)
    assert any(r"\xfc 'quotes" in line and r"\x1b[31m" in line for line in lines)
    assert any(r"new\nline.jpg" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing"], "No such file"),
        (["file.txt"], "Not a directory"),
        ([".", "--json", "no/such/folder.json"], "--json must be in a folder that exists"),
    ],
)
def test_the_command_cannot(tmp_path, monkeypatch, capsys, arguments, message):
    (tmp_path / "file.txt").write_text("")
    monkeypatch.chdir(tmp_path)
    assert main(["check", *arguments]) == 1
    assert re.search(f"^seqaug check: .*{message}", capsys.readouterr().err)


def test_threads_end_where_one_fails(tmp_path):
    """What says nothing about a file is no finding."""
    for i in range(30):
        (tmp_path / f"{i}.jpg").write_bytes(encoded(i))

    def load(path):
        raise MemoryError

    with pytest.raises(ValueError, match="Cannot read the picture"):
        inspect(walk(str(tmp_path)), Decoder(load=load), threads=4)
