"""Programs as children of a process."""

from collections.abc import Mapping, Sequence
from typing import Any

from lab.cluster.sim.bash.running.finding import Program, find_program, program_at
from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.bash.running.place import Place
from lab.cluster.sim.bash.running.process import Process

__all__ = ["run_here", "start_program"]


async def run_here(process: Process, program: Program) -> int:
    """Run a program in a process; return its exit code."""
    runs = process.place.runs
    if runs is None:
        raise RuntimeError("nothing runs programs here")
    return await runs(process, program)


def start_program(
    parent: Process,
    argv: Sequence[str],
    *,
    descriptors: Mapping[int, OpenFile] | None = None,
    environment: Mapping[str, str] | None = None,
    group: int | None = None,
    folder: str | None = None,
    place: Place | None = None,
) -> Process:
    """Start a program as a child of `parent`; see `Call.start`."""
    where = place or parent.place
    folder = parent.folder if folder is None else folder
    variables = dict(environment if environment is not None else parent.environment)
    path = find_program(where, argv[0], variables.get("PATH", ""), folder)

    async def main(process: Process) -> int:
        if path is None:
            return 127
        try:
            program = program_at(where, path, argv[1:], folder)
        except FileNotFoundError:
            return 127
        except OSError:
            return 126
        return await run_here(process, program)

    more: dict[str, Any] = {"descriptors": descriptors, "environment": variables, "group": group, "folder": folder}
    return parent.spawn(
        main, argv, place=where, **{key: value for key, value in more.items() if value is not None}
    )
