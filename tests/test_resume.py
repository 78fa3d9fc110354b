"""A training that is interrupted and resumed in a new process goes on as if it had never been."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from resuming import BATCHES, EPOCHS

PROGRAM = Path(__file__).with_name("resuming.py")


def run(folder, name, manner="checkpoints", first=0, stop="never"):
    """Runs the program, and returns what it noted."""
    command = [sys.executable, str(PROGRAM), str(folder), name, manner, str(first), stop]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    ended = {"never": 0, "exit": 9, "raise": 1}[stop.split()[0]]
    assert result.returncode == ended, result.stderr
    assert ended != 1 or "InterruptedError: power" in result.stderr
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def since(notes, epoch):
    """What was noted from the beginning of an epoch on."""
    return notes[notes.index(["epoch", epoch]) :]


def batches(notes):
    return [line for line in notes if line[0] in ("epoch", "batch")]


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """A training that nothing interrupts."""
    notes = run(tmp_path_factory.mktemp("straight"), "straight")
    seen = [line[1] for line in notes if line[0] == "batch"]
    assert len(set(seen)) == EPOCHS * BATCHES
    return notes


@pytest.mark.parametrize("manner", ["checkpoints", "setter"])
def test_initial_epoch(manner, straight, tmp_path):
    """With `EpochSync`, or with `epoch` set; batches, losses, validation, weights and optimizer are the same bits."""
    broken = run(tmp_path, "broken", manner, stop="exit 2 1")
    assert broken == straight[: len(broken)]
    assert batches(since(broken, 2)) == batches(since(straight, 2))[:3]
    assert run(tmp_path, "resumed", manner, first=2) == since(straight, 2)


def test_backup_and_restore(straight, tmp_path):
    """Interrupted twice, by an error and without any notice, each time in the middle of an epoch."""
    broken = run(tmp_path, "broken", "backup epoch", stop="raise 1 2")
    assert broken == straight[: len(broken)]
    again = run(tmp_path, "again", "backup epoch", stop="exit 3 0")
    assert again == since(straight, 1)[: len(again)]
    assert run(tmp_path, "resumed", "backup epoch") == since(straight, 3)
    assert not (tmp_path / "backup epoch.backup").exists()


def test_backups_within_an_epoch(straight, tmp_path):
    """Keras restores the weights and begins the epoch anew: its first batches are trained on twice, and are the same.

    Interrupted once more in that epoch, it begins at epoch 0, having forgotten the number.
    """
    run(tmp_path, "broken", "backup 3", stop="exit 2 2")
    again = run(tmp_path, "again", "backup 3", stop="exit 2 3")
    assert batches(again) == batches(since(straight, 2))[: len(batches(again))]
    resumed = run(tmp_path, "resumed", "backup 3")
    assert resumed[0] == ["epoch", 0]
    assert batches(resumed) == batches(straight)
    assert resumed[-1] != straight[-1]
