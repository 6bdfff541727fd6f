"""All kinds of faults, checks and gates that a scenario can name."""

from collections.abc import Iterable

from lab.checks import admission, etcd, flows, forwarding, gates
from lab.core.load import Catalog
from lab.core.scenario import FaultSpec
from lab.faults.admission import Admission
from lab.faults.base import Fault, Site
from lab.faults.etcd_quota import EtcdQuota
from lab.faults.forwarding import Forwarding
from lab.faults.policy import Policy

__all__ = ["CATALOG", "CHECKS", "FAULTS", "GATES", "faults_at"]

FAULTS: dict[str, type[Fault]] = {fault.kind: fault for fault in (EtcdQuota, Forwarding, Policy, Admission)}
CHECKS = {**etcd.KINDS, **forwarding.KINDS, **flows.KINDS, **admission.KINDS}
GATES = gates.KINDS
#: The models of their parameters.
CATALOG = Catalog(
    faults={kind: fault.parameter_model for kind, fault in FAULTS.items()},
    checks={kind: check.parameter_model for kind, check in CHECKS.items()},
    gates={kind: gate.parameter_model for kind, gate in GATES.items()},
)


def faults_at(site: Site, specs: Iterable[FaultSpec]) -> dict[str, Fault]:
    """Return the faults that a scenario names, at a cluster, by their names."""
    made = {}
    for spec in specs:
        kind = FAULTS[spec.kind]
        made[spec.name] = kind(site, kind.parameter_model.model_validate(spec.parameters))
    return made
