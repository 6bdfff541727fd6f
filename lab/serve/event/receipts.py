"""Receipts: the server countersigns heads of chains, with its own time.

A receipt states a time, the attempt's number of lines, and the hash of the last line. A chain that is rewritten
later has no receipt. Keys and signatures are Ed25519.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lab.errors import LabError, UsageProblem
from lab.signing import key_at, verified

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["KEY", "Hash", "Kind", "Receipt", "Signer", "append", "beside", "genuine", "public_key", "read"]

#: The file of the event's private key, in its folder.
KEY = "witness.key"
_PREFIX = b"kluster receipt 1\n"
Kind = Literal["hosted", "witnessed"]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Receipt(BaseModel):
    """One countersigned head."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: hosted: the server wrote the chain itself; witnessed: a client sent the head.
    kind: Kind
    #: The seat whose code the sender had.
    seat: str
    #: The hash of the attempt's first line, which identifies the attempt.
    attempt: Hash
    #: The number of lines, and the hash of the last one.
    n: Annotated[int, Field(ge=1)]
    head: Hash
    #: The server's time.
    at: datetime
    #: The public key, and the signature; both in hex.
    key: Hash
    signature: str = ""

    @property
    def signed(self) -> bytes:
        """The bytes that the signature covers."""
        told = self.model_dump(mode="json", exclude={"signature"})
        return _PREFIX + json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


class Signer:
    """The server's key for one event: `witness.key` in its folder, with `witness.pub` for verification."""

    def __init__(self, folder: Path) -> None:
        self._key = _load_or_create(folder)
        self.public = self._key.public_key().public_bytes_raw().hex()

    def sign(self, kind: Kind, *, seat: str, attempt: str, n: int, head: str, at: datetime) -> Receipt:
        """Return the receipt of a head."""
        bare = Receipt(kind=kind, seat=seat, attempt=attempt, n=n, head=head, at=at, key=self.public)
        return bare.model_copy(update={"signature": self._key.sign(bare.signed).hex()})


def _load_or_create(folder: Path) -> "Ed25519PrivateKey":
    path = folder / KEY
    try:
        key = key_at(path)
        public = folder / "witness.pub"
        if not public.is_file():
            public.write_text(f"{key.public_key().public_bytes_raw().hex()}\n", encoding="ascii")
    except (OSError, ValueError) as error:
        raise LabError(
            "The event's key can't be used.",
            f"{path}: {error}",
            "Without it no attempt is countersigned. Move it away: a new event folder gets a new one.",
        ) from error
    return key


def public_key(path: Path) -> str:
    """Return the public key in the file `path`, or in an event's folder, in hex.

    Raises:
        UsageProblem: there is none.

    """
    file = path / "witness.pub" if path.is_dir() else path
    try:
        key = file.read_text(encoding="ascii").strip()
        if len(bytes.fromhex(key)) == 32:
            return key
    except (OSError, ValueError):
        pass
    raise UsageProblem(f"There is no public key in {file}.", remedy="It is in the event's folder: witness.pub")


def genuine(receipts: Iterable[Receipt], key: str) -> Iterator[Receipt]:
    """Yield the receipts that `key` has signed.

    Raises:
        LabError: the library for it is not installed.

    """
    for receipt in receipts:
        if verified(key, receipt.signed, receipt.signature, what="Receipts") and receipt.key == key:
            yield receipt


def append(path: Path, receipt: Receipt) -> None:
    """Append a receipt to the file `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{receipt.model_dump_json()}\n")


def beside(attempt: Path) -> Path:
    """Return the file with the receipts of an attempt that is not in an event's folder: beside the attempt."""
    return attempt.with_suffix(".receipts")


def read(path: Path) -> list[Receipt]:
    """Return the receipts in the file `path`; nothing for a missing file. Invalid lines are left out."""
    found = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else ():
        try:
            found.append(Receipt.model_validate_json(line))
        except ValidationError:
            continue
    return found
