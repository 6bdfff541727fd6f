"""Remove the drill's objects: at its end, and in the next command after an interrupted drill."""

import contextlib

from lab.cluster.base import Cluster
from lab.cluster.tools import api
from lab.drill.base import LABEL
from lab.drill.reboot import release
from lab.errors import LabError

__all__ = ["clean"]

_KINDS = "deployments,pods,serviceaccounts,services"


def clean(cluster: Cluster) -> None:
    """Remove all objects that the drill made. Repeated calls are safe.

    Raises:
        LabError: the API server refused a deletion.
    """
    with contextlib.suppress(LabError):
        release(cluster)
    node = cluster.control_plane
    now = ("--ignore-not-found", "--wait=false")
    api.kubectl(node, "delete", "clusterrolebindings,clusterroles,namespaces", "-l", LABEL, *now).check()
    api.kubectl(node, "delete", _KINDS, "-A", "-l", LABEL, "--force", "--grace-period=0", *now).check()
