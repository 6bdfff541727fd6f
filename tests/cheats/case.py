"""A case of the corpus: changes to a repaired lab, and the required score."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from lab.cluster.base import Cluster, Node
from lab.cluster.sim.api import documents

__all__ = ["CASES", "Case"]

_FOLDER = Path(__file__).with_name("cases")


class Do(BaseModel):
    """A bash script, and the nodes that it runs on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: str
    node: Literal["control-plane", "worker", "all"] = "control-plane"
    #: Seconds of the cluster's time that pass afterwards.
    wait: float = 0.0


class Case(BaseModel):
    """One case. It is applied after the reference repair of all faults except `instead_of`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    #: Why the case must or must not earn points.
    why: str
    instead_of: str | None = None
    #: Where it can be done, if not on every backend.
    only: Literal["kind"] | None = None
    do: list[Do]
    earns: Literal["all", "less"]
    #: For a cheat: the name of the check that must fail or of the gate that must trip.
    turns: str = ""
    #: For a cheat: the cheated fault, and the most points that it may earn.
    fault: str = ""
    cap: float = 0.0

    def perform(self, cluster: Cluster) -> None:
        """Apply the case."""
        for each in self.do:
            for node in _nodes(cluster, each.node):
                node.run(["bash", "-ec", each.run], timeout=120).check()
            if each.wait:
                cluster.control_plane.time.sleep(each.wait)


def _nodes(cluster: Cluster, on: str) -> list[Node]:
    return [node for node in cluster.nodes if on in {"all", node.role}]


def _load() -> dict[str, Case]:
    return {
        path.stem: Case.model_validate(documents.load(path.read_text(encoding="utf-8")))
        for path in sorted(_FOLDER.glob("*.yaml"))
    }


CASES = _load()
