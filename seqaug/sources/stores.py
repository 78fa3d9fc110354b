"""Arrays that are not in memory, as another process finds them again: HDF5 data sets and memory maps.

Neither h5py nor any other library of stores is imported here; their objects are told by what they have.
"""

import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

# h5py's names of the drivers under which a file is nothing but a file on a disk.
_PLAIN_DRIVERS = ("sec2", "stdio", "direct", "windows")


class Origin(Protocol):
    """Where an array is, for a process that has not got it. Pickles."""

    @property
    def inherited(self) -> bool:
        """Whether a forked child can go on with what its parent opened."""

    def open(self, name: str, forked: bool) -> Any:
        """Returns the array.

        Args:
            name: What messages call it.
            forked: Whether this process has inherited what its parent opened.

        Raises:
            OSError: The file cannot be opened.
            ValueError: The file holds something else by now.
        """

    def refuse(self, name: str) -> None:
        """Raises an error if no other process can open it."""


class Handle:
    """An array as this process reads it: opened anew, when it is first needed, in a process that must do so.

    Args:
        name: What messages call the array.
        array: Anything with `shape`, `dtype` and row indexing.

    Raises:
        ValueError: Its file has been closed.
    """

    def __init__(self, name: str, array: Any) -> None:
        check_open(name, array)
        self.name = name
        self.origin: Origin | None = _data_set(array) if is_hdf5(array) else _mapping(array)
        self._held: tuple[int, Any] | None = (os.getpid(), array)
        self._left: Any = None  # a parent's, which a child must not close

    def get(self) -> Any:
        """Returns the array.

        Raises:
            ValueError: Its file has been closed, or holds something else by now.
            OSError: Its file cannot be opened again.
        """
        held, process = self._held, os.getpid()
        if held is not None and (self.origin is None or self.origin.inherited or held[0] == process):
            check_open(self.name, held[1])
            return held[1]
        assert self.origin is not None
        # Two threads may come here at once: each has what it opened, and the later one's is kept.
        array = self.origin.open(self.name, forked=held is not None)
        self._left, self._held = held, (process, array)
        return array

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__ | {"_left": None}
        if self.origin is not None:
            self.origin.refuse(self.name)
            if self._held is not None and is_hdf5(self._held[1]):
                self.get().file.flush()  # what is written but in memory, for a file that is open for writing
            state["_held"] = None
        return state


def check_open(name: str, array: Any) -> None:
    """Raises an error for a data set of a closed HDF5 file, of which not even the shape can be asked.

    Raises:
        ValueError: Its file has been closed.
    """
    if is_hdf5(array) and not array:
        raise ValueError(
            f"`{name}` is a data set of an HDF5 file that has been closed: open the file without `with`, or keep all "
            f"that uses it inside, and close it at the end. Received: {name}={array!r}"
        )


@dataclass(frozen=True)
class _DataSet:
    """A data set in an HDF5 file.

    A forked child may not go on with its parent's: the two share the place in the file at which they read. HDF5 gives
    it the very same if it opens the file once more, unless it does so by another driver.
    """

    opener: Any  # h5py.File
    path: str
    key: str | None
    driver: str
    swmr: bool
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def inherited(self) -> bool:
        """Only what is in memory."""
        return self.driver == "core"

    def refuse(self, name: str) -> None:
        if self.driver not in _PLAIN_DRIVERS or self.key is None:
            kind = "without a name" if self.key is None else "of a file that is no plain file on a disk"
            raise TypeError(
                f"`{name}` is an HDF5 data set {kind}, which no other process can open. Write it to a file, or do "
                f"without processes and pickling: `use_multiprocessing=False`. "
                f"Received: driver={self.driver!r}, name={self.key!r}"
            )

    def open(self, name: str, forked: bool) -> Any:
        self.refuse(name)
        driver = None if not forked else "sec2" if self.driver == "stdio" else "stdio"
        try:
            array = self.opener(self.path, "r", driver=driver, swmr=self.swmr)[self.key]
        except (OSError, KeyError) as error:
            raise OSError(
                f"`{name}`, the HDF5 data set {self.key!r} of '{self.path}', cannot be opened in this process. Other "
                f"processes can read a file that is still there and was opened with mode 'r': {error}"
            ) from error
        if (array.shape, array.dtype) != (self.shape, self.dtype):
            raise ValueError(
                f"`{name}`, the HDF5 data set {self.key!r} of '{self.path}', must stay what it was when the Sequence "
                f"was made: shape {self.shape} and dtype {self.dtype}. "
                f"Received: shape {array.shape} and dtype {array.dtype}"
            )
        return array


def is_hdf5(array: Any) -> bool:
    """Whether this is a data set of h5py's."""
    return type(array).__module__.partition(".")[0] == "h5py" and hasattr(type(array), "file")


def _data_set(array: Any) -> _DataSet:
    file = array.file
    path = os.path.abspath(os.fsdecode(file.filename))  # noqa: PTH100 (of a name that may be bytes)
    return _DataSet(
        type(file), path, array.name, file.driver, bool(file.swmr_mode and file.mode == "r"), array.shape, array.dtype
    )


@dataclass(frozen=True)
class _Mapping:
    """A memory map of a file, or a view of one. NumPy pickles all that is in it."""

    path: str
    offset: int  # of the first byte that the array reaches, in the file
    size: int  # from there to the end of the last one
    start: int  # of the array's first element, from `offset` on
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype[Any]
    inherited: bool = True

    def refuse(self, name: str) -> None:
        pass

    def open(self, name: str, forked: bool) -> NDArray[Any]:  # noqa: ARG002
        try:
            memory = np.memmap(self.path, np.uint8, "r", self.offset, (self.size,))
        except (OSError, ValueError) as error:
            raise OSError(
                f"`{name}`, a memory map of '{self.path}', cannot be opened in this process; the file must stay as it "
                f"was when the Sequence was made: {error}"
            ) from error
        return np.ndarray(self.shape, self.dtype, memory, self.start, self.strides)


def _mapping(array: Any) -> _Mapping | None:
    """Returns where a memory map or a view of one is, None for other arrays, and for what the file does not hold."""
    if type(array) not in (np.ndarray, np.memmap) or array.size == 0:
        return None
    owner = array
    while isinstance(owner, np.ndarray) and not isinstance(owner.base, mmap.mmap):
        owner = owner.base
    if not isinstance(owner, np.memmap) or owner.filename is None or owner.mode == "c":
        return None
    path, (low, high) = str(owner.filename), np.lib.array_utils.byte_bounds(array)
    # `offset` is where the map's own first element is in the file, for views as well.
    first = owner.offset + low - owner.__array_interface__["data"][0]
    if not Path(path).is_file() or Path(path).stat().st_size < first + high - low:
        return None
    start = array.__array_interface__["data"][0] - low
    return _Mapping(path, first, high - low, start, array.shape, array.strides, array.dtype)
