"""The actions of `kluster verify`, `kluster report` and `kluster witness`."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lab import chain
from lab.commands.invocation import Invocation
from lab.errors import ExitCode, LabError, UsageProblem
from lab.places import attempts_folder
from lab.serve.event import receipts
from lab.serve.event.folder import EventFolder, evidence
from lab.serve.event.verdict import Verdict, judge
from lab.serve.opening import opened
from lab.serve.report import of_event, of_folder, write
from lab.serve.report.certificate import FOLDER as CERTIFICATES
from lab.serve.report.certificate import Certificate, Refused, certificates
from lab.serve.report.certificate import read as read_certificate
from lab.serve.report.certificate_page import certificate_page
from lab.serve.witness import Witnessed
from lab.store import Store
from lab.writing import write_durably

__all__ = ["certify", "report", "verdicts", "verify", "witness"]

_PAUSE = 2.0


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """The options of a report."""

    anonymous: bool = False
    as_json: bool = False


def verify(run: Invocation, path: Path, key: Path | None, *, as_json: bool) -> None:
    """Print the verdict on each attempt at `path`, or on the certificate there (.json).

    Raises:
        LabError: an attempt was changed, or a certificate is forged.

    """
    if path.suffix == ".json":
        _verify_certificate(run, path, key, as_json=as_json)
        return
    found = verdicts(path, key)
    if as_json:
        run.console.data({name: each.as_data() for name, each in found.items()})
    else:
        for name, each in found.items():
            run.console.text(f"{name}: {each.text}")
    if broken := [name for name, each in found.items() if not each.whole]:
        raise LabError(
            f"{len(broken)} of {len(found)} attempts were changed.",
            ", ".join(broken),
            "Lines before the named line are unchanged.",
            code=ExitCode.UNSOLVED,
        )


def _verify_certificate(run: Invocation, path: Path, key: Path | None, *, as_json: bool) -> None:
    told = read_certificate(path)
    place = path.resolve().parent
    issuer = place.parent if place.name == CERTIFICATES and EventFolder.is_event(place.parent) else None
    source = key or issuer
    known = receipts.public_key(source) if source else ""
    if wrong := _forged(told, known, next((each for each in (key, issuer) if each and each.is_dir()), None)):
        raise LabError(f"{path} is not a certificate of this event: {wrong}.", code=ExitCode.UNSOLVED)
    if as_json:
        run.console.data({"genuine": bool(known), **told.model_dump(mode="json", by_alias=True)})
        return
    passed = {True: ", passed", False: ", not passed", None: ""}[told.passed]
    run.console.text(f"{told.name}: {told.points:g} of {told.maximum:g} points{passed}, in {told.event}")
    if known:
        run.console.text("The certificate is genuine.")
    else:
        run.console.text(f"Unchanged since it was signed with the key {told.key}.")
        run.console.say("Whether that is the event's key is not known: give its witness.pub, with --key.")


def _forged(told: Certificate, known: str, event: Path | None) -> str:
    """Return what is wrong with a certificate; empty if nothing is. `known` is the event's key, if it is known."""
    if not told.genuine:
        return "the signature does not fit its content"
    if known and told.key != known:
        return "another key has signed it"
    attempt = event / "attempts" / f"{told.seat.partition('.')[0]}.jsonl" if event else None
    if attempt and attempt.is_file():
        heads = chain.verify(attempt).heads
        if len(heads) < told.lines or heads[told.lines - 1] != told.head:
            return "it is about another state of the attempt than the event has"
    return ""


def certify(run: Invocation, folder: EventFolder, output: Path | None, *, as_json: bool) -> None:
    """Write a certificate for each person who has submitted, as JSON and as a page.

    Raises:
        LabError: nobody gets one, or they can't be written.

    """
    found = list(certificates(folder, datetime.now(UTC)))
    issued = [each for each in found if isinstance(each, Certificate)]
    refused = [each for each in found if isinstance(each, Refused)]
    place = output or folder.path / CERTIFICATES
    try:
        for each in issued:
            write_durably(place / f"{each.seat}.json", each.text)
            write_durably(place / f"{each.seat}.html", certificate_page(each, f"{each.seat}.json"))
    except OSError as error:
        raise LabError(
            "Certificates can't be written.", str(error), "Make room, or choose --output DIR."
        ) from error
    if as_json:
        told = [
            {"seat": each.seat, "name": each.name, "file": str(place / f"{each.seat}.json")} for each in issued
        ]
        run.console.data({"issued": told, "refused": [each.model_dump() for each in refused]})
    else:
        for each in issued:
            run.console.text(f"{place / each.seat}.json  {each.name}")
        for none in refused:
            run.console.text(f"none for {none.seat}, {none.who}: {none.why}")
    if not issued:
        raise LabError("Nobody has a certificate.", code=ExitCode.REFUSED)
    run.console.say(f"Publish the key that verifies them: {folder.path / 'witness.pub'}")


def verdicts(path: Path, key: Path | None = None) -> dict[str, Verdict]:
    """Return the verdicts on the attempt file `path`, or on all in the folder `path`, by name.

    Raises:
        UsageProblem: there is no attempt, or no key.

    """
    files = _files(path)
    if not files:
        raise UsageProblem(f"There is no attempt in {path}.", remedy="Attempts are files that end in .jsonl.")
    return {file.stem: _verdict(file, key) for file in files}


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    inside = path / "attempts"
    if EventFolder.is_event(path):
        seats = {file.stem for file in (path / "receipts").glob("seat-*.jsonl")}
        return sorted({*inside.glob("*.jsonl"), *(inside / f"{seat}.jsonl" for seat in seats)})
    return sorted((inside if inside.is_dir() else path).glob("*.jsonl"))


def _verdict(file: Path, key: Path | None) -> Verdict:
    own = file.resolve().parent.parent
    hosted = file.parent.name == "attempts" and EventFolder.is_event(own)
    given, public = evidence(own) if hosted else ([], "")
    given += receipts.read(receipts.beside(file))
    if key:
        if key.is_dir():
            given += evidence(key)[0]
        public = receipts.public_key(key)
    return judge(file, given, public, seat=file.stem if hosted else "")


def report(run: Invocation, path: Path, output: Path | None, key: Path | None, options: ReportOptions) -> None:
    """Write the report of the event or of the attempts in the folder `path`.

    Raises:
        LabError: there is nothing to report, or it can't be written.

    """
    if EventFolder.is_event(path):
        found = of_event(opened(path))
    else:
        given = evidence(key)[0] if key and key.is_dir() else []
        found = of_folder(path, given, receipts.public_key(key) if key else "")
        if not found.rows:
            raise UsageProblem(
                f"{path} is not an event and has no attempts.", remedy="Attempts are files that end in .jsonl."
            )
    if options.anonymous:
        found = found.anonymous
    if options.as_json:
        run.console.data(found.as_data())
        return
    for file in write(found, output or path):
        run.console.text(str(file))


def witness(run: Invocation, url: str, code: str, name: str, cert: Path | None) -> None:
    """Send the heads of the running attempt of the lab `name` until it ends.

    Raises:
        LabError: no attempt is kept, or the server refuses.

    """
    session = Store(name).load()
    path = attempts_folder() / session.attempt
    if not session.attempt or not path.is_file():
        raise LabError(f"Lab {name} has no recorded attempt.", remedy=session.next_step, code=ExitCode.REFUSED)
    sent = Witnessed(path, url, cert=cert)
    sent.join(code)
    run.console.say(
        f"The server at {url} countersigns this attempt as it grows. Leave this running; Ctrl-C ends it."
    )
    before = ""
    while not sent.ended:
        problem = sent.step()
        if problem and problem != before:
            run.console.say(f"The server can't be reached ({problem}). Trying again.")
        before = problem
        time.sleep(_PAUSE)
    if problem := sent.finish():
        raise LabError("The result was not countersigned.", problem, "Run the same command again.")
    run.console.text(f"{path}\n{receipts.beside(path)}")
    run.console.say(f"{sent.count} receipts. Hand in both files.")
