"""Admission: checks and defaults of the API server before it stores an object."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import Kind, find
from lab.cluster.sim.api.objects import Object, dig, labels, meta, name_of, namespace_of
from lab.cluster.sim.api.pod_security import LEVELS, Violation, violations
from lab.cluster.sim.api.rules.names import path_segment_problems
from lab.cluster.sim.api.store import Store
from lab.cluster.sim.state.declared import Given, stateful
from lab.cluster.sim.timing.chance import Chance

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CLAIM_IN_USE", "Admission", "PodSecurity"]

#: Keeps a claim while a pod uses it.
CLAIM_IN_USE = "kubernetes.io/pvc-protection"

_LABEL = "pod-security.kubernetes.io/"
_TEMPLATED = {"Deployment", "DaemonSet", "ReplicaSet", "StatefulSet", "Job", "CronJob", "ReplicationController"}
_CLASSES = {"system-node-critical": 2000001000, "system-cluster-critical": 2000000000}


@dataclass
class PodSecurity:
    """The PodSecurity plugin's own configuration: levels for namespaces without labels."""

    enforce: str = "privileged"
    audit: str = "privileged"
    warn: str = "privileged"
    versions: dict[str, str] = field(default_factory=dict)
    exempt_namespaces: tuple[str, ...] = ()
    exempt_users: tuple[str, ...] = ()
    #: Whether a flag of the API server turns the plugin off.
    off: bool = False

    def level(self, mode: str, namespace: Object | None) -> tuple[str, str]:
        """Return the level and version in force in `namespace` for `mode` (enforce, audit, warn)."""
        found = labels(namespace or {})
        level = found.get(f"{_LABEL}{mode}") or getattr(self, mode)
        # A namespace with an enforce label warns at the same level, unless it has a warn label.
        if mode == "warn" and f"{_LABEL}warn" not in found and f"{_LABEL}enforce" in found:
            return self.level("enforce", namespace)
        version = found.get(f"{_LABEL}{mode}-version") or self.versions.get(mode, "latest")
        return (level if level in LEVELS else "restricted"), version


def _tell(found: list[Violation]) -> str:
    return ", ".join(f"{reason} ({detail})" for reason, detail in found)


@stateful
class Admission:
    """The admission plugins that this model needs, over one store."""

    store: Given[Store]
    chance: Given[Chance]
    pod_security: PodSecurity
    #: Gives a namespace its default objects, which its controller adds within the second that the plugin waits.
    equip: Given["Callable[[str], None]"]

    def __init__(self, store: Store, chance: Chance) -> None:
        self.store = store
        self.chance = chance
        self.pod_security = PodSecurity()
        self.equip = lambda _namespace: None

    def create(self, kind: Kind, item: Object, user: str) -> list[str]:
        """Admit a new object (in place); return warnings, or raise `ApiError`."""
        if kind.kind == "Pod":
            return self._pod_security(kind, item, user)
        return self._template_warning(kind, item, user)

    def complete(self, kind: Kind, item: Object) -> None:
        """Complete a new object (in place), before its own rules are checked; raise `ApiError` if that fails."""
        if kind.namespaced:
            self._namespace_lives(kind, item)
        if kind.kind == "Pod":
            self._service_account(kind, item)
            self._priority(kind, item)
            self._tolerations(item)
        if kind.kind == "PersistentVolumeClaim":
            finalizers = meta(item).get("finalizers") or []
            meta(item)["finalizers"] = [*finalizers, *({CLAIM_IN_USE} - set(finalizers))]

    def update(self, kind: Kind, old: Object, item: Object, user: str) -> list[str]:
        """Admit a changed object; return warnings."""
        if kind.kind == "Namespace":
            return self._relabelled(old, item)
        if old.get("spec") != item.get("spec"):
            return self._template_warning(kind, item, user)
        return []

    def _namespace(self, name: str) -> Object | None:
        kind = find("namespaces")
        return self.store.get(kind, "", name) if kind else None

    def _namespace_lives(self, kind: Kind, item: Object) -> None:
        namespace = namespace_of(item)
        found = self._namespace(namespace)
        if found is None:
            raise ApiError(404, "NotFound", f'namespaces "{namespace}" not found')
        if "deletionTimestamp" in meta(found) and kind.kind != "Event":
            raise ApiError.forbidden(
                kind, name_of(item),
                f"unable to create new content in namespace {namespace} because it is being terminated",
            )  # fmt: skip

    def _service_account(self, kind: Kind, item: Object) -> None:
        spec = item["spec"]
        if "kubernetes.io/config.mirror" in (meta(item).get("annotations") or {}):
            return
        name = spec["serviceAccountName"] = spec.get("serviceAccountName") or "default"
        spec["serviceAccount"] = name
        if problems := path_segment_problems(name):
            why = f'invalid resource name "{name}": [{" ".join(problems)}]'
            account = f"{namespace_of(item)}/{name}"
            raise ApiError.forbidden(kind, name_of(item), f"error looking up service account {account}: {why}")
        accounts = find("serviceaccounts")
        if accounts and self.store.get(accounts, namespace_of(item), name) is None:
            self.equip(namespace_of(item))
        if accounts and self.store.get(accounts, namespace_of(item), name) is None:
            raise ApiError.forbidden(
                kind, name_of(item),
                f'error looking up service account {namespace_of(item)}/{name}: serviceaccount "{name}" not found',
            )  # fmt: skip
        if spec.get("automountServiceAccountToken") is False:
            return
        volume = f"kube-api-access-{self.chance.name()}"
        spec.setdefault("volumes", []).append(_token_volume(volume))
        for container in [*(spec.get("initContainers") or []), *spec.get("containers", [])]:
            container.setdefault("volumeMounts", []).append(
                {"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": volume, "readOnly": True}
            )

    def _priority(self, kind: Kind, item: Object) -> None:
        spec, classes = item["spec"], find("priorityclasses")
        name = spec.get("priorityClassName") or ""
        found = self.store.get(classes, "", name) if classes and name else None
        if name and found is None and name not in _CLASSES:
            raise ApiError.forbidden(kind, name_of(item), f"no PriorityClass with name {name} was found")
        value = _CLASSES.get(name, 0) if found is None else found.get("value") or 0
        policy = (found or {}).get("preemptionPolicy") or "PreemptLowerPriority"
        computed = "from the given PriorityClass name"
        for key, wanted, called in (
            ("priority", value, "integer value of priority"),
            ("preemptionPolicy", policy, "string value of PreemptionPolicy"),
        ):
            if spec.get(key) not in {None, wanted}:
                told = f"the {called} ({spec[key]}) must not be provided in pod spec"
                told = f"{told}; priority admission controller computed {wanted} {computed}"
                raise ApiError.forbidden(kind, name_of(item), told)
            spec[key] = wanted

    @staticmethod
    def _tolerations(item: Object) -> None:
        spec = item["spec"]
        if "kubernetes.io/config.mirror" in (meta(item).get("annotations") or {}):
            return
        tolerations = spec.setdefault("tolerations", [])
        for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
            if not any(
                t.get("key") in {key, None} and t.get("effect") in {"NoExecute", None} for t in tolerations
            ):
                tolerations.append(
                    {"effect": "NoExecute", "key": key, "operator": "Exists", "tolerationSeconds": 300}
                )

    def _pod_security(self, kind: Kind, item: Object, user: str) -> list[str]:
        namespace = namespace_of(item)
        if self._exempt(namespace, user):
            return []
        found = self._namespace(namespace)
        level, version = self.pod_security.level("enforce", found)
        broken = violations(item, level)
        if broken:
            raise ApiError.forbidden(
                kind, name_of(item), f'violates PodSecurity "{level}:{version}": {_tell(broken)}'
            )
        return self._warning(item, found)

    def _template_warning(self, kind: Kind, item: Object, user: str) -> list[str]:
        if kind.kind not in _TEMPLATED or self._exempt(namespace_of(item), user):
            return []
        template = dig(item, "spec", "template") or dig(item, "spec", "jobTemplate", "spec", "template")
        return self._warning(template, self._namespace(namespace_of(item))) if template else []

    def _warning(self, pod: Object, namespace: Object | None) -> list[str]:
        level, version = self.pod_security.level("warn", namespace)
        broken = violations(pod, level)
        return [f'would violate PodSecurity "{level}:{version}": {_tell(broken)}'] if broken else []

    def _exempt(self, namespace: str, user: str) -> bool:
        rules = self.pod_security
        return rules.off or namespace in rules.exempt_namespaces or user in rules.exempt_users

    def _relabelled(self, old: Object, item: Object) -> list[str]:
        for key, value in labels(item).items():
            if key.startswith(_LABEL) and not key.endswith("-version") and value not in LEVELS:
                raise ApiError(
                    422, "Invalid",
                    f'Namespace "{name_of(item)}" is invalid: metadata.labels[{key}]: Invalid value: "{value}": '
                    f"must be one of {', '.join(LEVELS)}",
                )  # fmt: skip
        level, version = self.pod_security.level("enforce", item)
        if self.pod_security.level("enforce", old)[0] == level or self._exempt(name_of(item), ""):
            return []
        return self._existing(name_of(item), level, version)

    def _existing(self, namespace: str, level: str, version: str) -> list[str]:
        pods = find("pods")
        groups: dict[tuple[str, ...], list[str]] = {}
        for pod in self.store.list(pods, namespace) if pods else []:
            reasons = tuple(reason for reason, _ in violations(pod, level))
            if reasons:
                groups.setdefault(reasons, []).append(name_of(pod))
        if not groups:
            return []
        told = [
            f'existing pods in namespace "{namespace}" violate the new PodSecurity enforce level "{level}:{version}"'  # noqa: E501 -- as it is printed
        ]
        for reasons, names in sorted(groups.items(), key=lambda group: group[1][0]):
            more = len(names) - 1
            others = f" (and {more} other pod{'s' if more > 1 else ''})" if more else ""
            told.append(f"{names[0]}{others}: {', '.join(reasons)}")
        return told


def _token_volume(name: str) -> Object:
    return {
        "name": name,
        "projected": {
            "defaultMode": 420,
            "sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
                {
                    "downwardAPI": {
                        "items": [
                            {
                                "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"},
                                "path": "namespace",
                            }
                        ]
                    }
                },
            ],
        },
    }
