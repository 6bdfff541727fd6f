"""Durations as Go writes them: `1m30s`, `100ms`."""

import re

__all__ = ["duration_problem", "seconds"]

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def duration_problem(value: str) -> str:
    """Return Go's message about a duration, or an empty string."""
    text = value[1:] if value[:1] in {"-", "+"} else value
    if text == "0":
        return ""
    if not text:
        return f"time: invalid duration {_quoted(value)}"
    while text:
        number = re.match(r"\d+\.?\d*|\.\d+", text)
        if not number:
            return f"time: invalid duration {_quoted(value)}"
        text = text[number.end() :]
        unit = re.match(r"[^\d.]*", text)
        name = unit.group(0) if unit else ""
        if not name:
            return f"time: missing unit in duration {_quoted(value)}"
        if name not in _UNITS:
            return f"time: unknown unit {_quoted(name)} in duration {_quoted(value)}"
        text = text[len(name) :]
    return ""


def seconds(value: str) -> float:
    """Return the length of a valid duration in s."""
    found = sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([\d.]+)([a-zµ]+)", value))
    return -found if value.startswith("-") else found


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
