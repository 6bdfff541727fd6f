"""Static pods: manifests in a folder of the node, and their mirror pods in the API."""

import hashlib
from collections.abc import Iterable, Mapping

import yaml

from lab.cluster.sim.api.defaults import pod_defaults
from lab.cluster.sim.api.documents import load
from lab.cluster.sim.api.objects import Object, dig, meta, name_of, namespace_of
from lab.cluster.sim.kubelet.log import KubeletLog
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.plane.client import Client
from lab.cluster.sim.plane.control_plane import ControlPlane
from lab.cluster.sim.state.declared import Derived, Given, stateful
from lab.cluster.sim.text.times import iso

__all__ = ["FOLDER", "MIRROR", "StaticPods"]

FOLDER = "/etc/kubernetes/manifests"
MIRROR = "kubernetes.io/config.mirror"
_HASH = "kubernetes.io/config.hash"
#: Seconds until a changed pod starts again. The old pod is stopped and its mirror pod deleted first. If the API is
#: down because this very pod serves it, the deletion has to time out before the new pod starts.
_SWAP = 2.0
_SWAP_BLIND = 40.0


@stateful
class StaticPods:
    """The kubelet's view of its manifest folder."""

    _plane: Given[ControlPlane]
    _machine: Given[Machine]
    _client: Given[Client]
    _log: Given[KubeletLog]
    #: File name -> (hash of its text, UID of the pod); None if the file holds no pod.
    files: dict[str, tuple[str, str]]
    known: dict[str, Object]
    #: UID -> the time when the new pod may start.
    waiting: dict[str, float]
    _told: dict[str, float]
    #: File name -> the file's times when it was read, and its text. A cache.
    _read: Derived[dict[str, tuple[Mapping[str, object], str]]]

    def __init__(self, plane: ControlPlane, machine: Machine, client: Client, log: KubeletLog) -> None:
        self._plane = plane
        self._machine = machine
        self._client = client
        self._log = log
        self.files = {}
        self.known = {}
        self.waiting = {}
        self._told = {}
        self._read = {}

    def forget(self) -> None:
        """Forget everything, as a kubelet that restarts does: it reads the folder again."""
        self.files, self.waiting = {}, {}

    def uids(self) -> set[str]:
        """Return the UIDs of all static pods."""
        return set(self.known)

    def pods(self) -> dict[str, Object]:
        """Return the static pods by UID."""
        return self.known

    def source(self, uid: str) -> str:
        """Return the source that the pod's sandbox carries; empty for a pod that is not static."""
        return uid if uid in self.known else ""

    def uid_of_source(self, source: str | None) -> str | None:
        """Return the UID of the pod whose mirror carries `source`."""
        return next((uid for uid in self.known if uid.replace("-", "") == source), None)

    def times(self) -> list[float]:
        """Return the times when waiting pods may start."""
        return list(self.waiting.values())

    def sync(self, now: float) -> None:
        """Read the folder, and start and stop pods after its changes."""
        texts = self._texts()
        fresh = not self.files and not self.waiting
        for name in list(self.files):
            if name not in texts:
                self._forget_file(name, now)
        for name, text in texts.items():
            mark = hashlib.md5(f"{self._machine.name}{text}".encode(), usedforsecurity=False).hexdigest()
            if self.files.get(name, ("", ""))[0] != mark:
                self._changed(name, text, mark, now)
        if fresh:
            self._sweep(now)
        for uid, at in list(self.waiting.items()):
            if at <= now:
                del self.waiting[uid]

    def _texts(self) -> dict[str, str]:
        """Return file name -> text. Only changed files are read again."""
        files, read = self._machine.files, self._read
        self._read = {}
        for name, about in files.about(FOLDER).items():
            if name.startswith(".") or about["file_type"] == "directory":
                continue
            # The target of a link may change while the link stays the same.
            known = None if about["file_type"] == "symlink" else read.get(name)
            self._read[name] = known if known and known[0] == about else (about, files.read(f"{FOLDER}/{name}"))
        return {name: text for name, (_, text) in self._read.items()}

    def _changed(self, name: str, text: str, mark: str, now: float) -> None:
        old = self.files.get(name)
        pod = self._parse(name, text, mark)
        if pod is None:
            return
        uid = meta(pod)["uid"]
        self.files[name] = (mark, uid)
        delay = self._stop(old[1], now) if old and old[1] != uid else 0.0
        self.known[uid] = pod
        if delay:
            self.waiting[uid] = now + delay

    def _forget_file(self, name: str, now: float) -> None:
        _, uid = self.files.pop(name)
        self._stop(uid, now)

    def _stop(self, uid: str, now: float) -> float:
        """Stop the pod of the previous manifest; return the seconds until the new pod may start."""
        runtime = self._machine.runtime
        sandboxes = runtime.sandboxes_of(uid)
        pod = self.known.pop(uid, None)
        self.waiting.pop(uid, None)
        if not sandboxes:
            return 0.0
        ran = any(container.running for sandbox in sandboxes for container in runtime.of(sandbox))
        needed = {dig(pod, "spec", "containers", 0, "name")} & {"etcd", "kube-apiserver"}
        blind = not self._plane.api_answers() or bool(needed)
        for sandbox in sandboxes:
            runtime.stop_sandbox(sandbox, now)
            runtime.remove_sandbox(sandbox)
        return _SWAP_BLIND if blind and ran else _SWAP_BLIND if blind and needed else _SWAP

    def _sweep(self, now: float) -> None:
        """Stop the sandboxes of static pods that were removed while the kubelet did not run."""
        for sandbox in list(self._machine.runtime.sandboxes.values()):
            if sandbox.source and sandbox.source not in self.known:
                same = [uid for uid, pod in self.known.items() if name_of(pod) == sandbox.name]
                self._machine.runtime.stop_sandbox(sandbox, now)
                self._machine.runtime.remove_sandbox(sandbox)
                for uid in same:
                    self.waiting[uid] = now + _SWAP
        for uid in list(self.known):
            if uid not in {entry[1] for entry in self.files.values()}:
                del self.known[uid]

    def _parse(self, name: str, text: str, mark: str) -> Object | None:
        try:
            pod = load(text)
            if not isinstance(pod, dict) or pod.get("kind") != "Pod" or not dig(pod, "spec", "containers"):
                raise ValueError("no pod")  # noqa: TRY301 -- reported like a parser's error
        except (yaml.YAMLError, ValueError) as error:
            if self._told.get(mark) is None:
                self._told[mark] = 1.0
                problem = str(error).splitlines()[0]
                self._log.write("E", "file.go:187", f'"Could not process manifest file" '
                                      f'err="{FOLDER}/{name}: couldn\'t parse as pod({problem})"')  # fmt: skip
            return None
        metadata = pod.setdefault("metadata", {})
        metadata["name"] = f"{metadata.get('name', name)}-{self._machine.name}"
        metadata.setdefault("namespace", "default")
        metadata["uid"] = mark
        annotations = dict(metadata.get("annotations") or {})
        annotations |= {
            _HASH: mark,
            "kubernetes.io/config.seen": iso(self._plane.now()),
            "kubernetes.io/config.source": "file",
        }
        metadata["annotations"] = annotations
        spec = pod["spec"]
        pod_defaults(spec)
        spec["nodeName"] = self._machine.name
        spec.setdefault("enableServiceLinks", True)
        spec["tolerations"] = [{"effect": "NoExecute", "operator": "Exists"}]
        pod.setdefault("apiVersion", "v1")
        pod["status"] = {"phase": "Pending"}
        return dict(pod)

    def mirror(self, pod: Object, now: float) -> None:
        """Create the mirror pod, unless it exists or admission refuses it."""
        source = meta(pod)["uid"]
        old = self._client.get("Pod", namespace_of(pod), name_of(pod))
        if old is not None:
            same = (meta(old).get("annotations") or {}).get(MIRROR) == source
            if same and "deletionTimestamp" not in meta(old):
                return
            # Somebody deleted it, or it belongs to an earlier manifest.
            self._client.delete(old, grace=0)
        metadata = {key: value for key, value in meta(pod).items() if key not in {"uid", "resourceVersion"}}
        metadata["annotations"] = {**metadata["annotations"], MIRROR: source}
        metadata["ownerReferences"] = [self._owner()]
        answer = self._client.create({**pod, "metadata": metadata})
        if not answer.ok and now - self._told.get(source, 0.0) > 30:
            self._told[source] = now
            quoted = str(answer.body["message"]).replace('"', '\\"')
            named = f'pod="{namespace_of(pod)}/{name_of(pod)}"'
            self._log.write("E", "kubelet.go:3221", f'"Failed creating a mirror pod" err="{quoted}" {named}')

    def _owner(self) -> Object:
        node = self._client.get("Node", "", self._machine.name)
        return {
            "apiVersion": "v1",
            "controller": True,
            "kind": "Node",
            "name": self._machine.name,
            "uid": meta(node)["uid"] if node else "",
        }

    def remove_stale(self, assigned: Iterable[Object]) -> None:
        """Delete this node's mirror pods whose manifests are gone."""
        names = {(namespace_of(pod), name_of(pod)) for pod in self.known.values()}
        for pod in assigned:
            mirrored = MIRROR in (meta(pod).get("annotations") or {})
            if mirrored and (namespace_of(pod), name_of(pod)) not in names:
                self._client.delete(pod, grace=0)
