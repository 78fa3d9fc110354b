"""The drop-in for tf.keras.preprocessing.image beside Keras's own: batches of 32 at 224×224, one thread, equal bits."""

import contextlib
import io
import warnings
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.jobs import Case, Comparison, Job, require_equal
from benchmarks.measure import Call
from benchmarks.peers import Peers
from benchmarks.photographs import photographs

SIZE = 32
CASE, FILE = Case((224, 224, 3), "float32"), Case((375, 500, 3), "uint8")
QUALITY = 92
TURNED = {"rotation_range": 15, "horizontal_flip": True}
ALL = {**TURNED, "width_shift_range": 0.1, "height_shift_range": 0.1, "shear_range": 10, "zoom_range": 0.1}
# What the generator does, and the ratio aimed at.
ARRAYS: tuple[tuple[str, dict[str, Any], float | None], ...] = (
    ("rotation, flip", TURNED, 11.0),
    ("rotation, shifts, shear, zoom, flip", ALL, 11.0),
    ("rotation, flip, rescale", {**TURNED, "rescale": 1 / 255}, None),
    ("brightness", {"brightness_range": (0.5, 1.5)}, None),
    ("channel shift", {"channel_shift_range": 30.0}, None),
    ("rotation, cubic spline", {"rotation_range": 15, "interpolation_order": 3}, None),
)
FILES = 4.0


def jobs(peers: Peers, quick: bool) -> Iterator[Job]:
    """Yields a job per set of arguments, and one over JPEG files. Without TensorFlow there is none."""
    if peers.tensorflow is None:
        return
    from seqaug.preprocessing.image import ImageDataGenerator

    kinds = {"seqaug": ImageDataGenerator, "Keras": peers.tensorflow.keras.preprocessing.image.ImageDataGenerator}
    images = photographs(CASE, 2 * SIZE)
    for name, arguments, target in ARRAYS[:1] if quick else ARRAYS:
        flows = {who: kind(**arguments).flow(images, batch_size=SIZE, seed=7) for who, kind in kinds.items()}
        yield _job(f"ImageDataGenerator.flow: {name}", CASE, flows, target)
    with TemporaryDirectory() as folder:
        _write(Path(folder))
        with contextlib.redirect_stdout(io.StringIO()):
            flows = {
                who: kind(**TURNED).flow_from_directory(folder, (224, 224), batch_size=SIZE, seed=7)
                for who, kind in kinds.items()
            }
        yield _job("ImageDataGenerator.flow_from_directory: JPEG to 224×224, rotation, flip", FILE, flows, FILES)


def _job(name: str, case: Case, flows: dict[str, Any], target: float | None) -> Job:
    flows["seqaug"].threads = 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        first = {who: np.asarray(_images(flow[0])) for who, flow in flows.items()}
    agreement = require_equal(name, first["seqaug"], first["Keras"])
    contestants: dict[str, Call] = {who: _indexed(flow) for who, flow in flows.items()}
    return Job(name, case, contestants, [Comparison("seqaug", "Keras", agreement, target)])


def _images(batch: Any) -> Any:
    return batch[0] if isinstance(batch, tuple) else batch


def _indexed(flow: Any) -> Call:
    indices = cycle(range(len(flow)))
    return lambda: flow[next(indices)]


def _write(folder: Path) -> None:
    for i, image in enumerate(photographs(FILE, 2 * SIZE)):
        (folder / f"class{i % 2}").mkdir(exist_ok=True)
        Image.fromarray(image).save(folder / f"class{i % 2}" / f"{i}.jpg", quality=QUALITY)
