"""The churn that fills etcd: rewritten ConfigMaps, pods that fit no node, and a service that keeps writing."""

import json
from dataclasses import dataclass

from lab.cluster.base import Node
from lab.cluster.tools import api

__all__ = ["BYTES_PER_ROUND", "ROUNDS_AT_ONCE", "Churn"]

_OBJECTS = 6
_OBJECT_BYTES = 900_000
#: Bytes that one round of rewriting all ConfigMaps adds to etcd's history.
BYTES_PER_ROUND = _OBJECTS * _OBJECT_BYTES
ROUNDS_AT_ONCE = 4
#: Seconds within which etcd must be full, or a namespace must be gone.
_LIMIT = 120.0

#: A loop rewrites each ConfigMap of the namespace $1; it prints `full` once etcd refuses a write.
_WRITE = f"""
space=$1
pad=$(head -c {_OBJECT_BYTES} /dev/zero | tr '\\0' .)
rewrite() {{
  for round in $(seq {ROUNDS_AT_ONCE}); do
    {{
      printf '{{"apiVersion":"v1","kind":"ConfigMap",'
      printf '"metadata":{{"name":"%s-%s","namespace":"%s"}},' "$space" "$1" "$space"
      printf '"data":{{"state":"%s%s"}}}}' "$round" "$pad"
    }} >"/tmp/$space-$1"
    kubectl replace --raw "/api/v1/namespaces/$space/configmaps/$space-$1" -f "/tmp/$space-$1" 2>&1 >/dev/null ||
      break
  done
  rm -f "/tmp/$space-$1"
}}
said=$(for i in $(seq {_OBJECTS}); do rewrite "$i" & done; wait)
case "$said" in
  '') ;;
  *'database space exceeded'*) echo full ;;
  *) printf '%s\\n' "$said" >&2; exit 1 ;;
esac
"""

_JANITOR = """\
#!/bin/bash
# Keeps the state of the proof of concept fresh. 350 pods and counting! -- the janitor
export KUBECONFIG=/etc/kubernetes/admin.conf
sweepings=/api/v1/namespaces/@SPACE@/configmaps/sweepings
while sleep 2; do
  {
    printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"sweepings","namespace":"@SPACE@"},'
    printf '"data":{"state":"%s"}}' "$(head -c 300000 /dev/urandom | base64 -w0)"
  } | kubectl replace --raw "$sweepings" --request-timeout=5s -f - >/dev/null 2>&1
done
"""

_SERVICE = """\
[Unit]
Description=Janitor: keeps the proof of concept tidy
After=kubelet.service

[Service]
ExecStart=@SCRIPT@
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True, slots=True)
class Churn:
    """The proof of concept on the control plane `node`: its `namespace`, and its systemd unit's name."""

    node: Node
    namespace: str = "poc"
    unit: str = "janitor"

    @property
    def _script(self) -> str:
        return f"/usr/local/sbin/{self.unit}"

    @property
    def _service(self) -> str:
        return f"/etc/systemd/system/{self.unit}.service"

    def begin(self, replicas: int) -> None:
        """Create the namespace, its ConfigMaps, and a Deployment of `replicas` pods that fit no node."""
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
            "metadata": {"name": "load", "namespace": self.namespace},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {
                        "nodeSelector": {self.namespace: "retired"},
                        "automountServiceAccountToken": False,
                        "securityContext": restricted,
                        "containers": [container],
                    },
                },
            },
        }
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}
        names = [*(f"{self.namespace}-{number}" for number in range(1, _OBJECTS + 1)), "sweepings"]
        maps = [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": self.namespace}}
            for name in names
        ]
        items = [namespace, *maps, deployment]
        self._wait_for_the_last_one()
        api.apply(self.node, json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))

    def _wait_for_the_last_one(self) -> None:
        """Wait until a proof of concept that a reset has just removed is gone.

        Its namespace accepts nothing new before.
        """
        asked = api.kubectl(
            self.node, "get", "namespace", self.namespace, "--ignore-not-found", "-o", "jsonpath={.status.phase}"
        ).check()
        if asked.stdout == "Terminating":
            gone = f"namespace/{self.namespace}"
            api.kubectl(self.node, "wait", "--for=delete", gone, "--timeout=110s", timeout=_LIMIT).check()

    def write(self) -> bool:
        """Rewrite all ConfigMaps a few times; return whether etcd is full now."""
        written = self.node.run(["bash", "-c", _WRITE, "write", self.namespace], timeout=_LIMIT)
        return "full" in written.check().stdout

    def go_on(self) -> None:
        """Install a service that keeps rewriting a ConfigMap (about 200 kB a second)."""
        self.node.write_file(self._script, _JANITOR.replace("@SPACE@", self.namespace), mode=0o755)
        self.node.write_file(self._service, _SERVICE.replace("@SCRIPT@", self._script))
        script = f"systemctl daemon-reload && systemctl enable -q --now {self.unit}.service"
        self.node.run(["bash", "-c", script]).check()

    def stop(self) -> None:
        """Stop and remove that service. It is safe to call this again."""
        script = (
            f"systemctl disable -q --now {self.unit}.service 2>/dev/null; "
            f"rm -f {self._service} {self._script} && systemctl daemon-reload"
        )
        self.node.run(["bash", "-c", script]).check()

    def remove(self) -> None:
        """Remove the namespace with everything that the churn wrote, without waiting for its end."""
        api.kubectl(self.node, "delete", "namespace", self.namespace, "--ignore-not-found", "--wait=false").check()
