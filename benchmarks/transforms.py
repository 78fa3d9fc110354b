"""Each transform by itself: batches against Keras's layer of that name, bytes against Albumentations, and a recipe.

Everybody draws amounts of their own from the same ranges, so there are no pixels to compare here; the tests do that.
"""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

import seqaug
from benchmarks import by_hand, by_pillow
from benchmarks.jobs import Case, Comparison, Job
from benchmarks.measure import Call
from benchmarks.peers import Peers
from benchmarks.photographs import photographs

BATCH_SIZE = 32
CASE = Case((224, 224, 3), "uint8")
RECIPE = Case((375, 500, 3), "uint8")
AIM, SIMPLE = 5.0, 1.5  # the latter where the layer only copies, or does one sum, product or cut of bits
POLICIES = {"RandAugment": 20.0}
FEW, SLOW = 4, ("RandomElasticTransform",)  # of which Keras takes a second an image
# Arguments that both take. Layers that are left out need `labels` or boxes, and come below.
LAYERS: dict[str, tuple[tuple[Any, ...], dict[str, Any], float]] = {
    "RandomFlip": (("horizontal",), {}, AIM),
    "RandomRotation": ((0.1,), {}, AIM),
    "RandomTranslation": ((0.1, 0.1), {}, AIM),
    "RandomZoom": ((0.2,), {}, AIM),
    "RandomShear": ((0.2, 0.2), {}, AIM),
    "RandomPerspective": ((), {}, AIM),
    "RandomElasticTransform": ((), {}, AIM),
    "RandomCrop": ((192, 192), {}, SIMPLE),
    "CenterCrop": ((192, 192), {}, SIMPLE),
    "Resizing": ((160, 160), {}, AIM),
    "RandomErasing": ((), {}, AIM),
    "RandomBrightness": ((0.2,), {}, SIMPLE),
    "RandomContrast": (((0.3, 0.3),), {}, AIM),
    "RandomHue": ((0.2,), {}, AIM),
    "RandomSaturation": (((0.4, 0.6),), {}, AIM),
    "RandomSharpness": ((0.4,), {}, AIM),
    "RandomGrayscale": ((0.5,), {}, AIM),
    "RandomInvert": ((0.5,), {}, AIM),
    "RandomPosterization": ((4,), {}, SIMPLE),
    "RandomColorJitter": ((), {"brightness_factor": 0.2, "contrast_factor": 0.2}, AIM),
    "RandomColorDegeneration": ((0.5,), {}, AIM),
    "RandomGaussianBlur": ((), {}, AIM),
    "AutoContrast": ((), {}, AIM),
    "Equalization": ((), {}, AIM),
    "Solarization": ((0.2, 0.5), {}, AIM),
    "ContrastLimitedAdaptiveHistogramEqualization": ((), {}, AIM),
    "Rescaling": ((1 / 255,), {}, SIMPLE),
    "Normalization": ((), {"mean": [120.0, 110.0, 100.0], "variance": [3000.0, 3000.0, 3000.0]}, SIMPLE),
    "RandAugment": ((), {}, POLICIES["RandAugment"]),
    "AugMix": ((), {}, AIM),
}
MIXING = {"MixUp": SIMPLE, "CutMix": SIMPLE}


def layers(peers: Peers, quick: bool) -> Iterator[Job]:
    """Yields a job per layer. Without TensorFlow there is none."""
    if peers.tensorflow is None:
        return
    for name in list(LAYERS)[:2] if quick else LAYERS:
        arguments, options, aim = LAYERS[name]
        images = photographs(CASE, FEW if name in SLOW else BATCH_SIZE)
        theirs = getattr(peers.tensorflow.keras.layers, name)(*arguments, **options)
        ours = seqaug.Pipeline([theirs])
        contestants = {"seqaug": _batches(ours, images), "Keras layer": _mapped(peers.tensorflow, theirs, images)}
        yield _job(name, CASE, contestants, aim)
    images = photographs(CASE, BATCH_SIZE)
    for name in [] if quick else MIXING:
        theirs = getattr(peers.tensorflow.keras.layers, name)()
        contestants = {
            "seqaug": _batches(seqaug.Pipeline([theirs]), images),
            "Keras layer": _mapped(peers.tensorflow, theirs, images, np.eye(BATCH_SIZE, dtype=np.float32)),
        }
        yield _job(name, CASE, contestants, MIXING[name])


def colours(peers: Peers, quick: bool) -> Iterator[Job]:
    """Yields a job per change of colour, bytes to bytes. Without Albumentations there is none."""
    library = peers.albumentations
    if library is None:
        return
    images = photographs(CASE, BATCH_SIZE)
    pairs = _pairs(library)
    for name in list(pairs)[:1] if quick else pairs:
        ours, theirs = pairs[name]
        contestants = {
            "seqaug": _batches(seqaug.Pipeline(ours), images, "uint8"),
            "Albumentations": _one_by_one(library.Compose([theirs], seed=7), images),
        }
        yield _job(f"{name}, bytes", CASE, contestants, 1.0)


def recipes(peers: Peers, quick: bool) -> Iterator[Job]:
    """Yields what networks for ImageNet are trained with, by Albumentations and by Pillow in torchvision's manner."""
    del quick
    library = peers.albumentations
    if library is None:
        return
    images = photographs(RECIPE, BATCH_SIZE)
    normalization = seqaug.Normalization(mean=by_hand.MEAN.tolist(), variance=(by_hand.DEVIATION**2).tolist())
    jitter = seqaug.RandomColorJitter(
        brightness_factor=0.4, contrast_factor=(0.4, 0.4), saturation_factor=(0.375, 0.583)
    )
    pipeline = seqaug.Pipeline(
        [seqaug.RandomResizedCrop(224, 224), seqaug.RandomFlip("horizontal"), jitter, normalization]
    )
    theirs = library.Compose(
        [
            library.RandomResizedCrop(size=(224, 224)),
            library.HorizontalFlip(p=0.5),
            library.ColorJitter(brightness=(0.6, 1.4), contrast=(0.6, 1.4), saturation=(0.6, 1.4), hue=(0, 0), p=1.0),
            library.Normalize(mean=(by_hand.MEAN / 255).tolist(), std=(by_hand.DEVIATION / 255).tolist()),
        ],
        seed=7,
    )
    contestants = {
        "seqaug": _batches(pipeline, images),
        "Albumentations": _one_by_one(theirs, images, (224, 224), np.float32),
        "Pillow": by_pillow.imagenet(images),
    }
    job = _job("crop and resize, flip, colour jitter, normalise", RECIPE, contestants, 4.0)
    yield job


def _job(name: str, case: Case, contestants: dict[str, Call], aim: float) -> Job:
    for who, call in contestants.items():
        batch = np.asarray(call())
        if batch.ndim != 4 or not np.isfinite(batch).all():
            raise SystemExit(f"{name}, {who}: not a batch of pictures: {batch.shape}, {batch.dtype}")
    comparisons = [Comparison("seqaug", peer, "same kind of work", aim) for peer in list(contestants)[1:]]
    return Job(f"batch of {len(batch)}: {name}", case, contestants, comparisons)


def _batches(pipeline: seqaug.Pipeline, images: NDArray[Any], dtype: str = "float32") -> Call:
    epochs = count()
    return lambda: pipeline(images, seed=7, epoch=next(epochs), dtype=dtype)


def _mapped(tf: Any, layer: Any, images: NDArray[Any], labels: NDArray[np.float32] | None = None) -> Call:
    """A layer in a `tf.data` map over batches, in one thread."""
    options = tf.data.Options()
    options.threading.private_threadpool_size = 1
    options.threading.max_intra_op_parallelism = 1
    options.autotune.enabled = False
    data = images if labels is None else {"images": images, "labels": labels}

    def work(batch: Any) -> Any:
        result = layer(batch, training=True)
        return result if labels is None else result["images"]

    dataset = tf.data.Dataset.from_tensors(data).repeat().map(work).with_options(options)
    batches = iter(dataset)
    return lambda: next(batches)


def _one_by_one(
    augment: Callable[..., Any], images: NDArray[Any], size: tuple[int, int] = (224, 224), dtype: Any = np.uint8
) -> Call:
    batch = np.empty((len(images), *size, 3), dtype)

    def call() -> NDArray[Any]:
        for i, image in enumerate(images):
            batch[i] = augment(image=image)["image"]
        return batch

    return call


def _pairs(library: Any) -> dict[str, tuple[list[Any], Any]]:
    """Changes of colour that both have, each applied to every image."""
    return {
        "brightness": (
            [seqaug.RandomBrightness(0.2)],
            library.RandomBrightnessContrast(brightness_limit=0.2, contrast_limit=0.0, p=1.0),
        ),
        "contrast": (
            [seqaug.RandomContrast((0.2, 0.2))],
            library.RandomBrightnessContrast(brightness_limit=0.0, contrast_limit=0.2, p=1.0),
        ),
        "hue": (
            [seqaug.RandomHue(0.2)],
            library.HueSaturationValue(hue_shift_limit=18, sat_shift_limit=0, val_shift_limit=0, p=1.0),
        ),
        "saturation": (
            [seqaug.RandomSaturation((0.4, 0.6))],
            library.HueSaturationValue(hue_shift_limit=0, sat_shift_limit=30, val_shift_limit=0, p=1.0),
        ),
        "colour jitter": (
            [seqaug.RandomColorJitter(brightness_factor=0.2, contrast_factor=(0.2, 0.2), saturation_factor=(0.4, 0.6))],
            library.ColorJitter(
                brightness=(0.8, 1.2), contrast=(0.8, 1.2), saturation=(0.8, 1.2), hue=(0.0, 0.0), p=1.0
            ),
        ),
        "gray": ([seqaug.RandomGrayscale(1.0)], library.ToGray(p=1.0)),
        "invert": ([seqaug.RandomInvert(1.0)], library.InvertImg(p=1.0)),
        "posterize": ([seqaug.RandomPosterization(4)], library.Posterize(num_bits=4, p=1.0)),
        "solarize": ([seqaug.Solarization(0.0, 0.5)], library.Solarize(threshold_range=(0.5, 0.5), p=1.0)),
        "gamma": ([seqaug.RandomGamma((0.8, 1.2))], library.RandomGamma(gamma_limit=(80, 120), p=1.0)),
        "stretch": ([seqaug.AutoContrast()], library.AutoContrast(p=1.0)),
        "equalize": ([seqaug.Equalization()], library.Equalize(p=1.0)),
        "channel shift": (
            [seqaug.RandomChannelShift(0.1)],
            library.RGBShift(r_shift_limit=25, g_shift_limit=25, b_shift_limit=25, p=1.0),
        ),
        "noise": ([seqaug.GaussianNoise(0.1)], library.GaussNoise(std_range=(0.1, 0.1), p=1.0)),
    }
