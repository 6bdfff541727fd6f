"""Ages as kubectl prints them, and durations as people type them and as Go reads them (`1m30s`)."""

import re

__all__ = ["duration_problem", "go_seconds", "human", "parse_duration", "short_human"]

_GO_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_UNITS = {**_GO_UNITS, "d": 86400.0}


def human(seconds: float) -> str:  # noqa: PLR0911 -- a table of ranges
    """Return an age with the precision that kubectl gives it."""
    total = int(seconds)
    if total < 0:
        return "0s"
    if total < 120:
        return f"{total}s"
    minutes, rest = divmod(total, 60)
    if minutes < 10:
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours, rest = divmod(minutes, 60)
    if hours < 8:
        return f"{hours}h{rest}m" if rest else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    days, rest = divmod(hours, 24)
    if days < 8:
        return f"{days}d{rest}h" if rest else f"{days}d"
    if days < 730:
        return f"{days}d"
    years, rest = divmod(days, 365)
    return f"{years}y{rest}d" if years < 8 and rest else f"{years}y"


def short_human(seconds: float) -> str:
    """Return an age in one rough unit, in words, as crictl prints it."""
    if seconds < 1:
        return "Less than a second ago"
    for limit, unit, name in (
        (60, 1, "second"),
        (3600, 60, "minute"),
        (172800, 3600, "hour"),
        (1e12, 86400, "day"),
    ):
        if seconds < limit:
            count = int(seconds // unit)
            if count == 1 and name != "second":
                return f"About {'an' if name == 'hour' else 'a'} {name} ago"
            return f"{count} {name}{'s' if count != 1 else ''} ago"
    return "long ago"


def parse_duration(text: str) -> float:
    """Return the seconds of `text` (`5s`, `1m30s`, `2`); raise `ValueError` for an invalid text."""
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    parts = re.findall(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|[smhd])", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(text)
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


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
        if name not in _GO_UNITS:
            return f"time: unknown unit {_quoted(name)} in duration {_quoted(value)}"
        text = text[len(name) :]
    return ""


def go_seconds(value: str) -> float:
    """Return the length in s of a duration in which `duration_problem` finds nothing."""
    found = sum(float(number) * _GO_UNITS[unit] for number, unit in re.findall(r"([\d.]+)([a-zµ]+)", value))
    return -found if value.startswith("-") else found


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
