"""Keys of sort: the compared part of a line, and the comparison."""

import functools
import hashlib
import heapq
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lab.cluster.sim.bash.tools.options import Options, UsageError

__all__ = ["Key", "Order", "keys_of", "whole_key"]

_KINDS = "bdfgiMhnRrV"
_PLACE = re.compile(r"(\d+)(?:\.(\d+))?([bdfgiMhnRrV]*)")
_NUMBER = re.compile(rb"[ \t]*(-?)(\d*)(?:\.(\d*))?")
_GENERAL = re.compile(
    r"\s*[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|inf(?:inity)?|nan)", re.IGNORECASE
)
_MONTHS = {name: number for number, name in enumerate(
    ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), 1)}  # fmt: skip
_UNITS = {letter: power for power, letter in enumerate(b"kMGTPEZY", 1)} | {ord("K"): 1}
_FIELD = re.compile(rb"[ \t]*[^ \t]*")
_TROUBLE = 2


@dataclass(frozen=True, slots=True)
class Key:
    """One part of a line. Fields and characters count from 1; an end of (0, 0) is the line's end."""

    kinds: str
    start: tuple[int, int] = (1, 1)
    end: tuple[int, int] = (0, 0)
    blank_start: bool = False
    blank_end: bool = False


def whole_key(options: Options) -> Key:
    """Return the key that compares whole lines."""
    kinds = "".join(key for key, _ in options.given if key in _KINDS and len(key) == 1)
    _compatible(kinds)
    return Key(kinds, blank_start="b" in kinds)


def _compatible(kinds: str) -> None:
    numeric = [letter for letter in "dghinMRV" if letter in kinds and letter not in "di"]
    if len(numeric) > 1:
        raise UsageError(f"sort: options '-{''.join(numeric)}' are incompatible", _TROUBLE)


def keys_of(options: Options, separator: bytes | None) -> list[Key]:
    """Return the keys of `-k`; raise `UsageError`."""
    del separator
    whole = whole_key(options)
    return [_key(text, whole) for text in options.every("k")]


def _key(text: str, whole: Key) -> Key:
    start_text, comma, end_text = text.partition(",")
    start = _PLACE.fullmatch(start_text)
    if start is None:
        _refuse_start(text)
        raise UsageError(f"sort: stray character in field spec: invalid field specification ‘{text}’", _TROUBLE)
    if int(start[1]) == 0:
        raise UsageError(f"sort: field number is zero: invalid field specification ‘{text}’", _TROUBLE)
    if start[2] is not None and int(start[2]) == 0:
        raise UsageError(f"sort: character offset is zero: invalid field specification ‘{text}’", _TROUBLE)
    kinds = start[3]
    end = (0, 0)
    blank_end = False
    if comma:
        found = _PLACE.fullmatch(end_text)
        if found is None:
            raise UsageError(f"sort: invalid number after ‘,’: invalid count at start of ‘{end_text}’", _TROUBLE)
        end = int(found[1]), int(found[2] or 0)
        kinds += found[3]
        blank_end = "b" in found[3]
    blank_start = "b" in start[3]
    if not kinds:
        kinds, blank_start, blank_end = whole.kinds, "b" in whole.kinds, "b" in whole.kinds
    _compatible(kinds)
    return Key(kinds, (int(start[1]), int(start[2] or 1)), end, blank_start, blank_end)


def _refuse_start(text: str) -> None:
    if not text[:1].isdigit():
        raise UsageError(f"sort: invalid number at field start: invalid count at start of ‘{text}’", _TROUBLE)


@dataclass(slots=True)
class Order:
    """The order of lines: keys first, then whole lines if all keys are equal."""

    whole: Key
    keys: Sequence[Key]
    separator: bytes | None
    unique: bool
    stable: bool
    salt: str = ""
    _cached: dict[bytes, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def random(self) -> bool:
        """Whether lines are shuffled."""
        return any("R" in key.kinds for key in [self.whole, *self.keys])

    def sorted(self, lines: list[bytes]) -> list[bytes]:
        """Return the lines in order."""
        out = sorted(lines, key=functools.cmp_to_key(self._compare))
        if not self.unique:
            return out
        kept: list[bytes] = []
        for line in out:
            if not kept or self._by_keys(kept[-1], line):
                kept.append(line)
        return kept

    def merged(self, files: Sequence[list[bytes]]) -> list[bytes]:
        """Return the merged lines of sorted files."""
        return list(heapq.merge(*files, key=functools.cmp_to_key(self._compare)))

    def disordered(self, before: bytes, line: bytes) -> bool:
        """Return whether `line` may not follow `before`."""
        compared = self._compare(before, line)
        return compared > 0 or (self.unique and self._by_keys(before, line) == 0)

    def _compare(self, left: bytes, right: bytes) -> int:
        compared = self._by_keys(left, right)
        if compared or self.stable or self.unique:
            return compared
        last = (left > right) - (left < right)
        return -last if "r" in self.whole.kinds else last

    def _by_keys(self, left: bytes, right: bytes) -> int:
        first, second = self._values(left), self._values(right)
        for number, key in enumerate(self.keys or [self.whole]):
            compared = (first[number] > second[number]) - (first[number] < second[number])
            if compared:
                return int(-compared if "r" in key.kinds else compared)
        return 0

    def _values(self, line: bytes) -> tuple[Any, ...]:
        found = self._cached.get(line)
        if found is None:
            parts = [(key, self._part(line, key)) for key in self.keys] if self.keys else [(self.whole, line)]
            found = tuple(_value(part, key, self.salt) for key, part in parts)
            self._cached[line] = found
        return found

    def _part(self, line: bytes, key: Key) -> bytes:
        spans = self._spans(line)
        number, character = key.start
        if number > len(spans):
            return b""
        at = spans[number - 1][0]
        if key.blank_start:
            at += len(line[at:]) - len(line[at:].lstrip(b" \t"))
        at += character - 1
        number, character = key.end
        if not number or number > len(spans):
            return line[at:]
        low, high = spans[number - 1]
        if character:
            if key.blank_end:
                low += len(line[low:high]) - len(line[low:high].lstrip(b" \t"))
            high = min(low + character, len(line))
        return line[at:high] if high > at else b""

    def _spans(self, line: bytes) -> list[tuple[int, int]]:
        if self.separator is not None:
            found = []
            at = 0
            for part in line.split(self.separator):
                found.append((at, at + len(part)))
                at += len(part) + len(self.separator)
            return found
        return [match.span() for match in _FIELD.finditer(line) if match[0]] or [(0, 0)]


def _value(part: bytes, key: Key, salt: str) -> Any:  # noqa: ANN401, C901, PLR0911 -- what is compared, one case a kind
    kinds = key.kinds
    if "n" in kinds:
        return _number(part)
    if "h" in kinds:
        return _human(part)
    if "g" in kinds:
        found = _GENERAL.match(part.decode("utf-8", "replace"))
        return (0, 0.0) if found is None else (1, float(found[0]))
    if "M" in kinds:
        return _MONTHS.get(part.strip()[:3].upper().decode("utf-8", "replace"), 0)
    if "V" in kinds:
        return _version(part)
    if "R" in kinds:
        return hashlib.sha256(salt.encode() + part).digest()
    if "b" in kinds and key.start == (1, 1) and key.end == (0, 0):
        part = part.lstrip(b" \t")
    if "f" in kinds:
        part = part.upper()
    if "d" in kinds:
        part = bytes(byte for byte in part if chr(byte).isalnum() or byte in b" \t")
    if "i" in kinds:
        part = bytes(byte for byte in part if 32 <= byte < 127)
    return part


def _number(part: bytes) -> Decimal:
    found = _NUMBER.match(part)
    if found is None or not (found[2] or found[3]):
        return Decimal(0)
    text = f"{(found[2] or b'0').decode()}.{(found[3] or b'0').decode()}"
    return -Decimal(text) if found[1] else Decimal(text)


def _human(part: bytes) -> tuple[int, int, Decimal]:
    number = _number(part)
    found = _NUMBER.match(part)
    end = found.end() if found is not None else 0
    unit = _UNITS.get(part[end], 0) if end < len(part) and number else 0
    sign = (number > 0) - (number < 0)
    return sign, sign * unit, number


def _version(part: bytes) -> list[tuple[list[int], int]]:
    """Return a version's parts in GNU's order: `~` before the end, letters before other characters."""
    found: list[tuple[list[int], int]] = []
    for text, digits in re.findall(rb"(\D*)(\d*)", part):
        if text or digits:
            found.append(([_weight(byte) for byte in text] + [0], int(digits or 0)))
    return found


def _weight(byte: int) -> int:
    if byte == ord("~"):
        return -1
    return byte if chr(byte).isalpha() else byte + 256
