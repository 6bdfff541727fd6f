"""The processes that a shell sees: all of its node, or those of its container."""

from lab.cluster.sim.machine.processes import Process, of_container, processes
from lab.cluster.sim.shell.call import Call

__all__ = ["visible_processes"]


def visible_processes(call: Call) -> list[Process]:
    """Return the processes that the shell of `call` sees, the asking program among those of a container."""
    session = call.session
    if session.sandbox is None:
        return processes(call.node)
    container = session.container or next(iter(call.node.runtime.of(session.sandbox)), None)
    found = [of_container(container, 1, 0)] if container is not None and container.running else []
    return [*found, Process(135, 0, found[0].user if found else "10001", "ps", call.now())]
