"""The times of a lab on kind, compared with plain kind, in one run: `make bench`. Prints a table in Markdown.

Plain kind runs with the same config and image, and waits until all nodes are Ready, as the lab does.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.cluster.kind.cluster import choose_image
from lab.cluster.kind.engine import Engine
from lab.core.session import Mode
from lab.lab import Lab
from lab.places import scenarios_folder
from lab.progress import Silent

NAME = "kluster-bench"
PLAIN = "kluster-bench-plain"
FAULTS = ("etcd-quota", "forwarding", "policy", "admission")


class Figures:
    """Seconds by action, in the order of first mention."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    @contextmanager
    def of(self, what: str) -> Iterator[None]:
        """Time the body."""
        began = time.monotonic()
        yield
        self.add(what, time.monotonic() - began)

    def add(self, what: str, seconds: float) -> None:
        """Note `seconds` for `what`."""
        self.seconds.setdefault(what, []).append(seconds)
        print(f"  {what}: {seconds:.1f} s", file=sys.stderr, flush=True)

    def median(self, what: str) -> float:
        """The median of the runs of `what`, in s."""
        return statistics.median(self.seconds[what])

    def table(self) -> str:
        """All figures as a Markdown table."""
        rows = ["| what | median, s | runs, s |", "| --- | --- | --- |"]
        for what, runs in self.seconds.items():
            each = ", ".join(f"{seconds:.1f}" for seconds in runs)
            rows.append(f"| {what} | {statistics.median(runs):.1f} | {each} |")
        return "\n".join(rows)


def plain_kind(figures: Figures, folder: Path) -> None:
    """Time kind by itself, with the lab's config."""
    config = folder / "plain.yaml"
    config.write_text(
        "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: [{role: control-plane}, {role: worker}]\n"
    )
    kubeconfig = folder / "plain-kubeconfig"
    image = choose_image(Engine(), None)
    argv = ["kind", "create", "cluster", "--name", PLAIN, "--config", str(config)]
    argv += ["--kubeconfig", str(kubeconfig)]
    wait = ["kubectl", "wait", "--for=condition=Ready", "nodes", "--all", "--timeout=120s"]
    inside = ["docker", "exec", "-e", "KUBECONFIG=/etc/kubernetes/admin.conf", f"{PLAIN}-control-plane", *wait]
    try:
        with figures.of("plain: kind create cluster, nodes Ready"):
            subprocess.run([*argv, *(["--image", image] if image else [])], check=True, capture_output=True)
            subprocess.run(inside, check=True, capture_output=True)
    finally:
        with figures.of("plain: kind delete cluster"):
            subprocess.run(["kind", "delete", "cluster", "--name", PLAIN], check=True, capture_output=True)


def made(figures: Figures) -> Lab:
    """Time the creation of a lab: the cluster and the workloads separately."""

    class Steps(Silent):
        """Records the time between the cluster and the workloads."""

        began = time.monotonic()

        def begin(self, title: str) -> None:
            if title == "Start the workloads":
                figures.add("create: the cluster", time.monotonic() - self.began)
                self.workloads = time.monotonic()
            if title == "Take the baseline":
                figures.add(
                    "create: the workloads' start, with the live deny test", time.monotonic() - self.workloads
                )

    with figures.of("kluster create, all"):
        return Lab.create(
            NAME,
            scenarios_folder() / "kluster005",
            backend="kind",
            mode=Mode.REHEARSAL,
            image=None,
            progress=Steps(),
        )


def break_and_reset(lab: Lab, figures: Figures, faults: list[str], *, solve: bool = False) -> None:
    """Time one break and one reset; with `solve`, also checks before and after the reference solution."""
    name = ", ".join(faults) or "all four"
    with figures.of(f"break: {name}, injected and observed"):
        lab.break_(faults, Silent())
    if solve:
        with figures.of("check, broken"):
            lab.check()
        with figures.of("solve, all"):
            lab.solve([], Silent())
        with figures.of("check, healthy"):
            lab.check()
    with figures.of(f"reset: {name}"):
        lab.reset(Silent())


def measure(figures: Figures, folder: Path, *, more: bool) -> None:
    """One run; with `more`, also each fault alone and a submission."""
    plain_kind(figures, folder)
    lab = made(figures)
    try:
        break_and_reset(lab, figures, [])
        break_and_reset(lab, figures, [], solve=True)
        if more:
            for fault in FAULTS:
                break_and_reset(lab, figures, [fault])
            lab.break_([], Silent())
            lab.solve([], Silent())
            with figures.of("submit, with the drill"):
                lab.submit()
    finally:
        with figures.of("kluster delete"):
            lab.delete()


def main() -> None:
    """Measure, and print the table."""
    figures = Figures()
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    with tempfile.TemporaryDirectory(prefix="kluster-bench-") as folder:
        os.environ["KLUSTER_HOME"] = folder
        for run in range(runs):
            measure(figures, Path(folder), more=run == 0)
    print(figures.table())
    cluster = figures.median("create: the cluster")
    plain = figures.median("plain: kind create cluster, nodes Ready")
    anew = figures.median("kluster create, all") + figures.median("kluster delete")
    print(f"\nThe cluster takes {cluster / plain:.2f} of plain kind (target: 1.2).")
    print(
        f"A reset takes {figures.median('reset: all four') / anew:.2f} of delete and create (target: at most 0.4)."
    )


if __name__ == "__main__":
    main()
