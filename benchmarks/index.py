"""Shows what an index of millions of picture files costs, in time and in memory: `python -m benchmarks.index`.

    python -m benchmarks.index [--files 10000000] [--classes 1000] [--folder FOLDER]

Names are made up, and there are no pictures: the listing is written as a data set's would be, and then a process
of its own opens it, shuffles and splits it as `AugmentedSequence.from_directory` does, and chooses the samples of batch
0 of two epochs. Memory is what that process has more than before, mapped files included.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks import startup  # noqa: F401


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=10_000_000)
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--folder", type=Path, help="where to put the listing for the time being")
    parser.add_argument("--open", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.open:
        _open(arguments.open, arguments.files, arguments.classes)
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        start = time.perf_counter()
        _write(Path(folder), arguments.files, arguments.classes)
        kept = sum(path.stat().st_size for path in Path(folder).glob("cache/**/*") if path.is_file())
        print(f"files: {arguments.files}, in {arguments.classes} folders")
        print(f"written in {time.perf_counter() - start:.1f} s: {kept / arguments.files:.0f} bytes a file on disk")
        command = [sys.executable, "-m", "benchmarks.index", "--open", folder]
        more = ["--files", str(arguments.files), "--classes", str(arguments.classes)]
        subprocess.run([*command, *more], check=True)


def _write(root: Path, files: int, classes: int) -> None:
    """Writes a listing of names such as are usual, of folders that are there."""
    from seqaug.sources import listing, paths, saved_listing

    names = [f"n{10_000_000 + 7 * i:08}" for i in range(classes)]
    counts = np.full(classes, files // classes)
    counts[: files % classes] += 1
    blocks, lengths = [], []
    for name, count in zip(names, counts.tolist(), strict=True):
        (root / "data" / name).mkdir(parents=True)
        lines = [f"{name}/{name}_{i:08}.JPEG".encode() for i in range(count)]
        blocks.append(b"".join(lines))
        lengths.append(np.array([len(line) for line in lines], np.int64))
    directory = str(root / "data")
    walked = listing.list_folder(directory, True, None, False, listing.FORMATS)
    made = listing.Listing(
        paths.Paths(directory, np.frombuffer(b"".join(blocks), np.uint8), np.cumsum(np.concatenate(lengths))),
        counts,
        names,
        walked.folders,
        walked.stamps,
        time.time_ns() + 10**10,  # so that folders made just now are trusted
    )
    saved_listing.kept(str(root / "cache"), directory, [True, None, False, listing.FORMATS], lambda: made)[1]()


def _open(root: Path, files: int, classes: int) -> None:
    from seqaug import AugmentedSequence, Rescaling
    from seqaug.sources import listing, saved_listing

    def refuse() -> listing.Listing:
        raise SystemExit("The listing that was kept is not used.")

    AugmentedSequence(np.zeros((2, 8, 8, 3), np.uint8), augment=[Rescaling(1 / 255)], image_size=(8, 8))[0]  # warm
    directory, before = str(root / "data"), _memory()
    start = time.perf_counter()
    saved_listing.kept(str(root / "cache"), directory, [True, None, False, listing.FORMATS], refuse)
    print(f"listing opened and {classes} folders looked at: {time.perf_counter() - start:.2f} s")
    start = time.perf_counter()
    train, validation = AugmentedSequence.from_directory(
        directory,
        label_mode="categorical",
        cache=root / "cache",
        load=lambda _: np.zeros((64, 48, 3), np.uint8),
        image_size=(32, 32),
        validation_split=0.1,
        subset="both",
        seed=7,
        verbose=False,
    )
    print(f"from_directory, shuffled and split: {time.perf_counter() - start:.2f} s")
    for epoch in (0, 1):
        start = time.perf_counter()
        rows = train.data.select(0, train.seed, epoch).rows
        print(f"samples of batch 0 of epoch {epoch}: {time.perf_counter() - start:.2f} s")
    start = time.perf_counter()
    rows = train.data.select(1, train.seed, 1).rows
    labels = train.data.table.labels["y", None][rows]
    paths = [train.data.table.source.paths[row] for row in rows]
    print(f"samples of batch 1, with labels {labels.shape} and {len(paths)} paths: {time.perf_counter() - start:.4f} s")
    assert len(train.file_paths) + len(validation.file_paths) == files
    now = _memory()
    int(train.data.table.source.paths.block.sum())
    read = _memory()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"memory: {(now - before) / files:.0f} bytes a file; {(read - before) / files:.0f} once every name was read")
    print(f"at most, names included: {(most - before) / files:.0f}")


def _memory() -> int:
    """Bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main()
