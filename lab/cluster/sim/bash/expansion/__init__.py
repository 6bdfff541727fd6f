"""Expansion: words of the syntax tree become fields, numbers, patterns and truths.

Begin with `expander` (`Expander`). The shell hands in its variables (`variables`) and what only a shell can do
(`host`).
This package imports `bash.language` and nothing else of the simulator.
"""
