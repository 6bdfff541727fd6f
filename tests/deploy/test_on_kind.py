"""An event of 50 seats in a real cluster: helm installs it, its pod is deleted, it is upgraded, and removed.

`make deployed` runs it: it needs helm, and the image of seats.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.cluster.kind.cluster import OFFLINE_IMAGE
from lab.patience import poll
from tests.serve.crowd import Crowd
from tests.serve.player import Player, join, post

CHART = Path(__file__).parents[2] / "deploy" / "chart"
SEATS = int(os.environ.get("KLUSTER_SEATS", "50"))
#: The port of the Service on the node: one `kubectl port-forward` does not bear 50 people who reconnect at once.
PORT = 30805
NAME, SPACE = "k5-deployed", "class"
SEATS_IMAGE = "kluster005/seats:latest"
#: How long all seats may need to come back, in s, on a machine that runs cluster, event and players on two cores.
BACK = 30.0
#: Patience with what is not measured, in s.
PATIENCE = 300.0
#: The offline node image has no provisioner: the volume is made by hand.
VOLUME = """\
apiVersion: v1
kind: PersistentVolume
metadata: {name: event}
spec:
  capacity: {storage: 2Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: standard
  hostPath: {path: /var/event, type: Directory}
"""
pytestmark = [
    pytest.mark.kind,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not os.environ.get("KLUSTER_DEPLOYED"), reason="it takes minutes: make deployed"),
]


def run(*argv: str, stdin: str | None = None) -> str:
    """Return the output of a command that must succeed."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=600, input=stdin)
    assert done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The event's address in a cluster whose namespace `class` enforces `restricted`; kubectl and helm use it."""
    for program, remedy in (
        ("helm", "go install helm.sh/helm/v4/cmd/helm@v4.3.1"),
        ("kubectl", "install kubectl"),
    ):
        if not shutil.which(program):
            pytest.skip(f"no {program}: {remedy}")
    config = str(tmp_path_factory.mktemp("deployed") / "kubeconfig")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", config)
        run(
            "kind",
            "create",
            "cluster",
            "--name",
            NAME,
            "--image",
            OFFLINE_IMAGE,
            "--kubeconfig",
            config,
            "--wait",
            "180s",
        )
        try:
            run("kind", "load", "docker-image", SEATS_IMAGE, "--name", NAME)
            node = f"{NAME}-control-plane"
            run("docker", "exec", node, "sh", "-c", "mkdir -p /var/event && chown 10005:10005 /var/event")
            run("kubectl", "create", "namespace", SPACE)
            run("kubectl", "label", "namespace", SPACE, "pod-security.kubernetes.io/enforce=restricted")
            run("kubectl", "apply", "-f", "-", stdin=VOLUME)
            template = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
            yield f"http://{run('docker', 'inspect', '-f', template, node).strip()}:{PORT}"
        finally:
            run("kind", "delete", "cluster", "--name", NAME, "--kubeconfig", config)


def helm(action: str, url: str, *values: str) -> None:
    """Install or upgrade the event at `url`, and wait until its pod is ready."""
    sets = [word for value in (f"event.seats={SEATS}", f"publicURL={url}", *values) for word in ("--set", value)]
    run("helm", action, "friday", str(CHART), "-n", SPACE, *sets)
    ready()


def ready() -> None:
    """Wait until the event's pod is ready."""
    run("kubectl", "-n", SPACE, "rollout", "status", "statefulset/friday", "--timeout=300s")


def codes() -> dict[str, Any]:
    """Return the codes, as the server lists them."""
    told: dict[str, Any] = json.loads(
        run("kubectl", "-n", SPACE, "exec", "friday-0", "--", "kluster", "event", "codes", "/event", "--json")
    )
    return told


def joined(url: str, code: str) -> str:
    """Join, once the port is there; return the cookie."""
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            return join(url, code)
        except OSError:
            assert time.monotonic() < limit, "nobody can join"
            time.sleep(0.2)


class Class(Crowd):
    """The people of the event, by number."""

    def __init__(self, url: str, cookies: list[str]) -> None:
        players = {str(number): Player(url, cookie) for number, cookie in enumerate(cookies)}
        super().__init__(players, PATIENCE * 2)

    def type(self, line: str, answer: str) -> None:
        """Let everybody type `line`, and see `answer`; {n} is each one's number."""

        missing: list[str] = []

        async def one(number: str, player: Player) -> None:
            player.forget()
            await player.type(line.format(n=number).encode() + b"\r")
            try:
                await player.until(answer.format(n=number).encode(), PATIENCE)
            except TimeoutError:
                missing.append(f"{number}: {player.waiting} not taken; {bytes(player.output[-2000:])!r}\n")

        self.each(one)
        assert not missing, "".join(missing)


def leftovers() -> list[str]:
    """Return the objects of the release that are left in the cluster."""
    kinds = (
        "statefulsets,pods,services,configmaps,secrets,persistentvolumeclaims,networkpolicies,poddisruptionbudgets"
    )
    wanted = ["-l", "app.kubernetes.io/instance=friday", "-o", "name"]
    found = run("kubectl", "-n", SPACE, "get", kinds, *wanted).split()
    return [each for each in found if "sh.helm.release" not in each]


def test_fifty_people_play_while_the_pod_is_deleted_and_upgraded(url: str) -> None:
    helm("install", url)
    ports = [{"port": 8005, "nodePort": PORT}]
    patch = json.dumps({"spec": {"type": "NodePort", "ports": ports}})
    run("kubectl", "-n", SPACE, "patch", "service", "friday", "-p", patch)
    told = codes()
    instructor = joined(url, told["instructor"])
    cookies = [joined(url, seat["code"]) for seat in told["seats"]]
    assert len(cookies) == SEATS
    status, said, _ = post(url, "/board/act", {"do": "start"}, cookie=instructor)
    assert status == 200, said
    with Class(url, cookies) as room:
        room.type("echo kept-{n} >/root/kept; sed s/kept/here/ /root/kept", "here-{n}")
        began = time.monotonic()
        run("kubectl", "-n", SPACE, "delete", "pod", "friday-0")
        room.type("sed s/kept/back/ /root/kept", "back-{n}")
        back = time.monotonic() - began
        helm("upgrade", url, "workers=3")
        room.type("sed s/kept/upgraded/ /root/kept", "upgraded-{n}")
    sys.stdout.write(f"\n{SEATS} seats were back {back:.0f} s after their pod was deleted\n")
    run("kubectl", "-n", SPACE, "exec", "friday-0", "--", "kluster", "event", "verify", "/event")
    run("helm", "uninstall", "friday", "-n", SPACE, "--wait")
    left = poll(lambda: not leftovers(), timeout=PATIENCE, every=1)
    assert left, leftovers()
    assert back < BACK
