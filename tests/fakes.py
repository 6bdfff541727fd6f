"""A toy cluster behind the lab's interface, with a toy scenario: for tests of everything above the interface.

Its whole state is a set of words, such as `left`, each broken or not. The state is kept in the lab's folder, as a
real cluster outlives a command. Commands that `stream` runs are real processes on this machine.
"""

import contextlib
import json
import subprocess
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import pytest

from lab import backends, deny_test, furnishing, health, lab
from lab.catalog import CATALOG, CHECKS, FAULTS
from lab.checks.base import CheckKind
from lab.checks.base import Parameters as CheckParameters
from lab.checks.round import Round
from lab.cli import main
from lab.cluster.base import ClusterGoneError, Finding, NodeState, Result, Role, Shell
from lab.cluster.sim.process import spare
from lab.core.grading import Outcome
from lab.errors import LabError
from lab.faults.base import Evidence, Fault, Parameters, Stage, Step, Undo
from lab.patience import WALL
from lab.progress import Progress, step
from tests.toy_scenario import write_scenario

__all__ = ["Kluster", "Ran", "ToyCluster", "install", "kluster", "write_scenario"]


_ONE_AT_A_TIME = threading.Lock()


class ToyCluster:
    """Implements `lab.cluster.base.Cluster`. `surprises` (word -> error) are raised by commands with that word."""

    backend = "sim"
    surprises: ClassVar[dict[str, BaseException]] = {}
    #: Nodes that are not running.
    states: ClassVar[dict[str, NodeState]] = {}
    #: Whether the cluster stops while it is held, as a simulated one does.
    stands: ClassVar[bool] = True

    def __init__(self, name: str, folder: Path, *, nodes: Sequence[Role] = ("control-plane", "worker")) -> None:
        self.name = name
        self.file = folder / "toy.json"
        self.nodes = [ToyNode(self, f"{name}-{role}", role) for role in nodes]

    @property
    def control_plane(self) -> "ToyNode":
        return self.nodes[0]

    @property
    def broken(self) -> list[str]:
        if not self.exists():
            raise ClusterGoneError(f"The cluster '{self.name}' does not exist any more.")
        return list(json.loads(self.file.read_text()))

    def create(self, progress: Progress) -> None:
        with step(progress, "Start the toy"):
            self.surprise("create")
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_text("[]")

    def delete(self) -> None:
        self.surprise("delete")
        self.file.unlink(missing_ok=True)

    def exists(self) -> bool:
        return self.file.is_file()

    def identity(self) -> Mapping[str, str]:
        return {node.name: node.role for node in self.nodes}

    def verify_ownership(self, expected: Mapping[str, str]) -> None:
        if not self.exists():
            raise ClusterGoneError(f"The cluster '{self.name}' does not exist any more.")
        if expected != self.identity():
            raise LabError(f"The cluster '{self.name}' is not as this lab created it.")

    def node_states(self, expected: Mapping[str, str]) -> Mapping[str, NodeState]:
        self.surprise("node-states")
        return {name: self.states.get(name, "running" if self.exists() else "gone") for name in expected}

    def start_stopped_nodes(self) -> Iterable[str]:
        return ()

    def hurried(self) -> AbstractContextManager[None]:
        return nullcontext()

    def hold(self) -> bool:
        self.surprise("hold")
        self.file.with_suffix(".held").touch()
        return self.stands

    def release(self) -> None:
        self.surprise("release")
        self.file.with_suffix(".held").unlink(missing_ok=True)

    @property
    def held(self) -> bool:
        return self.file.with_suffix(".held").exists()

    def client_config(self) -> str:
        return "kind: Config\n"

    def changes(self) -> int | None:
        return None

    def snapshot(self) -> "AbstractContextManager[ToyCluster]":
        return nullcontext(self)

    def close(self) -> None:
        pass

    def surprise(self, *words: str) -> None:
        for word in words:
            if word in self.surprises:
                raise self.surprises.pop(word)


class ToyNode:
    """Implements `lab.cluster.base.Node`."""

    time = WALL

    def __init__(self, cluster: ToyCluster, name: str, role: Role) -> None:
        self.cluster = cluster
        self.name = name
        self.role: Role = role

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | bytes | None = None,
        timeout: float = 30.0,
        env: Mapping[str, str] | None = None,
    ) -> Result:
        del stdin, timeout, env
        words = argv[-1].split() if argv[0] == "bash" else list(argv)
        self.cluster.surprise(*words)
        with _ONE_AT_A_TIME:
            broken = set(self.cluster.broken)
            if words[0] in {"break", "mend"}:
                now = broken | set(words[1:]) if words[0] == "break" else broken - set(words[1:])
                self.cluster.file.write_text(json.dumps(sorted(now)))
        return Result(tuple(argv), 0, _said(words), "", 0.0, self.name)

    def stream(self, argv: Sequence[str], *, stdin: BinaryIO | None, stdout: BinaryIO, stderr: BinaryIO) -> int:
        data = stdin.read() if stdin else b""
        done = subprocess.run(list(argv), input=data, capture_output=True, check=False)
        stdout.write(done.stdout)
        stderr.write(done.stderr)
        return done.returncode

    def read_file(self, path: str) -> str:
        return f"the text of {path}"

    def write_file(self, path: str, text: str, mode: int = 0o644) -> None:
        raise AssertionError((path, text, mode))

    def shell(self, rows: int, cols: int) -> Shell:
        raise AssertionError((rows, cols))


def _said(words: Sequence[str]) -> str:
    if words[0] == "kubectl" and "namespaces" in words:
        return json.dumps({"items": [{"metadata": {"name": "kube-system", "uid": "1"}}]})
    if words[0] == "kubectl" and "-A" in words:
        return json.dumps({"items": []})
    if words[0] == "etcdctl":
        return json.dumps([{"Status": {"header": {"revision": 1}, "dbSize": 1}}])
    return json.dumps({"containers": []}) if words[0] == "crictl" else ""


class Toy(Fault):
    """Breaks a word."""

    kind = "toy"
    seen_after = Stage.OBJECTS

    class parameter_model(Parameters):  # noqa: N801 -- it is an attribute by that name
        word: str

    parameters: Any

    def verify_baseline(self) -> None:
        if self.parameters.word in self.cluster.control_plane.cluster.broken:  # type: ignore[attr-defined]
            raise LabError(f"{self.parameters.word} is broken already.")

    def injection(self) -> Iterable[Step[Stage]]:
        word = self.parameters.word
        return [Step(Stage.OBJECTS, f"secretly break {word}", lambda _: self._run("break", word))]

    def observe(self) -> Evidence:
        return Evidence(f"is-{self.parameters.word}", "broken")

    def reversal(self) -> Iterable[Step[Undo]]:
        word = self.parameters.word
        return [Step(Undo.OBJECTS, f"secretly mend {word}", lambda _: self._run("mend", word))]

    def _run(self, *words: str) -> None:
        self.node.run(words).check()


class _Words(CheckParameters):
    words: list[str]
    hides: str = ""
    #: The symptoms, in words that name no cause.
    seen: str = "FOUND-OUT"
    limit: float = 0.0


def _mended(look: Round, parameters: _Words) -> Outcome:
    """`words` are whole; while `hides` is broken, the answer is unknown."""
    broken = look.node.cluster.broken  # type: ignore[attr-defined]
    look.node.run(["is-it", *parameters.words])
    if parameters.hides in broken:
        return Outcome.blocked(parameters.hides, f"FOUND-OUT {parameters.hides}")
    wrong = [word for word in parameters.words if word in broken]
    if wrong:
        return Outcome.failed(parameters.seen.replace("OUT", f"OUT {wrong[0]}"), f"{parameters.seen} no more")
    return Outcome.passed("FOUND-OUT whole")


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Install the toy behind the interface, and its kinds in the catalogue."""
    monkeypatch.setitem(FAULTS, "toy", Toy)
    monkeypatch.setitem(CHECKS, "toy", CheckKind(_mended, _Words))
    monkeypatch.setitem(CATALOG.faults, "toy", Toy.parameter_model)
    monkeypatch.setitem(CATALOG.checks, "toy", _Words)
    monkeypatch.setattr(ToyCluster, "surprises", {})
    monkeypatch.setattr(ToyCluster, "states", {})
    monkeypatch.setattr(ToyCluster, "stands", True)

    def opened(
        _backend: str,
        name: str,
        folder: Path,
        *,
        nodes: Sequence[Role],
        image: str | None = None,
        virtual: bool = False,
        here: bool = False,
    ) -> ToyCluster:
        del image, virtual, here
        return ToyCluster(name, folder, nodes=nodes)

    # The toy has no network that could enforce policies.
    for module in (deny_test, furnishing):
        kept = Finding("network policies", ok=True, found="")
        monkeypatch.setattr(module, "live_deny_test", lambda _cluster, kept=kept: kept)
    monkeypatch.setattr(spare, "prepared", contextlib.nullcontext)
    monkeypatch.setattr(health, "SETTLE", 0.0)
    monkeypatch.setattr(lab, "open_cluster", opened)
    monkeypatch.setattr(backends, "open_cluster", opened)


@dataclass(frozen=True)
class Ran:
    """The result of a command."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


class Kluster:
    """Runs `kluster` in this process, as the console script would."""

    def __init__(self, capsys: pytest.CaptureFixture[str], scenario: Path) -> None:
        self._capsys = capsys
        self.scenario = scenario

    def __call__(self, *argv: str) -> Ran:
        self._capsys.readouterr()
        code = main(argv)
        said = self._capsys.readouterr()
        return Ran(code, said.out, said.err)

    def broken(self, mode: str = "training") -> None:
        """Create a lab and break it."""
        assert self("create", str(self.scenario), "--backend", "sim", "--mode", mode).code == 0
        assert self("break").code == 0


@pytest.fixture
def kluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Kluster:
    """Return the command line over a toy cluster, with a new home."""
    install(monkeypatch)
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    return Kluster(capsys, write_scenario(tmp_path / "toy"))
