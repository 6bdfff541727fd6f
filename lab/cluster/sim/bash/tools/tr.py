"""tr: replaces, deletes and squeezes characters, as they arrive."""

import re
from collections.abc import Callable

from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options

__all__ = ["tr"]

_LONG = {"complement": "c", "delete": "d", "squeeze-repeats": "s", "truncate-set1": "t"}
_HINT = "Try 'tr --help' for more information."
_CLASSES: dict[str, Callable[[int], bool]] = {
    "alpha": lambda c: chr(c).isalpha(), "digit": lambda c: 48 <= c <= 57, "alnum": lambda c: chr(c).isalnum(),
    "upper": lambda c: 65 <= c <= 90, "lower": lambda c: 97 <= c <= 122, "space": lambda c: c in b" \t\n\r\f\v",
    "blank": lambda c: c in b" \t", "punct": lambda c: 33 <= c <= 126 and not chr(c).isalnum(),
    "print": lambda c: 32 <= c <= 126, "graph": lambda c: 33 <= c <= 126, "cntrl": lambda c: c < 32 or c == 127,
    "xdigit": lambda c: c in b"0123456789abcdefABCDEF",
}  # fmt: skip
_ESCAPES = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92}
_BYTES = 256


async def tr(call: Call) -> int:
    """Replace or delete characters of stdin."""
    try:
        options = parse_options("tr", call.argv, "cCdst", _LONG, stop_at_operand=True)
        table, deleted, squeezed = _plan(options)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    last = -1
    while data := await call.chunk():
        out = data.translate(table, deleted)
        if squeezed:
            out, last = _squeeze(out, squeezed, last)
        await call.out(out)
        await call.step()
    return 0


def _squeeze(data: bytes, squeezed: bytes, last: int) -> tuple[bytes, int]:
    out = bytearray()
    marks = set(squeezed)
    for byte in data:
        if byte == last and byte in marks:
            continue
        out.append(byte)
        last = byte
    return bytes(out), last


def _plan(options: Options) -> tuple[bytes, bytes, bytes]:
    """Return the replacement table, the deleted characters and the squeezed characters."""
    words = options.operands
    deletes, squeezes = options.has("d"), options.has("s")
    _check(words, deletes=deletes, squeezes=squeezes)
    first = _bytes(words[0], None)
    if options.has("c", "C"):
        first = bytes(sorted(set(range(_BYTES)) - set(first)))
    table = bytes(range(_BYTES))
    if deletes:
        return table, first, _bytes(words[1], None) if squeezes else b""
    if len(words) == 1:
        return table, b"", first
    second = _bytes(words[1], len(first))
    if not second:
        raise UsageError("tr: when not truncating set1, string2 must be non-empty")
    if options.has("t"):
        first = first[: len(second)]
    second = second[: len(first)] + second[-1:] * (len(first) - len(second))
    changed = bytearray(table)
    for old, new in zip(first, second, strict=True):
        changed[old] = new
    return bytes(changed), b"", second if squeezes else b""


def _check(words: list[str], *, deletes: bool, squeezes: bool) -> None:
    least = 1 + (deletes == squeezes)
    most = 1 if deletes and not squeezes else 2
    if not words:
        raise UsageError(f"tr: missing operand\n{_HINT}")
    if len(words) < least:
        why = "deleting and squeezing repeats." if squeezes else "translating."
        raise UsageError(f"tr: missing operand after ‘{words[-1]}’\nTwo strings must be given when {why}\n{_HINT}"
                         if squeezes else
                         f"tr: missing operand after ‘{words[-1]}’\nTwo strings must be given when translating.\n"
                         f"{_HINT}")  # fmt: skip
    if len(words) > most:
        more = "\nOnly one string may be given when deleting without squeezing repeats." if most == 1 else ""
        raise UsageError(f"tr: extra operand ‘{words[most]}’{more}\n{_HINT}")


def _bytes(text: str, length: int | None) -> bytes:
    """Return the bytes of a set; `[x*]` is filled up to `length`."""
    data = encode(text).decode("latin-1")
    parts: list[bytes] = []
    fill: tuple[int, int] | None = None
    at = 0
    while at < len(data):
        found = re.compile(r"\[:(\w+):\]").match(data, at)
        if found:
            if found[1] not in _CLASSES:
                raise UsageError(f"tr: invalid character class ‘{found[1]}’")
            parts.append(bytes(code for code in range(128) if _CLASSES[found[1]](code)))
            at = found.end()
            continue
        repeat = re.compile(r"\[(\\.|.)\*(\d*)\]", re.DOTALL).match(data, at)
        if repeat:
            code, _ = _character(repeat[1], 0)
            count = int(repeat[2] or "0", 8 if repeat[2].startswith("0") else 10)
            if count:
                parts.append(bytes([code]) * count)
            else:
                fill = len(parts), code
                parts.append(b"")
            at = repeat.end()
            continue
        equal = re.compile(r"\[=(.)=\]", re.DOTALL).match(data, at)
        if equal:
            parts.append(equal[1].encode("latin-1"))
            at = equal.end()
            continue
        low, at = _character(data, at)
        high = low
        if data[at : at + 1] == "-" and at + 1 < len(data):
            high, at = _character(data, at + 1)
            if high < low:
                raise UsageError(
                    f"tr: range-endpoints of '{chr(low)}-{chr(high)}' are in reverse collating sequence order"
                )
        parts.append(bytes(range(low, high + 1)))
    if fill is not None and length is not None:
        parts[fill[0]] = bytes([fill[1]]) * max(length - sum(map(len, parts)), 0)
    return b"".join(parts)


def _character(data: str, at: int) -> tuple[int, int]:
    if data[at] != "\\" or at + 1 >= len(data):
        return ord(data[at]), at + 1
    octal = re.compile(r"[0-7]{1,3}").match(data, at + 1)
    if octal:
        return int(octal[0], 8) & 0xFF, octal.end()
    return _ESCAPES.get(data[at + 1], ord(data[at + 1])), at + 2
