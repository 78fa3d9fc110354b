"""What is printed where Keras prints. Imports Keras."""

import logging

from keras import config


def say(message: str) -> None:
    """Prints a line where Keras would print its own."""
    if config.is_interactive_logging_enabled():
        print(message, flush=True)
    else:
        logging.getLogger("absl").info(message)
