"""Processes of a node, their open files and terminals, and the shell that runs a script's tree.

Begin with `process`, then `open_files`, `call` (what a program sees) and `shell` (what a builtin sees).
"""
