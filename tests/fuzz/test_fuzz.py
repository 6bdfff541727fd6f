"""Damaged files, arguments, scripts, requests and bytes: a clear error or an answer, within seconds.

KLUSTER_INPUTS=N tries N inputs in all; KLUSTER_SEED=N begins elsewhere.
"""

import io
import json
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from lab.attempts import all_attempts
from lab.catalog import CATALOG
from lab.chain import Chain, entries, verify
from lab.cli import main
from lab.cluster.sim.api.apiserver import Request
from lab.cluster.sim.bash.language.errors import ShellSyntaxError
from lab.cluster.sim.bash.language.reader import parse
from lab.cluster.sim.process import requests, wire
from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.timing.clock import Clock
from lab.cluster.sim.timing.turns import on_loop
from lab.core.load import load
from lab.errors import LabError
from lab.places import attempts_folder, hints_folder, scenarios_folder
from lab.progress import Silent
from lab.seals import Seals
from lab.store import Store
from lab.tui.terminal.emulator import Emulator
from tests.fuzz.inputs import NASTY, damaged, noise

INPUTS = int(os.environ.get("KLUSTER_INPUTS", "10000"))
SEED = os.environ.get("KLUSTER_SEED", "5")
#: Seconds for one input, as the process' own time: nothing hangs.
LIMIT = 5.0


def tried(name: str, share: float, one: Callable[[random.Random], object]) -> None:
    """Call `one` with a share of all inputs; each has its own seed."""
    for number in range(max(1, round(INPUTS * share))):
        began = time.process_time()
        try:
            one(random.Random(f"{SEED} {name} {number}"))  # noqa: S311 -- to be repeated
        except Exception as error:
            raise AssertionError(f"{name}, input {number}: {type(error).__name__}: {error}") from error
        assert time.process_time() - began < LIMIT, f"{name}, input {number} takes too long"


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.parametrize(("file", "share"), [("scenario.yaml", 0.04), ("solution.yaml", 0.02), ("hints", 0.02)])
def test_a_scenario_is_loaded_or_its_problems_are_listed(tmp_path: Path, file: str, share: float) -> None:
    folder, hints = tmp_path / "scenario", tmp_path / "hints"
    shutil.copytree("tests/unit/scenarios/valid-minimal", folder)
    shutil.copytree("tests/unit/scenarios/hints", hints)
    path = next(hints.glob("*.yaml")) if file == "hints" else folder / file
    whole = path.read_text(encoding="utf-8")

    def one(chance: random.Random) -> None:
        path.write_text(damaged(chance, whole), encoding="utf-8", errors="replace")
        try:
            load(folder, hints, CATALOG)
        except LabError as error:
            assert error.title  # noqa: PT017 -- either is right

    tried(file, share, one)


def test_a_labs_own_files_are_read_or_said_to_be_damaged(home: Path) -> None:
    store = Store("lab1")
    folder = home / "labs" / "lab1"
    folder.mkdir(parents=True)
    session = {
        "name": "lab1",
        "scenario": "/s",
        "backend": "sim",
        "mode": "training",
        "state": "broken",
        "created": "2026-01-02T03:04:05Z",
        "started": "2026-01-02T03:04:05Z",
        "hint_tiers": {"policy": 2},
        "pauses": [{"since": "2026-01-02T03:04:05Z", "until": None}],
        "final": {"attempt": 3},
    }
    texts = {
        "lab.json": json.dumps(session),
        "baseline.json": json.dumps({"identity": {"a": "b"}, "uid": "u", "nodes": {}, "workloads": {}, "ca": ""}),
        "timeline.jsonl": '{"at":"2026-01-02T03:04:05Z","kind":"hint","text":"x","data":{}}\n' * 3,
        "journal.jsonl": '{"at": "2026-01-02T03:04:05Z", "begin": "create"}\n' * 3,
        "seals.json": json.dumps(
            {"files": {"lab.json": {"size": 1, "before": "", "after": "", "line": ""}}, "edited": []}
        ),
    }

    def one(chance: random.Random) -> None:
        name = chance.choice(list(texts))
        (folder / name).write_text(damaged(chance, texts[name]), encoding="utf-8", errors="replace")
        for read in (store.load, store.load_baseline, store.timeline, Seals(folder).broken):
            try:
                read()
            except LabError as error:
                assert error.title  # noqa: PT017 -- either is right

    tried("files of a lab", 0.1, one)


def test_an_attempt_is_verified_or_said_to_be_broken(home: Path) -> None:
    path = attempts_folder() / "a.jsonl"
    chain = Chain(path)
    for number in range(4):
        chain.add("2026-01-02T03:04:05Z", "lab", text="x" * number)
    chain.close()
    whole = path.read_text()

    def one(chance: random.Random) -> None:
        path.write_text(text := damaged(chance, whole), encoding="utf-8", errors="replace")
        found = verify(path)
        assert found.lines <= 4
        list(entries(path))
        assert all_attempts() == []
        if text.startswith(whole):
            assert found.lines == 4

    tried("attempts", 0.1, one)
    assert home.is_dir()


def test_a_terminal_takes_any_bytes() -> None:
    screen = Emulator(24, 80)
    drawn = (
        b"\x1b[2J\x1b[1;1Hkubectl get pods\r\n",
        b"\x1b[?1049h\x1b[5;20r\x1b[38;2;1;2;3mred\x1b[0m",
        b"\x1b]0;title\a",
    )

    def one(chance: random.Random) -> None:
        data = noise(chance, chance.randint(1, 60)) + chance.choice(drawn) + chance.choice(NASTY).encode()
        screen.feed(data)
        screen.skim(data)
        for y in range(24):
            screen.line(y)
        if chance.random() < 0.02:
            screen.resize(chance.randint(1, 60), chance.randint(1, 200))
            screen.resize(24, 80)

    tried("terminal", 0.2, one)


SCRIPTS = (
    'for pod in $(kubectl get pods -o name); do echo "${pod##*/}" | sed "s/a/b/"; done >/dev/null 2>&1 &',
    'case "$1" in a|b) x=$((1+2*3)) ;; *) [[ $x =~ ^a+$ && -f /etc/passwd ]] || exit 1 ;; esac',
    'f() { local a=("${@:1}"); printf "%s\\n" "${a[@]}"; }; f <<E\ntext $x\nE\nwhile read l; do :; done < <(ls)',
    "trap 'echo bye' EXIT; set -euo pipefail; (cd /tmp && tar c . | gzip >x.gz); echo {1..3}{a,b} $'\\n' ~root",
)


def test_a_script_is_read_or_refused_with_bashs_error() -> None:
    def one(chance: random.Random) -> None:
        try:
            parse(damaged(chance, chance.choice(SCRIPTS)))
        except ShellSyntaxError as error:
            assert str(error)  # noqa: PT017 -- either is right

    tried("scripts", 0.2, one)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimCluster]:
    cluster = SimCluster("fuzzed", tmp_path_factory.mktemp("fuzzed"), clock=Clock(turned=True))
    cluster.create(Silent())
    yield cluster
    cluster.delete()


def test_a_script_that_runs_ends(cluster: SimCluster) -> None:
    def one(chance: random.Random) -> None:
        script = damaged(chance, chance.choice(SCRIPTS))
        cluster.nodes[1].run(["bash", "-c", script.replace("\0", "")], timeout=10)

    tried("scripts that run", 0.01, one)


PATHS = (
    "/api/v1/namespaces/default/pods",
    "/api/v1/pods/x",
    "/apis/apps/v1/namespaces/kube-system/deployments/coredns/scale",
    "/apis/networking.k8s.io/v1/networkpolicies",
    "/api/v1/namespaces",
    "/version",
    "/openapi/v3",
    "/metrics",
    "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    "/api/v1/nodes/fuzzed-worker/status",
)
BODY: dict[str, object] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "x", "labels": {"a": "b"}},
    "spec": {
        "containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 80}], "env": [{"name": "A"}]}]
    },
}


def twisted(chance: random.Random, value: object) -> object:
    """Return JSON data in which some parts are of another type, or gone."""
    if chance.random() < 0.08:
        return chance.choice((None, 0, -1, 1e99, "", "x" * 300, [], {}, [[]], {"": None}, True))
    if isinstance(value, dict):
        return {key: twisted(chance, each) for key, each in value.items() if chance.random() > 0.05}
    return [twisted(chance, each) for each in value] if isinstance(value, list) else value


def test_the_api_answers_any_request(cluster: SimCluster) -> None:
    api = cluster.world.plane.api

    def one(chance: random.Random) -> None:
        path = chance.choice(PATHS)
        if chance.random() < 0.5:
            path = damaged(chance, path)[:400]
        query = {chance.choice(("labelSelector", "fieldSelector", "limit", "dryRun", "x")): chance.choice(NASTY)}
        method = chance.choice(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "x"))
        request = Request(method, path, query, twisted(chance, BODY))

        async def asked() -> int:
            return api.handle(request).code

        assert 200 <= on_loop(asked()) < 600

    tried("API", 0.15, one)


def test_the_owner_takes_what_it_is_asked_or_says_what_is_wrong(tmp_path: Path) -> None:
    asked = [
        requests.packed(requests.Run("worker", ["true"], None, 3.0, {})),
        requests.packed(requests.Hold()),
        {"path": "/x", "family": "AF_UNIX", "key": "k", "pid": 1},
    ]

    def one(chance: random.Random) -> None:
        data = twisted(chance, chance.choice(asked))
        if isinstance(data, dict):
            try:
                requests.unpacked(data)
            except (ValueError, TypeError) as error:
                assert str(error)  # noqa: PT017 -- either is right
        text = damaged(chance, json.dumps(data))
        (tmp_path / wire.ADDRESS).write_text(text, encoding="utf-8", errors="replace")
        wire.Address.read(tmp_path)

    tried("owner", 0.15, one)


WORDS = (
    "create",
    "break",
    "check",
    "hint",
    "diagnose",
    "status",
    "list",
    "validate",
    "schema",
    "report",
    "verify",
    "debrief",
    "--name",
    "--json",
    "--help",
    "-v",
    "--format",
    "--",
    "-1",
    "kluster005",
    "no-such-lab",
    "../../x",
    "scenarios/kluster005",
)


def test_the_command_line_takes_any_words(home: Path) -> None:
    shown = io.StringIO()

    def one(chance: random.Random) -> None:
        words = [chance.choice((*WORDS, *NASTY)).replace("\0", "")[:200] for _ in range(chance.randint(1, 4))]
        words = [
            chance.choice(("status", "list", "hint", "check", "validate", "debrief", "report", "verify")),
            *words,
        ]
        with redirect_stdout(shown), redirect_stderr(shown):
            code = main(words)
        assert 0 <= code < 10, words

    tried("command line", 0.004, one)
    assert "Traceback" not in shown.getvalue()
    assert not (home / "labs").exists() or not list((home / "labs").iterdir())


def test_scenarios_that_come_with_the_lab_are_what_is_damaged() -> None:
    """The inputs above begin with what is right."""
    assert load(scenarios_folder() / "kluster005", hints_folder(), CATALOG)
    for script in SCRIPTS:
        parse(script)
