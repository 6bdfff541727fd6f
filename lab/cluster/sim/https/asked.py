"""Requests and answers between the server's loop and the simulator's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import to_json

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.requests import ADMIN

__all__ = ["JSON", "Answer", "Asked", "refusal", "truth"]

JSON = "application/json"


def truth(query: Mapping[str, str], key: str) -> bool:
    """Whether a parameter of a query is true, as the API server reads it: Python's clients say `True`."""
    return key in query and query[key].lower() not in {"0", "false"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request over HTTP. Header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    body: bytes = b""

    @property
    def user(self) -> str:
        """The user, who may be impersonated."""
        return self.headers.get("impersonate-user", ADMIN)

    def on(self, key: str) -> bool:
        """Whether a parameter is true: any value is, except `0` and `false`."""
        return truth(self.query, key)

    def accepts(self, form: str) -> bool:
        """Whether the client takes objects in the form of `as=...`: Table, PartialObjectMetadataList, ..."""
        return f"as={form}" in self.headers.get("accept", "").replace(" ", "").replace(",", ";").split(";")


@dataclass(slots=True)
class Answer:
    """An answer: its code, its text, its type and its warnings."""

    code: int
    body: bytes
    media: str = JSON
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, code: int, item: Any, warnings: list[str] | None = None) -> "Answer":  # noqa: ANN401 -- JSON
        """Return an answer with an object, or with a text."""
        if isinstance(item, str):
            media = JSON if item.startswith("{") else "text/plain; charset=utf-8"
            return cls(code, item.encode(), media, warnings or [])
        return cls(code, to_json(item) + b"\n", JSON, warnings or [])


def refusal(code: int, reason: str, message: str) -> Answer:
    """Return a refusal as a Status."""
    return Answer.of(code, ApiError(code, reason, message).status())
