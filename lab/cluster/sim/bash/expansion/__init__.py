"""Expansion: words of the syntax tree become fields, numbers, patterns and truth values.

Begin with `expander` (`Expander`). The shell provides its variables (`variables`) and the operations that only a
shell can carry out (`host`). This package imports `bash.language` and nothing else of the simulator.
"""
