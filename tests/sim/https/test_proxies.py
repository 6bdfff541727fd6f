"""Proxies of the API server to pods, Services and kubelets; and programs that clients attach to."""

import json

import pytest

from tests.sim.driving import Driver
from tests.sim.https.client import Client
from tests.sim.https.test_exec import V5, ended, program

SHOP = "/api/v1/namespaces/shop"


@pytest.fixture
def web(client: Client) -> str:
    """The name of a web server's pod."""
    return str(client.ask("GET", f"{SHOP}/pods?labelSelector=app%3Dweb")[1]["items"][0]["metadata"]["name"])


def test_a_proxy_reaches_the_program_behind_it(client: Client, web: str) -> None:
    for place in (f"pods/{web}", f"pods/http:{web}:8080", "services/web:80", "services/http:web:80"):
        assert client.ask("GET", f"{SHOP}/{place}/proxy/hostname") == (200, web)
    node = "/api/v1/nodes/k5-worker"
    assert client.ask("GET", f"{node}/proxy/healthz") == (200, "ok")
    _, listed = client.ask("GET", f"{node}:10250/proxy/pods")
    assert {each["spec"]["nodeName"] for each in listed["items"]} == {"k5-worker"}


@pytest.mark.parametrize(
    ("place", "code", "message"),
    [
        ("services/web:81", 503, 'no service port 81 found for service "web"'),
        ("services/none", 404, 'endpoints "none" not found'),
        ("services/a:b:c:d", 400, 'invalid service request "a:b:c:d"'),
        ("pods/none", 404, 'pods "none" not found'),
        ("pods/{web}:81", 503, "error trying to reach service: dial tcp {ip}:81: connect: connection refused"),
        (
            "pods/https:{web}:8080",
            503,
            "error trying to reach service: http: server gave HTTP response to HTTPS client",
        ),
    ],
)  # fmt: skip
def test_what_no_proxy_reaches_is_told(client: Client, web: str, place: str, code: int, message: str) -> None:
    ip = client.ask("GET", f"{SHOP}/pods/{web}")[1]["status"]["podIP"]
    found, answer = client.ask("GET", f"{SHOP}/{place.format(web=web)}/proxy/")
    assert (found, answer["message"]) == (code, message.format(ip=ip))


def test_a_proxy_has_a_right_of_its_own(client: Client, web: str) -> None:
    code, refused = client.ask("GET", f"{SHOP}/pods/{web}/proxy/", headers={"Impersonate-User": "jane"})
    assert code == 403
    assert 'cannot get resource "pods/proxy"' in refused["message"]


def test_a_kubelet_that_is_stopped_is_not_reached(client: Client, driver: Driver) -> None:
    driver.out("systemctl stop kubelet", 1)
    code, answer = client.ask("GET", "/api/v1/nodes/k5-worker/proxy/healthz")
    assert (code, answer["reason"]) == (503, "ServiceUnavailable")
    assert answer["message"].endswith(":10250: connect: connection refused")


def test_the_simulated_kubectl_goes_through_the_same_proxies(driver: Driver) -> None:
    raw = "kubectl get --raw /api/v1/namespaces/shop/services"
    assert driver.out(f"{raw}/web:80/proxy/hostname").startswith("web-")
    found = driver.run(f"{raw}/web:81/proxy/")
    assert found.stderr == 'Error from server (ServiceUnavailable): no service port 81 found for service "web"\n'


def _typed_to(client: Client, driver: Driver) -> str:
    """Create a pod whose program reads what is typed; return its path."""
    container = {"name": "sh", "image": "registry.k8s.io/e2e-test-images/agnhost:2.53", "stdin": True,
                 "command": ["sh", "-c", "read x; echo got $x; exit 3"]}  # fmt: skip
    pod = {"metadata": {"name": "typed"}, "spec": {"containers": [container], "restartPolicy": "Never"}}
    assert client.ask("POST", "/api/v1/namespaces/default/pods", pod)[0] == 201
    driver.cluster.advance(5)
    return "/api/v1/namespaces/default/pods/typed"


def test_a_program_that_reads_ends_its_container(client: Client, driver: Driver) -> None:
    path = _typed_to(client, driver)
    with program(client, f"{path}/attach", stdin="true") as connection:
        connection.send(b"\0hello\n")
        found = ended(connection)
    assert found[1] == b"got hello\n"
    assert json.loads(found[3])["details"]["causes"][0]["message"] == "3"
    driver.cluster.advance(5)
    status = client.ask("GET", path)[1]["status"]
    assert status["phase"] == "Failed"
    assert status["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 3


def test_other_programs_show_what_they_print_until_they_end(client: Client, driver: Driver, web: str) -> None:
    with program(client, f"{SHOP}/pods/{web}/attach", protocol=V5) as connection:
        assert connection.recv(60) == b"\1"
        driver.out("crictl stop $(crictl ps -q --name '^web$')", 1)
        found = ended(connection)
    assert json.loads(found[3])["status"] == "Success"
