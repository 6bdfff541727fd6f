"""The command lines of etcd and the API server, read as Go's packages `flag` and `pflag` read them.

`data/plane_flags.txt` has a line for each flag: program, name, type and perhaps a letter, from the programs' help
and from values that they took or refused. A type with `|` lists the only values.
"""

import functools
import ipaddress
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from lab.cluster.sim.timing.durations import duration_problem

__all__ = ["FlagError", "etcd_flags", "pflags", "server_flags"]

_FILE = Path(__file__).parents[1] / "data" / "plane_flags.txt"
_TRUTHS = {"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"}
_ETCD_GATES = {
    "CompactHashCheck", "InitialCorruptCheck", "LeaseCheckpoint", "LeaseCheckpointPersist", "SetMemberLocalAddr",
    "StopGRPCServiceOnDefrag", "TxnModeWriteWithSharedBuffer", "AllAlpha", "AllBeta",
}  # fmt: skip


class FlagError(Exception):
    """A command line that its program refuses, with the program's own message."""


@functools.cache
def _types(program: str) -> Mapping[str, str]:
    lines = (line.split() for line in _FILE.read_text(encoding="utf-8").splitlines())
    return {words[1]: words[2] for words in lines if words[0] == program}


@functools.cache
def _letters(program: str) -> Mapping[str, str]:
    lines = (line.split() for line in _FILE.read_text(encoding="utf-8").splitlines())
    return {words[3]: words[1] for words in lines if words[0] == program and len(words) > 3}


def etcd_flags(argv: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return etcd's flags; those that are not on the command line may come from ETCD_* variables."""
    types, found, words = _types("etcd"), dict[str, str](), list(argv)
    while words and words[0] != "--":
        name, value = _etcd_flag(words, types)
        if told := _etcd_problem(types[name], value):
            shown = f'invalid boolean value "{value}" for -{name}' if types[name] == "bool" else ""
            raise FlagError(f"{shown or f'invalid value {_quoted(value)} for flag -{name}'}: {told}")
        found[name] = value
    for variable, value in sorted(environment.items()):
        name = variable.removeprefix("ETCD_").lower().replace("_", "-")
        if variable.startswith("ETCD_") and value and name in types and name not in found:
            if told := _etcd_problem(types[name], value):
                raise FlagError(f"invalid value {_quoted(value)} for {variable}: {told}")
            found[name] = value
    return found


def _etcd_flag(words: list[str], types: Mapping[str, str]) -> tuple[str, str]:
    """Take the first flag from `words`, with its value."""
    word = words.pop(0)
    if not word.startswith("-") or word == "-":
        raise FlagError(f"'{word}' is not a valid flag")
    name, equals, value = word.removeprefix("-").removeprefix("-").partition("=")
    if name[:1] in {"-", ""}:
        raise FlagError(f"bad flag syntax: {word}")
    if name not in types:
        raise FlagError(f"flag provided but not defined: -{name}")
    if equals or types[name] == "bool":
        return name, value if equals else "true"
    if not words:
        raise FlagError(f"flag needs an argument: -{name}")
    return name, words.pop(0)


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _etcd_problem(kind: str, value: str) -> str:  # noqa: PLR0911 -- one type after the other
    """Return why etcd refuses a value of a flag of type `kind`, or an empty string."""
    if "|" in kind:
        told = (
            "invalid value"
            if kind != "write-only|write-only-drop-data|gone"
            else f"invalid value {_quoted(value)}"
        )
        return "" if value in kind.split("|") else told
    if kind in {"int", "uint"}:
        number = _whole(value)
        if number is None or (kind == "uint" and value[:1] in {"-", "+"}):
            return "parse error"
        return "" if abs(number) < 2**63 else "value out of range"
    if kind == "bool":
        return "" if value in _TRUTHS else "parse error"
    if kind == "duration":
        return "parse error" if duration_problem(value) else ""
    if kind == "gates":
        return _gates_problem(value)
    return _urls_problem(value) if kind == "urls" else ""


def _whole(value: str) -> int | None:
    """Return an integer as Go's ParseInt with base 0 reads it, or None."""
    if not re.fullmatch(r"[+-]?(0[xX](_?[0-9a-fA-F])+|0[bB](_?[01])+|0[oO]?(_?[0-7])+|0|[1-9](_?\d)*)", value):
        return None
    return int(re.sub(r"^([+-]?)0(?=[_0-7])", r"\g<1>0o", value), 0)


def _gates_problem(value: str) -> str:
    for each in filter(None, value.split(",")):
        name, equals, on = each.partition("=")
        if not equals:
            return f"missing bool value for {name}"
        if on not in _TRUTHS:
            return f"invalid value of {name}={on}, err: {_truth_problem(on)}"
        if name not in _ETCD_GATES:
            return f"unrecognized feature gate: {name}"
    return ""


def _urls_problem(value: str) -> str:  # noqa: PLR0911 -- one part after the other
    for each in value.split(","):
        if re.search(r"%(?![0-9a-fA-F]{2})", each):
            return f'parse {_quoted(each)}: invalid URL escape "{each[each.index("%") :][:3]}"'
        try:
            parts = urlsplit(each.strip())
        except ValueError:
            return "parse error"
        if re.match(r"[\d.]+:", each):
            return f"parse {_quoted(each)}: first path segment in URL cannot contain colon"
        if parts.scheme not in {"http", "https", "unix", "unixs"}:
            return f"URL scheme must be http, https, unix, or unixs: {each}"
        if parts.scheme.startswith("http") and not re.search(r":\d+$", parts.netloc):
            return f'URL address does not have the form "host:port": {each}'
        if parts.path:
            return f"URL must not contain a path: {each}"
    return ""


def _truth_problem(value: str) -> str:
    return f"strconv.ParseBool: parsing {_quoted(value)}: invalid syntax"


def server_flags(argv: Sequence[str]) -> dict[str, str]:
    """Return the API server's flags."""
    found, others = pflags(argv, _types("kube-apiserver"), _letters("kube-apiserver"))
    if others:
        raise FlagError(f'unknown command {_quoted(others[0])} for "kube-apiserver"')
    return {name: values[-1] for name, values in found.items()}


def pflags(
    argv: Sequence[str], types: Mapping[str, str], letters: Mapping[str, str]
) -> tuple[dict[str, list[str]], list[str]]:
    """Return each flag's values, and the words that are no flags; `types` has a type for each name."""
    found, others, words = dict[str, list[str]](), list[str](), list(argv)
    while words:
        word = words.pop(0)
        if word == "--" or not word.startswith("-") or word == "-":
            others += words if word == "--" else [word]
            words = [] if word == "--" else words
            continue
        name, value = _pflag(word, types, letters)
        if value is None and types[name] == "bool":
            value = "true"
        elif value is None:
            if not words:
                raise FlagError(f"flag needs an argument: {_named(name, word)}")
            value = words.pop(0)
        if told := _server_problem(types[name], value):
            letter = next((f"-{each}, " for each, full in letters.items() if full == name), "")
            raise FlagError(f'invalid argument {_quoted(value)} for "{letter}--{name}" flag: {told}')
        found.setdefault(name, []).append(value)
    return found, others


def _pflag(word: str, types: Mapping[str, str], letters: Mapping[str, str]) -> tuple[str, str | None]:
    """Return a word's flag and the value in it, if there is one."""
    if not word.startswith("--"):
        if word[1] not in letters:
            raise FlagError(f"unknown shorthand flag: '{word[1]}' in {word}")
        return letters[word[1]], word[2:].removeprefix("=") if word[2:] else None
    name, equals, value = word[2:].partition("=")
    if name[:1] in {"-", ""}:
        raise FlagError(f"bad flag syntax: {word}")
    if name not in types:
        raise FlagError(f"unknown flag: --{name}")
    return name, value if equals else None


def _named(name: str, word: str) -> str:
    return f"--{name}" if word.startswith("--") else f"'{word[1]}' in {word}"


def _server_problem(kind: str, value: str) -> str:  # noqa: PLR0911 -- one type after the other
    """Return why pflag refuses a value of a flag of type `kind`, or an empty string."""
    if kind in {"int", "int32"}:
        number, bits = _whole(value), 32 if kind == "int32" else 64
        told = (
            "invalid syntax" if number is None else "" if abs(number) < 2 ** (bits - 1) else "value out of range"
        )
        return f"strconv.ParseInt: parsing {_quoted(value)}: {told}" if told else ""
    if kind == "float":
        valid = re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", value)
        return "" if valid else f"strconv.ParseFloat: parsing {_quoted(value)}: invalid syntax"
    if kind == "bool":
        return "" if value in _TRUTHS else _truth_problem(value)
    if kind == "duration":
        return duration_problem(value)
    if kind == "address":
        return f"{_quoted(value)} is not a valid IP address" if _address_problem(value) or not value else ""
    if kind == "ip":
        return _address_problem(value)
    if kind == "pairs":
        wrong = next((each for each in filter(None, value.split(",")) if "=" not in each), None)
        return "malformed pair, expect string=string" if wrong else ""
    if kind == "limits":
        wrong = next((each for each in filter(None, value.split(",")) if "<" not in each), None)
        return "malformed pair, expect string<string" if wrong else ""
    return _truths_problem(value) if kind == "truths" else ""


def _truths_problem(value: str) -> str:
    """Return why a list of `name=true` is refused."""
    for each in filter(None, value.split(",")):
        name, equals, on = each.partition("=")
        if not equals:
            return "malformed pair, expect string=bool"
        if on.strip() not in _TRUTHS:
            return f"invalid value of {name.strip()}: {on.strip()}, err: {_truth_problem(on.strip())}"
    return ""


def _address_problem(value: str) -> str:
    try:
        ipaddress.ip_address(value.strip())
    except ValueError:
        return f"failed to parse IP: {_quoted(value)}" if value else ""
    return ""
