"""The kubelet's flags and its configuration file: what they are, and how they become its settings.

`data/kubelet_options.txt` has three sorts of lines, from the file's published types and from the kubelet's help:
`setting PATH TYPE DEFAULT FLAG`, `flag NAME TYPE [LETTER]` and `gate NAME DEFAULT`; `-` means none.
"""

import functools
import posixpath
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lab.cluster.sim.api.configuration_files import ConfigurationError, decoded_leniently, struct
from lab.cluster.sim.api.schema import Field
from lab.cluster.sim.kubelet import option_rules
from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.plane.flag_parsing import FlagError, pflags

__all__ = ["Settings", "defaults", "settings"]

#: Path of a setting -> its value: of a field of the configuration file, or `--NAME` for a flag that has none.
Settings = dict[str, Any]

_FILE = Path(__file__).parents[1] / "data" / "kubelet_options.txt"
_KIND = "KubeletConfiguration"
_VERSION = "kubelet.config.k8s.io/v1beta1"


@functools.cache
def _lines(sort: str) -> list[list[str]]:
    lines = (line.split() for line in _FILE.read_text(encoding="utf-8").splitlines())
    return [words[1:] for words in lines if words[0] == sort]


@functools.cache
def _types() -> Mapping[str, str]:
    return {words[0]: words[1] for words in _lines("setting")}


@functools.cache
def _root() -> Field:
    """Return the configuration file's type."""
    fields: dict[str, Any] = {}
    for path, kind, *_ in _lines("setting"):
        *above, name = path.replace("[]", "").split(".")
        place = fields
        for each in above:
            place = place[each].setdefault("fields", {})
        place[name] = {"type": kind}
    return struct(_KIND, **fields)


def defaults() -> Settings:
    """Return the settings of a kubelet without flags, with an empty configuration file."""
    made = {path: _value(kind, default) for path, kind, default, _ in _lines("setting") if default != "-"}
    return made | {"evictionHard": {}, "featureGates": {}}


def settings(files: Files, argv: Iterable[str]) -> tuple[Settings, list[str]]:
    """Return the settings and the file's unknown fields; raise `ConfigurationError` in the kubelet's words."""
    given = _flags(list(argv))
    made, strange, path = defaults(), list[str](), given.get("config", "")
    if path:
        try:
            found, strange = _file(files, path)
        except ConfigurationError as error:
            told = f"failed to load Kubelet config file {path}, error {error}"
            raise ConfigurationError(f"failed to load kubelet config file, path: {path}, error: {told}") from error
        given_by_file = _flat(found, "")
        if given_by_file.get("maxParallelImagePulls", 0) > 1:
            made["serializeImagePulls"] = False
        made |= given_by_file
        folder = posixpath.dirname(path)
        for name in ("staticPodPath", "authentication.x509.clientCAFile", "tlsCertFile", "tlsPrivateKeyFile"):
            if made.get(name) and not made[name].startswith("/"):
                made[name] = posixpath.join(folder, made[name])
    flags = {flag: (path, kind) for path, kind, _, flag in _lines("setting") if flag != "-"}
    for name, value in given.items():
        if name in flags:
            path, kind = flags[name]
            known = made.get(path) if kind == "map[string]boolean" else None
            made[path] = (known or {}) | _value(kind, value) if kind.startswith("map") else _value(kind, value)
        else:
            made[f"--{name}"] = value
    option_rules.require(made, {words[0]: words[1] == "true" for words in _lines("gate")})
    return made, strange


def _flags(argv: list[str]) -> dict[str, str]:
    types = {words[0]: words[1] for words in _lines("flag")}
    letters = {words[2]: words[0] for words in _lines("flag") if len(words) > 2}
    try:
        found, others = pflags(argv, types, letters)
    except FlagError as error:
        raise ConfigurationError(f"failed to parse kubelet flag: {error}") from error
    if others:
        raise ConfigurationError(f"unknown command {others[0]}")
    option_rules.require_labels(found.get("node-labels", []))
    return {name: ",".join(values) if types[name] == "truths" else values[-1] for name, values in found.items()}


def _file(files: Files, path: str) -> tuple[Mapping[str, Any], list[str]]:
    try:
        text = files.read(path)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        why = f"open {path}: no such file or directory"
        if isinstance(error, IsADirectoryError):
            why = f"read {path}: is a directory"
        raise ConfigurationError(f'failed to read kubelet config file "{path}", error: {why}') from error
    if not text:
        raise ConfigurationError(f'kubelet config file "{path}" was empty')
    try:
        return decoded_leniently(text, {(_VERSION, _KIND): _root()})
    except ConfigurationError as error:
        raise ConfigurationError(f"failed to decode: {error}") from error


def _flat(found: Mapping[str, Any], above: str) -> Settings:
    """Return the settings of a decoded file by their paths; empty values leave the default."""
    made: Settings = {}
    for name, value in found.items():
        path = above + name
        kind = _types().get(path, "")
        if isinstance(value, dict) and kind.startswith(("v1.", "v1beta1.")):
            made |= _flat(value, f"{path}.")
        elif value is not None and path in _types() and not _is_default(kind, value, path):
            made[path] = value
    return made


#: Numbers for which zero is a value of its own, not the default.
_ZERO_COUNTS = {
    "registryPullQPS", "eventRecordQPS", "healthzPort", "oomScoreAdj", "maxParallelImagePulls",
    "imageGCHighThresholdPercent", "imageGCLowThresholdPercent", "nodeStatusMaxImages",
    "kubeAPIQPS", "iptablesMasqueradeBit", "iptablesDropBit",
    "containerLogMaxFiles", "containerLogMaxWorkers", "podPidsLimit", "memoryThrottlingFactor",
}  # fmt: skip


def _is_default(kind: str, value: object, path: str) -> bool:
    if kind == "Duration":
        return str(value).strip("0hms") == "" and path not in {"cpuCFSQuotaPeriod", "containerLogMonitorInterval"}
    if kind in {"integer", "long", "number"}:
        return value == 0 and path not in _ZERO_COUNTS
    return kind == "string" and value == "" and path != "resolvConf"


def _value(kind: str, text: str) -> Any:  # noqa: ANN401 -- a setting
    """Return a flag's value as the file has it."""
    if kind == "boolean":
        return text in {"1", "t", "T", "TRUE", "true", "True"}
    if kind in {"integer", "long"}:
        return int(text, 0) if text.strip("+-")[:1] != "0" or "x" in text else int(text or "0")
    if kind == "number":
        return float(text)
    if kind == "[]string":
        return text.split(",") if text else []
    if kind.startswith("map[string]"):
        sign = "<" if "<" in text else "="
        pairs = (each.partition(sign) for each in text.split(",") if each)
        return {
            name.strip(): _value("boolean", value.strip()) if kind.endswith("boolean") else value.strip()
            for name, _, value in pairs
        }
    return text
