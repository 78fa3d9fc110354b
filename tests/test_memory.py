"""Memory stays where it is: over thousands of batches, previews, plans and views."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import seqaug

HEAD = """
import numpy as np
from seqaug import *
def resident():  # in KiB
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS"))
images = (np.arange(64 * 64 * 64 * 3) % 251).astype("u1").reshape(64, 64, 64, 3)
masks = (np.arange(64 * 64 * 64) % 7).astype("i8").reshape(64, 64, 64)
augment = [RandomRotation(0.1, "wrap"), RandomTranslation(0.1, 0.1, "constant"), RandomContrast((0.2, 0.2))]
sequence = AugmentedSequence(
    images, {"labels": np.arange(64), "segmentation_masks": masks}, augment=augment, batch_size=16, seed=7, threads=2
)
assert len(sequence.pipeline.stages) > 1
"""
TAIL = """
for i in range(WARM): work(i)
before = resident()
for i in range(COUNT): work(i)
print(resident() - before)
"""
# What is done over and over, how often, and how many KiB one time would take if it were kept.
WORK = {
    "batches": ("sequence.batch(i % 4, i // 4)", 2000, 1280),
    "setting the seed": ("sequence.seed = i; sequence[0]", 1000, 1280),
    "threads": ("sequence.threads = 1 + i % 5; sequence[i % 4]", 1000, 1280),
    "previews": ("sequence.preview(2, 2)", 700, 80),
    "plans": ("sequence.plan(i % 4)", 12000, 3),
    "views": ("sequence.split(0.5)[0].shard(0, 2)[0]; sequence.evaluation()[i % 4]", 400, 1280),
    "configurations": ("AugmentedSequence.from_config(sequence.get_config(), images, sequence_y)", 9000, 4),
    "errors": ("try: sequence[99]\n    except IndexError: pass", 40000, 1),
}


@pytest.fixture(scope="module")
def grown():
    """By how many KiB a process has grown over each kind of work, in one process: most of its time it starts."""
    code = f"{HEAD}sequence_y = {{'labels': np.arange(64), 'segmentation_masks': masks}}\n"
    for work, count, _ in WORK.values():
        code += f"def work(i):\n    {work}\n"
        code += TAIL.replace("WARM", str(count // 10)).replace("COUNT", str(count))
    paths = os.pathsep.join([str(Path(seqaug.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": paths, "KERAS_BACKEND": "tensorflow"}
    result = subprocess.run(
        [sys.executable, "-P", "-c", code], env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert result.returncode == 0, result.stderr[-2000:]
    return dict(zip(WORK, map(int, result.stdout.split()[-len(WORK) :]), strict=True))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc on this system")
@pytest.mark.parametrize("what", WORK)
def test_nothing_is_kept(what, grown):
    """Allowed is a hundredth of what would be kept, and 4 MiB for the allocator's moods."""
    _, count, size = WORK[what]
    assert count * size > 8 * 4096  # or the test could not tell
    assert grown[what] < 4096 + count * size // 100
