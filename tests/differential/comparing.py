"""Compare two answers, and name the cause of a difference by its first part that differs."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.conformance.normalize import normalize
from tests.differential.model import Answer, Pair

__all__ = ["cause", "equal", "same_code", "same_verdict", "shown_difference"]


def equal(pair: Pair) -> bool:
    """Whether exit codes and all lines are equal after normalizing."""
    return same_code(pair) and all(_lines(one) == _lines(other) for _, one, other in _texts(pair))


def _texts(pair: Pair) -> tuple[tuple[str, str, str], ...]:
    """Return both outputs: a mark, the real text, the simulated one."""
    return ("", pair.real.stdout, pair.sim.stdout), ("2> ", pair.real.stderr, pair.sim.stderr)


def same_code(pair: Pair) -> bool:
    """Whether the exit codes are equal."""
    return pair.real.rc == pair.sim.rc


def same_verdict(pair: Pair) -> bool:
    """Whether both sides succeed or both fail."""
    return (pair.real.rc == 0) == (pair.sim.rc == 0)


#: The object that an error message prints whole: with fields that only a server has, such as `managedFields`.
_PRINTED = re.compile(r'(?<=patch: Invalid value: )"\{\\"(?:[^"\\]|\\.)*"')


def _lines(text: str) -> list[str]:
    return normalize(_PRINTED.sub('"<object>"', text).split("\n"))


def cause(pair: Pair) -> str:  # noqa: PLR0911 -- a kind of difference after the other
    """Name the difference: the simulator's mistake, or the first part that differs, without its values."""
    real, sim = pair.real, pair.sim
    if sim.mistake:
        return f"a Python error: {_bare(sim.mistake)}"
    if "not simulated" in sim.stderr + sim.stdout:
        found = re.search(r"not simulated: (.*?)(?: \(use|$)", sim.stderr + sim.stdout, re.MULTILINE)
        return f"not simulated: {_bare(' '.join((found.group(1) if found else '').split()[:3]))}"
    if "panic" in sim.stderr:
        return "the simulated API server has no check for such a value"
    if not same_verdict(pair):
        if real.rc:
            return f"accepted; real: {_first_only(real, sim)}"
        return f"refused: {_first_only(sim, real)}"
    for part, one, other in _texts(pair):
        if _lines(one) != _lines(other):
            return part + _text_cause(one, other)
    return f"exit code {real.rc}, simulated {sim.rc}"


def _text_cause(one: str, other: str) -> str:
    try:
        left, right = json.loads(one), json.loads(other)
    except ValueError:
        return _line_cause(one, other)
    paths = sorted(set(_json_differences(left, right, "")))
    kind = left.get("kind", "") if isinstance(left, dict) else ""
    return f"{kind} {paths[0]}" if paths else _line_cause(one, other)


def _json_differences(one: Any, other: Any, path: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            below = f"{path}.{key}"
            if key in {"uid", "creationTimestamp", "resourceVersion", "managedFields"}:
                continue
            if key not in other:
                yield f"{below}: lacking"
            elif key not in one:
                yield f"{below}: too much"
            else:
                yield from _json_differences(one[key], other[key], below)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for left, right in zip(one, other, strict=True):
            yield from _json_differences(left, right, f"{path}[]")
    elif normalize([str(one)]) != normalize([str(other)]):
        yield f"{path}: another value"


def _line_cause(one: str, other: str) -> str:
    left, right = _lines(one), _lines(other)
    for a in left:
        if a not in right and not _is_heading(a):
            simulated = next((b for b in right if b not in left and not _is_heading(b)), "")
            return f"{_bare(_causes_left(a, other))} | simulated: {_bare(_causes_left(simulated, one))}"
    more = next((b for b in right if b not in left), None)
    return "the order of lines" if more is None else f"simulated has more: {_bare(_causes_left(more, one))}"


def _is_heading(line: str) -> bool:
    """Whether a line only announces the errors in the lines below it."""
    return not line or line.endswith("is invalid:")


def _first_only(one: Answer, other: Answer) -> str:
    lines = (one.stderr.strip() or one.stdout.strip()).split("\n")
    left = [line for line in lines if not _is_heading(line.strip()) and line not in other.stderr]
    return _bare(_causes_left((left or lines)[0], other.stderr))


def _causes_left(text: str, other: str) -> str:
    """Return the first of the field errors in `text` that `other` lacks, or `text`."""
    found = re.split(
        r"(?:(?<=is invalid: )\[?|, )(?=[a-z]+[\w.\[\]]*: (?:Invalid|Required|Forbidden|Unsupp|Dupl|Too|Not))",
        text,
    )
    for each in found[1:]:
        if each.rstrip("]") not in other:
            return each
    return text


def _bare(text: str) -> str:
    """Return a message without its values."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"|`[^`]*`', '"..."', text)
    text = re.sub(r"(Invalid value: )[^\"].*?(?=: )", r"\1...", text)
    text = re.sub(r"\[[^\]]*\]", "[]", text)
    text = re.sub(r"\b\d+\b", "N", text)
    return text[:160]


def shown_difference(pair: Pair, most: int = 12) -> list[str]:
    """Return the lines that differ, `-` real and `+` simulated."""
    import difflib  # noqa: PLC0415 -- only for people who read

    lines = [] if same_code(pair) else [f"exit code {pair.real.rc}, simulated {pair.sim.rc}"]
    for mark, one, other in _texts(pair):
        left, right = _lines(one), _lines(other)
        lines += [
            line[0] + mark + line[1:300]
            for line in difflib.unified_diff(left, right, n=0, lineterm="")
            if not line.startswith(("---", "+++", "@@"))
        ]
    if pair.sim.mistake:
        lines.append(f"Python error: {pair.sim.mistake}")
    return lines[:most]
