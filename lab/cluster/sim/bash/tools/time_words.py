"""Times in words, as `touch -d` and `find -newermt` read them."""

import re
from datetime import UTC, datetime, timedelta

__all__ = ["moment"]

_UNITS = {"sec": 1, "second": 1, "min": 60, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_SPAN = re.compile(rf"(?P<sign>[+-]?)\s*(?P<count>\d*)\s*(?P<unit>{'|'.join(_UNITS)})s?(?P<ago>\s+ago)?")
_DAYS = {"yesterday": -1, "today": 0, "now": 0, "tomorrow": 1}


def moment(text: str, now: float) -> tuple[str, float | None]:
    """Return the year of `now`, and the time that `text` means; None for an unknown text."""
    at = datetime.fromtimestamp(now, UTC)
    year = str(at.year)
    rest = text.strip().lower()
    if re.fullmatch(r"@-?\d+(\.\d+)?", rest):
        return year, float(rest[1:])
    if not rest:
        return year, at.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    try:
        found = datetime.fromisoformat(text.strip())
        return year, (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except ValueError:
        pass
    for word, count in _DAYS.items():
        if rest.startswith(word):
            at, rest = at + timedelta(days=count), rest.removeprefix(word).strip()
    while rest:
        span = _SPAN.match(rest)
        if span is None:
            return year, None
        seconds = int(span["count"] or 1) * _UNITS[span["unit"]]
        back = (span["sign"] == "-") != bool(span["ago"])
        at, rest = at + timedelta(seconds=-seconds if back else seconds), rest[span.end() :].strip()
    return year, at.timestamp()
