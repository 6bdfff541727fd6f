"""The janitor's proof of concept: an etcd quota too small under churn, then "removed" or mistyped."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import Field

from lab.cluster.tools import api, etcd, static_pods
from lab.cluster.tools.containers import containers
from lab.errors import LabError
from lab.faults.base import NAME, Evidence, Fault, NotSeenError, Parameters, Site, Stage, StaticPodEdit, Step, Undo
from lab.faults.churn import BYTES_PER_ROUND, ROUNDS_AT_ONCE, Churn
from lab.patience import poll
from lab.progress import Progress

__all__ = ["EtcdQuota", "with_quota"]

MIB = 1024 * 1024
_MANIFEST = static_pods.manifest("etcd")
_FLAG = "--quota-backend-bytes="


class _Parameters(Parameters):
    quota_mib: Annotated[int, Field(ge=16, le=2048)] = 48
    janitor: Literal["quota", "removed"] = "removed"
    #: In the form `removed`: what is left as the flag's value. etcd does not start with it.
    left: Annotated[str, Field(pattern=r"^([0-9]+[A-Za-z]+)?$")] = ""
    replicas: Annotated[int, Field(ge=0, le=350)] = 20
    #: The namespace of the proof of concept, and the name of the service that keeps writing.
    namespace: Annotated[str, Field(pattern=NAME)] = "poc"
    service: Annotated[str, Field(pattern=NAME)] = "janitor"


class EtcdQuota(Fault):
    """A quota that the churn fills, which raises NOSPACE. In the form `removed`, etcd also stops starting."""

    kind = "etcd-quota"
    parameter_model = _Parameters
    seen_after = Stage.LAST

    def __init__(self, site: Site, parameters: _Parameters) -> None:
        super().__init__(site, parameters)
        self.quota = parameters.quota_mib * MIB
        self.removed = parameters.janitor == "removed"
        self.left = parameters.left
        self.replicas = parameters.replicas
        self.churn = Churn(self.node, parameters.namespace, parameters.service)

    def verify_baseline(self) -> None:
        """Check that etcd works and has no alarm."""
        alarms = etcd.alarms(self.node)
        if alarms:
            raise NotSeenError(f"etcd has an alarm already: {', '.join(alarms)}.", remedy="Run: kluster reset")

    def injection(self) -> Iterable[Step[Stage] | StaticPodEdit[Stage]]:
        """Lower the quota, fill it, leave the churn running, and remove the setting in the wrong way."""
        yield StaticPodEdit(
            Stage.STATIC_PODS, "give etcd a small quota", "etcd", lambda: self._manifest(str(self.quota))
        )
        yield Step(Stage.CHURN, "run the proof of concept until etcd is full", self._fill)
        if self.removed:
            yield StaticPodEdit(
                Stage.LAST,
                f"{'raise' if self.left else 'remove'} the quota, the wrong way",
                "etcd",
                lambda: self._manifest(self.left),
                works=False,
            )

    def observe(self) -> Evidence:
        """Observe the alarm or, in the form `removed`, etcd's usage text in the log of an ended container."""
        return self._observe_exit() if self.removed else self._observe_alarm()

    def reversal(self) -> Iterable[Step[Undo] | StaticPodEdit[Undo]]:
        """Stop the churn, restore etcd's manifest, make room, and remove the churn's objects."""
        yield Step(Undo.NODES, "stop the janitor", lambda _: self.churn.stop())
        yield StaticPodEdit(
            Undo.NODES,
            "restore etcd's manifest",
            "etcd",
            self._restored,
            is_done=lambda: self.runs_as_before("etcd"),
        )
        yield Step(Undo.STORE, "compact, defragment, disarm", lambda _: etcd.make_room(self.node))
        yield Step(Undo.OBJECTS, "remove the proof of concept", lambda _: self.churn.remove())

    def _manifest(self, quota: str) -> Mapping[str, str]:
        return {_MANIFEST: with_quota(self.node.read_file(_MANIFEST), quota)}

    def _restored(self) -> Mapping[str, str]:
        return {_MANIFEST: self.baseline.nodes[self.node.name].files[_MANIFEST]}

    def _fill(self, progress: Progress) -> None:
        self.churn.begin(self.replicas)
        start = etcd.status(self.node).size
        # Twice the quota is more than enough: each written byte stays in the history until compaction.
        most = 2 * self.quota // BYTES_PER_ROUND + 2
        for _ in range(0, most, ROUNDS_AT_ONCE):
            if self.churn.write():
                break
            size = etcd.status(self.node).size
            progress.advance(min((size - start) / (self.quota - start), 1.0), f"{size / MIB:.0f} MiB")
        if "NOSPACE" not in etcd.alarms(self.node):
            raise NotSeenError("etcd was filled, but it raised no alarm.")
        self.churn.go_on()

    def _observe_alarm(self) -> Evidence:
        health = self.node.run(["curl", "-s", "-m", "3", "http://127.0.0.1:2381/health"]).stdout
        write = api.kubectl(self.node, "create", "configmap", "kluster-canary", "-n", "default", timeout=6)
        if "NOSPACE" not in health or "database space exceeded" not in write.stderr:
            raise NotSeenError("etcd's alarm was not seen.", f"{health}\n{write.stderr}")
        return Evidence("etcd's health port, and a write", f"{health.strip()}; {write.stderr.strip()}")

    def _observe_exit(self) -> Evidence:
        def exited() -> str | None:
            ours = [
                c for c in containers(self.node, stopped=True) if c.name == "etcd" and c.namespace == "kube-system"
            ]
            if not ours or ours[0].running:
                return None
            log = self.node.run(["crictl", "logs", "--tail", "200", ours[0].id])
            said = re.search(r"(invalid value .*quota-backend-bytes[^\n]*)", log.stderr + log.stdout)
            return said.group(1) if said else None

        said = poll(exited, timeout=30, time=self.node.time)
        if said is None:
            raise NotSeenError("The quota was removed, but etcd did not fail.")
        return Evidence("crictl logs of etcd's last container", said.strip())


def with_quota(manifest: str, quota: str) -> str:
    """Return etcd's `manifest` (YAML as kubeadm writes it) with the quota flag set to `quota` (may be empty)."""
    flag = f"    - {_FLAG}{quota}\n"
    if _FLAG in manifest:
        return re.sub(rf"^ *- {_FLAG}.*\n", flag, manifest, flags=re.MULTILINE)
    changed = re.sub(r"^    - etcd\n", lambda m: m.group() + flag, manifest, count=1, flags=re.MULTILINE)
    if changed == manifest:
        raise LabError("etcd's manifest is not as kubeadm writes it.", "Its command was not found.")
    return changed
