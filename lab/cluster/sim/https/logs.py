"""The log of a container, as the API serves it: whole, its end, or as it grows."""

from collections.abc import Mapping
from dataclasses import dataclass

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.objects import Object, name_of, namespace_of, parse_time
from lab.cluster.sim.https.asked import truth
from lab.cluster.sim.https.pods import container_of
from lab.cluster.sim.kubelet.pod_logs import probed
from lab.cluster.sim.machine.runtime import Container
from lab.cluster.sim.text.times import iso
from lab.cluster.sim.world.world import World

__all__ = ["Log"]


@dataclass(slots=True)
class Log:
    """One container's log. Calls are on the simulator's loop."""

    world: World
    container: Container
    query: Mapping[str, str]
    #: How many of the container's own lines were read.
    seen: int = 0

    @classmethod
    def of(cls, world: World, pod: Object, query: Mapping[str, str]) -> "Log":
        """Return the log that `query` asks for; raise `ApiError` if there is none."""
        place = container_of(world, pod, query.get("container", ""))
        node, found, name = place.node, place.attempts, place.name
        if not node.kubelet.active:
            where = f"https://{node.ip}:10250/containerLogs/{namespace_of(pod)}/{name_of(pod)}/{name}"
            message = f'Get "{where}": dial tcp {node.ip}:10250: connect: connection refused'
            raise ApiError(500, "InternalError", message)
        before = truth(query, "previous")
        chosen = found[-2:-1] if before else found[-1:]
        if not chosen:
            told = f'container "{name}" in pod "{name_of(pod)}"'
            why = f"previous terminated {told} not found" if before else (
                f"{told} is waiting to start: ContainerCreating"
            )  # fmt: skip
            raise ApiError.bad_request(why)
        return cls(world, chosen[0], query)

    def first(self) -> bytes:
        """Return what is there now, as `query` restricts it."""
        now = self.world.now()
        self.seen = len(self.container.log)
        entries = [*self.container.log, *probed(self.container, now, 1000)]
        since = 0.0
        if self.query.get("sinceSeconds", "").isdigit():
            since = now - int(self.query["sinceSeconds"])
        elif self.query.get("sinceTime"):
            since = parse_time(self.query["sinceTime"])
        entries = [entry for entry in entries if entry[0] >= since]
        tail = self.query.get("tailLines", "")
        if tail.isdigit():
            entries = entries[-int(tail) :] if int(tail) else []
        text = self._text(entries)
        most = self.query.get("limitBytes", "")
        return text[: int(most)] if most.isdigit() else text

    def more(self) -> bytes | None:
        """Return what was written since the last call; None once the container has ended."""
        new = self.container.log[self.seen :]
        self.seen = len(self.container.log)
        if not new and not self.container.running:
            return None
        return self._text(new)

    def _text(self, entries: list[tuple[float, str, str]]) -> bytes:
        stamps = truth(self.query, "timestamps")
        return "".join(f"{iso(at) + ' ' if stamps else ''}{line}\n" for at, _, line in entries).encode()
