"""Measures seqaug beside its peers and prints ratios: `python -m benchmarks`, in the root of a checkout.

    pip install ".[bench]"
    python -m benchmarks [--quick] [--only affine|flip|sequence] [--rounds 15] [--json FILE]

All contestants of a job take turns in every round and use one thread. Results are checked before they are timed.

Which seqaug is measured: Python looks in the current folder first, where a checkout has the folder `seqaug` without a
compiled module unless it was installed with `pip install -e`. If there is no compiled module in it, this program leaves
the checkout out of Python's path and takes the installed seqaug.
"""

import argparse
import io
import json
import os
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# One thread, and less chatter: to be said before NumPy and TensorFlow are loaded.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow")

if not any(path.suffix in (".so", ".pyd") for path in (ROOT / "seqaug").glob("_core.*")):
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != ROOT]  # "" is the current folder
for needed in ("seqaug", "skimage"):  # scikit-image has the photographs, and brings SciPy
    if find_spec(needed) is None:
        raise SystemExit(f'{needed} is not installed. In the root of the checkout: pip install -e ".[bench]"')

from benchmarks import affine, flip, sequence  # noqa: E402
from benchmarks.jobs import Group  # noqa: E402
from benchmarks.measure import interleave  # noqa: E402
from benchmarks.peers import Peers  # noqa: E402
from benchmarks.report import LEGEND, Row, setup, table  # noqa: E402
from seqaug import _core  # noqa: E402

GROUPS: dict[str, Group] = {"affine": affine.jobs, "flip": flip.jobs, "sequence": sequence.jobs}


def main() -> None:
    arguments = _arguments()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every console has × and ≥
    rounds = arguments.rounds or (3 if arguments.quick else 15)
    seconds = 0.001 if arguments.quick else 0.005
    # Python has no way to ask; choosing again what the import chose tells its name.
    facts = setup(_core.use_cpu(os.environ.get("SEQAUG_CPU")))
    for name, value in facts.items():
        print(f"{name}: {value}")
    print(f"rounds: {rounds}, one thread each\n", flush=True)

    peers = Peers()
    rows: list[Row] = []
    # Keras's affine transform reaches SciPy by a deprecated name, at every call.
    warnings.simplefilter("ignore", DeprecationWarning)
    for name in [arguments.only] if arguments.only else GROUPS:
        for job in GROUPS[name](peers, arguments.quick):
            times = interleave(job.contestants, rounds, seconds)
            measured = [Row(job, pair, times[pair.ours], times[pair.peer]) for pair in job.comparisons]
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


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures seqaug beside its peers.")
    parser.add_argument("--quick", action="store_true", help="few sizes and rounds: to see that it works")
    parser.add_argument("--only", choices=list(GROUPS), help="one group of measurements")
    parser.add_argument("--rounds", type=_rounds, help="timings of each contestant (15; with --quick 3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all times to this file")
    return parser.parse_args()


def _rounds(text: str) -> int:
    value = int(text)
    if value < 2:
        raise argparse.ArgumentTypeError("at least 2, for there to be a spread")
    return value


if __name__ == "__main__":
    main()
