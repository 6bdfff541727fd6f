"""What keeps a unit from starting: a wrong setting, a mask, a missing requirement, a condition or an assertion."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lab.cluster.sim.machine.calendar import is_calendar, is_span
from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.unit_files import Unit, load_unit

__all__ = ["Refusal", "bad_setting", "described", "refusal", "unmet"]

_TESTS: Mapping[str, Callable[[Files, str], bool]] = {
    "PathExists": lambda files, path: files.exists(path),
    "PathIsDirectory": lambda files, path: files.exists(path) and not files.is_file(path),
    "FileNotEmpty": lambda files, path: files.is_file(path) and bool(files.get(path)),
}


def bad_setting(unit: Unit) -> str:
    """Return systemd's message about a unit that it refuses to load, or an empty string."""
    if unit.kind == "timer" and not any(_elapses(key, value) for key, value in unit.sections.get("Timer", [])):
        return f"{unit.name}: Timer unit lacks value setting. Refusing."
    commands = unit.every("Service", "ExecStart")
    if unit.kind != "service" or unit.native:
        return ""
    if len(commands) > 1 and unit.get("Service", "Type") != "oneshot":
        return (
            f"{unit.name}: Service has more than one ExecStart= setting, "
            "which is only allowed for Type=oneshot services. Refusing."
        )
    if "Service" in unit.sections and not commands and not unit.every("Service", "ExecStop"):
        return f"{unit.name}: Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing."
    return ""


def _elapses(key: str, value: str) -> bool:
    """Whether a line of a timer says when."""
    if key == "OnCalendar":
        return is_calendar(value)
    return key.startswith("On") and key.endswith("Sec") and is_span(value)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a unit does not start: systemctl's message and exit code, and the journal's lines."""

    told: str
    code: int = 1
    said: tuple[str, ...] = ()


def refusal(files: Files, unit: Unit) -> Refusal | None:
    """Return why `unit` does not start, or None. A condition that does not hold is none: the unit is skipped."""
    name = unit.name
    if unit.masked:
        return Refusal(f"Failed to start {name}: Unit {name} is masked.")
    if bad_setting(unit):
        more = f"\nSee system logs and 'systemctl status {name}' for details."
        return Refusal(f"Failed to start {name}: Unit {name} has a bad unit file setting.{more}")
    if other := _lacking(files, unit):
        return Refusal(f"Failed to start {name}: Unit {other} not found.", 5)
    if unmet(files, unit, "Assert"):
        said = (f"{name}: Starting requested but asserts failed.", f"Assertion failed for {described(unit)}.")
        return Refusal(f"Assertion failed on job for {name}.", said=said)
    if target := _untriggered(files, unit):
        refusing = f"{name}: Refusing to start, unit {target} to trigger not loaded."
        said = (refusing, f"Failed to start {described(unit)}.")
        return Refusal('Job failed. See "journalctl -xe" for details.', said=said)
    return None


def described(unit: Unit) -> str:
    """Return a unit as systemd calls it in its messages."""
    return f"{unit.name} - {unit.description}" if unit.description else unit.name


def _lacking(files: Files, unit: Unit) -> str:
    """Return the first unit that `unit` requires and that does not exist."""
    for value in unit.every("Unit", "Requires"):
        for name in value.split():
            if load_unit(files, name) is None:
                return name
    return ""


def _untriggered(files: Files, unit: Unit) -> str:
    """Return the service that a timer would start and that does not exist."""
    target = unit.get("Timer", "Unit") or unit.name.removesuffix(".timer") + ".service"
    return target if unit.kind == "timer" and load_unit(files, target) is None else ""


def unmet(files: Files, unit: Unit, sort: str) -> str:
    """Return the first setting of `sort` (`Condition` or `Assert`) that does not hold: `NAME=VALUE`."""
    return next(_unmet(files, unit, sort), "")


def _unmet(files: Files, unit: Unit, sort: str) -> Iterator[str]:
    for key, test in _TESTS.items():
        for value in unit.every("Unit", f"{sort}{key}"):
            wanted = not value.startswith("!")
            if test(files, value.lstrip("|!")) != wanted:
                yield f"{sort}{key}={value}"
