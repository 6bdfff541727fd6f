"""Certificates: the result of one person as signed JSON. The key is that of the event's receipts."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lab import __version__, chain
from lab.errors import LabError, UsageProblem
from lab.serve.event.folder import EventFolder, chair_name
from lab.serve.event.receipts import KEY, Hash
from lab.serve.report.collect import of_event
from lab.serve.report.model import Row
from lab.signing import key_at, verified

__all__ = ["FOLDER", "Certificate", "Refused", "certificates", "read"]

#: The folder of the certificates in an event's folder.
FOLDER = "certificates"
_PREFIX = b"kluster certificate 1\n"


class Certificate(BaseModel):
    """What a person achieved, and the attempt that it is about."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_version: Literal[1] = Field(default=1, alias="schema")
    event: str
    scenario: str
    mode: str
    #: The person; the learner's id and the team are empty if there are none.
    name: str
    learner: str
    team: str
    seat: str
    points: float
    maximum: float
    #: The points that pass; None if the event has no pass mark.
    pass_mark: int | None = Field(alias="pass")
    passed: bool | None
    #: Symptom -> its points and their maximum.
    by_symptom: dict[str, tuple[float, float]]
    #: The start of the event's clock, and the seconds played, without pauses.
    started: datetime
    seconds: float
    ending: str
    hints: int
    solutions: int
    kluster: str
    #: The hash of the attempt's first line, its number of lines, and the hash of the last one.
    attempt: Hash
    lines: int
    head: Hash
    issued: datetime
    #: The public key, and the signature; both in hex.
    key: Hash
    signature: str = ""

    @property
    def text(self) -> str:
        """The certificate as the text of its file."""
        return json.dumps(self.model_dump(mode="json", by_alias=True), indent=1) + "\n"

    @property
    def signed(self) -> bytes:
        """The bytes that the signature covers."""
        told = self.model_dump(mode="json", by_alias=True, exclude={"signature"})
        return _PREFIX + json.dumps(told, sort_keys=True, separators=(",", ":")).encode()

    @property
    def genuine(self) -> bool:
        """Whether the signature fits the content and the key in the certificate.

        Raises `LabError` if the library for it is not installed.
        """
        return verified(self.key, self.signed, self.signature, what="Certificates")


class Refused(BaseModel):
    """A seat without a certificate, and why."""

    seat: str
    who: str
    why: str


def certificates(folder: EventFolder, now: datetime) -> Iterator[Certificate | Refused]:
    """Yield a certificate for each person at a seat that has submitted, and the other seats with the reason.

    Raises:
        LabError: the event has no key that can be used.

    """
    path = folder.path / KEY
    try:
        if not path.is_file():
            raise FileNotFoundError(path)
        key = key_at(path)
    except (OSError, ValueError) as error:
        raise LabError(
            "The event's key can't be used.",
            f"{path}: {error}",
            "Certificates are signed where the event was served.",
        ) from error
    public = key.public_key().public_bytes_raw().hex()
    for row in sorted(of_event(folder).rows, key=lambda each: each.seat):
        if why := _why_not(row):
            yield Refused(seat=row.seat, who=row.who, why=why)
            continue
        for number in range(1, len(row.people) + 1):
            bare = _certificate(folder, row, number, now, public)
            yield bare.model_copy(update={"signature": key.sign(bare.signed).hex()})


def _why_not(row: Row) -> str:
    if row.forgotten:
        return "its data was removed"
    if not row.whole:
        return "its attempt's file was changed"
    if not row.ended:
        return "it was not submitted"
    return "" if row.trust == "hosted" else "no receipt of this event confirms its attempt"


def _certificate(folder: EventFolder, row: Row, number: int, now: datetime, key: str) -> Certificate:
    """Return the certificate, not signed yet, of person `number` at the seat of `row`, counted from 1."""
    name, learner = row.people[number - 1]
    state, event = folder.load_state(), folder.invited.event
    first, lines, head = chain.tip(folder.attempt(row.seat))
    return Certificate(
        event=event.title,
        scenario=row.scenario,
        mode=event.mode,
        name=name,
        learner=learner,
        team=row.who if len(row.people) > 1 else "",
        seat=chair_name(row.seat, number),
        points=row.points,
        maximum=row.maximum,
        pass_mark=event.pass_mark,
        passed=row.passed,
        by_symptom=row.by_symptom,
        started=state.started or now,
        seconds=round(row.seconds),
        ending=row.ending,
        hints=row.hints,
        solutions=row.given_up,
        kluster=__version__,
        attempt=first,
        lines=lines,
        head=head,
        issued=now.replace(microsecond=0),
        key=key,
    )


def read(path: Path) -> Certificate:
    """Return the certificate in the file `path`.

    Raises:
        UsageProblem: it is not a certificate.

    """
    try:
        return Certificate.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UsageProblem(f"{path} is not a certificate.", str(error).splitlines()[0]) from None
