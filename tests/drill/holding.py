"""Run a drill on a copy of a simulated lab."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lab import scoring
from lab.cluster.base import Cluster
from lab.cluster.tools import api
from lab.core.drill import DrillStep
from lab.core.grading import Score
from lab.drill.base import WORDS
from lab.drill.run import STEPS, hold
from lab.lab import Lab
from lab.progress import Silent

__all__ = ["Journal", "held", "left", "steps_told"]


@dataclass
class Journal:
    """A journal in memory."""

    lines: list[str] = field(default_factory=list)

    def begin(self, what: str) -> None:
        self.lines.append(f"begin {what}")

    def done(self, what: str) -> None:
        self.lines.append(f"done {what}")


def held(lab: Lab, cluster: Cluster, steps: Sequence[str] = tuple(STEPS)) -> tuple[Score, dict[str, DrillStep]]:
    """Run these steps of the lab's drill on `cluster`; return the final score, and the steps by name."""
    session = lab.session
    scenario = lab.scenario.model_copy(update={"drill": [step for step in lab.scenario.drill if step in steps]})
    drilled = hold(
        cluster,
        lab.baseline(),
        scenario,
        session.injected,
        mark=session.mark,
        recorder=Journal(),
        progress=Silent(),
    )
    return scoring.score(session, lab.loaded, drilled.observed), {step.name: step for step in drilled.steps}


def left(cluster: Cluster) -> list[str]:
    """Return the objects and files of a drill that are left on the nodes and in the API.

    What is being deleted, or is in a namespace that is, goes by itself.
    """
    kinds = "namespaces,pods,deployments,services,serviceaccounts,clusterroles,clusterrolebindings"
    items = api.get(cluster.control_plane, kinds, "-A")["items"]
    going = {item["metadata"]["name"] for item in items if "deletionTimestamp" in item["metadata"]}
    found = [
        f"{item['kind']} {item['metadata']['name']}"
        for item in items
        if _of_a_drill(item["metadata"]["name"])
        and not going & {item["metadata"]["name"], item["metadata"].get("namespace")}
    ]
    for node in cluster.nodes:
        folders = "/etc/systemd/system/kubelet.service.d /usr/local/sbin"
        files = node.run(["sh", "-c", f"ls {folders} 2>/dev/null"]).stdout.split()
        found += [file for file in files if _of_a_drill(file.removeprefix("zz-"))]
    return found


def _of_a_drill(name: str) -> bool:
    return re.match(rf"({'|'.join(WORDS)})-[0-9a-f]{{6}}", name) is not None


def steps_told(steps: dict[str, DrillStep]) -> str:
    """Return each step's result, to explain a failed test."""
    return "\n".join(f"{step.name}: {step.status}: {step.shown}" for step in steps.values())
