"""Services that systemd starts when a program asks them over the bus."""

from collections.abc import Sequence

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.golang.flags import Flags
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
#: The services that end by themselves do so when nobody has asked for so long, in s.
_IDLE = 30.0


def ask_service(call: Call, service: str, switches: Sequence[str] = (), *, stays: bool = False) -> Flags:
    """Parse the options of a program that asks `service`, and start that service; one that `stays` ends never."""
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
    """Return what a program says to a verb that it does not know, or the simulator to one of `known`."""
    return NotSimulated(f"{program} {word}") if word in known else Exit(1, f"Unknown command verb {word}.")
