"""The elementary functions of draws: accurate to the last place that csrc/seqaug.h claims, and the same bits always."""

import ctypes
import json
import math
import os
import platform
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import mpmath
import numpy as np
import pytest
from common import elementary, elementary_digests
from hypothesis import given
from hypothesis import strategies as st

EXACT = {
    "sine": lambda turns: mpmath.sinpi(2 * turns),
    "cosine": lambda turns: mpmath.cospi(2 * turns),
    "exp": mpmath.exp,
    "log": mpmath.log,
}
CLAIMS = {"sine": 0.85, "cosine": 0.85, "exp": 0.65, "log": 0.55}  # of seqaug.h, in units in the last place
SUBNORMAL_CLAIM = 0.85
NAN = 0x7FF8000000000000
INFINITY = mpmath.ldexp(1, 1024)  # where rounding to the nearest takes it to be
GOLDEN = {
    "sine": "cba0b9cc4b456fbe324b36628560d9fea1863d1b1e6286b74ec85986b4d45d95",
    "cosine": "b2169c5fb686814c6d06b1406fb98cf67dd53c7863058a0258207b931dfc6d05",
    "exp": "e603974dbb335ada18a23ffa78274bb47fd10d882edb415f03113bc752bb6bd3",
    "log": "8a9cb06c41e78f9a37830a9f716f6d993173e15174fdbd6c3e09baa1215f1723",
}


def check(name, x):
    """Asserts that results are as close to the truth as seqaug.h claims."""
    with mpmath.workprec(200):
        for argument, ours in zip(map(float, x), elementary(name, x).tolist(), strict=True):
            exact = min(EXACT[name](mpmath.mpf(argument)), INFINITY)
            last = min(max(mpmath.mag(exact) - 53, -1074) if exact else -1074, 971)
            ours = INFINITY if ours == math.inf else mpmath.mpf(ours)
            claim = CLAIMS[name] if abs(exact) >= sys.float_info.min else SUBNORMAL_CLAIM
            error = abs(ours - exact) / mpmath.ldexp(1, last)
            assert error <= claim, f"{name}({argument!r}) is off by {float(error)} units"


def around(centres, reach):
    """The doubles next to each of some doubles other than 0, up to `reach` of them to either side."""
    centres = np.asarray(centres, np.float64).view(np.int64)
    return (centres[:, None] + np.arange(-reach, reach + 1)).view(np.float64).reshape(-1)


RNG = np.random.default_rng(0)
SUBNORMALS = np.append(np.arange(1, 300), RNG.integers(1, 2**52, 300)).view(np.float64)
TINY = np.concatenate([SUBNORMALS, RNG.uniform(1, 2, 2000) * 2.0 ** RNG.integers(-1022, -1, 2000)])
EXP_SWITCHES = (np.arange(-1074, 1024) + 0.5) * math.log(2)  # between these, one power of two is split off
EXP_OVERFLOWS, EXP_VANISHES = 1024 * math.log(2), -1075 * math.log(2)
LOG_SWITCHES = math.sqrt(2) * 2.0 ** np.arange(-1022, 1023)
POWERS = np.ldexp(1.0, np.arange(-1074, 1024))
EIGHTHS = np.array([k / 8 for k in range(-17, 18) if k])
REGIONS = {
    "exp": {
        "around 0": RNG.uniform(-1, 1, 4000),
        "tiny": np.append(TINY, -TINY),
        "everywhere": RNG.uniform(-709, 709, 4000),
        "switches": around(EXP_SWITCHES, 2),
        "small switches": around((np.arange(-8, 8) + 0.5) * math.log(2), 100),
        "overflow": around([EXP_OVERFLOWS], 100),
        "underflow": around([math.log(sys.float_info.min), EXP_VANISHES], 100),
        "subnormal results": RNG.uniform(EXP_VANISHES, -708, 2000),
    },
    "log": {
        "around 1": 1 + RNG.uniform(-0.5, 0.5, 4000) * 2.0 ** -RNG.integers(0, 50, 4000),
        "next to 1": around([1.0], 500),
        "one octave and more": RNG.uniform(0.6, 1.6, 4000),
        "powers of two": np.append(around(POWERS[POWERS > 1e-300], 1), POWERS),
        "switches": around(LOG_SWITCHES, 2),
        "small switches": around(math.sqrt(2) * 2.0 ** np.arange(-3, 3), 200),
        "tiny": TINY,
    },
    "sine": {
        "one turn": RNG.uniform(-1, 1, 4000),
        "eighths": around(EIGHTHS, 50),
        "up to an eighth": RNG.uniform(0.11, 0.125, 2000),
        "twelfths": around(np.array([k / 12 for k in range(-30, 31) if k]), 10),
        "tiny": np.append(TINY, -TINY),
        "around 1e-270": around([1e-270, -1e-270], 100),
        "large": RNG.uniform(-1, 1, 4000) * 2.0 ** RNG.integers(0, 56, 4000),
        "huge": np.append(2.0 ** np.arange(45, 1024), -(2.0 ** np.arange(45, 60) + 0.125)),
    },
}
REGIONS["cosine"] = REGIONS["sine"]


@pytest.mark.parametrize(("name", "region"), [(name, region) for name in REGIONS for region in REGIONS[name]])
def test_hard_regions(name, region):
    check(name, REGIONS[name][region])


ANY = st.floats(allow_nan=False, allow_infinity=False)


@given(st.one_of(ANY, st.floats(-750, 720), st.floats(-1, 1)))
def test_exp_to_the_last_place(x):
    check("exp", [x])


@given(st.one_of(st.floats(0, exclude_min=True, allow_infinity=False), st.floats(0.5, 2)))
def test_log_to_the_last_place(x):
    check("log", [x])


@given(st.sampled_from(["sine", "cosine"]), st.one_of(ANY, st.floats(-1, 1), st.floats(-1e4, 1e4)))
def test_sine_and_cosine_to_the_last_place(name, turns):
    check(name, [turns])


@given(st.one_of(st.integers(-(10**6), 10**6), st.integers(-(2**53), 2**53), st.integers(-(2**1023), 2**1023)))
def test_quarter_turns_are_exact(quarters):
    turns = float(quarters) / 4
    sine, cosine = elementary("sine", [turns]), elementary("cosine", [turns])
    assert (sine[0], cosine[0]) == [(0, 1), (1, 0), (0, -1), (-1, 0)][int(4 * turns) % 4]
    assert not np.signbit([v for v in (sine[0], cosine[0]) if v == 0]).any()


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        ("exp", 0.0, 1.0),
        ("exp", -0.0, 1.0),
        ("exp", 5e-324, 1.0),
        ("exp", math.inf, math.inf),
        ("exp", -math.inf, 0.0),
        ("exp", 1e308, math.inf),
        ("exp", -1e308, 0.0),
        ("log", 1.0, 0.0),
        ("log", 0.0, -math.inf),
        ("log", -0.0, -math.inf),
        ("log", math.inf, math.inf),
        ("sine", -0.0, 0.0),
        ("cosine", -0.0, 1.0),
        ("cosine", -5e-324, 1.0),
    ],
)
def test_special_values(name, x, expected):
    assert elementary(name, [x]).tobytes() == np.array([expected]).tobytes()


def test_where_exp_overflows_and_vanishes():
    below, above = around([EXP_OVERFLOWS], 2)[[1, 3]]
    assert elementary("exp", [below, above]).tolist() == [pytest.approx(sys.float_info.max, rel=1e-12), math.inf]
    above, below = around([EXP_VANISHES], 2)[[1, 3]]
    assert elementary("exp", [above, below]).tolist() == [5e-324, 0.0]


@given(st.sampled_from(sorted(REGIONS)), st.integers(1, 2**52 - 1), st.sampled_from([0x7FF, 0xFFF]))
def test_one_nan(name, payload, head):
    x = np.array([head << 52 | payload], np.uint64).view(np.float64)
    assert elementary(name, x).view(np.uint64)[0] == NAN


@given(st.floats(max_value=0, exclude_max=True))
def test_no_logarithm_below_0(x):
    assert elementary("log", [x]).view(np.uint64)[0] == NAN


@pytest.mark.parametrize("name", ["sine", "cosine"])
def test_no_sine_of_infinity(name):
    assert (elementary(name, [math.inf, -math.inf]).view(np.uint64) == NAN).all()


@pytest.mark.parametrize(
    ("name", "centres"), [("exp", EXP_SWITCHES), ("log", LOG_SWITCHES), ("log", POWERS[POWERS > 1e-300])]
)
def test_rising_where_the_reduction_switches(name, centres):
    x = np.sort(around(centres, 100).reshape(len(centres), -1))
    results = elementary(name, x.reshape(-1)).reshape(x.shape)
    assert (results[:, 1:] >= results[:, :-1]).all()


@given(st.sampled_from(["exp", "log"]), st.one_of(ANY, st.floats(-2, 2)))
def test_rising(name, x):
    x = abs(x) if name == "log" else x
    low, high = elementary(name, [x, math.nextafter(x, math.inf)])
    assert low <= high


@pytest.mark.parametrize("name", REGIONS)
def test_in_place_and_empty(name):
    x = np.array([0.1, 2.5, 300.0])
    expected = elementary(name, x)
    assert elementary(name, x, out=x) is x
    assert x.tolist() == expected.tolist()
    assert elementary(name, []).size == 0
    with pytest.raises(ValueError, match="one length"):
        elementary(name, x, out=np.empty(2))


def test_golden():
    """Other bits mean another compiler's liberties, or pictures that change under the same seed."""
    assert elementary_digests() == GOLDEN


@pytest.mark.parametrize(
    "environment", [{"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2_Usable,-AVX2"}, {"SEQAUG_CPU": "baseline"}]
)
def test_golden_elsewhere(environment):
    """Where the C library has no fused multiply-adds, which changes its own results, and with the portable kernels."""
    done = subprocess.run(
        [sys.executable, "-c", "import json, common; print(json.dumps(common.elementary_digests()))"],
        cwd=Path(__file__).parent, env={**os.environ, **environment}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == GOLDEN


@contextmanager
def subnormals_flushed():
    """What TensorFlow's threads do: subnormal operands and results count as 0 (bits 6 and 15 of MXCSR)."""
    library, before, after = ctypes.CDLL(None), (ctypes.c_uint32 * 8)(), (ctypes.c_uint32 * 8)()
    library.fegetenv(before)
    after[:] = before
    after[7] |= 1 << 6 | 1 << 15
    library.fesetenv(after)
    try:
        yield
    finally:
        library.fesetenv(before)


@pytest.mark.skipif((sys.platform, platform.machine()) != ("linux", "x86_64"), reason="knows one layout of fenv_t")
def test_golden_where_subnormals_are_flushed():
    with subnormals_flushed():
        flushed, digests = float(np.float64(5e-324) * np.float64(1)), elementary_digests()
    assert flushed == 0
    assert digests == GOLDEN
