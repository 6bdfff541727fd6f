"""The protocol between a lab's owner and the processes that use it, over a local socket.

Each conversation is a connection: the request as JSON, then frames of one letter and bytes. `t` is the first one
from the owner: it accepts the request (an owner that is about to end accepts none). `i` is input (empty: its
end), `z` a window's size, `q` closes a shell, `o` and `e` are output, `r` is the answer as JSON, at the end.

`end` and `delete` are requests of every protocol, so that any kluster can end the owner of any other.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

from lab import __version__
from lab.cluster.base import ClusterGoneError, CommandError, NodeDownError, Result
from lab.cluster.sim.process.line import Line
from lab.errors import ExitCode, LabError

__all__ = [
    "ADDRESS",
    "ANSWER",
    "CHANGES",
    "CLOSE",
    "ENDINGS",
    "ERROR",
    "INPUT",
    "LOG",
    "OUTPUT",
    "PROTOCOL",
    "SIZE",
    "SNAPSHOT",
    "TAKEN",
    "Address",
    "answer_of",
    "failure",
    "mismatch",
    "result_of",
]

#: The file in a lab's folder with the address of its owner.
ADDRESS = "sim.address"
#: The file with an owner's error messages.
LOG = "sim.log"
#: The file in which the cluster is saved.
SNAPSHOT = "sim.json"
#: The file whose time is that of the last change that a look may see.
CHANGES = "sim.changes"
#: Increase it with each change of the protocol.
PROTOCOL = 3
INPUT, SIZE, CLOSE, OUTPUT, ERROR, ANSWER, TAKEN = b"i", b"z", b"q", b"o", b"e", b"r", b"t"
#: Requests that owners of all protocol versions understand.
ENDINGS = frozenset({"end", "delete"})

_ERRORS: dict[str, type[LabError]] = {"ClusterGoneError": ClusterGoneError, "NodeDownError": NodeDownError}


@dataclass(frozen=True, slots=True)
class Address:
    """The address of an owner with its key. Only the lab's user can read the file."""

    path: str
    family: str
    key: str
    pid: int
    protocol: int = PROTOCOL
    #: The owner's version.
    kluster: str = __version__

    @classmethod
    def read(cls, folder: Path) -> "Address | None":
        """Return the address in `folder`, or None without a readable one."""
        try:
            found = {"protocol": 0, "kluster": "", **json.loads((folder / ADDRESS).read_text(encoding="utf-8"))}
            # Another version may have written more.
            return cls(**{name: found[name] for name in cls.__slots__})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def require_protocol(self, name: str) -> None:
        """Raise `LabError` unless the owner of lab `name` speaks this process's protocol version."""
        if self.protocol != PROTOCOL:
            raise mismatch(name, self.kluster, __version__)

    def write(self, folder: Path) -> None:
        """Write the address to `folder`, in one step."""
        text = json.dumps({name: getattr(self, name) for name in self.__slots__})
        new = folder / f"{ADDRESS}.{self.pid}"
        new.touch(mode=0o600)
        new.write_text(text, encoding="utf-8")
        new.replace(folder / ADDRESS)

    def connect(self) -> Line:
        """Return a connection; raise `OSError` or `EOFError` if the owner no longer listens."""
        return Line(Client(self.path, self.family, authkey=self.key.encode()))


def mismatch(name: str, owner: str, user: str) -> LabError:
    """Return the error for a process of version `user` that meets an owner of version `owner`."""
    theirs = f"kluster {owner}" if owner and owner != user else "another build of kluster"
    return LabError(
        f"The simulated lab {name} is run by {theirs}; this is kluster {user}.",
        "The two versions are not compatible. The cluster is saved in its file.",
        f"Use {theirs} for it, or end its play screens and shells and try again: the process that runs it "
        f"ends ten minutes after its last use. `kluster delete --name {name}` removes the lab.",
        code=ExitCode.BUSY,
    )


def failure(error: BaseException) -> dict[str, Any]:
    """Return an error as data."""
    found: dict[str, Any] = {"error": type(error).__name__, "title": str(error)}
    if isinstance(error, LabError):
        found |= {"title": error.title, "detail": error.detail, "remedy": error.remedy, "code": error.exit_code}
    if isinstance(error, CommandError):
        result = error.result
        found["result"] = {name: getattr(result, name) for name in result.__slots__}
    return found


def answer_of(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- it is what was asked for
    """Return the value of an answer, or raise its error."""
    if "error" not in data:
        return data["value"]
    name = data["error"]
    if name == "FileNotFoundError":
        raise FileNotFoundError(data["title"])
    if "result" in data:
        raise CommandError(result_of(data["result"]))
    if "code" in data:
        kind = _ERRORS.get(name, LabError)
        raise kind(data["title"], data["detail"], data["remedy"], code=ExitCode(data["code"]))
    raise LabError("The simulator failed.", f"{name}: {data['title']}")


def result_of(data: Mapping[str, Any]) -> Result:
    """Return a command's result from data."""
    return Result(**{**data, "argv": tuple(data["argv"])})
