"""Arrays as a source: any dtype and layout, memory maps, anything indexed by row, and rows that break their word."""

import numpy as np
import pytest
from common import digests

from seqaug import AugmentedSequence, RandomFlip, RandomRotation, Rescaling

AUGMENT = [RandomFlip("horizontal"), RandomRotation(degrees=15, fill_mode="nearest"), Rescaling(1 / 255)]
IMAGES = np.random.default_rng(0).integers(0, 256, (53, 12, 17, 3), np.uint8)


def make(x=IMAGES):
    return AugmentedSequence(x, np.arange(53), augment=AUGMENT, batch_size=8, seed=7)


@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", "i4", "f4", "f8", ">u2", ">f4"])
@pytest.mark.parametrize("layout", ["plain", "strided", "read-only"])
def test_sources_of_any_dtype_and_layout(dtype, layout):
    images = IMAGES.astype(dtype)
    if layout == "strided":
        images = images.repeat(2, axis=2)[::1, :, ::2]
    images.flags.writeable = layout != "read-only"
    for index, (batch, labels) in enumerate(map(make(images).__getitem__, range(len(make())))):
        expected, same = make()[index]
        np.testing.assert_allclose(batch, expected, atol=1e-4 * max(1, expected.max()))  # bytes have weights of 15 bits
        assert labels.tobytes() == same.tobytes()


def test_memory_maps(tmp_path):
    np.save(tmp_path / "x.npy", IMAGES)
    assert digests(make(x=np.load(tmp_path / "x.npy", mmap_mode="r"))) == digests(make())


def test_anything_indexed_by_row():
    class Rows:
        shape, dtype = IMAGES.shape, IMAGES.dtype

        def __getitem__(self, row):
            assert isinstance(row, int)
            return IMAGES[row]

    assert digests(make(x=Rows())) == digests(make())


class Rows:
    """Rows that are not what `shape` and `dtype` say."""

    shape, dtype = (4, 8, 6, 3), np.dtype("u1")

    def __init__(self, row):
        self.row = row

    def __getitem__(self, index):
        return np.zeros((8, 6, 3), "u1") if index == 0 else self.row


@pytest.mark.parametrize("row", [np.zeros((5, 5, 3), "u1"), np.zeros((8, 6), "u1"), np.zeros((8, 6, 3), "f4")])
def test_rows_that_break_their_word_are_named(row):
    sequence = AugmentedSequence(Rows(row), shuffle=False)
    with pytest.raises(ValueError, match=r"`x\[1\]` must be of shape \(8, 6, 3\) and dtype uint8"):
        sequence[0]
