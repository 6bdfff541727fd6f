"""Remove the drill's objects: at its end, and in the next command after an interrupted drill."""

import contextlib

from lab.cluster.base import Cluster
from lab.cluster.tools import api
from lab.drill.reboot import release
from lab.errors import LabError

__all__ = ["clean"]

_KINDS = "clusterrolebindings,clusterroles,namespaces,deployments,pods,serviceaccounts"


def clean(cluster: Cluster, name: str) -> None:
    """Remove all objects that the drill called `name` made. Repeated calls are safe.

    Raises:
        LabError: the API server refused a deletion.
    """
    with contextlib.suppress(LabError):
        release(cluster, name)
    if not name:
        return
    node = cluster.control_plane
    gone: dict[str, list[str]] = {}
    for item in api.get(node, _KINDS, "-A")["items"]:
        meta = item["metadata"]
        space = meta.get("namespace", "")
        # What is in a namespace of the drill's goes with it.
        if meta["name"].startswith(name) and not space.startswith(name) and "deletionTimestamp" not in meta:
            gone.setdefault(space, []).append(f"{item['kind'].lower()}/{meta['name']}")
    for namespace, names in gone.items():
        where = ("-n", namespace, "--force", "--grace-period=0") if namespace else ()
        api.kubectl(node, "delete", *names, "--ignore-not-found", "--wait=false", *where).check()
