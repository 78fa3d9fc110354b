"""What the tests of the cache share: pictures by number, put and found."""

from pathlib import Path

import numpy as np

SETTINGS = {"color_mode": "rgb", "reach": [224, 224], "version": 1}


def picture(seed, shape=(5, 7, 3), dtype="u1"):
    return np.random.default_rng(seed).integers(0, 100, shape).astype(dtype)


def put(cache, names, file, **options):
    for name in names:
        cache.put(b"%d" % name, str(file), picture(name, **options), file.stat())


def held(cache, file, count=20):
    """The names under which something is found, which must be what was put."""
    found = {name: cache.get(b"%d" % name, str(file)) for name in range(count)}
    for name, kept in found.items():
        assert kept is None or (kept == picture(name)).all()
    return [name for name, kept in found.items() if kept is not None]


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))
