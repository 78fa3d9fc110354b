"""Labels as they stand in mask files, pictures shrunk to be kept, and readers of the user's own."""

import io
import math
import struct
import zlib

import numpy as np
import pytest
import simplejpeg
import skimage.data
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from seqaug.sources import fitting
from seqaug.sources.decode import BrokenPicture, Decoder
from seqaug.sources.lossy import is_lossy

PHOTO = skimage.data.astronaut()[100:180, 150:260]  # 80 × 110
LABELS = np.arange(35, dtype=np.uint8).reshape(5, 7)
MASKS = Decoder("mask")


def put(folder, picture, kind, **options):
    path = folder / "a.bin"
    if isinstance(picture, np.ndarray):
        picture = Image.fromarray(picture)
    picture.save(path, kind, **options)
    return str(path)


def psnr(ours, theirs):
    return 10 * math.log10(255**2 / np.mean((np.asarray(ours, float) - np.asarray(theirs, float)) ** 2))


def few_bits(bits, values):
    """A PNG of 1, 2 or 4 bits of gray."""
    height, width = values.shape
    rows = b"".join(
        b"\0" + np.packbits(np.unpackbits(row[:, None].astype(np.uint8), axis=1)[:, 8 - bits :]).tobytes()
        for row in values
    )

    def chunk(kind, body):
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF"])
def test_masks_are_numbers_of_palette_colours(tmp_path, kind):
    picture = Image.fromarray(LABELS).convert("P")
    picture.putpalette([(37 * i) % 256 for i in range(768)])
    path = put(tmp_path, picture, kind, **({"optimize": False} if kind == "GIF" else {}))
    np.testing.assert_array_equal(MASKS(path)[:, :, 0], LABELS)
    see_through = put(tmp_path, picture, "PNG", transparency=3)
    np.testing.assert_array_equal(MASKS(see_through)[:, :, 0], LABELS)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_masks_of_few_bits(tmp_path, bits):
    """Pillow stretches gray values to 0 … 255; as labels, they are what is in the file."""
    path = tmp_path / "a.png"
    path.write_bytes(few_bits(bits, LABELS % 2**bits))
    np.testing.assert_array_equal(MASKS(str(path))[:, :, 0], LABELS % 2**bits)
    assert MASKS.probe(str(path)) == ((5, 7, 1), "uint8")
    assert Decoder("grayscale")(str(path)).max() == 255


@pytest.mark.parametrize("largest", [2, 100, 255, 300, 65535])
@pytest.mark.parametrize("plain", [False, True])
def test_masks_in_pgm(tmp_path, largest, plain):
    values = np.append(np.arange(largest)[:: max(1, largest // 50)], largest)
    header = f"P{2 if plain else 5}\n{len(values)} 1\n{largest}\n".encode()
    body = " ".join(map(str, values)).encode() if plain else values.astype(">u2" if largest > 255 else "u1").tobytes()
    (tmp_path / "a.pgm").write_bytes(header + body)
    mask = MASKS(str(tmp_path / "a.pgm"))
    np.testing.assert_array_equal(mask[0, :, 0], values)
    assert MASKS.probe(str(tmp_path / "a.pgm")) == (mask.shape, str(mask.dtype))
    assert mask.dtype == ("uint16" if largest > 255 else "uint8")


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_masks_of_many_bits(tmp_path, kind):
    path = put(tmp_path, LABELS.astype(np.uint16) * 1000, kind)
    np.testing.assert_array_equal(MASKS(path)[:, :, 0], LABELS.astype(np.uint16) * 1000)
    assert MASKS(path).dtype == "uint16"
    for dtype in ("int32", "float32"):
        tifffile.imwrite(path, LABELS.astype(dtype) * -100)
        np.testing.assert_array_equal(MASKS(path)[:, :, 0], LABELS.astype(dtype) * -100)
        assert MASKS.probe(path) == ((5, 7, 1), dtype)


@pytest.mark.parametrize(("mode", "channels"), [("LA", 2), ("RGB", 3), ("RGBA", 4)])
def test_masks_of_channels(tmp_path, mode, channels):
    picture = Image.fromarray(PHOTO).convert(mode)
    path = put(tmp_path, picture, "PNG")
    np.testing.assert_array_equal(MASKS(path), picture)
    assert MASKS.probe(path) == ((80, 110, channels), "uint8")
    tifffile.imwrite(path, np.zeros((4, 5, 3), "u2"), photometric="rgb")
    with pytest.raises(BrokenPicture, match="more than 8 bits"):
        MASKS(path)


def test_a_mask_in_a_jpeg_is_gray_and_whole(tmp_path):
    path = put(tmp_path, PHOTO, "JPEG")
    whole = Decoder("grayscale")(path)
    np.testing.assert_array_equal(Decoder("mask", reach=(10, 10))(path), whole)
    picked = Decoder("mask", cache_size=(20, 20))(path)
    nearest = Image.fromarray(whole[:, :, 0]).resize((28, 20), Image.Resampling.NEAREST)
    np.testing.assert_array_equal(picked[:, :, 0], nearest)


def test_files_that_lose_labels(tmp_path):
    for kind, options, lossy in (
        ("JPEG", {}, True),
        ("WEBP", {"lossless": False}, True),
        ("WEBP", {"lossless": True}, False),
        ("WEBP", {"lossless": False, "exif": b"Exif\0\0" + bytes(9), "icc_profile": bytes(99)}, True),
        ("WEBP", {"lossless": True, "icc_profile": bytes(99)}, False),
        ("WEBP", {"save_all": True, "append_images": [Image.fromarray(PHOTO[::-1])], "lossless": False}, True),
        ("TIFF", {"compression": "jpeg"}, True),
        ("TIFF", {"compression": "tiff_lzw"}, False),
        ("PNG", {}, False),
    ):
        assert is_lossy(put(tmp_path, PHOTO, kind, **options)) is lossy, (kind, options)
    with pytest.raises(FileNotFoundError):
        is_lossy(str(tmp_path / "none"))


@given(
    size=st.tuples(st.integers(1, 5000), st.integers(1, 5000)), box=st.tuples(st.integers(1, 900), st.integers(1, 900))
)
def test_the_least_size_that_covers(size, box):
    height, width = fitting.covering(size, box)
    if size[0] <= box[0] or size[1] <= box[1]:
        assert (height, width) == size
        return
    assert height >= box[0]
    assert width >= box[1]
    assert (height == box[0]) or (width == box[1])
    scale = max(box[0] / size[0], box[1] / size[1])
    assert abs(height - size[0] * scale) <= 0.5 + 1e-9
    assert abs(width - size[1] * scale) <= 0.5 + 1e-9


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("color_mode", ["grayscale", "rgb", "rgba"])
@pytest.mark.parametrize("cut", [0, 5])
def test_shrunk_pictures(tmp_path, kind, color_mode, cut):
    """Near to Pillow's own resize of the whole; a JPEG is scaled first and then shrunk by less than 2."""
    photo = skimage.data.coffee()[: 400 - cut, : 600 - cut]
    path = put(tmp_path, photo, kind, **({"quality": 95} if kind == "JPEG" else {}))
    ours = Decoder(color_mode, cache_size=(90, 120))(path)
    mode = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}[color_mode]
    with Image.open(path) as picture:
        picture.draft("L" if mode == "L" else None, None)
        theirs = picture.convert(mode).resize((ours.shape[1], 90), Image.Resampling.BICUBIC)
    assert ours.shape[:2] == (90, round((600 - cut) * 90 / (400 - cut)))
    if kind == "PNG":
        np.testing.assert_array_equal(ours.squeeze(), theirs)
    else:
        assert psnr(ours.squeeze(), theirs) > 36
    assert Decoder(color_mode, reach=(5, 5), cache_size=(90, 120))(path).tobytes() == ours.tobytes()
    small = Decoder(color_mode, cache_size=(4000, 10))(path)
    np.testing.assert_array_equal(small, Decoder(color_mode)(path))


def test_opacity_is_shrunk_like_any_channel(tmp_path):
    """As the resampling treats it; Pillow would weigh the colours by it."""
    pixels = np.concatenate([PHOTO, PHOTO[::-1, :, :1]], axis=2)
    ours = Decoder("rgba", cache_size=(20, 20))(put(tmp_path, pixels, "PNG"))
    for channel in range(4):
        plane = Image.fromarray(np.ascontiguousarray(pixels[:, :, channel]))
        theirs = plane.resize((28, 20), Image.Resampling.BICUBIC)
        np.testing.assert_array_equal(ours[:, :, channel], theirs)


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_turned_jpeg_covers_the_size_upright(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = put(tmp_path, skimage.data.coffee(), "JPEG", exif=exif)  # 400 × 600
    assert Decoder(cache_size=(60, 100))(path).shape == ((67, 100, 3) if orientation == 1 else (150, 100, 3))


def test_16_bits_are_shrunk(tmp_path):
    values = np.random.default_rng(0).integers(0, 65536, (60, 90)).astype(np.uint16)
    values[:, :30], values[:, 30:60] = 0, 65535  # an edge, at which a filter overshoots
    path = put(tmp_path, values, "PNG")
    ours = Decoder("rgba", cache_size=(20, 20))(path)
    assert ours.shape == (20, 30, 4)
    assert ours.dtype == "uint16"
    exact = np.asarray(Image.fromarray(values.astype(np.float32)).resize((30, 20), Image.Resampling.BICUBIC))
    assert exact.min() < 0
    assert exact.max() > 65535
    np.testing.assert_array_equal(ours[:, :, 1], np.rint(np.clip(exact, 0, 65535)))
    assert (ours[:, :, 3] == 65535).all()


@settings(max_examples=60, deadline=None)
@given(size=st.tuples(st.integers(2, 60), st.integers(2, 60)), box=st.tuples(st.integers(1, 30), st.integers(1, 30)))
def test_masks_are_shrunk_by_picking(tmp_path_factory, size, box):
    labels = np.random.default_rng(0).integers(0, 65536, size).astype(np.uint16)
    path = put(tmp_path_factory.getbasetemp(), labels, "PNG")
    ours = Decoder("mask", cache_size=box)(path)
    height, width, _ = ours.shape
    rows = [math.floor((i + 0.5) * size[0] / height) for i in range(height)]
    columns = [math.floor((i + 0.5) * size[1] / width) for i in range(width)]
    np.testing.assert_array_equal(ours[:, :, 0], labels[rows][:, columns])


def read_nothing(path):
    raise RuntimeError(f"no {path}")


def test_a_reader_of_the_users_own(tmp_path):
    path = str(tmp_path / "a.npy")
    np.save(path, LABELS.astype(">f4"))
    decoder = Decoder(load=np.load, max_pixels=1, cache_size=(2, 2))
    picture = decoder(path)
    assert picture.shape == (5, 7, 1)
    assert picture.dtype == np.float32
    assert decoder.probe(path) == ((5, 7, 1), "float32")
    assert decoder.settings["load"] == "numpy.load"
    assert Decoder(load=read_nothing).settings["load"].endswith(".read_nothing")
    with pytest.raises(BrokenPicture, match=r"a\.npy': `load` raised RuntimeError: no ") as caught:
        Decoder(load=read_nothing)(path)
    assert isinstance(caught.value.__cause__.__cause__, RuntimeError)


@pytest.mark.parametrize(
    ("returned", "received"),
    [
        ([[1]], "list"),
        (None, "NoneType"),
        (np.zeros(5), r"shape \(5,\)"),
        (np.zeros((2, 0, 3)), r"shape \(2, 0, 3\)"),
        (np.zeros((2, 2), complex), "complex128"),
        (np.zeros((2, 2), "?"), "bool"),
    ],
)
def test_what_a_reader_returns_is_checked(returned, received):
    with pytest.raises(BrokenPicture, match=f"'x': `load` must return an array .*uint8.*Received: .*{received}"):
        Decoder(load=lambda _: returned)("x")
    if received == "bool":
        assert Decoder("mask", load=lambda _: returned)("x").dtype == bool


def test_simplejpeg_takes_the_scales_that_are_asked_for():
    """It knows sixteen; asked for the size that one of ours gives, it finds just that."""
    for height, width in ((8, 9), (63, 200), (255, 97), (511, 384), (750, 1001)):
        data = io.BytesIO()
        Image.new("RGB", (width, height)).save(data, "JPEG")
        for divisor in (2, 4, 8):
            least = fitting.decoded((height, width), divisor)
            pixels = simplejpeg.decode_jpeg(data.getvalue(), "RGB", min_height=least[0], min_width=least[1])
            assert pixels.shape[:2] == (math.ceil(height / divisor), math.ceil(width / divisor))
