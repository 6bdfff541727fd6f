"""Bash, and the programs that a script runs, on a simulated node.

`language` reads a script into a tree; `expansion` holds variables and makes fields of words;
`running` has processes, open files, the terminal, and runs the tree; `builtins` has the commands of the shell
itself; `tools` has the programs that stream or wait. Begin with `running.shell`. It may import `world` and what is
below it.
"""
