"""date: prints the time, and understands times in words."""

import re
from datetime import UTC, datetime, timedelta

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated

__all__ = ["date"]

_TRY = "Try 'date --help' for more information."
_FORMS = {
    "-R": "%a, %d %b %Y %H:%M:%S +0000",
    "--rfc-email": "%a, %d %b %Y %H:%M:%S +0000",
    "-I": "%Y-%m-%d",
    "--iso-8601": "%Y-%m-%d",
    "-Is": "%Y-%m-%dT%H:%M:%S+00:00",
    "--iso-8601=seconds": "%Y-%m-%dT%H:%M:%S+00:00",
    "-Iseconds": "%Y-%m-%dT%H:%M:%S+00:00",
    "--rfc-3339=date": "%Y-%m-%d",
    "--rfc-3339=seconds": "%Y-%m-%d %H:%M:%S+00:00",
    "--rfc-3339=ns": "%Y-%m-%d %H:%M:%S.%N+00:00",
}
_UNITS = {"sec": 1, "second": 1, "min": 60, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_SPAN = re.compile(rf"(?P<sign>[+-]?)\s*(?P<count>\d*)\s*(?P<unit>{'|'.join(_UNITS)})s?(?P<ago>\s+ago)?")


async def date(call: Call) -> int:
    """Print the time."""
    argv = list(call.argv)
    at = datetime.fromtimestamp(call.now(), UTC)
    form = "%a %b %e %H:%M:%S UTC %Y"
    while argv:
        word = argv.pop(0)
        if word == "--":
            return await _operands(call, argv, at, form)
        if word in {"-d", "--date"} or word.startswith("--date="):
            at = _moment(word.partition("=")[2] or (argv.pop(0) if argv else ""), call.now())
        elif word.startswith("+"):
            form = word[1:]
        elif word in _FORMS:
            form = _FORMS[word]
        elif word not in {"-u", "--utc", "--universal"}:
            return await _refused(call, word)
    nano = f"{at.microsecond:06d}000"
    for field, value in {"%3N": nano[:3], "%6N": nano[:6], "%N": nano, "%s": str(int(at.timestamp())),
                         "%q": str((at.month + 2) // 3)}.items():  # fmt: skip
        form = form.replace(field, value)
    await call.line(at.strftime(form))
    return 0


async def _operands(call: Call, words: list[str], at: datetime, form: str) -> int:
    """Print the time in the form that the words after `--` are."""
    if len(words) > 1:
        return await call.fail(f"date: extra operand ‘{words[1]}’\n{_TRY}")
    if words and not words[0].startswith("+"):
        return await call.fail(f"date: invalid date ‘{words[0]}’")
    await call.line(at.strftime(words[0][1:] if words else form))
    return 0


async def _refused(call: Call, word: str) -> int:
    if word.startswith(
        ("-s", "-f", "-r", "--set", "--file", "--reference", "--help", "--version", "--debug", "--r")
    ):
        return await call.fail(NotSimulated(f"date {word}").message)
    if not word.startswith("-"):
        return await call.fail(f"date: invalid date ‘{word}’")
    told = f"unrecognized option '{word}'" if word.startswith("--") else f"invalid option -- '{word[1]}'"
    return await call.fail(f"date: {told}\n{_TRY}")


def _moment(text: str, now: float) -> datetime:
    """Return the time that the words mean: a written time, or spans before or after it."""
    at = datetime.fromtimestamp(now, UTC)
    rest = text.strip().lower()
    if rest.startswith("@"):
        return datetime.fromtimestamp(float(rest[1:]), UTC)
    if not rest:
        return at.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        found = datetime.fromisoformat(text.strip())
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError:
        pass
    days = {"yesterday": -1, "today": 0, "now": 0, "tomorrow": 1}
    for word, count in days.items():
        if rest.startswith(word):
            at, rest = at + timedelta(days=count), rest.removeprefix(word).strip()
    while rest:
        span = _SPAN.match(rest)
        if span is None:
            raise _unread(text)
        seconds = int(span["count"] or 1) * _UNITS[span["unit"]]
        back = (span["sign"] == "-") != bool(span["ago"])
        at, rest = at + timedelta(seconds=-seconds if back else seconds), rest[span.end() :].strip()
    return at


def _unread(text: str) -> Exit:
    """Report an invalid time if it has no digit and no month; other words may be valid, but not simulated."""
    known = re.search(
        r"\d|next|last|mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", text
    )
    return NotSimulated(f"date -d {text}") if known else Exit(1, f"date: invalid date ‘{text}’")
