"""which, whereis: where a program is."""

import posixpath
from collections.abc import Iterator, Sequence

from lab.cluster.sim.shell.call import Call

__all__ = ["whereis", "which"]

_SHELVES = ("/usr/bin", "/usr/sbin", "/usr/local/sbin", "/usr/local/bin")


def _found(call: Call, name: str, folders: Sequence[str]) -> Iterator[str]:
    paths = (name,) if "/" in name else (posixpath.join(folder, name) for folder in folders)
    for path in paths:
        whole = call.path(path)
        if call.files.is_file(whole) and call.files.system.stat(whole)["mode"] & 0o111:
            yield path


async def which(call: Call) -> int:
    """Print where each program is that the shell would run; 1 if there is one that it would not find."""
    code = 0
    every = "-a" in call.argv
    for word in call.argv:
        if word == "-a":
            continue
        if word.startswith("-"):
            await call.line("Usage: /usr/bin/which [-a] args")
            return await call.fail(f"Illegal option {word}", 2)
        found = list(_found(call, word, call.env.get("PATH", "").split(":")))
        await call.out("".join(f"{path}\n" for path in (found if every else found[:1])))
        code = code or int(not found)
    return code if call.argv else 1


async def whereis(call: Call) -> int:
    """Print where programs are, whatever the shell's PATH."""
    for word in call.argv:
        if word not in {"-b", "-m", "-s"}:
            found = [] if "-m" in call.argv or "-s" in call.argv else _found(call, word, _SHELVES)
            await call.line(" ".join([f"{word}:", *found]))
    return 0
