"""Gamma, beta and Dirichlet variates from keyed uniform numbers, the same bits on every machine.

`first` is the first number of a sample's stream (see `Draws.uniforms`) that a function uses.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from seqaug import _core
from seqaug.randomness import Draws

Floats = NDArray[np.float64]
Shape = float | Floats  # one for all samples, or `(n,)`

_TRIES = 8  # one is refused with a probability below 0.05; all of them, below 4e-11
GAMMA_NUMBERS = 1 + 3 * _TRIES  # that a gamma variate takes from a stream


def gamma(draws: Draws, alpha: Shape, first: int, seed: int | None = None) -> Floats:
    """Returns `(n,)` gamma variates of shape `alpha` > 0 and scale 1. Uses `GAMMA_NUMBERS` (25) numbers."""
    return _exp(_log_gamma(draws, alpha, first, seed))


def beta(draws: Draws, a: Shape, b: Shape, first: int, seed: int | None = None) -> Floats:
    """Returns `(n,)` beta variates, a, b > 0, within [0, 1]. Uses 2·`GAMMA_NUMBERS` (50) numbers."""
    return dirichlet(draws, (a, b), first, seed)[:, 0]


def dirichlet(draws: Draws, alphas: Sequence[Shape], first: int, seed: int | None = None) -> Floats:
    """Returns `(n, k)` Dirichlet variates of k `alphas` > 0, each within [0, 1], their sum 1 but for rounding.

    Uses k·`GAMMA_NUMBERS` numbers.
    """
    logs = np.stack([_log_gamma(draws, a, first + j * GAMMA_NUMBERS, seed) for j, a in enumerate(alphas)], axis=1)
    parts = _exp(logs - logs.max(axis=1, keepdims=True))  # the greatest is 1: no sum is 0, whatever the alphas
    total = np.zeros(len(parts))
    for j in range(parts.shape[1]):  # in this order
        total += parts[:, j]
    return parts / total[:, None]


def _log_gamma(draws: Draws, alpha: Shape, first: int, seed: int | None) -> Floats:
    """Returns the logarithms of gamma variates: those of small shapes are too small for a float64 themselves.

    By Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000): d·v with
    d = alpha - 1/3, v = (1 + x/√(9d))³ and x normal is a gamma variate if log u < x²/2 + d - d·v + d·log v. Shapes
    below 1 are drawn as alpha + 1, and multiplied by a uniform number's power of 1/alpha. The first try that is taken
    counts; if all are refused, the mode of v.
    """
    numbers = draws.uniforms(first, GAMMA_NUMBERS, seed)
    alpha = np.broadcast_to(np.float64(alpha), (len(numbers),))
    small = alpha < 1.0
    d = (np.where(small, alpha + 1.0, alpha) - 1.0 / 3.0)[:, None]
    radius, angle, height = numbers[:, 1::3], numbers[:, 2::3], numbers[:, 3::3]
    x = np.sqrt(-2.0 * _log(1.0 - radius)) * _cosine(angle)  # Box and Muller's
    side = 1.0 + x / np.sqrt(9.0 * d)
    v = np.where(side > 0.0, side * side * side, 1.0)
    logs = _log(v)
    taken = (side > 0.0) & (_log(1.0 - height) < (0.5 * x * x + d) - d * v + d * logs)
    rows, try_ = np.arange(len(v)), taken.argmax(axis=1)
    result = np.where(taken[rows, try_], logs[rows, try_], 0.0) + _log(d[:, 0])
    with np.errstate(over="ignore"):
        power = np.maximum(result + _log(1.0 - numbers[:, 0]) / alpha, -1e300)
    return np.where(small, power, result)


def _of(function: Callable[[Floats, Floats], None], x: Floats) -> Floats:
    packed = np.ascontiguousarray(x).reshape(-1)
    result = np.empty_like(packed)
    function(packed, result)
    return result.reshape(x.shape)


def _log(x: Floats) -> Floats:
    return _of(_core.log, x)


def _exp(x: Floats) -> Floats:
    """Returns e^x, 0 where that is near the numbers that some threads take for 0."""
    return np.where(x < -700.0, 0.0, _of(_core.exp, x))


def _cosine(turns: Floats) -> Floats:
    packed = np.ascontiguousarray(turns).reshape(-1)
    sine, cosine = np.empty_like(packed), np.empty_like(packed)
    _core.sincos(packed, sine, cosine)
    return cosine.reshape(turns.shape)
