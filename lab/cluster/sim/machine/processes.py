"""The processes of a node: system services, and for each pod a shim, a pause process and its programs."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.machine.runtime import Container, Sandbox
from lab.cluster.sim.machine.unit_commands import command_line

__all__ = ["MEMORY", "Process", "of_container", "processes"]

#: The memory of a node, in KiB.
MEMORY = 8139236
#: Program -> (virtual and resident size in KiB, share of a processor in %), as measured on a real node.
_FIGURES = {
    "systemd": (167544, 12332, 0.1),
    "systemd-journald": (33024, 12424, 0.0),
    "dbus-daemon": (8068, 4548, 0.0),
    "systemd-logind": (16708, 8244, 0.0),
    "containerd": (1878452, 54932, 0.5),
    "containerd-shim-runc-v2": (1537588, 13972, 0.0),
    "pause": (988, 696, 0.0),
    "kubelet": (1410536, 139012, 1.8),
    "etcd": (11840668, 59228, 2.2),
    "kube-apiserver": (1745460, 347912, 3.9),
    "kube-controller-manager": (1476208, 144996, 0.9),
    "kube-scheduler": (1475632, 118236, 0.6),
    "kube-proxy": (1409768, 101392, 0.1),
    "cni": (1296004, 33548, 0.1),
    "coredns": (1311680, 42572, 0.2),
    "agnhost": (1312564, 35344, 0.0),
}
_ELSE = (3940, 3092, 0.0)
#: Services with a program in the model -> the command line that ps shows.
_NATIVE = {
    "systemd-journald.service": "/lib/systemd/systemd-journald",
    "dbus.service": "/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation "
    "--syslog-only",
    "containerd.service": "/usr/bin/containerd",
    "systemd-logind.service": "/lib/systemd/systemd-logind",
    "systemd-timedated.service": "/lib/systemd/systemd-timedated",
    "systemd-hostnamed.service": "/lib/systemd/systemd-hostnamed",
}
_SHIM = "/usr/bin/containerd-shim-runc-v2"
_USERS = {"root": 0, "message+": 100}


@dataclass(frozen=True, slots=True)
class Process:
    """One process. `started` in s since the epoch."""

    pid: int
    parent: int
    user: str
    args: str
    started: float
    #: The kernel's name of the process, if it is not the program's.
    known_as: str = ""
    unit: str = ""
    container: Container | None = None
    sandbox: Sandbox | None = None
    tty: str = "?"
    #: Its state, where that is known better than from the program.
    letters: str = ""
    #: Whether a shell or a service has started it.
    by_shell: bool = False

    @property
    def program(self) -> str:
        """The program's name."""
        return self.known_as or self.args.split()[0].rsplit("/", 1)[-1]

    @property
    def name(self) -> str:
        """The kernel's name of the process, which is cut to 15 characters."""
        return self.program[:15]

    @property
    def uid(self) -> int:
        """The user id."""
        return int(self.user) if self.user.isdigit() else _USERS.get(self.user, 0)

    @property
    def virtual(self) -> int:
        """The virtual size in KiB."""
        return _FIGURES.get(self.program, _ELSE)[0]

    @property
    def resident(self) -> int:
        """The resident size in KiB."""
        return _FIGURES.get(self.program, _ELSE)[1]

    @property
    def share(self) -> float:
        """The share of a processor in %."""
        return _FIGURES.get(self.program, _ELSE)[2]

    @property
    def threads(self) -> int:
        """The number of threads; Go programs have many."""
        return 12 if self.virtual > 1_000_000 else 1

    @property
    def state(self) -> str:
        """Its state as ps shows it."""
        if self.letters:
            return self.letters
        leads = "" if self.program.startswith("containerd-shim") else "s"
        return "S" + leads + ("l" if self.threads > 1 else "")


def processes(machine: Machine) -> list[Process]:
    """Return all processes of a machine, sorted by pid."""
    found = [Process(1, 0, "root", "/sbin/init", machine.boot_time, known_as="systemd")]
    found += _services(machine)
    for sandbox in machine.runtime.sandboxes.values():
        if sandbox.ready:
            found += _pod(machine, sandbox)
    found += _shells(machine, {process.pid for process in found})
    return sorted(found, key=lambda process: process.pid)


def _shells(machine: Machine, known: Collection[int]) -> Iterator[Process]:
    """Return the processes of shells and services, except the services' own ones, which are already known."""
    for one in machine.table.processes.values():
        if one.pid not in known:
            words = list(one.arguments)
            known_as = words[0][1:] if words[:1] and words[0].startswith("-") else ""
            yield Process(
                one.pid, one.parent_pid, "root", " ".join(words), one.started, known_as=known_as, tty=one.tty,
                letters=one.letters, by_shell=True,
            )  # fmt: skip


def _services(machine: Machine) -> Iterator[Process]:
    for number, (name, state) in enumerate(sorted(machine.systemd.states.items())):
        if not name.endswith(".service") or state.sub not in {"running", "start"}:
            continue
        unit = machine.systemd.unit(name)
        args = _NATIVE.get(name, "")
        if unit is not None and name == "kubelet.service":
            args = " ".join(command_line(machine.files, unit))
        if not args and unit is not None:
            args = _interpreted(machine, (unit.every("Service", "ExecStart") or [name])[-1].lstrip("-@+!:"))
        user = "message+" if name == "dbus.service" else "root"
        yield Process(state.pid or 90 + number, 1, user, args or name, state.since, unit=name)


def _interpreted(machine: Machine, command: str) -> str:
    """Return the kernel's command line: for a script it begins with the interpreter."""
    path = command.split(maxsplit=1)[0] if command.split() else ""
    first = machine.files.get(path).partition("\n")[0]
    return f"{first[2:].strip()} {command}" if first.startswith("#!") and "/usr/bin/" not in path else command


def _pod(machine: Machine, sandbox: Sandbox) -> Iterator[Process]:
    shim = f"{_SHIM} -namespace k8s.io -id {sandbox.id} -address /run/containerd/containerd.sock"
    containers = [container for container in machine.runtime.of(sandbox) if container.running]
    user = next((_user(container) for container in containers), "root")
    yield Process(sandbox.pid - 1, 1, "root", shim, sandbox.created)
    yield Process(sandbox.pid, sandbox.pid - 1, user, "/pause", sandbox.created, sandbox=sandbox)
    for container in containers:
        yield of_container(container, container.pid, sandbox.pid - 1)


def _user(container: Container) -> str:
    return "10001" if "agnhost" in container.image else "root"


def of_container(container: Container, pid: int, parent: int) -> Process:
    """Return a container's process with its pid in the namespace of the caller."""
    words = list(container.argv)
    if not container.spec.get("command") and "agnhost" in container.image:
        words = ["/agnhost", *(words or ["pause"])]
    elif not container.spec.get("command") and container.name == "coredns":
        words = ["/coredns", *words]
    known = "cni" if container.name == "kindnet-cni" else ""
    args = " ".join(words) or ("/usr/local/bin/cni" if known else container.name)
    return Process(pid, parent, _user(container), args, container.started, known_as=known, container=container)
