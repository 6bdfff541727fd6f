"""What holds for all tests."""

import os

# A test may leave a simulated lab behind: its process goes soon.
os.environ.setdefault("KLUSTER_SIM_IDLE", "15")
