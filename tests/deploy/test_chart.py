"""The chart's objects: valid, restricted, without rights; values that can't work are refused with a sentence."""

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
from lab.serve.event.model import load_event
from tests.serve.doors import doors

CHART = Path(__file__).parents[2] / "deploy" / "chart"
HELM = shutil.which("helm")
#: Kinds of add-ons, which no cluster has by itself.
ADD_ONS = {"ServiceMonitor", "HTTPRoute"}
NEEDS_HELM = pytest.mark.skipif(HELM is None, reason="no helm: go install helm.sh/helm/v4/cmd/helm@v4.3.1")
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


def pod(*values: str) -> dict[str, Any]:
    template_: dict[str, Any] = only(rendered(*values), "StatefulSet")["spec"]["template"]
    return template_


@NEEDS_HELM
def test_the_objects_are_these_and_none_has_rights() -> None:
    kinds = sorted(item["kind"] for item in rendered())
    assert kinds == ["ConfigMap", "NetworkPolicy", "PodDisruptionBudget", "Service", "StatefulSet"]
    assert pod()["spec"]["automountServiceAccountToken"] is False


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
        ("networkPolicy.from[0].namespaceSelector.matchLabels.name=ingress",),
    ],
)
def test_all_objects_are_valid_and_the_pod_is_restricted(values: tuple[str, ...]) -> None:
    for item in rendered(*values):
        if item["kind"] not in ADD_ONS:
            read(KIND[item["kind"]], item).require(KIND[item["kind"]], strict=True)
    found = pod(*values)
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
    def asked(*values: str) -> dict[str, str]:
        requests: dict[str, str] = pod(*values)["spec"]["containers"][0]["resources"]["requests"]
        return requests

    assert asked("event.seats=25") == {"cpu": "800m", "memory": "1381Mi"}
    assert asked("event.seats=50") == {"cpu": "800m", "memory": "2506Mi"}
    assert asked("event.seats=50", "workers=3")["cpu"] == "1100m"
    assert asked("resources.requests.memory=1Gi") == {"memory": "1Gi"}


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
        (("workers=0",), "workers"),
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
    args = pod(*PUBLIC, "workers=3", "tls.secretName=tls", "metrics.tokenSecret=token")["spec"]["containers"][0][
        "args"
    ]
    assert {"--workers=3", "--public=https://class.example.com", "--cert=/tls/tls.crt"} <= set(args)
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
