"""watch: a command, run again and again on a clear screen."""

import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.flags import parse
from lab.cluster.sim.timing.durations import parse_duration

if TYPE_CHECKING:
    from lab.cluster.sim.shell.tty import Terminal

__all__ = ["watch"]

_CLEAR = b"\x1b[H\x1b[2J"


async def watch(call: Call) -> int:
    """Run a command repeatedly on a clear screen, until Ctrl-C."""
    flags = parse(
        call.argv,
        {"-n": "interval", "--interval": "interval"},
        {"-d": "differences", "-t": "no-title", "--no-title": "no-title", "-x": "exec", "--exec": "exec"},
        interspersed=False,
        program="watch",
    )
    if not flags.words:
        return await call.fail("Usage:\n watch [options] command")
    script = shlex.join(flags.words) if flags.on("exec") else " ".join(flags.words)
    every = max(parse_duration(flags.get("interval", "2")), 0.1)
    terminal = call.controlling
    if terminal is None:
        return await call.fail("Error opening terminal: unknown.")
    # Ctrl-C ends it; then the shell restores the former screen.
    cast("Terminal", terminal).take_screen()
    while True:
        shown, _ = await call.capture(["sh", "-c", script])
        rows, cols = terminal.rows, terminal.columns
        lines = shown.splitlines()
        if not flags.on("no-title"):
            at = datetime.fromtimestamp(call.now(), UTC).strftime("%a %b %e %H:%M:%S %Y")
            lead = f"Every {every:.1f}s: {script}"
            right = f"{call.node.name}: {at}"
            lines = [f"{lead}{right:>{max(cols - len(lead), len(right) + 1)}}"[:cols], "", *lines]
        terminal.emit(_CLEAR + "\r\n".join(line[:cols] for line in lines[:rows]).encode())
        await call.sleep(every)
