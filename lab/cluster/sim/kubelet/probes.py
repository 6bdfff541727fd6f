"""Startup and liveness probes of the control plane's programs: when the kubelet believes that one has started, or ends it.

A startup probe is asked until it succeeds; only then come readiness and liveness. A kubelet that starts anew asks it
again, of containers that run for long as well: what does not answer in that moment gets the startup probe's patience
(240 s, as kubeadm writes it), not the liveness probe's (80 s).
"""  # noqa: E501 -- one sentence

import hashlib
from dataclasses import dataclass

from lab.cluster.sim.machine.runtime import Container
from lab.cluster.sim.plane.control_plane import ControlPlane
from lab.cluster.sim.state.declared import Given, stateful

__all__ = ["Probes", "has_started"]

_PERIOD = 10
_GRACE = 30.0


@dataclass(slots=True)
class _State:
    """Where a container's probes are: when the next is due, and how many have failed in a row."""

    due: float
    failures: int = 0
    #: Whether the kubelet has found the container, after its own start.
    asked: bool = False


def has_started(container: Container) -> bool:
    """Whether the kubelet believes that the container's program has started."""
    return container.running and (container.begun or not container.spec.get("startupProbe"))


@stateful
class Probes:
    """What a node's kubelet knows by asking."""

    _plane: Given[ControlPlane]
    states: dict[str, _State]

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane
        self.states = {}

    def forget(self) -> None:
        """The kubelet starts anew: it knows nothing."""
        self.states = {}

    def failed(self, containers: list[Container], now: float, since: float) -> list[tuple[Container, str]]:
        """Ask whom it is time to ask; return those that have failed too often, and the probe that they failed.

        `since`: when the kubelet was started.
        """
        mine = [one for one in containers if one.running and one.spec.get("startupProbe")]
        self.states = {one.id: self.states[one.id] for one in mine if one.id in self.states}
        found = []
        for container in mine:
            state = self.states.get(container.id)
            if state is None:
                found_running = container.started < since
                # Of all that runs already a kubelet asks at some moment of the first period, not all at once.
                first = since + _share(container) * _PERIOD if found_running else container.started
                state = self.states[container.id] = _State(first)
            while state.due <= now and not container.ending:
                kind = self._ask(container, state)
                if kind:
                    found.append((container, kind))
                    break
        return found

    def _ask(self, container: Container, state: _State) -> str:
        kind = "livenessProbe" if container.begun and state.asked else "startupProbe"
        probe = container.spec.get(kind) or {}
        at, state.due = state.due, state.due + float(probe.get("periodSeconds", _PERIOD))
        if not state.asked:
            state.asked, container.begun = True, False
            return ""
        if at - container.started < float(probe.get("initialDelaySeconds", 0)) or not probe:
            return ""
        if self._answers(container):
            state.failures = 0
            container.begun = True
            return ""
        state.failures += 1
        return kind.removesuffix("Probe") if state.failures >= int(probe.get("failureThreshold", 3)) else ""

    def _answers(self, container: Container) -> bool:
        now = self._plane.now()
        if container.name == "kube-apiserver":
            return container.ready_at <= now and self._plane.etcd_answers()
        return container.ready_at <= now

    def times(self) -> list[float]:
        """Return when somebody is to be asked."""
        return [state.due for state in self.states.values()]

    def end(self, container: Container, now: float) -> None:
        """Tell a container's program to end, and no later than after its grace."""
        container.ending = now
        self.states[container.id].due = now + _GRACE

    def over(self, containers: list[Container], now: float) -> list[Container]:
        """Return the containers whose grace is over."""
        return [one for one in containers if one.running and one.ending and one.ending + _GRACE <= now]


def _share(container: Container) -> float:
    return int(hashlib.md5(container.name.encode(), usedforsecurity=False).hexdigest()[:4], 16) / 0x10000
