"""The server of an event, between browsers and workers. It has no screens and no labs of its own.

Begin with `run`, then `hall`. It may import `event` and `wire`, and neither Textual nor the simulator.
"""

__all__: list[str] = []
