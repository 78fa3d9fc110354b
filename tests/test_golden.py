"""Golden hashes: draws and batches that are the same on every machine, now and later.

`python tests/test_golden.py` writes the table GOLDEN anew. Once a version is released, an entry may change only with a
new major version: whoever trained with a seed must be able to train with it again. New entries may come at any time.
"""

import hashlib
import json
import math
import os
import platform
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import seqaug
from seqaug import _core, randomness
from seqaug.randomness import Draws
from seqaug.transforms import TRANSFORMS

SEED, EPOCH = 0x0123456789ABCDEF, 3


def images(dtype="u1", count=7, height=19, width=23, channels=3):
    """Pictures with edges, slopes and extremes, by integer arithmetic alone."""
    n, y, x, c = np.ogrid[:count, :height, :width, :channels]
    values = (n * 37 + y * y * 3 + x * (y + 5) + c * 59 + (x // 5 + y // 7) % 2 * 90) % 256
    if np.dtype(dtype).kind == "f":
        return (values / 4).astype(dtype) - 20
    info = np.iinfo(dtype)
    return (values * ((info.max - info.min) // 255) + info.min).astype(dtype)


def masks(count=7, height=19, width=23):
    n, y, x = np.ogrid[:count, :height, :width]
    return ((n + y // 3 + x // 4) % 5).astype("i4")


GEOMETRY = {
    "flip": [seqaug.RandomFlip()],
    "rotation": [seqaug.RandomRotation(0.3, "constant", fill_value=7.5, p=0.8), seqaug.RandomFlip("vertical", seed=5)],
    "nearest": [seqaug.RandomRotation(degrees=25, fill_mode="wrap", interpolation="nearest"), seqaug.Rescaling(0.1)],
    "shift": [seqaug.RandomTranslation(0.3, (-0.1, 0.2), "wrap"), seqaug.RandomZoom(0.3, 0.2, "wrap")],
    "slant": [seqaug.RandomShear(0.3, (0.1, 0.2), fill_mode="nearest"), seqaug.RandomZoom((-0.5, 0.5))],
    "affine": [seqaug.RandomAffine(0.1, 0.1, 0.2, 0.3, 0.1, 0.2, "reflect", seed=9)],
    "crop": [seqaug.RandomCrop(9, 11), seqaug.RandomRotation(0.1, "nearest"), seqaug.CenterCrop(8, 8)],
    "sizes": [seqaug.Resizing(30, 17), seqaug.RandomFlip(), seqaug.Resizing(12, 12, pad_to_aspect_ratio=True)],
    "stages": [
        seqaug.RandomRotation(0.1, "wrap"),
        seqaug.RandomTranslation(0.2, 0.2, "constant", fill_value=50),
        seqaug.RandomZoom(0.2, interpolation="nearest"),
    ],
}
COLOUR = {
    "linear": [seqaug.Rescaling(1 / 255, [0.1, -0.2, 0]), seqaug.Normalization(-1, [0.4, 0.5, 0.6], 0.07)],
    "brightness": [seqaug.RandomBrightness((-0.4, 0.7)), seqaug.Rescaling(1 / 127.5, -1)],
    "contrast": [seqaug.RandomFlip(), seqaug.RandomContrast((0.6, 0.9)), seqaug.RandomBrightness(0.2, p=0.5)],
}
ALL = [
    seqaug.RandomCrop(15, 16),
    seqaug.RandomRotation(degrees=30),
    seqaug.RandomBrightness(0.3),
    seqaug.RandomContrast((0.5, 0.5)),
    seqaug.RandomShear(0.2, 0.1, fill_mode="constant"),
    seqaug.Rescaling(1 / 255),
]


def sha(*arrays):
    result = hashlib.sha256()
    for array in arrays:
        result.update(f"{array.shape} {array.dtype.newbyteorder('<').str}".encode())
        result.update(np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes())
    return result.hexdigest()


def drawn(name):
    ids = np.array([0, 1, 2**31, 2**32 - 1], np.uint32)
    if name == "bits":
        words = np.empty((4, 12), np.uint32)
        _core.bits(SEED, 2, EPOCH, ids, 5, words)
        return sha(words)
    if name == "uniforms":
        draws = Draws(SEED, 4, EPOCH, ids)
        return sha(draws.uniforms(0, 5), draws.uniforms(3, 4, seed=2**40 + 1))
    if name == "permutation":
        orders = [randomness.permutation(SEED, EPOCH, np.arange(1000), slot) for slot in (2**31, 2**31 + 2)]
        return sha(*(order.astype("i8") for order in orders))
    turns = np.arange(-4000, 4000) / 1237
    sine, cosine = np.empty_like(turns), np.empty_like(turns)
    _core.sincos(turns, sine, cosine)
    return sha(sine, cosine)


def run(transforms, dtype="u1"):
    """A batch, and the masks that move with it."""
    pictures, pipeline = images(dtype), seqaug.Pipeline(transforms)
    bounds = (-20.0, 44.0) if np.dtype(dtype).kind == "f" else None
    batch = pipeline(pictures, seed=SEED, epoch=EPOCH, value_range=bounds)
    return sha(batch, pipeline.run_masks(plan(pipeline, (0.0, 255.0)), masks(), fill_value=-3))


def plan(pipeline, bounds, count=7):
    ids, shapes = np.arange(count, dtype=np.uint32), [(19, 23, 3)] * count
    return pipeline.draw(seed=SEED, epoch=EPOCH, ids=ids, shapes=shapes, value_range=bounds)


def maps(transform):
    """Where the pixels of 2000 images are taken from: many, for a last place of a sine seldom shows in a picture."""
    return sha(plan(seqaug.Pipeline([transform]), None, 2000).stages[0].matrices)


def sequence(name):
    """Batches of two epochs of a Sequence: its order, its labels and masks."""
    first = name == "channels_first"
    x, y = (images().transpose(0, 3, 1, 2), masks()) if first else (images(), masks())
    made = seqaug.AugmentedSequence(
        x,
        {"segmentation_masks": y, "labels": np.arange(7)},
        np.arange(7) / 8,
        augment=ALL if name != "bytes" else ALL[:-1],
        image_size=(20, 21) if name == "sized" else None,
        dtype="uint8" if name == "bytes" else "float32",
        data_format=name if first else "channels_last",
        batch_size=3,
        seed=SEED,
        mask_fill_value=9,
    )
    made = made.split(0.5)[0] if name == "split" else made.evaluation() if name == "evaluation" else made
    parts = []
    for epoch in (0, 2**32 - 1):
        for index in range(len(made)):
            batch, y, weight = made.batch(index, epoch)
            parts += [batch, y["segmentation_masks"], y["labels"], weight]
    return sha(*parts)


CASES = {
    **{f"draw/{name}": (drawn, name) for name in ("bits", "uniforms", "permutation", "sincos")},
    **{f"maps/{name}": (maps, GEOMETRY[name][0]) for name in ("rotation", "shift", "slant", "affine")},
    **{f"geometry/{name}": (run, transforms) for name, transforms in GEOMETRY.items()},
    **{f"colour/{name}": (run, transforms) for name, transforms in COLOUR.items()},
    **{f"from/{dtype}": (run, ALL, dtype) for dtype in ("u1", "u2", "i2", "i4", "f4", "f8")},
    **{
        f"sequence/{name}": (sequence, name)
        for name in ("plain", "bytes", "sized", "channels_first", "split", "evaluation")
    },
}


GOLDEN = {
    "draw/bits": "fd868f5b1ec4ccd4397adffac495cdc8011aab479e1008900ea383f76f89827e",
    "draw/uniforms": "a887825be90f82d6700a5ec742a50df08373b61f526e0de047b32ce83078344c",
    "draw/permutation": "8ccd0f37a7dc14df418360fb1a7a7121e3b1eadf234455a2863343487404d097",
    "draw/sincos": "e1a31afee375e58b02ebe20528b2f0ba55f7c1c175194a3d0371967c985a39fe",
    "maps/rotation": "8966faa69ba997b2ff103f1c1c744eff1ec4b47baad0a73e23775427363fbf26",
    "maps/shift": "4f4e4d78a8ded1b288f7f14bc7ff4d6774fe9a00a0aceb4aa580499540516fb1",
    "maps/slant": "533435ce7cd08ce4d69838c28acc31011dfc87e48fd67e7f0221d64a28742db4",
    "maps/affine": "bf90b2c377a15e824f71e0106d936352f46486c35394fd63c3277e77a1c43d93",
    "geometry/flip": "48f0fbc76a3a6f33791a7adef7d8d437dfaa8f2c7fdf35e21b70f4f4eaf45133",
    "geometry/rotation": "7a87856483c73458f81e67e194a2000f2df0361d00beb9cb5106773512c50630",
    "geometry/nearest": "e2a56c01bf55f9bb962b080473ea4cb959c97a9808905f990ad44a7c4dab5c60",
    "geometry/shift": "c5c87e0a5c3f853624d8a281d75fde50250f8e3affe5c50477be0e2ea7e2edff",
    "geometry/slant": "db12189b3c7bb25beac60f334bc6ca63028a7cf67e2f09f687c34805ed87f14c",
    "geometry/affine": "cc97bf445c82d5c63b6aafed6c77cffabb9072c7bce39d464e6deb13ddc39015",
    "geometry/crop": "425f8806b70de1818fd63e5814e8ea48d40daf5eda714b465941ad28c759384e",
    "geometry/sizes": "a25a98e499cf29496e280d5c2506fa9132232e27db4332a40cf4b9ccb4821288",
    "geometry/stages": "318e270dd2516404026f259f8d5ca382b77e71015477ae7f08ce20f2f3a6bb7e",
    "colour/linear": "71900b3ef16a6f0cf3f6cb4f57f497d7470dfad29ce1ead6dbb3e4d91cf3f1ba",
    "colour/brightness": "bb6bd60bc95b1ad1b2fb7bd73b24f4ed08759a237c6ac691bb2093c4844653d2",
    "colour/contrast": "7ee4bc3b909fda3e26b0ecc1afbf375acca871c27b489df077ba0e1ac0211d1d",
    "from/u1": "6e441b430f36d8964c80273fa923001137231e75790e4cea7e4c8c9cdce1c587",
    "from/u2": "45dc4a94d29982cc4ced575733cfd38f2d98cddf8c05069151ddc9567d537025",
    "from/i2": "dc14b540b8aa200cb9356514ab7875e3e27fc7b8a4bfb9fb7ef1e4bf5a92102a",
    "from/i4": "227a4102b2d702914447f40dd67d94de9ef3c5025762c440d88f5c9c0fb78594",
    "from/f4": "9d7aa009961d5bef799dcdac4ab031c482327aa92355c791ecf352f062265ddb",
    "from/f8": "9d7aa009961d5bef799dcdac4ab031c482327aa92355c791ecf352f062265ddb",
    "sequence/plain": "abe619650d1b2e66466fd916e6a18aee5b2bd457709df5892697b0e7192da194",
    "sequence/bytes": "39f67d10bf049c46815505c35e4422e07944415116976f5f44d533b19c8b2a38",
    "sequence/sized": "43752e2ff62b5dfc04bdf8a57cde5e5ae2132567f4455c47aa0bb97af21cb217",
    "sequence/channels_first": "e1277272f632463132899178ba11b997a102c748dfcffb8a24eb3ca877d629a0",
    "sequence/split": "1b2b1563e60da230abb7e2e228096792693e36172c2a23ffc6192737a3147bc2",
    "sequence/evaluation": "a88d8bf26b5c4f2e5b4d3687f41d7da76e6db6ef695c72c55803b6f0eecffade",
}


def hashes():
    return {case: function(*arguments) for case, (function, *arguments) in CASES.items()}


def plans():
    """A hash of all plans. How they are made up may change, so that it is no golden one; its bits must hold as well."""
    lists = (*GEOMETRY.values(), *COLOUR.values())
    made = [plan(seqaug.Pipeline(transforms), (0.0, 255.0), 2000) for transforms in lists]
    parts = [part for one in made for stage in one.stages for part in (stage.matrices, stage.colour, stage.fill)]
    return sha(*(part for part in parts if part is not None))


def libm():
    """A hash of what this process's C library makes of elementary functions; FMA shows in some last places."""
    values = [(k * 7919 % 100003) / 1009 + 0.001 for k in range(5000)]
    results = [f(v) for v in values for f in (math.sin, math.cos, math.log, lambda x: math.exp(-x))]
    return hashlib.sha256(struct.pack(f"<{len(results)}d", *results)).hexdigest()


def simd():
    """NumPy's instruction sets that are in use beyond its least."""
    import numpy._core._multiarray_umath as core

    return [name for name in core.__cpu_dispatch__ if core.__cpu_features__.get(name)]


def elsewhere(**environment):
    """What `--show` prints in another process with these settings."""
    paths = os.pathsep.join([str(Path(seqaug.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    result = subprocess.run(
        [sys.executable, __file__, "--show"],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    return json.loads(result.stdout)


def test_every_transform_is_here():
    used = {type(t).__name__ for transforms in (*GEOMETRY.values(), *COLOUR.values(), ALL) for t in transforms}
    assert used == set(TRANSFORMS)


@pytest.mark.parametrize("case", CASES)
def test_golden(case, cpu):
    function, *arguments = CASES[case]
    assert function(*arguments) == GOLDEN[case]


def test_portable_kernels():
    other = elsewhere(SEQAUG_CPU="baseline")
    assert other["hashes"] == GOLDEN
    assert other["plans"] == plans()


def test_without_fma_in_the_c_library():
    other = elsewhere(GLIBC_TUNABLES="glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2")
    assert other["hashes"] == GOLDEN
    assert other["plans"] == plans()
    on_x86_glibc = platform.machine() == "x86_64" and platform.libc_ver()[0] == "glibc"
    if on_x86_glibc and " fma " in Path("/proc/cpuinfo").read_text():
        assert other["libm"] != libm()  # the switch does something


def test_without_simd_in_numpy():
    if not simd():
        pytest.skip("NumPy uses no more than its least here")
    other = elsewhere(NPY_DISABLE_CPU_FEATURES=" ".join(simd()))
    assert other["simd"] == []
    assert other["hashes"] == GOLDEN
    assert other["plans"] == plans()


def rewrite():
    path = Path(__file__)
    head, start, rest = path.read_text().partition("GOLDEN = {\n")
    tail = rest[rest.index("}\n") :]
    table = "".join(f'    "{case}": "{value}",\n' for case, value in hashes().items())
    path.write_text(head + start + table + tail)


if __name__ == "__main__":
    if "--show" in sys.argv:
        print(json.dumps({"hashes": hashes(), "plans": plans(), "libm": libm(), "simd": simd()}))
    else:
        rewrite()
