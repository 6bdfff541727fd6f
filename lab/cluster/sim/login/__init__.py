"""A shell at a terminal: prompts, lines that go on, history, completion.

Begin with `interactive`. It may import `commands`, `shell`, `world` and all below them.
"""
