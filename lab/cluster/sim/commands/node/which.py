"""which: the path of the program that the shell would run."""

import posixpath
from collections.abc import Iterator, Sequence

from lab.cluster.sim.bash.running.call import Call

__all__ = ["find_programs", "which"]


def find_programs(call: Call, name: str, folders: Sequence[str]) -> Iterator[str]:
    """Return the paths of the programs called `name` in `folders`; a name with a slash is itself a path."""
    paths = (name,) if "/" in name else (posixpath.join(folder, name) for folder in folders)
    for path in paths:
        whole = call.path(path)
        if call.files.is_file(whole) and call.files.system.stat(whole)["mode"] & 0o111:
            yield path


async def which(call: Call) -> int:
    """Print the path of each program that the shell would run; return 1 if one of them does not exist."""
    code = 0
    every = "-a" in call.argv
    for word in call.argv:
        if word == "-a":
            continue
        if word.startswith("-"):
            await call.line("Usage: /usr/bin/which [-a] args")
            return await call.fail(f"Illegal option {word}", 2)
        found = list(find_programs(call, word, call.env.get("PATH", "").split(":")))
        await call.out("".join(f"{path}\n" for path in (found if every else found[:1])))
        code = code or int(not found)
    return code if call.argv else 1
