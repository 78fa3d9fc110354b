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
    "shrink": [seqaug.Resizing(7, 8, antialias=True), seqaug.RandomRotation(0.1, interpolation="bicubic")],
    "perspective": [seqaug.RandomRotation(0.1, "constant"), seqaug.RandomPerspective(1.0, 0.7), seqaug.RandomFlip()],
    "resized": [seqaug.RandomTranspose(p=1), seqaug.RandomResizedCrop(11, 9), seqaug.RandomRotate90((0, 2))],
    "symmetries": [seqaug.RandomCrop(15, 15), seqaug.RandomD4(), seqaug.RandomRotate90(p=0.7), seqaug.RandomZoom(0.2)],
    "stages": [
        seqaug.RandomRotation(0.1, "wrap"),
        seqaug.RandomTranslation(0.2, 0.2, "constant", fill_value=50),
        seqaug.RandomZoom(0.2, interpolation="nearest"),
    ],
}
COLOUR = {
    "linear": [seqaug.Rescaling(1 / 255, [0.1, -0.2, 0]), seqaug.Normalization(-1, [0.4, 0.5, 0.6], 0.07)],
    "brightness": [seqaug.RandomBrightness((-0.4, 0.7)), seqaug.Rescaling(1 / 127.5, -1)],
    "tones": [
        seqaug.RandomGrayscale(0.4),
        seqaug.RandomSaturation((0.2, 0.8)),
        seqaug.RandomHue(0.5),
        seqaug.RandomFlip(),
    ],
    "erased": [seqaug.CoarseDropout((1, 4), 5, (0.2, 0.5), (9.0, 0.0, 300.0)), seqaug.Rescaling(1 / 255)],
    "erased by noise": [seqaug.RandomErasing((0.9, 0.9), value_range=(0, 255)), seqaug.GridMask()],
    "levels": [
        seqaug.RandomInvert(),
        seqaug.RandomChannelShift(0.2),
        seqaug.RandomPosterization((3, 7)),
        seqaug.RandomFlip(),
        seqaug.Solarization(0.2, 0.8, p=0.5),
    ],
    "curves": [seqaug.AutoContrast(), seqaug.RandomGamma((0.5, 2)), seqaug.Equalization(), seqaug.RandomFlip()],
    "jitter": [
        seqaug.RandomFlip(),
        seqaug.RandomColorJitter(None, 0.2, (0.3, 0.3), (0.4, 0.6), 0.2, p=0.8),
        seqaug.RandomColorDegeneration(0.5),
    ],
    "noise": [seqaug.RandomRotation(0.1, "constant"), seqaug.GaussianNoise((3, 9)), seqaug.RandomGamma()],
    "contrast": [seqaug.RandomFlip(), seqaug.RandomContrast((0.6, 0.9)), seqaug.RandomBrightness(0.2, p=0.5)],
}
MIXING = {
    "mixup": [seqaug.MixUp(p=0.8), seqaug.RandomFlip()],
    "cutmix": [seqaug.RandomFlip(), seqaug.CutMix((0.6, 1.0), seed=3)],
    "mosaic": [seqaug.Mosaic(24, 30, p=0.8), seqaug.Rescaling(1 / 255)],
}
FILTERS = {
    "blur": [seqaug.RandomFlip(), seqaug.RandomGaussianBlur((0.5, 1.0), (5, 3), (0.2, 1.5)), seqaug.Rescaling(0.5)],
    "sharpness": [seqaug.RandomSharpness((0.1, 0.9)), seqaug.RandomRotation(0.1, "nearest")],
    "equalized": [seqaug.ContrastLimitedAdaptiveHistogramEqualization(None, 2.0, (3, 4)), seqaug.RandomFlip()],
    "elastic": [seqaug.RandomElasticTransform((0.7, 1.0)), seqaug.RandomElasticTransform(1.0, 0.5, "nearest", "wrap")],
}
OTHERS = {"ImageCompression", "Lambda", "MaxNumBoundingBoxes"}  # what they do is not this library's, or no picture
CHOICES = {
    "ways": [seqaug.OneOf([seqaug.RandomFlip(), seqaug.RandomHue(0.2), []], [3, 2, 1]), seqaug.RandomZoom(0.2)],
    "orders": [
        seqaug.RandomOrder([seqaug.RandomRotation(0.1), seqaug.RandomHue(0.1)]),
        seqaug.SomeOf([seqaug.RandomFlip(), seqaug.RandomShear(0.1), seqaug.RandomContrast(0.1)], (1, 2)),
        seqaug.RandomApply([seqaug.RandomBrightness(0.2), seqaug.Rescaling(1 / 255)]),
    ],
    "rand augment": [seqaug.RandAugment(num_ops=3)],
    "aug mix": [seqaug.AugMix(factor=0.5, alpha=0.5)],
    "trivial": [seqaug.TrivialAugmentWide(), seqaug.Rescaling(1 / 255)],
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


def mixed(transforms):
    """A batch, and its labels."""
    pipeline, labels = seqaug.Pipeline(transforms), np.eye(7)
    return sha(pipeline(images(), seed=SEED, epoch=EPOCH), pipeline.mix_labels(plan(pipeline, (0.0, 255.0)), labels))


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
    **{f"choices/{name}": (run, transforms) for name, transforms in CHOICES.items()},
    **{f"mixing/{name}": (mixed, transforms) for name, transforms in MIXING.items()},
    **{f"filter/{name}": (run, transforms) for name, transforms in FILTERS.items()},
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
    "geometry/rotation": "ea2e9daf9359d281e02c074857c92741d8ba4e3dad97fbe36e945b155e313766",
    "geometry/nearest": "cb66abaa31c771310ffba95289f17d780594772e86bb2e8e0789534494d45779",
    "geometry/shift": "9d1b12405e97073f11dc1a8b6fef5017adf8d7500d155dbb92cfc00717f2e83a",
    "geometry/slant": "9c38902f5d520ade833f9db10ae22ad24fae2f8719b72d573f84e6ff6110d0f7",
    "geometry/affine": "84117b0451c1dec08ce217dc079020d9653535e531367f87aca50b821af80a8a",
    "geometry/crop": "f59747f0e06e0237a5fd16f1dd3e024ae21909f35f8b29d372e0a6b1d9e7b0da",
    "geometry/sizes": "c9e73e76bc39fb95736b4197c98f7d72d1634a5e94ae098cc4b8418d8386a1c9",
    "geometry/shrink": "9e5965afd031ffbfb9f007c2b7bf4526b8ea40259350e0489bcb5053a3c3825d",
    "geometry/perspective": "78c3e902b5503d746b89cd7683bfb4363dbc062d527642ed10aa2b6a1006c661",
    "geometry/resized": "b4c87aab53514d6256577564edff3e3ae3644cf3f27684b1041888f28e43abdf",
    "geometry/symmetries": "77f40a2a3611ef6f000157a566982028cd24ea442b7f35ca99778f45db72ac4c",
    "geometry/stages": "214532354009e5681e554b9a4dc7e1a659e4646d9f43849051f0126bbfe4181a",
    "colour/linear": "cdbdda0a489bccd20f2f5ea1c5a2a79d66d016273102ac5496c696127b8a7818",
    "colour/brightness": "552b345529ab82ad71d424fa82eaa0935674ba926a86fe5a0c399456ec63b9f9",
    "colour/tones": "2c7fb60e23b5c7760231297aee5db31faea30cec7de70b92a64e3c87ec3c68de",
    "colour/erased": "13da357fa2935093f04724e4e1a18814389285f7a448ee9a090fb1ba439ff0c3",
    "colour/erased by noise": "d94ef6b23c2ee93989c7298b5159ef08ede249a79ea00eb57d29a3b58094d2c8",
    "colour/levels": "8c1228decbd2e7407f3374724d22e3fb221b8b7d2d81544f948b26f13d817941",
    "colour/curves": "30a188b7dbd2226ed3cb61947b636983caf49cad530fcd66ef90896e8724f963",
    "colour/jitter": "15fde696deb71cd4655f6a113325e3853235efa6725b90de12eac996ffefba89",
    "colour/noise": "db041e03a6fa3d88e30a9d828550daab02d68aea2c08c07a54115f05db2699dd",
    "colour/contrast": "8789732241e81ffd18ac95d149b0deb7e0fa3b67c56021707009046e3530f1ee",
    "choices/ways": "d344810c2f52b978036a547f3e8d549b62e16e5afa516cd0d32dd4e1465dcad4",
    "choices/orders": "7ea6c8a316f3b1d1c0a5197edfa3165d36d665e0f9d856d5eb54a5f9eb5072e8",
    "choices/rand augment": "ce610a79e0c816269e956a18f262d1e3b36bde0cec2517590f9cc5488387d5c1",
    "choices/aug mix": "70454a8250645f9c92d58fe165cb5b702fbe578fb5d3e3b13aa7a7ad3bd7f2a1",
    "choices/trivial": "ccad433b3e6d60ab557170fda48f22668aef2afa21343c47dfc7687ff298ba8c",
    "mixing/mixup": "1cf8481613fd423f5dc9b567c7d4a1bedafb7957d3eaa2f4afae846d08c1f8f5",
    "mixing/cutmix": "d298301b187de758af3db7285e009681a0fb550dc6586b7955be3494e84c95a4",
    "mixing/mosaic": "c7d819b488c1c7bc763af6a59b9fa101d98c8c8851694cd64fd0a501b5e94925",
    "filter/blur": "f4a8ab933cd97150cbafcdcd8d197eb9b9b7f80b7c75b607268b30541acd9ee8",
    "filter/sharpness": "83cc6f0ed62ea1b5db66603aa5494c09e7c0986e8900522c03452253147881bc",
    "filter/equalized": "d4ff06f8a3a774cfe33d936388583ba1c4603d950fe1a3e3d472f8b66561d4e7",
    "filter/elastic": "908f6524505106c53c37d8aea004a7bc04d236a2df476f6dc296308dd10f2510",
    "from/u1": "7ab70e1570b56dd86301d2357feab356067b63038e7b86eef39a8c77904267dd",
    "from/u2": "538e175d4d5bb961bb696e515419c1005387012051b03a03ece9456bd9451fc4",
    "from/i2": "e36bf3d40ef97d7f04f98f6a04bf85d6d121c3ebc740dd4e3eda2c055ba88fc5",
    "from/i4": "eaee880f4c64cd7a63806a607094634fdebacb5db57c49f34180511771366658",
    "from/f4": "92d041b686af3ce114932acf550a397697f7a37c69a3b739a5bf74207f169ff1",
    "from/f8": "92d041b686af3ce114932acf550a397697f7a37c69a3b739a5bf74207f169ff1",
    "sequence/plain": "4cd7e7e1ccaf96aa9eb980f0dacc77a61e44b97527c3ea7dfb66ccf0cf4afeb8",
    "sequence/bytes": "6a0ef8ebfd6e6085eccc214e5dde0f379098904f2a52b9572a11ebf84e793537",
    "sequence/sized": "2bbd63a08075b5d472d3185b9b000ce8d8849c6e46e611ac04a6029b1489a8de",
    "sequence/channels_first": "5ea4cd1c7c525bf51ed476121cf7be4bbf278f88e39f7ea790e748fb0c63689e",
    "sequence/split": "fca57bf40eee469ec231a7c7f2b316a9572fdb2236d2b539e689dc500a067c9c",
    "sequence/evaluation": "3aa1fc4e356456341ffc8c8d1062e2e51c306af335b7b32bd7bb6d26fcc6210b",
}


def hashes():
    return {case: function(*arguments) for case, (function, *arguments) in CASES.items()}


def plans():
    """A hash of all plans. How they are made up may change, so that it is no golden one; its bits must hold as well."""
    lists = (*GEOMETRY.values(), *COLOUR.values())
    made = [plan(seqaug.Pipeline(transforms), (0.0, 255.0), 2000) for transforms in lists]
    parts = [
        part
        for one in made
        for stage in one.stages
        for part in (stage.matrices, stage.shrink, stage.colour, stage.fill, stage.holes)
    ]
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
    lists = (*GEOMETRY.values(), *COLOUR.values(), *CHOICES.values(), *MIXING.values(), *FILTERS.values(), ALL)
    used = {type(t).__name__ for transforms in lists for t in transforms}
    assert used == set(TRANSFORMS) - OTHERS


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
