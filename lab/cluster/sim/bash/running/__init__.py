"""The processes of a node, their open files and terminals, and the shell that runs a script's tree.

Begin with `process`, then `open_files`, `call` (the view of a program) and `shell` (the view of a builtin). It may
import `world` and the packages below it, `expansion` and `language`.
"""
