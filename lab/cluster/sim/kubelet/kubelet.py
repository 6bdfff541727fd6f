"""The kubelet of one node: static pods, mirror pods, containers that restart, statuses, the node's own health."""

from lab.cluster.sim.api.objects import Object, dig, meta, name_of, namespace_of
from lab.cluster.sim.kubelet import pod_logs, pod_status
from lab.cluster.sim.kubelet.beginning import UNIT, Beginning
from lab.cluster.sim.kubelet.log import KubeletLog
from lab.cluster.sim.kubelet.node_status import renew
from lab.cluster.sim.kubelet.probes import Probes
from lab.cluster.sim.kubelet.restarts import Restarts
from lab.cluster.sim.kubelet.static_pods import MIRROR, StaticPods
from lab.cluster.sim.machine import image_pulls
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.machine.runtime import Container, Sandbox
from lab.cluster.sim.plane import programs
from lab.cluster.sim.plane.client import Client
from lab.cluster.sim.plane.control_plane import ControlPlane
from lab.cluster.sim.plane.events import Recorder
from lab.cluster.sim.state.declared import Derived, Given, stateful

__all__ = ["Kubelet"]

#: Seconds from a pod's arrival to the start of its containers. System pods on the host network need ConfigMaps.
_SETUP, _SETUP_HOST, _SETUP_STATIC = 0.5, 1.6, 0.1
_SYNC = 10.0
#: Seconds between two removals of sandboxes and logs of deleted pods.
_COLLECT = 60.0


@stateful
class Kubelet:
    """The kubelet of one node. systemd decides whether it runs."""

    _plane: Given[ControlPlane]
    _machine: Given[Machine]
    _log: KubeletLog
    _client: Given[Client]
    _events: Given[Recorder]
    due: float
    active: bool
    #: The time of its last start.
    began: float
    beginning: Beginning
    #: UID -> pod, as the API server last reported it.
    given: dict[str, Object]
    arrived: dict[str, float]
    ending: dict[str, float]
    static: StaticPods
    restarts: Restarts
    probes: Probes
    #: Hash of the manifest or UID of the pod, and container -> the number of the last attempt.
    attempts: dict[str, int]
    #: Image that could not be pulled -> the time of the next try.
    _refused: dict[str, float]
    _collects: float
    #: The containers that existed when stale logs were last removed.
    _logged: set[str]
    #: Pod UID -> the inputs of its last status. A cache: equal inputs need no new status.
    _reported: Derived[dict[str, pod_status.Grounds]]
    #: All pods, and those of this node among them: a cache.
    _assigned: Derived[tuple[tuple[Object, ...], tuple[Object, ...]]]
    #: The pods of this node, and those of them that are not mirrors by UID: a cache.
    _mine: Derived[tuple[tuple[Object, ...], dict[str, Object]]]

    def __init__(self, plane: ControlPlane, machine: Machine) -> None:
        self._plane = plane
        self._machine = machine
        self._log = KubeletLog(machine)
        self._client = plane.client(f"system:node:{machine.name}")
        self._events = plane.events.recorder(self._client, "kubelet", machine.name, self._process)
        self.due = float("inf")
        self.active = False
        self.began = 0.0
        self.beginning = Beginning(machine, self._log)
        self.given = {}
        self.arrived, self.ending = {}, {}
        self.static = StaticPods(plane, machine, self._client, self._log)
        self.restarts = Restarts()
        self.probes = Probes(plane)
        self.attempts = {}
        self._refused = {}
        self._collects = 0.0
        self._logged = set()
        self._reported = {}
        self._assigned = (), ()
        self._mine = (), {}

    def _process(self) -> str:
        return str(self.began)

    @property
    def pods(self) -> dict[str, Object]:
        """UID -> pod: the static pods, and the pods from the API server."""
        return {**self.static.known, **self.given}

    def start(self) -> None:
        """Start the kubelet; it remembers nothing from its last run, and may end again soon."""
        self.began = self._plane.now()
        if not self.beginning.begin(self.began):
            self.due = self.beginning.ends
            return
        self.active = True
        self.static.folder = self.beginning.settings.get("staticPodPath", "")
        self.static.forget()
        self.restarts = Restarts()
        self.probes.forget()
        self.due = self._plane.now() + 0.3
        self._log.write("I", "server.go:529", '"Kubelet version" kubeletVersion="v1.34.4"')
        self._log.write("I", "server.go:956", '"Client rotation is on, will bootstrap in background"')
        self._log.write(
            "I", "kubelet_node_status.go:75", f'"Attempting to register node" node="{self._machine.name}"'
        )

    def stop(self) -> None:
        """Stop the kubelet; its containers keep running."""
        self.active = False
        self.beginning.stop()
        self.due = float("inf")

    def run(self, now: float) -> None:
        """Make the node's containers match its pods, and report their statuses to the API server."""
        for container in list(self._machine.runtime.containers.values()):
            if container.running:
                programs.tick(self._plane, self._machine, container)
        if self.beginning.over(now):
            self.stop()
            self._machine.systemd.ended(UNIT, 1)
        if not self.active:
            # The control plane's programs work without the kubelet, too.
            self.due = min([self.beginning.ends, *self._of_programs(now)])
            return
        self.static.sync(now)
        self._listen()
        self._collect(now)
        self._write_logs()
        for uid, pod in list(self.pods.items()):
            if uid in self.static.waiting:
                continue
            if uid in self.ending or "deletionTimestamp" in meta(pod):
                self._finish(uid, pod, now)
            else:
                self._keep(uid, pod, now)
        self._probe(now)
        self._mirror(now)
        self._report(now)
        if self._plane.api_answers():
            renew(self._client, self._machine, self._log, now, self.beginning.settings["maxPods"])
        self._plan(now)

    def assigned(self) -> tuple[Object, ...]:
        """Return the pods that the API server has for this node, mirrors of static pods too."""
        pods = self._client.current("Pod")
        if pods is not self._assigned[0]:
            self._assigned = pods, tuple(pod for pod in pods if dig(pod, "spec", "nodeName") == self._machine.name)
        return self._assigned[1]

    def _listen(self) -> None:
        """Read the API server's pods for this node."""
        if not self._plane.api_answers():
            return
        assigned = self.assigned()
        if assigned is not self._mine[0]:
            own = (pod for pod in assigned if MIRROR not in (meta(pod).get("annotations") or {}))
            self._mine = assigned, {meta(pod)["uid"]: pod for pod in own}
        mine = self._mine[1]
        for uid in [uid for uid in self.given if uid not in mine]:
            self._drop(uid)
        self.given.update(mine)

    def _drop(self, uid: str) -> None:
        """Remove the containers of a pod that the API no longer has."""
        for sandbox in self._machine.runtime.sandboxes_of(uid):
            self._machine.runtime.stop_sandbox(sandbox, self._plane.now())
            for container in self._machine.runtime.of(sandbox):
                del self._machine.runtime.containers[container.id]
        for known in (self.given, self.arrived, self.ending):
            known.pop(uid, None)
        for key in [key for key in self.attempts if key.startswith(f"{uid}/")]:
            del self.attempts[key]

    def _collect(self, now: float) -> None:
        """Remove the sandboxes of deleted pods, once a minute."""
        if now < self._collects:
            return
        self._collects = now + _COLLECT
        known = self.pods
        for sandbox in list(self._machine.runtime.sandboxes.values()):
            if not sandbox.ready and sandbox.uid not in known:
                self._machine.runtime.remove_sandbox(sandbox)
        self._machine.runtime.prune()
        self._logged = set()
        # Restarts are counted from a pod's logs, so this count goes with them.
        self.attempts = {key: count for key, count in self.attempts.items() if key.split("/")[0] in known}

    def _write_logs(self) -> None:
        """Write a log file for each container, and remove all other log files."""
        pod_logs.write(self._machine)
        containers = set(self._machine.runtime.containers)
        if containers != self._logged:
            pod_logs.sweep(self._machine)
            self._logged = containers

    def _keep(self, uid: str, pod: Object, now: float) -> None:
        runtime = self._machine.runtime
        sandbox = runtime.sandbox_of(uid)
        if sandbox is None:
            since = self.arrived.setdefault(uid, now)
            if now >= since + self._setup(uid, pod):
                self._set_up(uid, pod, now)
            return
        self.arrived.pop(uid, None)
        for spec in pod["spec"]["containers"]:
            container = runtime.latest(sandbox, spec["name"])
            if container is None:
                self._start(pod, sandbox, spec, now, 0)
            elif container.image != spec.get("image", "") and (container.running or pod_status.comes_back(pod)):
                self._replace(pod, sandbox, spec, container, now)
            elif not container.running and pod_status.comes_back(pod):
                if self.restarts.may_start(container, now):
                    self._start(pod, sandbox, spec, now, container.attempt + 1)
                else:
                    self._back_off(pod, container)

    def _setup(self, uid: str, pod: Object) -> float:
        if uid in self.static.uids():
            return _SETUP_STATIC
        return _SETUP_HOST if pod["spec"].get("hostNetwork") else _SETUP

    def _set_up(self, uid: str, pod: Object, now: float) -> None:
        runtime = self._machine.runtime
        host = bool(pod["spec"].get("hostNetwork"))
        earlier = runtime.sandboxes_of(uid)
        attempt = max((one.attempt for one in earlier), default=-1) + 1
        sandbox = runtime.run_sandbox(
            pod, now, ip=self._machine.ip if host else "", source=self.static.source(uid), attempt=attempt
        )
        for old in earlier:
            runtime.remove_sandbox(old)
        if not host:
            # The CNI plugin turns IP forwarding on each time it connects a pod.
            self._machine.sysctls.set("net.ipv4.ip_forward", "1")
        for spec in pod["spec"]["containers"]:
            self._start(pod, sandbox, spec, now, 0)

    def _replace(self, pod: Object, sandbox: Sandbox, spec: Object, container: Container, now: float) -> None:
        """Stop a container whose pod has a new image, and start the new image (as seen on a real kubelet).

        Back-off applies to the same program after a crash, so it does not apply here.
        """
        if container.running:
            told = f"Container {spec['name']} definition changed, will be restarted"
            self.event(pod, "Normal", "Killing", told, f"spec.containers{{{spec['name']}}}")
            self._machine.runtime.stop(container, now, programs.code_when_stopped(container))
        self.restarts.forget(container)
        self._start(pod, sandbox, spec, now, container.attempt + 1)

    def _start(self, pod: Object, sandbox: Sandbox, spec: Object, now: float, attempt: int) -> None:
        field = f"spec.containers{{{spec['name']}}}"
        if not self._machine.runtime.has_image(spec.get("image", "")):
            self._no_image(pod, spec, field, now)
            return
        # For containers that the runtime has forgotten, the kubelet counts restarts from the remaining logs.
        key = f"{sandbox.source or meta(pod)['uid']}/{spec['name']}"
        attempt = max(attempt, self.attempts.get(key, -1) + 1)
        self.attempts[key] = attempt
        container = self._machine.runtime.create(sandbox, spec, now, attempt)
        image = spec.get("image", "")
        self.event(pod, "Normal", "Pulled", f'Container image "{image}" already present on machine', field)
        self.event(pod, "Normal", "Created", f"Created container: {spec['name']}", field)
        self.event(pod, "Normal", "Started", f"Started container {spec['name']}", field)
        self.restarts.started(container)
        programs.begin(self._plane, self._machine, sandbox, container)
        if not container.running:
            self._back_off(pod, container)

    def _no_image(self, pod: Object, spec: Object, field: str, now: float) -> None:
        image = spec.get("image", "")
        key = f"{meta(pod)['uid']}/{spec['name']}/{image}"
        if self._refused.get(key, 0.0) > now:
            return
        self._refused[key] = now + 60
        why = image_pulls.failure(image, self._machine.files)
        self.event(pod, "Normal", "Pulling", f'Pulling image "{image}"', field)
        self.event(pod, "Warning", "Failed", f'Failed to pull image "{image}": {why}', field)
        self.event(pod, "Warning", "Failed", "Error: ErrImagePull", field)
        self.event(pod, "Normal", "BackOff", f'Back-off pulling image "{image}"', field)
        self.event(pod, "Warning", "Failed", "Error: ImagePullBackOff", field)

    def _back_off(self, pod: Object, container: Container) -> None:
        if self.restarts.told(container):
            return
        named = f"{name_of(pod)}_{namespace_of(pod)}({meta(pod)['uid']})"
        message = f"Back-off restarting failed container {container.name} in pod {named}"
        self.event(pod, "Warning", "BackOff", message, f"spec.containers{{{container.name}}}")
        pause = self.restarts.pause_text(container)
        self._log.write(
            "E", "pod_workers.go:1324",
            f'"Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"{container.name}\\" with '
            f'CrashLoopBackOff: \\"back-off {pause} restarting failed container={container.name} pod={named}\\"" '
            f'pod="{namespace_of(pod)}/{name_of(pod)}" podUID="{meta(pod)["uid"]}"',
        )  # fmt: skip

    def event(self, pod: Object, kind: str, reason: str, message: str, field: str = "") -> None:
        """Write an event about a pod."""
        self._events.record(pod, kind, reason, message, field)

    def _finish(self, uid: str, pod: Object, now: float) -> None:
        """Finish the deletion of a pod: first its processes end, then the object is deleted."""
        runtime = self._machine.runtime
        grace = dig(pod, "metadata", "deletionGracePeriodSeconds", default=30)
        if uid not in self.ending:
            self.ending[uid] = now + min(float(grace), 0.7)
            for spec in pod["spec"]["containers"]:
                field = f"spec.containers{{{spec['name']}}}"
                self.event(pod, "Normal", "Killing", f"Stopping container {spec['name']}", field)
            return
        if now < self.ending[uid]:
            return
        for sandbox in runtime.sandboxes_of(uid):
            runtime.stop_sandbox(sandbox, now)
        if not self._plane.api_answers():
            return
        if self._client.delete(pod, grace=0).ok:
            self._drop(uid)

    def _probe(self, now: float) -> None:
        """Restart containers that fail their probes. This is no crash, so there is no back-off."""
        runtime = self._machine.runtime
        containers = list(runtime.containers.values())
        for container, kind in self.probes.failed(containers, now, self.began):
            pod = self.pods.get(runtime.sandboxes[container.sandbox].uid)
            if pod is None:
                continue
            named = f'pod="{namespace_of(pod)}/{name_of(pod)}"'
            self._log.write(
                "I", "kuberuntime_container.go:863",
                f'"Killing container with a grace period" {named} containerName="{container.name}" gracePeriod=30',
            )  # fmt: skip
            told = f"Container {container.name} failed {kind} probe, will be restarted"
            self.event(pod, "Normal", "Killing", told, f"spec.containers{{{container.name}}}")
            self.probes.end(container, now)
        for container in self.probes.over(containers, now):
            sandbox = runtime.sandboxes[container.sandbox]
            pod = self.pods.get(sandbox.uid)
            runtime.stop(container, now, 137)
            if pod is not None:
                self._start(pod, sandbox, container.spec, now, container.attempt + 1)

    def _mirror(self, now: float) -> None:
        """Create mirror pods for the static pods that admission allows."""
        if not self._plane.api_answers():
            return
        for uid, pod in self.static.pods().items():
            if uid not in self.static.waiting:
                self.static.mirror(pod, now)
        self.static.remove_stale(self.assigned())

    def _report(self, now: float) -> None:
        """Write the statuses that have changed."""
        if not self._plane.api_answers():
            return
        reported, self._reported = self._reported, {}
        pods = self.pods
        for pod in self.assigned():
            source = (meta(pod).get("annotations") or {}).get(MIRROR)
            uid = self.static.uid_of_source(source) if source else meta(pod)["uid"]
            known = pods.get(uid or "")
            if known is None or "deletionTimestamp" in meta(pod):
                continue
            sandbox = self._machine.runtime.sandbox_of(uid or "")
            grounds = pod_status.grounds(self._machine, pod, sandbox, now, self.restarts)
            if grounds is None or grounds != reported.get(meta(pod)["uid"]):
                status = pod_status.build(self._machine, pod, sandbox, now, self.restarts)
                if status != pod.get("status"):
                    self._client.update_status(pod, status)
                    continue
            if grounds is not None:
                self._reported[meta(pod)["uid"]] = grounds

    def _of_programs(self, now: float) -> list[float]:
        """Return the times of the next actions of the control plane's programs."""
        times = []
        for container in self._machine.runtime.containers.values():
            if container.running:
                times += [container.ready_at, *programs.times(self._plane, container)]
        return [at for at in times if now < at < float("inf")]

    def _plan(self, now: float) -> None:
        """Compute the time of the next thing to do."""
        times = [
            now + _SYNC,
            *self.static.times(),
            *self.ending.values(),
            *self.restarts.times(now),
            *self.probes.times(),
        ]
        pods = self.pods
        times += [since + self._setup(uid, pods[uid]) for uid, since in self.arrived.items() if uid in pods]
        for container in self._machine.runtime.containers.values():
            if container.running:
                times += pod_status.turning_points(container)
        times += self._of_programs(now)
        if any(at <= now for at in self.ending.values()):
            times.append(now + 0.5)
        self.due = max(min([self.due, *(at for at in times if at > now)]), now + 0.02)
