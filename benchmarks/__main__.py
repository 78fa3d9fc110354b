"""Measures seqaug beside its peers and prints ratios: `python -m benchmarks`, in the root of a checkout.

    pip install ".[bench]"
    python -m benchmarks [--quick] [--only GROUP] [--rounds 15] [--json FILE] [--chart FILE.png] [--markdown FILE]

All contestants of a job take turns in every round and use one thread, unless the job says otherwise. Results are
checked before they are timed. `python -m benchmarks.scaling` shows how times grow with sizes, channels and threads.
"""

import argparse
import json
import os
import warnings
from pathlib import Path

from benchmarks import (
    affine,
    bare,
    colour,
    files,
    fitting,
    flip,
    legacy,
    python_side,
    sequence,
    startup,  # noqa: F401
    transforms,
)
from benchmarks.chart import draw_ratios
from benchmarks.jobs import Group, Job
from benchmarks.measure import Times, interleave
from benchmarks.peers import Peers
from benchmarks.report import LEGEND, Row, markdown, setup, table
from seqaug import _core

GROUPS: dict[str, Group] = {
    "sequence": sequence.jobs,
    "colour": colour.jobs,
    "crop": colour.crops,
    "layers": transforms.layers,
    "bytes": transforms.colours,
    "recipe": transforms.recipes,
    "bare": bare.jobs,
    "flip": flip.jobs,
    "affine": affine.jobs,
    "legacy": legacy.jobs,
    "files": files.jobs,
    "draw": python_side.draws,
    "threads": python_side.threads,
    "fit": fitting.jobs,
}


def main() -> None:
    arguments = _arguments()
    rounds = arguments.rounds or (3 if arguments.quick else 15)
    seconds = 0.001 if arguments.quick else 0.005
    # Python has no way to ask; choosing again what the import chose tells its name.
    facts = setup(_core.use_cpu(os.environ.get("SEQAUG_CPU")))
    for name, value in facts.items():
        print(f"{name}: {value}")
    print(f"rounds: {rounds}, one thread each unless said\n", flush=True)

    peers = Peers()
    rows: list[Row] = []
    # Keras's affine transform reaches SciPy by a deprecated name, at every call.
    warnings.simplefilter("ignore", DeprecationWarning)
    for name in [arguments.only] if arguments.only else GROUPS:
        for job in GROUPS[name](peers, arguments.quick):
            measured = _measured(job, rounds, seconds)
            rows += measured
            found = ", ".join(f"{row.comparison.peer} {row.ratio.median:.2f}" for row in measured)
            print(f"{job.name} {job.case.size} {job.case.dtype}: {found or 'no peer'}", flush=True)

    targets = [row for row in rows if row.verdict]
    print(f"\n{table(rows)}\n\n{LEGEND}\n")
    if targets:
        print(f"Targets met: {sum('met' in row.verdict for row in targets)} of {len(targets)}.")
    for line in peers.skipped:
        print(line)
    if arguments.json:
        report = {"setup": facts, "rounds": rounds, "quick": arguments.quick, "skipped": peers.skipped}
        arguments.json.write_text(json.dumps(report | {"rows": [row.as_json() for row in rows]}, indent=1) + "\n")
    if arguments.markdown:
        arguments.markdown.write_text(markdown(targets or rows) + "\n", encoding="utf-8")
    if arguments.chart:
        draw_ratios(targets or rows, arguments.chart, f"{facts['CPU']}, kernels {facts['kernels']}")


def _measured(job: Job, rounds: int, seconds: float) -> list[Row]:
    times = dict(job.timing(rounds) if job.timing else interleave(job.contestants, rounds, seconds))
    for pair in job.comparisons:
        if pair.budget is not None:
            times[pair.peer] = Times([pair.budget] * rounds, [pair.budget] * rounds)
    return [Row(job, pair, times[pair.ours], times[pair.peer]) for pair in job.comparisons]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures seqaug beside its peers.")
    parser.add_argument("--quick", action="store_true", help="few sizes and rounds: to see that it works")
    parser.add_argument("--only", choices=list(GROUPS), help="one group of measurements")
    parser.add_argument("--rounds", type=_rounds, help="timings of each contestant (15; with --quick 3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all times to this file")
    parser.add_argument("--chart", type=Path, metavar="FILE.png", help="draw the ratios that have targets")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the ratios that have targets as a table")
    return parser.parse_args()


def _rounds(text: str) -> int:
    value = int(text)
    if value < 2:
        raise argparse.ArgumentTypeError("at least 2, for there to be a spread")
    return value


if __name__ == "__main__":
    main()
