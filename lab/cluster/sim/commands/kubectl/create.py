"""kubectl create with a kind, expose, drain."""

import base64
import hashlib
import json
import posixpath
from collections.abc import Callable

from lab.cluster.sim.apiserver import Request
from lab.cluster.sim.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.kubectl import create_others, create_rbac
from lab.cluster.sim.commands.kubectl.change import chosen, cordon
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client, path_of
from lab.cluster.sim.commands.kubectl.write import create_files, create_raw, dry, query, tell, trial
from lab.cluster.sim.controllers.common import KIND, begun
from lab.cluster.sim.durations import parse_duration
from lab.cluster.sim.objects import Object, controller_of, dig, meta, name_of, namespace_of
from lab.cluster.sim.staticpods import MIRROR

__all__ = ["autoscale", "create", "drain", "expose"]

_Maker = Callable[[Call, Client, list[str]], Object]


async def create(call: Call, client: Client) -> int:
    """Create objects of files, or one described by flags."""
    flags = client.flags
    if flags.given("raw"):
        return await create_raw(call, client)
    if flags.given("filename") or flags.given("kustomize"):
        return await create_files(call, client)
    words = flags.words
    if not words:
        raise Exit(1, "error: must specify one of -f and -k")
    maker = _MAKERS.get(words[0])
    if maker is None and words[0] != "token":
        raise NotSimulated(f"kubectl create {words[0]}")
    if len(words) < 2:
        raise Exit(1, "error: exactly one NAME is required, got 0\nSee 'kubectl create "
                      f"{words[0]} -h' for help and examples")  # fmt: skip
    if maker is None:
        return await _token(call, client, words[1])
    return await _create(call, client, maker(call, client, words[1:]))


async def _create(call: Call, client: Client, item: Object) -> int:
    kind = KIND[item["kind"]]
    # On the client alone the namespace is written down only where it was asked for.
    if kind.namespaced and (dry(client) != "client" or client.flags.given("namespace")):
        item["metadata"]["namespace"] = client.namespace
    made = item
    if dry(client) != "client":
        try:
            made = await client.send(Request("POST", path_of(kind, client.namespace), query(client), item))
        except ApiFailure as failure:
            if (failure.status.get("reason") or kind.kind == "Namespace") and (
                failure.code == 403 or kind.kind in {"ServiceAccount", "Namespace"} or failure.status.get("reason")
            ):
                told = failure.message
                return await call.fail(_refused(kind.singular, told, failure))
            return await call.fail(f"error: failed to create {kind.singular}: {failure.message}")
    await tell(call, client, kind, made, "created")
    return 0


def _refused(noun: str, told: str, failure: ApiFailure) -> str:
    if noun in {"configmap", "secret", "deployment", "service", "serviceaccount", "role", "rolebinding"}:
        return f"error: failed to create {noun}: {told}"
    return failure.told()


def _namespace(_call: Call, _client: Client, words: list[str]) -> Object:
    return {**begun("Namespace", words[0]), "spec": {}, "status": {}}


def _account(_call: Call, _client: Client, words: list[str]) -> Object:
    return begun("ServiceAccount", words[0])


def _data(call: Call, client: Client) -> dict[str, bytes]:
    data = {}
    for value in client.flags.all("from-literal"):
        key, equals, text = value.partition("=")
        if not equals:
            raise Exit(1, f"error: invalid literal source {value}, expected key=value")
        data[key] = text.encode()
    for value in client.flags.all("from-file"):
        key, equals, path = value.partition("=")
        path = path if equals else key
        name = key if equals else posixpath.basename(path)
        try:
            data[name] = call.files.read_bytes(call.path(path))
        except FileNotFoundError:
            raise Exit(1, f"error: error reading {path}: no such file or directory") from None
    return data


def _config_map(call: Call, client: Client, words: list[str]) -> Object:
    item = begun("ConfigMap", words[0])
    data = _data(call, client)
    if data:
        item["data"] = {key: value.decode(errors="replace") for key, value in data.items()}
    return item


def _secret(call: Call, client: Client, words: list[str]) -> Object:
    makers = {"generic": _data, "tls": _tls_data, "docker-registry": _registry_data}
    if words[0] not in makers:
        raise Exit(
            1, f"error: unknown command \"{words[0]}\"\nSee 'kubectl create secret -h' for help and examples"
        )
    item = begun("Secret", words[1])
    item["data"] = {key: base64.b64encode(value).decode() for key, value in makers[words[0]](call, client).items()}
    kinds = {"tls": "kubernetes.io/tls", "docker-registry": "kubernetes.io/dockerconfigjson"}
    if kind := kinds.get(words[0], client.flags.get("type")):
        item["type"] = kind
    return item


def _tls_data(call: Call, client: Client) -> dict[str, bytes]:
    data = {}
    for key, flag in (("tls.crt", "cert"), ("tls.key", "key")):
        path = client.flags.get(flag)
        if not path:
            raise Exit(1, "error: key and cert must be specified")
        try:
            data[key] = call.files.read_bytes(call.path(path))
        except FileNotFoundError:
            raise Exit(1, f"error: Cannot read file {path}, open {path}: no such file or directory") from None
    return data


def _registry_data(_call: Call, client: Client) -> dict[str, bytes]:
    flags = client.flags
    name, word = flags.get("docker-username"), flags.get("docker-password")
    if not (name and word):
        raise Exit(1, "error: either --from-file or the combination of --docker-username, --docker-password and "
                      "--docker-server is required")  # fmt: skip
    entry = {"username": name, "password": word, "auth": base64.b64encode(f"{name}:{word}".encode()).decode()}
    if mail := flags.get("docker-email"):
        entry["email"] = mail
    server = flags.get("docker-server", "https://index.docker.io/v1/")
    return {".dockerconfigjson": json.dumps({"auths": {server: entry}}, separators=(",", ":")).encode()}


def _deployment(_call: Call, client: Client, words: list[str]) -> Object:
    flags = client.flags
    if not flags.get("image"):
        raise Exit(1, 'error: required flag(s) "image" not set')
    name = words[0]
    containers: list[Object] = [
        {"image": image, "name": image.rsplit("/", 1)[-1].partition(":")[0].partition("@")[0], "resources": {}}
        for image in flags.all("image")
    ]
    if flags.given("port"):
        containers[0]["ports"] = [{"containerPort": int(flags.get("port"))}]
    if flags.rest:
        containers[0]["command"] = flags.rest
    item = begun("Deployment", name)
    item["metadata"]["labels"] = {"app": name}
    item["spec"] = {
        "replicas": int(flags.get("replicas", "1")),
        "selector": {"matchLabels": {"app": name}},
        "strategy": {},
        "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": containers}},
    }
    item["status"] = {}
    return item


async def _token(call: Call, client: Client, account: str) -> int:
    """Print a token as the API server signs them (RFC 7519); nobody here takes it."""
    await client.get(KIND["ServiceAccount"], client.namespace, account)
    lifetime = parse_duration(client.flags.get("duration", "1h"))
    now = int(call.now())
    issuer = "https://kubernetes.default.svc.cluster.local"
    user = f"system:serviceaccount:{client.namespace}:{account}"
    claims = {"aud": [issuer], "exp": now + int(lifetime), "iat": now, "iss": issuer, "nbf": now, "sub": user}
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
    parts.append(hashlib.sha512(parts[1]).digest())
    await call.line(".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts))
    return 0


def _service(_call: Call, client: Client, words: list[str]) -> Object:
    if words[0] not in _SERVICE_TYPES:
        raise NotSimulated(f"kubectl create service {words[0]}")
    item = begun("Service", words[1])
    ports = []
    for value in client.flags.all("tcp"):
        port, _, target = value.partition(":")
        ports.append(
            {
                "name": value.replace(":", "-"),
                "port": int(port),
                "protocol": "TCP",
                "targetPort": int(target or port),
            }
        )
    item["metadata"]["labels"] = {"app": words[1]}
    item["spec"] = {"ports": ports, "selector": {"app": words[1]}, "type": _SERVICE_TYPES[words[0]]}
    item["status"] = {"loadBalancer": {}}
    return item


def _by_flags(make: Callable[[Client, str], Object]) -> _Maker:
    """Return a maker that needs a name and flags alone."""
    return lambda _call, client, words: make(client, words[0])


_SERVICE_TYPES = {"clusterip": "ClusterIP", "nodeport": "NodePort"}
_MAKERS: dict[str, _Maker] = {
    "namespace": _namespace,
    "ns": _namespace,
    "serviceaccount": _account,
    "sa": _account,
    "configmap": _config_map,
    "cm": _config_map,
    "secret": _secret,
    "deployment": _deployment,
    "deploy": _deployment,
    "service": _service,
    "svc": _service,
    "role": _by_flags(create_rbac.role),
    "clusterrole": _by_flags(create_rbac.cluster_role),
    "rolebinding": _by_flags(create_rbac.role_binding),
    "clusterrolebinding": _by_flags(create_rbac.cluster_role_binding),
    "job": _by_flags(create_others.job),
    "cronjob": _by_flags(create_others.cron_job),
    "cj": _by_flags(create_others.cron_job),
    "ingress": _by_flags(create_others.ingress),
    "ing": _by_flags(create_others.ingress),
    "quota": _by_flags(create_others.quota),
    "resourcequota": _by_flags(create_others.quota),
    "poddisruptionbudget": _by_flags(create_others.budget),
    "pdb": _by_flags(create_others.budget),
    "priorityclass": _by_flags(create_others.priority_class),
    "pc": _by_flags(create_others.priority_class),
}


async def expose(call: Call, client: Client) -> int:
    """Make a Service in front of a workload."""
    flags = client.flags
    for kind, item in await chosen(call, client, flags.words):
        selector = (
            dig(item, "spec", "selector", "matchLabels")
            or dig(item, "spec", "selector")
            or meta(item).get("labels")
        )
        ports = dig(item, "spec", "template", "spec", "containers", 0, "ports") or dig(
            item, "spec", "containers", 0, "ports"
        )
        port = flags.get("port") or (str(ports[0]["containerPort"]) if ports else "")
        if not port:
            raise Exit(
                1,
                "error: couldn't find port via --port flag or introspection\nSee 'kubectl expose -h' for help and "
                "examples",
            )
        target = flags.get("target-port", port)
        service = begun("Service", flags.get("name") or name_of(item))
        service["metadata"]["namespace"] = namespace_of(item)
        if meta(item).get("labels"):
            service["metadata"]["labels"] = dict(meta(item)["labels"])
        entry = {"port": int(port), "protocol": flags.get("protocol", "TCP"),
                 "targetPort": int(target) if target.isdigit() else target}  # fmt: skip
        service["spec"] = {"ports": [entry], "selector": selector}
        if flags.given("type"):
            service["spec"]["type"] = flags.get("type")
        service["status"] = {"loadBalancer": {}}
        made = service
        if dry(client) != "client":
            made = await client.send(
                Request("POST", path_of(KIND["Service"], namespace_of(item)), query(client), service)
            )
        await tell(call, client, KIND["Service"], made, "exposed")
        del kind
    return 0


async def autoscale(call: Call, client: Client) -> int:
    """Describe an autoscaler; none works, since there are no metrics."""
    flags = client.flags
    if int(flags.get("max", "-1")) < 1:
        raise Exit(1, "error: --max=MAXPODS is required and must be at least 1, max: " + flags.get("max", "-1"))
    if dry(client) != "client":
        raise NotSimulated("kubectl autoscale without --dry-run=client")
    for kind, item in await chosen(call, client, flags.words):
        made = begun("HorizontalPodAutoscaler", flags.get("name") or name_of(item))
        spec: Object = {"maxReplicas": int(flags.get("max"))}
        spec["scaleTargetRef"] = {"apiVersion": kind.api_version, "kind": kind.kind, "name": name_of(item)}
        if flags.given("min"):
            spec["minReplicas"] = int(flags.get("min"))
        if flags.given("cpu-percent"):
            target = {"averageUtilization": int(flags.get("cpu-percent")), "type": "Utilization"}
            spec["metrics"] = [{"resource": {"name": "cpu", "target": target}, "type": "Resource"}]
        made |= {"spec": spec, "status": {"currentMetrics": None, "desiredReplicas": 0}}
        await tell(call, client, KIND["HorizontalPodAutoscaler"], made, "autoscaled")
    return 0


async def drain(call: Call, client: Client) -> int:
    """Cordon a node and move its pods away."""
    flags = client.flags
    if not flags.words:
        raise Exit(1, "error: USAGE: kubectl drain NODE [flags]")
    code = await cordon(call, client, on=True)
    node = flags.words[0]
    pods = [p for p in await client.list(KIND["Pod"], "") if dig(p, "spec", "nodeName") == node]
    daemons = [p for p in pods if (controller_of(p) or {}).get("kind") == "DaemonSet"]
    mirrors = [p for p in pods if MIRROR in (meta(p).get("annotations") or {})]
    if daemons and not flags.on("ignore-daemonsets"):
        names = ", ".join(f"{namespace_of(p)}/{name_of(p)}" for p in daemons)
        return await call.fail(
            f'error: unable to drain node "{node}" due to error: cannot delete DaemonSet-managed Pods '
            f"(use --ignore-daemonsets to ignore): {names}, continuing command...\n"
            f"There are pending nodes to be drained:\n {node}\ncannot delete DaemonSet-managed Pods "
            f"(use --ignore-daemonsets to ignore): {names}"
        )
    if daemons:
        names = ", ".join(f"{namespace_of(p)}/{name_of(p)}" for p in daemons)
        await call.err(f"Warning: ignoring DaemonSet-managed Pods: {names}\n")
    note = trial(client)
    for pod in pods:
        if pod in daemons or pod in mirrors:
            continue
        await call.line(f"evicting pod {namespace_of(pod)}/{name_of(pod)}{note}")
        if note:
            continue
        await client.send(Request("DELETE", path_of(KIND["Pod"], namespace_of(pod), name_of(pod))))
        while call.world.store.get(KIND["Pod"], namespace_of(pod), name_of(pod)) is not None:
            await call.sleep(0.2)
        await call.line(f"pod/{name_of(pod)} evicted")
    await call.line(f"node/{node} drained{note}")
    return code
