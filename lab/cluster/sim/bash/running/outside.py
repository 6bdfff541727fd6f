"""Programs started from outside the cluster: the lab's commands, services, terminals."""

import math
import shlex
from collections.abc import Mapping, Sequence

from lab.cluster.sim.bash.running.endings import State
from lab.cluster.sim.bash.running.finding import find_program, program_at
from lab.cluster.sim.bash.running.open_files import OpenFile, StringInput
from lab.cluster.sim.bash.running.place import PATH, Place
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.running.programs import run_program
from lab.cluster.sim.bash.running.session import ControllingTerminal, Session
from lab.cluster.sim.bash.running.shell_program import shell_program
from lab.cluster.sim.machine.signals import Signal
from lab.cluster.sim.timing.counting import Pause

__all__ = ["ended", "environment_of", "kill_session", "started"]


def environment_of(place: Place) -> dict[str, str]:
    """Return the initial variables of every process at a place."""
    home = "/root" if place.sandbox is None else "/"
    found = {"PATH": PATH, "HOME": home, "LANG": "C.UTF-8", "SHELL": "/bin/bash"}
    if place.sandbox is None:
        found["KUBECONFIG"] = "/etc/kubernetes/admin.conf"
    return found | place.environment


def started(
    place: Place,
    argv: Sequence[str],
    out: OpenFile,
    err: OpenFile,
    *,
    source: OpenFile | None = None,
    environment: Mapping[str, str] | None = None,
    folder: str = "/",
    terminal: ControllingTerminal | None = None,
    service: bool = False,
    pid: int | None = None,
) -> Process:
    """Start a program in a session of its own; the process takes the descriptors.

    A shell handles a program that is a builtin, or that does not exist.
    """
    place.runs = place.runs or run_program
    variables = environment_of(place) | dict(environment or {})
    given = {0: source or StringInput(b""), 1: out, 2: err}
    process = Process(place, argv, environment=variables, folder=folder, descriptors=given, pid=pid)
    for file in given.values():
        file.release()
    process.session = Session(process.pid, terminal)
    process.service, process.from_outside = service, not service

    async def main(running: Process) -> int:
        path = find_program(place, argv[0], variables["PATH"], folder)
        if path is None and place.has_shell:
            return await shell_program(running, "bash", ["-c", shlex.join(argv)])
        if path is None:
            return 127
        return await run_program(running, program_at(place, path, list(argv[1:]), folder))

    return process.start(main)


async def ended(process: Process, *, limit: float | None = None) -> int | None:
    """Wait for the end of a process from outside; return None after `limit` s.

    The clock counts the caller as a `user`. After the limit, or if the wait is cancelled, all processes of the
    session are killed.
    """
    clock, alarm, over = process.place.clock, None, False

    def expire() -> None:
        nonlocal over
        over = True
        kill_session(process)

    until = clock.now() + limit if limit is not None else math.inf
    if limit is not None:
        alarm = clock.call_at(until, expire)
    try:
        while process.state is not State.ZOMBIE:
            pause = Pause(process.place.count)
            process.tell(pause)
            await pause
    except BaseException:
        kill_session(process)
        raise
    finally:
        if alarm is not None:
            alarm.cancel()
    if not clock.turned:
        # A program that held up the whole loop may end before the alarm is heard.
        over = over or clock.now() > until
    return None if over else process.code


def kill_session(leader: Process, signal: Signal = Signal.SIGKILL) -> None:
    """Send a signal to all processes of a session."""
    for process in list(leader.place.table.processes.values()):
        if process.session is leader.session:
            process.send(signal)
