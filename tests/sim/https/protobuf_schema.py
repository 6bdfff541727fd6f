"""Writes `data/protobuf.json.gz`: the fields of Kubernetes' types by number, from the modules' generated.proto.

python -m tests.sim.https.protobuf_schema FOLDER   # with k8s.io/api@v0.34.4 and k8s.io/apimachinery@v0.34.4
"""

import functools
import gzip
import json
import re
import sys
from pathlib import Path

from lab.cluster.sim.api.schema import type_names, type_of
from lab.cluster.sim.https import protobuf

_MESSAGE = re.compile(r"^message (\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^  (optional|repeated|map<string, ([\w.]+)>) ?([\w.]*) (\w+) = (\d+)", re.MULTILINE)
#: Types of reviews and options that are sent, and not among those that `kubectl explain` describes.
_ALSO = (
    "io.k8s.api.policy.v1.Eviction", "io.k8s.api.authentication.v1.TokenRequest", "io.k8s.api.core.v1.Binding",
    "io.k8s.api.authentication.v1.SelfSubjectReview", "io.k8s.api.autoscaling.v1.Scale",
    "io.k8s.api.core.v1.Event", "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions",
    *(f"io.k8s.api.authorization.v1.{name}" for name in (
        "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview", "LocalSubjectAccessReview")),
)  # fmt: skip


def _messages(folder: Path) -> dict[str, dict[str, list[str]]]:
    """Return type -> field number -> its name, its type, and `one`, `many` or `map`."""
    found = {}
    for file in sorted(folder.glob("k8s.io/api*@v0.34.4/**/generated.proto")):
        text = re.sub(r"//.*", "", file.read_text(encoding="utf-8"))
        package = re.search(r"^package ([\w.]+);", text, re.MULTILINE)
        assert package is not None
        name = package.group(1)
        for message in _MESSAGE.finditer(text):
            fields = {}
            for how, value, kind, field, number in _FIELD.findall(message.group(2)):
                of = (value or kind).lstrip(".")
                kind_of = of if of in protobuf.SCALARS else _full(of, name)
                fields[number] = [field, kind_of, "map" if value else "many" if how == "repeated" else "one"]
            found[_full(message.group(1), name)] = fields
    for whole, numbered in found.items():
        _mark(folder, whole, numbered)
    return found


def _mark(folder: Path, message: str, fields: dict[str, list[str]]) -> None:
    """Mark pointers, whose zero means something, and parts whose fields are the message's own in JSON."""
    known = type_of({"ref": message}).get("fields")
    pointers = _pointers(folder).get(message.rpartition(".")[2], set())
    for facts in fields.values():
        if known and facts[2] == "one" and facts[0] not in known and facts[1] not in protobuf.SCALARS:
            facts[2] = "inline"
        elif facts[2] == "one" and facts[0] in pointers:
            facts[2] = "pointer"


@functools.cache
def _pointers(folder: Path) -> dict[str, set[str]]:
    """Return struct -> its fields that are pointers to plain values, of the same names in all groups."""
    found: dict[str, set[str]] = {}
    for file in sorted(folder.glob("k8s.io/api*@v0.34.4/**/types.go")):
        if "/v1/" not in str(file) and "/v2/" not in str(file):
            continue
        for struct, body in re.findall(
            r"^type (\w+) struct \{\n(.*?)^\}", file.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
        ):
            names = re.findall(r"^\t\w+\s+\*[\w.]+\s+`json:\"(\w+)", body, re.MULTILINE)
            found.setdefault(struct, set()).update(names)
    return found


def _full(of: str, package: str) -> str:
    name = of if "." in of else f"{package}.{of}"
    return name.replace("k8s.io.", "io.k8s.", 1) if name.startswith("k8s.io.") else name


def _needed(messages: dict[str, dict[str, list[str]]]) -> dict[str, dict[str, list[str]]]:
    wanted = [*type_names().values(), *_ALSO]
    found: dict[str, dict[str, list[str]]] = {}
    while wanted:
        name = wanted.pop()
        if name not in found and name in messages:
            found[name] = messages[name]
            wanted += [kind for _, kind, _ in messages[name].values()]
    return dict(sorted(found.items()))


if __name__ == "__main__":
    schema = json.dumps(_needed(_messages(Path(sys.argv[1]))), separators=(",", ":"))
    Path("lab/cluster/sim/data/protobuf.json.gz").write_bytes(gzip.compress(schema.encode(), mtime=0))
