"""The auditor's finding: IP forwarding is off on every node, and a timer or a service keeps it off."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from lab.baseline import IPV4_FORWARD
from lab.cluster.base import Node
from lab.faults.base import NAME, Evidence, Fault, NotSeenError, Parameters, Site, Stage, StaticPodEdit, Step, Undo
from lab.flows import WORKLOAD, Flow, FlowResult, probes, run_flows
from lab.patience import poll
from lab.progress import Progress

__all__ = ["Forwarding"]

#: A file that a boot reads, and whose name the checks find in a unit.
_SETTINGS_FILE = r"^/(etc|usr/local/lib)/sysctl\.d/[a-z0-9][-a-z0-9]*\.conf$"

_ONCE = """\
[Unit]
Description=Audit finding @NUMBER@, remediation

[Service]
Type=oneshot
ExecStart=/usr/sbin/sysctl -q -p @FILE@
"""
_TIMER = """\
[Unit]
Description=Audit finding @NUMBER@, kept closed

[Timer]
OnActiveSec=1s
OnUnitActiveSec=5s
AccuracySec=1s

[Install]
WantedBy=timers.target
Also=@UNIT@.service
"""
_SCRIPT = """\
#!/bin/bash
# Finding @NUMBER@ opens itself again. It is closed every five seconds. -- the auditor
while sleep 5; do
  /usr/sbin/sysctl -q -w @SETTINGS@
done
"""
_SERVICE = """\
[Unit]
Description=Audit finding @NUMBER@, kept closed

[Service]
ExecStart=@SCRIPT@
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
"""


class _Parameters(Parameters):
    #: A workload with a pod on each node, and a Service of the same name, that no policy concerns.
    probes: Annotated[str, Field(pattern=WORKLOAD)]
    #: The number of the finding, and the name of its units.
    number: Annotated[str, Field(pattern=r"^[0-9]{4}$")] = "0427"
    unit: Annotated[str, Field(pattern=NAME)] = "audit-0427"
    #: The file with the setting.
    file: Annotated[str, Field(pattern=_SETTINGS_FILE)] = "/etc/sysctl.d/99-audit-0427.conf"
    #: What keeps forwarding off: a timer applies the file again, or a service sets it by itself.
    keeper: Literal["timer", "service"] = "timer"
    #: A second file with the setting, on one node only; empty: there is none.
    second: Annotated[str, Field(pattern=f"{_SETTINGS_FILE}|^$")] = ""
    second_on: Literal["control-plane", "worker"] = "worker"
    #: Before the system's pods are gone, when etcd is full, or after all other faults.
    when: Literal["early", "middle", "late"] = "middle"


#: When the finding is closed -> the stage. Not before policies show: without forwarding, nobody could tell.
_STAGES = {"early": Stage.EARLY_NODES, "middle": Stage.NODES, "late": Stage.LATE_NODES}


class Forwarding(Fault):
    """`net.ipv4.ip_forward=0` in force, at boot and on a timer; likewise IPv6 if the node had it on."""

    kind = "forwarding"
    parameter_model = _Parameters

    def __init__(self, site: Site, parameters: _Parameters) -> None:
        super().__init__(site, parameters)
        self.given = parameters
        self.seen_after = _STAGES[parameters.when]
        self.path = f"/etc/systemd/system/{parameters.unit}"
        self.script = f"/usr/local/sbin/{parameters.unit}"

    def verify_baseline(self) -> None:
        """Check that every node forwards."""
        for node in self.cluster.nodes:
            if _value(node) != "1":
                raise NotSeenError(f"{node.name} does not forward packets already.", remedy="Run: kluster reset")

    def injection(self) -> Iterable[Step[Stage] | StaticPodEdit[Stage]]:
        """Close the finding on each node."""
        yield Step(self.seen_after, "switch forwarding off on every node, and keep it off", self._switch_off)

    def observe(self) -> Evidence:
        """Observe that no probe reaches a probe on another node."""
        found = ""

        def cut_off() -> list[FlowResult] | None:
            nonlocal found
            values = {node.name: _value(node) for node in self.cluster.nodes}
            found = f"{IPV4_FORWARD} is {', '.join(f'{value} on {name}' for name, value in values.items())}"
            if set(values.values()) != {"0"}:
                return None
            sources = probes(self.cluster, self.given.probes)
            address = self.baseline.services[self.given.probes]
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
        given, keys = self.given, self.baseline.forwarding_keys(node.name)
        settings = "".join(f"{key} = 0\n" for key in keys)
        files = [given.file, *([given.second] if self._is_worse(node) else [])]
        for file in files:
            node.write_file(
                file,
                f"# Finding {given.number}: a server must not act as a router.\n"
                "# Remediated on every node, verified, closed. -- the auditor\n" + settings,
            )
        if given.keeper == "timer":
            node.write_file(f"{self.path}.service", self._filled(_ONCE))
            node.write_file(f"{self.path}.timer", self._filled(_TIMER))
        else:
            values = " ".join(f"{key}=0" for key in keys)
            node.write_file(self.script, self._filled(_SCRIPT).replace("@SETTINGS@", values), mode=0o755)
            node.write_file(f"{self.path}.service", self._filled(_SERVICE))
        enable = f"systemctl enable -q --now {given.unit}.{given.keeper}"
        script = f"sysctl -q -p {' '.join(files)} && systemctl daemon-reload && {enable}"
        node.run(["bash", "-c", script]).check()

    def _is_worse(self, node: Node) -> bool:
        """Whether `node` is the one with the second file."""
        is_control_plane = node.name == self.node.name
        return bool(self.given.second) and is_control_plane == (self.given.second_on == "control-plane")

    def _filled(self, text: str) -> str:
        given = self.given
        words = {"@NUMBER@": given.number, "@FILE@": given.file, "@UNIT@": given.unit, "@SCRIPT@": self.script}
        for word, value in words.items():
            text = text.replace(word, value)
        return text

    def _switch_on(self, _: Progress) -> None:
        with self.cluster.control_plane.time.side_by_side(len(self.cluster.nodes)) as pool:
            list(pool.map(self._switch_on_at, self.cluster.nodes))

    def _switch_on_at(self, node: Node) -> None:
        keys = self.baseline.forwarding_keys(node.name)
        settings = " ".join(f"{key}=1" for key in keys)
        script = (
            f"systemctl disable -q --now {self.given.unit}.{self.given.keeper} 2>/dev/null;"
            f"systemctl stop {self.given.unit}.service 2>/dev/null;"
            f"rm -f {self.path}.service {self.path}.timer {self.script} {self.given.file} {self.given.second};"
            f"systemctl daemon-reload; sysctl -q -w {settings}"
        )
        node.run(["bash", "-c", script]).check()


def _value(node: Node) -> str:
    return node.run(["sysctl", "-n", IPV4_FORWARD]).check().stdout.strip()
