"""Inputs made from a seed: texts that were damaged, and random bytes."""

import random

__all__ = ["NASTY", "damaged", "noise"]

#: Pieces that parsers stumble over.
NASTY = (
    "",
    "\0",
    "\ufeff",
    "\u2028",
    "é",
    "\r",
    "\t",
    "\n\n",
    " " * 500,
    "-",
    "--",
    "---\n",
    "...",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "`",
    "$(",
    "${",
    "$((",
    "))",
    "<<E\n",
    "<(",
    "|",
    "&",
    ";;",
    "!",
    "*",
    "&a ",
    "*a",
    "!!python/object:os.system ",
    "!!binary ",
    "<<: ",
    "? ",
    ": ",
    "- ",
    "|\n",
    ">\n",
    "%YAML 9.9\n",
    "null",
    "~",
    "true",
    "no",
    "0777",
    "1:30",
    "1e999",
    "-1",
    "9" * 400,
    "nan",
    ".inf",
    "2026-13-45",
    "../../etc/passwd",
    "/etc/passwd",
    "a" * 3000,
    "\\",
    "\\x",
    "\x1b[",
    "\x1b]0;",
    "\x1bP",
    "\x9b",
    "\x1b[999999999A",
    "\x1b[38;5;",
    "{{.}}",
    "[?(@.",
    "kubectl",
    "crictl",
    "for",
    "while",
    "case",
    "esac",
)


def noise(chance: random.Random, length: int) -> bytes:
    """Return random bytes, of which many are those that begin something."""
    return bytes(chance.choice((chance.randrange(256), 27, 91, 59, 10, 32, 0)) for _ in range(length))


def damaged(chance: random.Random, text: str) -> str:
    """Return `text` with one to four damages."""
    for _ in range(chance.randint(1, 4)):
        begin = chance.randrange(len(text) + 1)
        end = min(len(text), begin + chance.choice((0, 1, 3, 20, 200)))
        match chance.randrange(5):
            case 0:
                middle = chance.choice(NASTY)
            case 1:
                middle = ""
            case 2:
                middle = text[begin:end] * 2
            case 3:
                middle = noise(chance, 5).decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode()
            case _:
                other = chance.randrange(len(text) + 1)
                middle = text[other : other + 40]
        text = text[:begin] + middle + text[end:]
    return text
