"""What nodes are called, as kind calls them."""

from collections.abc import Sequence

from lab.cluster.base import Role

__all__ = ["node_names"]


def node_names(cluster: str, roles: Sequence[Role]) -> list[tuple[str, Role]]:
    """Return name and role of each node of a cluster, the control plane first."""
    found: list[tuple[str, Role]] = [(f"{cluster}-control-plane", "control-plane")]
    workers = sum(role == "worker" for role in roles)
    found += [(f"{cluster}-worker{index + 1 if index else ''}", "worker") for index in range(workers)]
    return found
