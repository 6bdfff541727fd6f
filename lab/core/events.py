"""What happened and when: the timeline of an attempt."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

__all__ = ["Event", "EventKind"]

EventKind = Literal[
    "created",
    "broken",
    "check",
    "turned",
    "hint",
    "diagnosed",
    "solution",
    "paused",
    "resumed",
    "kept",
    "submitted",
    "reset",
    "node-started",
    "command",
    "cut-short",
    "advice",
    "gave-up",
    "drill",
]


class Event(BaseModel):
    """One event; `data` holds the details of its kind (a check and its status, a hint's name)."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    kind: EventKind
    text: str
    data: dict[str, JsonValue] = {}
