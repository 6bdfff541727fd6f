"""Attempts as a server or a single machine stores them, written by hand."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lab.chain import Chain
from lab.serve.event.folder import EventFolder, Pause
from lab.serve.event.receipts import Signer
from lab.serve.server.record import Record
from tests.serve.doors import event_in

__all__ = ["START", "SYMPTOMS", "after", "finished", "own"]

START = datetime(2026, 5, 4, 10, tzinfo=UTC)
SYMPTOMS = {"silence": 22.0, "distance": 22.0, "missing": 24.0, "strangers": 22.0}


def after(minutes: float) -> datetime:
    """Return the time a number of minutes after the start."""
    return START + timedelta(minutes=minutes)


class _Seat:
    """A seat with a scripted player, as its server records it."""

    def __init__(self, folder: EventFolder, name: str, faults: dict[str, str]) -> None:
        self.now = START
        self.faults = {symptom: fault for fault, symptom in faults.items()}
        self.repaired: dict[str, str] = {}
        self.points: dict[str, float] = dict.fromkeys(faults.values(), 0.0)
        self.hints = 0
        self.read = 0
        state = folder.load_state()
        self.record = Record(folder, name, state, lambda: self.now, Signer(folder.path))

    def at(self, minutes: float) -> None:
        """Set the time to a minute of the event's clock."""
        self.now = after(minutes + (5 if minutes > 20 else 0))

    def lab(self, minutes: float, kind: str, text: str, **data: Any) -> None:
        self.at(minutes)
        self.read += 1
        event: dict[str, Any] = {"at": self.now.isoformat(), "kind": kind, "text": text, "data": data}
        self.record.note("lab", event=event, read=self.read)

    def hint(self, minutes: float, symptom: str, tier: int) -> None:
        self.hints += 1
        self.lab(minutes, "hint", f"{symptom}-{tier}", fault=self.faults[symptom], tier=tier)

    def repair(self, minutes: float, symptom: str, points: float) -> None:
        self.at(minutes)
        self.repaired[symptom] = self.now.isoformat()
        self.points[symptom] = points
        self.lab(minutes, "turned", f"{symptom}-check: pass", check=f"{symptom}-check", was="fail")
        self.record.stands(self.status())

    def status(self) -> dict[str, Any]:
        return {
            "phase": "playing",
            "points": sum(self.points.values()),
            "maximum": 90.0,
            "symptoms": {name: name in self.repaired for name in self.points},
            "by_symptom": {name: [points, SYMPTOMS.get(name, 20.0)] for name, points in self.points.items()},
            "repaired": self.repaired,
            "hints": self.hints,
            "given_up": 0,
        }

    def submit(self, minutes: float) -> None:
        self.at(minutes)
        points = sum(self.points.values())
        final = {"points": points, "attempt": points, "maximum": 90.0, "solved": points == 90}
        told = {**self.status(), "final": final, "ending": "submitted", "ended": self.now.isoformat()}
        self.record.stands(told)


def finished(path: Path, seats: int = 3, *, title: str = "Friday", seed: int = 5) -> EventFolder:
    """Return an event of an hour with a pause from minute 20 to 25, with random attempts by `seed`.

    The last seat did not submit.
    """
    chance = random.Random(seed)  # noqa: S311 -- no secret
    people = "".join(f'  - {{name: "Person {n}", learner: "u-{n:03}"}}\n' for n in range(1, seats + 1))
    text = f"schema: 1\ntitle: {title}\nminutes: 60\npass: 50\npeople:\n{people}"
    folder = event_in(path, text)
    state = folder.create_state()
    state.started, state.stopped = START, after(65)
    state.pauses = [Pause(began=after(20), ended=after(25), why="coffee")]
    folder.save(state)
    faults = {fault.name: fault.symptom.name for fault in folder.invited.loaded.scenario.faults}
    for name in state.seats:
        seat = _Seat(folder, name, faults)
        seat.record.note("joined")
        at = 0.0
        for symptom in chance.sample(list(faults.values()), len(faults)):
            at += chance.uniform(4, 24)
            seat.lab(min(at, 60) - 1, "command", "kubectl get pods", node="control-plane", exit_code=0)
            for tier in range(chance.choice([0, 0, 1, 2, 4])):
                seat.hint(max(0.5, min(at, 60) - 3 + tier / 2), symptom, tier)
            if at > 60:
                break
            seat.repair(at, symptom, SYMPTOMS.get(symptom, 20.0) * chance.choice([1, 1, 0.8, 0.9]))
        if name != max(state.seats):
            seat.submit(max(at, 30) if at < 60 else 60)
        seat.record.close()
    return folder


def own(path: Path, *, points: float = 40, minutes: float = 10, backend: str = "kind", team: str = "Reds") -> Path:
    """Write an attempt of a single machine to `path`, with a pause of 5 minutes after the first one."""
    chain = Chain(path)
    about = {"lab": "kluster005", "scenario": "kluster005", "backend": backend, "mode": "game-day", "team": team}
    chain.add(START.isoformat(), "begun", **about)
    for minute, kind, text, data in (
        (0.0, "broken", "the clock started", {}),
        (1.0, "paused", "the clock stands still", {}),
        (6.0, "resumed", "the clock runs", {}),
        (7.0, "command", "kubectl get nodes", {}),
        (8.0, "hint", "inject-0", {"fault": "forwarding", "tier": 0}),
        (9.0, "turned", "it: pass", {"check": "it", "was": "fail"}),
    ):
        event: dict[str, Any] = {"at": after(minute).isoformat(), "kind": kind, "text": text, "data": data}
        chain.add(after(minute).isoformat(), "lab", event=event)
    symptoms = [
        {"symptom": "distance", "fault": "forwarding", "attempt": points, "maximum": 40.0, "solved": points == 40},
        {"symptom": "silence", "fault": "quota", "attempt": 0.0, "maximum": 60.0, "solved": False},
    ]
    result: dict[str, Any] = {
        **about,
        "started": START.isoformat(),
        "ended": after(minutes).isoformat(),
        "ending": "submitted",
        "seconds": (minutes - 5) * 60,
        "paused": 300.0,
        "solved": False,
        "points": points,
        "maximum": 100.0,
        "repaired": {"forwarding": 240.0} if points else {},
        "hint_tiers": {"forwarding": 0},
        "viewed": [],
        "score": {"symptoms": symptoms},
    }
    chain.add(after(minutes).isoformat(), "ended", **result)
    chain.close()
    return path
