"""`python -m glassnet` is the command line."""

import sys

from glassnet.cli import main

if __name__ == "__main__":
    sys.exit(main())
