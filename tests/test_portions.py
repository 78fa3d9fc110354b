"""How much of a batch of files a thread reads before it uses it."""

import numpy as np
import pytest
from PIL import Image

from seqaug.sources import parts
from seqaug.sources.cache import MemoryCache
from seqaug.sources.decode import Decoder
from seqaug.sources.files import FileSource
from seqaug.sources.paths import Paths

ROWS = [3, 1, 4, 0, 5, 2]


@pytest.mark.parametrize("extension", ["jpg", "png", "bmp"])
def test_decoded_pictures_come_in_portions_and_kept_ones_at_once(tmp_path, monkeypatch, extension):
    """Whoever decodes: Pillow's pixels cannot be written to, and simplejpeg's can."""
    files = []
    for i in range(6):
        files.append(str(tmp_path / f"{i}.{extension}"))
        Image.fromarray(np.full((10, 10, 3), 40 * i, np.uint8)).save(files[-1])
    monkeypatch.setattr(parts, "_NEAR", 2 * 300)
    source = FileSource(Paths.of(files), Decoder(), MemoryCache({}), one_size=True)

    def portions(first, last):
        part = parts.parts_of(source, ROWS)
        found = list(parts.portions(source, part, ROWS, first, last))
        assert all(len(images) == end - begin for begin, end, images in found)
        values = [int(image[0, 0, 0]) for *_, images in found for image in images]
        assert values == pytest.approx([40 * i for i in ROWS[first:last]], abs=2)
        return [(begin, end) for begin, end, _ in found]

    assert portions(1, 6) == [(1, 3), (3, 5), (5, 6)]
    assert portions(1, 6) == [(1, 6)]
    assert portions(0, 3) == [(0, 3)]
