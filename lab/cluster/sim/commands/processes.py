"""ps, free, service: what runs on a node, and on how much memory."""

from dataclasses import dataclass

from lab.cluster.sim.call import Call

__all__ = ["free", "names_of", "ps", "service"]

#: In KiB: all, used by the system, in caches.
_MEMORY, _USED, _CACHED = 8139236, 1468152, 3210152


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    user: str
    command: str

    @property
    def name(self) -> str:
        """The name of the program, as the kernel has it."""
        return self.command.split()[0].rsplit("/", 1)[-1][:15]


def _processes(call: Call) -> list[_Process]:
    inside = call.session.sandbox
    found = []
    if inside is None:
        found.append(_Process(1, "root", "/sbin/init"))
        for number, (unit, command) in enumerate(
            (
                ("systemd-journald.service", "/lib/systemd/systemd-journald"),
                (
                    "dbus.service",
                    "/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation",
                ),
                ("containerd.service", "/usr/bin/containerd"),
                (
                    "kubelet.service",
                    "/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --cgroup-root=/kubelet",
                ),
            )
        ):
            state = call.node.systemd.state(unit)
            if state.active == "active":
                found.append(_Process(state.pid or 90 + number, "root", command))
    pid = 2 if inside else 600
    for container in call.node.runtime.containers.values():
        if container.running and (inside is None or container.sandbox == inside.id):
            user = "10001" if "agnhost" in container.image else "root"
            pid += 7
            command = " ".join(container.argv) or container.name
            found.append(
                _Process(
                    1 if inside else pid, user, command if container.spec.get("command") else f"/agnhost {command}"
                )
            )
    return found


def names_of(call: Call) -> list[tuple[int, str]]:
    """Return number and name of each process that a shell sees."""
    return [(process.pid, process.name) for process in _processes(call)]


async def ps(call: Call) -> int:
    """List processes."""
    words = " ".join(call.argv)
    every = _processes(call)
    if words in {"aux", "-aux", "auxw", "auxww", "faux"}:
        head = "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND"
        rows = [
            f"{p.user:<8} {p.pid:>7}  0.4  0.3 1409768 98304 ?        Ssl  12:00   0:03 {p.command}" for p in every
        ]
    elif words in {"-ef", "-e -f", "-eaf"}:
        head = "UID          PID    PPID  C STIME TTY          TIME CMD"
        rows = [f"{p.user:<8} {p.pid:>7}       1  0 12:00 ?        00:00:03 {p.command}" for p in every]
    elif words in {"-e", "-A", "-ax", "ax"}:
        head, rows = "    PID TTY          TIME CMD", [f"{p.pid:>7} ?        00:00:03 {p.name}" for p in every]
    elif words in {"-e -o comm=", "-eo comm="}:
        head, rows = "", [p.name for p in every]
    elif not words:
        shown = [*every[:1], _Process(135, "10001", "ps")]
        head, rows = "    PID TTY          TIME CMD", [f"{p.pid:>7} ?        00:00:00 {p.name}" for p in shown]
    else:
        return await call.fail(f"not simulated: ps {words} (use --backend kind)")
    await call.out("".join(f"{row}\n" for row in ([head] if head else []) + rows))
    return 0


async def free(call: Call) -> int:
    """Tell how much memory there is."""
    unit = {"": 1, "-k": 1, "-m": 1024, "-g": 1024**2}.get(" ".join(call.argv))
    if unit is None:
        return await call.fail(f"not simulated: free {' '.join(call.argv)} (use --backend kind)")
    left = _MEMORY - _USED - _CACHED
    figures = [number // unit for number in (_MEMORY, _USED, left, 10552, _CACHED, _MEMORY - _USED)]
    await call.line("               total        used        free      shared  buff/cache   available")
    await call.line("Mem:    " + "".join(f"{number:>12}" for number in figures))
    await call.line("Swap:   " + "".join(f"{number:>12}" for number in (0, 0, 0)))
    return 0


async def service(call: Call) -> int:
    """Do to a service what systemctl does."""
    if len(call.argv) != 2:
        return await call.fail(
            "Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]"
        )
    name, verb = call.argv
    return await call.run(["systemctl", "--no-pager", verb, name])
