"""Stores of pictures on a disk, of every kind, and Sequences over them."""

import itertools

import h5py
import numpy as np
import zarr
from common import digests

from seqaug import AugmentedSequence, RandomFlip, RandomRotation, Rescaling

AUGMENT = [RandomFlip("horizontal"), RandomRotation(degrees=15, fill_mode="nearest"), Rescaling(1 / 255)]
IMAGES = np.random.default_rng(0).integers(0, 256, (53, 12, 17, 3), np.uint8)
LABELS = np.arange(53)
_numbers = itertools.count()


def make(x=IMAGES, y=LABELS, **changed):
    return AugmentedSequence(x, y, **{"augment": AUGMENT, "batch_size": 8, "seed": 7, **changed})


def in_hdf5(folder, array=IMAGES, mode="r", **created):
    path = folder / f"{next(_numbers)}.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("group/pictures", data=array, **created)
    return h5py.File(path, mode)["group/pictures"]


def in_zarr(folder, version, chunk, array=IMAGES):
    path = folder / f"{next(_numbers)}.zarr"
    chunks = (chunk, *array.shape[1:])
    store = zarr.create_array(path, shape=array.shape, chunks=chunks, dtype=array.dtype, zarr_format=version)
    store[:] = array
    return zarr.open_array(path, mode="r")


def in_map(folder, array=IMAGES, mode="r"):
    path = folder / f"{next(_numbers)}.npy"
    np.save(path, array)
    return np.load(path, mmap_mode=mode)


STORES = {
    "HDF5, contiguous": in_hdf5,
    "HDF5, chunks": lambda folder, array=IMAGES: in_hdf5(folder, array, chunks=(5, *array.shape[1:])),
    "HDF5, gzip": lambda folder, array=IMAGES: in_hdf5(
        folder, array, chunks=(5, *array.shape[1:]), compression="gzip", shuffle=True
    ),
    "HDF5, parts of rows": lambda folder, array=IMAGES: in_hdf5(folder, array, chunks=True, compression="lzf"),
    "HDF5, resizable": lambda folder, array=IMAGES: in_hdf5(folder, array, maxshape=(None, *array.shape[1:])),
    "Zarr 2": lambda folder, array=IMAGES: in_zarr(folder, 2, 4, array),
    "Zarr 3": lambda folder, array=IMAGES: in_zarr(folder, 3, 7, array),
    "memory map": in_map,
}


def read_twice(sequence):
    """The digests of all batches, as they are read first and again."""
    return digests(sequence), digests(sequence)
