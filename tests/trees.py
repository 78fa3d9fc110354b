"""Folders of pictures for tests: names, and files with and without pictures."""

import os

import numpy as np
from hypothesis import strategies as st
from PIL import Image

# Hidden, with signs that sort around the separator, not ASCII, no UTF-8, as a file is called.
FOLDERS = st.sampled_from(
    ["a", "b", "a-b", "B", ".h", "é", os.fsdecode(b"\xff\xfe"), "x.jpg", "a b", "\U0001f600", "\ue000"]
)
FILES = st.sampled_from(
    [
        "1.jpg",
        "10.jpg",
        "2.JPG",
        "2.jpeg",
        "p.png",
        ".jpg",
        "q.gif",
        "n.txt",
        "no",
        os.fsdecode(b"\xe9.bmp"),
        "é.Png",
        "a-.jpg",
        "\ue000.jpg",
        os.fsdecode(b"\xff.jpg"),
    ]
)
PATHS = st.tuples(st.lists(FOLDERS, max_size=3), FILES).map(lambda path: (*path[0], path[1]))
TREES = st.sets(PATHS, max_size=24)
SEEDS = st.integers(0, 2**32 - 1)


def grow(root, tree):
    """Makes empty files; a path that goes through a file is left out."""
    for *folders, name in sorted(tree, key=len, reverse=True):
        folder = root.joinpath(*folders)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / name).exists():
            (folder / name).touch()
    return str(root)


def photographs(root, classes, count, size=(20, 30), suffix=".png"):
    """Saves some noise as pictures, a folder for each class; returns the folder."""
    random = np.random.default_rng(0)
    for name in classes:
        (root / name).mkdir(parents=True)
        for i in range(count):
            pixels = random.integers(0, 256, (*size, 3), np.uint8)
            Image.fromarray(pixels).save(root / name / f"{i:03}{suffix}")
    return str(root)
