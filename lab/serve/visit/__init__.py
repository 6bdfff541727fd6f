"""Visiting an event from a terminal: playing at a seat (`kluster join`), and the instructor's board."""

__all__: list[str] = []
