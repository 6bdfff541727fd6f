"""Checks of the forwarding fault: on and staying on, traffic between nodes, and the state after a boot."""

import re

from lab.checks.base import CheckKind, Parameters, WorkloadName
from lab.checks.node_view import pod_address
from lab.checks.round import Round
from lab.cluster.base import Node
from lab.core.grading import Outcome
from lab.flows import Flow

__all__ = ["KINDS"]

#: Seconds that a quick check watches if no unit beyond the baseline's has to do with kernel settings.
_QUICK = 2.0
#: In a unit that has to do with kernel settings. What this misses, the thorough look and the drill see.
_SETTINGS = re.compile(r"sysctl|forward|/proc/sys|ipv[46]")


class _On(Parameters):
    seconds: float = 7.0


class _Across(Parameters):
    #: A workload with a pod on each node, and a Service of the same name.
    probes: WorkloadName


def _on(look: Round, parameters: _On) -> Outcome:
    """Check that every node forwards throughout the sample, for each protocol that the baseline had on."""
    with look.node.time.side_by_side(len(look.cluster.nodes)) as pool:
        found = list(pool.map(lambda node: _sample(look, node, parameters.seconds), look.cluster.nodes))
    wrong = [said for said in found if said]
    expected = f"on, on every node, throughout {parameters.seconds:g} s"
    if not wrong:
        return Outcome.passed("on, on every node")
    return Outcome.failed("; ".join(wrong), expected, share=1 - len(wrong) / len(found))


def _sample(look: Round, node: Node, seconds: float) -> str:
    """Return the problem at `node`, or an empty string."""
    first = seconds if look.thorough else min(seconds, _QUICK)
    wrong = _watch(look, node, first)
    if not wrong and first < seconds and any(_SETTINGS.search(text) for text in _unit_texts(look, node).values()):
        wrong = _watch(look, node, seconds - first)
    return wrong


def _watch(look: Round, node: Node, seconds: float) -> str:
    # Ends at the first reading that is not 1. The shell reads the file itself, which saves four programs per
    # reading.
    script = (
        'left=$1; shift; while for file; do v=; read -r v <"$file"; [ "$v" = 1 ] || exit 3; done; '
        "[ $left -gt 0 ]; do left=$((left - 1)); sleep 0.25; done"
    )
    files = [f"/proc/sys/{key.replace('.', '/')}" for key in look.baseline.forwarding_keys(node.name)]
    result = node.run(["sh", "-c", script, "watch", str(round(4 * seconds)), *files], timeout=2 * seconds + 8)
    if result.ok:
        return ""
    return f"off on {node.name}" if result.rc == 3 else f"{node.name} gave no answer"


def _cross_flows(look: Round, parameters: _Across) -> list[Flow]:
    """Return the flows from each probe to every other node's probe and to their Service."""
    probes = look.probes(parameters.probes)
    views = look.views()
    service = look.baseline.services[parameters.probes]
    return [
        Flow(source, url, limit=3)
        for source in probes
        for url in [
            f"http://{service}/",
            *(
                f"http://{pod_address(views[probe.node.name], probe.sandbox)}:8080/"
                for probe in probes
                if probe.node.name != source.node.name
            ),
        ]
    ]


def _cross_node(look: Round, parameters: _Across) -> Outcome:
    """Check that each probe reaches every other node's probe and the Service."""
    there = {probe.node.name for probe in look.probes(parameters.probes)}
    missing = [node.name for node in look.cluster.nodes if node.name not in there]
    if missing:
        return Outcome.failed(f"no probe runs on {', '.join(missing)}", "a probe on every node")
    results = look.flows(_cross_flows(look, parameters))
    lost = [result for result in results if not result.connected]
    if not lost:
        return Outcome.passed(f"all {len(results)} flows get through")
    return Outcome.failed(
        "; ".join(f"{r} ({r.flow.url})" for r in lost), "an answer to each request, in both directions"
    )


def _lasts(look: Round, _: Parameters) -> Outcome:
    """Check that `sysctl --system` at boot, and all enabled units, keep forwarding on."""
    found = [said for node in look.cluster.nodes if (said := _at_boot(look, node))]
    if not found:
        return Outcome.passed("it would stay on after a boot")
    return Outcome.failed("; ".join(found), "no setting, unit or timer that a boot would apply turns it off")


def _at_boot(look: Round, node: Node) -> str:
    """Return the setting that would turn forwarding off at the next boot of `node`, or an empty string.

    This reads only settings that can be read in a second. The drill at the end reboots, and its result counts.
    """
    view, units = look.views()[node.name], _unit_texts(look, node)
    set_on = any(_sets(text, "1") for text in units.values())
    for key in look.baseline.forwarding_keys(node.name):
        if view.boot.get(key, "1") != "1" and not set_on:
            return f"at boot, a file of {node.name} sets {key} = {view.boot[key]}"
    for unit, text in units.items():
        if _sets(text, "0") and not _sets(text, "1"):
            return f"{unit} of {node.name} would turn it off"
    return ""


def _unit_texts(look: Round, node: Node) -> dict[str, str]:
    """Return unit -> its text and the files that it names, for the units that the baseline of `node` lacks."""

    def read() -> dict[str, str]:
        # A timer is enabled, but its service does the work.
        return {
            unit: _text(
                node, node.run(["systemctl", "cat", unit, unit.replace(".timer", ".service")], timeout=8).stdout
            )
            for unit in look.views()[node.name].new_units
        }

    return look.once(f"units of {node.name}", read)


def _text(node: Node, unit: str) -> str:
    """Return a unit's text and the text of the files that it names, without comments."""
    paths = re.findall(r"/(?:etc|usr/local|opt|root)/[\w./-]+", unit)
    named = node.run(["cat", *sorted(set(paths))], timeout=8).stdout if paths else ""
    return re.sub(r"^\s*[#;].*$", "", f"{unit}\n{named}", flags=re.MULTILINE)


def _sets(text: str, value: str) -> bool:
    """Whether `text` sets forwarding to `value`."""
    return bool(re.search(rf"(?:ip_forward|forwarding)\s*=\s*{value}|echo\s+{value}\s*>\s*\S*forward", text))


KINDS = {
    "forwarding-on": CheckKind(_on, _On),
    "cross-node": CheckKind(_cross_node, _Across, flows=_cross_flows, addressed=lambda given: [given.probes]),
    "forwarding-lasts": CheckKind(_lasts),
}
