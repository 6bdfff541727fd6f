"""The kubelet's lines in its node's journal."""

from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.state.declared import Given, stateful
from lab.cluster.sim.text.times import klog_time

__all__ = ["KubeletLog"]


@stateful
class KubeletLog:
    """The log of one machine's kubelet."""

    _machine: Given[Machine]

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def write(self, level: str, source: str, message: str) -> None:
        """Write a line: `level` is I, W or E, `source` a file and line of the kubelet's source."""
        now = self._machine.clock.now()
        pid = self._machine.systemd.state("kubelet.service").pid or 575
        line = f"{level}{klog_time(now)} {pid:7d} {source}] {message}"
        self._machine.journal.write(now, "kubelet.service", line, identifier="kubelet", pid=pid)
