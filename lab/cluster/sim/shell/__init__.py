"""A terminal on a node: line editing, the pager, full-screen programs.

Begin with `tty`. This package may import `world` and the packages below it.
"""
