"""Static pods changed fast: kubelet stopped, files written, sandboxes removed, kubelet started.

A plain edit makes the kubelet wait 40 to 107 seconds, since it wants to delete the old mirror pod through an API
server whose etcd it has just stopped. This way takes under a second, for several manifests at once.
"""

import base64
import shlex
from collections.abc import Collection, Mapping

from lab.cluster.base import Node
from lab.cluster.tools.containers import containers, removal

__all__ = ["MANIFESTS", "manifest", "mend", "release", "replace", "runs"]

#: Where the kubelet reads static pods from (kubeadm's default).
MANIFESTS = "/etc/kubernetes/manifests"
#: A new file, beside the manifests' folder: the kubelet reads any file in there as a pod.
_NEW = "/etc/kubernetes/.new"
#: Where manifests are whose pods are not to start yet.
_HELD = "/etc/kubernetes/.held"
_RELEASE = f"mv {_HELD}/*.yaml {MANIFESTS}/ 2>/dev/null; rmdir {_HELD} 2>/dev/null || :"
#: The rule that has connections to the API server from its own node refused: nobody listens there. Not in table
#: `filter`, which kube-router (upstream's) writes anew as it has read it: a rule can get lost, or come back.
_REFUSED = "OUTPUT -p tcp --dport 6443 -j DNAT --to-destination 127.0.0.1:1"


def manifest(component: str) -> str:
    """Return the path of the manifest of `component`, such as `etcd`."""
    return f"{MANIFESTS}/{component}.yaml"


def replace(
    node: Node,
    files: Mapping[str, str],
    components: Collection[str],
    *,
    held: Collection[str] = (),
    cut_off: bool = False,
) -> None:
    """Write `files` (path -> text) and make the static pods of `components` anew, in one stop of the kubelet.

    Those `held` end, too, and stay away until `release`. With `cut_off` the kubelet is refused by the API server
    until the first container is there: where mirror pods are missing and etcd is down, it would wait 34 s to make
    one before it starts the container.

    Raises:
        CommandError: a file could not be written or the kubelet could not be started again.

    """
    lines = ["trap 'systemctl start kubelet' EXIT", "systemctl stop kubelet"]
    for path, text in files.items():
        quoted = shlex.quote(path)
        lines += [
            f"mkdir -p $(dirname {quoted})",
            f"base64 -d > {_NEW} <<'END'\n{_encoded(text)}END",
            f"mv {_NEW} {quoted}",
        ]
    if held:
        moved = " ".join(manifest(component) for component in held)
        lines.append(f"mkdir -p {_HELD}; mv {moved} {_HELD}/ 2>/dev/null || :")
    lines += _removed([*components, *held])
    if cut_off:
        there = f"crictl ps -a -q --name '^{next(iter(components))}$' | grep -q ."
        lines += [
            f"trap 'iptables -w -t nat -D {_REFUSED}; systemctl start kubelet' EXIT",
            f"iptables -w -t nat -I {_REFUSED}",
            "systemctl start kubelet",
            f"for _ in $(seq 100); do ! {there} || break; sleep 0.2; done",
        ]
    node.run(["bash", "-eu", "-c", "\n".join(lines)], timeout=90).check()


def release(node: Node) -> None:
    """Let the static pods start that were held. Safe to call again."""
    node.run(["bash", "-c", _RELEASE]).check()


def runs(node: Node, component: str, text: str, uid: str) -> bool:
    """Whether the static pod of `component` runs with the manifest `text`, as the pod `uid`, and no other does."""
    running = {c.pod_uid for c in containers(node) if c.name == component and c.namespace == "kube-system"}
    try:
        return running == {uid} and node.read_file(manifest(component)) == text
    except FileNotFoundError:
        return False


def mend(node: Node) -> None:
    """Take back what a `replace` that was killed may have left. Safe to call again."""
    script = f"rm -f {_NEW}; {_RELEASE}; iptables -w -t nat -D {_REFUSED} 2>/dev/null; systemctl start kubelet"
    node.run(["bash", "-c", script], timeout=60).check()


def _encoded(text: str) -> str:
    return base64.encodebytes(text.encode()).decode()


def _removed(components: Collection[str]) -> list[str]:
    names = "|".join(components)
    return removal(f"$(crictl pods -q --namespace kube-system --name '^({names})-')")
