"""Exams that run on this machine: until their end they close other labs of the same scenario."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import yaml

from lab.core.modes import CLOSED_BY_AN_EXAM, Act
from lab.core.session import Session
from lab.errors import ExitCode, LabError
from lab.places import labs
from lab.store import Store, now

__all__ = ["require", "require_none", "seat_by_seat"]

_each_has_one = False


def seat_by_seat() -> None:
    """Have an exam close no other lab: the labs of this process are those of many people, each with one."""
    global _each_has_one  # noqa: PLW0603 -- a process is one or the other
    _each_has_one = True


def require(session: Session, act: Act) -> None:
    """Raise `LabError` if the mode of the lab of `session` refuses `act`, or an exam in another lab does."""
    session.require(act)
    if act in CLOSED_BY_AN_EXAM:
        require_none(session.scenario, but=session.name)


def require_none(scenario: str, *, but: str) -> None:
    """Raise `LabError` if an exam of `scenario` (its folder) runs in a lab that is not called `but`.

    A copy of the folder is the same scenario: its solution is the same.
    """
    for exam in _running():
        if exam.name != but and (exam.scenario == scenario or _name(exam.scenario) == _name(scenario) != ""):
            raise LabError(
                "An exam of this scenario is running.",
                f"It runs in lab {exam.name}. Until its end no other lab of the scenario can be used.",
                f"End it with: kluster submit --name {exam.name}",
                code=ExitCode.REFUSED,
            )


def _name(folder: str) -> str:
    """Return the name that the scenario in `folder` gives itself; empty if it can't be read."""
    try:
        read = yaml.safe_load((Path(folder) / "scenario.yaml").read_bytes())
    except (OSError, yaml.YAMLError):
        return ""
    return str(read.get("name", "")) if isinstance(read, dict) else ""


def _running() -> Iterator[Session]:
    for name in () if _each_has_one else labs():
        with contextlib.suppress(LabError):
            session = Store(name).load()
            if session.bound and not session.due(now()):
                yield session
