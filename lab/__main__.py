"""`python -m lab` is `kluster`."""

import sys

from lab.cli import main

sys.exit(main())
