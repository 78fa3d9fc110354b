"""The command `seqaug`, also `python -m seqaug`."""

import sys

from seqaug.commands import main

if __name__ == "__main__":
    sys.exit(main())
