"""Visiting an event from a terminal: playing at a seat (`kluster join`), and the instructor's board.

Begin with `address`. It may import `lab.tui` and `post`; it sends the same requests as the pages.
"""

__all__: list[str] = []
