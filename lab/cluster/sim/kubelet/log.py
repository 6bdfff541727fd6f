"""The kubelet's lines in its node's journal."""

from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.state.declared import Given, stateful
from lab.cluster.sim.text.times import klog_time

__all__ = ["KubeletLog", "quoted"]


def quoted(text: str) -> str:
    """Return a text as klog prints it: of several lines in an indented block."""
    if "\n" in text:
        lines = "\n".join(f"\t{line}" for line in text.split("\n"))
        return f"<\n{lines}\n >"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


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
