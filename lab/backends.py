"""The choice of a backend, and the cluster of a lab."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from lab.cluster.base import Cluster, Role
from lab.errors import LabError, UsageProblem

__all__ = ["BACKENDS", "choose", "open_cluster"]

BACKENDS = ("auto", "kind", "sim")


def choose(asked: str) -> Literal["kind", "sim"]:
    """Return the backend: `asked`, or for `auto` kind if Docker and kind answer, else the simulator.

    Raises:
        UsageProblem: there is no such backend.
        LabError: the requested backend can't be used here; the remedy names what is missing.

    """
    if asked not in BACKENDS:
        raise UsageProblem(f"There is no backend '{asked}'.", remedy=f"Choose one of: {', '.join(BACKENDS)}.")
    if asked == "sim":
        return "sim"
    missing = _what_kind_lacks()
    if missing is None:
        return "kind"
    if asked == "kind" or not _has_simulator():
        raise missing
    return "sim"


def open_cluster(
    backend: str,
    name: str,
    folder: Path,
    *,
    nodes: Sequence[Role],
    image: str | None = None,
    virtual: bool = False,
    here: bool = False,
) -> Cluster:
    """Return the cluster of the lab called `name`, without creating or contacting it.

    A simulated cluster in `virtual` time lives in this process, and waiting for it costs no time. One that is to
    be `here` lives in this process as well, in real time, and no other process can use it.
    """
    if backend == "sim" and here:
        from lab.cluster.sim.process.cluster import SimCluster  # noqa: PLC0415

        return SimCluster(name, folder, nodes=nodes)
    if backend == "sim" and virtual:
        from lab.cluster.sim.process.cluster import SimCluster  # noqa: PLC0415
        from lab.cluster.sim.timing.clock import Clock  # noqa: PLC0415

        return SimCluster(name, folder, nodes=nodes, clock=Clock(turned=True))
    if backend == "sim":
        from lab.cluster.sim.process.attached import AttachedCluster  # noqa: PLC0415

        return AttachedCluster(name, folder, nodes=nodes)
    from lab.cluster.kind.cluster import KindCluster  # noqa: PLC0415

    return KindCluster(name, folder, image=image, nodes=nodes)


def _what_kind_lacks() -> LabError | None:
    from lab.doctor import examine  # noqa: PLC0415 -- the Docker SDK is not loaded for what does not need it

    for finding in examine():
        if not finding.ok and not finding.advisory:
            return LabError(f"A real cluster can't be made here: {finding.name}.", finding.found, finding.remedy)
    return None


def _has_simulator() -> bool:
    return importlib.util.find_spec("lab.cluster.sim.process.cluster") is not None
