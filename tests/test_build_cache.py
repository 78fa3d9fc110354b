"""A Sequence's own cache: built at once or by the first epoch, equal batches, nothing decoded twice."""

import functools
import logging
import os
import shutil

import keras
import numpy as np
import pytest
import skimage.data
from PIL import Image

from seqaug import AugmentedSequence, RandomFlip, RandomRotation
from seqaug.sources.cache.maintenance import clear
from seqaug.sources.decode import Decoder

COUNT = 12
AUGMENT = [RandomFlip(), RandomRotation(0.1)]


@pytest.fixture
def files(tmp_path):
    photo = skimage.data.chelsea()
    for i in range(COUNT):
        part = photo[10 * i : 10 * i + 60 + 7 * i, 5 * i : 5 * i + 90]
        Image.fromarray(part).save(tmp_path / f"{i:02}.jpg", quality=92)
        Image.fromarray(part[..., 0] // 64).save(tmp_path / f"{i:02}-mask.png")
    return [str(tmp_path / f"{i:02}.jpg") for i in range(COUNT)]


def make(files, masks=False, **changed):
    arguments = {"image_size": (24, 32), "augment": AUGMENT, "batch_size": 5, "seed": 7, **changed}
    labels = np.arange(COUNT) % 2
    if not masks:
        return AugmentedSequence(files, labels, **arguments)
    y = {"labels": labels, "segmentation_masks": [path.replace(".jpg", "-mask.png") for path in files]}
    return AugmentedSequence(files, y, **arguments)


def batches(sequence, epochs=2):
    return [[leaf.tobytes() for leaf in keras.tree.flatten(batch)] for _ in range(epochs) for batch in sequence]


@pytest.fixture
def decoded(monkeypatch):
    """The files that decoders have read so far."""
    read, seen = Decoder._read, []
    monkeypatch.setattr(Decoder, "_read", lambda self, path: seen.append(path) or read(self, path))
    return seen


@pytest.mark.parametrize("masks", [False, True])
@pytest.mark.parametrize("kind", ["memory", "folder"])
@pytest.mark.parametrize(
    "changed", [{}, {"cache_size": (30, 30)}, {"threads": 3}, {"color_mode": "grayscale"}], ids=str
)
def test_the_same_batches_and_nothing_is_decoded_twice(files, tmp_path, kind, masks, changed, decoded):
    cache = "memory" if kind == "memory" else str(tmp_path / "cache")
    plain = batches(make(files, masks, **changed))
    decoded.clear()
    assert batches(make(files, masks, cache=cache, **changed)) == plain
    assert len(decoded) == len(set(decoded)) == COUNT * (1 + masks)
    decoded.clear()
    again = batches(make(files, masks, cache=cache, **changed))
    assert again == plain
    assert len(decoded) == (0 if kind == "folder" else COUNT * (1 + masks))


def test_what_an_epoch_has_decoded_is_there_when_it_is_over(files, tmp_path, decoded):
    """By hand and in `fit`, while the Sequence lives."""
    for i, go in enumerate((lambda sequence: list(sequence), trained)):
        cache = tmp_path / str(i)
        sequence = make(files, cache=cache)
        go(sequence)
        decoded.clear()
        batches(make(files, cache=cache))
        assert decoded == []
        assert sequence.epoch == 1


def trained(sequence):
    model = keras.Sequential([keras.Input((24, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(sequence, verbose=0)


def test_built_at_once(files, tmp_path, decoded, capsys):
    sequence = make(files, True, cache=tmp_path / "cache")
    assert sequence.build_cache() == {}
    assert len(decoded) == len(set(decoded)) == 2 * COUNT
    assert batches(sequence) == batches(make(files, True))
    decoded.clear()
    assert make(files, True, cache=tmp_path / "cache").build_cache(threads=1, verbose=False) == {}
    assert decoded == []
    assert capsys.readouterr() == ("", "")  # it takes no second


def test_one_side_of_a_split_builds_its_own(files, tmp_path, decoded):
    train, validation = make(files, cache=tmp_path / "cache").split(0.25)
    validation.build_cache()
    assert sorted(decoded) == sorted(validation.file_paths)
    assert len(decoded) == 3
    train.build_cache()
    assert sorted(decoded) == files


def test_broken_files_are_told(files, tmp_path):
    with open(files[3], "wb") as file:  # noqa: PTH123
        file.write(b"no picture")
    told = make(files, cache=tmp_path / "cache").build_cache()
    assert list(told) == [files[3]]
    assert "none of JPEG" in told[files[3]]
    assert "Cannot read" not in told[files[3]]


def test_a_cache_of_memory_counts_for_all_views(files, decoded):
    train, validation = make(files, cache="memory").split(0.5)
    train.build_cache()
    decoded.clear()
    batches(train)
    assert decoded == []
    batches(validation, epochs=3)
    assert len(decoded) == 6


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda files: make(files).build_cache(), ValueError, "There is no cache to be built; give"),
        (lambda _: AugmentedSequence(np.zeros((2, 4, 5, 3), "u1")).build_cache(), ValueError, "no cache to be"),
        (lambda files: make(files, cache="memory").build_cache(threads=0), ValueError, "`threads` must"),
        (lambda files: make(files, cache="memory").build_cache(verbose=2), TypeError, "`verbose` must"),
        (lambda files: make(files, cache=3), TypeError, '`cache` must be "memory", a folder or None'),
        (lambda files: make(files, cache=files[0]), OSError, "00.jpg"),
        (lambda _: AugmentedSequence(np.zeros((2, 4, 5, 3), "u1"), cache="memory"), ValueError, "is for picture"),
    ],
)
def test_refused(files, call, error, message):
    with pytest.raises(error, match=message):
        call(files)


def test_all_that_is_cached_is_cleared(files, tmp_path):
    """Pictures and the list of the files, and nothing that is another's."""
    folder, cache = tmp_path / "photos" / "class", tmp_path / "cache"
    folder.mkdir(parents=True)
    for path in files:
        (folder / path[-6:]).hardlink_to(path)
    AugmentedSequence.from_directory(folder.parent, cache=cache, verbose=False, seed=7).build_cache()
    kinds = [path.name.split("-")[0] for path in cache.iterdir()]
    assert "listing" in kinds
    assert len(kinds) == 2
    [listing] = cache.glob("listing-*")
    (listing / "mine.txt").write_text("mine")
    assert clear(cache)[0] == COUNT
    assert [path.name for path in cache.rglob("*")] == [listing.name, "mine.txt"]


def test_a_cache_lies_beside_the_pictures(files, tmp_path):
    """Within their folder it would be a class the next time."""
    folder = tmp_path / "photos" / "class"
    folder.mkdir(parents=True)
    for path in files:
        (folder / path[-6:]).hardlink_to(path)
    for cache in (folder.parent / "cache", folder / "deep" / "cache"):
        with pytest.raises(ValueError, match="`cache` must not lie within the folder of the pictures"):
            AugmentedSequence.from_directory(folder.parent, cache=cache, verbose=False)
        assert not cache.exists()


def test_folders_of_one_name_share_no_pictures(tmp_path):
    """Whatever the sizes and times of their files."""
    for fold, value in (("1", 10), ("2", 200)):
        folder = tmp_path / fold / "train" / "class"
        folder.mkdir(parents=True)
        Image.fromarray(np.full((8, 8, 3), value, np.uint8)).save(folder / "a.bmp")
        os.utime(folder / "a.bmp", (1, 1))
        sequence = AugmentedSequence.from_directory(
            folder.parent, image_size=(8, 8), cache=tmp_path / "cache", verbose=False
        )
        assert sequence.build_cache() == {}
        assert sequence[0][0].max() == value


def test_functions_without_a_name_of_their_own_are_not_kept(files, tmp_path):
    for load in (lambda path: np.load(path), functools.partial(np.load, mmap_mode="r"), Decoder()):
        with pytest.raises(ValueError, match="needs one that is defined in a module"):
            make(files, load=load, cache=tmp_path / "cache")
    assert len(make(files, load=Decoder(), cache="memory")) == 3
    for name, value in (("cache_size", (5, 5)), ("max_pixels", 10)):
        with pytest.raises(ValueError, match=f"`{name}` has no effect on what `load` returns"):
            make(files, load=Decoder(), **{name: value})


def test_a_cache_that_is_removed_meanwhile_is_no_error(files, tmp_path, caplog):
    sequence = make(files, cache=tmp_path / "cache")
    first = sequence[0]
    shutil.rmtree(tmp_path / "cache")
    with caplog.at_level(logging.WARNING, "seqaug"):
        list(sequence)
    assert "was removed while it was written" in caplog.text
    sequence.epoch = 0
    assert (sequence[0][0] == first[0]).all()
    assert "damaged" not in caplog.text
