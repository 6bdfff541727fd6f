"""Descriptions of pods and of pod templates."""

from lab.cluster.sim.api.objects import Object, dig, labels, meta, name_of, namespace_of
from lab.cluster.sim.api.tables import pod_status
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.kubectl.describing import Lines, date, event_lines, fields, mapping

__all__ = ["pod_lines", "template_lines"]


def template_lines(template: Object) -> Lines:
    """Describe a pod template."""
    spec = template["spec"]
    yield "Pod Template:"
    yield from fields({"Labels": mapping(dig(template, "metadata", "labels"))}, "  ")
    annotations = dig(template, "metadata", "annotations")
    if annotations:
        yield from fields({"Annotations": mapping(annotations, ": ")}, "  ")
    if spec.get("serviceAccountName"):
        yield f"  Service Account:\t{spec['serviceAccountName']}"
    yield "  Containers:"
    for container in spec["containers"]:
        yield f"   {container['name']}:"
        yield from (f"    {line}" for line in _container(container))
    first, *volumes = _volumes(spec)
    yield f"  {first}"
    # In a template the volumes are indented one space less than everything else.
    yield from (line if line.startswith("    ") else f" {line}" for line in volumes)
    if spec.get("priorityClassName"):
        yield f"  Priority Class Name:\t{spec['priorityClassName']}"
    yield f"  Node-Selectors:\t{_joined(spec.get('nodeSelector'))}"
    yield from fields({"Tolerations": _tolerations(spec)}, "  ")


def pod_lines(call: Call, item: Object) -> Lines:
    """Describe a pod."""
    spec, status = item["spec"], item.get("status") or {}
    node = spec.get("nodeName")
    owner = dig(item, "metadata", "ownerReferences", 0)
    profile = dig(spec, "securityContext", "seccompProfile", "type")
    found = {
        "Name": name_of(item),
        "Namespace": namespace_of(item),
        "Priority": spec.get("priority", 0),
        **({"Priority Class Name": spec["priorityClassName"]} if spec.get("priorityClassName") else {}),
        **({"Service Account": spec["serviceAccountName"]} if spec.get("serviceAccountName") else {}),
        "Node": f"{node}/{status.get('hostIP', '')}" if node else "<none>",
        **({"Start Time": date(status["startTime"])} if status.get("startTime") else {}),
        "Labels": mapping(labels(item)),
        "Annotations": mapping(meta(item).get("annotations"), ": "),
        "Status": "Terminating" if "deletionTimestamp" in meta(item) else status.get("phase", pod_status(item)),
        **({"SeccompProfile": profile} if profile else {}),
        "IP": status.get("podIP", ""),
    }
    yield from fields(found)
    yield "IPs:" if status.get("podIP") else "IPs:\t<none>"
    if status.get("podIP"):
        yield f"  IP:\t{status['podIP']}"
    if owner:
        yield f"Controlled By:\t{owner['kind']}/{owner['name']}"
    yield "Containers:"
    states = {one["name"]: one for one in status.get("containerStatuses") or []}
    for container in spec["containers"]:
        yield f"  {container['name']}:"
        yield from (f"    {line}" for line in _container(container, states.get(container["name"])))
    yield "Conditions:"
    yield "  Type\tStatus"
    for condition in status.get("conditions") or []:
        yield f"  {condition['type']} \t{condition['status']} "
    yield from _volumes(spec)
    yield f"QoS Class:\t{status.get('qosClass', 'BestEffort')}"
    yield f"Node-Selectors:\t{_joined(spec.get('nodeSelector'))}"
    yield from fields({"Tolerations": _tolerations(spec)})
    yield from event_lines(call, item)


def _joined(found: object) -> str:
    return (
        ",".join(f"{k}={v}" for k, v in sorted(found.items())) if isinstance(found, dict) and found else "<none>"
    )


def _state(state: Object) -> Lines:
    for name, parts in state.items():
        yield f"{name.capitalize()}"
        if parts.get("reason"):
            yield f"  Reason:\t{parts['reason']}"
        if parts.get("message"):
            yield f"  Message:\t{parts['message']}"
        if name == "terminated":
            yield f"  Exit Code:\t{parts['exitCode']}"
        if parts.get("startedAt"):
            yield f"  Started:\t{date(parts['startedAt'])}"
        if parts.get("finishedAt"):
            yield f"  Finished:\t{date(parts['finishedAt'])}"


def _container(container: Object, status: Object | None = None) -> Lines:  # noqa: C901 -- one case after the other
    if status:
        yield f"Container ID:\t{status.get('containerID', '')}"
    yield f"Image:\t{container.get('image')}"
    if status:
        yield f"Image ID:\t{status.get('imageID', '')}"
    ports = [f"{p['containerPort']}/{p['protocol']}" + (f" ({p['name']})" if p.get("name") else "")
             for p in container.get("ports") or []]  # fmt: skip
    hosts = [f"{p.get('hostPort', 0)}/{p['protocol']}" + (f" ({p['name']})" if p.get("name") else "")
             for p in container.get("ports") or []]  # fmt: skip
    yield f"Port{'s' if len(ports) > 1 else ''}:\t{', '.join(ports) or '<none>'}"
    yield f"Host Port{'s' if len(ports) > 1 else ''}:\t{', '.join(hosts) or '<none>'}"
    for name in ("command", "args"):
        if container.get(name):
            yield f"{name.capitalize()}:"
            yield from (f"  {word}" for word in container[name])
    if status:
        first, *rest = list(_state(status["state"])) or ["Waiting"]
        yield f"State:\t{first}"
        yield from rest
        if status.get("lastState"):
            first, *rest = list(_state(status["lastState"]))
            yield f"Last State:\t{first}"
            yield from rest
        yield f"Ready:\t{status['ready']}"
        yield f"Restart Count:\t{status['restartCount']}"
    for part in ("limits", "requests"):
        found = dig(container, "resources", part)
        if found:
            yield f"{part.capitalize()}:"
            yield from (f"  {key}:\t{value}" for key, value in sorted(found.items()))
    for name, title in (
        ("livenessProbe", "Liveness"),
        ("readinessProbe", "Readiness"),
        ("startupProbe", "Startup"),
    ):
        if container.get(name):
            yield f"{title}:\t{_probe(container[name])}"
    environment = [f"  {entry['name']}:\t{_value(entry)}" for entry in container.get("env") or []]
    yield "Environment:" if environment else "Environment:\t<none>"
    yield from environment
    mounts = [f"  {m['mountPath']} from {m['name']} ({'ro' if m.get('readOnly') else 'rw'})"
              for m in container.get("volumeMounts") or []]  # fmt: skip
    yield "Mounts:" if mounts else "Mounts:\t<none>"
    yield from sorted(mounts)


def _value(entry: Object) -> str:
    field = dig(entry, "valueFrom", "fieldRef")
    return f" ({field['apiVersion']}:{field['fieldPath']})" if field else str(entry.get("value", ""))


def _probe(probe: Object) -> str:
    http = probe.get("httpGet") or {}
    target = f"http-get {http.get('scheme', 'HTTP').lower()}://{http.get('host', '')}:{http.get('port')}{http.get('path', '')}"  # noqa: E501 -- as it is printed
    return (
        f"{target} delay={probe.get('initialDelaySeconds', 0)}s timeout={probe.get('timeoutSeconds', 1)}s "
        f"period={probe.get('periodSeconds', 10)}s #success={probe.get('successThreshold', 1)} "
        f"#failure={probe.get('failureThreshold', 3)}"
    )


def _volumes(spec: Object) -> Lines:
    volumes = spec.get("volumes") or []
    yield "Volumes:" if volumes else "Volumes:\t<none>"
    for volume in volumes:
        yield f"  {volume['name']}:"
        if "hostPath" in volume:
            yield "    Type:\tHostPath (bare host directory volume)"
            yield f"    Path:\t{volume['hostPath']['path']}"
            yield f"    HostPathType:\t{volume['hostPath'].get('type', '')}"
        elif "configMap" in volume:
            yield "    Type:\tConfigMap (a volume populated by a ConfigMap)"
            yield f"    Name:\t{volume['configMap'].get('name')}"
            yield "    Optional:\tfalse"
        elif "projected" in volume:
            yield "    Type:\tProjected (a volume that contains injected data from multiple sources)"
            yield "    TokenExpirationSeconds:\t3607"
            yield "    ConfigMapName:\tkube-root-ca.crt"
            yield "    Optional:\tfalse"
            yield "    DownwardAPI:\ttrue"


def _tolerations(spec: Object) -> list[str] | str:
    found = []
    for toleration in sorted(spec.get("tolerations") or [], key=lambda each: str(each.get("key", ""))):
        key = toleration.get("key", "")
        value = f"={toleration['value']}" if toleration.get("value") else ""
        effect = f":{toleration['effect']}" if toleration.get("effect") else ""
        exists = " op=Exists" if toleration.get("operator") == "Exists" else ""
        seconds = f" for {toleration['tolerationSeconds']}s" if "tolerationSeconds" in toleration else ""
        found.append(f"{key}{value}{effect}{exists}{seconds}".strip())
    return found or "<none>"
