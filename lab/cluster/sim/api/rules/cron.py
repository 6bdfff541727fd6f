"""Schedules of cron jobs, with the messages of the API server's parser."""

import re
from dataclasses import dataclass

from lab.cluster.sim.timing.durations import duration_problem

__all__ = ["schedule_problem"]

_DESCRIPTORS = {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}
_MONTHS = ("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@dataclass(frozen=True, slots=True)
class _Bounds:
    least: int
    most: int
    names: tuple[str, ...] = ()


_FIELDS = (_Bounds(0, 59), _Bounds(0, 23), _Bounds(1, 31), _Bounds(1, 12, _MONTHS), _Bounds(0, 6, _DAYS))


class _WrongError(ValueError):
    pass


def schedule_problem(text: str) -> str:
    """Return what is wrong with a schedule, or an empty string."""
    zone = re.match(r"(?:CRON_)?TZ=\S* ", text)
    text = text[zone.end() :].strip() if zone else text
    if text.startswith("@"):
        return _descriptor(text)
    fields = text.split()
    if len(fields) != len(_FIELDS):
        return f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]"
    try:
        for field, bounds in zip(fields, _FIELDS, strict=True):
            for part in filter(None, field.split(",")):
                _range(part, bounds)
    except _WrongError as wrong:
        return str(wrong)
    return ""


def _descriptor(text: str) -> str:
    if text in _DESCRIPTORS:
        return ""
    if text.startswith("@every "):
        told = duration_problem(text.removeprefix("@every "))
        return f"failed to parse duration {text}: {told}" if told else ""
    return f"unrecognized descriptor: {text}"


def _range(text: str, bounds: _Bounds) -> None:
    whole, *steps = text.split("/")
    ends = whole.split("-")
    if ends[0] in {"*", "?"}:
        low, high = bounds.least, bounds.most
    else:
        low = _number(ends[0], bounds.names)
        if len(ends) > 2:
            raise _WrongError(f"too many hyphens: {text}")
        high = _number(ends[1], bounds.names) if len(ends) == 2 else low
    step = 1
    if len(steps) > 1:
        raise _WrongError(f"too many slashes: {text}")
    if steps:
        step = _number(steps[0], ())
        high = bounds.most if len(ends) == 1 else high
    if low < bounds.least:
        raise _WrongError(f"beginning of range ({low}) below minimum ({bounds.least}): {text}")
    if high > bounds.most:
        raise _WrongError(f"end of range ({high}) above maximum ({bounds.most}): {text}")
    if low > high:
        raise _WrongError(f"beginning of range ({low}) beyond end of range ({high}): {text}")
    if step == 0:
        raise _WrongError(f"step of range should be a positive number: {text}")


def _number(text: str, names: tuple[str, ...]) -> int:
    if text and text.lower() in names:
        return names.index(text.lower())
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        told = f'strconv.Atoi: parsing "{text}": invalid syntax'
        raise _WrongError(f"failed to parse int from {text}: {told}")
    if int(text) >= 2**63 or int(text) < -(2**63):
        told = f'strconv.Atoi: parsing "{text}": value out of range'
        raise _WrongError(f"failed to parse int from {text}: {told}")
    if int(text) < 0:
        raise _WrongError(f"negative number ({int(text)}) not allowed: {text}")
    return int(text)
