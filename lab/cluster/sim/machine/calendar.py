"""The common forms of time spans and calendar events of systemd's timers."""

import re
from datetime import UTC, datetime, timedelta

__all__ = ["is_calendar", "is_span", "next_calendar", "parse_span"]

_UNITS = {
    "us": 1e-6, "ms": 0.001, "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "m": 60.0, "min": 60.0,
    "minute": 60.0, "minutes": 60.0, "h": 3600.0, "hr": 3600.0, "hour": 3600.0, "hours": 3600.0, "d": 86400.0,
    "day": 86400.0, "days": 86400.0, "w": 604800.0, "week": 604800.0,
}  # fmt: skip
_NAMED = {"minutely": 60, "hourly": 3600, "daily": 86400, "weekly": 604800, "monthly": 2592000}
_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
_PART = r"(?:\*|\d+(?:\.\.\d+)?)(?:/\d+)?"
_LIST = rf"{_PART}(?:,{_PART})*"
_EVENT = re.compile(
    rf"(?:{_DAY}(?:(?:\.\.|,){_DAY})*\s*)?(?:(?:{_LIST}-)?{_LIST}-{_LIST}\s*)?"
    rf"(?P<time>{_LIST}:{_LIST}(?::{_LIST})?)?(?:\s+UTC)?",
    re.IGNORECASE,
)


def is_span(text: str) -> bool:
    """Whether systemd can parse a time span."""
    number = r"\d+(?:\.\d+)?"
    unit = "|".join(sorted(_UNITS, key=len, reverse=True))
    return bool(re.fullmatch(rf"(?:{number}\s*(?:{unit})?\s*)+|infinity", text.strip()))


def is_calendar(text: str) -> bool:
    """Whether systemd can parse a calendar event of the common forms."""
    text = text.strip()
    found = _EVENT.fullmatch(text)
    if text in {*_NAMED, "yearly", "annually", "quarterly", "semiannually"}:
        return True
    if not text or not found:
        return False
    bounds = (24, 60, 60)
    parts = (found["time"] or "").split(":")
    return all(
        int(number) < most
        for part, most in zip(parts, bounds, strict=False)
        for number in re.findall(r"\d+", part)
    )


def parse_span(text: str) -> float:
    """Return the seconds of a span (`5s`, `1min 30s`, `2`); 0 if it can't be parsed."""
    text = text.strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    return sum(
        float(number) * _UNITS.get(unit, 0.0) for number, unit in re.findall(r"(\d+(?:\.\d+)?)\s*([a-z]+)", text)
    )


def next_calendar(text: str, now: float) -> float:
    """Return the next time of a calendar event: a named one, or of the forms `H:M` and `*:*:0/N`."""
    text = text.strip()
    if text in _NAMED:
        period = _NAMED[text]
        return (now // period + 1) * period
    every = re.search(r"(\*|\d+|\d*/\d+):(\*|\d+|\*?\d*/\d+)(?::(\*|\d+|\*?\d*/\d+))?$", text)
    if not every:
        return (now // 86400 + 1) * 86400
    hour, minute, second = every.group(1), every.group(2), every.group(3) or "0"
    at = datetime.fromtimestamp(int(now) + 1, UTC)
    for _ in range(2 * 86400):
        if _fits(second, at.second) and _fits(minute, at.minute) and _fits(hour, at.hour):
            return at.timestamp()
        step = 1 if _fits(minute, at.minute) and _fits(hour, at.hour) else 60 - at.second
        at += timedelta(seconds=step)
    return float("inf")


def _fits(pattern: str, value: int) -> bool:
    if pattern == "*":
        return True
    first, slash, step = pattern.lstrip("*").partition("/")
    if slash:
        return (value - int(first or 0)) % int(step) == 0
    return int(first) == value
