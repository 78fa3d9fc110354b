"""A folder with everything in it that may lie in one, and what is to be said of it."""

import io
import os
import re
import shutil
import struct
import zlib

import skimage.data
from PIL import Image

PHOTO = skimage.data.chelsea()[:240, :240]
ODD = ["new\nline.jpg", "ü 'quotes\" and \x1b[31m.png", "not UTF-8 \udcff\udcfe.jpg", " .jpg", "-rf.png", "a.jpg.png"]


def encoded(number, kind="JPEG"):
    """A picture of its own for each number."""
    stream = io.BytesIO()
    Image.fromarray(PHOTO[number : number + 40, 3 * number : 3 * number + 50]).save(stream, kind)
    return stream.getvalue()


def png(width, height, depth, color, rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def large_jpeg():
    """A JPEG that says that it has 65 000 × 65 000 pixels."""
    data = bytearray(encoded(20))
    place = data.index(b"\xff\xc0")
    data[place + 5 : place + 9] = struct.pack(">HH", 65_000, 65_000)
    return bytes(data)


SOUND = {
    **{f"cat/{i}.jpg": encoded(i) for i in range(6)},
    **{f"dog/{i}.PNG": encoded(i + 6, "PNG") for i in range(6)},
    **{f"cat/deep/er/{name}": encoded(i + 12, "PNG" if name.endswith("png") else "JPEG") for i, name in enumerate(ODD)},
    "dog/folder.jpg/inside.gif": encoded(30, "GIF"),
}
SAME = [["cat/0.jpg", "cat/deep/copy.jpg", "dog/another.jpg"], ["dog/0.PNG", "dog/1 copy.png"]]
BROKEN = {
    "cat/bomb.png": (png(60_000, 60_000, 8, 2, bytes(1000)), "max_pixels=178956970.*60000×60000"),
    "cat/bomb.jpg": (large_jpeg(), "max_pixels=178956970.*65000×65000"),
    "cat/cut.jpg": (encoded(31)[:-200], "."),
    "dog/cut.png": (encoded(32, "PNG")[:-500], "."),
    "dog/header.jpg": (encoded(33)[:25], "."),
    "cat/zero.jpg": (b"", "the file is empty"),
    "dog/text.jpeg": (b"<!DOCTYPE html><html>404</html>", "its content is none of JPEG"),
    "dog/zeros.bmp": (bytes(5000), "its content is none of JPEG"),
    "dog/colour.png": (png(8, 8, 16, 2, (b"\0" + bytes(48)) * 8), "more than 8 bits"),
}
WRONG = {
    "dog/really a png.jpg": (encoded(34, "PNG"), r"a PNG, with the extension '\.jpg'"),
    "dog/photo.webp": (encoded(35, "WEBP"), r"left out of folders, as Keras does not list the extension '\.webp'"),
    "dog/photo.dat": (encoded(36), r"a JPEG, with the extension '\.dat', for which it is left out"),
    "cat/photo": (encoded(37), "a JPEG, without an extension, for which it is left out"),
    "cat/notes.txt": (b"not a picture", "no picture: its content is none of"),
    "cat/.hidden": (b"", "no picture: the file is empty"),
    "dog/BM.txt": (b"BM, BMW, BMP: the beginning of a bitmap", "no picture: "),
}


def plant(root, monkeypatch):
    """Makes a folder with all of it."""
    planted = {**SOUND, **{path: data for path, (data, _) in [*BROKEN.items(), *WRONG.items()]}}
    for path, data in planted.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    for first, *others in SAME:
        for other in others:
            shutil.copy(root / first, root / other)
    os.mkfifo(root / "cat/pipe.jpg")
    os.mkfifo(root / "cat/pipe")
    (root / "cat/itself.jpg").symlink_to("itself.jpg")
    (root / "cat/nowhere.png").symlink_to("missing.png")
    (root / "dog/up").symlink_to("..")
    (root / "dog/down").symlink_to("../cat")
    forbid(monkeypatch, root / "dog/secret.jpg", root / "dog/secrets")


def forbid(monkeypatch, file, directory):
    """Takes the permission to read them, from root as well."""
    file.write_bytes(encoded(38))
    directory.mkdir()
    (directory / "never seen.jpg").write_bytes(b"")
    opened, scanned = os.open, os.scandir

    def refused(function, forbidden):
        def call(path, *arguments, **options):
            if os.fspath(path) == os.fspath(forbidden):
                raise PermissionError(13, "Permission denied", os.fspath(path))
            return function(path, *arguments, **options)

        return call

    monkeypatch.setattr(os, "open", refused(opened, file))
    monkeypatch.setattr(os, "scandir", refused(scanned, directory))


ALL_BROKEN = {path: reason for path, (_, reason) in BROKEN.items()} | {
    "cat/pipe.jpg": "no regular file",
    "cat/itself.jpg": "symbolic link",
    "cat/nowhere.png": "a link to a file that does not exist",
    "dog/secret.jpg": "Permission denied",
}
ALL_WRONG = {path: reason for path, (_, reason) in WRONG.items()} | {
    "dog/folder.jpg": "a folder, with the name of a picture",
    "cat/pipe": "no regular file",
}
UNREAD = {"dog/secrets": "the folder cannot be read: Permission denied"}


def compare(root, faults, expected):
    found = {os.path.relpath(path, root): reason for path, reason in faults}
    assert set(found) == set(expected)
    assert len(found) == len(faults)
    for path, reason in expected.items():
        assert re.search(reason, found[path]), (path, found[path])
