"""The processes that a shell sees: all of its node, or those of its container."""

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.machine.processes import Process, of_container, processes

__all__ = ["visible_processes"]


def visible_processes(call: Call) -> list[Process]:
    """Return the processes that the shell of `call` sees; in a container, the calling program is among them."""
    place = call.place
    if place.sandbox is None or place.table is call.node.table:
        return processes(call.node)
    container = place.container or next(iter(call.node.runtime.of(place.sandbox)), None)
    found = [of_container(container, 1, 0)] if container is not None and container.running else []
    user = found[0].user if found else "10001"
    mine = [
        Process(one.pid, one.parent_pid, user, " ".join(one.arguments), one.started, tty=one.tty,
                letters=one.letters, by_shell=True)
        for one in place.table.processes.values()
    ]  # fmt: skip
    return [*found, *mine]
