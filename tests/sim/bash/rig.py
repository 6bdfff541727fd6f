"""A shell without a cluster: files in memory, a turned clock, the builtins, a few programs."""

import asyncio
from collections.abc import Mapping
from random import Random
from types import SimpleNamespace
from typing import Any, cast

from lab.cluster.sim.bash.builtins.catalog import BUILTINS
from lab.cluster.sim.bash.running.open_files import Sink, StringInput
from lab.cluster.sim.bash.running.outside import ended, started
from lab.cluster.sim.bash.running.place import Command, Place
from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.process_table import ProcessTable
from lab.cluster.sim.timing.clock import Clock

__all__ = ["FOLDER", "Result", "run"]

FOLDER = "/tmp/corpus"  # noqa: S108 -- of the simulated node, and of the recordings

# Output, error output, exit code.
Result = tuple[str, str, int]


def _place(files: Mapping[str, str], programs: Mapping[str, Command], clock: Clock) -> Place:
    made = Files()
    made.write("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n")
    for folder in ("/root", "/tmp", FOLDER, "/dev"):  # noqa: S108
        made.mkdir(folder)
    for path, text in files.items():
        if path.endswith("/"):
            made.mkdir(f"{FOLDER}/{path.rstrip('/')}")
        else:
            made.write(f"{FOLDER}/{path}", text, 0o755 if path.endswith(".sh") else 0o644)
    world = SimpleNamespace(clock=clock, chance=Random(1), handled=False, poke=lambda: None, glance=lambda: None)  # noqa: S311 -- no secret
    for name in ("bash", "sh", *programs):
        made.write(f"/usr/bin/{name}", f'#!/bin/sh\n# A program of the simulated node.\n{name} "$@"\n', 0o755)
    return Place(
        cast("Any", world),
        cast("Any", SimpleNamespace(name="node")),
        made,
        dict(programs),
        BUILTINS,
        ProcessTable(100),
    )


def run(
    argv: list[str],
    *,
    files: Mapping[str, str] | None = None,
    stdin: str = "",
    programs: Mapping[str, Command] | None = None,
    limit: float = 60.0,
) -> Result:
    """Run a program, usually `bash -c SCRIPT`, and return its output, its error output and its exit code."""

    async def main() -> Result:
        clock = Clock(turned=True, start=1_750_000_000.0)
        clock.start()
        place = _place(files or {}, programs or {}, clock)
        out, err = bytearray(), bytearray()
        with clock.user():
            process = started(
                place,
                argv,
                Sink(out.extend),
                Sink(err.extend),
                source=StringInput(stdin.encode()),
                folder=FOLDER,
                environment={"LC_ALL": "C.UTF-8"},
            )
            code = await ended(process, limit=limit)
        clock.stop()
        return (
            out.decode(errors="surrogateescape"),
            err.decode(errors="surrogateescape"),
            -1 if code is None else code,
        )

    return asyncio.run(main())
