"""Pipes into loops, as the library's bash needs them.

In bashkit 0.20 the first command of a loop's body takes all that a pipe brings, whether it reads its input or not:
`seq 3 | while read n; do date; done` goes round once. From a process substitution a loop reads line by line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lab.cluster.sim.shell.input_needs import KEYWORDS, TOKEN, behind

__all__ = ["poured"]

_INTO_COMPOUND = re.compile(r"\|\s*(?:(?:while|until|for|if|case)\b|[{(])")
_OPENERS = {**dict.fromkeys(["while", "until", "for", "select"], "done"), "if": "fi", "case": "esac", "{": "}"}
_CLOSERS = {*_OPENERS.values()}
#: What does not end by itself has to be read as it comes; and a here-document stands behind its line.
_LEFT_ALONE = re.compile(
    r"\b(?:kubectl|k)\b[^|]*\s(?:-w\b|--watch)|--follow|\b(?:logs|tail|journalctl)\b[^|]*\s-\w*f\b|<<(?!<)"
)


@dataclass(slots=True)
class _Frame:
    """What is open: by which word it ends, where it began, and the pipeline within it that is being read."""

    end: str = ""
    at: int = 0
    #: Where the pipeline begins that runs into this one, and its last bar; none if nothing does.
    source: tuple[int, int] | None = None
    #: Where the current pipeline within began, and where its last bar stands.
    begin: int | None = None
    bar: int | None = None


def poured(script: str) -> str:
    """Return `script` with each `SOURCE | loop` written as `loop < <(SOURCE)`."""
    if not _INTO_COMPOUND.search(script):
        return script
    while True:
        found = (each for each in _piped(script) if not _LEFT_ALONE.search(script[each[0] : each[1]]))
        first = next(found, None)
        if first is None:
            return script
        begin, bar, opened, closed = first
        script = f"{script[:begin]}{script[opened:closed]} < <({script[begin:bar].strip()}){script[closed:]}"


def _piped(script: str) -> Iterator[tuple[int, int, int, int]]:
    """Return where a pipeline begins, its last bar, and the compound behind that: its begin and its end."""
    frames = [_Frame()]
    command_next = True
    for kind, text, start, end in _tokens(script):
        frame = frames[-1]
        if kind in {"word", "redirect", "opaque"} or text == "(":
            frame.begin = start if frame.begin is None else frame.begin
        word = text if kind == "word" and command_next else ""
        if word in _OPENERS or text == "(":
            source = (frame.begin, frame.bar) if frame.bar is not None and command_next else None
            frames.append(_Frame(_OPENERS.get(word, ")"), start, source))  # type: ignore[arg-type]
            frame.bar = None
            command_next = word not in {"for", "select", "case"}
        elif (word in _CLOSERS or text == ")") and frame.end == text and len(frames) > 1:
            frames.pop()
            if frame.source is not None:
                yield (*frame.source, frame.at, end)
            command_next = text == ")"
        elif kind == "end":
            _separate(frame, text, start)
            command_next = True
        elif word in KEYWORDS:
            frame.begin = frame.bar = None
        elif kind == "word" and not re.match(r"\w+\+?=", text):
            frame.bar, command_next = None, False


def _separate(frame: _Frame, text: str, at: int) -> None:
    if text == "|":
        frame.bar = at
    elif text != "\n" or frame.bar is None:  # a line may end behind a bar
        frame.begin = frame.bar = None


def _tokens(script: str) -> Iterator[tuple[str, str, int, int]]:
    here: list[str] = []
    at = 0
    document = False
    while at < len(script):
        token = TOKEN.match(script, at)
        if token is None:
            return
        kind, text = token.lastgroup or "", token.group()
        at = token.end()
        if kind == "word" and document:
            here.append(text.strip("'\""))
        if kind != "space":
            document = kind == "redirect" and text.lstrip("0123456789") in {"<<", "<<-"}
        if kind not in {"space", "comment"}:
            yield kind, text, token.start(), token.end()
        if text == "\n" and here:
            at = behind(script, at, here)
            here = []
