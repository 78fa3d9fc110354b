"""Shows how seqaug's time grows with sizes, channels and threads: `python -m benchmarks.scaling`.

    python -m benchmarks.scaling [--quick] [--rounds 5] [--json FILE] [--chart FILE.png]

Batches of a flip, a rotation by up to 15 degrees and a rescaling, uint8 to float32, from 32×32 to 4096×4096.
"""

import argparse
import json
import os
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import startup  # noqa: F401
from benchmarks.chart import draw_scaling
from benchmarks.jobs import Case, require_equal
from benchmarks.measure import Spread, interleave, spread
from benchmarks.photographs import photograph
from benchmarks.report import setup
from seqaug import Pipeline, RandomFlip, RandomRotation, Rescaling, _core

SIDES = (32, 64, 128, 256, 512, 1024, 2048, 4096)
CHANNELS = (1, 3, 4, 8)
THREADS = (1, 2)
# A batch has so many pixels, but between 2 and 256 images.
PIXELS = 1 << 21


def main() -> None:
    arguments = _arguments()
    rounds = arguments.rounds or (3 if arguments.quick else 5)
    facts = setup(_core.use_cpu(os.environ.get("SEQAUG_CPU")))
    for name, value in facts.items():
        print(f"{name}: {value}")
    print(f"rounds: {rounds}\n")
    print("Nanoseconds per pixel of all channels, median wall time (quartiles), by channels and threads:\n")
    keys = [(channels, threads) for channels in CHANNELS for threads in THREADS]
    print("size        batch  " + "  ".join(f"{f'{c} ch, {t} thr':<19}" for c, t in keys), flush=True)
    lines: dict[tuple[int, int], dict[int, float]] = {key: {} for key in keys}
    rows = []
    for side in SIDES[:3] if arguments.quick else SIDES:
        size = max(2, min(256, PIXELS // side**2))
        found: dict[tuple[int, int], Spread] = {}
        for channels in CHANNELS:
            for threads, times in _timed(side, channels, size, rounds, 0.001 if arguments.quick else 0.02).items():
                found[channels, threads] = times
                lines[channels, threads][side] = times.median
                row = {"side": side, "batch": size, "channels": channels, "threads": threads}
                rows.append(row | {"median": times.median, "low": times.low, "high": times.high})
        cells = (f"{f'{v.median:.2f} ({v.low:.2f} … {v.high:.2f})':<19}" for v in (found[key] for key in keys))
        print(f"{f'{side}×{side}':<10}  {size:>5}  " + "  ".join(cells), flush=True)
    if arguments.json:
        report = {"setup": facts, "rounds": rounds, "quick": arguments.quick, "unit": "ns per pixel", "rows": rows}
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    if arguments.chart:
        draw_scaling(lines, arguments.chart, facts["CPU"])


def _timed(side: int, channels: int, size: int, rounds: int, seconds: float) -> dict[int, Spread]:
    """Returns nanoseconds per pixel, by threads."""
    pipeline = Pipeline([RandomFlip("horizontal"), RandomRotation(degrees=15, fill_mode="nearest"), Rescaling(1 / 255)])
    # One picture, many times: copies of the largest would not fit into memory.
    image = photograph(Case((side, side, channels), "uint8"))
    images = np.broadcast_to(image, (size, *image.shape))
    require_equal("two threads", pipeline(images, seed=7, threads=2), pipeline(images, seed=7))
    epochs = count()
    times = interleave(
        {str(threads): partial(_augmented, pipeline, images, epochs, threads) for threads in THREADS},
        rounds,
        seconds,
    )
    pixels = size * side**2
    return {int(name): spread([value / pixels * 1e9 for value in taken.wall]) for name, taken in times.items()}


def _augmented(pipeline: Pipeline, images: NDArray[Any], epochs: count, threads: int) -> object:
    return pipeline(images, seed=7, epoch=next(epochs), threads=threads)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description="Times by sizes and threads.")
    parser.add_argument("--quick", action="store_true", help="few sizes and rounds: to see that it works")
    parser.add_argument("--rounds", type=int, help="timings of each kind (5; with --quick 3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to this file")
    parser.add_argument("--chart", type=Path, metavar="FILE.png", help="draw the results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
