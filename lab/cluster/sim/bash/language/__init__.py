"""The shell's language: text becomes a syntax tree. Pure functions, without input and output.

Begin with `tree` (the types of the tree) and `reader` (`ScriptReader`, `parse`). Errors carry bash's own texts
(`errors`). This package imports nothing of the simulator.
"""
