"""The drill on the simulator: what it makes of each set of repairs, and what it leaves."""
