"""What the API server does to an object before it validates it: fields that are off, selectors, counters."""

from lab.cluster.sim.api.objects import Object, dig, labels, meta, name_of

__all__ = ["prepare"]

_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


def prepare(item: Object, old: Object | None) -> None:
    """Prepare an object for its checks, in place."""
    spec = item.get("spec") or {}
    if item["kind"] == "Pod":
        _without_disabled(spec)
    elif item["kind"] == "CronJob":
        _without_disabled(dig(spec, "jobTemplate", "spec", "template", "spec", default={}))
    else:
        _without_disabled(dig(spec, "template", "spec", default={}))
    if item["kind"] == "Job" and old is None and not spec.get("manualSelector"):
        _select_own(item, spec)


def _without_disabled(spec: Object) -> None:
    """Drop fields of a pod whose feature gates are off in this version, if not set otherwise."""
    spec.pop("hostnameOverride", None)
    for volume in spec.get("volumes") or []:
        volume.pop("image", None)
        for source in dig(volume, "projected", "sources", default=[]):
            source.pop("clusterTrustBundle", None)
            source.pop("podCertificate", None)
    for kind in _CONTAINERS:
        for container in spec.get(kind) or []:
            container.pop("restartPolicyRules", None)
            if kind != "initContainers" or container.get("restartPolicy") != "Always":
                container.pop("restartPolicy", None)
            if container.get("lifecycle"):
                container["lifecycle"].pop("stopSignal", None)
            for entry in container.get("env") or []:
                if entry.get("valueFrom"):
                    entry["valueFrom"].pop("fileKeyRef", None)


def _select_own(item: Object, spec: Object) -> None:
    """Give a job a selector for its own pods, and its pods the labels."""
    template = spec.setdefault("template", {})
    if template.get("metadata") is None:
        template["metadata"] = {}
    found = template["metadata"]["labels"] = dict(template["metadata"].get("labels") or {})
    for lead in ("", "batch.kubernetes.io/"):
        found.setdefault(f"{lead}job-name", name_of(item))
        found.setdefault(f"{lead}controller-uid", meta(item).get("uid", ""))
    if not labels(item) or set(labels(item)) <= set(found):
        # Go's defaults let the job and its template share one map.
        meta(item)["labels"] = dict(found)
    selector = spec["selector"] = dict(spec.get("selector") or {})
    selector["matchLabels"] = {
        "batch.kubernetes.io/controller-uid": meta(item).get("uid", ""), **(selector.get("matchLabels") or {})
    }  # fmt: skip
