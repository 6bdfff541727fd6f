"""An event of 50 seats in two worker pods of a real cluster: installed, disturbed, upgraded, and removed.

A worker's pod is deleted, a node is drained, and the server's pod is deleted, while everybody plays.

`make deployed` runs it: it needs helm, and the image of seats.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
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
#: Two nodes for pods, which share a folder for volumes, as nodes share a storage system.
NODES = """\
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
  - {{role: control-plane, extraMounts: [{{hostPath: {folder}, containerPath: /var/volumes}}]}}
  - {{role: worker, extraMounts: [{{hostPath: {folder}, containerPath: /var/volumes}}]}}
"""
#: The offline node image has no provisioner: the volumes are made by hand.
VOLUME = """\
---
apiVersion: v1
kind: PersistentVolume
metadata: {{name: volume-{number}}}
spec:
  capacity: {{storage: 2Gi}}
  accessModes: [ReadWriteOnce]
  storageClassName: standard
  hostPath: {{path: /var/volumes/{number}, type: Directory}}
"""
VOLUMES = range(3)
#: Both workers must fit on one node of two processors, beside the control plane.
SMALL = "resources.worker.requests.cpu=100m"
#: A pod that tries to reach a worker, and says how that went.
STRANGER = """\
import socket, sys
try:
    socket.create_connection((sys.argv[1], 8006), 5)
except OSError as error:
    print("kept out:", type(error).__name__)
"""
#: What the processes of a pod take: MB, and seconds of a processor.
USED = """\
import psutil
there = list(psutil.process_iter())[:-1]
print(sum(each.memory_info().rss for each in there) / 1e6, sum(sum(each.cpu_times()[:2]) for each in there))
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
    folder = tmp_path_factory.mktemp("deployed")
    for number in VOLUMES:
        (folder / "volumes" / str(number)).mkdir(parents=True)
        os.chown(folder / "volumes" / str(number), 10005, 10005)
    config = str(folder / "kubeconfig")
    nodes = folder / "nodes.yaml"
    nodes.write_text(NODES.format(folder=folder / "volumes"), encoding="utf-8")
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
            "--config",
            str(nodes),
            "--kubeconfig",
            config,
            "--wait",
            "180s",
        )
        try:
            run("kind", "load", "docker-image", SEATS_IMAGE, "--name", NAME)
            node = f"{NAME}-control-plane"
            run("kubectl", "taint", "node", node, "node-role.kubernetes.io/control-plane-")
            run("kubectl", "create", "namespace", SPACE)
            run("kubectl", "label", "namespace", SPACE, "pod-security.kubernetes.io/enforce=restricted")
            run("kubectl", "apply", "-f", "-", stdin="".join(VOLUME.format(number=number) for number in VOLUMES))
            template = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
            yield f"http://{run('docker', 'inspect', '-f', template, node).strip()}:{PORT}"
        finally:
            run("kind", "delete", "cluster", "--name", NAME, "--kubeconfig", config)


def helm(action: str, url: str, *values: str) -> None:
    """Install or upgrade the event at `url`, and wait until its pods are ready."""
    said = (f"event.seats={SEATS}", f"publicURL={url}", SMALL, *values)
    sets = [word for value in said for word in ("--set", value)]
    run("helm", action, "friday", str(CHART), "-n", SPACE, *sets)
    ready()


def ready() -> None:
    """Wait until the event's pods are ready."""
    for name in ("friday", "friday-worker"):
        run("kubectl", "-n", SPACE, "rollout", "status", f"statefulset/{name}", "--timeout=300s")


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


def timed(room: Class, word: str, does: Callable[[], object]) -> float:
    """Return how long it took until everybody could see an earlier file, since `does` began."""
    began = time.monotonic()
    does()
    room.type(f"sed s/kept/{word}/ /root/kept", f"{word}-{{n}}")
    return time.monotonic() - began


def delete(pod: str) -> None:
    """Delete a pod, and wait until it is gone: its name is used again."""
    run("kubectl", "-n", SPACE, "delete", "pod", pod)


def drain() -> None:
    """Drain the node on which one of the workers is, and no control plane."""
    options = ("--ignore-daemonsets", "--delete-emptydir-data", "--timeout=300s")
    run("kubectl", "drain", f"{NAME}-worker", *options)
    run("kubectl", "uncordon", f"{NAME}-worker")


def on_nodes() -> dict[str, str]:
    """Return the node of each pod."""
    column = "custom-columns=:metadata.name,:spec.nodeName"
    lines = run("kubectl", "-n", SPACE, "get", "pods", "--no-headers", "-o", column).splitlines()
    return dict(line.split() for line in lines)


def stranger() -> str:
    """Return what another pod says that tries to reach a worker."""
    ip = run("kubectl", "-n", SPACE, "get", "service", "friday-worker-0", "-o", "jsonpath={.spec.clusterIP}")
    drop = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    container = {
        "name": "stranger",
        "image": SEATS_IMAGE,
        "imagePullPolicy": "Never",
        "command": ["python3", "-c", STRANGER, ip],
        "securityContext": drop,
    }
    spec = {
        "restartPolicy": "Never",
        "containers": [container],
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "stranger"}, "spec": spec}
    run("kubectl", "-n", SPACE, "apply", "-f", "-", stdin=json.dumps(pod))
    run(
        *("kubectl", "-n", SPACE, "wait", "pod/stranger", "--timeout=120s"),
        "--for=jsonpath={.status.phase}=Succeeded",
    )
    said = run("kubectl", "-n", SPACE, "logs", "stranger")
    run("kubectl", "-n", SPACE, "delete", "pod", "stranger", "--now")
    return said


def taken() -> str:
    """Return memory and processor time of each pod."""
    lines = []
    for pod in on_nodes():
        memory, seconds = run("kubectl", "-n", SPACE, "exec", pod, "--", "python", "-c", USED).split()
        lines.append(f"{pod}: {float(memory):.0f} MB, {float(seconds):.0f} s of a processor")
    return "\n".join(lines)


def test_fifty_people_play_while_pods_are_deleted_drained_and_upgraded(url: str) -> None:
    helm("install", url)
    ports = [{"port": 8005, "nodePort": PORT}]
    patch = json.dumps({"spec": {"type": "NodePort", "ports": ports}})
    run("kubectl", "-n", SPACE, "patch", "service", "friday", "-p", patch)
    told = codes()
    instructor = joined(url, told["instructor"])
    cookies = [joined(url, seat["code"]) for seat in told["seats"]]
    assert len(cookies) == SEATS
    assert stranger().startswith("kept out: ")
    nodes = on_nodes()
    assert nodes["friday-worker-0"] != nodes["friday-worker-1"]
    status, said, _ = post(url, "/board/act", {"do": "start"}, cookie=instructor)
    assert status == 200, said
    took = {}
    with Class(url, cookies) as room:
        room.type("echo kept-{n} >/root/kept; sed s/kept/here/ /root/kept", "here-{n}")
        used = taken()
        took["a worker's pod was deleted"] = timed(room, "back", lambda: delete("friday-worker-0"))
        took["a node was drained"] = timed(room, "moved", drain)
        took["the server's pod was deleted"] = timed(room, "served", lambda: delete("friday-0"))
        # Both the server and its workers get new pods.
        again = ("event.minutes=100", "resources.worker.requests.memory=1Gi")
        took["everything was upgraded"] = timed(room, "upgraded", lambda: helm("upgrade", url, *again))
        room.type("sed s/kept/all/ /root/kept", "all-{n}")
    with pytest.raises(AssertionError, match="2 pods have the labs of this event"):
        helm("upgrade", url, "workers=1", "seatsPerPod=60")
    lines = [f"{SEATS} seats were back {seconds:.0f} s after {what}" for what, seconds in took.items()]
    sys.stdout.write("\n" + "\n".join([*lines, used, ""]))
    run("kubectl", "-n", SPACE, "exec", "friday-0", "--", "kluster", "event", "verify", "/event")
    run("helm", "uninstall", "friday", "-n", SPACE, "--wait")
    left = poll(lambda: not leftovers(), timeout=PATIENCE, every=1)
    assert left, leftovers()
    assert took["a worker's pod was deleted"] < BACK
    assert took["a node was drained"] < BACK
    assert took["the server's pod was deleted"] < BACK
