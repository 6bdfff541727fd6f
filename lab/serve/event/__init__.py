"""An event, in a folder: who plays what and when, and the records of the attempts."""

__all__: list[str] = []
