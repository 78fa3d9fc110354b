"""What Sequences of files have in common, however they are found."""

import difflib
import inspect
from typing import Any

from seqaug import checks
from seqaug.batches import Batches, Samples
from seqaug.progress import Counter
from seqaug.sources.cache.building import fill
from seqaug.sources.paths import Paths

_OTHERS = ("x", "y", "sample_weight")  # which are no options


class OfFiles:
    """What there is to know of the files of a Sequence, and its sides."""

    data: Batches
    class_names: list[str] | None = None

    @property
    def file_paths(self) -> Paths | None:
        """The pictures' files, a list in the order of the data; None if pictures are in no files.

        Of one side of a split, those of this side; of a shard, all that its batches are taken from.
        """
        data = self.data
        paths = getattr(data.table.source, "paths", None) if isinstance(data, Samples) else None
        if not isinstance(paths, Paths) or not isinstance(data, Samples):
            return None
        return paths if len(data.positions) == len(paths) else paths.taken(data.positions)

    def build_cache(self, threads: int | None = None, verbose: bool = True) -> dict[str, str]:
        """Decodes all pictures and masks that are not yet in the cache, which otherwise the first epoch does.

        ```python
        train = AugmentedSequence.from_directory("photos", image_size=(224, 224), cache="photos-decoded")
        print(train.build_cache())  # {} if there is no broken file
        ```

        Interrupted, it goes on from there the next time. Of one side of a split it is the files of this side.

        Args:
            threads: How many decode; None means one for each CPU that this process may use.
            verbose: Whether to show how far it is, on stderr, unless it takes no longer than a second.

        Returns:
            The files that cannot be read, and why, as in `broken`.

        Raises:
            ValueError: There is no cache, or an argument is out of range.
            OSError: There is no room in the cache.
        """
        data = self.data
        files = [source for source in data.table.files if source.cache is not None] if isinstance(data, Samples) else []
        if not files or not isinstance(data, Samples):
            raise ValueError('There is no cache to be built; give the Sequence one: `cache="some/folder"`.')
        threads = None if threads is None else checks.integer("threads", threads, 1)
        broken: dict[str, str] = {}
        with Counter("Decoding", "files", len(files) * len(data.positions)) as counter:
            advance = counter.advance if checks.flag("verbose", verbose) else None
            for source in files:
                assert source.cache is not None
                paths = source.paths.taken(data.positions)
                broken.update(fill(paths, source.decoder, source.cache, threads, advance).broken)
        return broken

    def _sides(self: Any, cut: int | None, subset: str | None, validation_first: bool) -> Any:
        """Returns one side of the data cut at a sample, or both, or everything."""
        if cut is None:
            return self
        halves = [self.data.positions[:cut], self.data.positions[cut:]]
        validation, training = halves if validation_first else halves[::-1]
        sides = {"training": lambda: self._only(training), "validation": lambda: self.evaluation()._only(validation)}
        return sides[subset]() if subset in sides else (sides["training"](), sides["validation"]())

    @classmethod
    def _check_names(cls, options: dict[str, Any]) -> None:
        """Raises an error if there is no argument of one of these names."""
        known = [name for name in inspect.signature(cls).parameters if name not in _OTHERS]
        for name in options:
            if name not in known:
                close = difflib.get_close_matches(name, known, 1)
                hint = f"; did you mean `{close[0]}`?" if close else ""
                raise TypeError(f"There is no argument `{name}`{hint}")


def refuse(options: dict[str, Any], name: str, why: str) -> None:
    """Takes an option away, and raises an error if it was given."""
    if options.pop(name, None) is not None:
        raise ValueError(f"`{name}` {why}, and must not be given.")
