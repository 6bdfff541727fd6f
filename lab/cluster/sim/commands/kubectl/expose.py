"""kubectl expose and autoscale: a Service or an autoscaler for a workload."""

from lab.cluster.sim.api.apiserver import Request
from lab.cluster.sim.api.kinds import KIND, Kind, skeleton
from lab.cluster.sim.api.objects import Object, dig, meta, name_of, namespace_of
from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.kubectl.change import chosen
from lab.cluster.sim.commands.kubectl.client import Client, path_of
from lab.cluster.sim.commands.kubectl.write import dry, query, tell

__all__ = ["autoscale", "expose"]

_EXPOSED = {"Deployment", "Pod", "ReplicaSet", "ReplicationController", "Service"}
_SCALED = {"Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"}


async def expose(call: Call, client: Client) -> int:
    """Create a Service for a workload."""
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
        if item.get("kind") not in _EXPOSED:
            raise Exit(1, f"error: cannot expose a {_called(item)}")
        port = flags.get("port") or (str(ports[0]["containerPort"]) if ports else "")
        if not port:
            raise Exit(
                1,
                "error: couldn't find port via --port flag or introspection\nSee 'kubectl expose -h' for help and "
                "examples",
            )
        if any(not one.isdigit() for one in port.split(",")):
            raise Exit(1, f'error: strconv.Atoi: parsing "{port}": invalid syntax')
        service = skeleton("Service", flags.get("name") or name_of(item))
        service["metadata"]["namespace"] = namespace_of(item)
        if meta(item).get("labels"):
            service["metadata"]["labels"] = dict(meta(item)["labels"])
        service["spec"] = {"ports": _exposed(port.split(","), client), "selector": selector}
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


def _called(item: Object) -> str:
    """Return an object's kind as kubectl names it: with its group."""
    group = str(item.get("apiVersion", "")).rpartition("/")[0]
    return f"{item.get('kind')}.{group}" if group else str(item.get("kind"))


def _exposed(ports: list[str], client: Client) -> list[Object]:
    """Return the Service's ports; several ports need names."""
    found = []
    for index, port in enumerate(ports, 1):
        target = client.flags.get("target-port", port)
        entry: Object = {"port": int(port), "protocol": client.flags.get("protocol", "TCP"),
                         "targetPort": int(target) if target.isdigit() else target}  # fmt: skip
        found.append({"name": f"port-{index}", **entry} if len(ports) > 1 else entry)
    return found


def _require_scaled(kind: Kind, item: Object) -> None:
    if item["kind"] not in _SCALED:
        resource = f"{kind.group}/{kind.version}, Resource={kind.plural}"
        why = f"could not find scale subresource for {resource} in discovery information"
        raise Exit(1, f"error: cannot autoscale a {_called(item)}: {why}")


async def autoscale(call: Call, client: Client) -> int:
    """Create an autoscaler; none works, since there are no metrics."""
    flags = client.flags
    if not flags.given("max"):
        raise Exit(1, 'error: required flag(s) "max" not set')
    if int(flags.get("max")) < 1:
        raise Exit(1, "error: --max=MAXPODS is required and must be at least 1, max: " + flags.get("max"))
    if int(flags.get("min", "-1")) > int(flags.get("max")):
        raise Exit(1, "error: --max=MAXPODS must be larger or equal to --min=MINPODS, "
                      f"max: {flags.get('max')}, min: {flags.get('min')}")  # fmt: skip
    for kind, item in await chosen(call, client, flags.words):
        if dry(client) != "client":
            _require_scaled(kind, item)
            raise NotSimulated("kubectl autoscale without --dry-run=client")
        made = skeleton("HorizontalPodAutoscaler", flags.get("name") or name_of(item))
        spec: Object = {"maxReplicas": int(flags.get("max"))}
        spec["scaleTargetRef"] = {"apiVersion": kind.api_version, "kind": kind.kind, "name": name_of(item)}
        if flags.given("min"):
            spec["minReplicas"] = int(flags.get("min"))
        if flags.given("cpu-percent"):
            await call.err(
                "Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format "
                "(e.g., '70%' for utilization or '500m' for milliCPU).\n"
            )
        if cpu := flags.get("cpu-percent") or flags.get("cpu"):
            target: Object = {"averageUtilization": int(cpu.rstrip("%")), "type": "Utilization"}
            if not cpu.rstrip("%").isdigit() or (flags.given("cpu") and not cpu.endswith("%")):
                raise NotSimulated(f"kubectl autoscale --cpu={cpu}")
            spec["metrics"] = [{"resource": {"name": "cpu", "target": target}, "type": "Resource"}]
        made |= {"spec": spec, "status": {"currentMetrics": None, "desiredReplicas": 0}}
        await tell(call, client, KIND["HorizontalPodAutoscaler"], made, "autoscaled")
    return 0
