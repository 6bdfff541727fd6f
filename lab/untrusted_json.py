"""JSON that a stranger may have written: a client's message, or a file that a player can change."""

import json
from typing import Any

__all__ = ["parsed"]


def parsed(text: str | bytes) -> Any:  # noqa: ANN401 -- JSON is anything
    """Return the content of `text`.

    Raises:
        ValueError: it is not JSON, or it is nested too deeply.

    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
