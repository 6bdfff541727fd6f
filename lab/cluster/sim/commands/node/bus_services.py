"""Services that systemd starts when a program calls them over the bus."""

from collections.abc import Sequence

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.node.gnu_options import options

__all__ = ["ask_service", "unknown_verb"]

_COMMON = {
    "--no-pager": "no-pager",
    "--no-legend": "no-legend",
    "-a": "all",
    "--all": "all",
    "-l": "full",
    "--full": "full",
    "--value": "value",
    "--no-ask-password": "no-ask",
}
#: How many seconds an unused service waits before it ends, if it ends by itself.
_IDLE = 30.0


def ask_service(call: Call, service: str, switches: Sequence[str] = (), *, stays: bool = False) -> Flags:
    """Parse the options of a program that uses `service`, and start that service; one that `stays` never ends."""
    flags = options(
        call,
        {
            "-p": "property",
            "--property": "property",
            "-P": "only",
            "--json": "json",
            "-n": "lines",
            "-o": "output",
        },
        {**_COMMON, **{name: name for name in switches}},
        lacking=("-H", "-M", "-h", "--host", "--machine"),
        hint=False,
    )
    call.node.systemd.activate(f"systemd-{service}.service", None if stays else _IDLE)
    return flags


def unknown_verb(word: str, known: Sequence[str], program: str) -> Exit:
    """Return a program's error for an unknown verb; for one of the `known` verbs, the simulator's error."""
    return NotSimulated(f"{program} {word}") if word in known else Exit(1, f"Unknown command verb {word}.")
