"""Requests to the API server, by kubectl: objects with mistakes, patches, selectors, deletions, other users."""

import json
import shlex
from typing import Any

from hypothesis import strategies as st

from tests.differential.generators.values import LAB_KINDS, OBJECTS, Draw, changed, value
from tests.differential.model import Area, Question

__all__ = ["AREA"]

#: `q` stays empty; what is really made is made in `r`, and gone before the next question.
_SETUP = "kubectl create ns q; kubectl create ns r"

_DRY = "--dry-run=server -o json"
#: Objects of the lab, and the parts of each that patches are about.
_THERE = {
    "deploy/web": "Deployment",
    "ds/client": "DaemonSet",
    "svc/web": "Service",
    "svc/db": "Service",
}
_USERS = ("bob", "system:serviceaccount:shop:default", "system:anonymous", "system:node:x", "")
_WORDS = ("app", "app=web", "app!=web", "app in (web,db)", "!app", "app notin (web)", "app=web,x", "app==db", "=", "app in web",
          "a b", "app=web,", "x>1", "app in ()", "-", "app=web=db", "!", "app=-a", "APP", "pod-template-hash,app=web")  # fmt: skip
_FIELDS = ("metadata.name=web", "metadata.namespace!=shop", "status.phase=Running", "status.phase!=Running",
           "spec.nodeName=", "metadata.labels=x", "spec.x=y", "metadata.name", "=", "metadata.name==web",
           "spec.restartPolicy=Always", "status.podIP=1.2.3.4", "type=Opaque", "metadata.name=a,metadata.name=b")  # fmt: skip
_PLURALS = ("pods", "deployments.apps", "services", "configmaps", "nodes", "namespaces", "events", "secrets",
            "daemonsets.apps", "endpointslices", "networkpolicies", "serviceaccounts")  # fmt: skip


@st.composite
def _question(draw: Draw) -> Question:
    """Return a random question."""
    makers = (
        (_made,) * 8 + (_patched,) * 5 + (_selected,) * 2 + (_raw, _as_user, _verb, _verb, _sequence, _sequence)
    )
    return Question("api", draw(st.sampled_from(makers))(draw), timeout=30)


def _item(draw: Draw) -> dict[str, Any]:
    kinds = LAB_KINDS if draw(st.booleans()) else tuple(OBJECTS)
    return OBJECTS[draw(st.sampled_from(kinds))]


def _document(text: str) -> str:
    return f"-f - <<'END'\n{text}\nEND"


def _json(item: Any) -> str:
    return json.dumps(item, ensure_ascii=False)


def _made(draw: Draw) -> str:
    item = changed(draw, _item(draw))
    verb = draw(
        st.sampled_from(("create", "create", "create --validate=false", "apply", "apply --server-side", "replace"))
    )
    return f"kubectl -n q {verb} {_DRY} {_document(_json(item))}"


def _patched(draw: Draw) -> str:
    what = draw(st.sampled_from(sorted(_THERE)))
    kind = _THERE[what]
    how = draw(st.sampled_from(("strategic", "merge", "json")))
    patch: Any
    if how == "json":
        patch = [_operation(draw, kind) for _ in range(draw(st.sampled_from((1, 1, 2))))]
    else:
        patch = _partial(draw, changed(draw, _like(kind)))
    return f"kubectl -n shop patch {what} --type={how} -p {shlex.quote(_json(patch))} {_DRY}"


def _like(kind: str) -> dict[str, Any]:
    item = json.loads(json.dumps(OBJECTS[kind]).replace('"main"', '"web"'))
    del item["metadata"]["name"]
    return {key: item[key] for key in ("kind", "metadata", "spec") if key in item}


def _partial(draw: Draw, item: dict[str, Any]) -> dict[str, Any]:
    del item["kind"]
    spec = item.get("spec")
    if isinstance(spec, dict):
        for key in ("selector", "template", "ports", "replicas"):
            if key in spec and draw(st.booleans()):
                del spec[key]
    return item


def _operation(draw: Draw, kind: str) -> dict[str, Any]:
    template = "/spec/template/spec" if kind != "Service" else "/spec"
    paths = (
        "/metadata/labels/x", "/metadata/labels/app", "/metadata/annotations", "/metadata/name", "/spec/replicas",
        "/spec/selector", f"{template}/containers/0/image", f"{template}/containers/0/args/-", f"{template}/containers/9",
        f"{template}/containers/-", "/spec/ports/0/port", "/spec/ports/-", "/spec/type", "/spec/clusterIP", "/nosuch/x",
        "/spec", "", "spec", "/metadata/labels/a~1b", "/status/replicas", "/spec/template/spec/containers/0/name",
    )  # fmt: skip
    made: dict[str, Any] = {
        "op": draw(st.sampled_from(("add", "replace", "remove", "test", "move", "copy", "nosuch"))),
        "path": draw(st.sampled_from(paths)),
    }
    if made["op"] in {"move", "copy"}:
        made["from"] = draw(st.sampled_from(paths))
    elif draw(st.integers(0, 9)):
        made["value"] = value(draw, None, "")
    return made


def _selected(draw: Draw) -> str:
    what = draw(st.sampled_from(_PLURALS))
    flags = []
    if draw(st.booleans()):
        flags.append("-l " + shlex.quote(draw(st.sampled_from(_WORDS))))
    if draw(st.booleans()):
        flags.append("--field-selector " + shlex.quote(draw(st.sampled_from(_FIELDS))))
    flags.append(draw(st.sampled_from(("-o name", "", "--show-labels", "--no-headers", "--ignore-not-found"))))
    if draw(st.integers(0, 4)) == 0:
        flags.append(f"--chunk-size={draw(st.sampled_from((0, 1, 2, 500)))}")
    cut = " | sort | sed 's/ .*//'"
    return f"kubectl -n shop get {what} {' '.join(flags)}{cut}"


def _raw(draw: Draw) -> str:
    paths = (
        "/api/v1/namespaces/shop/pods", "/api/v1/namespaces/shop/services/web", "/apis/apps/v1/namespaces/shop/deployments/web/scale",
        "/api/v1/namespaces/q/configmaps", "/api/v1/nosuch", "/apis/nosuch/v1/x", "/apis/apps/v1/namespaces/shop/deployments",
        "/api/v1/namespaces/shop/pods/nosuch", "/apis/apps/v1/namespaces/shop/deployments/web/status", "/apis/apps/v2", "/healthz/etcd",
        "/api/v1/namespaces/nosuch", "/api/v1/namespaces/shop/pods/nosuch/log", "/livez/ping", "/nosuch", "/api/v1/pods/x",
        "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies", "/apis/apps/v1/deployments/web",
    )  # fmt: skip
    queries = ("", "", "?limit=1", "?limit=-1", "?limit=x", "?labelSelector=app%3Dweb", "?labelSelector=%3D", "?fieldSelector=x%3Dy",
               "?resourceVersion=0", "?resourceVersion=x", "?continue=x", "?timeoutSeconds=x", "?watch=x", "?pretty=true",
               "?resourceVersionMatch=Exact", "?nosuch=1")  # fmt: skip
    path = draw(st.sampled_from(paths)) + draw(st.sampled_from(queries))
    verb = draw(st.sampled_from(("get", "get", "get", "delete", "create", "replace")))
    if verb == "get":
        return f"kubectl get --raw '{path}' | grep -o '\"kind\":\"[A-Za-z]*\"\\|^[a-z].*' | sort | uniq -c"
    if verb == "delete":
        return f"kubectl delete --raw '{path.replace('/shop', '/q')}'"
    body = draw(
        st.sampled_from(
            ("{}", "[]", "x", "", '{"kind":"ConfigMap"}', '{"metadata":{"name":"x"}}', '{"apiVersion":"v1"}')
        )
    )
    return f"kubectl {verb} --raw '{path.replace('/shop', '/q')}' {_document(body)}"


def _as_user(draw: Draw) -> str:
    user = draw(st.sampled_from(_USERS))
    group = draw(
        st.sampled_from(
            ("", "", " --as-group=system:masters", " --as-group=x", " --as-group=system:authenticated")
        )
    )
    what = draw(st.sampled_from(_PLURALS))
    words = draw(
        st.sampled_from((
            f"get {what} -o name", f"auth can-i list {what}", f"auth can-i '*' {what}", f"delete {what} nosuch",
            "create configmap x --from-literal=a=b --dry-run=server", "auth can-i create pods --subresource=exec",
            "get --raw /version", "get --raw /metrics", "auth can-i get /healthz", "auth whoami", "scale deploy web --replicas=1",
            "label ns shop a=b", "auth can-i nosuch nosuch",
        ))
    )  # fmt: skip
    tail = " | sort" if words.startswith("get") and "-o name" in words else ""
    return f"kubectl -n shop --as={shlex.quote(user)}{group} {words}{tail}"


def _verb(draw: Draw) -> str:
    what = draw(
        st.sampled_from(
            (
                "deploy/web",
                "ds/client",
                "svc/web",
                "deploy web",
                "rs/nosuch",
                "pod",
                "ns/shop",
                "cm/kube-root-ca.crt",
            )
        )
    )
    pairs = (
        "a=b",
        "app=web",
        "app-",
        "a",
        "a=b c",
        "A/b=c",
        "a=b a=c",
        "-a=b",
        "a/b/c=d",
        "x=" + "y" * 64,
        "nosuch-",
    )
    words = draw(
        st.sampled_from((
            f"label {what} {draw(st.sampled_from(pairs))}", f"label {what} --overwrite {draw(st.sampled_from(pairs))}",
            f"annotate {what} {draw(st.sampled_from(pairs))}",
            f"scale {what} --replicas={draw(st.sampled_from(('0', '-1', '3', 'x', '', '2147483648')))}",
            f"set image {what} {draw(st.sampled_from(('web=x', 'nosuch=x', '*=busybox', 'web=', 'x')))}",
            f"set env {what} {draw(st.sampled_from(('A=b', 'A-', '--list', 'a b=c', '1=2')))}",
            f"set resources {what} --limits={draw(st.sampled_from(('cpu=1', 'cpu=x', 'memory=1Gi,cpu=2', 'x')))}",
            f"expose {what} --port={draw(st.sampled_from(('80', '0', 'x', '80,81')))} --name={draw(st.sampled_from(('y', 'Y', '')))}",
            f"autoscale {what} --max={draw(st.sampled_from(('2', '0', 'x')))}",
            f"set selector {what} a=b", f"set serviceaccount {what} x",
        ))
    )  # fmt: skip
    return f"kubectl -n shop {words} --dry-run=server{draw(st.sampled_from(('', ' -o name', ' -o yaml')))}"


def _diff(text: str) -> str:
    return f"kubectl -n r diff -f - 2>&1 <<'END' | tail -n +4\n{text}\nEND"


_SMALL = ("ConfigMap", "Service", "NetworkPolicy", "Role", "ServiceAccount", "Secret", "Deployment")


def _sequence(draw: Draw) -> str:
    item = OBJECTS[draw(st.sampled_from(_SMALL))]
    what = f"{item['kind'].lower()}/x"
    other = changed(draw, item)
    steps = [f"kubectl -n r {draw(st.sampled_from(('create', 'apply')))} {_document(_json(item))}"]
    between = (
        f"kubectl -n r apply {_document(_json(other))}", f"kubectl -n r replace {_document(_json(other))}",
        f"kubectl -n r create {_document(_json(item))}", f"kubectl -n r label {what} a=b",
        f"kubectl -n r get {what} -o json", _diff(_json(other)),
        f"kubectl -n r apply --server-side --field-manager=m1 {_document(_json(other))}",
        f"kubectl -n r patch {what} --type=merge -p '{{\"metadata\":{{\"resourceVersion\":\"1\"}}}}'",
    )  # fmt: skip
    steps += [draw(st.sampled_from(between)) for _ in range(draw(st.sampled_from((1, 2))))]
    cascade = draw(st.sampled_from(("", " --cascade=orphan", " --cascade=foreground", " --cascade=x", " --grace-period=0",
                                    " --grace-period=0 --force", " --dry-run=server", " --now", " --wait=false")))  # fmt: skip
    steps.append(f"kubectl -n r delete {what}{cascade}")
    steps = [f"{step}\necho $?" for step in steps]
    return "\n".join([*steps, f"kubectl -n r delete {what} >/dev/null 2>&1; true"])


AREA = Area("api", _question, setup=_SETUP)
