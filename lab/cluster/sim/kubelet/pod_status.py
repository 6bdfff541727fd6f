"""A pod's status, computed from the state of the container runtime."""

from lab.cluster.sim.api.objects import (
    Object,
    clone,
    conditions_set,
    dig,
    meta,
    name_of,
    namespace_of,
    parse_time,
    stamp,
)
from lab.cluster.sim.kubelet.probes import has_started
from lab.cluster.sim.kubelet.restarts import Restarts
from lab.cluster.sim.machine.image_pulls import failure
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.machine.runtime import Container, Sandbox, image_id

__all__ = ["Grounds", "build", "comes_back", "grounds", "is_ready", "turning_points"]

#: The inputs of a pod's status; they can be compared.
Grounds = tuple[object, ...]


def ready_time(container: Container) -> float:
    """Return the time when a running container's readiness probe first succeeds."""
    probe = container.spec.get("readinessProbe")
    if not probe:
        return max(container.started, container.ready_at)
    wait = float(probe.get("initialDelaySeconds", 0)) + min(float(probe.get("periodSeconds", 10)), 0.4)
    return max(container.started + wait, container.ready_at)


def is_ready(container: Container, now: float) -> bool:
    """Whether a container is ready."""
    return has_started(container) and ready_time(container) <= now


def comes_back(pod: Object) -> bool:
    """Whether the containers of `pod` restart after they end."""
    return bool(dig(pod, "spec", "restartPolicy", default="Always") != "Never")


def turning_points(container: Container) -> list[float]:
    """Return the times when a container's state may change by itself."""
    found = [ready_time(container), container.ready_at]
    return [at for at in found if at < float("inf") and at > container.started - 1]


def grounds(
    machine: Machine, pod: Object, sandbox: Sandbox | None, now: float, restarts: Restarts
) -> Grounds | None:
    """Return the inputs of the status of `pod`: equal inputs give an equal status.

    Return None if the status also changes with time: the message about an image pull changes after each try.
    """
    if sandbox is None:
        return meta(pod).get("resourceVersion"), machine.ip
    containers = machine.runtime.of(sandbox)
    wanted = {(spec["name"], spec.get("image", "")) for spec in pod["spec"]["containers"]}
    if wanted - {(container.name, container.image) for container in containers}:
        return None
    states = (
        (each.id, each.state, each.ready_at, is_ready(each, now), has_started(each), *restarts.stage(each))
        for each in containers
    )
    return meta(pod).get("resourceVersion"), machine.ip, sandbox.id, sandbox.ip, *states


def build(machine: Machine, pod: Object, sandbox: Sandbox | None, now: float, restarts: Restarts) -> Object:
    """Return the present status of `pod`."""
    status: Object = clone(pod.get("status") or {})
    status.setdefault("startTime", stamp(now))
    status["hostIP"] = machine.ip
    status["hostIPs"] = [{"ip": machine.ip}]
    if sandbox is not None and sandbox.ip:
        status["podIP"] = sandbox.ip
        status["podIPs"] = [{"ip": sandbox.ip}]
    statuses = [_container(machine, pod, spec, sandbox, now, restarts) for spec in pod["spec"]["containers"]]
    status["containerStatuses"] = statuses
    all_ready = all(one["ready"] for one in statuses)
    running = any("running" in one["state"] or one["restartCount"] for one in statuses)
    status["phase"] = _ended(pod, statuses) or (
        "Running" if running or status.get("phase") == "Running" else "Pending"
    )
    generation = meta(pod).get("generation")
    _conditions(status, now, sandbox is not None, [one["name"] for one in statuses if not one["ready"]], all_ready)
    if generation:
        status["observedGeneration"] = generation
    for condition in status["conditions"]:
        condition.setdefault("lastProbeTime", None)
        if generation:
            condition["observedGeneration"] = generation
    return status


def _ended(pod: Object, statuses: list[Object]) -> str:
    """Return the phase of a pod whose containers have ended for good; empty if they may restart."""
    codes = [dig(one, "state", "terminated", "exitCode") for one in statuses]
    policy = pod["spec"].get("restartPolicy")
    if None in codes or policy not in {"Never", "OnFailure"} or (policy == "OnFailure" and any(codes)):
        return ""
    return "Failed" if any(codes) else "Succeeded"


def _conditions(status: Object, now: float, sandbox: bool, unready: list[str], all_ready: bool) -> None:  # noqa: FBT001
    more = {} if all_ready else {
        "reason": "ContainersNotReady",
        "message": f"containers with unready status: [{' '.join(unready)}]",
    }  # fmt: skip
    conditions_set(status, "PodReadyToStartContainers", str(sandbox), now)
    conditions_set(status, "Initialized", "True", now)
    conditions_set(status, "Ready", str(all_ready), now, **more)
    conditions_set(status, "ContainersReady", str(all_ready), now, **more)
    conditions_set(status, "PodScheduled", "True", now)
    order = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]
    status["conditions"].sort(key=lambda c: order.index(c["type"]) if c["type"] in order else 9)


def _terminated(container: Container) -> Object:
    return {
        "containerID": f"containerd://{container.id}",
        "exitCode": container.exit_code,
        "finishedAt": stamp(container.finished),
        "reason": container.reason,
        "startedAt": stamp(container.started),
    }


def _not_pulled(machine: Machine, image: str, seconds: float) -> Object:
    """Return the state of a container whose image can't be pulled, `seconds` after the first try."""
    why = failure(image, machine.files)
    if seconds < 15:
        return {"waiting": {"reason": "ErrImagePull", "message": why}}
    message = f'Back-off pulling image "{image}": ErrImagePull: {why}'
    return {"waiting": {"reason": "ImagePullBackOff", "message": message}}


def _container(  # noqa: PLR0917 -- the parts of one call
    machine: Machine, pod: Object, spec: Object, sandbox: Sandbox | None, now: float, restarts: Restarts
) -> Object:  # fmt: skip
    found = [c for c in machine.runtime.of(sandbox) if c.name == spec["name"]] if sandbox else []
    image = spec.get("image", "")
    base: Object = {
        "image": image,
        "imageID": "",
        "lastState": {},
        "name": spec["name"],
        "ready": False,
        "resources": spec.get("resources") or {},
        "restartCount": 0,
        "started": False,
        "state": {"waiting": {"reason": "ContainerCreating"}},
    }
    if not found:
        if sandbox is not None and not machine.runtime.has_image(image):
            base["state"] = _not_pulled(machine, image, now - parse_time(dig(pod, "status", "startTime")))
        return base
    container = found[-1]
    base["image"] = container.image
    base["containerID"] = f"containerd://{container.id}"
    base["imageID"] = f"sha256:{image_id(container.image)}"
    base["restartCount"] = container.attempt
    base["ready"] = is_ready(container, now)
    base["started"] = has_started(container)
    before = [c for c in found[:-1] if not c.running]
    if container.running:
        base["state"] = {"running": {"startedAt": stamp(container.started)}}
        base["lastState"] = {"terminated": _terminated(before[-1])} if before else {}
    elif container.image != image and comes_back(pod) and not machine.runtime.has_image(image):
        base["state"] = _not_pulled(machine, image, now - container.finished)
        base["lastState"] = {"terminated": _terminated(container)}
    elif restarts.waits(container):
        named = f"{name_of(pod)}_{namespace_of(pod)}({meta(pod)['uid']})"
        message = (
            f"back-off {restarts.pause_text(container)} restarting failed container={container.name} pod={named}"
        )
        base["state"] = {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
        base["lastState"] = {"terminated": _terminated(container)}
    else:
        base["state"] = {"terminated": _terminated(container)}
        base["lastState"] = {"terminated": _terminated(before[-1])} if before else {}
    return base
