"""Large values of variables: they take processor time, and the memory of a node."""

from lab.cluster.sim.bash.running.endings import Killed
from lab.cluster.sim.bash.running.shell import Shell
from lab.cluster.sim.bash.running.weights import ELEMENT
from lab.cluster.sim.machine.signals import Signal

__all__ = ["weigh"]

#: How long a value may be. A longer value would take all the memory of a node.
_LONGEST = 4 << 20


async def weigh(shell: Shell, name: str) -> None:
    """Charge for a variable that was set; a process that holds too much memory is killed, as on a node."""
    variable = shell.variables.find(name)
    value = variable.value if variable is not None else None
    size = len(value) * (ELEMENT if isinstance(value, dict) else 1) if value else 0
    if size > _LONGEST:
        raise Killed(Signal.SIGKILL)
    shell.weights.note(name, size)
    await shell.process.step(size * 1e-9)
