"""runc: the containers below containerd's roots."""

from datetime import UTC, datetime

from lab.cluster.sim.bash.running.call import Call, NotSimulated
from lab.cluster.sim.commands.flags import UnknownFlag, parse
from lab.cluster.sim.commands.node.runtime_tasks import is_running, sandboxes_and_containers
from lab.cluster.sim.text.tabwriter import aligned

__all__ = ["runc"]

_ROOTS = ("/run/containerd/runc/k8s.io", "/run/containerd/runc/k8s.io/")
_BUNDLES = "/run/containerd/io.containerd.runtime.v2.task/k8s.io"


async def runc(call: Call) -> int:
    """List the containers below one of containerd's roots."""
    try:
        flags = parse(call.argv, {"--root": "root"}, {}, interspersed=False, program="runc")
    except UnknownFlag as end:
        return await call.fail(end.message)
    verb = flags.words[0] if flags.words else "help"
    known = {
        "checkpoint",
        "create",
        "delete",
        "events",
        "exec",
        "kill",
        "list",
        "pause",
        "ps",
        "restore",
        "resume",
        "run",
        "spec",
        "start",
        "state",
        "update",
        "features",
        "help",
        "h",
    }
    if verb not in known:
        at = call.world.now()
        return await call.fail(f'time="{_zulu(at)}" level=error msg="No help topic for \'{verb}\'\\n"', 3)
    if flags.words != ["list"]:
        return await call.fail(NotSimulated(f"runc {' '.join(call.argv)}").message)
    rows = [["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"]]
    if flags.get("root") in _ROOTS:
        rows += [
            [key, str(one.pid), "running", f"{_BUNDLES}/{key}", _zulu(one.created), "root"]
            for key, one, _ in sandboxes_and_containers(call)
            if is_running(one)
        ]
    await call.line(aligned("\n".join("\t".join(row) for row in rows), 3))
    return 0


def _zulu(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
