"""The chart's objects: valid, restricted, without rights; values that can't work are refused with a sentence."""

import asyncio
import base64
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.catalog import CATALOG
from lab.cluster.sim.api.decoding import read
from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.pod_security import violations
from lab.places import hints_folder, scenarios_folder
from lab.serve.apart import tls
from lab.serve.event.model import load_event
from tests.serve.apart import listening, meets
from tests.serve.doors import doors

CHART = Path(__file__).parents[2] / "deploy" / "chart"
HELM = shutil.which("helm")
#: Kinds of add-ons, which no cluster has by itself.
ADD_ONS = {"ServiceMonitor", "HTTPRoute"}
NEEDS_HELM = pytest.mark.skipif(HELM is None, reason="no helm: go install helm.sh/helm/v4/cmd/helm@v4.3.1")
ONE_POD = ("ConfigMap", "NetworkPolicy", "PodDisruptionBudget", "Service", "StatefulSet")
PUBLIC = ("publicURL=https://class.example.com",)


def template(*values: str) -> subprocess.CompletedProcess[str]:
    argv = [str(HELM), "template", "friday", str(CHART), *(word for each in values for word in ("--set", each))]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)


def rendered(*values: str) -> list[dict[str, Any]]:
    """Return the objects that helm renders with `values` (key=value)."""
    done = template(*values)
    assert done.returncode == 0, done.stderr
    return [item for item in yaml.safe_load_all(done.stdout) if item]


def only(objects: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    (found,) = (item for item in objects if item["kind"] == kind)
    return found


def pod(*values: str, name: str = "friday") -> dict[str, Any]:
    """Return the template of the server's pod, or of a worker's (`friday-worker`)."""
    sets = {item["metadata"]["name"]: item for item in rendered(*values) if item["kind"] == "StatefulSet"}
    template_: dict[str, Any] = sets[name]["spec"]["template"]
    return template_


@NEEDS_HELM
def test_the_objects_are_these_and_none_has_rights() -> None:
    found = sorted(f"{item['kind']}/{item['metadata']['name']}" for item in rendered())
    server = [f"{kind}/friday" for kind in ONE_POD]
    workers = [f"{kind}/friday-worker" for kind in ("NetworkPolicy", "PodDisruptionBudget", "StatefulSet")]
    ways = ["Service/friday-worker-0", "Service/friday-worker-1"]
    keys = ["Secret/friday-server-keys", "Secret/friday-worker-keys"]
    assert found == sorted([*server, *workers, *ways, *keys])
    for name in ("friday", "friday-worker"):
        assert pod(name=name)["spec"]["automountServiceAccountToken"] is False


@NEEDS_HELM
def test_without_pods_for_workers_one_pod_holds_all_seats() -> None:
    found = rendered("workers=0", "event.seats=50")
    assert sorted(item["kind"] for item in found) == sorted(ONE_POD)
    assert only(found, "NetworkPolicy")["spec"]["egress"] == []
    assert "--workers=2" in only(found, "StatefulSet")["spec"]["template"]["spec"]["containers"][0]["args"]


@NEEDS_HELM
@pytest.mark.parametrize(
    "values",
    [
        (),
        ("tls.secretName=tls",),
        ("metrics.tokenSecret=token", "metrics.serviceMonitor=true", "metrics.dashboard=true"),
        (*PUBLIC, "ingress.enabled=true", "ingress.className=nginx", "ingress.secretName=class-tls"),
        (*PUBLIC, "route.enabled=true", "route.parentRefs[0].name=public"),
        ("event.seats=100", "workers=4", "blockDrains=true", "storage.className=fast"),
        ("workers=0", "event.seats=100"),
        ("keys.serverSecret=a", "keys.workerSecret=b"),
        ("networkPolicy.dns[0].ipBlock.cidr=10.0.0.10/32",),
        ("networkPolicy.from[0].namespaceSelector.matchLabels.name=ingress",),
    ],
)
def test_all_objects_are_valid_and_the_pods_are_restricted(values: tuple[str, ...]) -> None:
    for item in rendered(*values):
        if item["kind"] not in ADD_ONS:
            read(KIND[item["kind"]], item).require(KIND[item["kind"]], strict=True)
        if item["kind"] == "StatefulSet":
            found = item["spec"]["template"]
            assert not violations(found, "restricted")
            assert found["spec"]["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True


@NEEDS_HELM
def test_the_event_is_one_that_the_server_takes(tmp_path: Path) -> None:
    settings = only(rendered("event.seats=40"), "ConfigMap")["data"]
    (tmp_path / "event.yaml").write_text(settings["event.yaml"], encoding="utf-8")
    invited = load_event(tmp_path, scenarios_folder(), hints_folder(), CATALOG)
    assert invited.event.count == 40


@NEEDS_HELM
def test_seats_decide_about_memory_and_workers_about_processors() -> None:
    def asked(*values: str, name: str = "friday") -> dict[str, str]:
        requests: dict[str, str] = pod(*values, name=name)["spec"]["containers"][0]["resources"]["requests"]
        return requests

    assert asked() == {"cpu": "200m", "memory": "256Mi"}
    assert asked(name="friday-worker") == {"cpu": "500m", "memory": "1381Mi"}
    assert asked("seatsPerPod=40", name="friday-worker")["memory"] == "2056Mi"
    assert asked("event.seats=50", "workers=0") == {"cpu": "800m", "memory": "2506Mi"}
    assert asked("resources.server.requests.memory=1Gi") == {"memory": "1Gi"}
    assert asked("resources.worker.requests.memory=1Gi", name="friday-worker") == {"memory": "1Gi"}


@NEEDS_HELM
def test_traffic_flows_only_from_browsers_to_the_server_and_from_there_to_workers() -> None:
    policies = {item["metadata"]["name"]: item["spec"] for item in rendered() if item["kind"] == "NetworkPolicy"}
    server, worker = policies["friday"], policies["friday-worker"]
    assert all(set(each["policyTypes"]) == {"Ingress", "Egress"} for each in policies.values())
    assert worker["egress"] == []
    (way,) = worker["ingress"]
    assert way["ports"] == [{"port": "seats"}]
    assert way["from"] == [{"podSelector": server["podSelector"]}]
    seats, names = server["egress"]
    assert seats == {"ports": [{"port": "seats"}], "to": [{"podSelector": worker["podSelector"]}]}
    assert {each["port"] for each in names["ports"]} == {53}
    selected = [item["spec"]["selector"] for item in rendered() if item["kind"] == "Service"]
    parts = [each["app.kubernetes.io/component"] for each in selected]
    assert parts == ["server", "worker", "worker"]


@NEEDS_HELM
def test_the_certificates_of_the_chart_let_server_and_workers_meet_and_nobody_else(tmp_path: Path) -> None:
    for release in ("one", "another"):
        for item in rendered():
            if item["kind"] == "Secret":
                folder = tmp_path / release / item["metadata"]["name"]
                folder.mkdir(parents=True)
                for name, text in item["data"].items():
                    (folder / name).write_bytes(base64.b64decode(text))

    async def play() -> None:
        async with listening(tmp_path / "one" / "friday-worker-keys") as outpost:
            await meets(outpost, tls(tmp_path / "one" / "friday-server-keys", listening=False))
            for stranger in ("another/friday-server-keys", "one/friday-worker-keys"):
                with pytest.raises(OSError):  # noqa: PT011 -- of many kinds
                    await meets(outpost, tls(tmp_path / stranger, listening=False))

    asyncio.run(play())


@NEEDS_HELM
@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (("event.seats=51",), "51 seats do not fit: 2 workers of 25 seats hold 50"),
        (("event.seats=null",), "give seats, people or teams"),
        (("replicas=2",), "one event has one server, since its folder has one writer"),
        (("ingress.enabled=true",), "needs the address at which browsers reach it"),
        ((*PUBLIC, "route.enabled=true"), "name the Gateway"),
        ((*PUBLIC, "ingress.enabled=true", "route.enabled=true"), "enable one of them"),
        (("metrics.serviceMonitor=true",), "needs the Secret with the token"),
        (("storage.size=0",), "storage.*size"),
        (("storage=null",), "storage"),
        (("workers=-1",), "workers"),
        (("seatsPerPod=0",), "seatsPerPod"),
        (("keys.serverSecret=a",), "give both Secrets, or none"),
        (("publicURL=class.example.com",), "publicURL"),
        (("event.mode=race",), "mode"),
        (("wrokers=3",), "wrokers"),
        (
            (*PUBLIC, "ingress.enabled=true", "tls.secretName=tls"),
            "the Ingress must speak TLS to the pod",
        ),
    ],
)
def test_values_that_can_not_work_are_refused(values: tuple[str, ...], sentence: str) -> None:
    done = template(*values)
    assert done.returncode != 0
    assert re.search(sentence, done.stderr), done.stderr


@NEEDS_HELM
def test_the_server_is_told_what_the_values_say() -> None:
    values = (*PUBLIC, "workers=3", "tls.secretName=tls", "metrics.tokenSecret=token")
    args = pod(*values)["spec"]["containers"][0]["args"]
    workers = [f"--worker=friday-worker-{number}:8006" for number in range(3)]
    assert [each for each in args if each.startswith("--worker=")] == workers
    assert {"--worker-keys=/keys", "--public=https://class.example.com", "--cert=/tls/tls.crt"} <= set(args)
    assert "--metrics-token=/metrics/token" in args


def test_the_dashboard_asks_for_metrics_that_exist(tmp_path: Path) -> None:
    dashboard = json.loads((CHART / "dashboard.json").read_text(encoding="utf-8"))
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"kluster_\w+", target["expr"])
    }
    with doors(tmp_path / "event", metrics_token="token") as found:  # noqa: S106 -- of a test
        text = found.get("/metrics", Authorization="Bearer token")[1]
    there = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    there |= {f"{name}_bucket" for name in there}
    assert asked - there == set()
