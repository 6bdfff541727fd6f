"""All kinds of faults, checks and gates that a scenario can name."""

from lab.checks import admission, etcd, flows, forwarding, gates
from lab.faults.admission import Admission
from lab.faults.base import Fault
from lab.faults.etcd_quota import EtcdQuota
from lab.faults.forwarding import Forwarding
from lab.faults.policy import Policy

__all__ = ["CHECKS", "FAULTS", "GATES"]

FAULTS: dict[str, type[Fault]] = {fault.kind: fault for fault in (EtcdQuota, Forwarding, Policy, Admission)}
CHECKS = {**etcd.KINDS, **forwarding.KINDS, **flows.KINDS, **admission.KINDS}
GATES = gates.KINDS
