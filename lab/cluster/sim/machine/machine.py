"""A machine: the files, units, containers, packet filter and kernel settings of a node, without Kubernetes."""

import hashlib
from collections.abc import Callable
from typing import Any

from lab.cluster.base import Role
from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.firewall import Rule
from lab.cluster.sim.machine.journal import Journal
from lab.cluster.sim.machine.process_table import ProcessTable
from lab.cluster.sim.machine.runtime import Runtime
from lab.cluster.sim.machine.sysctls import Applying, Sysctls
from lab.cluster.sim.machine.systemd import Systemd
from lab.cluster.sim.machine.unit_files import RUNNING
from lab.cluster.sim.state.declared import Derived, Given, stateful
from lab.cluster.sim.timing.clock import Clock

__all__ = ["Machine"]

#: The number of the first process that a shell starts: behind those of services and containers.
_FIRST_PID = 41_000


@stateful
class Machine:
    """One machine of a cluster. Kubernetes' programs on it are containers, and services given to `systemd`."""

    #: The name of its cluster.
    cluster: Given[str]
    name: Given[str]
    role: Given[Role]
    index: Given[int]
    clock: Given[Clock]
    ip: Given[str]
    cidr: Given[str]
    id: str
    files: Files
    journal: Journal
    runtime: Runtime
    #: Packet filter rules added by hand.
    firewall: list[Rule]
    sysctls: Sysctls
    systemd: Systemd
    #: The processes that shells and services run: they end with the simulator's own.
    table: ProcessTable[Any]
    #: What the kubelet serves -> its address (`*` for all) and port.
    served: dict[str, tuple[str, int]]
    #: Path -> size in bytes, of files that a program outside this model of the disk makes grow: the program says.
    sizes: Derived[dict[str, Callable[[], int]]]

    def __init__(self, cluster: str, name: str, role: Role, index: int, clock: Clock) -> None:
        self.cluster = cluster
        self.name = name
        self.role = role
        self.index = index
        self.clock = clock
        # kind's network gives the worker the first address: it usually starts first.
        self.ip = f"172.18.0.{3 - index if index < 2 else index + 2}"
        self.cidr = f"10.244.{index}.0/24"
        self.id = clock.chance.hex(32)
        self.files = Files()
        self.files.now = clock.now
        self.journal = Journal(name)
        self.runtime = Runtime(cidr=self.cidr, chance=clock.chance)
        self.firewall = []
        self.sysctls = Sysctls(self.files)
        self.systemd = Systemd(self.files, self.journal, clock)
        self.systemd.services["systemd-sysctl.service"] = Applying(self.files)
        self.served, self.sizes = {}, {}
        self.table = ProcessTable(_FIRST_PID)

    @property
    def boot_time(self) -> float:
        """The time of the last boot, in s since the epoch."""
        return self.systemd.boot_time

    @property
    def forwards(self) -> bool:
        """Whether the kernel forwards packets."""
        return self.sysctls.get("net.ipv4.ip_forward") not in {"0", "", None}

    @property
    def machine_id(self) -> str:
        """The id in /etc/machine-id; it stays the same over boots."""
        return hashlib.sha256(self.id.encode()).hexdigest()[:32]

    @property
    def boot_id(self) -> str:
        """The id of the last boot."""
        return hashlib.sha256(f"{self.id} {self.boot_time}".encode()).hexdigest()[:32]

    def reboot(self) -> None:
        """End all processes, start the enabled units, and apply the settings files."""
        now = self.clock.now()
        for sandbox in self.runtime.sandboxes.values():
            self.runtime.stop_sandbox(sandbox, now)
        self.runtime.sandboxes.clear()
        self.runtime.containers.clear()
        self.systemd.end_all()
        for name in list(self.systemd.states):
            self.systemd.stop(name)
        self.systemd.states.clear()
        self.firewall.clear()
        self.files.remove("/run")
        self.files.mkdir("/run")
        self.systemd.boot_time = now
        self.sysctls.set("net.ipv4.ip_forward", "1")
        self.sysctls.apply_files()
        self.systemd.boot(RUNNING)
