"""One lazily made pool of threads for all batches, which a forked child starts without."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import partial
from itertools import pairwise
from pathlib import Path

# Threads are started as work asks for them, so the limit costs nothing.
_MOST = 256
_pool: ThreadPoolExecutor | None = None
_lock = threading.Lock()


def available_cpus() -> int:
    """Returns how many CPUs this process may use, by its affinity and its control group's quota (version 2)."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, min(count, -(-int(quota) // int(period))))
    except (OSError, ValueError):  # no control group, or no quota ("max")
        return count


def spread(count: int, threads: int | None, work: Callable[[int, int], None]) -> None:
    """Calls `work(first, last)` for contiguous runs that make up 0 … count, one per thread, and waits for all.

    The calling thread does the first run itself, and those for which there is no thread. `work` must not call `spread`
    with more than one thread. If runs fail, the error of the first of them is raised, once none is running any more.
    """
    parts = max(1, min(count, available_cpus() if threads is None else threads))
    if parts == 1:
        work(0, count)
        return
    ends = [count * part // parts for part in range(parts + 1)]
    futures, left = [], [(ends[0], ends[1])]
    for run in pairwise(ends[1:]):
        try:
            # In the caller's context, which has NumPy's error state.
            futures.append(_shared_pool().submit(copy_context().run, partial(work, *run)))
        except RuntimeError:  # the interpreter is ending, or the system has no more threads
            left.append(run)
    try:
        for first, last in left:
            work(first, last)
    finally:
        wait(futures)
    for future in futures:
        future.result()


def _shared_pool() -> ThreadPoolExecutor:
    global _pool
    with _lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(_MOST, thread_name_prefix="seqaug")
        return _pool


def _forget() -> None:
    """A forked child has the pool's book-keeping but none of its threads; the lock may have been held."""
    global _pool, _lock
    _pool, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
