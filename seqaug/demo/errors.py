"""What the demo raises when it cannot run."""


class DemoError(Exception):
    """The demo cannot run here; the message says why and what helps, for the user to read without a traceback."""
