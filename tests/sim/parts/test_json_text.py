"""Indented JSON equals the standard library's."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from lab.cluster.sim.text.json_text import indented

VALUES: some.SearchStrategy[Any] = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
)


@given(data=VALUES, indent=some.integers(1, 5), sort_keys=some.booleans())
def test_it_is_what_the_standard_library_writes(data: object, indent: int, *, sort_keys: bool) -> None:
    expected = json.dumps(data, indent=indent, sort_keys=sort_keys, ensure_ascii=False)

    assert indented(data, indent=indent, sort_keys=sort_keys) == expected


def test_keys_may_be_numbers() -> None:
    assert indented({1: {"a": []}}) == json.dumps({1: {"a": []}}, indent=2)
