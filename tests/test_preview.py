"""The picture of a Sequence: what is in which cell of the grid."""

import numpy as np
import pytest
from common import Batches

from seqaug import AugmentedSequence, Normalization, RandomCrop, RandomFlip, RandomRotation, Rescaling

IMAGES = np.random.default_rng(0).integers(0, 256, (10, 20, 30, 3), np.uint8)
GAP = 4


def cells(page, height, width):
    """The pictures of a grid, row by row."""
    rows, columns = (page.shape[0] - GAP) // (height + GAP), (page.shape[1] - GAP) // (width + GAP)
    assert page.shape == (rows * (height + GAP) + GAP, columns * (width + GAP) + GAP, 3)
    return [
        [page[top : top + height, left : left + width] for left in range(GAP, page.shape[1], width + GAP)]
        for top in range(GAP, page.shape[0], height + GAP)
    ]


def make(**changed):
    arguments = {"augment": [RandomFlip(), RandomRotation(0.1)], "seed": 3, "batch_size": 4, **changed}
    return AugmentedSequence(arguments.pop("x", IMAGES), arguments.pop("y", None), **arguments)


def test_originals_beside_the_draws_of_each_epoch():
    sequence = make(shuffle=False, dtype="uint8")
    sequence.epoch = 2
    grid = cells(sequence.preview(count=6, draws=3), 20, 30)  # more than a batch holds
    assert (len(grid), len(grid[0])) == (6, 4)
    assert sequence.epoch == 2
    for i, row in enumerate(grid):
        np.testing.assert_array_equal(row[0], IMAGES[i])
        for draw, cell in enumerate(row[1:]):
            sequence.epoch = 2 + draw
            np.testing.assert_array_equal(cell, sequence[i // 4][i % 4])


def test_the_first_of_a_shuffled_epoch():
    sequence = make(shuffle=True, augment=[], y=np.arange(10))
    order = np.concatenate([sequence[i][1] for i in range(len(sequence))])
    for i, row in enumerate(cells(sequence.preview(3, 1), 20, 30)):
        np.testing.assert_array_equal(row[0], IMAGES[order[i]])


def test_all_there_are():
    assert len(cells(make().preview(count=99, draws=1), 20, 30)) == 10


@pytest.mark.parametrize(
    "scale", [Rescaling(1 / 255), Rescaling(1 / 127.5, -1), Normalization(mean=50.0, variance=100.0), Rescaling(3.0)]
)
def test_black_and_white_are_the_ends_of_the_range(scale):
    for row in cells(make(augment=[scale], shuffle=False).preview(2, 1), 20, 30):
        np.testing.assert_allclose(row[1].astype(int), row[0], atol=1)


def test_floats_of_no_known_range_are_stretched():
    (row,) = cells(make(x=IMAGES.astype("f4") * 7 - 3).preview(1, 1), 20, 30)
    assert {cell.min() for cell in row} == {0}
    assert row[0].max() == 255


@pytest.mark.parametrize("channels", [1, 2, 4, 9])
def test_any_number_of_channels(channels):
    images = np.random.default_rng(1).integers(0, 256, (3, 8, 9, channels), np.uint8)
    for i, row in enumerate(cells(make(x=images, augment=[], shuffle=False).preview(3, 1), 8, 9)):
        expected = images[i][..., :3] if channels in (3, 4) else images[i][..., [0, 0, 0]]
        np.testing.assert_array_equal(row[1], expected)


def test_originals_are_fitted_into_the_size_that_comes_out():
    sequence = make(augment=[RandomCrop(12, 12)], shuffle=False)
    ((first, second),) = cells(sequence.preview(1, 1), 12, 12)
    assert (first[:2] == first[0, 0]).all()  # padded above and below: 20×30 in a square
    assert not (first[3:9] == first[0, 0]).all()
    np.testing.assert_array_equal(second, sequence[0][0])


@pytest.mark.parametrize("wrapped", [False, True])
def test_masks_lie_below_their_images(wrapped):
    masks = (IMAGES[..., 0] > 128).astype(np.int64)
    x, y = (Batches([(IMAGES, masks)]), None) if wrapped else (IMAGES, masks)
    more = {} if wrapped else {"shuffle": False}
    sequence = make(x=x, y=y, targets="segmentation_mask", batch_size=None, **more)
    grid = cells(sequence.preview(count=2, draws=2), 20, 30)
    assert len(grid) == 4
    for i in range(2):
        for column in range(3):
            mask = masks[i] if column == 0 else None
            sequence.epoch = max(column - 1, 0)
            mask = sequence[0][1][i] if mask is None else mask
            shown = grid[2 * i + 1][column]
            assert (shown[mask == 0] == 0).all()
            assert len(np.unique(shown[mask == 1], axis=0)) <= 1
            assert (mask == 0).all() or shown[mask == 1].max(initial=255) > 0


def test_a_figure_has_a_title_for_each_column():
    sequence = make()
    sequence.epoch = 5
    figure = sequence.preview(2, 3, as_figure=True)
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["original", "epoch 5", "epoch 6", "epoch 7"]
    for column, at in enumerate(axes.get_xticks()):  # over its own column
        assert 0 < at - GAP - column * (30 + GAP) < 30
    np.testing.assert_array_equal(axes.images[0].get_array(), sequence.preview(2, 3))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"count": 0}, "`count` must be at least 1"), ({"draws": 0}, "`draws` must be at least 1")],
)
def test_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        make().preview(**arguments)


def test_nothing_to_preview():
    with pytest.raises(ValueError, match="pass through"):
        AugmentedSequence(Batches([IMAGES])).preview()
