"""One line that tells what is going on."""

import sys
from types import TracebackType
from typing import Self

_WIDTH = 79


class Progress:
    """A line on stdout that is written over on a terminal; elsewhere only finished steps are printed.

    As a context manager it leaves an empty line to whatever comes next, an error message for one.
    """

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()

    def show(self, text: str) -> None:
        """Shows what is being done."""
        if self._terminal:
            print(f"\r{text[:_WIDTH]:<{_WIDTH}}", end="", flush=True)

    def done(self, text: str) -> None:
        """Prints what has been done, in one line or more, in place of what was shown."""
        self._clear()
        print(text, flush=True)

    def _clear(self) -> None:
        self.show("")
        if self._terminal:
            print("\r", end="", flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()
