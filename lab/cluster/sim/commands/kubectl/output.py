"""How kubectl prints objects."""

import copy
from collections.abc import Sequence
from typing import Any

from lab.cluster.sim.api.kinds import Kind
from lab.cluster.sim.api.objects import Object, labels, meta, name_of, namespace_of
from lab.cluster.sim.bash.running.call import Exit
from lab.cluster.sim.commands.golang import gotemplate
from lab.cluster.sim.commands.golang.goyaml import as_yaml
from lab.cluster.sim.commands.golang.jsonpath import evaluate, render
from lab.cluster.sim.text.gotext import as_go
from lab.cluster.sim.text.json_text import Texts, indented

__all__ = [
    "as_json",
    "as_shown",
    "as_table",
    "as_yaml",
    "columns",
    "list_as_json",
    "printed",
    "sort_items",
    "structured",
    "table_of",
]

#: How many objects are kept as they are printed.
_MOST = 400
#: Id of a stored object -> the object, which keeps its id, and the object as it is printed.
_shown: dict[int, tuple[Object, Object]] = {}
_texts = Texts(indent=4, sort_keys=True)


def as_shown(item: Object, kind: Kind) -> Object:
    """Return a stored object as it is printed: with its kind, without managed fields. It must not be changed."""
    known = _shown.get(id(item))
    if known is None:
        if len(_shown) >= _MOST:
            _shown.clear()
        shown = copy.copy(item)
        shown.setdefault("apiVersion", kind.api_version)
        shown.setdefault("kind", kind.kind)
        shown["metadata"] = {key: value for key, value in meta(item).items() if key != "managedFields"}
        known = _shown[id(item)] = item, shown
    return known[1]


def list_as_json(items: Sequence[Object]) -> str:
    """Return a list of objects from `as_shown` as JSON. The text of an object is made once."""
    around = as_json({"apiVersion": "v1", "items": [], "kind": "List", "metadata": {"resourceVersion": ""}})
    if not items:
        return around
    before, after = around.split("[]")
    try:
        texts = [_texts.text(item, 2) for item in items]
    except TypeError:
        # A key that is no string.
        return as_json({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}})
    line = f"\n{' ' * 8}"
    return f"{before}[{line}{f',{line}'.join(texts)}\n{' ' * 4}]{after}"


def as_json(data: Any) -> str:  # noqa: ANN401 -- JSON
    """Return `data` as JSON."""
    return indented(data, indent=4, sort_keys=True) + "\n"


def printed(kind: Kind, name: str) -> str:
    """Return an object's name with its kind as a prefix."""
    return f"{kind.printed}/{name}"


def columns(rows: Sequence[Sequence[str]], gap: int = 3) -> str:
    """Return rows with aligned cells."""
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [cell.ljust(width + gap) for cell, width in zip(row[:-1], widths, strict=False)]
        lines.append("".join([*cells, row[-1]]))
    return "\n".join(lines) + "\n"


def as_table(
    table: Object,
    *,
    wide: bool,
    with_namespace: bool,
    prefix: str,
    headers: bool,
    show_labels: bool,
    label_columns: list[str],
) -> str:
    """Return a server-side Table as text."""
    shown = [i for i, column in enumerate(table["columnDefinitions"]) if wide or not column["priority"]]
    head = [table["columnDefinitions"][i]["name"].upper() for i in shown]
    head = [
        *(["NAMESPACE"] if with_namespace else []),
        *head,
        *(one.rsplit("/", 1)[-1].upper() for one in label_columns),
    ]
    head += ["LABELS"] if show_labels else []
    rows = [head] if headers else []
    for row in table["rows"]:
        item = row["object"]
        cells = [str(row["cells"][i]) for i in shown]
        cells[0] = prefix + cells[0] if prefix else cells[0]
        found = labels(item)
        cells = [
            *([namespace_of(item)] if with_namespace else []),
            *cells,
            *(found.get(one, "") for one in label_columns),
        ]
        if show_labels:
            cells.append(",".join(f"{key}={value}" for key, value in sorted(found.items())) or "<none>")
        rows.append(cells)
    return columns(rows) if rows else ""


def structured(  # noqa: PLR0911 -- a format each
    form: str,
    data: Any,  # noqa: ANN401 -- JSON
    items: list[Object],
    kinds: list[Kind],
    template: str = "",
    *,
    headers: bool = True,
) -> str:
    """Return objects in a format that is not a table; `template` is that of --template."""
    name, _, argument = form.partition("=")
    name = name.lower() if name.lower() in {"json", "yaml", "name"} else name
    argument = argument or template
    if name == "json":
        return as_json(data)
    if name == "yaml":
        return as_yaml(data)
    if name == "name":
        return "".join(f"{printed(kind, name_of(item))}\n" for kind, item in zip(kinds, items, strict=True))
    if name in {"jsonpath", "jsonpath-as-json", "go-template", "template"} and not argument:
        raise Exit(1, "error: template format specified but no template given")
    if name == "jsonpath":
        return render(argument, data)
    if name == "jsonpath-as-json":
        return as_json(evaluate(argument.strip("{}"), data))
    if name == "custom-columns":
        return _custom(argument, items, headers=headers)
    if name in {"go-template", "template"}:
        return gotemplate.render(argument, data)
    raise Exit(
        1,
        f'error: unable to match a printer suitable for the output format "{form}", allowed formats are: '
        "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,"
        "jsonpath-file,name,template,templatefile,wide,yaml",
    )


def _custom(argument: str, items: list[Object], *, headers: bool) -> str:
    if not argument:
        raise Exit(1, "error: custom-columns format specified but no custom columns given")
    specs = [part.split(":", 1) for part in argument.split(",")]
    if any(len(spec) != 2 for spec in specs):
        raise Exit(1, f"error: unexpected custom-columns spec: {argument}, expected <header>:<json-path-expr>")
    return table_of([header for header, _ in specs], [path for _, path in specs], items, headers=headers)


def table_of(names: Sequence[str], paths: Sequence[str], items: list[Object], *, headers: bool) -> str:
    """Return a table of the values at `paths` in each object."""
    rows = [list(names)] if headers else []
    for item in items:
        found = [evaluate(path.strip("{}"), item) if path.strip("{}") else [] for path in paths]
        rows.append([",".join(as_go(value) for value in values) or "<none>" for values in found])
    return columns(rows) if rows else ""


def sort_items(items: list[Object], path: str) -> list[Object]:
    """Return items sorted by the value at `path`."""

    def key(item: Object) -> tuple[bool, Any]:
        values = evaluate(path.strip("{}"), item)
        return (bool(values), values[0] if values else "")

    try:
        return sorted(items, key=key)
    except TypeError:
        return sorted(items, key=lambda item: (key(item)[0], str(key(item)[1])))
