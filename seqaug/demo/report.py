"""What the demo prints and draws. Imports Keras (for its version) and matplotlib."""

import statistics
import textwrap
from pathlib import Path
from typing import Literal

import keras
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

import seqaug
from seqaug import threads
from seqaug.demo.pictures import HELD_OUT, TRAIN, Pictures
from seqaug.demo.training import SEED, Result

_LAST = 5  # the accuracy jumps from epoch to epoch, so it is averaged over the last ones
_WIDTH = 79
_Corner = Literal["lower right", "upper right"]
_COLORS = ("tab:blue", "tab:orange")


def introduction(pictures: Pictures) -> str:
    """Returns what is going to be done, in sentences."""
    count = len(pictures.train.paths) + len(pictures.held_out.paths)
    sentences = (
        f"seqaug {seqaug.__version__}, Keras {keras.__version__} on {keras.backend.backend()}. "
        f"{count} pictures from scikit-image are written to files, as PNG and JPEG.",
        f"The task: tell from which of {len(pictures.classes)} sources a picture comes: {', '.join(pictures.classes)}.",
        f"Of each source, {TRAIN} pictures are trained from and {HELD_OUT} held out. Of a photograph, crops of the "
        "left half are trained from and crops of the right half held out.",
    )
    return "\n".join(textwrap.fill(sentence, _WIDTH) for sentence in sentences)


def table(results: list[Result]) -> str:
    """Returns the table of results, what its rows are, and which training came out ahead."""
    rows = [
        ("", *(result.name for result in results)),
        ("accuracy on held-out pictures (1)", *(f"{_final(result):.1%}" for result in results)),
        ("images per second delivered (2)", *(f"{result.images_per_second:,.0f}" for result in results)),
        ("step time spent waiting for data (3)", *(f"{result.waiting:.1%}" for result in results)),
    ]
    lines = [f"{name:<37}" + "".join(f"{cell:>21}" for cell in cells) for name, *cells in rows]
    lines.insert(1, "-" * len(lines[0]))
    epochs = len(results[0].accuracy)
    notes = (
        f"(1) Mean of the last {min(_LAST, epochs)} of {epochs} epochs; same first weights, seed {SEED}.",
        f"(2) The Sequence alone, without a model, from files to finished batches on {_threads()}.",
        "(3) How much of the median training step goes away with one ready batch fed again and again. Reading and "
        "augmenting also take processor time from the training, so that this is more than idle waiting.",
    )
    explained = [textwrap.fill(note, _WIDTH, subsequent_indent="    ") for note in notes]
    return "\n".join(["", *lines, "", *explained, "", textwrap.fill(_verdict(results), _WIDTH)])


def _verdict(results: list[Result]) -> str:
    without, augmented = map(_final, results)
    points = round((augmented - without) * 100, 1)
    change = "made no difference to" if points == 0 else f"{'gained' if points > 0 else 'lost'} {abs(points)} points of"
    return f"In this run, augmentation {change} held-out accuracy. Another seed may come out otherwise."


def _final(result: Result) -> float:
    return statistics.mean(result.accuracy[-_LAST:])


def _threads() -> str:
    count = threads.available_cpus()
    return "1 thread" if count == 1 else f"{count} threads"


def draw(results: list[Result], gallery: NDArray[np.float32], classes: tuple[str, ...], output: Path) -> None:
    """Writes the picture: originals beside augmented pictures, and below them the learning curves.

    Args:
        results: Of the trainings.
        gallery: `(1 + draws, classes, height, width, 3)`: originals, then the draws of each epoch.
        classes: The names of the classes.
        output: The PNG file.
    """
    figure = Figure(figsize=(12, 9.4), dpi=100, layout="constrained")
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(58, 42), hspace=0.02).ravel()
    above.suptitle("Training pictures: the original, and what augmentation makes of it in the first epochs")
    half = -(-len(classes) // 2)
    left, right = above.subfigures(1, 2, squeeze=False, wspace=0.03).ravel()
    _draw_gallery(left, gallery[:, :half], classes[:half])
    _draw_gallery(right, gallery[:, half:], classes[half:])
    accuracy, loss = below.subplots(1, 2)
    _draw_curves(accuracy, "Accuracy on held-out pictures", {r.name: r.accuracy for r in results}, "lower right")
    accuracy.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    accuracy.set_ylim(0, 1)
    _draw_curves(loss, "Loss on training pictures", {r.name: r.loss for r in results}, "upper right")
    loss.set_ylim(bottom=0)
    figure.savefig(output, format="png")


def _draw_gallery(figure: SubFigure, gallery: NDArray[np.float32], classes: tuple[str, ...]) -> None:
    """Draws one row per class and one column per draw."""
    axes = figure.subplots(len(classes), len(gallery), squeeze=False)
    for column, pictures in enumerate(gallery):
        axes[0, column].set_title("original" if column == 0 else f"epoch {column}", fontsize=9)
        for row, picture in enumerate(pictures):
            axes[row, column].imshow(np.clip(picture, 0, 1))
            axes[row, column].set(xticks=[], yticks=[])
    for row, name in enumerate(classes):
        axes[row, 0].set_ylabel(name, fontsize=9)


def _draw_curves(axes: Axes, title: str, curves: dict[str, list[float]], legend: _Corner) -> None:
    for (name, values), color in zip(curves.items(), _COLORS, strict=True):
        axes.plot(range(1, len(values) + 1), values, color=color, label=name, linewidth=2, marker="o", markersize=4)
    axes.set(title=title, xlabel="epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlim(left=0)
    axes.grid(alpha=0.3)
    axes.legend(loc=legend)
