"""Brace expansion: `{a,b}`, `{1..10}`, `{a..e..2}`."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from lab.cluster.sim.bash.expansion.errors import ExpansionError
from lab.cluster.sim.bash.language.parts import PartList
from lab.cluster.sim.bash.language.tree import Parameter, Part, Text

__all__ = ["expand_braces"]

_SEQUENCE = re.compile(r"([+-]?\d+|[A-Za-z])\.\.([+-]?\d+|[A-Za-z])(?:\.\.([+-]?\d+))?")

#: How many words there is memory for.
_MOST = 200_000
# An unquoted character, or a part that is not searched for braces.
_Atom = str | Part


def expand_braces(parts: tuple[Part, ...]) -> list[tuple[Part, ...]]:
    """Return the words that one word becomes; the word itself if it has no braces to expand."""
    if not any(isinstance(part, Text) and "{" in part.text for part in parts):
        return [parts]
    atoms: list[_Atom] = []
    for part in parts:
        if isinstance(part, Text):
            atoms.extend(part.text)
        else:
            atoms.append(part)
    words = []
    for found in _expand(atoms):
        words.append(_joined(found))
        _check(len(words))
    return words


def _check(count: int) -> None:
    if count > _MOST:
        raise ExpansionError(f"brace expansion: failed to allocate memory for {count} elements")


def _joined(atoms: list[_Atom]) -> tuple[Part, ...]:
    """Return atoms as parts. Bash expands braces in the text: `$x{a,b}` becomes `$xa $xb`."""
    found = PartList()
    place = 0
    while place < len(atoms):
        atom = atoms[place]
        place += 1
        if isinstance(atom, str):
            found.text(atom)
            continue
        if isinstance(atom, Parameter) and atom.source[1:] == atom.name and atom.name.isidentifier():
            name = atom.name
            while place < len(atoms) and _continues_name(atoms[place]):
                name += str(atoms[place])
                place += 1
            atom = replace(atom, name=name, source="$" + name)
        found.add(atom)
    return found.done()


def _continues_name(atom: _Atom) -> bool:
    return isinstance(atom, str) and atom.isascii() and (atom.isalnum() or atom == "_")


def _expand(atoms: list[_Atom]) -> Iterator[list[_Atom]]:
    """Expand the first brace that can be expanded; then, for each of its choices, the text that follows."""
    place = 0
    while place < len(atoms):
        if atoms[place] == "{" and not (place and atoms[place - 1] == "$"):
            end, commas = _closing(atoms, place)
            if end is not None:
                choices = _choices(atoms, place, end, commas)
                if choices is not None:
                    before = atoms[:place]
                    rests = []
                    for rest in _expand(atoms[end + 1 :]):
                        rests.append(rest)
                        _check(len(rests))
                    for choice in choices:
                        for rest in rests:
                            yield before + choice + rest
                    return
        place += 1
    yield atoms


def _closing(atoms: list[_Atom], start: int) -> tuple[int | None, list[int]]:
    """Return the place of the brace that closes the one at `start`, and the places of its commas."""
    depth = 0
    commas: list[int] = []
    for place in range(start, len(atoms)):
        match atoms[place]:
            case "{":
                depth += 1
            case "}":
                depth -= 1
                if not depth:
                    return place, commas
            case "," if depth == 1:
                commas.append(place)
            case _:
                pass
    return None, commas


def _choices(atoms: list[_Atom], start: int, end: int, commas: list[int]) -> list[list[_Atom]] | None:
    if commas:
        found: list[list[_Atom]] = []
        borders = [start, *commas, end]
        for left, right in pairwise(borders):
            found.extend(_expand(atoms[left + 1 : right]))
        return found
    inside = atoms[start + 1 : end]
    if not all(isinstance(atom, str) for atom in inside):
        return None
    sequence = _sequence("".join(atom for atom in inside if isinstance(atom, str)))
    return None if sequence is None else [list(item) for item in sequence]


def _sequence(text: str) -> list[str] | None:
    """Return the members of `{first..last..step}`."""
    found = _SEQUENCE.fullmatch(text)
    if found is None:
        return None
    first, last, step = found[1], found[2], abs(int(found[3] or 1)) or 1
    if first.isalpha() != last.isalpha():
        return None
    if first.isalpha():
        return [chr(code) for code in _range(ord(first), ord(last), step)]
    _check(abs(int(last) - int(first)) // step)
    width = 0
    if any(re.fullmatch(r"[+-]?0\d+", number) for number in (first, last)):
        width = max(len(first), len(last))
    return [_padded(number, width) for number in _range(int(first), int(last), step)]


def _range(first: int, last: int, step: int) -> range:
    return range(first, last + 1, step) if first <= last else range(first, last - 1, -step)


def _padded(number: int, width: int) -> str:
    return f"{number:0{width}d}" if width else str(number)
