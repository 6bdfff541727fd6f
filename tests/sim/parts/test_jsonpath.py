"""JSONPath templates as kubectl takes them."""

import pytest

from lab.cluster.sim.bash.running.call import Exit
from lab.cluster.sim.commands.golang.jsonpath import evaluate, relaxed, render

PODS = {
    "kind": "List",
    "items": [
        {
            "metadata": {"name": "web", "labels": {"app": "web", "app.kubernetes.io/name": "shop"}},
            "status": {"restarts": 3, "ready": True, "ips": ["10.0.0.1", "10.0.0.2", "10.0.0.3"]},
        },
        {
            "metadata": {"name": "db", "labels": {"app": "db"}},
            "status": {"restarts": 0, "ready": False, "ips": []},
        },
    ],
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{.kind}", "List"),
        ("{$.kind}", "List"),
        ("{kind}", "List"),
        ("{.items[*].metadata.name}", "web db"),
        ("{.items[0].metadata.name}", "web"),
        ("{.items[-1].metadata.name}", "db"),
        ("{.items[0].status.ips[0:2]}", "10.0.0.1 10.0.0.2"),
        ("{.items[0].status.ips[0,2]}", "10.0.0.1 10.0.0.3"),
        (r"{.items[0].metadata.labels.app\.kubernetes\.io/name}", "shop"),
        ("{.items[0].metadata['name']}", "web"),
        ("{.items[0]['metadata.name','status.restarts']}", "web 3"),
        ("{..name}", "web db"),
        ("{.items[?(@.metadata.name=='db')].status.restarts}", "0"),
        ("{.items[?(@.status.restarts>1)].metadata.name}", "web"),
        ("{.items[?(@.status.ready!=true)].metadata.name}", "db"),
        ("{.items[?(@.status.none=='x')].metadata.name}", ""),
        ("{.items[0].status.ready}", "true"),
        ("{.items[1].metadata.labels}", '{"app":"db"}'),
        ("{.none.below}", ""),
        ("{.kind}: {.items[1].metadata.name}", "List: db"),
        ('{range .items[*]}{.metadata.name}{"\\t"}{.status.restarts}{"\\n"}{end}', "web\t3\ndb\t0\n"),
        ("{range .items[*]}<{range .status.ips[*]}{@},{end}>{end}", "<10.0.0.1,10.0.0.2,10.0.0.3,><>"),
    ],
)
def test_a_template(template: str, text: str) -> None:
    assert render(template, PODS) == text


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{.items", "unclosed action"),
        ("{.items[0", "unterminated array"),
        ("{.items[?(@.a==1]}", "unterminated filter"),
        ("{.items[abc]}", "invalid array index abc"),
        ("{.items[5].metadata.name}", "array index out of bounds: index 5, length 2"),
    ],
)
def test_a_template_that_does_not_parse_ends_the_command(template: str, told: str) -> None:
    with pytest.raises(Exit) as end:
        render(template, PODS)
    assert (end.value.code, told in end.value.message) == (1, True), end.value.message


def test_an_index_out_of_bounds_is_nothing_where_nobody_sees_the_template() -> None:
    assert evaluate(".items[5]", PODS) == []


@pytest.mark.parametrize("path", ["metadata.name", ".metadata.name", "{metadata.name}", "{.metadata.name}"])
def test_a_path_of_columns_may_be_bare(path: str) -> None:
    assert relaxed(path) == ".metadata.name"


@pytest.mark.parametrize("path", ["", "{.a", "{.a}{.b}"])
def test_a_path_of_columns_is_just_one(path: str) -> None:
    with pytest.raises(Exit):
        relaxed(path)
