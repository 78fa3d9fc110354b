"""What real folders contain: every file is read, or named with a reason, and nothing else happens."""

import contextlib
import errno
import io
import os
import pickle
import struct
import sys
import zlib

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from seqaug.sources.decode import MAX_PIXELS, BrokenPicture, Decoder

PHOTO = skimage.data.astronaut()[100:180, 150:260]  # 80 × 110
DECODER = Decoder()


def encoded(kind="JPEG", picture=PHOTO, **options):
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, kind, **options)
    return stream.getvalue()


JPEG = encoded(quality=90)
PROGRESSIVE = encoded(quality=90, progressive=True)
VARIED = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
MANY = [encoded(kind, VARIED) for kind in ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF", "PPM")] + [
    encoded("TIFF", VARIED, compression="tiff_lzw"),
    encoded("JPEG", VARIED, progressive=True, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"),
]


def refused(path, reason="Cannot read", decoder=DECODER):
    with pytest.raises(BrokenPicture, match=reason) as caught:
        decoder(path)
    assert caught.value.path == path
    assert repr(path) in str(caught.value)
    assert caught.value.reason in str(caught.value)
    return caught.value


def put(folder, data, name="a.jpg"):
    path = os.path.join(str(folder), name)  # noqa: PTH118 (for names that are no text)
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(data)
    return path


def test_a_broken_picture_travels():
    broken = BrokenPicture("a\udcff.jpg", "it is torn")
    broken.row = 7
    copy = pickle.loads(pickle.dumps(broken))
    assert (copy.path, copy.reason, copy.row, str(copy)) == ("a\udcff.jpg", "it is torn", 7, str(broken))
    assert str(copy) == r"Cannot read the picture 'a\udcff.jpg': it is torn"


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("data", [JPEG, PROGRESSIVE], ids=["baseline", "progressive"])
def test_a_jpeg_that_ends_too_early(tmp_path, data, part):
    """It is never filled up with gray, with and without the marker that ends a picture, and at no scale."""
    for cut in (data[: int(len(data) * part)], data[: int(len(data) * part)] + b"\xff\xd9"):
        if data is PROGRESSIVE and cut.endswith(b"\xff\xd9") and part == 0.999:
            continue  # its last scan may lack a few bits of detail that nobody misses
        for decoder in (DECODER, Decoder("rgba"), Decoder("mask"), Decoder(reach=(20, 20))):
            refused(put(tmp_path, cut), "JPEG", decoder)


def test_a_jpeg_of_four_inks_that_ends_too_early(tmp_path):
    stream = io.BytesIO()
    Image.fromarray(PHOTO).convert("CMYK").save(stream, "JPEG")
    for end in (b"", b"\xff\xd9"):
        refused(put(tmp_path, stream.getvalue()[:3000] + end), "JPEG")


def test_every_beginning_of_a_jpeg_is_refused(tmp_path):
    for length in range(0, len(JPEG) - 2, 37):
        refused(put(tmp_path, JPEG[:length]))


def test_harmless_oddities_of_jpegs_are_taken(tmp_path):
    """Of which well-known data sets have some, and which Keras decodes; the pixels are all there."""
    whole = DECODER(put(tmp_path, JPEG))
    version = JPEG.index(b"JFIF\0") + 5
    table = JPEG.index(b"\xff\xdb")
    for odd in (
        JPEG + b"behind the end",
        JPEG[:-2] + bytes(100) + JPEG[-2:],
        JPEG[:version] + b"\0\0" + JPEG[version + 2 :],
        JPEG[:version] + b"\0\0" + JPEG[version + 2 : -2] + bytes(100) + JPEG[-2:],
        JPEG[:table] + b"\xff\xff\xff" + JPEG[table:],
        JPEG[:table] + b"\0\1\2" + JPEG[table:],
    ):
        np.testing.assert_array_equal(DECODER(path := put(tmp_path, odd)), whole)
        assert DECODER.probe(path) == (whole.shape, "uint8")
    refused(put(tmp_path, JPEG[:-2] + bytes(len(JPEG)) + JPEG[-2:]), "extraneous")  # most was not understood
    torn = JPEG[:version] + b"\0\0" + JPEG[version + 2 : 3000] + JPEG[-2:]
    refused(put(tmp_path, torn), "premature end")  # which Pillow would fill up


@pytest.mark.parametrize("sampling", [0x31, 0x14, 0x41])
def test_unusual_sampling_of_colours(tmp_path, sampling):
    """libjpeg-turbo's interface has no names for all; the file is Pillow's then, at the same sizes."""
    data = bytearray(encoded("JPEG", np.full((64, 96, 3), 200, np.uint8), subsampling=0))
    data[data.index(b"\xff\xc0") + 11] = sampling
    path = put(tmp_path, bytes(data))
    for decoder in (DECODER, Decoder(reach=(20, 20)), Decoder("mask"), Decoder("grayscale", reach=(8, 8))):
        try:
            picture = decoder(path)
        except BrokenPicture:
            continue  # its data is that of other blocks
        assert decoder.probe(path) == (picture.shape, "uint8")
        assert picture.shape[0] in (64, 32, 8)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP", "GIF", "PPM"])
def test_other_formats_that_end_too_early(tmp_path, kind):
    data = encoded(kind, VARIED)
    for part in (0.3, 0.6, 0.9):
        refused(put(tmp_path, data[: int(len(data) * part)], "a.png"))


def test_nothing_and_no_picture(tmp_path):
    refused(put(tmp_path, b""), "the file is empty")
    for data in (bytes(1000), b"This is not a picture.", b"<svg></svg>", b"\xff\xd8", b"%PDF-1.5", b"I"):
        refused(put(tmp_path, data), "its content is none of JPEG, PNG, BMP")
    for data in (b"\x89PNG\r\n\x1a\n", b"BM", b"GIF89a", b"P6\n", b"II*\0", b"RIFF\4\0\0\0WEBP", b"\xff\xd8\xff\xe0"):
        for broken in (refused(put(tmp_path, data)), refused(put(tmp_path, data + bytes(100)))):
            assert "0x" not in str(broken)
            assert len(broken.reason) > 10


def test_an_enormous_file_that_is_no_picture_is_not_read(tmp_path):
    path = put(tmp_path, b"")
    try:
        os.truncate(path, 1 << 42)
    except OSError:
        os.truncate(path, 1 << 36)
    refused(path, "its content is none of")


def test_what_is_no_file(tmp_path):
    (tmp_path / "folder.jpg").mkdir()
    assert isinstance(refused(str(tmp_path / "folder.jpg"), "it is a folder").__cause__, IsADirectoryError)
    assert isinstance(refused(str(tmp_path / "none.jpg"), "No such file").__cause__, FileNotFoundError)
    refused("a\0b", "null")
    refused(str(tmp_path / ("a" * 5000)), os.strerror(errno.ENAMETOOLONG))
    refused("")


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes in folders there")
def test_pipes_and_links(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")  # opening it to read would wait for a writer
    refused(str(tmp_path / "pipe.jpg"), "no regular file")
    refused("/dev/zero", "no regular file")
    (tmp_path / "dangling.jpg").symlink_to(tmp_path / "gone.jpg")
    refused(str(tmp_path / "dangling.jpg"), "a link to a file that does not exist")
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    refused(str(tmp_path / "loop.jpg"), os.strerror(errno.ELOOP))
    (tmp_path / "good.jpg").symlink_to(put(tmp_path, JPEG))
    assert DECODER(str(tmp_path / "good.jpg")).shape == (80, 110, 3)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_files_that_may_not_be_read(tmp_path):
    path = put(tmp_path, JPEG)
    os.chmod(path, 0)  # noqa: PTH101
    refused(path, os.strerror(errno.EACCES))


def test_a_refused_permission_is_named(tmp_path, monkeypatch):
    def opened(path, flags):
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(os, "open", opened)
    assert isinstance(refused(str(tmp_path / "a.jpg"), "Permission denied").__cause__, PermissionError)


NAMES = [
    "with\nnewline.jpg",
    "quote's \".jpg",
    "日本語🐈.jpg",
    " .jpg",
    "-rf",
    "%s{0}.jpg",
    "a\udcff\udc80.jpg",
    "\x1b[31m.jpg",
]


@pytest.mark.skipif(sys.platform == "win32", reason="not every name there")
@pytest.mark.parametrize("name", NAMES)
def test_names(tmp_path, name):
    """Names that are no UTF-8 come as Python gives them; what is said of them can be printed."""
    path = put(tmp_path, JPEG, name)
    assert DECODER(path).shape == (80, 110, 3)
    assert os.fsdecode(os.listdir(os.fsencode(tmp_path))[0]) == name  # noqa: PTH208
    message = str(refused(put(tmp_path, b"", name)))
    message.encode("utf-8")
    assert message.isprintable()


def test_the_content_tells_the_format(tmp_path):
    for kind in ("PNG", "BMP", "TIFF", "WEBP", "GIF", "PPM"):
        assert DECODER(put(tmp_path, encoded(kind), "a.jpg")).shape == (80, 110, 3)
        assert DECODER(put(tmp_path, JPEG, f"a.{kind.lower()}")).shape == (80, 110, 3)


def png_of_size(width, height):
    def chunk(kind, body):
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def jpeg_of_size(width, height):
    at = JPEG.index(b"\xff\xc0") + 5
    return JPEG[:at] + struct.pack(">HH", height, width) + JPEG[at + 4 :]


def gif_of_size(width, height):
    data = encoded("GIF")
    return data[:6] + struct.pack("<HH", width, height) + data[10:]


def test_decompression_bombs_are_refused_by_their_header(tmp_path):
    for data in (png_of_size(100_000, 50_000), jpeg_of_size(60_000, 60_000), gif_of_size(65535, 60_000)):
        for decoder in (DECODER, Decoder("mask"), Decoder(reach=(10, 10), cache_size=(10, 10))):
            path = put(tmp_path, data)
            refused(
                path, f"at most `max_pixels={MAX_PIXELS}` pixels.*bomb.*raise the limit. Received: [0-9]+×", decoder
            )
            with pytest.raises(BrokenPicture, match="max_pixels"):
                decoder.probe(path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF"])
def test_the_limit_is_what_is_asked_for(tmp_path, kind):
    path = put(tmp_path, encoded(kind))
    assert Decoder(max_pixels=80 * 110)(path).shape == (80, 110, 3)
    refused(path, r"max_pixels=8799`.*80×110", Decoder(max_pixels=80 * 110 - 1))
    assert Decoder(max_pixels=None)(path).shape == (80, 110, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "PPM"])
def test_pillow_does_not_warn_of_what_is_within_the_limit(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 80 * 110 - 1)
    assert Decoder("grayscale")(path := put(tmp_path, encoded(kind))).shape == (80, 110, 1)
    assert Decoder("mask").probe(path)[0][:2] == (80, 110)


@pytest.mark.parametrize("kind", ["TIFF", "WEBP"])
def test_pillows_own_refusal_says_what_to_do(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    refused(put(tmp_path, encoded(kind)), "bomb.*raise `PIL.Image.MAX_IMAGE_PIXELS`")


def test_running_out_of_memory_is_told(tmp_path, monkeypatch):
    def convert(*_):
        raise MemoryError

    path = put(tmp_path, encoded("PNG"))
    monkeypatch.setattr(Image.Image, "convert", convert)
    refused(path, "there is not enough memory for it")


@pytest.mark.filterwarnings("ignore")  # Pillow's, of whatever it finds odd
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_any_damage_is_a_broken_picture_or_none(tmp_path_factory, data):
    content = bytearray(data.draw(st.sampled_from(MANY), "file"))
    for _ in range(data.draw(st.integers(1, 4), "changes")):
        at = min(data.draw(st.integers(0, 400) | st.integers(0, len(content)), "place"), len(content))
        how = data.draw(st.sampled_from(["set", "insert", "cut"]), "how")
        piece = data.draw(st.binary(min_size=1, max_size=8), "bytes")
        content[at : at + {"set": len(piece), "insert": 0, "cut": len(content)}[how]] = piece if how != "cut" else b""
    path = put(tmp_path_factory.getbasetemp(), bytes(content))
    decoder = Decoder(data.draw(st.sampled_from(["rgb", "grayscale", "mask"])), (10, 10), max_pixels=100_000)
    with contextlib.suppress(BrokenPicture):
        shape = decoder.probe(path)
        picture = decoder(path)
        assert (picture.shape, str(picture.dtype)) == shape
