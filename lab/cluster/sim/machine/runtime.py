"""The container runtime of one node: sandboxes, containers, images, logs."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from lab.cluster.sim.api.objects import Object, dig
from lab.cluster.sim.state.declared import Given, stateful
from lab.cluster.sim.timing.chance import Chance

__all__ = ["SOCKET", "Container", "Runtime", "Sandbox", "image_id"]

State = Literal["CREATED", "RUNNING", "EXITED"]
KEPT_LOG = 400
#: The socket on which containerd answers.
SOCKET = "/run/containerd/containerd.sock"


def image_id(image: str) -> str:
    """Return the id (sha256) of an image; equal names have equal ids."""
    import hashlib  # noqa: PLC0415 -- used here alone

    return hashlib.sha256(f"image {image}".encode()).hexdigest()


@dataclass(slots=True)
class Sandbox:
    """A pod's sandbox."""

    id: str
    uid: str
    namespace: str
    name: str
    labels: dict[str, str]
    host_network: bool
    created: float
    ip: str = ""
    ready: bool = True
    attempt: int = 0
    #: The hash of the static pod's manifest that the sandbox was made for.
    source: str = ""
    annotations: dict[str, str] = field(default_factory=dict)
    volumes: list[Object] = field(default_factory=list)
    #: The termination grace period of its programs, in s.
    grace: int = 30

    @property
    def pid(self) -> int:
        """The pid of its pause process."""
        return 2001 + 2 * (int(self.id[:6], 16) % 5000)

    @property
    def netns(self) -> str:
        """The name of its network namespace."""
        parts = (self.id[8:16], self.id[16:20], self.id[20:24], self.id[24:28], self.id[28:40])
        return f"cni-{'-'.join(parts)}"


@dataclass(slots=True)
class Container:
    """One container of a sandbox, running or ended."""

    id: str
    sandbox: str
    name: str
    image: str
    spec: Object
    created: float
    attempt: int = 0
    state: State = "CREATED"
    started: float = 0.0
    finished: float = 0.0
    exit_code: int = 0
    reason: str = ""
    #: When a program that starts slowly begins to answer; infinity: not by itself.
    ready_at: float = float("inf")
    #: Whether its startup probe has succeeded.
    begun: bool = False
    #: When its program was asked to end; 0: it was not.
    ending: float = 0.0
    #: Whether it holds the lease of its kind of program.
    leads: bool = False
    log: list[tuple[float, str, str]] = field(default_factory=list)
    #: The files that programs in it have changed: path -> data as of `Files.state`.
    changed: Object = field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether its process is running."""
        return self.state == "RUNNING"

    @property
    def pid(self) -> int:
        """The pid of its process."""
        return 12100 + int(self.id[:6], 16) % 20000

    @property
    def argv(self) -> list[str]:
        """Command and arguments from the pod."""
        return [*(self.spec.get("command") or []), *(self.spec.get("args") or [])]

    def write(self, now: float, text: str, stream: str = "stderr") -> None:
        """Add lines to its log."""
        self.log += [(now, stream, line) for line in text.splitlines()]
        del self.log[:-KEPT_LOG]


@stateful
@dataclass(slots=True)
class Runtime:
    """The sandboxes, containers and images of a node."""

    cidr: Given[str] = ""
    sandboxes: dict[str, Sandbox] = field(default_factory=dict)
    containers: dict[str, Container] = field(default_factory=dict)
    images: list[str] = field(default_factory=list)
    next_address: int = 2
    chance: Given[Chance] = field(default_factory=Chance)

    def run_sandbox(self, pod: Object, now: float, *, ip: str = "", source: str = "", attempt: int = 0) -> Sandbox:
        """Create a sandbox for `pod`; without `ip` it gets an address from the node's range."""
        metadata, spec = pod["metadata"], pod["spec"]
        host = bool(spec.get("hostNetwork"))
        if not ip:
            ip = f"{self.cidr.rsplit('.', 1)[0]}.{self.next_address}"
            self.next_address = self.next_address % 253 + 1
        sandbox = Sandbox(
            id=self.chance.hex(32),
            uid=metadata["uid"],
            namespace=metadata["namespace"],
            name=metadata["name"],
            labels=dict(metadata.get("labels") or {}),
            host_network=host,
            created=now,
            ip=ip,
            source=source,
            attempt=attempt,
            annotations=_annotations(metadata, now, static=bool(source)),
            volumes=list(spec.get("volumes") or []),
            grace=int(spec.get("terminationGracePeriodSeconds") or 30),
        )
        self.sandboxes[sandbox.id] = sandbox
        return sandbox

    def create(self, sandbox: Sandbox, spec: Object, now: float, attempt: int) -> Container:
        """Create a container in `sandbox` and start it."""
        container = Container(
            id=self.chance.hex(32),
            sandbox=sandbox.id,
            name=spec["name"],
            image=spec.get("image", ""),
            spec=spec,
            created=now,
            attempt=attempt,
            state="RUNNING",
            started=now,
            ready_at=now,
        )
        self.containers[container.id] = container
        return container

    def stop(self, container: Container, now: float, code: int = 0) -> None:
        """Stop a container."""
        if container.running:
            container.state, container.finished, container.exit_code = "EXITED", now, code
            container.reason = "Completed" if code == 0 else "Error"

    def stop_sandbox(self, sandbox: Sandbox, now: float) -> None:
        """Stop all containers of a sandbox, and the sandbox."""
        for container in self.of(sandbox):
            self.stop(container, now)
        sandbox.ready = False

    def remove_sandbox(self, sandbox: Sandbox) -> None:
        """Remove a sandbox with all its containers."""
        for container in self.of(sandbox):
            del self.containers[container.id]
        self.sandboxes.pop(sandbox.id, None)

    def of(self, sandbox: Sandbox) -> list[Container]:
        """Return the containers of a sandbox, oldest first."""
        return [c for c in self.containers.values() if c.sandbox == sandbox.id]

    def sandbox_of(self, uid: str) -> Sandbox | None:
        """Return the newest ready sandbox of the pod with that UID."""
        found = [s for s in self.sandboxes.values() if s.uid == uid and s.ready]
        return found[-1] if found else None

    def sandboxes_of(self, uid: str) -> list[Sandbox]:
        """Return all sandboxes of the pod with that UID."""
        return [s for s in self.sandboxes.values() if s.uid == uid]

    def latest(self, sandbox: Sandbox, name: str) -> Container | None:
        """Return the newest container called `name` in a sandbox."""
        found = [c for c in self.of(sandbox) if c.name == name]
        return found[-1] if found else None

    def running_named(self, name: str) -> Container | None:
        """Return a running container called `name`."""
        for container in self.containers.values():
            if container.name == name and container.state == "RUNNING":
                return container
        return None

    def has_image(self, image: str) -> bool:
        """Whether an image is on the node; there is no registry to pull from."""
        return _named(image) in {_named(one) for one in self.images}

    def find(self, prefix: str) -> Container | None:
        """Return the container whose id begins with `prefix`."""
        return next((c for key, c in self.containers.items() if prefix and key.startswith(prefix)), None)

    def prune(self) -> None:
        """Forget all but the newest ended container of each name of a pod."""
        ended: dict[tuple[str, str], list[Container]] = {}
        for container in self.containers.values():
            if not container.running:
                sandbox = self.sandboxes.get(container.sandbox)
                key = (dig(sandbox.labels, "uid", default=sandbox.uid) if sandbox else "", container.name)
                ended.setdefault(key, []).append(container)
        for found in ended.values():
            for container in found[:-1]:
                del self.containers[container.id]


def _annotations(metadata: Object, now: float, *, static: bool) -> dict[str, str]:
    """Return the annotations of a pod, with the kubelet's own."""
    seen = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
    added = {"kubernetes.io/config.seen": seen, "kubernetes.io/config.source": "file" if static else "api"}
    if static:
        added["kubernetes.io/config.hash"] = metadata["uid"]
    kept = {
        k: v for k, v in (metadata.get("annotations") or {}).items() if not k.startswith("kubernetes.io/config.")
    }
    return dict(sorted({**kept, **added}.items()))


def _named(image: str) -> str:
    """Return an image's full name, as the runtime stores it."""
    first, _, rest = image.partition("/")
    if not rest:
        image = f"docker.io/library/{image}"
    elif "." not in first and ":" not in first and first != "localhost":
        image = f"docker.io/{image}"
    return image if ":" in image.rsplit("/", 1)[-1] or "@" in image else f"{image}:latest"
