"""`python -m tests.conformance record` makes the recordings, `... compare` compares the simulator with them."""

import argparse
import os
import signal
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.conformance.model import RECORDINGS, commands, load, recorded, save
from tests.conformance.phases import PHASES
from tests.conformance.report import fidelity, listed
from tests.conformance.run import kind_lab, play, replay, sim_lab
from tests.conformance.versions import versions_of
from tests.differential.report import section

_FIDELITY = Path(__file__).parents[2] / "docs" / "fidelity.md"


def main() -> int:
    # A recording that is ended from outside still deletes its cluster.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parser = argparse.ArgumentParser(prog="tests.conformance")
    parser.add_argument("what", choices=["record", "compare"])
    parser.add_argument("phases", nargs="*", help="which phases; none: those not recorded yet, or all")
    parser.add_argument("--fresh", action="store_true", help="record all phases anew")
    parser.add_argument("--write", action="store_true", help="write docs/fidelity.md")
    parser.add_argument("--sim", action="store_true", help="record from the simulator (to try the suite)")
    parser.add_argument("--into", type=Path, default=RECORDINGS, help="the folder of the recordings")
    asked = parser.parse_args()
    names = [phase.name for phase in PHASES]
    unknown = set(asked.phases) - set(names)
    if unknown:
        parser.error(f"no such phase: {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
    if asked.what == "record":
        there = [] if asked.fresh else recorded(names, asked.into)
        return _record(asked.phases or [name for name in names if name not in there], asked.into, sim=asked.sim)
    return _compare(asked.phases or names, asked.into, write=asked.write)


def _record(phases: list[str], folder: Path, *, sim: bool) -> int:
    began = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    with tempfile.TemporaryDirectory(prefix="kluster-record-") as home:
        where = Path(os.environ.get("KLUSTER_HOME", home))
        with (sim_lab if sim else kind_lab)(where) as lab:
            versions = versions_of(lab.cluster)
            for recording in play(lab, commands(), phases, versions=versions, run=began, told=_told):
                save(recording, folder)
    return 0


def _compare(phases: list[str], folder: Path, *, write: bool) -> int:
    there = recorded(phases, folder)
    found = list(replay(there, folder, told=_told))
    print(listed(found))
    if write:
        text = fidelity(found, load(there[0], folder).versions)
        _FIDELITY.write_text(f"{text}\n{section()}", encoding="utf-8")
    return 0


def _told(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


sys.exit(main())
