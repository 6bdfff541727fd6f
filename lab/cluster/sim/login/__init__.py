"""A shell at a terminal: prompts, continued lines, history, completion.

Begin with `interactive`. This package may import `commands`, `shell`, `world` and the packages below them.
"""
