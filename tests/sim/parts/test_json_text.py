"""Indented JSON equals the standard library's."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from lab.cluster.sim.text.json_text import Texts, indented

VALUES: some.SearchStrategy[Any] = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
)


@given(data=VALUES, indent=some.integers(1, 5), sort_keys=some.booleans())
def test_it_is_what_the_standard_library_writes(data: object, indent: int, *, sort_keys: bool) -> None:
    expected = json.dumps(data, indent=indent, sort_keys=sort_keys, ensure_ascii=False)

    assert indented(data, indent=indent, sort_keys=sort_keys) == expected


@given(data=some.dictionaries(some.text(), VALUES), depth=some.integers(0, 3))
def test_a_kept_text_is_that_of_the_part_in_a_document(data: dict[str, Any], depth: int) -> None:
    texts = Texts(indent=4, sort_keys=True)
    document: Any = data
    for _ in range(depth):
        document = [document]
    expected = json.dumps(document, indent=4, sort_keys=True, ensure_ascii=False)

    first, second = texts.text(data, depth), texts.text(data, depth)

    assert first is second
    lead = "".join("[\n" + " " * 4 * (level + 1) for level in range(depth))
    end = "".join("\n" + " " * 4 * level + "]" for level in reversed(range(depth)))
    assert f"{lead}{first}{end}" == expected


def test_keys_may_be_numbers() -> None:
    assert indented({1: {"a": []}}) == json.dumps({1: {"a": []}}, indent=2)
