"""Pictures of the results. Matplotlib is loaded when one is asked for."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.report import Row

MET, MISSED, PLAIN = "#2a7f62", "#c8553d", "#5b7a99"


def draw_ratios(rows: Sequence[Row], file: Path, caption: str) -> None:
    """Draws a bar for each ratio, its quartiles, and a mark at its target.

    Of rows that differ in height and width only, the first is drawn.
    """
    chosen = _first_sizes(rows)
    pyplot = _pyplot()
    places, ticks, place = [], [], 0.0
    heads: list[tuple[float, str]] = []
    for name, group in groupby(chosen, key=lambda row: row.job.name):
        place += 1.15
        heads.append((place, name))
        for row in group:
            place += 1.0
            places.append(place)
            ticks.append(f"{row.comparison.peer}, {row.job.case.size} {row.job.case.dtype}")
    figure, axes = pyplot.subplots(figsize=(10, 1.4 + 0.21 * place), layout="constrained")
    for row, y in zip(chosen, places, strict=True):
        _bar(axes, row, y)
    for y, name in heads:
        axes.text(0.0, y + 0.1, f" {name}", transform=axes.get_yaxis_transform(), va="center", weight="bold", size=8.5)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xscale("log")
    low = min(0.5, *(row.ratio.low for row in chosen))
    high = max(2.0, *(row.ratio.high for row in chosen))
    axes.set_xlim(low * 0.8, high * 1.9)
    marks = [mark for mark in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200) if low * 0.8 <= mark <= high * 1.9]
    axes.set_xticks(marks, [f"{mark:g}×" for mark in marks])
    axes.minorticks_off()
    axes.set_yticks(places, ticks, size=8)
    axes.set_ylim(place + 0.9, 0.4)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_title("Time of the peer by time of seqaug: right of 1× seqaug is faster", size=11, loc="left")
    axes.set_xlabel(f"Median and quartiles; black mark: the target. {caption}", size=8.5)
    figure.savefig(file, dpi=110)
    pyplot.close(figure)


def draw_scaling(lines: dict[tuple[int, int], dict[int, float]], file: Path, caption: str) -> None:
    """Draws nanoseconds per pixel over the side of a square image, a line for each (channels, threads)."""
    pyplot = _pyplot()
    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    channels = sorted({key[0] for key in lines})
    for (count, threads), values in lines.items():
        axes.plot(
            list(values),
            list(values.values()),
            color=f"C{channels.index(count)}",
            linestyle="-" if threads == 1 else "--",
            marker="o",
            markersize=3,
            label=f"{count} channel{'s' * (count > 1)}, {threads} thread{'s' * (threads > 1)}",
        )
    sides = sorted({side for values in lines.values() for side in values})
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(sides, [f"{side}²" for side in sides])
    axes.minorticks_off()
    low = min(min(values.values()) for values in lines.values())
    high = max(max(values.values()) for values in lines.values())
    marks = [mark for mark in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if low * 0.7 <= mark <= high * 1.4]
    axes.set_yticks(marks, [f"{mark:g}" for mark in marks])
    axes.set_title("Flip, rotate, rescale, uint8 to float32: nanoseconds per pixel", size=11, loc="left")
    axes.set_xlabel(f"Size of an image. {caption}", size=8.5)
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.legend(fontsize=8, ncols=4, loc="center", bbox_to_anchor=(0.5, 0.65))  # above all but many channels
    figure.savefig(file, dpi=110)
    pyplot.close(figure)


def _first_sizes(rows: Sequence[Row]) -> list[Row]:
    seen: dict[Any, Row] = {}
    for row in rows:
        seen.setdefault((row.job.name, row.comparison.peer, row.job.case.dtype, row.job.case.shape[2]), row)
    return sorted(seen.values(), key=lambda row: [other.job.name for other in rows].index(row.job.name))


def _bar(axes: Any, row: Row, y: float) -> None:
    ratio, target = row.ratio, row.comparison.target
    color = PLAIN if target is None else MET if ratio.median >= target else MISSED
    # Bars of a logarithmic axis begin at 1.
    axes.barh(y, ratio.median - 1, left=1, height=0.72, color=color)
    axes.plot([ratio.low, ratio.high], [y, y], color="black", linewidth=0.8)
    if target is not None:
        axes.plot([target, target], [y - 0.42, y + 0.42], color="black", linewidth=2)
    end = max(ratio.high, target or 0, 1) * 1.04
    axes.text(end, y, f"{ratio.median:.3g}×", va="center", size=8)


def _pyplot() -> Any:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    return plt
