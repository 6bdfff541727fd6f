"""kubectl create for kinds without a controller in the simulator: used mostly for their YAML."""

import re

from lab.cluster.sim.api.kinds import skeleton
from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.bash.running.call import Exit, NotSimulated
from lab.cluster.sim.commands.kubectl.client import Client
from lab.cluster.sim.commands.kubectl.write import dry

__all__ = ["budget", "cron_job", "ingress", "job", "priority_class", "quota"]

_RULE = re.compile(r"(?P<host>[^/=]*)(?P<path>/[^=*]*)?(?P<prefix>\*?)=(?P<service>[^:]+):(?P<port>[^,]+)(?:,.*)?")


def _on_paper(client: Client, noun: str) -> None:
    """Refuse to create an object that does nothing here and something on a real cluster."""
    if not dry(client):
        raise NotSimulated(f"kubectl create {noun} without --dry-run")


def _required(client: Client, *names: str) -> None:
    missing = [name for name in names if not client.flags.get(name)]
    if missing:
        listed = ", ".join(f'"{name}"' for name in missing)
        raise Exit(1, f"error: required flag(s) {listed} not set")


def _pod_template(client: Client, name: str, restart: str) -> Object:
    container: Object = {"image": client.flags.get("image"), "name": name, "resources": {}}
    if client.flags.rest:
        container["command"] = client.flags.rest
    return {"metadata": {}, "spec": {"containers": [container], "restartPolicy": restart}}


def job(client: Client, name: str) -> Object:
    """Return a Job from flags; raise `Exit` with kubectl's message if they are wrong."""
    if not client.flags.get("image"):
        raise Exit(1, "error: either --image or --from must be specified")
    _on_paper(client, "job")
    return {**skeleton("Job", name), "spec": {"template": _pod_template(client, name, "Never")}, "status": {}}


def cron_job(client: Client, name: str) -> Object:
    """Return a CronJob from flags; raise `Exit` with kubectl's message if they are wrong."""
    _required(client, "image", "schedule")
    _on_paper(client, "cronjob")
    template = _pod_template(client, name, client.flags.get("restart", "OnFailure"))
    spec = {
        "jobTemplate": {"metadata": {"name": name}, "spec": {"template": template}},
        "schedule": client.flags.get("schedule"),
    }
    return {**skeleton("CronJob", name), "spec": spec, "status": {}}


def ingress(client: Client, name: str) -> Object:
    """Return an Ingress from `--rule`; raise `Exit` with kubectl's message if a rule is wrong."""
    rules: dict[str, Object] = {}
    for text in client.flags.all("rule"):
        found = _RULE.fullmatch(text)
        if not found:
            raise Exit(
                1,
                f"error: rule {text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]",
            )
        port = found["port"]
        number = {"number": int(port)} if port.isdigit() else {"name": port}
        path = {
            "backend": {"service": {"name": found["service"], "port": number}},
            "path": found["path"] or "/",
            "pathType": "Prefix" if found["prefix"] else "Exact",
        }
        rule = rules.setdefault(found["host"], {"host": found["host"], "http": {"paths": []}})
        rule["http"]["paths"].append(path)
    if not rules:
        raise Exit(
            1,
            "error: not enough information provided: every ingress has to either specify a default-backend (which "
            "catches all traffic) or a list of rules (which catch specific paths)",
        )
    found_rules = [rule if rule["host"] else {"http": rule["http"]} for rule in rules.values()]
    spec: Object = {"rules": found_rules}
    if client.flags.given("class"):
        spec["ingressClassName"] = client.flags.get("class")
    return {**skeleton("Ingress", name), "spec": spec, "status": {"loadBalancer": {}}}


def quota(client: Client, name: str) -> Object:
    """Return a ResourceQuota from `--hard`."""
    _on_paper(client, "quota")
    pairs = [pair for value in client.flags.all("hard") for pair in value.split(",") if pair]
    hard = {name: value for name, _, value in (pair.partition("=") for pair in pairs)}
    return {**skeleton("ResourceQuota", name), "spec": {"hard": hard} if hard else {}, "status": {}}


def budget(client: Client, name: str) -> Object:
    """Return a PodDisruptionBudget from flags; raise `Exit` with kubectl's message if they are wrong."""
    flags = client.flags
    if not flags.get("selector"):
        raise Exit(1, "error: a selector must be specified")
    least, most = flags.get("min-available"), flags.get("max-unavailable")
    if bool(least) == bool(most):
        raise Exit(1, "error: one of min-available or max-unavailable must be specified")
    _on_paper(client, "poddisruptionbudget")
    amount = least or most
    value = int(amount) if amount.isdigit() else amount
    spec = {
        "minAvailable" if least else "maxUnavailable": value,
        "selector": {"matchLabels": dict(pair.split("=", 1) for pair in flags.get("selector").split(","))},
    }
    status = dict.fromkeys(["currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"], 0)
    return {**skeleton("PodDisruptionBudget", name), "spec": spec, "status": status}


def priority_class(client: Client, name: str) -> Object:
    """Return a PriorityClass from flags."""
    flags = client.flags
    item: Object = {**skeleton("PriorityClass", name), "value": int(flags.get("value", "0"))}
    item["preemptionPolicy"] = flags.get("preemption-policy", "PreemptLowerPriority")
    if flags.get("description"):
        item["description"] = flags.get("description")
    if flags.on("global-default"):
        item["globalDefault"] = True
    return item
