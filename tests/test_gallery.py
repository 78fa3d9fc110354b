"""The gallery shows every transform, by code that runs, and is what its program would write."""

import io
import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seqaug.transforms import TRANSFORMS

DOCS = Path(__file__).resolve().parent.parent / "docs"
GALLERY = runpy.run_path(str(DOCS / "gallery.py"))
CODES = [code for codes in GALLERY["SECTIONS"].values() for code in codes]


def test_every_transform_is_shown():
    shown = [GALLERY["name_of"](code) for code in CODES]
    assert len(shown) == len(set(shown))
    assert set(shown) | GALLERY["WITHOUT_PICTURE"] == set(TRANSFORMS)


def test_the_page_is_what_the_program_writes():
    assert (DOCS / "gallery.md").read_text(encoding="utf-8") == GALLERY["page"]()


@pytest.mark.parametrize("code", CODES)
def test_pictures(code):
    """JPEG may be written differently elsewhere, but shows the same."""
    again = io.BytesIO()
    Image.fromarray(GALLERY["strip"](code, GALLERY["turns"]()[code])).save(again, "jpeg", quality=75)
    with Image.open(DOCS / "gallery" / f"{GALLERY['name_of'](code)}.jpg") as picture, Image.open(again) as expected:
        assert picture.size == expected.size
        assert np.abs(np.asarray(picture, float) - np.asarray(expected, float)).mean() < 2
