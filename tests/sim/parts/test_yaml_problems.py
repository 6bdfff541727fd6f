"""Errors in YAML, in the words of Go's library: kubectl 1.34 printed them for the same texts."""

import pytest
import yaml

from lab.cluster.sim.api.documents import load_first, problem, repeated_keys

BASE = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: [b]\n  c: "d"\n  e: f\n'


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("metadata:", "metadata;", "line 4: could not find expected ':'"),
        ("  a", "\ta", "line 6: found character that cannot start any token"),
        ("  c", "   c", "line 6: did not find expected key"),
        ("[b]", "[b", "line 6: did not find expected ',' or ']'"),
        ('"d"', '"d', "line 9: found unexpected end of stream"),
        (": f", ": f: g", "line 8: mapping values are not allowed in this context"),
        ("[b]", "[b,,c]", "line 5: did not find expected node content"),
        ("[b]", "*b", "unknown anchor 'b' referenced"),
        ("[b]", "\x01", "control characters are not allowed"),
    ],
)
def test_a_broken_document(before: str, after: str, told: str) -> None:
    text = BASE.replace(before, after)
    with pytest.raises(yaml.YAMLError) as found:
        load_first(text)
    assert problem(found.value, text) == f"yaml: {told}"


def test_only_the_first_document_is_read() -> None:
    assert load_first("a: 1\n---\n[") == {"a": 1}
    assert load_first("") is None


def test_a_key_that_a_map_has_twice() -> None:
    assert repeated_keys("a:\n- b: 1\n  b: 2\n") == ['line 3: key "b" already set in map']
