"""kubectl's help: its pages, the flags that they list, and suggestions for typos."""

import functools
import re
from collections.abc import Sequence
from pathlib import Path

from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.golang.cobra import suggestions
from lab.cluster.sim.commands.golang.command_line import Kinds, UnknownFlagError

__all__ = ["consulted", "deepest", "require_flag", "require_words", "typed"]

#: The output of kubectl 1.34 for `--help`: a page begins with a record separator and the command's words.
_FILE = Path(__file__).parents[2] / "data" / "kubectl_help.txt"
_FLAG = re.compile(r"^ +(?:(-\w), )?(--[a-z0-9-]+)=", re.MULTILINE)
#: Commands in kubectl's own order, which is that of its suggestions.
_ORDER = """
create expose run set explain get edit delete rollout scale autoscale certificate cluster-info top cordon uncordon
drain taint describe logs attach exec port-forward proxy cp auth debug events diff apply patch replace wait
kustomize label annotate completion alpha plugin config version api-versions api-resources options
"""
_DEFAULT = re.compile(r"^ +(?:(-\w), )?(--[a-z0-9-]+)=(.*):$", re.MULTILINE)
_KINDS = (("int", r"-?\d+"), ("bool", "true|false"), ("duration", r"(?:\d+(?:\.\d+)?(?:h|ms|us|m|s))+"))
#: Commands that only group subcommands.
_GROUPS = ("config", "top", "auth", "set", "rollout", "certificate", "plugin", "create secret", "create service")
#: Groups that print their page for any unknown word.
_PATIENT = ("certificate",)
_NOTHING_NAMED = """\
error: You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'"""
#: Messages of commands that were called without their required arguments.
_WORDLESS = {
    "delete": _NOTHING_NAMED,
    "edit": _NOTHING_NAMED,
    "expose": _NOTHING_NAMED,
    "set image": _NOTHING_NAMED,
    "set env": _NOTHING_NAMED,
    "set serviceaccount": _NOTHING_NAMED,
    "set resources": _NOTHING_NAMED,
    "wait": _NOTHING_NAMED,
    "apply edit-last-applied": _NOTHING_NAMED,
    "describe": (
        "error: You must specify the type of resource to describe. "
        'Use "kubectl api-resources" for a complete list of supported resources.'
    ),
    "label": "error: one or more resources must be specified as <resource> <name> or <resource>/<name>",
    "annotate": "error: one or more resources must be specified as <resource> <name> or <resource>/<name>",
    "taint": "error: one or more resources must be specified as <resource> <name>",
    **dict.fromkeys(
        (
            "rollout restart",
            "rollout status",
            "rollout undo",
            "rollout history",
            "rollout pause",
            "rollout resume",
        ),
        "error: required resource not specified",
    ),
    **{
        verb: f"error: USAGE: {verb} NODE [flags]\nSee 'kubectl {verb} -h' for help and examples"
        for verb in ("cordon", "uncordon", "drain")
    },
    "attach": "error: at least 1 argument is required for attach",
    "cp": "error: source and destination are required",
    "port-forward": (
        "error: TYPE/NAME and list of ports are required for port-forward\n"
        "See 'kubectl port-forward -h' for help and examples"
    ),
}


@functools.cache
def _pages() -> dict[str, str]:
    parts = _FILE.read_text(encoding="utf-8").split("\036")[1:]
    return {name: text for name, _, text in (part.partition("\n") for part in parts)}


@functools.cache
def _aliases(command: str) -> frozenset[str]:
    listed = re.search(r"^Aliases:\n(.*)$", _pages()[command], re.MULTILINE)
    return frozenset(word.strip() for word in listed.group(1).split(",")) if listed else frozenset()


def _child(command: str, word: str) -> str | None:
    """Return the subcommand of `command` that `word` means."""
    below = [name for name in _pages() if name.rpartition(" ")[0] == command]
    return next((name for name in below if name == f"{command} {word}" or word in _aliases(name)), None)


def deepest(name: str, rest: Sequence[str]) -> str:
    """Return the command that `name` and the following words mean, such as `rollout status`."""
    found = name
    for word in rest:
        if not word.startswith("-"):
            child = _child(found, word)
            if child is None:
                break
            found = child
    return found


async def consulted(call: Call, ahead: Sequence[str], name: str, rest: Sequence[str]) -> int | None:
    """Print the requested help or the error of a wrong command, and return the exit code; else None."""
    if name in {"", "help"} or (not ahead and name in {"-h", "--help"}):
        return await _asked(call, ahead, rest)
    if name == "alpha":  # no page
        return None
    if name not in _pages():
        near = suggestions(_ORDER.split(), name)
        hint = "".join(["\n\nDid you mean this?", *(f"\n\t{one}" for one in near)]) if near else ""
        raise Exit(1, f'error: unknown command "{name}" for "kubectl"{hint}')
    words = list(rest[: rest.index("--")] if "--" in rest else rest)
    found = deepest(name, words)
    if {"-h", "--help"} & set(words):
        await call.out(_pages()[found])
        return 0
    if found in _GROUPS:
        typed = [word for word in words if not word.startswith("-")][found.count(" ") :]
        if found in _PATIENT:
            await call.out(_pages()[found])
            return 0
        if typed and found == "rollout":
            typed = [" ".join(typed)]
        if typed:
            told = f'error: unknown command "{typed[0]}"'
            raise Exit(1, f"{told}\nSee 'kubectl {found} -h' for help and examples")
        await (call.out if found == "rollout" else call.err)(_pages()[found])
        return 1
    return None


async def _asked(call: Call, ahead: Sequence[str], rest: Sequence[str]) -> int:
    if ahead and not rest:
        flag = ahead[0]
        if flag.partition("=")[0] not in flags_of(""):
            raise _unknown("", flag)
    wanted = deepest(rest[0], rest[1:]) if rest else ""
    await call.out(_pages().get(wanted, _pages()[""]))
    return 0


def page(command: str) -> str:
    """Return the manual's page of a command."""
    return _pages()[command]


def require_flag(command: str, unknown: UnknownFlagError) -> None:
    """End the command as kubectl does if its page does not have the flag."""
    if unknown.word not in flags_of(command):
        raise Exit(1, f"error: {unknown.message}\nSee 'kubectl {command} --help' for usage.")


def require_words(command: str, argv: Sequence[str], flags: Flags) -> None:
    """End a command that lacks its words, or that has a flag of other commands."""
    for word in argv:
        if word == "--":
            break
        if word.startswith("--") and word.partition("=")[0] not in flags_of(command):
            raise _unknown(command, word.partition("=")[0])
    about = {"filename", "selector", "all", "kustomize", "raw"}
    if command in _WORDLESS and len(flags.words) <= command.count(" ") and not about & set(flags.values):
        raise Exit(1, _WORDLESS[command])


def typed(command: str, kinds: Kinds) -> dict[str, str]:
    """Return `kinds` with the kinds that the defaults on the command's page show."""
    shown = _kinds(command)
    return {
        flag: f"{told.partition(':')[0]}:{shown[flag]}" if flag in shown and "?" not in told else told
        for flag, told in kinds.items()
    }


@functools.cache
def _kinds(command: str) -> dict[str, str]:
    """Return flag -> the kind of its default."""
    found: dict[str, str] = {}
    for short, long, default in _DEFAULT.findall(_pages().get(command, "") + _pages()["options"]):
        kind = next((kind for kind, pattern in _KINDS if re.fullmatch(pattern, default)), "")
        if kind and long != "--v":
            found |= {flag: kind for flag in (short, long) if flag}
    return found


def _unknown(command: str, word: str) -> Exit:
    what = f"unknown flag: {word}" if word.startswith("--") else f"unknown shorthand flag: '{word[1]}' in {word}"
    shown = f"kubectl {command}".strip()
    return Exit(1, f"error: {what}\nSee '{shown} --help' for usage.")


@functools.cache
def flags_of(command: str) -> frozenset[str]:
    """Return the flags of a command, short and long, with the global ones."""
    found = _FLAG.findall(_pages().get(command, "") + _pages()["options"])
    return frozenset({"-h", "--help", *(flag for pair in found for flag in pair if flag)})
