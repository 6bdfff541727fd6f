"""An event: what is played by whom and when, and what is kept of it, in a folder."""

__all__: list[str] = []
