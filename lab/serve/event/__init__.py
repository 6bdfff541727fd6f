"""An event, in a folder: who plays what and when, and the records of the attempts.

Begin with `folder`. It may import `lab.core` and `lab.chain`, and neither seats nor the server.
"""

__all__: list[str] = []
