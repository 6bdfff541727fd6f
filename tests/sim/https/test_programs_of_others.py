"""Clients that others wrote, against a simulated lab: kubectl of any version, helm, and Python's own library.

Each is skipped where it is not installed. `KLUSTER_KUBECTL` names other kubectls, with colons between them.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import textwrap
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sim.https.client import Client

KUBECTLS = [word for word in os.environ.get("KLUSTER_KUBECTL", "").split(":") if word] or ["kubectl"]
_TEMPLATE = """apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}"}
data: {a: "{{ .Values.word }}"}
"""
#: The first kubectl that enters pods by websockets.
_OLDEST = 31
AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.53"
HELM = shutil.which(os.environ.get("HELM", "helm"))


@pytest.fixture
def config(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The kubeconfig of a simulated cluster."""
    path = tmp_path / "lab.conf"
    path.write_text(client.kubeconfig, encoding="utf-8")
    monkeypatch.setenv("KUBECONFIG", str(path))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CACHE", "CONFIG", "DATA"):
        monkeypatch.setenv(f"HELM_{name}_HOME", str(tmp_path / name))
    return path


@pytest.fixture(params=KUBECTLS)
def kubectl(request: pytest.FixtureRequest, config: Path) -> str:
    """A kubectl of this machine that knows the cluster."""
    found = shutil.which(str(request.param))
    if found is None:
        pytest.skip(f"no {request.param}: set KLUSTER_KUBECTL")
    assert config.exists()
    minor = json.loads(run(found, "version", "--client", "-o", "json"))["clientVersion"]["minor"]
    if int(minor.rstrip("+")) < _OLDEST:
        pytest.skip(f"{request.param} 1.{minor} knows no websockets")
    return found


def run(*argv: str, text: str = "") -> str:
    """Run a program that has to succeed; return its output."""
    done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, f"{argv}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_a_kubectl_makes_looks_changes_and_deletes(kubectl: str) -> None:
    assert run(kubectl, "get", "nodes", "-o", "name").splitlines() == ["node/k5-control-plane", "node/k5-worker"]
    run(kubectl, "create", "deployment", "d", f"--image={AGNHOST}", "--replicas=2", "--", "/agnhost", "netexec")
    run(kubectl, "label", "deployment", "d", "a=b")
    run(kubectl, "patch", "deployment", "d", "-p", '{"spec":{"paused":true}}')
    run(kubectl, "scale", "deployment", "d", "--replicas=1")
    assert run(kubectl, "get", "deploy", "d", "-o", "jsonpath={.spec.replicas} {.spec.paused}") == "1 true"
    assert "replicas" in run(kubectl, "explain", "deployment.spec")
    assert run(kubectl, "auth", "can-i", "delete", "pods") == "yes\n"
    assert "k5-worker" in run(kubectl, "describe", "node", "k5-worker")
    run(kubectl, "apply", "-f", "-", text="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: b}\n")
    run(kubectl, "delete", "deployment/d", "configmap/m", "--wait=false")


def test_a_kubectl_enters_pods(kubectl: str, config: Path) -> None:
    name = run(kubectl, "-n", "shop", "get", "pods", "-l", "app=web", "-o", "name").strip().partition("/")[2]
    assert run(kubectl, "-n", "shop", "exec", name, "--", "hostname") == f"{name}\n"
    assert run(kubectl, "-n", "shop", "exec", "-i", name, "--", "cat", text="typed\n") == "typed\n"
    here = config.parent / "copied"
    run(kubectl, "cp", f"shop/{name}:/etc/hostname", str(here))
    assert here.read_text(encoding="utf-8") == f"{name}\n"
    run(kubectl, "cp", str(here), f"shop/{name}:/tmp/copied")
    path = f"/api/v1/namespaces/shop/pods/{name}/proxy/hostname"
    assert run(kubectl, "get", "--raw", path) == name
    assert "Started HTTP server" in run(kubectl, "-n", "shop", "logs", name)


@pytest.fixture
def forwarded(kubectl: str) -> Iterator[int]:
    """The port of this machine that a kubectl forwards to a web server."""
    argv = [kubectl, "-n", "shop", "port-forward", "deploy/web", ":8080", "--address=127.0.0.1"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as forwarding:
        assert forwarding.stdout is not None
        told = forwarding.stdout.readline()
        assert told.startswith("Forwarding from 127.0.0.1:"), told
        yield int(told.split(":")[1].split()[0])
        forwarding.kill()


def test_a_kubectl_forwards_a_port(forwarded: int) -> None:
    for _ in range(3):
        with urllib.request.urlopen(f"http://127.0.0.1:{forwarded}/hostname", timeout=60) as page:
            assert page.read().startswith(b"web-")


@pytest.mark.skipif(HELM is None, reason="no helm: go install helm.sh/helm/v4/cmd/helm@v4.3.1, or set HELM")
@pytest.mark.usefixtures("config")
def test_helm_installs_upgrades_and_removes_a_chart(client: Client, tmp_path: Path) -> None:
    templates = tmp_path / "small" / "templates"
    templates.mkdir(parents=True)
    (templates.parent / "Chart.yaml").write_text("apiVersion: v2\nname: small\nversion: 1.0.0\n", encoding="utf-8")
    (templates.parent / "values.yaml").write_text("word: one\n", encoding="utf-8")
    (templates / "map.yaml").write_text(_TEMPLATE, encoding="utf-8")
    helm, chart = str(HELM), str(templates.parent)
    path = "/api/v1/namespaces/charts/configmaps/rel"
    run(helm, "install", "rel", chart, "-n", "charts", "--create-namespace")
    assert client.ask("GET", path)[1]["data"] == {"a": "one"}
    run(helm, "upgrade", "rel", chart, "-n", "charts", "--set", "word=two")
    assert client.ask("GET", path)[1]["data"] == {"a": "two"}
    run(helm, "rollback", "rel", "1", "-n", "charts")
    assert client.ask("GET", path)[1]["data"] == {"a": "one"}
    assert "deployed" in run(helm, "list", "-n", "charts")
    run(helm, "uninstall", "rel", "-n", "charts")
    assert client.ask("GET", path)[0] == 404


_PYTHON = """
from kubernetes import client, config, watch
from kubernetes.stream import portforward, stream
config.load_kube_config()
core = client.CoreV1Api()
name = next(pod.metadata.name for pod in core.list_namespaced_pod("shop", label_selector="app=web").items)
into = core.connect_get_namespaced_pod_exec
assert stream(into, name, "shop", command=["hostname"], stdout=True) == name + "\\n"
typed = stream(into, name, "shop", command=["sh"], stdin=True, stdout=True, _preload_content=False)
typed.write_stdin("echo hi; exit 4\\n")
typed.run_forever(timeout=60)
assert (typed.read_stdout(), typed.returncode) == ("hi\\n", 4)
line = portforward(core.connect_get_namespaced_pod_portforward, name, "shop", ports="8080").socket(8080)
line.setblocking(True)
line.sendall(b"GET /hostname HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
assert line.recv(4096).startswith(b"HTTP/1.1 200 OK")
core.create_namespaced_config_map("default", {"metadata": {"name": "m"}})
for event in watch.Watch().stream(core.list_namespaced_config_map, "default", timeout_seconds=60):
    if event["object"].metadata.name == "m":
        break
else:
    raise AssertionError("the watch did not see it")
core.delete_namespaced_config_map("m", "default")
"""


@pytest.mark.usefixtures("config")
def test_pythons_own_client_lists_watches_types_and_forwards() -> None:
    python = os.environ.get("KLUSTER_CLIENT_PYTHON", sys.executable)
    if python == sys.executable and importlib.util.find_spec("kubernetes") is None:
        pytest.skip("no library kubernetes: set KLUSTER_CLIENT_PYTHON to a Python that has it")
    run(python, "-c", textwrap.dedent(_PYTHON))
