"""A look into containers: their logs, and commands run inside."""

from typing import TYPE_CHECKING

from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import name_of, namespace_of
from lab.cluster.sim.bash.builtins.catalog import BUILTINS
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.finding import find_program
from lab.cluster.sim.bash.running.open_files import Null, OpenFile, Plain
from lab.cluster.sim.bash.running.outside import environment_of
from lab.cluster.sim.bash.running.place import Place
from lab.cluster.sim.commands.container_files import OwnFiles
from lab.cluster.sim.commands.container_mounts import Mounts
from lab.cluster.sim.kubelet.pod_logs import probed
from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.process_table import ProcessTable
from lab.cluster.sim.machine.runtime import Container, Sandbox
from lab.cluster.sim.machine.signals import Signal

if TYPE_CHECKING:
    from lab.cluster.sim.world.node import NodeModel

from lab.cluster.sim.text.times import iso

__all__ = ["NOT_FOUND", "entries_of", "execute", "log_lines", "not_started", "root_of"]

#: The number of the first process that is started in a container.
_FIRST_PID = 7


def entries_of(call: Call, container: Container, tail: int) -> list[tuple[float, str, str]]:
    """Return a container's last entries (`tail` -1: all): time, stream, line."""
    found = [*container.log, *probed(container, call.now(), 1000)]
    return found if tail < 0 else found[-tail:] if tail else []


def log_lines(
    call: Call, container: Container, tail: int, *, stamps: bool = False, since: float = 0.0
) -> list[str]:
    """Return a container's last lines (`tail` -1: all), none older than `since`."""
    entries = [entry for entry in entries_of(call, container, tail) if entry[0] >= since]
    if not stamps:
        return [line for _, _, line in entries]

    return [f"{iso(at)} {line}" for at, _, line in entries]


def root_of(node: "NodeModel", sandbox: Sandbox, container: Container) -> Files:
    """Return the files that a container sees."""
    files = Files()
    for folder in (
        *("/boot", "/home", "/lib", "/lib64", "/media", "/mnt", "/opt", "/root", "/sbin", "/srv", "/sys", "/usr"),
        "/bin",
        "/etc",
        "/tmp",  # noqa: S108 -- a folder of the simulated node
        "/proc",
        "/var/run/secrets/kubernetes.io/serviceaccount",
        "/dev",
        "/run",
    ):
        files.mkdir(folder)
    if sandbox.host_network:
        for path in ("/etc/resolv.conf", "/etc/hosts"):
            files.write(path, node.files.get(path))
    else:
        search = f"{sandbox.namespace}.svc.cluster.local svc.cluster.local cluster.local"
        files.write("/etc/resolv.conf", f"search {search}\nnameserver 10.96.0.10\noptions ndots:5\n")
        hosts = (
            "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
        )
        files.write("/etc/hosts", f"{hosts}{sandbox.ip}\t{sandbox.name}\n")
    files.write("/etc/hostname", f"{node.name if sandbox.host_network else sandbox.name}\n")
    files.write(
        "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt", node.files.get("/etc/kubernetes/pki/ca.crt")
    )
    files.write("/var/run/secrets/kubernetes.io/serviceaccount/namespace", sandbox.namespace)
    for name in ("all", "default"):
        for family in ("ipv4", "ipv6"):
            value = node.files.get(f"/proc/sys/net/{family}/conf/{name}/forwarding")
            if value:
                files.write(f"/proc/sys/net/{family}/conf/{name}/forwarding", value)
    files.write("/proc/sys/net/ipv4/ip_forward", "1\n")
    if "agnhost" in container.image:
        files.write("/agnhost", '#!/bin/sh\nagnhost "$@"\n', 0o755)
    return files


def _services(call: Call, sandbox: Sandbox) -> dict[str, str]:
    """Return the environment variables about the Services of a pod's namespace, and about the API server."""
    found: dict[str, str] = {}
    for service in call.plane.store.list(KIND["Service"]):
        own = namespace_of(service) == sandbox.namespace
        address, ports = service["spec"].get("clusterIP"), service["spec"].get("ports") or []
        if not ports or not (own or (namespace_of(service), name_of(service)) == ("default", "kubernetes")):
            continue
        name = name_of(service).upper().replace("-", "_")
        first = f"{ports[0]['protocol'].lower()}://{address}:{ports[0]['port']}"
        found |= {
            f"{name}_SERVICE_HOST": address,
            f"{name}_SERVICE_PORT": str(ports[0]["port"]),
            f"{name}_PORT": first,
        }
        for port in ports:
            protocol, number = port["protocol"], port["port"]
            long = f"{name}_PORT_{number}_{protocol}"
            found |= {long: f"{protocol.lower()}://{address}:{number}", f"{long}_PROTO": protocol.lower()}
            found |= {f"{long}_PORT": str(number), f"{long}_ADDR": address}
            if port.get("name"):
                found[f"{name}_SERVICE_PORT_{port['name'].upper().replace('-', '_')}"] = str(number)
    return found


#: What `execute` returns where the container has no such program: not a code that a program ends with.
NOT_FOUND = -1


def not_started(container: Container, program: str) -> str:
    """Return the runtime's error for a program that is not in a container."""
    return (
        "error executing command in container: failed to exec in container: failed to start exec "
        f'"{container.id}": OCI runtime exec failed: exec failed: unable to start container process: '
        f'exec: "{program}": executable file not found in $PATH: unknown'
    )


async def execute(
    call: Call, node: "NodeModel", sandbox: Sandbox, container: Container, argv: list[str], *, stdin: bool,
    tty: bool,
) -> int:  # fmt: skip
    """Run `argv` inside a container; return its exit code. A shell with a terminal asks there for lines."""
    from lab.cluster.sim.commands.registry import pod_commands  # noqa: PLC0415 -- the registry knows this module

    programs = pod_commands(container)
    if not programs:
        return NOT_FOUND
    files = root_of(node, sandbox, container)
    files.now = call.now
    own = OwnFiles(files, container, image=lambda: root_of(node, sandbox, container))
    mounts = Mounts(node.files, files, sandbox, container)
    own.begin()
    place = Place(
        call.world, node, files, programs, BUILTINS, ProcessTable(_FIRST_PID), container=container,
        sandbox=sandbox, runs=call.place.runs,
        environment={"HOSTNAME": sandbox.name, **_services(call, sandbox)},
    )  # fmt: skip
    environment = environment_of(place)
    if find_program(place, argv[0], environment["PATH"], "/") is None:
        return NOT_FOUND
    given = dict(call.process.descriptors)
    mine: dict[int, OpenFile] = {}
    if not tty:
        mine = {number: Plain(file) for number, file in given.items() if file.terminal}
    if not stdin:
        mine[0] = Null()
    try:
        child = call.start(argv, descriptors=given | mine, environment=environment, place=place, folder="/")
    finally:
        for file in mine.values():
            file.release()
    try:
        return await call.wait(child)
    finally:
        child.send(Signal.SIGKILL)
        mounts.write_back()
        for path in own.keep(mounts.points):
            await call.err(f"not simulated: {path} is too large to stay in the container (use --backend kind)\n")
