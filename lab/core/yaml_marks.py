"""Strict YAML, with the line and column of every value.

Keys are always texts. A duplicate key is an error, and so is a value that YAML 1.1 and 1.2 read differently (`no`,
`1:30`, `0777`, a date), unless the file is for Kubernetes, which reads it its own way. Anchors, aliases and merge
keys are allowed as long as their expansion is small.
"""

import json
import math
import re
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import JsonValue
from yaml.composer import Composer, ComposerError
from yaml.resolver import Resolver

from lab.core.problems import Problem, quoted

CParser: Any
if yaml.__with_libyaml__:
    from yaml.cyaml import CParser  # type: ignore[attr-defined]
else:
    CParser = None

__all__ = ["Document", "Keys", "Mark", "parse"]

#: The path of a value: keys of mappings and indexes of lists, from the top.
Keys = tuple[str | int, ...]

DEEPEST = 32
MOST_VALUES = 10_000
MOST_PROBLEMS = 100
MOST_DIGITS = 18

_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*|0x[0-9a-fA-F]+)")
_DECIMAL = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?")
_READINGS = {"bool": "a boolean", "int": "a number", "float": "a number", "timestamp": "a date"}
_YAML_1_1 = yaml.constructor.SafeConstructor()
#: Values that libyaml accepts and Python's reader does not.
_LAX = re.compile("[\t\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Mark(NamedTuple):
    """A place in a text; line and column are counted from 1."""

    line: int
    column: int


class Document:
    """The content of a file, the place of each part, and the errors found so far."""

    def __init__(self, file: Path, text: str = "") -> None:
        self.file = file
        self.value: JsonValue = None
        self._problems: dict[Problem, None] = {}
        #: Whether the whole file could be read as YAML.
        self.readable = True
        #: Unquoted values that are not texts, as written.
        self.plain: dict[Keys, str] = {}
        #: Values that are unknown until the error there is mended.
        self.doubtful: set[Keys] = set()
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self._values: dict[Keys, Mark] = {(): Mark(1, 1)}
        self._keys: dict[Keys, Mark] = {}

    def __contains__(self, keys: Keys) -> bool:
        return keys in self._values

    @property
    def problems(self) -> list[Problem]:
        """The errors found so far; the last one says if there were too many to continue."""
        return list(self._problems)

    @property
    def full(self) -> bool:
        """Whether there are so many errors that no more are added."""
        return len(self._problems) >= MOST_PROBLEMS

    def get(self, *keys: str | int) -> JsonValue:
        """Return the value at `keys`, or None if there is none."""
        value = self.value
        for key in keys:
            if isinstance(value, dict) and isinstance(key, str):
                value = value.get(key)
            elif isinstance(value, list) and isinstance(key, int) and key < len(value):
                value = value[key]
            else:
                return None
        return value

    def mark(self, keys: Keys = (), *, key: bool = False) -> Mark:
        """Return the place of the value at `keys` (or of its key), or of the nearest value around it."""
        if key and keys in self._keys:
            return self._keys[keys]
        while keys not in self._values:
            keys = keys[:-1]
        return self._values[keys]

    def mark_at(self, index: int) -> Mark:
        """Return the place of the character at `index` of the text."""
        line = bisect_right(self._lines, index)
        return Mark(line, index - self._lines[line - 1] + 1)

    def place(self, keys: Keys, node: yaml.Node, key: yaml.Node | None) -> None:
        """Record the place of the value at `keys`, and of its key."""
        self._values[keys] = self.mark_at(node.start_mark.index)
        if key is not None:
            self._keys[keys] = self.mark_at(key.start_mark.index)

    def report(self, keys: Keys, message: str, hint: str = "", *, key: bool = False) -> None:
        """Report an error of the value at `keys`, or of its key."""
        self.report_at(self.mark(keys, key=key), message, hint)

    def report_at(self, mark: Mark, message: str, hint: str = "") -> None:
        """Report an error at a place once, even if several aliases lead there."""
        if len(self._problems) == MOST_PROBLEMS - 1:
            message, hint = "this and more errors; repair those above first", ""
        if not self.full:
            self._problems[Problem(self.file, mark.line, mark.column, message, hint)] = None


def parse(file: Path, text: str, *, kubernetes: bool = False) -> Document:
    """Read `text` of `file`: one document, or (for Kubernetes) any number of them as a list."""
    return _parsed_fast(file, text, kubernetes=kubernetes) or _parsed(file, text, kubernetes=kubernetes)


def _parsed_fast(file: Path, text: str, *, kubernetes: bool) -> Document | None:
    """Read `text` by libyaml, in a tenth of the time; return None without libyaml or after an error."""
    if CParser is None or _LAX.search(text):
        return None
    document = Document(file, text)
    try:
        _construct(document, _FastComposer(text), kubernetes=kubernetes)
    except (yaml.YAMLError, ValueError, OverflowError, _TooMuchError):
        # Errors are worded by the other reader.
        return None
    return document


def _parsed(file: Path, text: str, *, kubernetes: bool) -> Document:
    document = Document(file, text)
    try:
        loader = _Composer(text)
    except yaml.reader.ReaderError as error:
        document.readable = False
        code = error.character if isinstance(error.character, int) else ord(error.character)
        document.report_at(document.mark_at(error.position), f"the character U+{code:04X} is not allowed in YAML")
        return document
    try:
        _construct(document, loader, kubernetes=kubernetes)
    except yaml.MarkedYAMLError as error:
        document.readable = False
        _report_syntax(document, error)
    except (ValueError, OverflowError):
        document.readable = False
        document.report_at(document.mark_at(loader.get_mark().index), "an escape or a number that is out of range")
    except _TooMuchError:
        document.readable = False
        document.report((), f"more than {MOST_VALUES} values, aliases counted as often as they are used")
    finally:
        loader.dispose()
    return document


class _TooMuchError(Exception):
    """The file is too large once its aliases are expanded."""


class _Bounded(Composer):
    """Stops at a nesting that is too deep for the interpreter's stack, and at a file that is too large."""

    depth = 0
    composed = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.composed += 1
        if self.composed > 2 * MOST_VALUES:  # a value and its key
            raise _TooMuchError
        if self.depth == DEEPEST:
            event = self.peek_event()  # type: ignore[attr-defined]
            raise ComposerError(problem=f"nested in more than {DEEPEST} levels", problem_mark=event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Composer(_Bounded, yaml.SafeLoader):
    """Nodes from Python's reader."""


if CParser is not None:

    class _FastComposer(_Bounded, CParser, Resolver):  # type: ignore[misc]
        """Nodes from libyaml's reader; its own composer has no limits."""

        def __init__(self, text: str) -> None:
            CParser.__init__(self, text)
            Composer.__init__(self)
            Resolver.__init__(self)


def _construct(document: Document, loader: _Bounded, *, kubernetes: bool) -> None:
    values = _Values(document, kubernetes=kubernetes)
    if kubernetes:
        documents: list[JsonValue] = []
        document.value = documents
        for node in _nodes(loader):
            documents.append(values.construct(node, (len(documents),)))
        return
    nodes = _nodes(loader)
    first = next(nodes, None)
    if first is None:
        document.readable = False
        document.report((), "the file is empty")
        return
    document.value = values.construct(first, ())
    if second := next(nodes, None):
        document.readable = False
        document.report_at(document.mark_at(second.start_mark.index), "a second document; a file has only one")


def _nodes(loader: _Bounded) -> Iterator[yaml.Node]:
    while loader.check_node():
        if node := loader.get_node():
            yield node


def _report_syntax(document: Document, error: yaml.MarkedYAMLError) -> None:
    problem, context = str(error.problem), error.context or ""
    message = f"not YAML: {problem}"
    if "'\\t'" in problem:
        message = "a tab; YAML is indented with spaces"
    elif "duplicate anchor" in context:
        message = "an anchor of this name already exists above"
    elif problem == "mapping values are not allowed here":
        message += " (a text with ': ' in it needs quotes)"
    elif context and error.context_mark:
        message += f" ({context} that begins in line {document.mark_at(error.context_mark.index).line})"
    mark = error.problem_mark or error.context_mark
    document.report_at(document.mark_at(mark.index) if mark else Mark(1, 1), message)


@dataclass
class _Values:
    """Makes values from YAML's nodes and records their places."""

    document: Document
    kubernetes: bool
    made: int = 0

    def construct(
        self, node: yaml.Node, keys: Keys, key: yaml.Node | None = None, around: frozenset[int] = frozenset()
    ) -> JsonValue:
        self._count()
        self.document.place(keys, node, key)
        inside = around | {id(node)}
        if id(node) in around:
            self._doubt(keys, "an alias for something that contains it")
        elif isinstance(node, yaml.ScalarNode):
            return self._scalar(node, keys)
        elif isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            entries = self._entries(node, around)
            return {name: self.construct(item, (*keys, name), at, inside) for name, (at, item) in entries.items()}
        elif isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self.construct(item, (*keys, i), None, inside) for i, item in enumerate(node.value)]
        else:
            self._doubt(keys, f"the tag {quoted(node.tag.replace(_TAG, '!!'))} is not known here")
        return None

    def _entries(self, node: yaml.MappingNode, around: frozenset[int]) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """Return a mapping's entries, then the merged entries that it lacks."""
        self._count()
        entries: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        merged: list[yaml.Node] = []
        for key, value in node.value:
            if key.tag == f"{_TAG}merge":
                merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
            elif not isinstance(key, yaml.ScalarNode) or _SURROGATE.search(key.value):
                self._report(key, "a key must be a text")
            elif key.value in entries:
                first = self.document.mark_at(entries[key.value][0].start_mark.index).line
                self._report(key, f"the key {quoted(key.value)} is already in line {first}")
            else:
                entries[key.value] = (key, value)
        inside = around | {id(node)}
        for source in merged:
            if isinstance(source, yaml.MappingNode) and id(source) not in inside:
                entries = self._entries(source, inside) | entries
            else:
                self._report(source, "<< takes a mapping, or a list of mappings")
        return entries

    def _scalar(self, node: yaml.ScalarNode, keys: Keys) -> JsonValue:
        value, doubt = _scalar(node, kubernetes=self.kubernetes)
        if not isinstance(value, str):
            self.document.plain[keys] = node.value
        if doubt:
            self._doubt(keys, doubt)
        return value

    def _doubt(self, keys: Keys, message: str) -> None:
        self.document.doubtful.add(keys)
        self.document.report(keys, message)

    def _report(self, node: yaml.Node, message: str) -> None:
        self.document.report_at(self.document.mark_at(node.start_mark.index), message)

    def _count(self) -> None:
        self.made += 1
        if self.made > MOST_VALUES:
            raise _TooMuchError


def _scalar(node: yaml.ScalarNode, *, kubernetes: bool) -> tuple[JsonValue, str]:
    """Return the value of a scalar, and the reason if it is doubtful."""
    text: str = node.value
    kind = node.tag.removeprefix(_TAG)
    value: JsonValue = text
    doubt = ""
    if kind in {"str", "value", "merge"}:
        doubt = "half of a surrogate pair is not a character" if _SURROGATE.search(text) else ""
    elif kind == "null":
        value = None
    elif kind == "bool" and text.lower() in {"true", "false"}:
        value = text.lower() == "true"
    elif kind in {"int", "float"} and (number := _number(text, kind)) is not None:
        value = number
    elif kind not in _READINGS:
        doubt = f"the tag {quoted(node.tag.replace(_TAG, '!!'))} is not known here"
    elif kubernetes:
        value = {"bool": True, "int": 0, "float": 0}.get(kind, text)
    else:
        doubt = _ambiguous(node, kind)
    return (None if _SURROGATE.search(text) else value), doubt


def _ambiguous(node: yaml.ScalarNode, kind: str) -> str:
    """Return the error of a value that YAML 1.1 and 1.2 read differently."""
    readers = {
        "bool": _YAML_1_1.construct_yaml_bool,
        "int": _YAML_1_1.construct_yaml_int,
        "float": _YAML_1_1.construct_yaml_float,
    }
    reading = _READINGS[kind]
    # A field takes a text or a number, and this reader does not know which.
    unquoted = ""
    if kind in readers and len(node.value) <= MOST_DIGITS:
        # A tag may claim of any text that it is a number.
        with suppress(LookupError, ValueError):
            value = json.dumps(readers[kind](node), allow_nan=False)
            reading, unquoted = f"{reading}, {value},", f", for the text, or {value} for the {reading.split()[1]}"
    text = quoted(node.value)
    return f"{text[1:-1]} is {reading} to some readers of YAML: write {text}, with the quotes{unquoted}"


def _number(text: str, kind: str) -> float | None:
    """Return a number that every reader reads alike, or None."""
    if len(text) > MOST_DIGITS:
        return None
    if kind == "int":
        return int(text, 0) if _INTEGER.fullmatch(text) else None
    number = float(text) if _DECIMAL.fullmatch(text) else math.inf
    return number if math.isfinite(number) else None
