"""A look into containers: their logs, and commands run inside."""

import shlex
from typing import TYPE_CHECKING

from lab.cluster.sim.call import Call
from lab.cluster.sim.files import Files
from lab.cluster.sim.runtime import Container, Sandbox

if TYPE_CHECKING:
    from lab.cluster.sim.node import NodeModel

__all__ = ["execute", "log_lines", "root_of"]

_SHELLS = {"sh", "bash", "/bin/sh", "/bin/bash"}


def log_lines(container: Container, tail: int, *, stamps: bool = False) -> list[str]:
    """Return a container's last lines (`tail` -1: all)."""
    entries = container.log if tail < 0 else container.log[-tail:] if tail else []
    if not stamps:
        return [line for _, _, line in entries]
    from lab.cluster.sim.world import World  # noqa: PLC0415 -- the world knows its commands

    return [f"{World.iso(at)} {line}" for at, _, line in entries]


def root_of(node: "NodeModel", sandbox: Sandbox, container: Container) -> Files:
    """Return the files that a container sees."""
    files = Files()
    for folder in (
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


async def execute(  # noqa: PLR0917 -- the parts of one call
    call: Call, node: "NodeModel", sandbox: Sandbox, container: Container, argv: list[str], stdin: bytes | None
) -> int:  # fmt: skip
    """Run `argv` inside a container; return its exit code."""
    from lab.cluster.sim.commands.registry import pod_commands  # noqa: PLC0415 -- the registry knows this module

    commands = pod_commands(container)
    if not commands:
        return await call.fail(
            f'OCI runtime exec failed: exec failed: unable to start container process: exec: "{argv[0]}": '
            "executable file not found in $PATH: unknown",
            127,
        )
    files = root_of(node, sandbox, container)
    env = {
        "HOSTNAME": sandbox.name,
        "KUBERNETES_SERVICE_HOST": "10.96.0.1",
        "KUBERNETES_SERVICE_PORT": "443",
        "KUBERNETES_SERVICE_PORT_HTTPS": "443",
    }
    inner = call.session.nested(
        env=env, cwd="/", commands=commands, container=container, sandbox=sandbox, files=files, node=node
    )
    script = shlex.join(argv)
    if stdin is not None:
        files.write("/run/stdin", stdin)
        script = f"{{ {script}; }} < /run/stdin"
    try:
        with call.session.waiter.waiting():
            return await inner.run(script, call.out, call.err)
    finally:
        inner.close()
