"""Signals as `kill -l` and `trap -l` list them, with the real-time ones that Linux has."""

from lab.cluster.sim.machine.signals import Signal

__all__ = ["numbered_list", "signal_name", "signal_number"]

_FIRST_REAL, _LAST_REAL = 34, 64
_MIDDLE = 50


def _real_time(number: int) -> str:
    if number in {_FIRST_REAL, _LAST_REAL}:
        return "RTMIN" if number == _FIRST_REAL else "RTMAX"
    if number < _MIDDLE:
        return f"RTMIN+{number - _FIRST_REAL}"
    return f"RTMAX-{_LAST_REAL - number}"


def signal_name(number: int) -> str | None:
    """Return the name of a signal without its SIG; None for an unknown signal."""
    if _FIRST_REAL <= number <= _LAST_REAL:
        return _real_time(number)
    return next((one.name.removeprefix("SIG") for one in Signal if one == number), None)


def signal_number(text: str) -> int | None:
    """Return the number of a signal by its name, with or without SIG, or by its number; 0 is EXIT."""
    if text.isdigit():
        number = int(text)
        return number if number == 0 or signal_name(number) is not None else None
    name = text.upper().removeprefix("SIG")
    if name == "EXIT":
        return 0
    return next((number for number in range(1, _LAST_REAL + 1) if signal_name(number) == name), None)


def numbered_list() -> str:
    """Return all signals with their numbers, five in a line."""
    parts = [f"{n:2d}) SIG{signal_name(n)}" for n in range(1, _LAST_REAL + 1) if signal_name(n) is not None]
    lines = ["\t".join(parts[at : at + 5]) for at in range(0, len(parts), 5)]
    last = lines.pop()
    return "\n".join([*lines, f"{last}\t\n"])
