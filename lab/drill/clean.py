"""What a drill leaves nowhere: removed at its end, and by the next command after one that was cut off."""

import contextlib

from lab.cluster.base import Cluster
from lab.cluster.tools import api
from lab.drill.base import LABEL
from lab.drill.reboot import release
from lab.errors import LabError

__all__ = ["clean"]

_KINDS = "deployments,pods,serviceaccounts,services"


def clean(cluster: Cluster) -> None:
    """Remove what the drill has made. It is safe to call this again.

    Raises:
        LabError: the API server did not take it.

    """
    with contextlib.suppress(LabError):
        release(cluster)
    node = cluster.control_plane
    now = ("--ignore-not-found", "--wait=false")
    api.kubectl(node, "delete", "clusterrolebindings,clusterroles,namespaces", "-l", LABEL, *now).check()
    api.kubectl(node, "delete", _KINDS, "-A", "-l", LABEL, "--force", "--grace-period=0", *now).check()
