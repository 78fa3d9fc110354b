"""From chosen samples to a finished batch: read, draw, run, put together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import buffers, coloring, preview, values
from seqaug.batches import Chosen
from seqaug.buffers import all_readable, shapes_of
from seqaug.doubts import warn_of
from seqaug.pipeline import Pipeline
from seqaug.plan import Plan
from seqaug.run import execute, execute_masks
from seqaug.targets import Table
from seqaug.threads import spread
from seqaug.volumes import sliced


@dataclass(frozen=True)
class Maker:
    """Makes batches.

    Args:
        pipeline: What is done to the images.
        dtype: Of the images that come out.
        value_range: (low, high) of the values in the images, or None for what their dtype says.
        channels_first: Whether batches have the channels before height and width.
        mask_fill_value: What lies outside of masks.
    """

    pipeline: Pipeline
    dtype: str
    value_range: tuple[float, float] | None
    channels_first: bool
    mask_fill_value: float

    def with_pipeline(self, pipeline: Pipeline) -> "Maker":
        """Returns one with another pipeline."""
        return replace(self, pipeline=pipeline)

    def check(self, table: Table) -> None:
        """Raises an error if images and pipeline do not fit. Draws once, so that what does not shows."""
        self.check_dtype(table.source.dtype)
        warn_of(table.source.read([0])[0], self.value_range, self.pipeline)
        self.pipeline.check_depth(table.source.depth)
        self.draw(Chosen(table, [0], [0]), 0, 0, slice(None), np.array([table.source.shape]))

    def check_dtype(self, source_dtype: str | None) -> None:
        """Raises an error if batches cannot hold what comes out of images of a dtype, if that is known."""
        if source_dtype is not None:
            self.pipeline.check_dtype(self.dtype, source_dtype, self.value_range)

    def make(self, chosen: Chosen, seed: int, epoch: int, threads: int | None) -> Any:
        """Returns a batch, of the structure of the data set."""
        table, count = chosen.table, len(chosen.rows)
        size = self.pipeline.output_size(*table.source.shape[:2])
        depth, slices = table.source.depth, table.source.depth or 1
        x, pixels = buffers.batch(count, size, table.source.shape[2], self.dtype, self.channels_first, depth)
        leaves = {table.picture: x, **{path: column[chosen.rows] for path, column in table.labels.items()}}
        masks = []
        for path, mask in table.masks.items():
            first = self.channels_first and not mask.plain
            moved, view = buffers.batch(count, size, mask.shape[2], mask.dtype, first, depth)
            leaves[path] = moved[..., 0] if mask.plain else moved
            masks.append((mask, view))

        def work(first: int, last: int) -> None:
            rows = chosen.rows[first:last]
            images = all_readable(table.source.read(rows))
            shapes = shapes_of(images)[::slices]
            plan = self.draw(chosen, seed, epoch, slice(first, last), shapes)
            part = slice(first * slices, last * slices)
            for mask, view in masks:
                for i in np.flatnonzero((shapes[:, :2] != mask.shape[:2]).any(axis=1)).tolist():
                    mask.check_size(rows[i], shapes[i].tolist())
                execute_masks(*sliced(plan, all_readable(mask.read(rows)), depth), view[part], self.mask_fill_value)
            execute(*sliced(plan, images, depth), pixels[part])

        spread(count, threads, work)
        return table.structure.rebuild(leaves)

    def plan(self, chosen: Chosen, seed: int, epoch: int) -> Plan:
        """Returns what is drawn for a batch."""
        shapes = shapes_of(chosen.table.source.read(chosen.rows))[:: chosen.table.source.depth or 1]
        return self.draw(chosen, seed, epoch, slice(None), shapes)

    def draw(self, chosen: Chosen, seed: int, epoch: int, part: slice, shapes: NDArray[np.int64]) -> Plan:
        """Returns what is drawn for a part of a batch, of images of these shapes."""
        ids = np.array(chosen.ids[part], np.uint32)
        bounds = values.of_source(chosen.table.source.dtype, self.value_range).range
        try:
            return self.pipeline.draw(seed=seed, epoch=epoch, ids=ids, shapes=shapes, value_range=bounds)
        except ValueError as error:
            rows = chosen.rows[part]
            raise ValueError(f"{error} (Images {rows[:4]}{' …' if len(rows) > 4 else ''} of the data.)") from None

    def preview(self, chosen: Chosen, seed: int, epochs: Sequence[int]) -> list[list[preview.Bytes]]:
        """Returns rows of pictures: each sample as it is, and as it comes in each of the epochs."""
        table = chosen.table
        depth = table.source.depth or 1
        images = table.source.read(chosen.rows)[depth // 2 :: depth]  # of volumes the slices in the middle
        masks = [[mask.read([row])[depth // 2] for mask in table.masks.values()] for row in chosen.rows]
        before = values.of_source(table.source.dtype, self.value_range)

        def plan(i: int, j: int) -> Plan:
            return self.draw(chosen, seed, epochs[j], slice(i, i + 1), np.array([images[i].shape]))

        pictures = list(zip(images, masks, strict=True))
        after = coloring.carried(self.pipeline.transforms, before)
        return preview.rows_of(pictures, plan, len(epochs), before, after, self.mask_fill_value)
