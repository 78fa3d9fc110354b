"""Two hundred epochs over a small folder of photographs: memory and file descriptors stay where they are."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import skimage.data
from PIL import Image

import seqaug

PHOTOS = [skimage.data.astronaut(), skimage.data.coffee(), skimage.data.chelsea(), skimage.data.rocket()]
COUNT, HEIGHT, WIDTH = 24, 120, 160
HEAD = f"""
import gc, json, os, sys, tracemalloc
import keras, numpy as np
from pathlib import Path
from seqaug import *
def state():
    gc.collect()
    cache = sequence.data.table.source.cache
    if cache is not None:
        cache.flush()
    resident = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS"))
    return [tracemalloc.get_traced_memory()[0], resident, len(os.listdir("/proc/self/fd"))]
sequence = AugmentedSequence(
    sorted(str(path) for path in Path(sys.argv[1]).iterdir()), np.arange({COUNT}) % 3, batch_size=8, seed=7, threads=2,
    image_size=(64, 64), augment=[RandomFlip(), RandomRotation(degrees=15), Rescaling(1 / 255)],
    cache=sys.argv[2] or None, on_error="replace",
)
tracemalloc.start()
states = []
"""
BY_HAND = """
for epoch in range(200):
    for x, y in sequence:
        assert x.shape == (8, 64, 64, 3)
    if epoch in (19, 199):
        states.append(state())
"""
FIT = """
class Note(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch in (19, 199):
            states.append(state())
model = keras.Sequential([keras.Input((64, 64, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(3)])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(sequence, epochs=200, verbose=0, shuffle=False, callbacks=[Note()])
"""
TAIL = """
assert sequence.epoch == 200
print(json.dumps([list(sequence.broken), *states]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Photographs of several sizes, one of which is cut off."""
    root = tmp_path_factory.mktemp("photographs")
    for i in range(COUNT):
        photo = Image.fromarray(PHOTOS[i % 4]).crop((5 * i, 3 * i, 5 * i + WIDTH + i, 3 * i + HEIGHT + i))
        photo.save(root / f"{i:02}.jpg", quality=92)
    whole = (root / "11.jpg").read_bytes()
    (root / "11.jpg").write_bytes(whole[: len(whole) // 2])
    return root


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc on this system")
@pytest.mark.parametrize("loop", ["by hand", "fit"])
@pytest.mark.parametrize("cache", [None, "memory", "folder"])
def test_flat(folder, tmp_path, cache, loop):
    """Were the pictures of all epochs kept, it would be 250 MiB; were ten bytes of each, 40 KiB."""
    where = str(tmp_path / "cache") if cache == "folder" else cache or ""
    paths = os.pathsep.join([str(Path(seqaug.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    result = subprocess.run(
        [sys.executable, "-P", "-c", HEAD + (FIT if loop == "fit" else BY_HAND) + TAIL, str(folder), where],
        env={**os.environ, "PYTHONPATH": paths, "KERAS_BACKEND": "tensorflow"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    broken, before, after = json.loads(result.stdout.splitlines()[-1])
    assert broken == [str(folder / "11.jpg")]
    assert result.stderr.count("1 broken file, replaced by other samples 1 time.") == 200
    assert result.stderr.count("Cannot read") == 1
    traced, resident, descriptors = (last - first for first, last in zip(before, after, strict=True))
    assert descriptors == 0
    assert resident < 8 * 1024
    assert traced < (16 << 10 if loop == "by hand" else 128 << 10)  # Keras and TensorFlow note a little of each epoch
