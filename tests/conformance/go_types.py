"""Read from the Go source how the API's types are written: `python -m tests.conformance.go_types`.

Writes lab/cluster/sim/data/go-types.json, from k8s.io/api and k8s.io/apimachinery in Go's module cache. OpenAPI
does not publish which fields are pointers, what is written of an empty field, and what Go calls the type of a
field.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from lab.cluster.sim.api.schema import all_types

TARGET = Path(__file__).parents[2] / "lab" / "cluster" / "sim" / "data" / "go-types.json"
_VERSION = "v0.34.4"
_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r'((?:^\t//.*\n)*)^\t(?:(\w+)\s+)?([\w.*\[\]]+)\s+`.*?json:"([^"]*)"(.*)`', re.MULTILINE)
_MERGED = re.compile(r'patchStrategy:"([^"]*)"(?: patchMergeKey:"([^"]*)")?')
_ALIAS = re.compile(r"^type (\w+) (string|int32|int64|bool|\[\]\w+|map\[\w+\][\w.]+)$", re.MULTILINE)
_ZERO = {"string": "", "int32": 0, "int64": 0, "int": 0, "bool": False, "float64": 0}


def main() -> None:
    """Write the file."""
    roots = {
        "io.k8s.api": _module("k8s.io/api"),
        "io.k8s.apimachinery.pkg.apis": _module("k8s.io/apimachinery") / "pkg" / "apis",
    }
    shared = {
        name: of
        for folder in (roots["io.k8s.api"] / "core" / "v1", roots["io.k8s.apimachinery.pkg.apis"] / "meta" / "v1")
        for name, of in _Package(folder).aliases.items()
    } | {"UID": "string"}
    found: dict[str, dict[str, Any]] = {}
    for name in all_types():
        for lead, root in roots.items():
            if name.startswith(lead + "."):
                *folders, type_ = name.removeprefix(lead + ".").split(".")
                read = _Package(root.joinpath(*folders))
                read.aliases = shared | read.aliases
                if told := read.described(type_):
                    found[name] = told
    TARGET.write_text(
        json.dumps(found, indent=None, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8"
    )


def _module(name: str) -> Path:
    cache = subprocess.run(["go", "env", "GOMODCACHE"], check=True, capture_output=True, text=True).stdout.strip()
    return Path(cache, f"{name}@{_VERSION}")


class _Package:
    def __init__(self, folder: Path) -> None:
        text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*types*.go")))
        text = re.sub(r"^\s*//(?!\s*\+(?:list|map|struct|default)).*\n|^\s*\n", "", text, flags=re.MULTILINE)
        self.package = folder.name
        self.structs = {match[1]: match[2] for match in _STRUCT.finditer(text)}
        self.aliases = {match[1]: match[2] for match in _ALIAS.finditer(text)}

    def described(self, name: str) -> dict[str, Any]:
        told: dict[str, Any] = {"dropped": [], "kept": {}, "lists": {}, "long": [], "merged": {}, "named": {},
                                "order": [], "retained": []}  # fmt: skip
        for type_, field, options, marks, tags in self._fields(name):
            told["order"].append(field)
            self._field(told, type_, field, options)
            self._merging(told, field, marks, tags)
        return {key: value for key, value in told.items() if value}

    def _merging(self, told: dict[str, Any], field: str, marks: str, tags: str) -> None:
        if keys := re.findall(r"\+listMapKey=(\w+)", marks):
            told["lists"][field] = sorted(keys)
        elif "+listType=set" in marks:
            told["lists"][field] = []
        if merged := _MERGED.search(tags):
            if "merge" in merged[1].split(","):
                told["merged"][field] = merged[2] or ""
            if "retainKeys" in merged[1]:
                told["retained"].append(field)

    def _field(self, told: dict[str, Any], type_: str, field: str, options: list[str]) -> None:
        bare = type_.lstrip("*")
        package, _, plain = bare.rpartition(".")
        basic = bare if bare.startswith(("[", "map")) else self.aliases.get(plain, bare)
        if bare != basic:
            told["named"][field] = f"{package.removeprefix('core').removeprefix('meta') or self.package}.{plain}"
        if basic.endswith("int64"):
            told["long"].append(field)
        if type_.startswith("*"):
            return
        if "omitempty" in options and basic in _ZERO:
            told["dropped"].append(field)
        elif basic in _ZERO:
            told["kept"][field] = _ZERO[basic]
        elif basic.startswith(("[]", "map[")):
            if "omitempty" not in options:
                told["kept"][field] = None
        elif "omitzero" not in options:
            told["kept"][field] = self._empty(bare)

    @staticmethod
    def _empty(type_: str) -> Any:
        plain = type_.rpartition(".")[2]
        return {"Quantity": "0", "Time": None, "MicroTime": None, "RawExtension": None, "IntOrString": 0}.get(
            plain, {}
        )

    def _fields(self, name: str) -> list[tuple[str, str, list[str], str, str]]:
        found: list[tuple[str, str, list[str], str, str]] = []
        for match in _FIELD.finditer(self.structs.get(name, "")):
            field, *options = match[4].split(",")
            if field:
                found.append((match[3], field, options, match[1], match[5]))
            elif "inline" in options:
                found += self._fields(match[3])
        return found


if __name__ == "__main__":
    main()
