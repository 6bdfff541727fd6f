"""The parts of screens: one module each."""
