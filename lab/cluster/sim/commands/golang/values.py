"""Values of flags as Go's libraries parse them, with Go's errors."""

import re

__all__ = ["FALSE", "problem_with"]

_TRUTH = {"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"}
#: The texts that Go's strconv.ParseBool reads as false.
FALSE = {"0", "f", "F", "FALSE", "false", "False"}
#: Go's time.ParseDuration.
_DURATION = re.compile(r"[-+]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)")
_WHOLE = {"int": ("ParseInt", re.compile(r"[-+]?\d+")), "uint": ("ParseUint", re.compile(r"\d+"))}


def problem_with(kind: str, value: str) -> str:
    """Return Go's error for a value of the wrong kind (bool, int, uint, duration); an empty text if valid."""
    if kind == "bool" and value not in _TRUTH:
        return f'strconv.ParseBool: parsing "{value}": invalid syntax'
    if kind in _WHOLE and not _WHOLE[kind][1].fullmatch(value):
        return f'strconv.{_WHOLE[kind][0]}: parsing "{value}": invalid syntax'
    if kind == "duration" and not _DURATION.fullmatch(value):
        unitless = re.fullmatch(r"[-+]?\d+(\.\d*)?", value)
        return f'time: {"missing unit in" if unitless else "invalid"} duration "{value}"'
    return ""
