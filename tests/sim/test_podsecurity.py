from typing import Any

import pytest

from lab.cluster.sim.api.pod_security import violations

GOOD: dict[str, Any] = {
    "metadata": {"name": "p"},
    "spec": {
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": "c",
                "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
            }
        ],
    },
}


def changed(**spec: Any) -> dict[str, Any]:
    return {**GOOD, "spec": {**GOOD["spec"], **spec}}


def container(**context: Any) -> dict[str, Any]:
    old = GOOD["spec"]["containers"][0]
    return changed(containers=[{**old, "securityContext": {**old["securityContext"], **context}}])


def test_a_restricted_pod_passes_every_level() -> None:
    assert [violations(GOOD, level) for level in ("privileged", "baseline", "restricted")] == [[], [], []]


@pytest.mark.parametrize(
    ("pod", "level", "expected"),
    [
        (changed(hostNetwork=True), "baseline", ("host namespaces", "hostNetwork=true")),
        (changed(hostPID=True, hostIPC=True), "baseline", ("host namespaces", "hostPID=true, hostIPC=true")),
        (container(privileged=True), "baseline",
         ("privileged", 'container "c" must not set securityContext.privileged=true')),
        (changed(volumes=[{"name": "v", "hostPath": {"path": "/"}}]), "baseline",
         ("hostPath volumes", 'volume "v"')),
        (changed(volumes=[{"name": "v", "hostPath": {"path": "/"}}]), "restricted",
         ("restricted volume types", 'volume "v" uses restricted volume type "hostPath"')),
        (container(capabilities={"drop": ["ALL"], "add": ["SYS_ADMIN"]}), "baseline",
         ("non-default capabilities",
          'container "c" must not include "SYS_ADMIN" in securityContext.capabilities.add')),
        (container(capabilities={}), "restricted",
         ("unrestricted capabilities", 'container "c" must set securityContext.capabilities.drop=["ALL"]')),
        (container(allowPrivilegeEscalation=True), "restricted",
         ("allowPrivilegeEscalation != false",
          'container "c" must set securityContext.allowPrivilegeEscalation=false')),
        (changed(securityContext={"seccompProfile": {"type": "RuntimeDefault"}}), "restricted",
         ("runAsNonRoot != true", 'pod or container "c" must set securityContext.runAsNonRoot=true')),
        (changed(securityContext={"runAsNonRoot": True}), "restricted",
         ("seccompProfile",
          'pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"')),
        (container(runAsUser=0), "restricted", ("runAsUser=0", 'container "c" must not set runAsUser=0')),
    ],
)  # fmt: skip
def test_violations_of_a_level_are_worded_as_upstream(
    pod: dict[str, Any], level: str, expected: tuple[str, str]
) -> None:
    assert violations(pod, level) == [expected]
    assert violations(pod, "privileged") == []


def test_the_levels_of_coredns() -> None:
    spec = {
        "securityContext": {},
        "containers": [
            {
                "name": "coredns",
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]},
                },
            }
        ],
    }
    pod = {"metadata": {}, "spec": spec}
    assert violations(pod, "baseline") == []
    assert [reason for reason, _ in violations(pod, "restricted")] == ["runAsNonRoot != true", "seccompProfile"]
