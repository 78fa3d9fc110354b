"""From chosen samples to a finished batch: read, draw, run, put together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import buffers, coloring, painting, preview, values
from seqaug.batches import Chosen
from seqaug.buffers import Images, shapes_of
from seqaug.columns import beside
from seqaug.declared import IMAGE, Declared
from seqaug.doubts import extremes, warn_of_layout, warn_of_values
from seqaug.mixing import check_labels, execute_all, mixed_labels
from seqaug.pipeline import Pipeline
from seqaug.plan import Plan
from seqaug.points import require_movable
from seqaug.run import execute
from seqaug.sources import Source
from seqaug.sources.parts import Parts, parts_of, portions
from seqaug.structure import Path, name_of
from seqaug.targets import Table, check_sizes
from seqaug.threads import spread
from seqaug.volumes import check_depth, sliced


@dataclass(frozen=True)
class Maker:
    """Makes batches.

    Args:
        pipeline: What is done to the images.
        dtype: Of the images that come out.
        value_range: (low, high) of the values in the images, or None for what their dtype says.
        channels_first: Whether batches have the channels before height and width.
        declared: What the user said of columns that move with the images.
    """

    pipeline: Pipeline
    dtype: str
    value_range: tuple[float, float] | None
    channels_first: bool
    declared: Declared

    def with_pipeline(self, pipeline: Pipeline) -> "Maker":
        """Returns one with another pipeline."""
        return replace(self, pipeline=pipeline)

    def check(self, table: Table) -> None:
        """Raises an error if images and pipeline do not fit. Draws once, so that what does not shows."""
        self.check_dtype(table.source.dtype)
        first = table.source.first()
        if first is not None:
            warn_of_layout(first)
            warn_of_values(extremes(first), self.value_range, self.pipeline)
        else:
            warn_of_values(values.of_source(table.source.dtype, None).range, None, self.pipeline)
        check_depth(self.pipeline.transforms, table.source.depth)
        one = Chosen(table, [0], [0])
        self.draw(one, 0, 0, slice(None), np.array([table.source.shape]))
        for source in table.images.values():
            self.check_dtype(source.dtype)
            self.draw(one, 0, 0, slice(None), np.array([source.shape]), source.dtype)
        if table.has_points:
            require_movable(self.pipeline.transforms)
        if self.pipeline.mixing:
            self._check_mixing(table)

    def _check_mixing(self, table: Table) -> None:
        """Raises an error if labels or masks cannot follow where images are mixed."""
        blending = [type(transform).__name__ for transform in self.pipeline.mixing if transform.blends]
        for path in table.masks if blending else ():
            raise ValueError(
                f"`{name_of(path)}`, a segmentation mask, cannot follow {blending[0]}, under which a pixel shows two "
                "images at once; CutMix and Mosaic keep them apart."
            )
        for path, labels in table.labels.items():
            if path[0] == "y":
                check_labels(labels, name_of(path))

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
        leaves, fills = beside(table, chosen.rows, self.pipeline, self.declared, self.channels_first)
        leaves[table.picture] = x
        more = []
        for path, source in table.images.items():
            leaves[path], view = buffers.batch(count, size, source.shape[2], self.dtype, self.channels_first, depth)
            more.append((path, source, parts_of(source, chosen.rows), view))

        picture = parts_of(table.source, chosen.rows)
        run = partial(execute_all, threads=threads) if self.pipeline.mixing else execute

        def finish(images: Images, first: int, last: int) -> Plan:
            rows = chosen.rows[first:last]
            shapes = shapes_of(images)[::slices]
            plan = self.draw(chosen, seed, epoch, slice(first, last), shapes)
            for fill in fills:
                fill(plan, rows, shapes, first)
            for path, source, read, view in more:
                self._further(chosen, plan, path, source, read, seed, epoch, slice(first, last), view)
            run(*sliced(plan, images, depth), pixels[first * slices : last * slices])
            return plan

        def work(first: int, last: int) -> None:
            for start, end, images in portions(table.source, picture, chosen.rows, first, last):
                finish(images, start, end)

        if self.pipeline.mixing:  # all of a batch at once, and threads within
            plan = finish(_read(picture, count, threads), 0, count)
            mixed = (path for path in table.labels if path[0] == "y")
            leaves.update({path: mixed_labels(plan, leaves[path], name_of(path)) for path in mixed})
        else:
            spread(count, threads, work)
        return table.structure.rebuild(leaves)

    def _further(
        self,
        chosen: Chosen,
        plan: Plan,
        path: Path,
        source: Source,
        read: Parts,
        seed: int,
        epoch: int,
        part: slice,
        out: Any,
    ) -> None:
        """Does to a part of a further column of images what is done to the picture, by the same draws."""
        rows, slices = chosen.rows[part], source.depth or 1
        images = read(part.start, part.stop)
        shapes = shapes_of(images)[::slices]
        check_sizes(path, IMAGE, rows, shapes, plan.shapes)
        if (shapes != plan.shapes).any() or source.dtype != chosen.table.source.dtype:
            plan = self.draw(chosen, seed, epoch, part, shapes, source.dtype)  # for as many channels, of such values
        execute_all(*sliced(plan, images, source.depth), out[part.start * slices : part.stop * slices], 1)

    def plan(self, chosen: Chosen, seed: int, epoch: int) -> Plan:
        """Returns what is drawn for a batch."""
        shapes = shapes_of(chosen.table.source.read(chosen.rows))[:: chosen.table.source.depth or 1]
        return self.draw(chosen, seed, epoch, slice(None), shapes)

    def draw(
        self,
        chosen: Chosen,
        seed: int,
        epoch: int,
        part: slice,
        shapes: NDArray[np.int64],
        dtype: str | None = None,
    ) -> Plan:
        """Returns what is drawn for a part of a batch, of images of these shapes (and of another dtype)."""
        ids = np.array(chosen.ids[part], np.uint32)
        bounds = values.of_source(dtype or chosen.table.source.dtype, self.value_range).range
        try:
            return self.pipeline.draw(seed=seed, epoch=epoch, ids=ids, shapes=shapes, value_range=bounds)
        except ValueError as error:
            rows = chosen.rows[part]
            raise ValueError(f"{error} (Images {rows[:4]}{' …' if len(rows) > 4 else ''} of the data.)") from None

    def preview(self, chosen: Chosen, seed: int, epochs: Sequence[int]) -> list[list[preview.Bytes]]:
        """Returns rows of pictures: each sample as it is, and as it comes in each of the epochs.

        Where images are mixed, they are with each other, as if they were a batch.
        """
        table = chosen.table
        depth = table.source.depth or 1
        images = table.source.read(chosen.rows)[depth // 2 :: depth]  # of volumes the slices in the middle
        masks = [mask.read(chosen.rows)[depth // 2 :: depth] for mask in table.masks.values()]
        before = values.of_source(table.source.dtype, self.value_range)
        after = coloring.carried(self.pipeline.transforms, before)
        shapes = shapes_of(images)
        plans = [self.draw(chosen, seed, epoch, slice(None), shapes) for epoch in epochs]

        def paint(i: int, fitted: Plan, row: list[preview.Bytes]) -> None:
            if table.has_points:  # which images that are mixed have not
                own = slice(i, i + 1)
                alone = [fitted, *(self.draw(chosen, seed, epoch, own, shapes[own]) for epoch in epochs)]
                for cell, plan in zip(row, alone, strict=True):
                    painting.paint(cell, table, chosen.rows[i], plan)

        return preview.rows_of(images, masks, plans, before, after, self.declared.mask_fill_value, paint)


def _read(part: Parts, count: int, threads: int | None) -> Images:
    """Returns all images, which threads have read."""
    runs: dict[int, Images] = {}

    def work(first: int, last: int) -> None:
        runs[first] = part(first, last)

    spread(count, threads, work)
    if len(runs) == 1:
        return runs[0]
    return [image for first in sorted(runs) for image in runs[first]]
