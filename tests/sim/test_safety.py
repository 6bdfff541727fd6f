"""What is typed on a simulated node stays there, and has an end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.cluster.sim.cluster import SimCluster
from lab.progress import Silent


@pytest.fixture
def real(tmp_path: Path) -> Iterator[SimCluster]:
    """A cluster in real time."""
    cluster = SimCluster("k5", tmp_path)
    cluster.create(Silent())
    yield cluster
    cluster.delete()


@pytest.mark.parametrize(
    "script",
    ["while :; do :; done", "f() { f | f & }; f", "sleep 1000", "until false; do sleep 0.01; done"],
)
def test_what_does_not_end_is_ended(real: SimCluster, script: str) -> None:
    result = real.control_plane.run(["bash", "-c", script], timeout=1)
    assert result.seconds < 20
    assert real.control_plane.run(["echo", "alive"]).stdout == "alive\n"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("bash /root/again.sh", "maximum nesting depth exceeded"),
        ("f() { timeout 5 bash -c 'bash /root/again.sh'; }; f", "maximum nesting depth exceeded"),
        ("f() { f; }; f", ""),
        ('kubectl() { kubectl "$@"; }; kubectl get nodes', ""),
        ("f() { eval f; }; f", ""),
        ("echo '. /root/sourced.sh' > /root/sourced.sh; . /root/sourced.sh", ""),
    ],
)
def test_what_calls_itself_has_an_end(fresh: SimCluster, script: str, said: str) -> None:
    fresh.control_plane.write_file("/root/again.sh", "bash /root/again.sh\n")
    result = fresh.control_plane.run(["bash", "-c", script])
    assert result.rc != 0
    assert said in result.stderr
    assert fresh.control_plane.run(["echo", "alive"]).stdout == "alive\n"


def test_the_hosts_programs_and_environment_are_not_there(
    real: SimCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "x")
    node = real.control_plane
    assert "SECRET_OF_THE_HOST" not in node.run(["env"]).stdout
    assert node.run(["bash", "-c", "python3 -c 'print(1)'"]).rc == 127
    assert node.run(["ls", str(Path(__file__).parent)]).rc != 0
