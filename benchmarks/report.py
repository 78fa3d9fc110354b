"""What was measured, on what, and how it came out: as a table and as JSON."""

import os
import platform
import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.jobs import Comparison, Job
from benchmarks.measure import Spread, Times, ratios, spread

HEADINGS = (
    "job",
    "size",
    "dtype",
    "seqaug ms",
    "peer",
    "peer ms",
    "ratio (quartiles)",
    "CPU ratio",
    "target",
    "result",
)
RIGHT = {"seqaug ms", "peer ms", "CPU ratio", "target"}
LEGEND = """\
ratio: the peer's wall time by seqaug's in the same round, median and quartiles over rounds; above 1 seqaug is faster.
CPU ratio: the same of CPU time, all threads counted. ms: median wall time per call, per batch, or per step.
result: equal bits, or how far values are apart, as checked before the timing (OpenCV has its own arithmetic).
affine, exact: Keras beside the public function, both allocating; SciPy and OpenCV beside the kernel, into used memory.
affine, bilinear and nearest neighbour: the pipeline's kernel beside warpAffine, both into a used output.
ImageDataGenerator: the drop-in beside Keras's own class, the same draws and the same bits.
flip: seqaug's kernel, OpenCV, "NumPy, out" and the plain copy write into a used output; "NumPy" allocates.
batch: each contestant draws its own numbers in the timed call; ImageDataGenerator is given float32, as it demands.
convert and scale: one np.multiply of each image into the batch, the least that a uint8 picture needs; at a ratio of
  1/3.2 seqaug takes 3.2 times as long. step of model.fit: at a ratio of 1/1.08 a step takes 1.08 times as long."""


@dataclass(frozen=True)
class Row:
    """One comparison, measured."""

    job: Job
    comparison: Comparison
    ours: Times
    peer: Times

    @property
    def ratio(self) -> Spread:
        """Wall time of the peer by ours."""
        return ratios(self.peer.wall, self.ours.wall)

    @property
    def cpu_ratio(self) -> Spread | None:
        """CPU time of the peer by ours, or None where the system's clock of CPU time is too coarse (Windows)."""
        return ratios(self.peer.cpu, self.ours.cpu) if all(self.ours.cpu) else None

    @property
    def verdict(self) -> str:
        """The target, and whether the median ratio reaches it."""
        target = self.comparison.target
        ratio = self.cpu_ratio if self.comparison.by_cpu and self.cpu_ratio else self.ratio
        return "" if target is None else f"≥ {target:.3g} {'met' if ratio.median >= target else 'MISSED'}"

    def cells(self) -> tuple[str, ...]:
        """The texts under `HEADINGS`."""
        ratio, cpu_ratio = self.ratio, self.cpu_ratio
        return (
            self.job.name,
            self.job.case.size,
            self.job.case.dtype,
            _milliseconds(spread(self.ours.wall).median),
            self.comparison.peer,
            _milliseconds(spread(self.peer.wall).median),
            f"{ratio.median:.2f} ({ratio.low:.2f} … {ratio.high:.2f})",
            f"{cpu_ratio.median:.2f}" if cpu_ratio else "n/a",
            self.verdict,
            self.comparison.agreement,
        )

    def as_json(self) -> dict[str, Any]:
        """Everything, with the times of each round in seconds."""
        cpu_ratio = self.cpu_ratio
        return {
            "job": self.job.name,
            "shape": self.job.case.shape,
            "dtype": self.job.case.dtype,
            **asdict(self.comparison),
            "ratio": asdict(self.ratio),
            "cpu_ratio": asdict(cpu_ratio) if cpu_ratio else None,
            "ours_seconds": asdict(self.ours),
            "peer_seconds": asdict(self.peer),
        }


def setup(variant: str) -> dict[str, str]:
    """Returns the machine, the kernels' variant and the versions of all packages that take part."""
    result = {"CPU": _cpu_model(), "CPUs": str(os.cpu_count()), "system": platform.platform()}
    result |= {"kernels": variant, "Python": platform.python_version()}
    packages = ("seqaug", "numpy", "scipy", "keras", "tensorflow", "albumentations")
    for name in (*packages, "opencv-python-headless", "opencv-python"):
        try:
            result[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            if name != "opencv-python":  # the same as the headless one, and hardly anyone has both
                result[name] = "not installed"
    return result


def table(rows: list[Row]) -> str:
    """Returns the rows under their headings, in columns."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = "  ".join("-" * width for width in widths)
    texts = [
        "  ".join(
            cell.rjust(width) if heading in RIGHT else cell.ljust(width)
            for cell, width, heading in zip(line, widths, HEADINGS, strict=True)
        ).rstrip()
        for line in lines
    ]
    return "\n".join([texts[0], rule, *texts[1:]])


def markdown(rows: list[Row]) -> str:
    """Returns the rows as a table in Markdown, without what is the same in most."""
    lines = ["| job | images | peer | ratio (quartiles) | CPU | ours / peer, ms | target |", "|" + "---|" * 7]
    for row in rows:
        name, size, dtype, ours, peer, theirs, ratio, cpu, verdict, _ = row.cells()
        verdict = verdict.replace("MISSED", "**missed**")
        lines.append(f"| {name} | {size} {dtype} | {peer} | {ratio} | {cpu} | {ours} / {theirs} | {verdict} |")
    return "\n".join(lines)


def _milliseconds(seconds: float) -> str:
    value = seconds * 1e3
    return f"{value:.0f}" if value >= 100 else f"{value:.{2 if value >= 1 else 4}f}"


def _cpu_model() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
