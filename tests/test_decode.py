"""Picture files to pixels: scaled decoding, orientation, colours as stored, and the header telling what will come."""

import io
import math
import pickle
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from seqaug import Pipeline
from seqaug.sources.decode import Decoder

ASTRONAUT = skimage.data.astronaut()  # 512 × 512
PHOTO = ASTRONAUT[100:180, 150:260]  # 80 × 110
KINDS = {
    "JPEG": ["L", "RGB", "CMYK"],
    "PNG": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"],
    "BMP": ["1", "L", "P", "RGB", "RGBA"],
    "TIFF": ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"],
    "WEBP": ["RGB", "RGBA"],
    "GIF": ["L", "P", "RGBA"],
    "PPM": ["1", "L", "RGB"],
}
TURNED = (5, 6, 7, 8)
COLOR_MODES = ("grayscale", "rgb", "rgba", "mask")


def encoded(picture, kind="JPEG", orientation=1, **options):
    if orientation != 1:
        options["exif"] = Image.Exif()
        options["exif"][0x0112] = orientation
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def of_mode(array, mode):
    if mode == "I;16":
        return Image.fromarray(array[:, :, 0].astype(np.uint16) * 257)
    return Image.fromarray(array).convert(mode)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")

    def put(data, name="a.bin"):
        (folder / name).write_bytes(data)
        return str(folder / name)

    return put


def psnr(ours, theirs):
    return 10 * math.log10(255**2 / np.mean((np.asarray(ours, float) - theirs) ** 2))


def nearest(number):
    return math.floor(number + 0.5)


def scale(size, least):
    """The largest allowed divisor, tried one by one."""
    fitting = [
        d
        for d in (1, 2, 4, 8)
        if d <= min(size) and nearest(size[0] / d) >= least[0] and nearest(size[1] / d) >= least[1]
    ]
    return max(fitting, default=1)


@settings(max_examples=150, deadline=None)
@given(
    size=st.tuples(st.integers(1, 200), st.integers(1, 200)),
    reach=st.tuples(st.integers(1, 120), st.integers(1, 120)),
    orientation=st.integers(1, 8),
    mode=st.sampled_from(["L", "RGB", "CMYK"]),
    subsampling=st.sampled_from([0, 1, 2]),
)
def test_scaled_decoding(place, size, reach, orientation, mode, subsampling):
    """Pixels are those of libjpeg's own scaled decoding, as Pillow calls it, at the scale that the rule says."""
    array = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    path = place(encoded(of_mode(array, mode), orientation=orientation, subsampling=subsampling))
    ours = Decoder(reach=reach)(path)
    divisor = scale(size, reach[::-1] if orientation in TURNED else reach)
    with Image.open(path) as picture:
        picture.draft(None, (size[1] // divisor, size[0] // divisor))
        assert picture.size == (math.ceil(size[1] / divisor), math.ceil(size[0] / divisor))
        picture = picture.crop(
            (0, 0, nearest(size[1] / divisor), nearest(size[0] / divisor))
        )  # not a sliver of a pixel
        picture.getexif()[0x0112] = orientation
        theirs = ImageOps.exif_transpose(picture).convert("RGB")
    assert ours.flags.c_contiguous
    np.testing.assert_array_equal(ours, theirs)
    height, width, _ = ours.shape
    full = size[::-1] if orientation in TURNED else size
    assert height >= min(reach[0], full[0])
    assert width >= min(reach[1], full[1])


@pytest.mark.parametrize("color_mode", ["grayscale", "rgb", "rgba"])
@pytest.mark.parametrize("reach", [None, (40, 50)])
def test_four_inks(place, color_mode, reach):
    """CMYK and YCCK, which simplejpeg writes; both stored inverted, as Adobe does."""
    stored = 255 - np.asarray(Image.fromarray(PHOTO).convert("CMYK"))
    four = simplejpeg.encode_jpeg(np.ascontiguousarray(stored), 95, "CMYK")
    assert simplejpeg.decode_jpeg_header(four)[2] == "YCCK"
    for data in (four, encoded(Image.fromarray(PHOTO).convert("CMYK"), quality=95)):
        path = place(data)
        ours = Decoder(color_mode, reach)(path)
        with Image.open(path) as picture:
            if reach:
                picture.draft(None, (55, 40))
            theirs = picture.convert({"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}[color_mode])
        np.testing.assert_array_equal(ours, np.asarray(theirs).reshape(ours.shape))
    whole = Decoder()(path)
    assert psnr(whole, PHOTO) > 25


def test_gray_and_colour_change_places(place):
    gray = place(encoded(Image.fromarray(PHOTO).convert("L")))
    one = Decoder("grayscale")(gray)
    np.testing.assert_array_equal(Decoder("rgb")(gray), np.repeat(one, 3, axis=2))
    rgba = Decoder("rgba", reach=(20, 20))(gray)
    assert rgba.shape == (20, 28, 4)
    assert (rgba[:, :, 3] == 255).all()
    colour = place(encoded(Image.fromarray(PHOTO)))
    with Image.open(colour) as picture:
        picture.draft("L", None)
        np.testing.assert_array_equal(Decoder("grayscale")(colour)[:, :, 0], picture)


@settings(max_examples=250, deadline=None)
@given(data=st.data(), size=st.tuples(st.integers(1, 90), st.integers(1, 90)), orientation=st.integers(1, 8))
def test_the_header_tells_what_will_come(place, data, size, orientation):
    kind = data.draw(st.sampled_from(sorted(KINDS)), "format")
    mode = data.draw(st.sampled_from(KINDS[kind]), "mode")
    extents = st.none() | st.tuples(st.integers(1, 60), st.integers(1, 60))
    decoder = Decoder(data.draw(st.sampled_from(COLOR_MODES)), data.draw(extents), data.draw(extents))
    array = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    with_exif = kind in ("JPEG", "PNG", "TIFF", "WEBP")
    path = place(encoded(of_mode(array, mode), kind, orientation if with_exif else 1))
    picture = decoder(path)
    assert decoder.probe(path) == (picture.shape, str(picture.dtype))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("color_mode", COLOR_MODES)
def test_upright(place, kind, orientation, color_mode):
    path = place(encoded(of_mode(PHOTO, "L" if kind != "WEBP" else "RGB"), kind, orientation))
    # Not by its name, by which Pillow 13 turns a TIFF wrongly.
    with Path(path).open("rb") as file, Image.open(file) as picture:
        theirs = np.asarray(ImageOps.exif_transpose(picture).convert("L"))
    ours = Decoder(color_mode)(path)
    if kind != "WEBP":
        np.testing.assert_array_equal(ours[:, :, 0], theirs)
    assert ours.shape[:2] == theirs.shape
    assert ours.flags.c_contiguous


def exif_segment(order, entries, start=8):
    """EXIF data with these (tag, type, count, value) in its first directory."""
    short = (lambda n: n.to_bytes(2, "little")) if order == "II" else (lambda n: n.to_bytes(2, "big"))
    long = (lambda n: n.to_bytes(4, "little")) if order == "II" else (lambda n: n.to_bytes(4, "big"))
    body = order.encode() + short(42) + long(start) + bytes(start - 8) + short(len(entries))
    for tag, kind, count, value in entries:
        body += short(tag) + short(kind) + long(count) + (short(value) + short(0) if kind == 3 else long(value))
    return b"Exif\0\0" + body + long(0)


ODD_EXIF = {
    "little": exif_segment("II", [(0x0100, 3, 1, 5), (0x0112, 3, 1, 6)]),
    "big": exif_segment("MM", [(0x0112, 3, 1, 6), (0x0131, 3, 1, 5)]),
    "as a long": exif_segment("MM", [(0x0112, 4, 1, 6)]),
    "further on": exif_segment("II", [(0x0112, 3, 1, 6)], start=40),
    "none": exif_segment("II", [(0x0100, 3, 1, 6)]),
    "out of range": exif_segment("II", [(0x0112, 3, 1, 9)]),
    "zero": exif_segment("II", [(0x0112, 3, 1, 0)]),
    "empty": b"Exif\0\0",
    "start too far": exif_segment("II", [(0x0112, 3, 1, 6)])[:10] + b"\xff\xff\xff\x7f" + bytes(10),
    "more than there is": exif_segment("MM", [(0x0100, 3, 1, 6)]).replace(b"\0\1\1\0", b"\1\0\1\0"),
    "not TIFF": b"Exif\0\0" + b"XX" * 20,
}


@pytest.mark.filterwarnings("ignore:.*EXIF:UserWarning")
@pytest.mark.parametrize("name", ODD_EXIF)
def test_exif_as_cameras_write_it(place, name):
    """Read by us where it is plain, by Pillow else; where it is damaged, the picture stays as it is."""
    exif, plain = ODD_EXIF[name], encoded(Image.fromarray(PHOTO))
    path = place(plain[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + plain[2:])
    turned = name in ("little", "big", "as a long", "further on")
    assert Decoder()(path).shape == ((110, 80, 3) if turned else (80, 110, 3))
    assert Decoder().probe(path)[0] == Decoder()(path).shape


def test_orientation_behind_the_pixels_of_a_png(place):
    data = encoded(Image.fromarray(PHOTO), "PNG", 6)
    at = data.index(b"eXIf") - 4
    end = at + 12 + int.from_bytes(data[at : at + 4], "big")
    late = place(data[:at] + data[end:-12] + data[at:end] + data[-12:])
    np.testing.assert_array_equal(Decoder()(late), np.rot90(PHOTO, -1))
    assert Decoder().probe(late) == ((110, 80, 3), "uint8")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "GIF", "PPM"])
def test_only_the_header_is_looked_at(place, kind):
    data = encoded(Image.fromarray(np.tile(PHOTO, (8, 8, 1))), kind)
    assert Decoder(reach=(50, 50)).probe(place(data[:4000]))[0] == ((80, 110, 3) if kind == "JPEG" else (640, 880, 3))


def test_a_header_longer_than_what_is_read_at_first(place):
    data = encoded(Image.fromarray(PHOTO), orientation=6)
    filler = b"\xff\xeb" + (60_000).to_bytes(2, "big") + bytes(59_998)
    path = place(data[:2] + filler * 3 + data[2:])
    assert Decoder().probe(path)[0] == Decoder()(path).shape == (110, 80, 3)


@pytest.mark.parametrize("smaller", [2.6, 5, 9])
@pytest.mark.parametrize("cut", [0, 7])
@pytest.mark.parametrize("photo", ["astronaut", "chelsea", "coffee"])
def test_quality_of_scaled_decoding(place, photo, cut, smaller):
    """Resizing what was scaled comes as near to Pillow's best resize of the whole as our resizing of the whole.

    Where the size is no multiple of 8, the picture is stretched by at most half a pixel, which costs up to 7 dB.
    """
    array = getattr(skimage.data, photo)()
    height, width = (extent // 8 * 8 - cut for extent in array.shape[:2])
    path = place(encoded(Image.fromarray(array[:height, :width]), quality=95))
    size = round(height / smaller), round(width / smaller)
    scaled = Decoder(reach=size)(path)
    assert scaled.shape[0] == pytest.approx(height / {2.6: 2, 5: 4, 9: 8}[smaller], abs=0.5)
    with Image.open(path) as picture:
        best = picture.resize(size[::-1], Image.Resampling.LANCZOS, reducing_gap=None)
    pipeline = Pipeline().sized(size)
    ours, of_whole = (psnr(pipeline([pixels], seed=0)[0], best) for pixels in (scaled, Decoder()(path)))
    assert ours > of_whole - (3 if cut == 0 else 7)


def test_as_plain_values():
    plain = Decoder().settings
    assert plain == {"behaviour": 1, "color_mode": "rgb", "reach": None, "cache_size": None}
    assert Decoder(reach=[5, 6]).settings["reach"] == [5, 6]
    assert Decoder(max_pixels=5).settings == plain  # the same pixels, or none
    assert Decoder(reach=(5, 6), cache_size=(7, 8)).settings == Decoder(cache_size=(7, 8)).settings
    assert Decoder("mask", reach=(5, 6)).settings == Decoder("mask").settings != plain
    decoder = Decoder("rgba", (5, 6), None, 100)
    assert pickle.loads(pickle.dumps(decoder)) == decoder


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"color_mode": "bgr"}, ValueError, "`color_mode` must be one of.*'mask'.*'bgr'"),
        ({"reach": (0, 5)}, ValueError, "`reach` must be from 1"),
        ({"cache_size": (5,)}, ValueError, "`cache_size` must be"),
        ({"max_pixels": 0}, ValueError, "`max_pixels` must be at least 1"),
        ({"max_pixels": 1.5}, TypeError, "`max_pixels` must be an integer"),
        ({"load": "imread"}, TypeError, "`load` must be a function"),
    ],
)
def test_arguments_are_checked(arguments, error, match):
    with pytest.raises(error, match=match):
        Decoder(**arguments)
