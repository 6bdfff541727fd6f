"""The seats of one process: play screens without a terminal, each with a lab of its own."""

__all__: list[str] = []
