"""Signals to processes, also those that no shell has started: of containers, of units."""

from lab.cluster.sim.bash.running.call import NotSimulated
from lab.cluster.sim.bash.running.place import Place
from lab.cluster.sim.machine.processes import Process, processes
from lab.cluster.sim.machine.signals import Signal
from lab.cluster.sim.plane.programs import code_when_stopped

__all__ = ["deliver", "signal_other"]

#: Signals that end a program, and the exit code; None if it depends on the program.
_ENDS = {Signal.SIGTERM: None, Signal.SIGKILL: 137, Signal.SIGINT: None, Signal.SIGQUIT: 2}


def signal_other(place: Place, pid: int, number: int) -> None:
    """Send a signal to a process that no shell started; raise `ProcessLookupError` if there is none."""
    process = next((one for one in processes(place.node) if one.pid == pid), None)
    if process is None or place.sandbox is not None:
        raise ProcessLookupError(pid)
    deliver(place, process, number, "kill")


def deliver(place: Place, process: Process, sent: Signal | int, name: str) -> None:
    """Send a process a signal, as the program `name`. The first process of a node or container ignores it."""
    if sent == 0 or process.pid == 1:
        return
    if process.by_shell:
        running = place.table.get(process.pid)
        if running is not None:
            running.send(sent)
        return
    if sent not in _ENDS:
        signal = Signal(sent).name.removeprefix("SIG")
        raise NotSimulated(f"{name} -{signal} {process.name}")
    runtime, now = place.node.runtime, place.now()
    if process.container is not None:
        code = _ENDS[Signal(sent)]
        runtime.stop(process.container, now, code_when_stopped(process.container) if code is None else code)
    elif process.sandbox is not None:
        runtime.stop_sandbox(process.sandbox, now)
    elif process.unit:
        place.node.systemd.kill(process.unit, Signal(sent))
    else:
        raise NotSimulated(f"{name} {process.pid} ({process.name})")
