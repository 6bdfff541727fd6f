"""Startup and liveness probes of the control plane's programs: when the kubelet counts one as started or restarts it.

The startup probe runs until it succeeds; only then do the readiness and liveness probes run. After its own restart the
kubelet runs the startup probe again, also for containers that have run for a long time. A program that does not answer
at that moment therefore gets the startup probe's time (240 s in kubeadm's manifests), not the liveness probe's (80 s).
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
    """The state of a container's probes: the time of the next one, and the failures in a row."""

    due: float
    failures: int = 0
    #: Whether the container was already running when the kubelet started.
    asked: bool = False


def has_started(container: Container) -> bool:
    """Whether the kubelet counts the container's program as started."""
    return container.running and (container.begun or not container.spec.get("startupProbe"))


@stateful
class Probes:
    """The probes of a node's kubelet."""

    _plane: Given[ControlPlane]
    states: dict[str, _State]

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane
        self.states = {}

    def forget(self) -> None:
        """Forget everything, as a kubelet that restarts does."""
        self.states = {}

    def failed(self, containers: list[Container], now: float, since: float) -> list[tuple[Container, str]]:
        """Run the probes that are due; return the containers that failed too often, each with the failed probe.

        `since` is the time of the kubelet's start.
        """
        mine = [one for one in containers if one.running and one.spec.get("startupProbe")]
        self.states = {one.id: self.states[one.id] for one in mine if one.id in self.states}
        found = []
        for container in mine:
            state = self.states.get(container.id)
            if state is None:
                found_running = container.started < since
                # A kubelet that starts spreads the first probes of running containers over one period.
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
        """Return the times of the next probes."""
        return [state.due for state in self.states.values()]

    def end(self, container: Container, now: float) -> None:
        """Ask a container's program to end; after its grace period it is killed."""
        container.ending = now
        self.states[container.id].due = now + _GRACE

    def over(self, containers: list[Container], now: float) -> list[Container]:
        """Return the containers whose grace period has ended."""
        return [one for one in containers if one.running and one.ending and one.ending + _GRACE <= now]


def _share(container: Container) -> float:
    return int(hashlib.md5(container.name.encode(), usedforsecurity=False).hexdigest()[:4], 16) / 0x10000
