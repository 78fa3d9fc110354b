"""The other libraries: loaded when a job asks for them, told to use one thread, and left out if not installed."""

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any


class Peers:
    """Modules by name, or None where missing. `skipped` says once what is missing and how to get it."""

    def __init__(self) -> None:
        self.skipped: list[str] = []
        self._loaded: dict[str, ModuleType | None] = {}

    @property
    def cv2(self) -> ModuleType | None:
        """OpenCV."""
        return self._load("cv2", "OpenCV", _one_thread_cv2)

    @property
    def albumentations(self) -> ModuleType | None:
        """Albumentations, which calls OpenCV."""
        if self.cv2 is None:
            return None
        return self._load("albumentations", "Albumentations", lambda _: None)

    @property
    def tensorflow(self) -> ModuleType | None:
        """TensorFlow, which has Keras's layers in `tf.data` and the deprecated names under `tf.keras`."""
        return self._load("tensorflow", "Keras with TensorFlow", _one_thread_tensorflow)

    def _load(self, name: str, title: str, one_thread: Callable[[Any], None]) -> ModuleType | None:
        if name not in self._loaded:
            try:
                module = importlib.import_module(name)
            except ImportError as error:
                self._loaded[name] = None
                self.skipped.append(f'{title} is skipped: {error}. To include it: pip install ".[bench]"')
                print(self.skipped[-1], flush=True)
            else:
                one_thread(module)
                self._loaded[name] = module
        return self._loaded[name]


def _one_thread_cv2(cv2: Any) -> None:
    cv2.setNumThreads(1)


def _one_thread_tensorflow(tf: Any) -> None:
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.set_visible_devices([], "GPU")
