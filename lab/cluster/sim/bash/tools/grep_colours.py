"""The colours of grep, as `GREP_COLORS` and the old `GREP_COLOR` set them: those of GNU grep 3.8 (Debian 12)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lab.cluster.sim.bash.language.octets import encode

__all__ = ["Colours", "colours_of"]

#: Capability -> its colour without `GREP_COLORS`. An empty one means none.
_DEFAULTS = {
    "ms": "01;31", "mc": "01;31", "sl": "", "cx": "", "fn": "35", "ln": "32", "bn": "32", "se": "36",
}  # fmt: skip
_COLOUR = re.compile(r"[0-9;]*")


@dataclass(slots=True)
class Colours:
    """The colours of the parts of grep's output, by capability, such as `fn` for a file's name."""

    by_name: dict[str, str] = field(default_factory=lambda: dict(_DEFAULTS))
    #: `rv`: with -v, the colours of selected and context lines are exchanged.
    exchanged: bool = False
    #: Whether each colour also erases to the end of the line; not with `ne`.
    erases: bool = True

    def painted(self, text: bytes, name: str) -> bytes:
        """Return a part of the output in the colour `name`."""
        return self._start(name) + text + self._end() if text and self.by_name[name] else text

    def line(self, body: bytes, matches: Iterable[tuple[int, int]], *, selected: bool, inverted: bool) -> bytes:
        """Return a line with its `matches` (begin and end of each); `inverted` with -v."""
        whole = "sl" if selected ^ (inverted and self.exchanged) else "cx"
        match = "ms" if selected else "mc"
        out, at = b"", 0
        # A line that does not match has no matches to show.
        for begin, end in matches if selected != inverted and self.by_name[match] else ():
            if begin < end:
                out += self._start(whole) + body[at:begin] + self.painted(body[begin:end], match)
                at = end
        rest = body[at:].removesuffix(b"\r")
        return out + self.painted(rest, whole) + body[at + len(rest) :]

    def _start(self, name: str) -> bytes:
        colour = self.by_name[name]
        return b"\x1b[%sm%s" % (encode(colour), b"\x1b[K" * self.erases) if colour else b""

    def _end(self) -> bytes:
        return b"\x1b[m" + b"\x1b[K" * self.erases


def colours_of(environment: Mapping[str, str]) -> tuple[Colours, list[str]]:
    """Return the colours that `environment` asks for, and grep's warnings."""
    colours, warnings = Colours(), []
    old = environment.get("GREP_COLOR", "")
    if old and _COLOUR.fullmatch(old):
        colours.by_name |= {"ms": old, "mc": old}
        warnings.append(f"GREP_COLOR='{old}' is deprecated; use GREP_COLORS='mt={old}'")
    for entry in environment.get("GREP_COLORS", "").split(":"):
        name, given, value = entry.partition("=")
        # Grep reads no further than a mistake. A name that it does not know is none.
        if (given and not name) or not _COLOUR.fullmatch(value):
            break
        _set(colours, name, value if given else None)
    return colours, warnings


def _set(colours: Colours, name: str, value: str | None) -> None:
    if name == "rv":
        colours.exchanged = True
    elif name == "ne":
        colours.erases = False
    elif name == "mt":
        both = colours.by_name["ms"] if value is None else value
        colours.by_name |= {"ms": both, "mc": both}
    elif name in colours.by_name and value is not None:
        colours.by_name[name] = value
