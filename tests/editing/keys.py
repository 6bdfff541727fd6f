"""Keys as the lists of sequences write them, and the bytes that a terminal sends for them."""

import re

__all__ = ["decode", "encode", "presses"]

_NAMED = {
    "Esc": "\x1b",
    "CR": "\r",
    "Tab": "\t",
    "BS": "\x7f",
    "Space": " ",
    "lt": "<",
    "Bar": "|",
    "Up": "\x1bOA",
    "Down": "\x1bOB",
    "Right": "\x1bOC",
    "Left": "\x1bOD",
    "Home": "\x1b[1~",
    "End": "\x1b[4~",
    "Del": "\x1b[3~",
    "PageUp": "\x1b[5~",
    "PageDown": "\x1b[6~",
    "AltUp": "\x1b[1;3A",
    "AltDown": "\x1b[1;3B",
    "PasteStart": "\x1b[200~",
    "PasteEnd": "\x1b[201~",
}
_KEY = re.compile(r"<(C-Space|C-.|A-[A-Za-z]{2,}|A-.|[A-Za-z]+)>")
_PRESS = re.compile(r"<PasteStart>.*?<PasteEnd>|<(?:C-Space|C-.|A-[A-Za-z]{2,}|A-.|[A-Za-z]+)>|.", re.DOTALL)


def decode(keys: str) -> str:
    """Return the bytes for `keys`, in which `<Esc>`, `<C-v>` and the like stand for keys."""

    def sent(match: re.Match[str]) -> str:
        name = match[1]
        if name == "C-Space":
            return "\0"
        if name.startswith("C-"):
            return chr(ord(name[2].upper()) ^ 0x40)
        if name.startswith("A-"):
            return "\x1b" + _NAMED.get(name[2:], name[2:])
        return _NAMED[name]

    return _KEY.sub(sent, keys)


def presses(keys: str) -> list[str]:
    """Return the bytes, key by key; a paste comes at once."""
    return [decode(part) for part in _PRESS.findall(keys)]


def encode(text: str) -> str:
    """Return the keys that `decode` turns into `text`, with names for control characters."""
    names = {value: name for name, value in _NAMED.items() if name not in {"Space", "Bar", "lt"}}
    parts = re.split(r"(\x1b(?:O[A-D]|\[\d+~)|[\x00-\x1f\x7f<])", text)
    return "".join(
        part if not part or (part >= " " and part not in {"<", "\x7f"})
        else f"<{'lt' if part == '<' else names[part] if part in names else 'C-' + chr(ord(part) ^ 0x40).lower()}>"
        for part in parts
    )  # fmt: skip
