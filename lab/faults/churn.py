"""The churn that fills etcd: rewritten ConfigMaps, pods that fit no node, and a service that keeps writing."""

import json

from lab.cluster.base import Node
from lab.cluster.tools import api

__all__ = ["BYTES_PER_ROUND", "ROUNDS_AT_ONCE", "begin", "go_on", "remove", "stop", "write"]

NAMESPACE = "poc"
_CONFIG_MAPS = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
_OBJECTS = 6
_OBJECT_BYTES = 900_000
#: Bytes that one round of rewriting all ConfigMaps adds to etcd's history.
BYTES_PER_ROUND = _OBJECTS * _OBJECT_BYTES
ROUNDS_AT_ONCE = 4
#: Seconds within which etcd must be full, or a namespace must be gone.
_LIMIT = 120.0

_SCRIPT = "/usr/local/sbin/janitor"
_UNIT = "/etc/systemd/system/janitor.service"

#: A loop rewrites each ConfigMap; it prints `full` once etcd refuses a write.
_WRITE = f"""
pad=$(head -c {_OBJECT_BYTES} /dev/zero | tr '\\0' .)
rewrite() {{
  for round in $(seq {ROUNDS_AT_ONCE}); do
    {{
      printf '{{"apiVersion":"v1","kind":"ConfigMap",'
      printf '"metadata":{{"name":"poc-%s","namespace":"{NAMESPACE}"}},' "$1"
      printf '"data":{{"state":"%s%s"}}}}' "$round" "$pad"
    }} >"/tmp/poc-$1"
    kubectl replace --raw "{_CONFIG_MAPS}/poc-$1" -f "/tmp/poc-$1" 2>&1 >/dev/null || break
  done
  rm -f "/tmp/poc-$1"
}}
said=$(for i in $(seq {_OBJECTS}); do rewrite "$i" & done; wait)
case "$said" in
  '') ;;
  *'database space exceeded'*) echo full ;;
  *) printf '%s\\n' "$said" >&2; exit 1 ;;
esac
"""

_JANITOR = f"""\
#!/bin/bash
# Keeps the state of the proof of concept fresh. 350 pods and counting! -- the janitor
export KUBECONFIG=/etc/kubernetes/admin.conf
sweepings={_CONFIG_MAPS}/sweepings
while sleep 2; do
  {{
    printf '{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"sweepings","namespace":"{NAMESPACE}"}},'
    printf '"data":{{"state":"%s"}}}}' "$(head -c 300000 /dev/urandom | base64 -w0)"
  }} | kubectl replace --raw "$sweepings" --request-timeout=5s -f - >/dev/null 2>&1
done
"""

_SERVICE = f"""\
[Unit]
Description=Janitor: keeps the proof of concept tidy
After=kubelet.service

[Service]
ExecStart={_SCRIPT}
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
"""


def begin(node: Node, replicas: int) -> None:
    """Create the proof of concept: its namespace, its ConfigMaps, and a Deployment that fits no node."""
    restricted = {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}}
    container = {
        "name": "load",
        "image": "registry.k8s.io/e2e-test-images/agnhost:2.53",
        "args": ["pause"],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    labels = {"app": "load"}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "load", "namespace": NAMESPACE},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "nodeSelector": {"poc": "retired"},
                    "automountServiceAccountToken": False,
                    "securityContext": restricted,
                    "containers": [container],
                },
            },
        },
    }
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    names = [*(f"poc-{number}" for number in range(1, _OBJECTS + 1)), "sweepings"]
    maps = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": NAMESPACE}}
        for name in names
    ]
    items = [namespace, *maps, deployment]
    _wait_for_the_last_one(node)
    api.apply(node, json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))


def _wait_for_the_last_one(node: Node) -> None:
    """Wait until a proof of concept that a reset has just removed is gone.

    Its namespace accepts nothing new before.
    """
    asked = api.kubectl(
        node, "get", "namespace", NAMESPACE, "--ignore-not-found", "-o", "jsonpath={.status.phase}"
    ).check()
    if asked.stdout == "Terminating":
        api.kubectl(
            node, "wait", "--for=delete", f"namespace/{NAMESPACE}", "--timeout=110s", timeout=_LIMIT
        ).check()


def write(node: Node) -> bool:
    """Rewrite all ConfigMaps a few times; return whether etcd is full now."""
    return "full" in node.run(["bash", "-c", _WRITE], timeout=_LIMIT).check().stdout


def go_on(node: Node) -> None:
    """Install a service that keeps rewriting a ConfigMap (about 200 kB a second)."""
    node.write_file(_SCRIPT, _JANITOR, mode=0o755)
    node.write_file(_UNIT, _SERVICE)
    node.run(["bash", "-c", "systemctl daemon-reload && systemctl enable -q --now janitor.service"]).check()


def stop(node: Node) -> None:
    """Stop and remove that service. It is safe to call this again."""
    script = (
        "systemctl disable -q --now janitor.service 2>/dev/null; "
        f"rm -f {_UNIT} {_SCRIPT} && systemctl daemon-reload"
    )
    node.run(["bash", "-c", script]).check()


def remove(node: Node) -> None:
    """Remove the namespace with everything that the churn wrote, without waiting for its end."""
    api.kubectl(node, "delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=false").check()
