"""The server of an event: browsers on one side, workers on the other. It draws nothing and plays nothing.

Begin with `run`, then `hall`. It may import `event` and `wire`, and neither Textual nor the simulator.
"""

__all__: list[str] = []
