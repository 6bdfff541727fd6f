"""Ctrl-V: a key as it is, or a character by its number."""

from lab.cluster.sim.shell.editing.vi.keyboard import Typing
from lab.cluster.sim.shell.editing.vi.state import Vi

__all__ = ["literal"]

_BASES = {"x": (16, 2), "X": (16, 2), "u": (16, 4), "U": (16, 8), "o": (8, 3), "O": (8, 3)}


def literal(vi: Vi) -> Typing[str]:
    """Return the character that is typed after Ctrl-V: a key, or a number in digits."""
    key = yield from vi.keyboard.get(escapes=False)
    base, most = _BASES.get(key, (10, 3))
    digits = key if key.isdigit() else ""
    if not digits and key not in _BASES:
        return "\n" if key == "\x00" else key
    allowed = "0123456789abcdef"[:base]
    while len(digits) < most:
        key = yield from vi.keyboard.get(escapes=False)
        if key.lower() not in allowed:
            vi.keyboard.forget()
            vi.keyboard.play(key)
            break
        digits += key
    if not digits:
        return key
    return chr(min(int(digits, base), 255 if base == 10 else 0x10FFFF))
