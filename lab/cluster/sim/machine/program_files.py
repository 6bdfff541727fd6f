"""The programs of a node: each has a file where a real node has it, which runs the simulated command."""

import functools
from collections.abc import Mapping
from pathlib import Path

from bashkit import Bash

__all__ = ["UNMODELLED", "absent", "program_names", "stub_of", "stubs"]

#: The name of the shell command that says that a program is not simulated.
UNMODELLED = ".unmodelled"
_SHELL = "bash"
_FILE = Path(__file__).parents[1] / "data" / "programs.txt"
#: Folders that are links into /usr on a real node: programs that scripts call by these paths.
_LINKED = {
    "/bin": ("bash", "cat", "cp", "date", "echo", "env", "false", "grep", "ls", "mv", "rm", "sed", "sh", "sleep",
             "true"),
    "/sbin": ("ip", "iptables", "reboot", "sysctl"),
}  # fmt: skip


@functools.cache
def _folders() -> Mapping[str, tuple[str, ...]]:
    """Return folder -> its programs; the key `bash` has the shell's builtins."""
    found: dict[str, tuple[str, ...]] = {}
    folder = ""
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.endswith(":"):
            folder = line[:-1]
        else:
            found[folder] = (*found.get(folder, ()), *line.split())
    return found


@functools.cache
def program_names() -> frozenset[str]:
    """Return the names of all programs of a real node."""
    return frozenset(name for folder, names in _folders().items() if folder != _SHELL for name in names)


@functools.cache
def _library() -> frozenset[str]:
    """Return the names of the shell library's commands."""
    listed = Bash().execute_sync("enable").stdout
    return frozenset(line.removeprefix("enable ") for line in listed.splitlines())


@functools.cache
def absent() -> frozenset[str]:
    """Return the names of library commands that a real node does not have."""
    return _library() - program_names() - set(_folders()[_SHELL])


@functools.cache
def stubs(commands: frozenset[str]) -> Mapping[str, str]:
    """Return path -> text of a node's program files; `commands` are those that are simulated."""
    modelled = _library() | commands | {*_folders()[_SHELL], "bash", "sh"}
    return {
        f"{folder}/{name}": "#!/bin/sh\n# A program of the simulated node.\n"
        f'{name if name in modelled else f"{UNMODELLED} {name}"} "$@"\n'
        for folder, names in {**_folders(), **_LINKED}.items()
        if folder != _SHELL
        for name in names
    }


_LEAD = "#!/bin/sh\n# A program of the simulated node.\n"


def stub_of(text: str) -> list[str] | None:
    """Return the command of a program's file; None for other files."""
    if not text.startswith(_LEAD):
        return None
    return text.removeprefix(_LEAD).strip().removesuffix(' "$@"').split()
