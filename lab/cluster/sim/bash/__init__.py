"""Bash, and the programs that a script runs, on a simulated node.

`language` parses a script into a tree. `expansion` holds variables and turns words into fields. `running` has
processes, open files and the terminal, and runs the tree. `builtins` has the shell's own commands. `tools` has the
programs that stream or wait. Begin with `running.shell`. This package may import `world` and the packages below
it.
"""
