"""Settles which seqaug is measured and that all use one thread. To be imported before NumPy, TensorFlow and OpenCV.

Python looks in the current folder first, where a checkout has the folder `seqaug` without a compiled module unless it
was installed with `pip install -e`. If there is no compiled module in it, the checkout leaves Python's path here, and
the installed seqaug is taken.
"""

import io
import os
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# One thread, and less chatter.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow", NO_ALBUMENTATIONS_UPDATE="1")

if not any(path.suffix in (".so", ".pyd") for path in (ROOT / "seqaug").glob("_core.*")):
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != ROOT]  # "" is the current folder
for needed in ("seqaug", "skimage"):  # scikit-image has the photographs, and brings SciPy
    if find_spec(needed) is None:
        raise SystemExit(f'{needed} is not installed. In the root of the checkout: pip install -e ".[bench]"')
if isinstance(sys.stdout, io.TextIOWrapper):
    sys.stdout.reconfigure(errors="replace")  # not every console has × and ≥
