"""The requests to a lab's owner: a class for each, shared by both sides.

On the wire a request is a JSON object with the class's name as `what`, and its fields. An owner answers any other
request with an error.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, get_args

__all__ = [
    "Create",
    "Delete",
    "End",
    "Hold",
    "Hurry",
    "Identity",
    "Kubeconfig",
    "Now",
    "Read",
    "Release",
    "Request",
    "Run",
    "Shell",
    "Sleep",
    "Snapshot",
    "Stream",
    "Write",
    "name_of",
    "packed",
    "unpacked",
]


@dataclass(frozen=True, slots=True)
class Create:
    """Create the cluster."""


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove the cluster, and end."""


@dataclass(frozen=True, slots=True)
class End:
    """Save the cluster, and end."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Return node name -> id."""


@dataclass(frozen=True, slots=True)
class Now:
    """Return the cluster's time, in s since the epoch."""


@dataclass(frozen=True, slots=True)
class Sleep:
    """Let the cluster's time pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Hurry:
    """Turn the cluster's clock until the other side ends that, or is gone."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Stop the cluster's clock."""


@dataclass(frozen=True, slots=True)
class Release:
    """Let the cluster's clock go on."""


@dataclass(frozen=True, slots=True)
class Kubeconfig:
    """Return a kubeconfig for clients on this machine; the owner listens from then on."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Keep a copy of the cluster until the other side ends that, or is gone. The copy's name is sent as output."""


@dataclass(frozen=True, slots=True)
class Read:
    """Return the text of a file."""

    node: str
    path: str


@dataclass(frozen=True, slots=True)
class Write:
    """Write a file in one step."""

    node: str
    path: str
    text: str
    mode: int


@dataclass(frozen=True, slots=True)
class Run:
    """Run a command to its end and return its result. `stdin` is base64, `timeout` in s."""

    node: str
    argv: list[str]
    stdin: str | None
    timeout: float
    env: dict[str, str]


@dataclass(frozen=True, slots=True)
class Stream:
    """Run a command with its input and output passed on as they come; return its exit code."""

    node: str
    argv: list[str]


@dataclass(frozen=True, slots=True)
class Shell:
    """Open a login shell on a terminal of that size."""

    node: str
    rows: int
    cols: int


Request = (
    Create | Delete | End | Identity | Kubeconfig | Now | Sleep | Hurry | Hold | Release | Snapshot
    | Read | Write | Run | Stream | Shell
)  # fmt: skip
_KINDS: Mapping[str, type[Request]] = {kind.__name__.lower(): kind for kind in get_args(Request)}


def name_of(request: Request) -> str:
    """Return the name of a request on the wire."""
    return type(request).__name__.lower()


def packed(request: Request) -> dict[str, Any]:
    """Return a request as data."""
    return {"what": name_of(request), **asdict(request)}


def unpacked(data: Mapping[str, Any]) -> Request:
    """Return the request in `data`, which may have more keys; raise `ValueError` for an unknown one."""
    kind = _KINDS.get(data.get("what", ""))
    if kind is None:
        raise ValueError(f"no such request: {data.get('what')}")
    try:
        return kind(**{field: data[field] for field in kind.__slots__})
    except KeyError as error:
        raise ValueError(f"{data['what']} needs {error}") from error
