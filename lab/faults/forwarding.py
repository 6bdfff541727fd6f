"""The auditor's finding: IP forwarding is off on every node, and a timer keeps it off."""

from collections.abc import Iterable

from lab.baseline import IPV4_FORWARD
from lab.cluster.base import Node
from lab.faults.base import Evidence, Fault, NotSeenError, Stage, StaticPodEdit, Step, Undo
from lab.flows import Flow, FlowResult, probes, run_flows
from lab.patience import poll
from lab.progress import Progress

__all__ = ["Forwarding"]

FINDING = "audit-0427"
SYSCTL_FILE = f"/etc/sysctl.d/99-{FINDING}.conf"
UNIT = f"/etc/systemd/system/{FINDING}"

_SERVICE = f"""\
[Unit]
Description=Audit finding 0427, remediation

[Service]
Type=oneshot
ExecStart=/usr/sbin/sysctl -q -p {SYSCTL_FILE}
"""
_TIMER = f"""\
[Unit]
Description=Audit finding 0427, kept closed

[Timer]
OnActiveSec=1s
OnUnitActiveSec=5s
AccuracySec=1s

[Install]
WantedBy=timers.target
Also={FINDING}.service
"""


class Forwarding(Fault):
    """`net.ipv4.ip_forward=0` in force, at boot and on a timer; likewise IPv6 if the node had it on."""

    kind = "forwarding"
    seen_after = Stage.NODES

    def verify_baseline(self) -> None:
        """Check that every node forwards."""
        for node in self.cluster.nodes:
            if _value(node) != "1":
                raise NotSeenError(f"{node.name} does not forward packets already.", remedy="Run: kluster reset")

    def injection(self) -> Iterable[Step[Stage] | StaticPodEdit[Stage]]:
        """Close the finding on each node."""
        yield Step(Stage.NODES, "switch forwarding off on every node, and keep it off", self._switch_off)

    def observe(self) -> Evidence:
        """Observe that no probe reaches a probe on another node."""
        found = ""

        def cut_off() -> list[FlowResult] | None:
            nonlocal found
            values = {node.name: _value(node) for node in self.cluster.nodes}
            found = f"{IPV4_FORWARD} is {', '.join(f'{value} on {name}' for name, value in values.items())}"
            if set(values.values()) != {"0"}:
                return None
            sources = probes(self.cluster, "stage", "probe")
            address = self.baseline.services["stage/probe"]
            results = run_flows([Flow(source, f"http://{address}/", limit=2) for source in sources])
            found += "; " + ("; ".join(str(result) for result in results) or "no probe could send a request")
            # The Service also has an endpoint on the probe's own node, which needs forwarding as well.
            return results if results and not any(result.connected for result in results) else None

        results = poll(cut_off, timeout=30, time=self.node.time)
        if results is None:
            raise NotSeenError(
                "Forwarding was switched off, but traffic between pods did not stop.",
                f"In the end: {found}.",
            )
        asked = f"{IPV4_FORWARD} on every node, and curl http://probe from each probe"
        return Evidence(asked, "0; " + "; ".join(str(result) for result in results))

    def reversal(self) -> Iterable[Step[Undo] | StaticPodEdit[Undo]]:
        """Remove the finding's files and units and turn forwarding on."""
        yield Step(Undo.NODES, "switch forwarding on again", self._switch_on)

    def _switch_off(self, _: Progress) -> None:
        with self.cluster.control_plane.time.side_by_side(len(self.cluster.nodes)) as pool:
            list(pool.map(self._switch_off_at, self.cluster.nodes))

    def _switch_off_at(self, node: Node) -> None:
        settings = "".join(f"{key} = 0\n" for key in self.baseline.forwarding_keys(node.name))
        node.write_file(
            SYSCTL_FILE,
            "# Finding 0427: a server must not act as a router.\n"
            "# Remediated on every node, verified, closed. -- the auditor\n" + settings,
        )
        node.write_file(f"{UNIT}.service", _SERVICE)
        node.write_file(f"{UNIT}.timer", _TIMER)
        script = (
            f"sysctl -q -p {SYSCTL_FILE} && systemctl daemon-reload && systemctl enable -q --now {FINDING}.timer"
        )
        node.run(["bash", "-c", script]).check()

    def _switch_on(self, _: Progress) -> None:
        with self.cluster.control_plane.time.side_by_side(len(self.cluster.nodes)) as pool:
            list(pool.map(self._switch_on_at, self.cluster.nodes))

    def _switch_on_at(self, node: Node) -> None:
        keys = self.baseline.forwarding_keys(node.name)
        settings = " ".join(f"{key}=1" for key in keys)
        script = (
            f"systemctl disable -q --now {FINDING}.timer 2>/dev/null;"
            f"systemctl stop {FINDING}.service 2>/dev/null;"
            f"rm -f {UNIT}.service {UNIT}.timer {SYSCTL_FILE}; systemctl daemon-reload; sysctl -q -w {settings}"
        )
        node.run(["bash", "-c", script]).check()


def _value(node: Node) -> str:
    return node.run(["sysctl", "-n", IPV4_FORWARD]).check().stdout.strip()
