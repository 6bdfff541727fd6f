"""Numbers with suffixes as coreutils read them: `10`, `1K`, `2MB`, `1kiB`."""

import re

__all__ = ["parse_size"]

_NUMBER = re.compile(r"(\d+)([bBkKMGTPEZY]?)(iB|B)?")
_POWERS = {letter: power for power, letter in enumerate("KMGTPEZY", 1)} | {"k": 1}


def parse_size(text: str) -> int | None:
    """Return the number; None if the text is not a number."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    number, unit, more = int(found[1]), found[2], found[3]
    if unit == "b" and not more:
        return number * 512
    if unit in {"", "B", "b"}:
        return number if not unit and not more else None
    return int(number * (1000 if more == "B" else 1024) ** _POWERS[unit])
