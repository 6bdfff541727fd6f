"""The seats of one process: play screens without a terminal, each with a lab of its own.

Begin with `house`, then `seat` and `app`. It may import `lab.tui` and `wire`, and nothing of the server.
"""

__all__: list[str] = []
