"""The timeline for readers: only informative events, in words, with the seconds since the clock started."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lab.console import duration
from lab.core.events import Event
from lab.core.hints import TIER_TITLES, cost
from lab.core.scenario import Loaded
from lab.core.session import Session

__all__ = ["Command", "Moment", "command", "findings", "moments", "since"]

_WORDS = {
    "broken": "the clock starts",
    "hint": "hint taken",
    "diagnosed": "diagnosis",
    "solution": "the solution repairs",
    "gave-up": "gave up on",
    "submitted": "submitted",
    "paused": "paused",
    "resumed": "resumed",
    "node-started": "node started",
    "command": "$",
    "cut-short": "a wait cut short",
    "advice": "free advice",
    "turned": "turned",
    "drill": "the drill:",
}
_PASS = "pass"  # noqa: S105 -- no password


@dataclass(frozen=True, slots=True)
class Command:
    """A command that ran in a terminal on a node; `exit_code` and `seconds` are None if unknown."""

    text: str
    node: str
    exit_code: int | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Moment:
    """An event, at a number of seconds after the clock started."""

    seconds: float
    kind: str
    text: str
    command: Command | None = None


def since(session: Session, at: datetime) -> float:
    """Return the seconds of the attempt's clock at `at`."""
    return round(session.played(at).total_seconds(), 1)


def command(event: Event) -> Command:
    """Return the command that an event of that kind is about."""
    code, seconds = event.data.get("exit_code"), event.data.get("seconds")
    return Command(
        text=event.text,
        node=str(event.data.get("node") or ""),
        exit_code=code if isinstance(code, int) else None,
        seconds=float(seconds) if isinstance(seconds, int | float) else None,
    )


def findings(session: Session, loaded: Loaded, events: list[Event]) -> list[Event]:
    """Return when checks that had not passed before passed."""
    return [event for event in events if _turn(session, loaded, event) == "holds now"]


def moments(session: Session, loaded: Loaded, events: list[Event]) -> Iterator[Moment]:
    """Return the informative ones of `events`, in words."""
    for event in events:
        text = _told(session, loaded, event)
        if text is not None:
            words = f"{_WORDS[event.kind]} {text}".strip()
            ran = command(event) if event.kind == "command" else None
            yield Moment(since(session, event.at), event.kind, words, ran)


def _told(session: Session, loaded: Loaded, event: Event) -> str | None:
    text: str | None = event.text if event.kind in _WORDS else None
    if event.kind == "turned":
        turn = _turn(session, loaded, event)
        text = f"{_title(loaded, event)}: {turn}" if turn else None
    elif event.kind == "command":
        text = f"{event.text}  {_ended(command(event))}"
    elif event.kind == "hint":
        text = _hint(loaded, event)
    elif event.kind == "advice":
        text = event.text.replace("-", " ")
    elif event.kind == "resumed":
        seconds = event.data.get("seconds")
        text = f"after {duration(seconds)}" if isinstance(seconds, int | float) else ""
    elif event.kind in {"broken", "paused"}:
        text = ""
    return text


def _turn(session: Session, loaded: Loaded, event: Event) -> str:
    """Return the change of a check, in words; nothing if it is not informative.

    A failing check alternates between hidden and unreadable. A check that passes from the start is no news,
    although the first look reports it.
    """
    if event.kind != "turned":
        return ""
    name, was = str(event.data.get("check", "")), event.data.get("was")
    passes = event.text.endswith(f": {_PASS}")
    if was is None:
        repairs = {each.name for each in loaded.scenario.checks if each.type == "repair"}
        return "holds now" if passes and name in repairs - {*session.left_out} else ""
    if passes != (was == _PASS):
        return "holds now" if passes else "does not hold any more"
    return ""


def _title(loaded: Loaded, event: Event) -> str:
    name = str(event.data.get("check", ""))
    return next((check.title for check in loaded.scenario.checks if check.name == name), name)


def _hint(loaded: Loaded, event: Event) -> str:
    tier = event.data.get("tier")
    try:
        symptom = loaded.scenario.fault(str(event.data.get("fault"))).symptom.name
    except KeyError:
        return event.text
    if not isinstance(tier, int) or tier not in range(len(TIER_TITLES)):
        return symptom
    return f"{symptom}: {TIER_TITLES[tier]} ({f'{cost(tier)} %' if cost(tier) else 'free'})"


def _ended(ran: Command) -> str:
    """Return where a command ran and its result, in brackets."""
    code = "" if ran.exit_code is None else f"exit {ran.exit_code}"
    seconds = "" if ran.seconds is None else f"{ran.seconds:g} s"
    return f"({', '.join(part for part in (ran.node, code, seconds) if part)})"
