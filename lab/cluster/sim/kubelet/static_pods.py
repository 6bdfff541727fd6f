"""Static pods: manifests in a folder of the node, and their mirror pods in the API."""

import hashlib
from collections.abc import Callable, Iterable, Mapping

from lab.cluster.sim.api.objects import Object, dig, meta, name_of, namespace_of
from lab.cluster.sim.kubelet.log import KubeletLog
from lab.cluster.sim.kubelet.manifests import UnusableError, key_of, pod_of
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.plane.client import Client
from lab.cluster.sim.plane.control_plane import ControlPlane
from lab.cluster.sim.state.declared import Derived, Given, stateful
from lab.cluster.sim.text.times import iso

__all__ = ["MIRROR", "StaticPods"]

MIRROR = "kubernetes.io/config.mirror"
_HASH = "kubernetes.io/config.hash"
#: Seconds until a changed pod starts again. The old pod is stopped and its mirror pod deleted first. If the API is
#: down because this very pod serves it, the deletion has to time out before the new pod starts.
_SWAP = 2.0
_SWAP_BLIND = 40.0
#: Seconds between two readings of the whole folder.
_LISTS = 20.0
#: What the kubelet says about an entry that is no file: the place in its source, and the line.
_OTHERS: Mapping[str, Callable[[str], tuple[str, str]]] = {
    "directory": lambda path: (
        "file.go:182",
        f'"Provided manifest path is a directory, not recursing into manifest path" path="{path}"',
    ),
    "dangling": lambda path: (
        "file.go:176",
        f'"Could not get metadata" err="stat {path}: no such file or directory" path="{path}"',
    ),
}


def _mark(text: str) -> str:
    return hashlib.md5(text.encode(errors="replace"), usedforsecurity=False).hexdigest()


def _shown(text: str) -> str:
    """Return a text as klog quotes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@stateful
class StaticPods:
    """The kubelet's view of its manifest folder."""

    _plane: Given[ControlPlane]
    _machine: Given[Machine]
    _client: Given[Client]
    _log: Given[KubeletLog]
    #: The folder of manifests; empty if there is none.
    folder: str
    #: File name -> hash of its text when it was last read.
    files: dict[str, str]
    #: File name -> namespace and name of the pod in it, if it was a pod when it was last read.
    keys: dict[str, str]
    #: Namespace and name -> UID of the one pod that runs: the last that was read.
    chosen: dict[str, str]
    #: Files without a usable pod.
    broken: set[str]
    #: When the whole folder is read again; 0 if it never was.
    listed_next: float
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
        self.folder = ""
        self.files, self.keys, self.chosen = {}, {}, {}
        self.broken = set()
        self.listed_next = 0.0
        self.known = {}
        self.waiting = {}
        self._told = {}
        self._read = {}

    def forget(self) -> None:
        """Forget everything, as a kubelet that restarts does: it reads the folder again."""
        self.files, self.keys, self.chosen, self.waiting = {}, {}, {}, {}
        self.broken, self.listed_next = set(), 0.0

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
        """Return when waiting pods may start, and when the folder is read again if that may change something."""
        shared = len(set(self.keys.values())) < len(self.keys)
        unsettled = self.broken or shared or not self.chosen.keys() >= set(self.keys.values())
        return [*self.waiting.values(), *([self.listed_next] if unsettled else [])]

    def sync(self, now: float) -> None:
        """Start and stop pods after changes in the folder; read all of it every twenty seconds."""
        texts, others = self._texts()
        if now >= self.listed_next:
            fresh = not self.listed_next
            self._list(texts, others, now)
            self.listed_next = now + _LISTS
            if fresh:
                self._sweep(now)
        else:
            self._watch(texts, now)
        for uid, at in list(self.waiting.items()):
            if at <= now:
                del self.waiting[uid]

    def _texts(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return file name -> text, and the kinds of what is no file. Only changed files are read again."""
        files, read = self._machine.files, self._read
        self._read, others = {}, dict[str, str]()
        if not self.folder:
            return {}, others
        for name, about in sorted(files.about(self.folder).items()):
            path, kind = f"{self.folder}/{name}", str(about["file_type"])
            if name.startswith("."):
                continue
            if kind == "symlink":
                kind = ("file" if files.is_file(path) else "directory") if files.exists(path) else "dangling"
                # The target of a link may change while the link stays the same.
                read.pop(name, None)
            if kind == "file":
                known = read.get(name)
                self._read[name] = known if known and known[0] == about else (about, files.read(path))
            else:
                others[name] = kind
        return {name: text for name, (_, text) in self._read.items()}, others

    def _watch(self, texts: Mapping[str, str], now: float) -> None:
        """Handle single files that changed. A broken one changes nothing yet."""
        for name in [name for name in self.files if name not in texts]:
            del self.files[name]
            self.broken.discard(name)
            uid = self.chosen.pop(self.keys.pop(name, ""), "")
            if uid:
                self._stop(uid, now)
        for name, text in texts.items():
            # Only a link itself is watched, not its target.
            if name in self.files and (self.files[name] == _mark(text) or self._is_link(name)):
                continue
            pod, told = self._parsed(name, text)
            if pod is None:
                where = f'can\'t process config file "{self.folder}/{name}": {told}'
                self._log.write("E", "file.go:108", f'"Unable to process watch event" err={_shown(where)}')
            else:
                self._choose(pod, now)

    def _list(self, texts: Mapping[str, str], others: Mapping[str, str], now: float) -> None:
        """Read the whole folder: of pods with one name the last file's runs, and none of a broken file."""
        if self.folder and not self._machine.files.exists(self.folder):
            about = f'err="path does not exist, ignoring" path="{self.folder}"'
            self._log.write("E", "file.go:98", f'"Unable to read config path" {about}')
        for name in [name for name in self.files if name not in texts]:
            del self.files[name]
        self.keys, self.broken = {}, set(others)
        wanted: dict[str, Object] = {}
        for name in sorted([*texts, *others]):
            path = f"{self.folder}/{name}"
            if name in others:
                self._log.write("E", *_OTHERS[others[name]](path))
                continue
            pod, told = self._parsed(name, texts[name])
            if pod is None:
                about = f'err={_shown(told)} path="{path}"'
                self._log.write("E", "file.go:187", f'"Could not process manifest file" {about}')
            else:
                wanted[key_of(pod)] = pod
        for key in [key for key in self.chosen if key not in wanted]:
            self._stop(self.chosen.pop(key), now)
        for pod in wanted.values():
            self._choose(pod, now)

    def _is_link(self, name: str) -> bool:
        return str(self._read[name][0]["file_type"]) == "symlink"

    def _parsed(self, name: str, text: str) -> tuple[Object | None, str]:
        """Return the pod in a file, or None and the kubelet's message."""
        self.files[name] = _mark(text)
        try:
            pod = pod_of(f"{self.folder}/{name}", text, self._machine.name)
        except UnusableError as error:
            self.broken.add(name)
            return None, str(error)
        self.broken.discard(name)
        self.keys[name] = key_of(pod)
        return self._placed(pod), ""

    def _placed(self, pod: Object) -> Object:
        metadata, spec = meta(pod), pod["spec"]
        metadata["annotations"] = {
            **(metadata.get("annotations") or {}),
            _HASH: metadata["uid"],
            "kubernetes.io/config.seen": iso(self._plane.now()),
            "kubernetes.io/config.source": "file",
        }
        spec["nodeName"] = self._machine.name
        spec.setdefault("enableServiceLinks", True)
        spec["tolerations"] = [{"effect": "NoExecute", "operator": "Exists"}]
        pod["status"] = {"phase": "Pending"}
        return pod

    def _choose(self, pod: Object, now: float) -> None:
        """Run `pod` instead of another of its name."""
        key, uid = key_of(pod), meta(pod)["uid"]
        old = self.chosen.get(key)
        if old == uid and uid in self.known:
            return
        self.chosen[key] = uid
        delay = self._stop(old, now) if old and old != uid else 0.0
        self.known[uid] = pod
        if delay:
            self.waiting[uid] = now + delay

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
        for uid in [uid for uid in self.known if uid not in self.chosen.values()]:
            del self.known[uid]
        for sandbox in list(self._machine.runtime.sandboxes.values()):
            if sandbox.source and sandbox.source not in self.known:
                same = [uid for uid, pod in self.known.items() if name_of(pod) == sandbox.name]
                self._machine.runtime.stop_sandbox(sandbox, now)
                self._machine.runtime.remove_sandbox(sandbox)
                for uid in same:
                    self.waiting[uid] = now + _SWAP

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
            self._log.write("E", "kubelet.go:3222", f'"Failed creating a mirror pod" err="{quoted}" {named}')

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
