"""The demo: a small network trained from picture files, with and without augmentation, and what came of it.

Importing this imports none of the demo's extras: `run` first looks whether they are there.
"""

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from seqaug.demo.errors import DemoError
from seqaug.progress import Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqaug.demo.pictures import Pictures
    from seqaug.demo.training import Result

__all__ = ["DemoError", "run"]

EPOCHS, QUICK_EPOCHS = 40, 3


def run(output: Path, *, epochs: int | None = None, quick: bool = False) -> None:
    """Trains twice, prints a table and draws a picture.

    Args:
        output: The PNG file to write.
        epochs: Epochs of each training; None means 40, or 3 when `quick`.
        quick: Whether to shorten the measurements too.

    Raises:
        DemoError: `output` cannot be written, or an extra or its data is missing. Found out before any training.
    """
    from seqaug.demo import requirements

    started = time.perf_counter()
    requirements.check_output(output)
    with Progress() as progress:
        progress.show("Loading Keras and its backend ...")
        requirements.import_extras()
        # Only now: these import Keras and matplotlib.
        from seqaug.demo import report

        results, shown, gallery = _train(progress, epochs or (QUICK_EPOCHS if quick else EPOCHS), quick)
        progress.done(report.table(results))
        progress.show("Drawing ...")
        report.draw(results, gallery, shown.classes, output)
        progress.done(f"\nPictures and learning curves: {output}  ({time.perf_counter() - started:.0f} s in all)")


def _train(progress: Progress, epochs: int, quick: bool) -> "tuple[list[Result], Pictures, NDArray[np.float32]]":
    """Writes the pictures, trains on them in both ways, and makes some to look at."""
    from seqaug.demo import pictures, report, training

    with tempfile.TemporaryDirectory(prefix="seqaug-demo-") as folder:
        shown = pictures.write(Path(folder), pictures.data_folder())
        progress.done(report.introduction(shown))
        results = [
            training.train(name, augment, shown, epochs, progress, rounds=1 if quick else 3)
            for name, augment in training.AUGMENTATIONS.items()
        ]
        return results, shown, training.gallery(shown)
