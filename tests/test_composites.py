"""Pipelines of anything against the plain reference: the composite map of each stage, in double."""

import numpy as np
import pytest
from common import attempt, laid_out
from hypothesis import event, given, settings
from hypothesis import strategies as st
from reference import RANGES, RefusedError, ranges_at
from reference_stages import groups, run_stage
from strategies import transform_lists

from seqaug import Pipeline


def expected_stage(placed, images, keys, given_range):
    """The last stage of a list on the pictures that the stages before it have made."""
    bounds = ranges_at(placed, given_range)
    group = groups(placed)[-1]
    return [run_stage(group, image, key, bounds) for image, key in zip(images, keys, strict=True)]


@pytest.mark.parametrize("kind", ["all", "colours", "squares"])
@settings(max_examples=250)
@given(st.data())
def test_equals_the_composite_map_of_every_stage(cpu, kind, data):
    """Each stage by itself, its source being what the list up to it gives: float32 as everywhere between stages."""
    height, width, channels = data.draw(st.tuples(st.integers(1, 40), st.integers(1, 70), st.integers(1, 5)))
    transforms = data.draw(transform_lists(channels, kind=kind))
    dtype = data.draw(st.sampled_from(["u1", "u2", "i2", "i4", "f4", "f8"]))
    image_size = data.draw(st.none() | st.tuples(st.integers(1, 40), st.integers(1, 40)))
    seed, epoch = data.draw(st.integers(0, 2**64 - 1)), data.draw(st.integers(0, 2**32 - 1))
    ids = data.draw(st.lists(st.integers(0, 2**32 - 1), min_size=2, max_size=2))
    value_range = data.draw(st.sampled_from([None, (0.0, 200.0), (-5.0, 5.0)]))
    images = np.random.default_rng(seed % 1000).integers(0, 200, (2, height, width, channels)).astype(dtype)
    images = data.draw(laid_out(images))
    before = images.tobytes()
    pipeline = Pipeline(transforms, image_size=image_size)
    placed = [*([(-1, pipeline.resize)] if pipeline.resize else []), *enumerate(transforms)]
    stages = groups(placed)
    assert [list(stage.transforms) for stage in pipeline.stages] == [[t for _, t in group] for group in stages]
    event(f"stages: {len(stages)}")
    source = images
    for count in range(1, len(stages) + 1):
        so_far = [pair for group in stages[:count] for pair in group]
        part = Pipeline([t for slot, t in so_far if slot >= 0], image_size=image_size)
        keys = [(seed, epoch, sample) for sample in ids]
        result, refusal = attempt(part, images, seed=seed, epoch=epoch, ids=ids, value_range=value_range)
        try:
            expected = expected_stage(so_far, source, keys, value_range or RANGES.get(dtype))
        except RefusedError as error:
            event(f"refused: {error}")
            expected_refusal = str(error)
            break
        assert refusal is None
        for ours, (theirs, doubtful) in zip(result, expected, strict=True):
            assert ours.shape == theirs.shape
            cut = value_range == (-5.0, 5.0)  # from pixels of up to 200, which are interpolated before
            size = max(20.0 if cut else 1.0, np.abs(theirs).max())
            np.testing.assert_allclose(ours[~doubtful], theirs[~doubtful], rtol=1e-5, atol=2e-4 * size)
        source = result
    else:
        expected_refusal = ""
    assert expected_refusal in (refusal or "")
    assert images.tobytes() == before
