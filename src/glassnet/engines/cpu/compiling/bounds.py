"""Whether machine code checks every index against its array: a build for tests."""

import os

CHECKS_BOUNDS = os.environ.get("GLASSNET_BOUNDS_CHECK", "") not in {"", "0"}
"""Set by the environment variable GLASSNET_BOUNDS_CHECK; such code is many times slower."""
