"""Picture files as a source: every format and colour mode, upright, and what is refused."""

import io
import struct
import zlib

import numpy as np
import pytest
import skimage.data
import tifffile
from PIL import Image, ImageOps

from seqaug import AugmentedSequence, RandomFlip, RandomRotation, Rescaling

PHOTO = skimage.data.astronaut()[100:180, 150:260]  # 80 × 110
# Which kinds of picture each format holds.
KINDS = {
    "jpg": ["1", "L", "RGB", "CMYK", "YCbCr"],
    "png": ["1", "L", "LA", "P", "RGB", "RGBA"],
    "bmp": ["1", "L", "P", "RGB", "RGBA"],
    "tif": ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr"],
    "webp": ["L", "RGB", "RGBA"],
    "gif": ["1", "L", "P", "RGB", "RGBA"],
    "ppm": ["1", "L", "RGB"],
}
FORMATS = {"jpg": "JPEG", "png": "PNG", "bmp": "BMP", "tif": "TIFF", "webp": "WEBP", "gif": "GIF", "ppm": "PPM"}
CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}
PILLOW = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}


def save(path, picture, **options):
    picture.save(path, FORMATS[path.suffix[1:]], **options)
    return path


def read(path, color_mode=None, **arguments):
    return AugmentedSequence([path], color_mode=color_mode, **arguments)[0][0]


@pytest.mark.parametrize("color_mode", [None, "grayscale", "rgb", "rgba"])
@pytest.mark.parametrize(("suffix", "mode"), [(suffix, mode) for suffix, modes in KINDS.items() for mode in modes])
def test_formats_and_colour_modes(tmp_path, suffix, mode, color_mode):
    path = save(tmp_path / f"a.{suffix}", Image.fromarray(PHOTO).convert(mode))
    ours = read(path, color_mode)
    with Image.open(path) as picture:
        if color_mode == "grayscale":
            picture.draft(
                "L", None
            )  # gray from a JPEG is its luma as stored, as in Keras, not made from red, green, blue
        theirs = np.asarray(picture.convert(PILLOW[color_mode or "rgb"])).reshape(ours.shape)
    assert ours.shape == (80, 110, CHANNELS[color_mode or "rgb"])
    np.testing.assert_array_equal(ours, theirs)


def test_the_content_tells_the_format(tmp_path):
    path = tmp_path / "a.jpg"
    Image.fromarray(PHOTO).save(path, "PNG")
    np.testing.assert_array_equal(read(path), PHOTO)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_upright(tmp_path, suffix, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / f"a.{suffix}", Image.fromarray(PHOTO), exif=exif)
    with Image.open(path) as picture:
        np.testing.assert_array_equal(read(path), np.asarray(ImageOps.exif_transpose(picture).convert("RGB")))


def test_orientation_behind_other_segments(tmp_path):
    """EXIF may come after 64 KB of something else, and XMP may tell the orientation, too."""
    exif = Image.Exif()
    exif[0x0112] = 6
    data = save(tmp_path / "a.jpg", Image.fromarray(PHOTO), exif=exif).read_bytes()
    filler = b"\xff\xeb" + (40_000).to_bytes(2, "big") + bytes(39_998)
    late = tmp_path / "late.jpg"
    late.write_bytes(data[:2] + filler * 2 + data[2:])
    assert read(late).shape == (*read(late, "rgba").shape[:2], 3) == (110, 80, 3)
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    path = save(tmp_path / "xmp.jpg", Image.fromarray(PHOTO), xmp=xmp)
    assert read(path).shape == (*read(path, "rgba").shape[:2], 3) == (110, 80, 3)


def test_the_plan_of_files_is_what_is_run(tmp_path):
    """Also when they differ in size."""
    paths = [save(tmp_path / f"{n}.png", Image.fromarray(PHOTO[:n])) for n in (80, 30, 55)]
    sequence = AugmentedSequence(paths, image_size=(16, 16), augment=[RandomRotation(0.1)], seed=1)
    plan = sequence.plan(0)
    assert plan.shapes.tolist() == [[80, 110, 3], [30, 110, 3], [55, 110, 3]]
    out = np.empty((3, 16, 16, 3), "f4")
    sequence.pipeline.run(plan, sequence.data.table.source.read([0, 1, 2]), out)
    np.testing.assert_array_equal(out, sequence[0])


def test_first_frame_of_an_animation(tmp_path):
    frames = [Image.fromarray(PHOTO).convert("L"), Image.fromarray(255 - PHOTO).convert("L")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(read(tmp_path / "a.gif", "grayscale")[:, :, 0], np.asarray(frames[0]))


def test_a_palette_with_transparent_colours(tmp_path):
    picture = Image.fromarray(PHOTO).convert("P")
    picture.info["transparency"] = bytes([0, 128] * 128)
    path = save(tmp_path / "a.png", picture)
    assert read(path).shape == (80, 110, 3)
    assert read(path, "rgba")[:, :, 3].min() < 255


def test_sizes_are_evened_out_or_refused(tmp_path):
    first = save(tmp_path / "first.png", Image.fromarray(PHOTO))
    second = save(tmp_path / "second.png", Image.fromarray(PHOTO[:50]))
    both = AugmentedSequence([first, second], image_size=(40, 55), shuffle=False)
    assert both[0].shape == (2, 40, 55, 3)
    with pytest.raises(ValueError, match=r"image_size=.*first\.png' of 80×110 .*second\.png' of 50×110"):
        AugmentedSequence([first, second], shuffle=False)[0]
    assert AugmentedSequence([first, first], shuffle=False)[0].shape == (2, 80, 110, 3)


def test_files_and_arrays_give_the_same_batches(tmp_path):
    images = np.stack([skimage.data.astronaut()[i : i + 30, i : i + 40] for i in range(25)])
    paths = [str(save(tmp_path / f"{i}.png", Image.fromarray(image))) for i, image in enumerate(images)]
    arguments = {
        "augment": [RandomFlip("horizontal"), RandomRotation(0.1), Rescaling(1 / 255)],
        "batch_size": 4,
        "seed": 3,
        "threads": 3,
    }
    from_files = AugmentedSequence(paths, np.arange(25), **arguments)
    from_arrays = AugmentedSequence(images, np.arange(25), **arguments)
    for i in range(len(from_files)):
        np.testing.assert_array_equal(from_files[i][0], from_arrays[i][0])
        np.testing.assert_array_equal(from_files[i][1], from_arrays[i][1])


@pytest.mark.parametrize("kind", [list, tuple, np.array, lambda paths: np.array(paths, object)])
def test_lists_of_paths(tmp_path, kind):
    paths = [save(tmp_path / f"{i}.png", Image.fromarray(PHOTO)) for i in range(3)]
    assert AugmentedSequence(kind([str(path) for path in paths]))[0].shape == (3, 80, 110, 3)


def jpeg():
    stream = io.BytesIO()
    Image.fromarray(PHOTO).save(stream, "JPEG")
    return stream.getvalue()


def png(picture):
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def deep_png(colour, channels):
    """A PNG of 16 bits per value, which Pillow cannot write in colour."""
    rows = b"".join(b"\0" + np.arange(5 * channels, dtype=">u2").tobytes() for _ in range(4))

    def chunk(kind, body):
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    header = struct.pack(">IIBBBBB", 5, 4, 16, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def tiff(array, **options):
    stream = io.BytesIO()
    tifffile.imwrite(stream, array, photometric="rgb", **options)
    return stream.getvalue()


DEEP = {
    "rgb.png": deep_png(2, 3),
    "gray-alpha.png": deep_png(4, 2),
    "rgba.png": deep_png(6, 4),
    "rgb.tif": tiff(np.zeros((4, 5, 3), "u2")),
    "packed.tif": tiff(np.zeros((4, 5, 3), "u2"), compression="zlib"),
    "rgb.ppm": b"P6\n5 4\n65535\n" + bytes(120),
    "rgb1000.ppm": b"P6\n5 4\n1000\n" + bytes(120),
    "gray.ppm": b"P5\n5 4\n65535\n" + bytes(40),
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_pictures_are_refused_and_not_cut(tmp_path, name):
    (tmp_path / name).write_bytes(DEEP[name])
    with pytest.raises(ValueError, match=f"{name}': its values have more than 8 bits"):
        AugmentedSequence([tmp_path / name])


@pytest.mark.parametrize("orientation", [1, 3, 6])
@pytest.mark.parametrize(("color_mode", "channels"), [("grayscale", 1), (None, 3), ("rgba", 4)])
def test_gray_of_16_bits_is_kept(tmp_path, color_mode, channels, orientation):
    gray = np.arange(600, dtype=np.uint16).reshape(20, 30) * 109
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(gray).save(tmp_path / "a.png", exif=exif)
    sequence = AugmentedSequence([tmp_path / "a.png"], color_mode=color_mode)
    upright = {1: gray, 3: gray[::-1, ::-1], 6: np.rot90(gray, -1)}[orientation]
    assert sequence.data.table.source.dtype == "uint16"
    assert sequence[0].shape == (1, *upright.shape, channels)
    for channel in range(channels):
        np.testing.assert_array_equal(sequence[0][0, ..., channel], upright if channel < 3 else 65535)
    with pytest.raises(ValueError, match="values from 0 to 65535"):
        AugmentedSequence([tmp_path / "a.png"], dtype="uint8")


def test_files_of_two_depths_are_refused(tmp_path):
    deep, plain = tmp_path / "deep.png", tmp_path / "plain.png"
    deep.write_bytes(deep_png(0, 1))
    Image.fromarray(np.zeros((4, 5), "u1")).save(plain)
    for first, second, kinds in ((deep, plain, ("uint16", "uint8")), (plain, deep, ("uint8", "uint16"))):
        sequence = AugmentedSequence([first, second], batch_size=1)
        assert sequence[0].shape == (1, 4, 5, 3)
        with pytest.raises(
            ValueError, match=f"one dtype.*{first.name}' of {kinds[0]} and .*{second.name}' of {kinds[1]}"
        ):
            sequence[1]


def test_pictures_of_fewer_levels_are_taken(tmp_path):
    (tmp_path / "a.ppm").write_bytes(b"P6\n2 1\n100\n" + bytes([0, 50, 100] * 2))
    assert read(tmp_path / "a.ppm")[0, 0].tolist() == [0, 128, 255]
    (tmp_path / "a.tif").write_bytes(tiff(np.full((4, 5, 3), 7, "u1"), compression="zlib"))
    assert (read(tmp_path / "a.tif") == 7).all()


BROKEN = {
    "truncated.jpg": jpeg()[:700],
    "cut-by-two.jpg": jpeg()[:-2],
    "header-only.jpg": jpeg()[:20],
    "truncated.png": png(Image.fromarray(PHOTO))[:-300],
    "text.jpg": b"This is not a picture.",
    "empty.png": b"",
    "zeros.bmp": bytes(1000),
}


@pytest.mark.parametrize("color_mode", ["rgb", "rgba"])
@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_named(tmp_path, name, color_mode):
    good = save(tmp_path / "good.png", Image.fromarray(PHOTO))
    bad = tmp_path / name
    bad.write_bytes(BROKEN[name])
    with pytest.raises(ValueError, match=f"Cannot read the picture .*{name}': .+"):
        AugmentedSequence([bad], color_mode=color_mode)[0]
    later = AugmentedSequence([good, bad], color_mode=color_mode, shuffle=False, image_size=(8, 8), batch_size=1)
    assert later[0].shape[0] == 1
    with pytest.raises(ValueError, match=f"{name}': .+") as caught:
        later[1]
    assert "0x" not in str(caught.value)


def test_a_file_that_goes_away(tmp_path):
    path = save(tmp_path / "gone.png", Image.fromarray(PHOTO))
    sequence = AugmentedSequence([path])
    path.unlink()
    with pytest.raises(ValueError, match=r"Cannot read the picture .*gone\.png"):
        sequence[0]
