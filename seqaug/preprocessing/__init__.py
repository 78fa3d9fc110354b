"""Drop-in replacements for `tf.keras.preprocessing`."""

from seqaug.preprocessing import image

__all__ = ["image"]
