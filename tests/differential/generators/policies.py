"""Random NetworkPolicies over the lab's pods, and every flow between pods, nodes and Services.

A question's script applies its policies, waits until they are in force, and prints a line for each flow: the
source, the target, and `open` or `closed`. Sources on the worker are asked by the script of the same name there.
"""

import json
from typing import Any

from hypothesis import strategies as st

from tests.differential.generators.values import Draw
from tests.differential.model import Area, Question

__all__ = ["AREA"]

#: Programs of the node that know its pods: `flows` asks each source of this node for each target.
_SETUP = r"""
cat >/root/flows <<'END'
shopt -s nullglob
targets=$(cat /root/targets)
ask() { # PROCESS SOURCE
  for target in $targets; do
    (if nsenter -t $1 -n curl -s -o /dev/null -m 1 http://${target#*=}/; then echo "$2 ${target%%=*} open"
    else echo "$2 ${target%%=*} closed"; fi) &
  done
  wait
}
for name in web db client probe; do
  for id in $(crictl ps -q --name "^$name\$"); do
    ask $(crictl inspect -o go-template --template '{{.info.pid}}' $id) $name@$1 &
  done
done
ask 1 node@$1 &
wait
END
address() { kubectl -n $1 get pod -l app=$2 --field-selector spec.nodeName=$3 -o jsonpath='{.items[0].status.podIP}'; }
control=$(hostname); worker=${control%-control-plane}-worker
{ echo web=$(address shop web $worker):8080 db=$(address shop db $worker):5432
for node in $control $worker; do echo probe@${node##*-}=$(address stage probe $node):8080; done
for each in shop/web shop/db; do # a Service with one endpoint: no chance
  echo service-${each#*/}=$(kubectl -n ${each%/*} get svc ${each#*/} -o jsonpath='{.spec.clusterIP}:{.spec.ports[0].port}')
done; } >/root/targets
"""
_BEFORE = "kubectl -n shop delete netpol --all; kubectl -n stage delete netpol --all"

_LABELS: tuple[dict[str, Any], ...] = (
    {}, {"matchLabels": {"app": "web"}}, {"matchLabels": {"app": "db"}}, {"matchLabels": {"app": "client"}},
    {"matchLabels": {"app": "probe"}}, {"matchLabels": {"nosuch": "x"}},
    {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "client"]}]},
    {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["db", "probe"]}]},
    {"matchExpressions": [{"key": "app", "operator": "Exists"}]},
    {"matchExpressions": [{"key": "nosuch", "operator": "DoesNotExist"}]},
    {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["db"]}]},
)  # fmt: skip
_SPACES: tuple[dict[str, Any], ...] = (
    {}, {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}, {"matchLabels": {"kubernetes.io/metadata.name": "stage"}},
    {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["shop"]}]},
    {"matchLabels": {"nosuch": "x"}},
)  # fmt: skip
_BLOCKS: tuple[dict[str, Any], ...] = (
    {"cidr": "0.0.0.0/0"}, {"cidr": "10.244.0.0/16"}, {"cidr": "10.244.0.0/24"}, {"cidr": "10.244.1.0/24"},
    {"cidr": "0.0.0.0/0", "except": ["10.244.1.0/24"]}, {"cidr": "10.96.0.0/16"}, {"cidr": "172.16.0.0/12"},
    {"cidr": "10.244.0.0/16", "except": ["10.244.0.0/24"]}, {"cidr": "1.2.3.4/32"},
)  # fmt: skip
_PORTS: tuple[dict[str, Any], ...] = (
    {"port": 8080}, {"port": "http"}, {"port": 5432}, {"port": "db"}, {"port": 80}, {"protocol": "UDP"}, {"protocol": "TCP"},
    {"port": 5000, "endPort": 6000}, {"port": 8080, "protocol": "UDP"}, {"port": 1, "endPort": 65535}, {"port": "nosuch"},
    {"protocol": "UDP", "port": 53},
)  # fmt: skip


def _peer(draw: Draw) -> dict[str, Any]:
    how = draw(st.integers(0, 3))
    if how == 0:
        return {"ipBlock": draw(st.sampled_from(_BLOCKS))}
    made: dict[str, Any] = {}
    if how != 1:
        made["namespaceSelector"] = draw(st.sampled_from(_SPACES))
    if how != 2:
        made["podSelector"] = draw(st.sampled_from(_LABELS))
    return made


def _rule(draw: Draw, side: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if draw(st.integers(0, 4)):
        made[side] = [_peer(draw) for _ in range(draw(st.sampled_from((1, 1, 2))))]
    if draw(st.booleans()):
        made["ports"] = [draw(st.sampled_from(_PORTS)) for _ in range(draw(st.sampled_from((1, 1, 2))))]
    return made


def _policy(draw: Draw, number: int) -> dict[str, Any]:
    spec: dict[str, Any] = {"podSelector": draw(st.sampled_from(_LABELS))}
    types = draw(st.sampled_from((None, ["Ingress"], ["Ingress"], ["Egress"], ["Ingress", "Egress"])))
    if types:
        spec["policyTypes"] = types
    for field, side in (("ingress", "from"), ("egress", "to")):
        if types is None or field.capitalize() in types:
            rules = draw(st.sampled_from((0, 1, 1, 2)))
            if rules or draw(st.booleans()):
                spec[field] = [_rule(draw, side) for _ in range(rules)]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"p{number}", "namespace": draw(st.sampled_from(("shop", "shop", "stage")))},
        "spec": spec,
    }


@st.composite
def _question(draw: Draw) -> Question:
    """Return one to three random policies."""
    made = [_policy(draw, number) for number in range(draw(st.sampled_from((1, 1, 2, 3))))]
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": made})
    script = f"kubectl apply -f - <<'END'\n{listed}\nEND\nsleep 2\nbash /root/flows control-plane | sort"
    return Question("policies", script, timeout=40)


AREA = Area(
    "policies",
    _question,
    setup=_SETUP,
    before=_BEFORE,
    elsewhere="bash /root/flows worker | sort",
    copied=("/root/flows", "/root/targets"),
)
