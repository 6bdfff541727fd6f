"""Merge patches (RFC 7386), strategic merge patches and JSON patches (RFC 6902)."""

from typing import Any

import pytest

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.json_patch import json_patch
from lab.cluster.sim.api.objects import clone
from lab.cluster.sim.api.patching import merge, patched
from lab.cluster.sim.api.strategic import strategic_merge

DEPLOYMENT = {
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": {"app": "web", "tier": "front"}},
    "spec": {
        "replicas": 2,
        "template": {
            "spec": {
                "containers": [
                    {
                        "name": "web",
                        "image": "a:1",
                        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                    },
                    {"name": "side", "image": "b:1", "args": ["x", "y"]},
                ]
            }
        },
    },
}


def containers(item: Any) -> Any:
    return item["spec"]["template"]["spec"]["containers"]


def of_containers(*patch: Any) -> Any:
    return {"spec": {"template": {"spec": {"containers": list(patch)}}}}


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3, "c": 2}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": 1}, {"a": {"b": None, "c": 1}}, {"a": {"c": 1}}),
    ],
)
def test_a_merge_patch(target: Any, patch: Any, result: Any) -> None:
    assert merge(target, patch) == result


def test_a_strategic_patch_merges_containers_by_name() -> None:
    found = containers(strategic_merge(DEPLOYMENT, of_containers({"name": "web", "image": "a:2"})))
    assert [(each["name"], each["image"]) for each in found] == [("web", "a:2"), ("side", "b:1")]
    assert found[0]["env"] == containers(DEPLOYMENT)[0]["env"]


def test_a_strategic_patch_adds_merges_and_deletes_entries() -> None:
    patch = of_containers(
        {"name": "web", "env": [{"name": "B", "value": "3"}, {"name": "C", "value": "4"}]},
        {"name": "side", "$patch": "delete"},
        {"name": "third", "image": "c:1"},
    )
    found = containers(strategic_merge(DEPLOYMENT, patch))
    assert [each["name"] for each in found] == ["web", "third"]
    assert [(each["name"], each["value"]) for each in found[0]["env"]] == [("A", "1"), ("B", "3"), ("C", "4")]


def test_a_strategic_patch_replaces_lists_that_have_no_key() -> None:
    found = containers(strategic_merge(DEPLOYMENT, of_containers({"name": "side", "args": ["z"]})))
    assert found[1]["args"] == ["z"]


def test_a_strategic_patch_may_replace_a_whole_map() -> None:
    found = strategic_merge(DEPLOYMENT, {"metadata": {"labels": {"$patch": "replace", "new": "yes"}}})
    assert found["metadata"] == {"name": "web", "labels": {"new": "yes"}}


@pytest.mark.parametrize(
    ("operations", "result"),
    [
        ([{"op": "add", "path": "/b", "value": 1}], {"a": [1, 2], "c/d": 0, "b": 1}),
        ([{"op": "add", "path": "/a/0", "value": 0}], {"a": [0, 1, 2], "c/d": 0}),
        ([{"op": "add", "path": "/a/-", "value": 3}], {"a": [1, 2, 3], "c/d": 0}),
        ([{"op": "remove", "path": "/a/1"}], {"a": [1], "c/d": 0}),
        ([{"op": "replace", "path": "/c~1d", "value": 5}], {"a": [1, 2], "c/d": 5}),
        ([{"op": "move", "from": "/a", "path": "/e"}], {"e": [1, 2], "c/d": 0}),
        ([{"op": "replace", "path": "/e", "value": 5}], {"a": [1, 2], "c/d": 0, "e": 5}),
        ([{"op": "copy", "from": "/none", "path": "/e"}], {"a": [1, 2], "c/d": 0, "e": None}),
        ([{"op": "test", "path": "/none", "value": None}], {"a": [1, 2], "c/d": 0}),
        ([{"op": "remove", "path": "/a/-1"}], {"a": [1], "c/d": 0}),
        ([{"op": "replace", "path": "", "value": {"b": 1}}], {"b": 1}),
        ([{"op": "copy", "from": "/a/0", "path": "/e"}], {"a": [1, 2], "c/d": 0, "e": 1}),
        ([{"op": "test", "path": "/a/0", "value": 1}, {"op": "remove", "path": "/c~1d"}], {"a": [1, 2]}),
    ],
)
def test_a_json_patch(operations: Any, result: Any) -> None:
    assert json_patch({"a": [1, 2], "c/d": 0}, operations) == result


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/none"},
        {"op": "replace", "path": "/l/0", "value": 1},
        {"op": "copy", "from": "/l/0", "path": "/b"},
        {"op": "add", "path": "", "value": {}},
        {"op": "replace", "path": "", "value": 1},
        {"op": "test", "path": "/a", "value": 2},
        {"op": "add", "path": "/l/9", "value": 2},
        {"op": "add", "path": "/l/x", "value": 2},
        {"op": "fly", "path": "/a"},
        {"op": "add", "path": "/none/below", "value": 1},
    ],
)
def test_a_json_patch_that_does_not_fit_is_refused(operation: Any) -> None:
    with pytest.raises(ApiError) as refused:
        json_patch({"a": 1, "l": []}, [operation])
    assert refused.value.code == 422


@pytest.mark.parametrize(
    ("content_type", "patch"),
    [
        ("application/merge-patch+json", {"spec": {"replicas": 3}}),
        ("application/strategic-merge-patch+json", of_containers({"name": "web", "image": "a:2"})),
        ("application/json-patch+json", [{"op": "remove", "path": "/metadata/labels/tier"}]),
    ],
)
def test_the_patched_object_stays_unchanged(content_type: str, patch: Any) -> None:
    before = clone(DEPLOYMENT)
    assert patched(DEPLOYMENT, patch, content_type) != before
    assert before == DEPLOYMENT


@pytest.mark.parametrize(
    ("content_type", "patch", "told"),
    [
        ("application/merge-patch+json", [1], "cannot unmarshal array into Go value of type map"),
        ("application/json-patch+json", {}, "cannot unmarshal object into Go value of type []"),
    ],
)
def test_a_patch_of_another_kind_is_refused(content_type: str, patch: Any, told: str) -> None:
    with pytest.raises(ApiError) as refused:
        patched(DEPLOYMENT, patch, content_type)
    assert refused.value.code == 400
    assert told in refused.value.message
