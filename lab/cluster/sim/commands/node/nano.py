"""nano, rnano, pico and editor: nano at a simulated terminal."""

import re

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.node.editor_host import CallHost, edit

__all__ = ["nano"]

_NANO_HELP = "Type 'nano -h' for a list of available options."


async def nano(call: Call) -> int:
    """Edit a file in nano: `nano`, `pico`, `editor`."""
    name, line, column, readonly = "", 1, 1, call.name == "rnano"
    for word in call.argv:
        if match := re.fullmatch(r"\+(\d+)(?:,(\d+))?", word):
            line, column = int(match[1]), int(match[2] or 1)
        elif word in {"-v", "--view"}:
            readonly = True
        elif word.startswith("--") and word != "--":
            return await call.fail(f"nano: unrecognized option '{word}'\n{_NANO_HELP}")
        elif not word.startswith(("-", "+")):
            name = name or word
    terminal = call.controlling
    if terminal is None:
        return await call.fail("Standard input is not a terminal")
    from lab.cluster.sim.shell.editing.nano.editor import NanoEditor  # noqa: PLC0415 -- only at a terminal

    editor = NanoEditor(
        CallHost(call),
        name,
        rows=terminal.rows,
        cols=terminal.columns,
        line=line,
        column=column,
        readonly=readonly,
    )
    return await edit(call, editor)
