"""A node's state, read by a single command, because entering a node is the slow part."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab.baseline import IPV4_ALIAS, IPV4_FORWARD, UNITS, NodeBaseline
from lab.cluster.base import Node
from lab.cluster.tools.containers import Container, parse_containers
from lab.errors import UnreadableError

__all__ = ["NodeView", "pod_address", "read_view"]

_SETTING = r"^\s*-?([\w.*/-]+)\s*=\s*(.*?)\s*$"

#: Each section starts with a record separator (036) and its name. The boot-time settings are read from the files
#: in the order of sysctl.d(5), because `sysctl --system --dry-run` writes in spite of its name (procps 4.0.2).
_SCRIPT = f"""
addressed=$1; shift
part() {{ printf '\\036%s\\n' "$1"; }}
part containers; crictl ps -o json
part addresses
for workload in $addressed; do
  for sandbox in $(crictl pods -q --state ready --namespace "${{workload%/*}}" --name "^${{workload#*/}}-"); do
    crictl inspectp -o go-template --template '{{{{.status.id}}}} {{{{.status.network.ip}}}}' "$sandbox"; echo
  done
done
part now; sysctl -e "$@"
part boot
for folder in /etc /run /usr/local/lib /usr/lib /lib; do ls "$folder"/sysctl.d/*.conf 2>/dev/null; done |
  awk -F/ '{{print $NF, $0}}' | sort -s -k1,1 | awk '!seen[$1]++ {{print $2}}' |
  while read -r file; do cat "$file"; echo; done
part units; {UNITS}
"""


@dataclass(frozen=True, slots=True)
class NodeView:
    """The present state of one node."""

    #: Running containers, newest first.
    containers: Sequence[Container]
    #: Pod sandbox -> its address, for the pods whose addresses were asked for.
    addresses: Mapping[str, str]
    #: sysctl -> value in force.
    now: Mapping[str, str]
    #: sysctl -> value that the files would set at boot; keys that no file sets are absent.
    boot: Mapping[str, str]
    #: Services and timers that are enabled or running, and that the baseline did not have.
    new_units: Sequence[str]

    @property
    def forwards(self) -> bool:
        """Whether the node forwards IPv4 packets."""
        return self.now.get(IPV4_FORWARD) == "1"

    def runs(self, container: str, namespace: str) -> bool:
        """Whether a container of that name is running."""
        return any(c.name == container and c.namespace == namespace for c in self.containers)


def read_view(node: Node, before: NodeBaseline, addressed: Sequence[str] = ()) -> NodeView:
    """Read the present state of `node`; `before` is its baseline.

    The addresses are those of the pods of the workloads `addressed` (namespace/name).

    Raises:
        UnreadableError: its container runtime does not answer.

    """
    result = node.run(["bash", "-c", _SCRIPT, "view", " ".join(addressed), *before.sysctls], timeout=20)
    parts = dict(part.split("\n", 1) for part in result.stdout.split("\036")[1:])
    try:
        containers = parse_containers(parts.get("containers", ""))
    except ValueError:
        raise UnreadableError(f"The container runtime of {node.name} does not answer.", result.stderr) from None
    units = parts.get("units", "").split()
    return NodeView(
        containers=containers,
        addresses=dict(pair for line in parts.get("addresses", "").splitlines() if len(pair := line.split()) == 2),
        now=_settings(parts.get("now", "")),
        boot=_at_boot(parts.get("boot", "")),
        new_units=sorted(set(units) - set(before.units)),
    )


def _at_boot(text: str) -> dict[str, str]:
    """Return the settings in the files of `text`. If a key is set more than once, the last value counts."""
    found = {}
    for key, value in re.findall(_SETTING, text, re.MULTILINE):
        name = key.replace("/", ".")
        found[IPV4_FORWARD if name == IPV4_ALIAS else name] = value
    return found


def _settings(text: str) -> dict[str, str]:
    return dict(re.findall(_SETTING, text, re.MULTILINE))


def pod_address(view: NodeView, sandbox: str) -> str:
    """Return the address of the pod in `sandbox`.

    Raises:
        UnreadableError: the pod has no address.

    """
    try:
        return view.addresses[sandbox]
    except KeyError:
        raise UnreadableError("A pod has no address.", json.dumps(dict(view.addresses))) from None
