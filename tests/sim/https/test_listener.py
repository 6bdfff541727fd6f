"""The API over HTTPS: who is let in, what is answered, what is refused, and how connections end."""

import base64
import contextlib
import http.client
import json
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.cluster.sim.https.listener import ApiListener
from lab.cluster.sim.process.cluster import SimCluster
from tests.sim.https.client import TABLE, Client

MAPS = "/api/v1/namespaces/default/configmaps"
_BODIES = json.loads((Path(__file__).parent / "bodies.json").read_text(encoding="utf-8"))


@pytest.fixture
def listener(fresh: SimCluster, tmp_path: Path) -> Iterator[ApiListener]:
    """The listener of a new cluster on a turned clock."""
    found = ApiListener("k5", tmp_path, lambda: fresh.world, contextlib.nullcontext)
    yield found
    found.close()


@pytest.fixture
def client(listener: ApiListener) -> Client:
    """Its only client."""
    return Client(listener.kubeconfig)


def _map(name: str, **labels: str) -> dict[str, Any]:
    metadata = {"name": name, "labels": labels}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "b"}}


def test_who_has_no_certificate_is_refused(listener: ApiListener) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
        Client(listener.kubeconfig, certified=False).ask("GET", "/version")


def test_another_listeners_certificate_is_refused(
    listener: ApiListener, fresh: SimCluster, tmp_path: Path
) -> None:
    other = ApiListener("k5", tmp_path, lambda: fresh.world, contextlib.nullcontext)
    stranger = Client(other.kubeconfig)
    other.close()
    stranger.port = Client(listener.kubeconfig).port
    with pytest.raises((ssl.SSLError, ConnectionError)):
        stranger.ask("GET", "/version")


def test_no_key_stays_in_the_folder(listener: ApiListener, tmp_path: Path) -> None:
    assert listener.kubeconfig
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or b"EC PRIVATE KEY" not in file.read_bytes()[:200]


def test_a_closed_listener_frees_its_port(fresh: SimCluster, tmp_path: Path) -> None:
    found = ApiListener("k5", tmp_path, lambda: fresh.world, contextlib.nullcontext)
    client = Client(found.kubeconfig)
    assert client.ask("GET", "/version")[0] == 200
    found.close()
    with pytest.raises(ConnectionError):
        client.ask("GET", "/version")


def test_objects_are_made_read_changed_and_deleted(client: Client) -> None:
    code, made = client.ask("POST", MAPS, _map("one"))
    assert (code, made["metadata"]["name"]) == (201, "one")
    assert client.ask("POST", MAPS, _map("one"))[0] == 409
    merge = {"Content-Type": "application/merge-patch+json"}
    assert client.ask("PATCH", f"{MAPS}/one", {"data": {"c": "d"}}, merge)[1]["data"] == {"a": "b", "c": "d"}
    made["metadata"].pop("resourceVersion")
    assert client.ask("PUT", f"{MAPS}/one", made)[1]["data"] == {"a": "b"}
    assert client.ask("DELETE", f"{MAPS}/one")[0] == 200
    code, gone = client.ask("GET", f"{MAPS}/one")
    assert (code, gone["reason"]) == (404, "NotFound")


@pytest.mark.parametrize("accept", ["application/json", TABLE])
def test_parts_make_the_whole(client: Client, accept: str) -> None:
    def names(listed: dict[str, Any]) -> list[str]:
        entries = listed.get("rows") or listed["items"]
        return [each.get("object", each)["metadata"]["name"] for each in entries]

    headers = {"Accept": accept}
    whole = names(client.ask("GET", "/api/v1/pods", headers=headers)[1])
    found, token = [], ""
    while True:
        _, part = client.ask("GET", f"/api/v1/pods?limit=3&continue={token}", headers=headers)
        assert len(names(part)) <= 3
        found += names(part)
        token = part["metadata"].get("continue", "")
        assert part["metadata"].get("remainingItemCount", 0) == len(whole) - len(found)
        if not token:
            break
    assert found == whole
    assert client.ask("GET", "/api/v1/pods?limit=3&continue=nonsense", headers=headers)[0] == 400


def test_a_watch_sees_what_enters_and_leaves_its_selector(client: Client) -> None:
    client.ask("POST", MAPS, _map("old", app="x"))
    _, listed = client.ask("GET", f"{MAPS}?labelSelector=app%3Dx")
    version = listed["metadata"]["resourceVersion"]
    watch = client.watch(f"{MAPS}?watch=true&labelSelector=app%3Dx&resourceVersion={version}")
    client.ask("POST", MAPS, _map("other", app="y"))
    client.ask("POST", MAPS, _map("new", app="x"))
    assert watch.next() == ("ADDED", "new")
    merge = {"Content-Type": "application/merge-patch+json"}
    client.ask("PATCH", f"{MAPS}/old", {"metadata": {"labels": {"app": "y"}}}, merge)
    assert watch.next() == ("DELETED", "old")
    client.ask("PATCH", f"{MAPS}/old", {"metadata": {"labels": {"app": "x"}}}, merge)
    assert watch.next() == ("ADDED", "old")
    client.ask("PATCH", f"{MAPS}/old", {"data": {"a": "z"}}, merge)
    assert watch.next() == ("MODIFIED", "old")
    client.ask("DELETE", f"{MAPS}/old")
    assert watch.next() == ("DELETED", "old")
    watch.close()


def test_a_watch_begins_in_the_past_or_says_that_it_is_too_late(client: Client) -> None:
    version = client.ask("GET", MAPS)[1]["metadata"]["resourceVersion"]
    client.ask("POST", MAPS, _map("a"))
    client.ask("DELETE", f"{MAPS}/a")
    watch = client.watch(f"{MAPS}?watch=true&resourceVersion={version}")
    assert [watch.next(), watch.next()] == [("ADDED", "a"), ("DELETED", "a")]
    watch.close()
    code, late = client.ask("GET", f"{MAPS}?watch=true&resourceVersion=1")
    assert (code, late["reason"]) == (410, "Expired")


def test_a_watch_with_initial_events_marks_their_end(client: Client) -> None:
    path = f"{MAPS}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan"
    watch = client.watch(path, {"Accept": TABLE})
    events = iter(watch)
    first, mark = next(events), next(events)
    assert first["object"]["rows"][0]["cells"][0] == "kube-root-ca.crt"
    assert mark["type"] == "BOOKMARK"
    assert mark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    watch.close()


@pytest.mark.parametrize(("value", "kind"), [("True", None), ("1", None), ("", None), ("False", "ConfigMapList")])
def test_a_watch_is_asked_for_as_any_client_does(client: Client, value: str, kind: str | None) -> None:
    # Python's own client says True.
    watch = client.watch(f"{MAPS}?watch={value}&timeoutSeconds=1")
    assert next(iter(watch)).get("kind") == kind
    watch.close()


def test_a_watch_ends_after_its_seconds(client: Client) -> None:
    watch = client.watch(f"{MAPS}?watch=true&resourceVersion=0&timeoutSeconds=1")
    assert [event["type"] for event in watch] == ["ADDED"]
    watch.close()


def test_impersonated_users_have_their_rights(client: Client) -> None:
    jane = {"Impersonate-User": "jane"}
    code, refused = client.ask("GET", MAPS, headers=jane)
    assert code == 403
    assert refused["message"].startswith('configmaps is forbidden: User "jane" cannot list resource "configmaps"')
    assert client.ask("GET", f"{MAPS}?watch=true", headers=jane)[0] == 403
    subject = {"kind": "Group", "name": "dev", "apiGroup": "rbac.authorization.k8s.io"}
    role = {"kind": "ClusterRole", "name": "cluster-admin", "apiGroup": "rbac.authorization.k8s.io"}
    client.ask(
        "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
        {"metadata": {"name": "dev"}, "roleRef": role, "subjects": [subject]},
    )  # fmt: skip
    assert client.ask("GET", MAPS, headers={**jane, "Impersonate-Group": "dev"})[0] in {200, 403}


@pytest.mark.parametrize("asked", sorted(_BODIES))
def test_bodies_of_a_real_kubectl_in_protobuf_are_understood(client: Client, asked: str) -> None:
    method, _, path = asked.partition(" ")
    media = {"Content-Type": "application/vnd.kubernetes.protobuf"}
    code, answer = client.ask(method, path, base64.b64decode(_BODIES[asked]), media)
    if path.endswith("/token"):
        assert (code, answer["reason"]) == (501, "NotImplemented")
        return
    assert code == 201
    if path.endswith("deployments"):
        assert answer["spec"]["replicas"] == 0
        assert answer["spec"]["template"]["spec"]["containers"][0]["ports"][0]["containerPort"] == 80
    if path.endswith("services"):
        assert answer["spec"]["ports"][0]["targetPort"] == "http"
    if path.endswith("accessreviews"):
        assert answer["status"] == {"allowed": True}


def test_damaged_bodies_are_refused(client: Client) -> None:
    media = {"Content-Type": "application/vnd.kubernetes.protobuf"}
    good = base64.b64decode(_BODIES["POST /apis/apps/v1/namespaces/default/deployments"])
    for body in (b"", good[:20], good[:-9], b"k8s\0" + b"\xff" * 30, b"no"):
        code, answer = client.ask("POST", "/apis/apps/v1/namespaces/default/deployments", body, media)
        assert code in {400, 422}, answer
    assert client.ask("POST", MAPS, b"{", {"Content-Type": "application/json"})[0] == 400
    assert client.ask("POST", MAPS, b"{}", {"Content-Type": "image/png"})[0] == 415


def test_a_body_that_is_too_large_is_refused(client: Client) -> None:
    code, answer = client.ask("POST", MAPS, b"x" * (3 * 1024**2 + 1))
    assert (code, answer["message"]) == (413, "Request entity too large: limit is 3145728")


def test_discovery_comes_in_one_answer_and_in_many(client: Client) -> None:
    accept = {"Accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"}
    _, at_once = client.ask("GET", "/apis", headers=accept)
    apps = next(group for group in at_once["items"] if group["metadata"].get("name") == "apps")
    together = {each["resource"]: each for each in apps["versions"][0]["resources"]}
    _, listed = client.ask("GET", "/apis/apps/v1")
    assert set(together) == {each["name"] for each in listed["resources"] if "/" not in each["name"]}
    assert {each["subresource"] for each in together["deployments"]["subresources"]} == {"scale", "status"}
    assert client.ask("GET", "/apis")[1]["kind"] == "APIGroupList"


def test_openapi_names_the_fields_and_what_writes_take(client: Client) -> None:
    _, index = client.ask("GET", "/openapi/v3")
    _, document = client.ask("GET", index["paths"]["apis/apps/v1"]["serverRelativeURL"])
    patch = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert "fieldValidation" in {each["name"] for each in patch["parameters"]}
    schemas = document["components"]["schemas"]
    assert schemas["io.k8s.api.apps.v1.DeploymentSpec"]["properties"]["replicas"]["type"] == "integer"
    assert client.ask("GET", "/openapi/v3/apis/none/v1")[0] == 404


def test_openapi_of_version_2_says_the_same(client: Client) -> None:
    code, document = client.ask("GET", "/openapi/v2")
    assert (code, document["swagger"]) == (200, "2.0")
    definitions = document["definitions"]
    spec = definitions["io.k8s.api.apps.v1.Deployment"]["properties"]["spec"]
    assert spec["$ref"] == "#/definitions/io.k8s.api.apps.v1.DeploymentSpec"
    patch = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert {"name": "fieldManager", "in": "query", "type": "string"} in patch["parameters"]
    text = json.dumps(document)
    references = set(re.findall(r'"\$ref": "#/definitions/([^"]+)"', text))
    assert references <= set(definitions)
    assert "#/components/" not in text
    only = {"Accept": "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"}
    assert client.ask("GET", "/openapi/v2", headers=only)[0] == 406


def test_logs_are_served(client: Client) -> None:
    path = "/api/v1/namespaces/kube-system/pods/kube-scheduler-k5-control-plane/log"
    code, text = client.ask("GET", f"{path}?tailLines=1")
    assert (code, text.count("\n")) == (200, 1)
    assert client.ask("GET", f"{path}?container=none")[0] == 400
    assert client.ask("GET", "/api/v1/namespaces/kube-system/pods/none/log")[0] == 404


def test_what_is_not_simulated_or_no_websocket_says_so(client: Client) -> None:
    code, answer = client.ask("POST", "/api/v1/namespaces/kube-system/pods/etcd-k5-control-plane/exec?command=ls")
    assert (code, answer["message"]) == (400, "Upgrade request required")
    code, answer = client.ask("POST", "/api/v1/namespaces/default/serviceaccounts/default/token", {})
    assert (code, answer["message"]) == (501, "not simulated: token for clients (use --backend kind)")


def test_connections_end_with_the_api_server(client: Client, fresh: SimCluster) -> None:
    watch = client.watch(f"{MAPS}?watch=true&resourceVersion=0")
    assert watch.next() == ("ADDED", "kube-root-ca.crt")
    fresh.control_plane.run(["mv", "/etc/kubernetes/manifests/kube-apiserver.yaml", "/root"])
    fresh.advance(60)
    with pytest.raises((ConnectionError, ssl.SSLError, http.client.IncompleteRead, StopIteration)):
        watch.next()
    watch.close()
    with pytest.raises((ConnectionError, ssl.SSLError, http.client.RemoteDisconnected)):
        client.ask("GET", "/version")
