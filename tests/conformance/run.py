"""Drive a lab through the phases, and collect the answers of its commands."""

import contextlib
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import pytest

from lab.catalog import CATALOG
from lab.cluster.base import Cluster, Node, node_named
from lab.cluster.kind.cluster import KindCluster
from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.timing.clock import Clock
from lab.core.load import load as load_scenario
from lab.core.session import Mode, Session
from lab.lab import Lab
from lab.places import hints_folder, scenarios_folder
from lab.progress import Silent
from lab.store import Store, now
from tests.conformance.compare import Comparison, compare
from tests.conformance.model import Answer, Command, Recording, commands, load
from tests.conformance.phases import CHAPTERS, Chapter, Stage
from tests.conformance.surroundings import nobody_answers

__all__ = ["NAME", "answers_of", "kind_lab", "play", "replay", "sim_lab"]

#: The lab's name on every backend, since it is part of the nodes' names.
NAME = "conf"

Told = Callable[[str], None]


@contextlib.contextmanager
def kind_lab(home: Path) -> Iterator[Lab]:
    """Yield a healthy lab on a new kind cluster, with `home` for its files; delete it at the end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLUSTER_HOME", str(home))
        cluster = KindCluster(NAME, home / "labs" / NAME)
        try:
            cluster.create(Silent())
            with nobody_answers():
                yield _furnished(cluster)
        finally:
            cluster.delete()
            cluster.engine.close()


@contextlib.contextmanager
def sim_lab(home: Path, name: str = NAME) -> Iterator[Lab]:
    """Yield a healthy lab on the simulator, in turned time: waiting advances the clock."""
    cluster = SimCluster(name, home / "labs" / name, nodes=("control-plane", "worker"), clock=Clock(turned=True))
    really = time.sleep

    def sleep(seconds: float) -> None:
        if threading.current_thread().daemon:
            # The one that saves clusters of other tests in this process.
            really(seconds)
            return
        really(0)
        cluster.advance(seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLUSTER_HOME", str(home))
        patch.setattr(time, "sleep", sleep)
        cluster.create(Silent())
        try:
            yield _furnished(cluster)
        finally:
            cluster.delete()


def _furnished(cluster: Cluster) -> Lab:
    loaded = load_scenario(scenarios_folder() / "kluster005", hints_folder(), CATALOG)
    store = Store(cluster.name)
    session = Session(
        name=cluster.name,
        scenario=str(loaded.folder),
        backend=cluster.backend,
        mode=Mode.REHEARSAL,
        created=now(),
    )
    store.save(session)
    made = Lab(store, loaded, cluster)
    made.furnish(Silent())
    return made


def play(
    lab: Lab,
    tried: Sequence[Command],
    wanted: Collection[str],
    *,
    versions: dict[str, str],
    run: str = "",
    chapters: Sequence[Chapter] = CHAPTERS,
    told: Told = lambda _: None,
) -> Iterator[Recording]:
    """Yield the answers of the phases `wanted`, phase by phase; the phases between are only set up."""
    stage = Stage(lab)
    for chapter in chapters:
        left = [phase.name for phase in chapter.phases if phase.name in wanted]
        if not left:
            continue
        for phase in chapter.phases:
            told(f"{phase.name}: {phase.title}")
            began = time.monotonic()
            phase.enter(stage)
            ready = time.monotonic()
            mine = [command for command in tried if phase.name in command.phases]
            # Phases without answers take their time too, as in the recording.
            answers = answers_of(lab.cluster, mine)
            told(f"  {ready - began:.0f} s, then {len(answers)} answers in {time.monotonic() - ready:.0f} s")
            if phase.name in wanted:
                yield Recording(
                    phase=phase.name,
                    run=run,
                    backend=lab.cluster.backend,
                    versions=versions,
                    answers=tuple(answers),
                )
                left.remove(phase.name)
            if not left:
                break
        chapter.leave(stage)


def replay(phases: Sequence[str], folder: Path, *, told: Told = lambda _: None) -> Iterator[Comparison]:
    """Compare the simulator with the recordings of `phases` that were made on one cluster each."""
    every = [load(name, folder) for name in phases]
    for run in dict.fromkeys(recording.run for recording in every):
        mine = {recording.phase: recording for recording in every if recording.run == run}
        with tempfile.TemporaryDirectory(prefix="kluster-replay-") as home, sim_lab(Path(home)) as lab:
            for simulated in play(lab, commands(), list(mine), versions={}, told=told):
                yield from compare(mine[simulated.phase], simulated)


def answers_of(cluster: Cluster, tried: Sequence[Command]) -> list[Answer]:
    """Return the answers of the commands; those with a time of their own come first."""
    passed = 0.0
    answers = []
    for command in sorted(tried, key=lambda command: (not command.at, command.at)):
        if command.at > passed:
            time.sleep(command.at - passed)
            passed = command.at
        answer = _answer(node_named(cluster, command.node), command)
        passed += answer.seconds
        answers.append(answer)
    return answers


def _answer(node: Node, command: Command) -> Answer:
    result = node.run(["bash", "-c", f"{command.before}\n{command.run}"], timeout=command.timeout)
    return Answer(
        tool=command.tool,
        run=command.run,
        node=command.node,
        rc=result.rc,
        seconds=round(result.seconds, 1),
        stdout=tuple(result.stdout.split("\n")),
        stderr=tuple(result.stderr.split("\n")),
    )
