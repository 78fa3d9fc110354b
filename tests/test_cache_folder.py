"""The cache's folder: which may be one, what lies in it, and what is removed."""

import errno
import gc
import json
import os
import warnings

import numpy as np
import pytest
from caching import SETTINGS, held, picture, put

from seqaug.sources.cache import DiskCache, open_cache
from seqaug.sources.cache.folder import folder_name
from seqaug.sources.cache.maintenance import check, clear


def test_settings_are_kept_apart(where, file):
    several = [SETTINGS, SETTINGS | {"reach": None}, SETTINGS | {"version": 2}, {}, {"load": "a.<locals>.b" * 50}]
    caches = [DiskCache(where, each) for each in several]
    for seed, cache in enumerate(caches):
        cache.put(b"1", str(file), picture(seed), file.stat())
        cache.flush()
    assert len(list(where.iterdir())) == 5
    for seed, each in enumerate(several):
        assert (DiskCache(where, each).get(b"1", str(file)) == picture(seed)).all()
    assert sorted(path.name.rpartition("-")[0] for path in where.iterdir())[-1] == "rgb-224x224"
    assert folder_name({"reach": (1, 2)}) == folder_name({"reach": [1, 2]})


@pytest.mark.parametrize("field", ["offset", "dtype", "height", "key"])
def test_an_index_never_leads_out_of_the_file(where, file, field, caplog):
    cache = DiskCache(where, SETTINGS)
    put(cache, range(5), file)
    cache.flush()
    [path] = cache.folder.glob("*.index.npy")
    index = np.load(path)
    index[field][3] = {"offset": -1, "dtype": b"|O", "height": 2**32 - 1, "key": 0}[field]
    path.unlink()
    np.save(path, index)
    assert held(DiskCache(where, SETTINGS), file) == []
    assert path.name in caplog.text


def test_a_folder_that_cannot_be_written_to(where, file, monkeypatch, caplog):
    cache = DiskCache(where, SETTINGS)
    put(cache, range(3), file)
    cache.flush()
    opened = os.open

    def refuse(path, flags, *rest, **named):
        if flags & (os.O_CREAT | os.O_RDWR):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return opened(path, flags, *rest, **named)

    def refuse_folder(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)  # to root, everything is writable
    reading = DiskCache(where, SETTINGS)
    put(reading, range(5), file)
    reading.flush()
    assert held(reading, file) == [0, 1, 2]
    monkeypatch.setattr(os, "mkdir", refuse_folder)
    other = DiskCache(where, {})
    put(other, range(5), file)
    assert held(other, file) == []
    assert [record.message.count("cannot be written to (Permission denied)") for record in caplog.records] == [1, 1]


def test_folders_that_cannot_be_a_cache(tmp_path, file, monkeypatch):
    for bad in (file, file / "below", str(file)):
        with pytest.raises(NotADirectoryError, match=r"`cache` must be a folder that is new, .* Received: "):
            open_cache(bad, SETTINGS)
    with pytest.raises(ValueError, match=r"`cache` must be .*Received: .*, in which there is 'picture'"):
        open_cache(tmp_path, SETTINGS)
    assert list(tmp_path.iterdir()) == [file]
    for bad in (True, 3, "", b"", ["x"]):
        with pytest.raises(TypeError, match=r"`cache` must be None, \"memory\" or the name of a folder. Received: "):
            open_cache(bad, SETTINGS)
    with pytest.raises(TypeError, match="`settings` must be plain values"):
        open_cache(tmp_path / "c", {"load": print})
    assert open_cache(None, SETTINGS) is None

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(PermissionError, match=r"The folder for `cache` cannot be made or read .*/d'"):
        open_cache(tmp_path / "d", SETTINGS)


def test_harmless_strangers_in_the_folder(where, file):
    (where / "lost+found").mkdir(parents=True)
    (where / ".DS_Store").touch()
    put(DiskCache(where, SETTINGS), [1], file)
    (where / "README").touch()
    gc.collect()
    assert held(DiskCache(where, SETTINGS), file) == [1]


def test_settings_that_were_changed(where):
    folder = DiskCache(where, SETTINGS).folder
    (folder / "settings.json").write_text("{")
    DiskCache(where, SETTINGS)
    content = json.loads((folder / "settings.json").read_text())
    content["settings"]["color_mode"] = "rgba"
    (folder / "settings.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"settings.json in .* must hold .*Received: .*rgba"):
        DiskCache(where, SETTINGS)


def test_clear_removes_what_is_ours(where, file):
    cache, living = DiskCache(where, SETTINGS), DiskCache(where, {})
    put(cache, range(5), file)
    cache.flush()
    put(living, [7], file)
    (where / "README").touch()
    (cache.folder / "notes.npy").touch()
    kept = cache.get(b"1", str(file))
    pictures, removed = clear(where)
    assert pictures == 5
    assert removed > 5 * 105
    assert sorted(path.name for path in cache.folder.iterdir()) == ["notes.npy"]
    assert (kept == picture(1)).all()
    living.flush()
    assert held(DiskCache(where, {}), file) == [7]
    assert clear(where)[0] == 1
    put(living, [8], file)  # into a folder that has gone
    living.flush()
    assert held(DiskCache(where, {}), file) == [8]
    [contents] = check(where)
    assert contents.settings == {}
    assert clear(where)[0] == 1
    assert sorted(path.name for path in where.iterdir()) == ["README", cache.folder.name]


def test_check_counts_what_is_unfinished(where, file):
    cache = DiskCache(where, SETTINGS)
    put(cache, range(3), file)
    [contents] = check(where)
    assert (contents.segments, contents.pictures, contents.unfinished) == (0, 0, 1)
    assert contents.unfinished_bytes > 300
    calls = []
    cache.flush()
    check(where, lambda *numbers: calls.append(numbers))
    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_opening_warns_of_nothing(where, file):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        put(DiskCache(where, SETTINGS), [1], file)
        DiskCache(where, SETTINGS)
