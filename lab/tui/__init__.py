"""The play screen. Nothing outside this folder imports Textual."""

__all__: list[str] = []
