"""kubectl create: objects described by words and flags."""

import base64
import hashlib
import json
from collections.abc import Callable

from lab.cluster.sim.api.apiserver import Request
from lab.cluster.sim.api.kinds import KIND, skeleton
from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.kubectl import create_data, create_others, create_rbac, manual
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client, path_of
from lab.cluster.sim.commands.kubectl.write import create_files, create_raw, dry, query, tell
from lab.cluster.sim.timing.durations import parse_duration

__all__ = ["create"]

_Maker = Callable[[Call, Client, list[str]], Object]


async def create(call: Call, client: Client) -> int:
    """Create objects from files, or one object from flags."""
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
        told = f"Unexpected args: [{' '.join(words)}]"
        raise Exit(1, f"error: {told}\nSee 'kubectl create -h' for help and examples")
    command = manual.deepest("create", words)
    named = len(words) - command.count(" ")
    if words[0] in {"deployment", "deploy"} and not flags.given("image"):
        raise Exit(1, 'error: required flag(s) "image" not set')
    if named != 1:
        raise Exit(1, f"error: exactly one NAME is required, got {named}\n"
                      f"See 'kubectl {command} -h' for help and examples")  # fmt: skip
    if maker is None:
        return await _token(call, client, words[1])
    return await _create(call, client, maker(call, client, words[1:]))


async def _create(call: Call, client: Client, item: Object) -> int:
    kind = KIND[item["kind"]]
    # A client-side dry run prints the namespace only if it was given.
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
    return {**skeleton("Namespace", words[0]), "spec": {}, "status": {}}


def _account(_call: Call, _client: Client, words: list[str]) -> Object:
    return skeleton("ServiceAccount", words[0])


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
    item = skeleton("Deployment", name)
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
    """Print a token as the API server signs it (RFC 7519); nobody here accepts it."""
    try:
        await client.get(KIND["ServiceAccount"], client.namespace, account)
    except ApiFailure as failure:
        return await call.fail(f"error: failed to create token: {failure.message}")
    lifetime = parse_duration(client.flags.get("duration", "1h"))
    if 0 < lifetime < 600:
        why = f"Invalid value: {int(lifetime)}: may not specify a duration less than 10 minutes"
        return await call.fail(
            'error: failed to create token: TokenRequest.authentication.k8s.io "" is invalid: '
            f"spec.expirationSeconds: {why}"
        )
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
    item = skeleton("Service", words[1])
    flags = client.flags
    headless = flags.get("clusterip") == "None"
    if words[0] != "externalname" and not flags.all("tcp") and not headless:
        raise Exit(1, "error: at least one tcp port specifier must be provided")
    if words[0] == "externalname" and not flags.given("external-name"):
        raise Exit(1, 'error: required flag(s) "external-name" not set')
    ports = [_port(value) for value in flags.all("tcp")]
    if flags.given("node-port"):
        for port in ports:
            port["nodePort"] = int(flags.get("node-port"))
    item["metadata"]["labels"] = {"app": words[1]}
    item["spec"] = {"selector": {"app": words[1]}, "type": _SERVICE_TYPES[words[0]]}
    if ports:
        item["spec"]["ports"] = ports
    if headless:
        item["spec"]["clusterIP"] = "None"
    if flags.given("external-name"):
        item["spec"]["externalName"] = flags.get("external-name")
    item["status"] = {"loadBalancer": {}}
    return item


def _port(value: str) -> Object:
    port, _, target = value.partition(":")
    if not port.isdigit():
        raise Exit(1, f'error: strconv.ParseUint: parsing "{port}": invalid syntax')
    return {
        "name": value.replace(":", "-"),
        "port": int(port),
        "protocol": "TCP",
        "targetPort": int(target or port) if (target or port).isdigit() else target,
    }


def _by_flags(make: Callable[[Client, str], Object]) -> _Maker:
    """Return a function that creates an object from a name and flags."""
    return lambda _call, client, words: make(client, words[0])


_SERVICE_TYPES = {
    "clusterip": "ClusterIP",
    "nodeport": "NodePort",
    "loadbalancer": "LoadBalancer",
    "externalname": "ExternalName",
}
_MAKERS: dict[str, _Maker] = {
    "namespace": _namespace,
    "ns": _namespace,
    "serviceaccount": _account,
    "sa": _account,
    "configmap": create_data.config_map,
    "cm": create_data.config_map,
    "secret": create_data.secret,
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
