"""What is going on, told in a line."""

import sys
import threading
import time
from types import TracebackType
from typing import Self, TextIO

_WIDTH = 79
_SHORT = 1.0  # seconds: what takes no longer is not told of
_OFTEN, _SELDOM = 0.1, 30.0  # seconds between two lines, on a terminal and elsewhere


class Progress:
    """A line that is written over on a terminal; elsewhere only finished steps are printed.

    As a context manager it leaves an empty line to whatever comes next, an error message for one.

    Args:
        stream: Where to; None means stdout.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self.terminal = self._stream.isatty()

    def show(self, text: str) -> None:
        """Shows what is being done."""
        if self.terminal:
            print(f"\r{text[:_WIDTH]:<{_WIDTH}}", end="", file=self._stream, flush=True)

    def done(self, text: str) -> None:
        """Prints what has been done, in one line or more, in place of what was shown."""
        self._clear()
        print(text, file=self._stream, flush=True)

    def _clear(self) -> None:
        self.show("")
        if self.terminal:
            print("\r", end="", file=self._stream, flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()


class Counter:
    """How much of a known number is done, how fast that goes, and how long it will take, on stderr.

    On a terminal one line is written over; elsewhere a line is printed now and then. Work of up to a second is silent.
    Any thread may call `advance`. As a context manager it leaves an empty line.

    Args:
        doing: What is done, as the line begins: `"Decoding"`.
        things: What is counted: `"pictures"`.
        total: How many there are.
    """

    def __init__(self, doing: str, things: str, total: int) -> None:
        self._doing, self._things, self.total = doing, things, total
        self.count = 0
        self._line = Progress(sys.stderr)
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._next = self._started + _SHORT

    def advance(self, number: int = 1) -> None:
        """Counts what has been done since the last call."""
        with self._lock:
            self.count += number
            now = time.monotonic()
            if now < self._next:
                return
            self._next = now + (_OFTEN if self._line.terminal else _SELDOM)
            text = self._text(now - self._started)
            if self._line.terminal:
                self._line.show(text)
            else:
                self._line.done(text)

    def _text(self, seconds: float) -> str:
        rate = self.count / seconds
        text = f"{self._doing} {self.count:,} of {self.total:,} {self._things} ({self.count / max(self.total, 1):.0%})"
        left = (self.total - self.count) / rate if rate > 0 else 0.0
        return f"{text}, {rate:,.0f} a second, {duration(left)} left"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.__exit__(kind, error, trace)


def duration(seconds: float) -> str:
    """Returns a time in two units at most: `"12 s"`, `"3 min 20 s"`, `"2 h 5 min"`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
