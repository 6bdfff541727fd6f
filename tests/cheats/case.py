"""A case of the corpus: what is done to a repaired lab, and what it must earn."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from lab.cluster.base import Cluster, Node

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
    """One case. It is done on top of the reference repair, except of the fault `instead_of`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    #: Why it must or must not earn.
    why: str
    instead_of: str | None = None
    do: list[Do]
    earns: Literal["all", "less"]
    #: Of a cheat: the check that must fail or the gate that must trip, by name.
    turns: str = ""
    #: Of a cheat: the fault that is cheated, and the points that it earns at most.
    fault: str = ""
    cap: float = 0.0

    def perform(self, cluster: Cluster) -> None:
        """Do it."""
        for each in self.do:
            for node in _nodes(cluster, each.node):
                node.run(["bash", "-ec", each.run], timeout=120).check()
            if each.wait:
                cluster.control_plane.time.sleep(each.wait)


def _nodes(cluster: Cluster, on: str) -> list[Node]:
    return [node for node in cluster.nodes if on in {"all", node.role}]


def _load() -> dict[str, Case]:
    return {
        path.stem: Case.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted(_FOLDER.glob("*.yaml"))
    }


CASES = _load()
