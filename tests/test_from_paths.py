"""Pictures by pattern or in a list, with masks beside them."""

import pytest
from PIL import Image

from seqaug import AugmentedSequence, RandomFlip


def pictures(root, names, suffix=".png", color=None):
    for i, name in enumerate(names):
        path = root / f"{name}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L" if color is None else color, (6, 5), i + 1).save(path)


def test_a_pattern(tmp_path):
    pictures(tmp_path / "p", ["b", "a/x", "a/c"])
    (tmp_path / "p" / "folder.png").mkdir()
    sequence = AugmentedSequence.from_paths(f"{tmp_path}/p/**/*.png", color_mode="grayscale", batch_size=3)
    assert sequence.file_paths == sorted(str(path) for path in (tmp_path / "p").rglob("*.png") if path.is_file())
    assert sequence[0][:, 0, 0, 0].tolist() == [3, 2, 1]
    again = AugmentedSequence.from_paths(list(sequence.file_paths), [1, 2, 3], batch_size=3, shuffle=False)
    assert again[0][1].tolist() == [1, 2, 3]


@pytest.mark.parametrize("how", ["pattern", "list", "function"])
def test_masks(tmp_path, how):
    pictures(tmp_path / "p", ["x/1", "x/2", "y/1"])
    pictures(tmp_path / "m", ["y/1", "x/1", "x/2"])
    masks = {
        "pattern": f"{tmp_path}/m/**/*.png",
        "list": [tmp_path / "m" / f"{name}.png" for name in ("x/1", "x/2", "y/1")],
        "function": lambda path: path.replace("/p/", "/m/"),
    }
    chosen = {"masks": masks[how], "batch_size": 3, "shuffle": False, "augment": [RandomFlip()]}
    _, found = AugmentedSequence.from_paths(f"{tmp_path}/p/*/*.png", **chosen)[0]
    assert found[:, 0, 0].tolist() == [2, 3, 1]
    _, found = AugmentedSequence.from_paths(f"{tmp_path}/p/*/*.png", [7, 8, 9], **chosen)[0]
    assert found["labels"].tolist() == [7, 8, 9]
    assert found["segmentation_masks"][:, 0, 0].tolist() == [2, 3, 1]
    _, found = AugmentedSequence.from_paths(f"{tmp_path}/p/*/*.png", {"k": [7, 8, 9]}, **chosen)[0]
    assert set(found) == {"k", "segmentation_masks"}


def test_masks_without_partners(tmp_path):
    pictures(tmp_path / "p", ["1", "2"])
    pictures(tmp_path / "m", ["1", "3"])
    with pytest.raises(ValueError, match=r"1 pictures have no mask of the same name.*p/2\.png"):
        AugmentedSequence.from_paths(f"{tmp_path}/p/*", masks=f"{tmp_path}/m/*")
    pictures(tmp_path / "m", ["2"])
    with pytest.raises(ValueError, match=r"1 masks have no picture of the same name.*m/3\.png"):
        AugmentedSequence.from_paths(f"{tmp_path}/p/*", masks=f"{tmp_path}/m/*")
    with pytest.raises(ValueError, match=r"2 of 2 pictures have no mask .*Received: 'none' for .*p/1\.png"):
        AugmentedSequence.from_paths(f"{tmp_path}/p/*", masks=lambda _: "none")
    with pytest.raises(ValueError, match="one file for each of the 2 pictures"):
        AugmentedSequence.from_paths(f"{tmp_path}/p/*", masks=[tmp_path / "m" / "1.png"])


def test_one_name_twice(tmp_path):
    pictures(tmp_path / "p", ["1"])
    pictures(tmp_path / "p", ["1"], ".jpg")
    pictures(tmp_path / "m", ["1"])
    with pytest.raises(ValueError, match=r"1 pictures have no mask of its own"):
        AugmentedSequence.from_paths(f"{tmp_path}/p/*", masks=f"{tmp_path}/m/*")


def test_masks_that_are_lossy(tmp_path):
    pictures(tmp_path / "p", ["1"])
    pictures(tmp_path / "m", ["1"], ".jpg")
    with pytest.warns(UserWarning, match="A mask is a JPEG"):
        AugmentedSequence.from_paths(f"{tmp_path}/p/*", masks=f"{tmp_path}/m/*")


def test_what_is_refused(tmp_path):
    pictures(tmp_path / "p", ["1"])
    one = [tmp_path / "p" / "1.png"]
    for paths, more, kind, message in (
        (tmp_path / "p", {}, ValueError, "matches no file; for all pictures of a folder there is `from_directory`"),
        (3, {}, TypeError, "must be a list of files or a pattern"),
        (one, {"masks": one, "targets": "label"}, ValueError, "`targets` is known"),
        (one, {"masks": one, "y": ([1], [2])}, ValueError, "`y` must be one column"),
        (one, {"seeed": 1}, TypeError, "did you mean `seed`"),
        (["gone"], {}, FileNotFoundError, "gone"),
    ):
        with pytest.raises(kind, match=message):
            AugmentedSequence.from_paths(paths, **more)
