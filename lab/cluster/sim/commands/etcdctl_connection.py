"""How etcdctl reaches a server, and what it prints where it can not."""

from lab.cluster.sim.call import Call, Exit
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.durations import parse_duration
from lab.cluster.sim.etcd import (
    Etcd,
)
from lab.cluster.sim.network import Source
from lab.cluster.sim.world import World

__all__ = ["endpoint", "reach", "retry_warning", "warn"]


def retry_warning(call: Call, flags: Flags, method: str, error: str, *, connected: bool, logger: str) -> str:
    """Return the line that etcd's client logs when a request fails."""
    target = endpoint(flags).removeprefix("https://").removeprefix("http://")
    peer = "Addr: <nil>, LocalAddr: <nil>, AuthInfo: <nil>"
    if connected:
        peer = f"Addr: '{target}', LocalAddr: '127.0.0.1:{40000 + int(call.now()) % 20000}', AuthInfo: 'tls'"
    return (
        f'{{"level":"warn","ts":"{World.iso(call.now())}","logger":"{logger}",'
        '"caller":"v3@v3.6.16/retry_interceptor.go:68","msg":"retrying of unary invoker failed",'
        f'"target":"etcd-endpoints://0xc000404000/{target}","peer":"Peer{{{peer}}}",'
        f'"method":"/etcdserverpb.{method}","attempt":0,"error":"rpc error: {error}"}}\n'
    )


async def warn(call: Call, message: str, more: str) -> None:
    """Log a warning as etcdctl does."""
    stamp = World.iso(call.now())
    await call.err(f'{{"level":"warn","ts":"{stamp}","caller":"flags/flag.go:94","msg":"{message}",{more}}}\n')


def endpoint(flags: Flags) -> str:
    """Return the endpoint that is asked."""
    return flags.get("endpoints", "127.0.0.1:2379").split(",")[0]


async def reach(call: Call, flags: Flags, method: str = "KV/Range", *, health: bool = False) -> Etcd:
    """Return etcd, or end the command as etcdctl does where it does not answer."""
    problem = await _problem(call, flags)
    if problem:
        limit = parse_duration(flags.get("command-timeout", "5s"))
        await call.sleep(limit)
        error = f"code = DeadlineExceeded desc = latest balancer error: {problem}"
        logger = "client" if method == "KV/Range" and health else "etcd-client"
        await call.err(retry_warning(call, flags, method, error, connected=False, logger=logger))
        raise Exit(1, "Error: context deadline exceeded")
    return call.world.etcd


async def _problem(call: Call, flags: Flags) -> str:
    """Return why the server can not be reached, or nothing."""
    where = endpoint(flags)
    host, _, port = where.removeprefix("https://").removeprefix("http://").rpartition(":")
    for name in ("cacert", "cert", "key"):
        path = flags.get(name)
        if path and not call.files.is_file(call.path(path)):
            raise Exit(1, f"Error: open {path}: no such file or directory")
    host = "127.0.0.1" if host == "localhost" else host
    try:
        verdict = call.world.network.connect(Source(call.node, call.session.sandbox), host, int(port))
    except ValueError:
        verdict = None
    if verdict is None or not verdict.open or verdict.listener is None or verdict.listener.kind != "etcd":
        return f'connection error: desc = \\"transport: Error while dialing: dial tcp {host}:{port}: connect: connection refused\\"'  # noqa: E501 -- as it is printed
    if not where.startswith("https://") and not flags.get("cacert"):
        return 'connection error: desc = \\"error reading server preface: EOF\\"'
    if not flags.on("insecure") and not _certified(call, flags):
        return (
            'connection error: desc = \\"transport: authentication handshake failed: tls: failed to verify certificate: '  # noqa: E501 -- as it is printed
            'x509: certificate signed by unknown authority\\"'
        )
    return ""


def _certified(call: Call, flags: Flags) -> bool:
    """Whether the certificates given are ones that this etcd takes."""
    pki = "/etc/kubernetes/pki"
    cp = call.world.control_plane.files
    given = {
        name: call.files.get(call.path(flags.get(name))) if flags.get(name) else ""
        for name in ("cacert", "cert", "key")
    }
    good = any(
        given["cert"] == cp.get(f"{pki}/{name}.crt") and given["key"] == cp.get(f"{pki}/{name}.key")
        for name in ("etcd/server", "etcd/peer", "etcd/healthcheck-client", "apiserver-etcd-client")
    )
    return good and given["cacert"] == cp.get(f"{pki}/etcd/ca.crt") != ""
