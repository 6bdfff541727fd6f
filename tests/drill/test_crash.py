"""An interrupted drill: the next command removes its objects, and the attempt continues."""

from collections.abc import Iterator
from typing import Any

import pytest

from lab.cluster.base import Result
from lab.cluster.sim.process.cluster import SimNode
from lab.core.session import Mode, State
from lab.drill import run
from lab.lab import Lab
from lab.places import scenarios_folder
from lab.progress import Silent
from lab.submission import DrillRunsError
from tests.drill.holding import left
from tests.scenario.seeing import scored, told


class Killed(BaseException):
    """Stands for `kill -9`: no further code of the program runs."""


@pytest.fixture(scope="module")
def repaired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLUSTER_HOME", str(tmp_path_factory.mktemp("home")))
        scenario = scenarios_folder() / "kluster005"
        lab = Lab.create(
            "k5", scenario, backend="sim", mode=Mode.REHEARSAL, image=None, progress=Silent(), virtual=True
        )
        lab.break_([], Silent())
        lab.solve((), Silent())
        lab.diagnose_as_solved()
        yield lab
        lab.delete()


class DiesAt(Silent):
    """Progress of a command that is killed when the step number `place` begins or ends."""

    def __init__(self, place: int, *, begins: bool) -> None:
        self._left = place
        self._begins = begins

    def begin(self, title: str) -> None:
        del title
        if self._begins:
            self._count()

    def end(self, *, ok: bool) -> None:
        del ok
        if not self._begins:
            self._count()

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Killed


@pytest.mark.parametrize("begins", [True, False], ids=["begins", "ends"])
@pytest.mark.parametrize("place", range(1, 8))
def test_a_drill_that_was_killed_is_taken_back_by_the_next_command(
    repaired: Lab, monkeypatch: pytest.MonkeyPatch, place: int, *, begins: bool
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(run, "clean", lambda _cluster, _name: None)
        with pytest.raises(Killed):
            repaired.submit(progress=DiesAt(place, begins=begins))
    assert repaired.session.state is State.BROKEN
    assert repaired.session.drilling

    score = repaired.check()

    assert not repaired.session.drilling
    assert left(repaired.cluster) == []
    assert score.state == 100


@pytest.mark.parametrize("commands", range(2, 122, 6))
def test_a_drill_that_was_killed_at_any_command_is_taken_back(
    repaired: Lab, monkeypatch: pytest.MonkeyPatch, commands: int
) -> None:
    """Every change by a drill is a command on a node: after a given number of commands, none runs any more."""
    left_over = iter(range(commands))
    run_on_node = SimNode.run

    def run_until_killed(node: SimNode, *args: Any, **options: Any) -> Result:
        if next(left_over, None) is None:
            raise Killed
        return run_on_node(node, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(run, "clean", lambda _cluster, _name: None)
        patch.setattr(SimNode, "run", run_until_killed)
        with pytest.raises(Killed):
            repaired.submit()
    assert repaired.session.state is State.BROKEN

    score = scored(repaired, 100)

    assert not repaired.session.drilling
    assert left(repaired.cluster) == []
    assert score.state == 100, told(score)


def test_a_drill_that_is_interrupted_clears_up_itself(repaired: Lab) -> None:
    with pytest.raises(Killed):
        repaired.submit(progress=DiesAt(4, begins=True))
    assert left(repaired.cluster) == []
    assert repaired.check().state == 100


def test_a_check_beside_a_drill_leaves_it_alone(repaired: Lab) -> None:
    """The submission locks the lab, so that no command mistakes a running drill for an interrupted one."""
    with repaired.store.update() as session:
        session.drilling = True
    with repaired.store.alone():
        repaired.verify_cluster()
        with pytest.raises(DrillRunsError):
            repaired.check()
    assert repaired.session.drilling
    repaired.verify_cluster()
    assert not repaired.session.drilling


def test_the_journal_has_each_step(repaired: Lab) -> None:
    repaired.submit()
    journal = (repaired.store.folder / "journal.jsonl").read_text()
    for step in repaired.scenario.drill:
        assert f'"begin": "drill: {step}"' in journal
        assert f'"done": "drill: {step}"' in journal
    assert [step.name for step in repaired.session.drill] == list(run.STEPS)
    assert left(repaired.cluster) == []
