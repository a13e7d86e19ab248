"""`python -m iitk` is the command `iitk`."""

from __future__ import annotations

import sys

from iitk.cli import main

if __name__ == "__main__":
    sys.exit(main())
