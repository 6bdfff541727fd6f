"""A whole rehearsal on the command line, beside another cluster, on the image of `KLUSTER_REHEARSAL_IMAGE`.

`make e2e` names a node image without editors and etcdctl, like upstream's images.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.cluster.kind.cluster import choose_image
from lab.cluster.kind.engine import Engine
from tests.kind.stopping import pause

STRANGER = "stranger"
NAME = "kluster-rehearsal"


def output(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=300).stdout.strip()


def fingerprint(kubeconfig: Path) -> list[str]:
    """Everything of the other cluster that a lab could change."""
    state = "{{.Id}} {{.State.StartedAt}} {{.RestartCount}} {{json .NetworkSettings.Networks}}"
    inside = ["docker", "exec", f"{STRANGER}-control-plane", "kubectl", "--kubeconfig=/etc/kubernetes/admin.conf"]
    return [
        output("docker", "inspect", "-f", state, f"{STRANGER}-control-plane"),
        hashlib.sha256(kubeconfig.read_bytes()).hexdigest(),
        output(*inside, "get", "namespaces,networkpolicies,deployments", "-A", "-o", "name"),
        output("docker", "exec", f"{STRANGER}-control-plane", "sysctl", "net.ipv4.ip_forward"),
        output("docker", "network", "ls", "--format", "{{.ID}} {{.Name}}", "--filter", "name=^kind$"),
    ]


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Iterator[Path]:
    """Another cluster, made by kind itself; its kubeconfig."""
    path = tmp_path / "stranger"
    image = choose_image(Engine(), None)
    create = ["kind", "create", "cluster", "--name", STRANGER, "--kubeconfig", str(path), "--wait", "60s"]
    try:
        output(*create, *(["--image", image] if image else []))
        yield path
    finally:
        subprocess.run(["kind", "delete", "cluster", "--name", STRANGER], check=True, capture_output=True)


@pytest.mark.timeout(1200)
def test_a_rehearsal_scores_0_and_100_and_leaves_a_strangers_cluster_alone(
    kubeconfig: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = fingerprint(kubeconfig)
    # It would take a tenth of a processor; changes to it are still visible afterwards.
    pause(f"{STRANGER}-control-plane")
    argv = [sys.executable, "-m", "lab", "rehearse", "--backend", "kind", "--name", NAME]
    env = {**os.environ, "KLUSTER_HOME": str(tmp_path / "home"), "KUBECONFIG": str(kubeconfig)}
    if image := os.environ.get("KLUSTER_REHEARSAL_IMAGE"):
        env["KLUSTER_NODE_IMAGE"] = image
    # The transcript belongs in the log; a worker has none.
    log = os.environ.get("KLUSTER_REHEARSAL_LOG", "/dev/stdout")
    with capfd.disabled(), Path(log).open("a", encoding="utf-8") as transcript:
        rehearsed = subprocess.run(
            argv, env=env, stdout=transcript, stderr=subprocess.STDOUT, check=False, timeout=1100
        )
    assert rehearsed.returncode == 0
    output("docker", "unpause", f"{STRANGER}-control-plane")
    assert fingerprint(kubeconfig) == before
    assert output("docker", "ps", "-aq", "--filter", f"label=io.x-k8s.kind.cluster={NAME}") == ""
    assert output("docker", "network", "ls", "-q", "--filter", f"name=^kluster-{NAME}$") == ""
    assert not (tmp_path / "home" / "labs" / NAME).exists()
