"""Rules that an object must satisfy before it is stored."""

from collections.abc import Callable, Iterable

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import Kind
from lab.cluster.sim.api.objects import Object, name_of
from lab.cluster.sim.api.rules import jobs, others, quotas, roles, workloads
from lab.cluster.sim.api.rules.claims import claim
from lab.cluster.sim.api.rules.ingresses import ingress
from lab.cluster.sim.api.rules.metadata import metadata_of
from lab.cluster.sim.api.rules.names import key_problems, label_problems
from lab.cluster.sim.api.rules.pods import pod
from lab.cluster.sim.api.rules.policies import policy
from lab.cluster.sim.api.rules.scalers import scaler
from lab.cluster.sim.api.rules.services import service

__all__ = ["key_problem", "label_problem", "validate"]

_RULES: dict[str, Callable[[Object, Object | None], Iterable[str]]] = {
    "ClusterRole": roles.role,
    "ClusterRoleBinding": roles.binding,
    "ConfigMap": others.config_map,
    "CronJob": jobs.cron_job,
    "DaemonSet": workloads.daemon_set,
    "Deployment": workloads.deployment,
    "HorizontalPodAutoscaler": scaler,
    "Ingress": ingress,
    "Job": jobs.job,
    "LimitRange": quotas.ranges,
    "Namespace": others.namespace,
    "NetworkPolicy": policy,
    "PersistentVolumeClaim": claim,
    "Pod": pod,
    "PodDisruptionBudget": others.disruption_budget,
    "PriorityClass": others.priority_class,
    "ReplicaSet": workloads.replica_set,
    "ResourceQuota": quotas.resource_quota,
    "Role": roles.role,
    "RoleBinding": roles.binding,
    "Secret": others.secret,
    "Service": service,
    "StatefulSet": workloads.stateful_set,
}


def validate(kind: Kind, item: Object, old: Object | None = None) -> None:
    """Raise `ApiError` unless the object may be stored."""
    causes = list(metadata_of(kind, item, old))
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
