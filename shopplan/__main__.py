"""``python -m shopplan``."""

import sys

from shopplan.cli import main

if __name__ == "__main__":
    sys.exit(main())
