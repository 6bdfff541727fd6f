"""The seats of one process: play screens with no terminal of their own, each over a lab of its own."""

__all__: list[str] = []
