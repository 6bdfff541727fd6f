"""Keys by Textual's names, and the bytes that a terminal sends for them."""

from typing import Final

from textual.keys import key_to_character

__all__ = ["encode_key", "encode_paste", "is_function_key", "spoken"]

_CURSOR: Final = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_TILDE: Final = {"insert": 2, "delete": 3, "pageup": 5, "pagedown": 6} | {
    f"f{number}": code
    for number, code in enumerate((15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34), start=5)
}
_FIRST_FUNCTION_KEYS: Final = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_PLAIN: Final = {"enter": "\r", "tab": "\t", "backspace": "\x7f", "escape": "\x1b", "space": " "}
#: The results of Ctrl with keys that are not letters, as in xterm.
_PUNCTUATION: Final = {" ": "\0", "@": "\0", "[": "\x1b", "\\": "\x1c", "]": "\x1d", "^": "\x1e", "_": "\x1f"}
_DIGITS: Final = {"2": "\0", "3": "\x1b", "4": "\x1c", "5": "\x1d", "6": "\x1e", "7": "\x1f", "8": "\x7f"}
_CONTROL: Final = _PUNCTUATION | _DIGITS | {"/": "\x1f", "-": "\x1f", "?": "\x7f"}
#: Keys that have no Unicode name, among them the keypad's.
_NAMED: Final = {"plus": "+", "minus": "-", "slash": "/", "at": "@", "backslash": "\\", "underscore": "_"} | {
    "decimal": ".",
    "divide": "/",
    "multiply": "*",
    "subtract": "-",
    "add": "+",
    "equal": "=",
}
_MODIFIERS: Final = {"shift": 1, "alt": 2, "ctrl": 4}


def is_function_key(key: str) -> bool:
    """Whether `key` is a function key, with or without modifiers."""
    name = key.rpartition("+")[2]
    return name[:1] == "f" and name[1:].isdecimal()


def spoken(key: str) -> str:
    """Return `key` in the usual spelling, such as Ctrl+G."""
    *modifiers, name = key.split("+")
    shown = _NAMED.get(name) or key_to_character(name) or name
    shown = shown.upper() if len(shown) == 1 or is_function_key(name) else shown
    return "+".join([*(modifier.capitalize() for modifier in modifiers), shown])


def encode_key(key: str, character: str | None, *, application_cursor: bool = False) -> bytes:
    """Return the bytes for Textual's `key` and `character`; nothing for keys that send nothing."""
    *modifiers, name = key.split("+")
    if set(modifiers) - set(_MODIFIERS):
        return b""
    held = sum(_MODIFIERS[modifier] for modifier in set(modifiers))
    sequence = _sequence(name, held, application_cursor=application_cursor)
    if sequence is None:
        sequence = _text(name, character, modifiers)
        if sequence and "alt" in modifiers:
            sequence = "\x1b" + sequence
    return sequence.encode("utf-8", "ignore")


def _sequence(name: str, held: int, *, application_cursor: bool) -> str | None:
    """Return the sequence of a key that is not a character; None for others."""
    if name == "tab" and held & _MODIFIERS["shift"]:
        return "\x1b[Z"
    if final := _CURSOR.get(name):
        if held:
            return f"\x1b[1;{held + 1}{final}"
        return f"\x1bO{final}" if application_cursor else f"\x1b[{final}"
    if final := _FIRST_FUNCTION_KEYS.get(name):
        return f"\x1b[1;{held + 1}{final}" if held else f"\x1bO{final}"
    if code := _TILDE.get(name):
        return f"\x1b[{code};{held + 1}~" if held else f"\x1b[{code}~"
    return None


def _text(name: str, character: str | None, modifiers: list[str]) -> str:
    """Return the bytes of a character key, without Alt."""
    if name == "backspace":
        # Ctrl-H comes as backspace too; its character tells the difference.
        return "\x08" if character == "\x08" or "ctrl" in modifiers else "\x7f"
    if name in _PLAIN and name != "space":
        return _PLAIN[name]
    if character and character < " ":
        return character
    typed = _PLAIN.get(name) or _NAMED.get(name)
    if typed is None:
        typed = character if character and character.isprintable() else key_to_character(name)
    if not typed:
        return ""
    if "ctrl" in modifiers:
        return chr(ord(typed) & 0x1F) if typed.isascii() and typed.isalpha() else _CONTROL.get(typed, typed)
    return typed.upper() if "shift" in modifiers and len(typed) == 1 else typed


def encode_paste(text: str, *, bracketed: bool) -> bytes:
    """Return the bytes for pasted `text`: lines end as with Enter, and no character in it acts as a key."""
    lines = text.replace("\r\n", "\r").replace("\n", "\r")
    harmless = "".join(char for char in lines if char.isprintable() or char in "\r\t")
    return (f"\x1b[200~{harmless}\x1b[201~" if bracketed else harmless).encode("utf-8", "ignore")
