"""On a turned clock a run is a function of its inputs: all bytes and simulated times are the same each time."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import pytest

import lab.cluster.sim
from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.process.wire import SNAPSHOT
from lab.cluster.sim.timing.clock import Clock
from lab.progress import Silent

#: How often each is done alone, and beside busy loops: more by `KLUSTER_RUNS=20`.
RUNS = int(os.environ.get("KLUSTER_RUNS", "1"))
#: Busy loops beside it, for each core that it may use.
LOOPS = 4
BESIDE = LOOPS if sys.platform == "linux" else LOOPS * (os.cpu_count() or 1)
START = 1_764_400_000.0


def scripts() -> list[str]:
    """Return the scripts of the file beside this one: paragraphs, those that begin with `# ` are headings."""
    text = Path(__file__).with_name("determinism.txt").read_text(encoding="utf-8")
    return [each.strip("\n") for each in text.split("\n\n") if each.strip() and not each.startswith("# ")]


SCRIPTS = scripts()


@contextmanager
def busy_loops(number: int) -> Iterator[None]:
    """While the body runs, let this process use one core only, and have other processes keep that core busy."""
    with confined() if number else nullcontext():
        loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
        try:
            yield
        finally:
            for loop in loops:
                loop.kill()
                loop.wait()


@contextmanager
def confined() -> Iterator[None]:
    """Let this process, and the processes that it starts, use one core only, where the system can do that."""
    if sys.platform != "linux":
        yield
        return
    before = os.sched_getaffinity(0)
    allow({min(before)})
    try:
        yield
    finally:
        allow(before)


def allow(cores: set[int]) -> None:
    for thread in Path("/proc/self/task").iterdir():
        with suppress(ProcessLookupError):
            os.sched_setaffinity(int(thread.name), cores)


def told(folder: Path) -> list[str]:
    """Return what all scripts say on a new cluster, their exit codes and times, and the cluster's last state."""
    cluster = SimCluster("k5", folder, clock=Clock(turned=True, start=START))
    cluster.create(Silent())
    try:
        found = []
        for script in SCRIPTS:
            ran = cluster.control_plane.run(["bash", "-c", script], timeout=600)
            found.append(
                f"$ {script}\n{ran.stdout}--\n{ran.stderr}--\n{ran.rc} {ran.seconds} {cluster.clock.now()}"
            )
        cluster.save()
        found.append((folder / SNAPSHOT).read_text(encoding="utf-8"))
        return found
    finally:
        cluster.delete()


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return told(tmp_path_factory.mktemp("first"))


def test_there_are_enough_scripts_and_none_is_at_a_loss(first: list[str]) -> None:
    assert len(SCRIPTS) >= 40
    whole = "".join(first[:-1])
    assert "not simulated" not in whole
    assert "command not found" not in whole


@pytest.mark.timeout(600)
@pytest.mark.parametrize("loops", [0, BESIDE])
def test_each_run_says_the_same(first: list[str], tmp_path: Path, loops: int) -> None:
    with busy_loops(loops):
        for run in range(RUNS):
            assert told(tmp_path / str(run)) == first


#: Makes a cluster in the folder that is its argument.
_CREATE = f"""
import sys
from pathlib import Path
from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.timing.clock import Clock
from lab.progress import Silent
cluster = SimCluster("k5", Path(sys.argv[1]), clock=Clock(turned=True, start={START}))
cluster.create(Silent())
cluster.close()
"""


def test_processes_that_order_sets_differently_make_the_same_cluster(tmp_path: Path) -> None:
    folders = [tmp_path / seed for seed in ("1", "2")]
    made = [
        subprocess.Popen([sys.executable, "-c", _CREATE, folder], env=os.environ | {"PYTHONHASHSEED": folder.name})
        for folder in folders
    ]
    assert [each.wait() for each in made] == [0, 0]
    assert (folders[0] / SNAPSHOT).read_bytes() == (folders[1] / SNAPSHOT).read_bytes()


#: Modules that work for who looks at a cluster from outside in real time, and the clock itself.
OUTSIDE = ("process/", "https/", "login/", "shell/", "timing/clock.py", "timing/turns.py",
           "timing/background_loop.py", "bash/running/memory_guard.py",
           "bash/running/outside_input.py")  # fmt: skip
CLOCKS = {"time.time", "time.monotonic", "time.perf_counter", "time.process_time", "time.sleep", "datetime.now",
          "datetime.today", "datetime.utcnow", "asyncio.wait_for", "asyncio.timeout", "asyncio.to_thread",
          "loop.call_later", "os.urandom", "uuid.uuid4", "uuid.uuid1", "random.random", "random.choice",
          "random.choices", "random.randint", "random.shuffle", "random.sample", "random.getrandbits"}  # fmt: skip
MODULES = {"threading", "secrets", "multiprocessing", "concurrent.futures", "select", "selectors", "queue"}


def used(tree: ast.Module) -> Iterator[str]:
    """Return what a module uses of the host's clocks, threads and chance."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            yield str(node.module)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            word = f"{node.value.id}.{node.attr}"
            if word in CLOCKS:
                yield word
        elif isinstance(node, ast.Call) and ast.unparse(node).startswith("asyncio.sleep("):
            yield from {ast.unparse(node)} - {"asyncio.sleep(0)"}


def test_nothing_that_a_turned_run_depends_on_looks_at_the_host() -> None:
    root = Path(str(lab.cluster.sim.__file__)).parent
    found = {}
    for file in sorted(root.rglob("*.py")):
        name = file.relative_to(root).as_posix()
        if not name.startswith(OUTSIDE) and (uses := sorted(set(used(ast.parse(file.read_text("utf-8")))))):
            found[name] = uses
    assert found == {
        # Files ask a machine's clock; those that no machine has made yet have no other than the host's.
        "machine/files.py": ["time.time"],
        # The library dates what it writes by the host's clock: by that it is found which call wrote a file.
        "machine/noted_system.py": ["threading", "time.time"],
        # Seats of one worker share its processor: what a program uses is measured where the clock is real.
        "bash/running/process.py": ["time.perf_counter"],
        "timing/rationing.py": ["time.monotonic"],
    }
