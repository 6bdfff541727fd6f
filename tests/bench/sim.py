"""The cost of the simulator, in one run: `python -m tests.bench.sim`. Prints a table in Markdown."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.timing.clock import Clock
from lab.core.session import Mode
from lab.lab import Lab
from lab.places import scenarios_folder
from lab.progress import Silent

RUNS = 5
COMMANDS = 50
#: The number of labs whose memory is counted, the number of labs used at once, and for how many seconds.
MEASURED = 5
AT_ONCE = 100
SECONDS = 10
LIST_PODS = ["kubectl", "get", "pods", "-A"]


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def run(*argv: str) -> None:
    """Run a command of the lab in a separate process, with bytecode as in an installed lab."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env["PYTHONPYCACHEPREFIX"] = str(Path(os.environ["KLUSTER_HOME"]) / "bytecode")
    subprocess.run([sys.executable, "-m", "lab", *argv], check=True, capture_output=True, env=env)


def cold(name: str) -> float:
    """Seconds of `kluster create` when nothing is running yet."""
    took = seconds(lambda: run("create", "--backend", "sim", "--name", name))
    run("delete", "--yes", "--name", name)
    return took


def made(name: str) -> Lab:
    """A lab in this process, in virtual time."""
    return Lab.create(
        name,
        scenarios_folder() / "kluster005",
        backend="sim",
        mode=Mode.REHEARSAL,
        image=None,
        progress=Silent(),
        virtual=True,
    )


def _make(labs: list[Lab], name: str) -> None:
    labs.append(made(name))


def memory() -> float:
    """MB that this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def crowd(folder: Path) -> list[float]:
    """Seconds of each command of `AT_ONCE` labs, in real time, with one command a second in each."""
    clusters = [SimCluster(f"c{number}", folder / f"c{number}", clock=Clock()) for number in range(AT_ONCE)]
    for cluster in clusters:
        cluster.create(Silent())
    began = time.monotonic()
    took: list[float] = []

    def use(number: int) -> None:
        for second in range(SECONDS):
            time.sleep(max(0.0, began + second + number / AT_ONCE - time.monotonic()))
            took.append(seconds(lambda: clusters[number].control_plane.run(LIST_PODS).check()))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(use, range(AT_ONCE)))
    for cluster in clusters:
        cluster.delete()
    return took


def main() -> None:
    """Measure, and print the table."""
    print("| what | figure | target |\n| --- | --- | --- |")

    def row(what: str, figure: str, target: str) -> None:
        print(f"| {what} | {figure} | {target} |", flush=True)

    with tempfile.TemporaryDirectory(prefix="kluster-bench-") as folder:
        os.environ["KLUSTER_HOME"] = folder
        cold("first")
        median = statistics.median(cold(f"cold{run}") for run in range(RUNS))
        row("`kluster create`, a process and its owner, s", f"{median:.2f}", "1")
        rehearse = ("rehearse", "--backend", "sim", "--virtual-time", "--name", "rehearsed")
        run(*rehearse)
        median = statistics.median(seconds(lambda: run(*rehearse)) for _ in range(RUNS))
        row("`kluster rehearse` in virtual time, the whole process, s", f"{median:.2f}", "3")

        made("warm").delete()
        before = memory()
        labs: list[Lab] = []
        times = [seconds(partial(_make, labs, f"m{number}")) for number in range(MEASURED)]
        row("create, in one process, s", f"{statistics.median(times):.2f}", "0.3")
        row("memory of each further lab, MB", f"{(memory() - before) / MEASURED:.0f}", "60")
        lab = labs[0]
        pods = statistics.median(
            seconds(lambda: lab.cluster.control_plane.run(LIST_PODS).check()) for _ in range(COMMANDS)
        )
        row("`kubectl get pods -A`, ms", f"{1000 * pods:.0f}", "20")
        median = statistics.median(seconds(partial(each.break_, [], Silent())) for each in labs)
        row("break all, s", f"{median:.2f}", "1")
        row("check, broken, s", f"{statistics.median(seconds(lab.check) for _ in range(RUNS)):.2f}", "0.3")
        lab.solve([], Silent())
        row("check, healthy, s", f"{statistics.median(seconds(lab.check) for _ in range(RUNS)):.2f}", "0.3")
        for each in labs:
            each.delete()
        took = sorted(crowd(Path(folder)))
        told = ", ".join(
            f"{1000 * each:.0f}" for each in (statistics.median(took), took[-len(took) // 100], took[-1])
        )
        row(f"{AT_ONCE} labs at once, a command a second each: median, 99th, slowest, ms", told, "200")
    # The library's threads must not outlive the interpreter (lab.cli.run ends in the same way).
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
