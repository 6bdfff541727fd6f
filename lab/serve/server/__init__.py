"""The server of an event: browsers on one side, workers on the other. It draws nothing and plays nothing."""

__all__: list[str] = []
