"""Stub."""

import os
from typing import Any, Protocol

from numpy.typing import NDArray


class Cache(Protocol):
    """Stub."""

    def get(self, name: bytes, path: str) -> NDArray[Any] | None:
        """Stub."""

    def put(self, name: bytes, path: str, picture: NDArray[Any], stat: os.stat_result) -> None:
        """Stub."""

    def flush(self) -> None:
        """Stub."""


def open_cache(where: Any, settings: dict[str, Any]) -> Cache | None:  # noqa: ARG001
    """Stub."""
    return None
