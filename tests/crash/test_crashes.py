"""Each command is killed at each of its writes. The next one finds a lab that it can resume, repair or delete."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from lab.backends import open_cluster
from lab.catalog import CATALOG
from lab.cluster.sim.process.cluster import SimCluster
from lab.commands.delete import remove
from lab.core.load import load
from lab.core.session import Mode, State
from lab.lab import Lab
from lab.places import hints_folder, lab_folder, scenarios_folder, state_folder
from lab.progress import Silent
from lab.seals import Seals
from lab.store import Store
from tests.crash.points import Point, Points, taking
from tests.drill.holding import left
from tests.scenario.seeing import told

NAME = "crashed"
SCENARIO = scenarios_folder() / "kluster005"
pytestmark = pytest.mark.timeout(900)

#: The interval of points that are recovered as a person would; at the others, only the next command's output is
#: checked.
EVERY = 9
#: State -> the remedy that the next command offers.
OFFERED = {
    State.CREATING: "kluster create",
    State.HEALTHY: "kluster break",
    State.INJECTING: "kluster reset",
    State.BROKEN: "kluster submit",
    State.SOLVED: "kluster reset",
    State.GIVEN_UP: "kluster reset",
    State.RESETTING: "kluster reset",
    State.DELETING: "kluster delete",
}


def made() -> Lab:
    return Lab.create(
        NAME, SCENARIO, backend="sim", mode=Mode.TRAINING, image=None, progress=Silent(), virtual=True
    )


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Point]]:
    """One life of a lab, killed at each of its writes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLUSTER_HOME", str(tmp_path_factory.mktemp("home")))

        known: list[int] = []

        def saved() -> None:
            nonlocal known
            cluster = open_cluster("sim", NAME, lab_folder(NAME), nodes=("control-plane", "worker"), virtual=True)
            assert isinstance(cluster, SimCluster)
            before, known = known, [cluster.world.changes.count] if cluster.exists() else []
            if known != before:
                cluster.save()

        points = Points(tmp_path_factory.mktemp("points"), saved)
        with taking(points):
            with points.of("create"):
                lab = made()
            with points.of("break"):
                lab.break_([], Silent())
            with points.of("check"):
                lab.check()
            with points.of("hint"):
                lab.hint("silence")
            with points.of("diagnose"):
                lab.diagnose("silence", "etcd", "quota")
            with points.of("solve"):
                lab.solve((), Silent())
            lab.diagnose_as_solved()
            with points.of("submit"):
                lab.submit()
            with points.of("reset"):
                lab.reset(Silent())
            with points.of("delete"):
                lab.delete()
        yield points.all


def opened() -> Lab:
    store = Store(NAME)
    session = store.load()
    cluster = open_cluster("sim", NAME, store.folder, nodes=("control-plane", "worker"), virtual=True)
    return Lab(store, load(Path(session.scenario), hints_folder(), CATALOG), cluster)


def recovered(point: Point, state: State) -> None:
    """Follow the remedy of the next command."""
    if state is State.CREATING:
        assert made().session.state is State.HEALTHY
        return
    lab = opened()
    if state is State.BROKEN:
        score = lab.check()
        assert not lab.session.drilling
        if point.command == "submit":
            assert left(lab.cluster) == []
            assert score.state == 100, f"{point}\n{told(score)}"
    elif state in {State.INJECTING, State.RESETTING}:
        lab.reset(Silent())
        assert lab.session.state is State.HEALTHY
    else:
        lab.verify_cluster()
    assert Seals(lab.store.folder).broken() == []


def offered(point: Point) -> State | None:
    """Return the lab's state, and check that its files are whole and that a next step is offered."""
    if not Store(NAME).exists():
        assert point.command in {"create", "delete"}, point
        return None
    session = Store(NAME).load()
    assert OFFERED[session.state] in session.next_step, point
    assert Seals(lab_folder(NAME)).broken() == [], point
    return session.state


def test_there_are_at_least_120_of_them(points: list[Point]) -> None:
    counts = {command: len(list(each)) for command, each in groupby(points, lambda point: point.command)}
    assert len(points) >= 120, counts
    assert len(counts) == 9, counts


@pytest.mark.parametrize("part", range(EVERY))
def test_the_next_command_resumes_or_cleans_up(
    points: list[Point], monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    for point in points[part::EVERY]:
        monkeypatch.setenv("KLUSTER_HOME", str(point.home))
        state = offered(point)
        if state is not None and point.number % EVERY == point.number // EVERY % EVERY:
            recovered(point, state)
        if state is not None:
            opened().delete()
        elif lab_folder(NAME).exists():
            remove(NAME)
        remains = [path for path in state_folder().rglob("*") if path.is_file() and path.parent.name != "attempts"]
        assert remains == [], f"{point}: {remains}"
