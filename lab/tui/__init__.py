"""The play screen. Nothing outside this folder imports Textual.

Begin with `app`, then `round` and `screens`. It may import `lab.commands`, `lab.lab` and the packages below them.
"""

__all__: list[str] = []
