"""Many paths in little memory."""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray


class Paths(Sequence[str]):
    """n paths as one block of bytes, in any order: 8 bytes for each beside its name, and 4 where they are reordered.

    Args:
        root: The folder that names are relative to, `""` where they are paths by themselves.
        block: `(bytes,)` uint8, all names one after the other, as the file system has them.
        ends: `(names,)` int64, where each name ends in the block.
        order: `(n,)` which of the names these are; None for all as they come.
    """

    def __init__(
        self, root: str, block: NDArray[np.uint8], ends: NDArray[np.int64], order: NDArray[Any] | None = None
    ) -> None:
        self.root, self.block, self.ends, self.order = root, block, ends, order
        self._own = os.fsencode(os.path.join(os.path.abspath(root), "")) if root else b""  # noqa: PTH100, PTH118

    @classmethod
    def of(cls, paths: Iterable[str | os.PathLike[str]], root: str = "") -> "Paths":
        """Returns paths that are given one by one, relative to `root` if there is one."""
        names = [os.fsencode(path) for path in paths]
        ends = np.cumsum([len(name) for name in names], dtype=np.int64)
        return cls(root, np.frombuffer(b"".join(names), np.uint8), ends)

    def taken(self, rows: NDArray[Any]) -> "Paths":
        """Returns some of these paths, in the order of `rows`."""
        order = rows if self.order is None else self.order[rows]
        return Paths(self.root, self.block, self.ends, order.astype(np.uint32, copy=False))

    @property
    def nbytes(self) -> int:
        """How much memory they take, mapped files included."""
        return self.block.nbytes + self.ends.nbytes + (0 if self.order is None else self.order.nbytes)

    def name(self, i: int) -> bytes:
        """Returns path i relative to the root, as the file system has it."""
        row = i if self.order is None else int(self.order[i])
        start = int(self.ends[row - 1]) if row else 0
        return self.block[start : self.ends[row]].tobytes()

    def key(self, i: int) -> bytes:
        """Returns what tells path i from all others: the absolute path, links as they are."""
        name = self.name(i)
        return self._own + name if self.root else os.path.abspath(name)  # noqa: PTH100 (no object for each)

    def __len__(self) -> int:
        return len(self.ends if self.order is None else self.order)

    @overload
    def __getitem__(self, i: int) -> str: ...
    @overload
    def __getitem__(self, i: slice) -> "Paths": ...
    def __getitem__(self, i: "int | slice") -> "str | Paths":
        if isinstance(i, slice):
            return self.taken(np.arange(len(self))[i])
        count = len(self)
        if not -count <= i < count:
            raise IndexError(f"There are {count} paths. Received: {i}")
        name = os.fsdecode(self.name(i % count))
        return os.path.join(self.root, name) if self.root else name  # noqa: PTH118 (no object for each)

    def __iter__(self) -> Iterator[str]:
        return (self[i] for i in range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(other) == len(self) and all(map(str.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[:3]))
        return f"Paths({shown}{', …' if len(self) > 3 else ''}; {len(self)})"
