"""The drill on the simulator: its result for each set of repairs, and what it leaves behind."""
