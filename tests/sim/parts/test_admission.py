"""The API server's checks and defaults before it stores an object."""

import re
from typing import Any

import pytest

from lab.cluster.sim.api.admission_configuration import pod_security
from lab.cluster.sim.api.configuration_files import ConfigurationError
from lab.cluster.sim.api.kinds import KIND, skeleton
from lab.cluster.sim.api.requests import Request
from tests.sim.parts.rig import Rig, pod

LEVEL = "pod-security.kubernetes.io/"
RESTRICTED: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def label(rig: Rig, **labels: str) -> None:
    """Label the default namespace for Pod Security."""
    namespace = rig.admin.get("Namespace", "", "default")
    assert namespace is not None
    labelled = {LEVEL + mode.replace("_", "-"): level for mode, level in labels.items()}
    answer = rig.admin.update({**namespace, "metadata": {**namespace["metadata"], "labels": labelled}})
    assert answer.ok, answer


def secured(name: str, **context: Any) -> Any:
    """Return a pod whose container has a security context."""
    found = pod(name)
    found["spec"]["containers"][0]["securityContext"] = context
    return found


def test_a_pod_is_filled_in(rig: Rig) -> None:
    created = rig.admin.create(pod("web")).body
    spec = created["spec"]
    assert (spec["serviceAccountName"], spec["priority"]) == ("default", 0)
    (volume,) = spec["volumes"]
    assert volume["name"].startswith("kube-api-access-")
    assert spec["containers"][0]["volumeMounts"][0]["name"] == volume["name"]
    assert {toleration["key"] for toleration in spec["tolerations"]} == {
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    }


@pytest.mark.parametrize("user", ["kubernetes-admin", "system:serviceaccount:shop:default", "alice"])
def test_a_value_of_a_wrong_type_is_refused_whoever_sends_it(rig: Rig, user: str) -> None:
    path = "/api/v1/namespaces/default/configmaps"
    item: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "notes"}, "data": 3}
    assert rig.plane.api.handle(Request("POST", path, body=item, user=user)).code == 400
    assert rig.plane.api.handle(Request("POST", path, body={**item, "data": {"a": "b"}}, user=user)).code == 201
    merge = "application/merge-patch+json"
    for wrong in ({"data": 3}, {"data": {"a": 3}}):
        patch = Request("PATCH", f"{path}/notes", body=wrong, user=user, content_type=merge)
        assert rig.plane.api.handle(patch).code in {400, 422}, wrong


def test_a_pod_may_do_without_a_token(rig: Rig) -> None:
    assert "volumes" not in rig.admin.create(pod("web", automountServiceAccountToken=False)).body["spec"]


def test_a_pod_needs_its_service_account(rig: Rig) -> None:
    answer = rig.admin.create(pod("web", serviceAccountName="nobody"))
    assert answer.code == 403
    assert (
        'error looking up service account default/nobody: serviceaccount "nobody" not found'
        in (answer.body["message"])
    )


def test_an_object_needs_its_namespace(rig: Rig) -> None:
    answer = rig.admin.create(pod("web", "nowhere"))
    assert (answer.code, answer.body["message"]) == (404, 'namespaces "nowhere" not found')


def test_a_namespace_that_ends_takes_nothing_new(rig: Rig) -> None:
    rig.plane.store.create(KIND["Namespace"], skeleton("Namespace", "gone"))
    assert rig.admin.delete(skeleton("Namespace", "gone")).ok
    answer = rig.admin.create(pod("web", "gone"))
    assert answer.code == 403
    assert "because it is being terminated" in answer.body["message"]


@pytest.mark.parametrize(
    ("level", "pod_", "reason"),
    [
        ("privileged", secured("a", privileged=True), ""),
        ("baseline", pod("a"), ""),
        ("baseline", secured("a", privileged=True), "privileged"),
        ("baseline", pod("a", hostNetwork=True), "host namespaces"),
        ("restricted", pod("a"), "allowPrivilegeEscalation != false"),
        ("restricted", secured("a", **RESTRICTED), ""),
        ("restricted", secured("a", **{**RESTRICTED, "runAsNonRoot": False}), "runAsNonRoot != true"),
    ],
)
def test_a_namespaces_level_decides(rig: Rig, level: str, pod_: Any, reason: str) -> None:
    label(rig, enforce=level)
    answer = rig.admin.create(pod_)
    assert answer.ok == (not reason)
    if reason:
        assert answer.code == 403
        assert f'violates PodSecurity "{level}:latest": ' in answer.body["message"]
        assert reason in answer.body["message"]


def test_a_level_that_only_warns_lets_in(rig: Rig) -> None:
    label(rig, warn="baseline")
    answer = rig.admin.create(secured("a", privileged=True))
    assert answer.ok
    violation = 'privileged (container "main" must not set securityContext.privileged=true)'
    assert answer.warnings == [f'would violate PodSecurity "baseline:latest": {violation}']


def test_a_template_is_warned_about_and_stored(rig: Rig) -> None:
    label(rig, enforce="restricted")
    template = {key: pod("a", labels={"app": "a"})[key] for key in ("metadata", "spec")}
    del template["metadata"]["name"], template["metadata"]["namespace"]
    deployment = skeleton("Deployment", "a")
    deployment["metadata"]["namespace"] = "default"
    deployment["spec"] = {"selector": {"matchLabels": {"app": "a"}}, "template": template}
    answer = rig.admin.create(deployment)
    assert answer.ok, answer
    assert answer.warnings[0].startswith('would violate PodSecurity "restricted:latest"')


def test_a_stricter_level_names_the_pods_that_violate_it(rig: Rig) -> None:
    for name in ("one", "two"):
        assert rig.admin.create(secured(name, privileged=True)).ok
    namespace = rig.admin.get("Namespace", "", "default")
    assert namespace is not None
    metadata = {**namespace["metadata"], "labels": {f"{LEVEL}enforce": "baseline"}}
    answer = rig.admin.update({**namespace, "metadata": metadata})
    assert answer.ok
    assert answer.warnings == [
        'existing pods in namespace "default" violate the new PodSecurity enforce level "baseline:latest"',
        "one (and 1 other pod): privileged",
    ]


def test_an_unknown_level_is_refused(rig: Rig) -> None:
    namespace = rig.admin.get("Namespace", "", "default")
    assert namespace is not None
    metadata = {**namespace["metadata"], "labels": {f"{LEVEL}enforce": "strict"}}
    assert rig.admin.update({**namespace, "metadata": metadata}).code == 422


CONFIGURATION = """\
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults: {enforce: baseline, enforce-version: v1.34}
    exemptions: {namespaces: [kube-system], usernames: [robot]}
"""


def test_the_plugins_own_configuration_holds_where_no_label_is(rig: Rig) -> None:
    rig.plane.api.admission.pod_security = pod_security(CONFIGURATION)
    refused = rig.admin.create(secured("a", privileged=True))
    assert 'violates PodSecurity "baseline:v1.34"' in refused.body["message"]
    exempt = secured("a", privileged=True)
    exempt["metadata"]["namespace"] = "kube-system"
    assert rig.admin.create(exempt).ok
    assert rig.plane.client("robot").create(secured("b", privileged=True)).ok


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind: Pod", "Object 'apiVersion' is missing in 'kind: Pod'"),
        ("kind: Pod\napiVersion: v1", 'no kind "Pod" is registered for version "v1" in scheme'),
        ("- [", "failed to read plugin config: yaml: line 1: did not find expected node content"),
        (CONFIGURATION.replace("exemptions", "exemption"), 'strict decoding error: unknown field "exemption"'),
        (CONFIGURATION.replace("plugins:", "plugins: x\ny:"), "cannot unmarshal string into Go struct field Adm"),
        (
            CONFIGURATION.replace("[kube-system]", "[1]"),
            "PodSecurityExemptions.exemptions.namespaces of type string",
        ),
        (
            CONFIGURATION.replace("enforce: baseline", "enforce: strict"),
            "PodSecurity configuration error: enforce: must be one of ",
        ),
        (
            CONFIGURATION.replace("[kube-system]", "[a, a]"),
            'failed to initialize admission plugin "PodSecurity": PodSecurity invalid: exemptions.namespaces[1]: ',
        ),
    ],
)
def test_a_configuration_that_is_wrong_is_refused(text: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(told)):
        pod_security(text)
