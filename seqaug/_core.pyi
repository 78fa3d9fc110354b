"""The compiled part of seqaug; see _core.pyx. Private: names and signatures may change."""

from collections.abc import Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Buffer

BORDERS: tuple[str, str, str, str, str]
COLOURS: tuple[str, ...]
STEP_ROWS: int
MOST_STEPS: int
MOST_BINS: int

@final
class Block(Buffer):
    def __new__(cls, size: int) -> Block: ...

@final
class FileMap(Buffer):
    def __new__(cls, file: int, size: int) -> FileMap: ...

def release_memory() -> int: ...
def use_cpu(name: str | None = None) -> str: ...
def affine(
    source: NDArray[Any],
    target: NDArray[Any],
    matrix: NDArray[np.float64],
    order: int,
    border: str,
    fill: NDArray[np.float64],
) -> None: ...
def flip(source: NDArray[Any], target: NDArray[Any], horizontal: bool, vertical: bool) -> None: ...
def resample(
    sources: list[NDArray[Any]] | NDArray[Any],
    target: NDArray[Any],
    matrices: NDArray[np.float64],
    orders: NDArray[np.uint8],
    border: str,
    kinds: Sequence[str],
    colour: NDArray[np.float64] | None,
    fill: NDArray[np.float64],
    fill_step: int,
    shrink: NDArray[np.int64] | None,
    windows: NDArray[np.int64] | None = None,
    rows: NDArray[np.int64] | None = None,
    holes: NDArray[np.int64] | None = None,
    hole_fill: NDArray[np.float64] | None = None,
    hole_keys: NDArray[np.uint64] | None = None,
    hole_step: int = 0,
    fields: NDArray[np.float32] | None = None,
) -> None: ...
def mix(
    sources: list[NDArray[Any]] | NDArray[Any],
    target: NDArray[Any],
    own: NDArray[np.int64],
    partners: NDArray[np.int64],
    boxes: NDArray[np.int64],
    weights: NDArray[np.float64],
    rows: NDArray[np.int64] | None = None,
) -> None: ...
def shift(source: NDArray[np.float32], amount: float, low: float, high: float, target: NDArray[np.float32]) -> None: ...
def look_up(
    source: NDArray[np.float32],
    tables: NDArray[np.float32],
    low: float,
    extent: float,
    scaled: bool,
    target: NDArray[np.float32],
) -> None: ...
def bits(key: int, slot: int, epoch: int, ids: NDArray[np.uint32], first: int, words: NDArray[np.uint32]) -> None: ...
def uniforms(
    key: int, slot: int, epoch: int, ids: NDArray[np.uint32], first: int, out: NDArray[np.float64]
) -> None: ...
def sincos(turns: NDArray[np.float64], sine: NDArray[np.float64], cosine: NDArray[np.float64]) -> None: ...
def exp(x: NDArray[np.float64], out: NDArray[np.float64]) -> None: ...
def log(x: NDArray[np.float64], out: NDArray[np.float64]) -> None: ...
def compose(outer: NDArray[np.float64], inner: NDArray[np.float64], out: NDArray[np.float64]) -> None: ...
def random_windows(
    numbers: NDArray[np.float64],
    heights: NDArray[np.float64],
    widths: NDArray[np.float64],
    scale: tuple[float, float],
    ratio: tuple[float, float],
    out: NDArray[np.float64],
) -> None: ...
def narrow(
    maps: NDArray[np.float64],
    heights: NDArray[np.float64],
    widths: NDArray[np.float64],
    windows: NDArray[np.float64],
) -> None: ...
def reduce(maps: NDArray[np.float64], windows: NDArray[np.float64], least: float, sizes: NDArray[np.int64]) -> int: ...
def blur(
    source: NDArray[np.float32],
    target: NDArray[np.float32],
    size: tuple[int, int],
    sigma: tuple[float, float],
    low: float,
    high: float,
) -> None: ...
def sharpen(
    source: NDArray[np.float32] | NDArray[np.uint8],
    target: NDArray[np.float32],
    strength: float,
    low: float,
    high: float,
) -> None: ...
def clahe(
    source: NDArray[np.float32],
    target: NDArray[np.float32],
    grid: tuple[int, int],
    limit: float,
    low: float,
    high: float,
) -> None: ...
def noise(key: int, part: int, target: NDArray[np.float32]) -> None: ...
def elastic(key: int, alpha: float, sigma: float, field: NDArray[np.float32]) -> None: ...
def displace(field: NDArray[np.float32], points: NDArray[np.float64], out: NDArray[np.float64]) -> None: ...
