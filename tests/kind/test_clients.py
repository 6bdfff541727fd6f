"""A real kubectl, of the node image, against a simulated lab: all four faults are repaired with it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.catalog import CATALOG
from lab.cluster.kind.cluster import KindCluster
from lab.core.load import load
from lab.core.scenario import SolutionStep
from lab.places import hints_folder, scenarios_folder
from tests.kind.docker import docker

SHIPPED = load(scenarios_folder() / "kluster005", hints_folder(), CATALOG)
STEPS = [step for steps in SHIPPED.solution.faults.values() for step in steps]


class Site:
    """A simulated lab, and a kubectl on this machine that knows it."""

    def __init__(self, folder: Path, kubectl: Path) -> None:
        self._environment = {
            **os.environ, "KLUSTER_HOME": str(folder / "home"), "KUBECONFIG": str(folder / "lab.conf"),
            "PATH": f"{kubectl.parent}:{os.environ['PATH']}",
        }  # fmt: skip

    def kluster(self, *argv: str) -> str:
        """Run kluster; return its output."""
        return self._run([sys.executable, "-m", "lab", *argv])

    def here(self, script: str) -> str:
        """Run lines of bash on this machine."""
        return self._run(["bash", "-euo", "pipefail", "-c", script])

    def _run(self, argv: list[str]) -> str:
        done = subprocess.run(
            argv, env=self._environment, capture_output=True, text=True, check=False, timeout=400
        )
        assert done.returncode == 0, f"{argv}\n{done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture
def kubectl(lab_cluster: KindCluster, tmp_path: Path) -> Path:
    """The kubectl of a real node."""
    path = tmp_path / "bin" / "kubectl"
    path.parent.mkdir()
    source = f"{lab_cluster.control_plane.name}:/usr/bin/kubectl"
    docker("cp", source, str(path))
    return path


@pytest.fixture
def site(tmp_path: Path, kubectl: Path) -> Iterator[Site]:
    """A broken lab."""
    found = Site(tmp_path, kubectl)
    found.kluster("create", "--backend", "sim")
    (tmp_path / "lab.conf").write_text(found.kluster("kubeconfig"), encoding="utf-8")
    yield found
    found.kluster("delete", "--yes")


def _by_kubectl_alone(step: SolutionStep) -> bool:
    return all(
        not line or line.startswith(("kubectl", " ", "apiVersion", "kind", "metadata", "spec", "---", "POLICIES"))
        for line in step.run.splitlines()
    )


def test_a_real_kubectl_repairs_what_it_can(site: Site) -> None:
    site.kluster("break")
    by_kubectl = 0
    for step in STEPS:
        if _by_kubectl_alone(step):
            by_kubectl += 1
            site.here(step.run)
            continue
        nodes = ["control-plane", "worker"] if step.nodes == "all" else ["control-plane"]
        for node in nodes:
            site.kluster("exec", "--node", node, "--", "bash", "-euo", "pipefail", "-c", step.run)
    assert by_kubectl >= 2
    site.here("kubectl wait --for=condition=Ready pods --all -n shop --timeout=120s")
    assert site.here("kubectl -n shop exec ds/client -- curl -sS -m 5 http://web/hostname").startswith("web-")
    site.kluster("check")


def test_a_real_kubectl_does_a_days_work(site: Site) -> None:
    site.here("kubectl create ns work && kubectl -n work create deployment d --replicas=2 "
              "--image=registry.k8s.io/e2e-test-images/agnhost:2.53 -- /agnhost netexec")  # fmt: skip
    site.here("kubectl -n work rollout status deploy/d --timeout=60s")
    site.here("kubectl -n work expose deploy d --port 80 --target-port 8080")
    assert site.here("kubectl -n work exec deploy/d -- hostname").startswith("d-")
    assert site.here("echo typed | kubectl -n work exec -i deploy/d -- cat") == "typed\n"
    site.here("kubectl -n work scale deploy/d --replicas=1; kubectl -n work rollout restart deploy/d")
    site.here("kubectl -n work rollout status deploy/d --timeout=60s")
    assert "Started HTTP server" in site.here("kubectl -n work logs deploy/d")
    assert site.here("kubectl -n work auth can-i delete pods") == "yes\n"
    assert "replicas" in site.here("kubectl explain deployment.spec")
    site.here(
        "kubectl drain kluster005-worker --ignore-daemonsets --timeout=60s; kubectl uncordon kluster005-worker"
    )
    site.here("kubectl delete ns work --timeout=60s")
    assert site.here("kubectl get ns work --ignore-not-found") == ""
