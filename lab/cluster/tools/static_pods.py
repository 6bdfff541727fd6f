"""Fast changes of static pods: stop the kubelet, write files, remove sandboxes, start the kubelet.

After a plain edit the kubelet waits 40 to 107 seconds, because it wants to delete the old mirror pod through an
API server whose etcd it has just stopped. This way takes less than a second, for several manifests at once.
"""

import base64
import shlex
from collections.abc import Collection, Mapping

from lab.cluster.base import Node
from lab.cluster.tools.containers import containers, removal

__all__ = ["MANIFESTS", "manifest", "mend", "release", "replace", "runs"]

#: The folder of the kubelet's static pods (kubeadm's default).
MANIFESTS = "/etc/kubernetes/manifests"
#: A new file beside the folder of manifests: the kubelet reads any file in that folder as a pod.
_NEW = "/etc/kubernetes/.new"
#: The folder for manifests whose pods must not start yet.
_HELD = "/etc/kubernetes/.held"
_RELEASE = f"mv {_HELD}/*.yaml {MANIFESTS}/ 2>/dev/null; rmdir {_HELD} 2>/dev/null || :"
#: The rule that makes connections from the node to its own API server fail, because nobody listens at the target.
#: It is not in table `filter`: upstream's kube-router rewrites that table, and the rule could get lost or come
#: back.
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
    """Write `files` (path -> text) and recreate the static pods of `components`, in one stop of the kubelet.

    Static pods in `held` also end, and stay away until `release`. With `cut_off` the API server refuses the
    kubelet until the first container runs. Without it, if mirror pods are missing and etcd is down, the kubelet
    would try for 34 s to create a mirror pod before it starts the container.

    Raises:
        CommandError: a file could not be written or the kubelet could not be restarted.

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
    """Start the static pods that were held. It is safe to call this again."""
    node.run(["bash", "-c", _RELEASE]).check()


def runs(node: Node, component: str, text: str, uid: str) -> bool:
    """Whether the static pod of `component` runs with the manifest `text`, as the pod `uid`, and no other does."""
    running = {c.pod_uid for c in containers(node) if c.name == component and c.namespace == "kube-system"}
    try:
        return running == {uid} and node.read_file(manifest(component)) == text
    except FileNotFoundError:
        return False


def mend(node: Node) -> None:
    """Remove what a killed `replace` may have left. It is safe to call this again."""
    script = f"rm -f {_NEW}; {_RELEASE}; iptables -w -t nat -D {_REFUSED} 2>/dev/null; systemctl start kubelet"
    node.run(["bash", "-c", script], timeout=60).check()


def _encoded(text: str) -> str:
    return base64.encodebytes(text.encode()).decode()


def _removed(components: Collection[str]) -> list[str]:
    names = "|".join(components)
    return removal(f"$(crictl pods -q --namespace kube-system --name '^({names})-')")
