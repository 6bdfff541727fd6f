"""What systemd says about the lines of a unit file that it can't use, each time it loads the unit.

`data/unit_keys.txt` has the keys of each section, from a real node's `systemd --dump-configuration-items`.
"""

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path

from lab.cluster.sim.machine.calendar import is_calendar, is_span
from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.unit_files import TYPES, WHEN, Unit

__all__ = ["warnings"]

_FILE = Path(__file__).parents[1] / "data" / "unit_keys.txt"
_BOOLEANS = {"1", "yes", "y", "true", "t", "on", "0", "no", "n", "false", "f", "off"}


@functools.cache
def _keys() -> Mapping[str, frozenset[str]]:
    """Return section -> its keys."""
    lines = (line.partition("] ") for line in _FILE.read_text(encoding="utf-8").splitlines())
    return {section[1:]: frozenset(keys.split()) for section, _, keys in lines}


def warnings(files: Files, unit: Unit) -> Iterator[str]:
    """Yield a message for each line of the unit's own file that is ignored."""
    section = ""
    for number, raw in enumerate(files.get(unit.path).splitlines(), 1):
        line, told = raw.strip(), ""
        if not line or line[0] in "#;":
            continue
        if line.startswith("["):
            section = line.strip("[]")
            told = (
                "" if section in _keys() or section.startswith("X-") else f"Unknown section '{section}'. Ignoring."
            )
        elif section in _keys():
            told = _line(section, line)
        if told:
            yield f"{unit.path}:{number}: {told}"


def _line(section: str, line: str) -> str:
    name, equals, value = (each.strip() for each in line.partition("="))
    if not equals:
        return "Missing '=', ignoring line."
    if name not in _keys()[section]:
        return "" if name.startswith("X-") else f"Unknown key '{name}' in section [{section}], ignoring."
    return _value(name, value) if value else ""


def _value(name: str, value: str) -> str:
    """Return what is wrong with a value."""
    if name == "Environment" and "=" not in value:
        return f"Invalid environment assignment, ignoring: {value}"
    for names, fits, what in (
        ({"Type"}, value in TYPES, "service type"),
        ({"Restart"}, value in WHEN, "service restart specifier"),
        (
            {"RestartSec", "TimeoutStartSec", "TimeoutStopSec", "TimeoutSec", "AccuracySec"},
            is_span(value),
            "sec value",
        ),
        ({"RemainAfterExit", "Persistent"}, value.lower() in _BOOLEANS, "boolean value"),
        ({"OnCalendar"}, is_calendar(value), "calendar specification"),
        (
            {"OnBootSec", "OnStartupSec", "OnActiveSec", "OnUnitActiveSec", "OnUnitInactiveSec"},
            is_span(value),
            "timer value",
        ),
    ):
        if name in names and not fits:
            return f"Failed to parse {what}, ignoring: {value}"
    return ""
