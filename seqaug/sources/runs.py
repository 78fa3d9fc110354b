"""Which rows of a store that is not in memory are read together."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqaug.sources.stores import is_hdf5

MOST_BYTES = 64 * 2**20  # of rows in a slice that nobody asked for


class Run(NamedTuple):
    """Rows that one slice of a store gives."""

    first: int  # row of the store, the slice being first:last
    last: int
    place: int  # where its rows begin among all that are asked for, in ascending order
    rows: NDArray[np.int64]  # those asked for

    @property
    def has_gaps(self) -> bool:
        """Whether rows between the first and the last are not asked for."""
        return self.last - self.first != len(self.rows)


def runs_of(rows: NDArray[np.int64], chunk: int | None, row_bytes: int) -> list[Run]:
    """Returns the slices that give some rows, in ascending order, none overlapping another.

    Neighbours go together. Where a store decodes many rows at once, those of one chunk go together as well, with what
    is between them, so that no chunk is decoded twice; unless that were more than `MOST_BYTES`.

    Args:
        rows: Ascending, none twice.
        chunk: How many rows the store decodes at once; None if it can read any row by itself.
        row_bytes: The size of a row.
    """
    result: list[Run] = []
    asked, size, most = rows.tolist(), chunk or 1, MOST_BYTES // row_bytes
    begin = gaps = 0
    for place in range(1, len(asked) + 1):
        if place < len(asked):
            before, row = asked[place - 1], asked[place]
            gap, same_chunk = row - before - 1, before // size == row // size
            # With gaps in it a slice goes no further than its chunk.
            if gaps + gap <= most if same_chunk else gaps + gap == 0:
                gaps += gap
                continue
        result.append(Run(asked[begin], asked[place - 1] + 1, begin, rows[begin:place]))
        begin, gaps = place, 0
    return result


def single(rows: NDArray[np.int64]) -> list[Run]:
    """Returns a run for each row."""
    return [Run(row, row + 1, place, rows[place : place + 1]) for place, row in enumerate(rows.tolist())]


def rows_decoded_at_once(array: Any) -> int | None:
    """Returns how many rows are in a chunk, if an array says so and chunks are read as a whole.

    HDF5 reads parts of chunks that have no filters, such as compression.
    """
    if is_hdf5(array) and array.id.get_create_plist().get_nfilters() == 0:
        return None
    chunks = getattr(array, "chunks", None)
    first = chunks[0] if isinstance(chunks, tuple) and chunks else None
    return int(first) if isinstance(first, int) and first > 0 else None
