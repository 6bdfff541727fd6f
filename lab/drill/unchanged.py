"""Step *unchanged*: while nobody works, rules, rights and labels stay the same objects as before the drill."""

from collections.abc import Mapping

from lab.cluster.tools import api
from lab.core.drill import Found, Tripped
from lab.drill.base import Ground, Kind, Shown
from lab.errors import LabError

__all__ = ["KIND", "versions", "watched"]

_KINDS = "namespaces,networkpolicies,clusterroles,clusterrolebindings,roles,rolebindings"
#: Prints the name of each such object that changes within $1 s, including objects that are gone again at the end.
_WATCH = """
for kind in namespaces networkpolicies clusterrolebindings rolebindings; do
  timeout "$1" kubectl get "$kind" -A --watch-only -o name 2>/dev/null &
done
wait
"""


def versions(ground: Ground) -> dict[str, str]:
    """Return kind, namespace and name -> UID and version of all objects that decide who may do what."""
    items = api.get(ground.node, _KINDS, "-A")["items"]
    return {
        _key(item["kind"], item["metadata"]): f"{item['metadata']['uid']} {item['metadata']['resourceVersion']}"
        for item in items
        if not item["metadata"]["name"].startswith(ground.space)  # the drill's own
        and not item["metadata"].get("namespace", "").startswith(ground.space)
    }


def watched(ground: Ground, seconds: float) -> list[str]:
    """Watch for `seconds`; return kind and name of the changed objects, except the drill's own."""
    said = ground.node.run(["bash", "-c", _WATCH, "watch", f"{seconds:.0f}"], timeout=seconds + 30).stdout.split()
    names = {tuple(line.partition("/")[::2]) for line in said}
    words = {"namespace": "Namespace", "networkpolicy": "NetworkPolicy"}
    return [
        f"{words.get(kind.partition('.')[0], kind.partition('.')[0])} {name}"
        for kind, name in sorted(names)
        if not name.startswith(ground.space)
    ]


def _key(kind: str, meta: Mapping[str, str]) -> str:
    return f"{kind} {meta['namespace']}/{meta['name']}" if "namespace" in meta else f"{kind} {meta['name']}"


def _unchanged(ground: Ground) -> Shown:
    """Compare with the state before the reboot: this reveals a script that changes things during tests."""
    try:
        now = versions(ground) if ground.versions else {}
    except LabError:
        now = {}
    if not now:
        return Shown.nothing("the API server gave no answer")
    changed = sorted(
        key for key in ground.versions.keys() | now.keys() if ground.versions.get(key) != now.get(key)
    )
    for each in ground.changes.result() if ground.changes else ():
        if not any(key.endswith(each.partition(" ")[2]) for key in changed):
            changed.append(each)
    if not changed:
        return Shown(f"{len(now)} namespaces, policies, roles and bindings: all as before the drill")
    said = f"changed during the drill, while nobody worked: {', '.join(changed[:3])}"
    kinds = {key.partition(" ")[0] for key in changed}
    expected = "policies, rights and namespaces stay unchanged"
    found = [
        Found(check, ok=False, found=said, expected=expected)
        for check, kind in (("flows-denied", "NetworkPolicy"), ("privileged-refused", "Namespace"))
        if kind in kinds
    ]
    tripped = [Tripped("access-control", said)] if kinds - {"NetworkPolicy", "Namespace"} else []
    return Shown(said, found, tripped)


KIND = Kind(_unchanged, "Compare policies, rights and namespaces with those before the drill")
