"""Drop-in replacements for `tf.keras.preprocessing`."""
