"""printf: a format and its arguments as bytes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lab.cluster.sim.bash.builtins.escapes import expand_escapes
from lab.cluster.sim.bash.builtins.printf_numbers import format_float, format_integer, parse_float, parse_integer
from lab.cluster.sim.bash.language.octets import decode, encode

__all__ = ["Formatted", "format_text"]

_DIRECTIVE = re.compile(
    r"%(?P<flags>[-+ 0#']*)(?P<width>\*|\d*)(?:\.(?P<precision>\*|-?\d*))?(?P<length>[hlLjzt]*)"
    r"(?P<kind>\((?P<time>[^)]*)\)T|.)?",
    re.DOTALL,
)
_INTEGERS = set("diouxXc")
_FLOATS = set("aAeEfFgG")
#: More characters than that need more memory than a process has.
_WIDEST = 16 << 20


@dataclass(slots=True)
class Formatted:
    """The output of printf, its complaints, and its exit code."""

    out: bytearray = field(default_factory=bytearray)
    #: Complaints without the shell's prefix (`bash: line 1: printf: `).
    complaints: list[str] = field(default_factory=list)
    code: int = 0
    #: Variables that `%n` sets, with the number of characters printed so far.
    counts: list[tuple[str, int]] = field(default_factory=list)


def format_text(
    form: str, arguments: Sequence[str], *, quote: Callable[[str], str], now: float, shell_started: float = 0.0
) -> Formatted:
    """Return the output of `printf FORM ARGUMENTS`. The format is reused while arguments are left."""
    writer = _Writer(form, list(arguments), quote, now, shell_started)
    return writer.run()


class _Writer:
    """One call of printf."""

    def __init__(
        self, form: str, arguments: list[str], quote: Callable[[str], str], now: float, started: float
    ) -> None:
        self._form = form
        self._arguments = arguments
        self._quote = quote
        self._now = now
        self._started = started
        self._used = 0
        self._result = Formatted()

    def run(self) -> Formatted:
        while True:
            before = self._used
            if not self._once() or self._used >= len(self._arguments) or self._used == before:
                return self._result

    def _once(self) -> bool:
        """Process the format once; return whether it may be reused."""
        at = 0
        form = self._form
        while at < len(form):
            percent = form.find("%", at)
            plain = form[at:] if percent < 0 else form[at:percent]
            self._result.out += expand_escapes(plain, "format")[0]
            if percent < 0:
                return True
            if form.startswith("%%", percent):
                self._result.out += b"%"
                at = percent + 2
                continue
            found = _DIRECTIVE.match(form, percent)
            assert found is not None  # noqa: S101 -- the pattern matches any percent sign
            at = found.end()
            if not self._directive(found):
                return False
        return True

    def _next(self) -> str | None:
        if self._used < len(self._arguments):
            self._used += 1
            return self._arguments[self._used - 1]
        return None

    def _number(self, text: str | None) -> int:
        value, complaint = parse_integer(text or "") if text is not None else (0, "")
        self._complain(complaint)
        return value

    def _complain(self, text: str) -> None:
        if text:
            self._result.complaints.append(text)
            if not text.startswith("warning"):
                self._result.code = 1

    def _directive(self, found: "re.Match[str]") -> bool:
        kind = found["kind"] or ""
        flags = found["flags"]
        width = self._number(self._next()) if found["width"] == "*" else int(found["width"] or 0)
        if width < 0:
            flags, width = flags + "-", -width
        precision: int | None = None
        if found["precision"] is not None:
            given = found["precision"]
            precision = self._number(self._next()) if given == "*" else int(given or 0)
            precision = None if precision < 0 else precision
        if max(width, precision or 0, len(self._result.out)) > _WIDEST:
            raise MemoryError
        if not kind:
            self._complain(f"`{found[0]}': missing format character")
            self._result.code = 1
            return False
        return self._convert(kind, found["time"], flags, width, precision)

    def _convert(self, kind: str, time: str | None, flags: str, width: int, precision: int | None) -> bool:
        out = self._result.out
        if kind.endswith("T") and time is not None:
            out += _padded(encode(self._time(time)), flags, width, precision)
        elif kind == "n":
            self._result.counts.append((self._next() or "", len(out.decode("utf-8", "replace"))))
        elif kind == "c":
            out += _padded(encode((self._next() or "")[:1]), flags, width, None)
        elif kind == "s":
            out += _padded(encode(self._next() or ""), flags, width, precision)
        elif kind in {"q", "Q"}:
            word = self._next() or ""
            out += _padded(encode(self._quote(word)), flags, width, precision)
        elif kind == "b":
            data, ended = expand_escapes(self._next() or "", "argument")
            out += _padded(data, flags, width, precision)
            return not ended
        elif kind in _INTEGERS:
            value = self._number(self._next())
            out += format_integer(kind, value, flags, width, precision).encode()
        elif kind in _FLOATS:
            value_f, complaint = parse_float(self._next() or "0")
            self._complain(complaint)
            out += format_float(kind, value_f, flags, width, precision).encode()
        else:
            self._complain(f"`{kind}': invalid format character")
            return False
        return True

    def _time(self, form: str) -> str:
        word = self._next()
        moment = -1 if word is None else self._number(word)
        seconds = {-1: self._now, -2: self._started}.get(moment, float(moment))
        at = datetime.fromtimestamp(int(seconds), UTC)
        return at.strftime((form or "%X").replace("%s", str(int(seconds))).replace("%Z", "UTC"))


def _padded(data: bytes, flags: str, width: int, precision: int | None) -> bytes:
    """Return `data` truncated and padded, counted in characters."""
    if not width and precision is None:
        return data
    text = decode(data)
    if precision is not None:
        # Bash counts bytes here, as the C library does.
        text = decode(data[:precision])
    missing = width - len(encode(text))
    filled = text + " " * missing if "-" in flags else " " * missing + text
    return encode(filled if missing > 0 else text)
