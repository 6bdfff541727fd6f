"""A cluster that is saved, closed and reopened continues as if nothing had happened.

A random sequence of commands and waits runs twice on clusters from the same file, with the same random numbers:
once without a break, once closed and reopened at random steps. Every step prints the same bytes, and the final
states are equal.

KLUSTER_STATE_STEPS=N runs at least N steps in all, instead of 2,000 (`make nightly`: 50,000).
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from lab.cluster.base import Result
from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.state.codec import text
from lab.cluster.sim.timing.clock import Clock
from lab.progress import Silent
from tests.sim.conftest import workloads

__all__ = ["COMMON", "goes_on"]

#: The files that share the steps, and the steps of a sequence.
_FILES = 4
_STEPS = 40
_MOST_CLOSED = 3
_ALL = int(os.environ.get("KLUSTER_STATE_STEPS", "2000"))
_EXAMPLES = -(-_ALL // (_FILES * _STEPS))
_START = 1_800_000_000.0

#: Steps of all sequences: waits, and looks at everything.
COMMON = (
    "sleep 1",
    "sleep 7",
    "sleep 30",
    "sleep 200",
    "date; uptime",
    "kubectl get pods -A -o wide",
    "kubectl get nodes,deployments,daemonsets,services,endpoints -A",
    "kubectl get events -A --sort-by=.metadata.name -o name | tail -3",
    "kubectl get --raw /metrics | sort | tail -5",
    "crictl ps -a; crictl pods",
    "systemctl list-units --all; systemctl list-timers --all",
    "journalctl -n 5 --no-pager",
    "ls -lR /etc /root /var/lib/kubelet | md5sum",
    "sysctl -a | md5sum",
    "ps aux; echo $RANDOM",
    "kubectl -n shop exec ds/client -- curl -s -m 3 http://web/; echo $?",
    "etcdctl endpoint status -w table 2>&1 | tail -2",
)


@dataclass(frozen=True)
class Step:
    """A command on a node, and whether the cluster is closed and reopened before it."""

    script: str
    node: int
    closed: bool = False


def _base(folder: Path) -> bytes:
    """Return the file of a cluster with its workloads."""
    cluster = SimCluster("k5", folder, clock=Clock(turned=True, start=_START))
    cluster.create(Silent())
    for manifest in workloads():
        cluster.control_plane.run(["kubectl", "apply", "-f", "-"], stdin=manifest).check()
    cluster.control_plane.run(["sleep", "20"])
    cluster.close()
    return (folder / "sim.json").read_bytes()


class _Run:
    """One cluster's life in a folder of its own."""

    def __init__(self, folder: Path, content: bytes) -> None:
        self._folder = folder
        folder.mkdir()
        (folder / "sim.json").write_bytes(content)
        self._open()

    def _open(self) -> None:
        self._cluster = SimCluster("k5", self._folder, clock=Clock(turned=True))

    def step(self, step: Step) -> Result:
        if step.closed:
            self._cluster.close()
            self._open()
        return self._cluster.nodes[step.node].run(["bash", "-c", step.script], timeout=400)

    def end(self) -> str:
        """Close the cluster, and return its last state."""
        state = text(self._cluster.world, {})
        self._cluster.delete()
        return state


def goes_on(commands: Sequence[str]) -> Callable[[], None]:
    """Return a test that runs sequences of `commands` and of the common steps."""
    file: list[bytes] = []
    steps = some.builds(Step, some.sampled_from([*commands, *COMMON]), some.sampled_from([0, 0, 0, 1]))
    sequences = some.lists(steps, min_size=_STEPS, max_size=_STEPS)
    closings = some.sets(some.integers(0, _STEPS - 1), min_size=1, max_size=_MOST_CLOSED)

    @settings(
        max_examples=_EXAMPLES,
        derandomize="KLUSTER_STATE_STEPS" not in os.environ,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(sequence=sequences, closings=closings)
    def test(sequence: list[Step], closings: set[int]) -> None:
        with TemporaryDirectory() as name:
            folder = Path(name)
            if not file:
                file.append(_base(folder / "base"))
            without = _Run(folder / "without", file[0])
            expected = [without.step(step) for step in sequence]
            state = without.end()
            closed = _Run(folder / "closed", file[0])
            for number, step in enumerate(sequence):
                found = closed.step(Step(step.script, step.node, closed=number in closings))
                assert found == expected[number], f"step {number} of {sequence}, closed before {sorted(closings)}"
            assert closed.end() == state, f"{sequence}, closed before {sorted(closings)}"

    return test
