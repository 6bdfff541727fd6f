"""Rules that an object must satisfy before it is stored."""

from collections.abc import Callable, Iterable

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import Kind
from lab.cluster.sim.api.objects import Object, name_of
from lab.cluster.sim.api.rules import others, workloads
from lab.cluster.sim.api.rules.metadata import metadata_of
from lab.cluster.sim.api.rules.names import key_problems, label_problems
from lab.cluster.sim.api.rules.pods import pod
from lab.cluster.sim.api.rules.policies import policy
from lab.cluster.sim.api.rules.resources import ranges, resource_quota
from lab.cluster.sim.api.rules.services import service

__all__ = ["key_problem", "label_problem", "validate"]

_RULES: dict[str, Callable[[Object, Object | None], Iterable[str]]] = {
    "ClusterRole": others.role,
    "ClusterRoleBinding": others.binding,
    "ConfigMap": others.config,
    "CronJob": workloads.cron_job,
    "DaemonSet": workloads.daemon_set,
    "Deployment": workloads.deployment,
    "HorizontalPodAutoscaler": others.scaler,
    "Ingress": others.ingress,
    "Job": workloads.job,
    "LimitRange": ranges,
    "NetworkPolicy": policy,
    "PersistentVolumeClaim": others.claim,
    "Pod": pod,
    "PodDisruptionBudget": others.disruption_budget,
    "PriorityClass": others.priority_class,
    "ReplicaSet": workloads.replica_set,
    "ResourceQuota": resource_quota,
    "Role": others.role,
    "RoleBinding": others.binding,
    "Secret": others.config,
    "Service": service,
    "StatefulSet": workloads.stateful_set,
}


def validate(kind: Kind, item: Object, old: Object | None = None) -> None:
    """Raise `ApiError` unless the object may be stored."""
    causes = list(metadata_of(kind, item))
    if rules := _RULES.get(kind.kind):
        causes += rules(item, old)
    if causes:
        raise ApiError.invalid(kind, name_of(item), *dict.fromkeys(causes))


def label_problem(value: str) -> str:
    """Return the error in a label's value, or an empty string."""
    return next(iter(label_problems(value)), "")


def key_problem(key: str) -> str:
    """Return the error in the key of a label or annotation, or an empty string."""
    return next(iter(key_problems(key)), "")
