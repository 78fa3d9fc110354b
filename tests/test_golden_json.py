"""Pipelines and plans that were written once are read for ever: tests/golden holds what format 1 looks like.

A file that is there already stays as it is when another format comes; `python tests/test_golden_json.py` writes what is
missing.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

import seqaug
from seqaug import Pipeline, Plan
from seqaug.transforms import TRANSFORMS

FOLDER = Path(__file__).resolve().parent / "golden"
IMAGES = (np.arange(4 * 20 * 24 * 3) * 7919 % 251).astype(np.uint8).reshape(4, 20, 24, 3)
PIPELINES = {
    "geometry": [
        seqaug.RandomResizedCrop(20, 20), seqaug.RandomFlip("horizontal", seed=3),
        seqaug.RandomRotation(degrees=(5, 20)),
        seqaug.RandomTranslation(0.1, (0.1, 0.2), "constant", fill_value=7.0), seqaug.RandomZoom(0.2, p=0.5),
        seqaug.RandomShear(0.1, 0.2), seqaug.RandomAffine(0.1, zoom_factor=0.2), seqaug.RandomPerspective(0.5),
        seqaug.RandomRotate90(), seqaug.RandomTranspose(), seqaug.RandomD4(), seqaug.RandomElasticTransform(0.5, 0.2),
        seqaug.Resizing(24, 22, "bicubic", antialias=True), seqaug.RandomCrop(18, 19), seqaug.CenterCrop(17, 16),
    ],
    "colour": [
        seqaug.RandomBrightness(0.2), seqaug.RandomContrast((0.3, 0.3)), seqaug.RandomHue(0.1),
        seqaug.RandomSaturation((0.4, 0.6)), seqaug.RandomGrayscale(0.2), seqaug.RandomColorDegeneration(0.3),
        seqaug.RandomColorJitter(brightness_factor=0.2, hue_factor=0.1), seqaug.RandomChannelShift(0.1),
        seqaug.RandomInvert(0.2), seqaug.RandomPosterization((3, 7)), seqaug.Solarization(0.1, 0.8),
        seqaug.RandomGamma((0.5, 2)), seqaug.AutoContrast(), seqaug.Equalization(p=0.5), seqaug.GaussianNoise((1, 9)),
    ],
    "filters": [
        seqaug.RandomGaussianBlur(), seqaug.RandomSharpness(0.5),
        seqaug.ContrastLimitedAdaptiveHistogramEqualization((0, 255)), seqaug.RandomErasing(0.9, fill_value=5.0),
        seqaug.CoarseDropout(), seqaug.GridMask(p=0.5), seqaug.Rescaling([0.1, 0.2, 0.3], 1.0),
        seqaug.Normalization(mean=[1, 2, 3], variance=[4, 5, 6]),
    ],
    "choices": [
        seqaug.OneOf([seqaug.RandomFlip(), [seqaug.RandomHue(0.1), seqaug.RandomZoom(0.1)], []], [1, 2, 3]),
        seqaug.SomeOf([seqaug.RandomFlip(), seqaug.RandomInvert(0.5)], (0, 2), seed=4),
        seqaug.RandomApply([seqaug.RandomOrder([seqaug.RandomFlip(), seqaug.RandomBrightness(0.1)])]),
        seqaug.RandAugment(), seqaug.AugMix(num_chains=2), seqaug.TrivialAugmentWide(),
    ],
    "mixing": [
        seqaug.MaxNumBoundingBoxes(5), seqaug.MixUp(0.4), seqaug.CutMix((0.5, 1.0)),
        seqaug.Mosaic(20, 24), seqaug.ImageCompression((50, 90), p=0.0),
    ],
}  # fmt: skip


def written(name):
    """What a golden file of this list holds."""
    pipeline = Pipeline(PIPELINES[name], image_size=(20, 24) if name == "geometry" else None)
    plan = pipeline.draw(seed=7, epoch=2, ids=range(4), shapes=[IMAGES[0].shape] * 4, value_range=(0, 255))
    batch = hashlib.sha256(pipeline.run(plan, IMAGES).tobytes()).hexdigest()
    return {"pipeline": json.loads(pipeline.to_json()), "plan": json.loads(plan.to_json()), "batch": batch}


def test_every_transform_is_in_a_file():
    def within(described):
        found = {described["class_name"]}
        for inner in described["config"].get("transforms", []):
            found |= within(inner) if isinstance(inner, dict) else set().union(*map(within, inner), set())
        return found

    files = [json.loads((FOLDER / f"{name}_1.json").read_text()) for name in PIPELINES]
    names = set().union(*(within(one) for file in files for one in file["pipeline"]["transforms"]))
    assert names >= set(TRANSFORMS) - {"Lambda"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_what_was_written_is_read(path):
    golden = json.loads(path.read_text())
    pipeline = Pipeline.from_json(json.dumps(golden["pipeline"]))
    assert json.loads(pipeline.to_json()) == golden["pipeline"]
    plan = Plan.from_json(json.dumps(golden["plan"]))
    assert json.loads(plan.to_json()) == golden["plan"]
    again = pipeline.draw(seed=7, epoch=2, ids=range(4), shapes=[IMAGES[0].shape] * 4, value_range=(0, 255))
    for one in (plan, again):
        batch = pipeline.run(one, IMAGES)
        assert hashlib.sha256(batch.tobytes()).hexdigest() == golden["batch"]


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in PIPELINES:
        path = FOLDER / f"{name}_1.json"
        if not path.exists():
            path.write_text(json.dumps(written(name)) + "\n")
