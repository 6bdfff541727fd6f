"""The janitor's homework: Pod Security enforced as `restricted` everywhere, the system's namespaces included."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field

from lab.cluster.tools import api, static_pods
from lab.errors import LabError
from lab.faults.base import NAME, Evidence, Fault, NotSeenError, Parameters, Site, Stage, StaticPodEdit, Step, Undo
from lab.patience import poll
from lab.progress import Progress

__all__ = ["CONFIG_FILE", "Admission", "with_admission"]

FOLDER = "/etc/kubernetes/admission"
CONFIG_FILE = f"{FOLDER}/config.yaml"
_MANIFEST = static_pods.manifest("kube-apiserver")

_CONFIG = """\
# Pod Security for everybody, as the exam's book says. -- the janitor
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults:
      enforce: restricted
      enforce-version: latest
    exemptions:
      usernames: []
      runtimeClasses: []
      namespaces: [@EXEMPT@]
"""


class _Parameters(Parameters):
    #: Namespaces that the configuration exempts; those of the system's pods are not among them.
    exempt: list[Annotated[str, Field(pattern=NAME)]] = Field(default=[])


class Admission(Fault):
    """An AdmissionConfiguration that refuses the system's own pods, and the deletion of those pods."""

    kind = "admission"
    parameter_model = _Parameters
    seen_after = Stage.SYSTEM_PODS

    def __init__(self, site: Site, parameters: _Parameters) -> None:
        super().__init__(site, parameters)
        self.what = "exempting too little" if parameters.exempt else "with no exemption"
        self.configuration = _CONFIG.replace("@EXEMPT@", ", ".join(parameters.exempt))

    def verify_baseline(self) -> None:
        """Check that the API server has no such configuration."""
        if CONFIG_FILE in self.node.read_file(_MANIFEST):
            raise NotSeenError(
                "The API server has an admission configuration already.", remedy="Run: kluster reset"
            )

    def injection(self) -> Iterable[Step[Stage] | StaticPodEdit[Stage]]:
        """Configure the API server, then delete the system pods that it will not admit again."""
        yield StaticPodEdit(
            Stage.STATIC_PODS, f"enforce restricted everywhere, {self.what}", "kube-apiserver", self._enforced
        )
        yield Step(Stage.SYSTEM_PODS, "tidy the system pods away", self._delete_system_pods)

    def observe(self) -> Evidence:
        """Check that no mirror pods are listed and that the controllers' pods are refused."""

        def refused() -> str | None:
            objects = api.get(self.node, "-n", "kube-system", "pods,events")["items"]
            mirrored = [
                item["metadata"]["name"]
                for item in objects
                if item["kind"] == "Pod"
                and "kubernetes.io/config.mirror" in item["metadata"].get("annotations", {})
            ]
            messages = [
                item["message"]
                for item in objects
                if item["kind"] == "Event"
                and item.get("reason") == "FailedCreate"
                and "violates PodSecurity" in item.get("message", "")
            ]
            left = [item for item in objects if item["kind"] == "Pod" and _is_deleted(item)]
            refused = [message for message in messages if '"coredns-' in message]
            return None if mirrored or left or not refused else f"no mirror pods; {refused[0]}"

        def unless_unreadable() -> str | None:
            try:
                return refused()
            except LabError:
                return None

        # The controller manager may have lost its lease to the restart and may wait until it expires.
        answer = poll(unless_unreadable, timeout=150, time=self.node.time)
        if answer is None:
            raise NotSeenError("The system's pods were deleted, but no refusal was seen.")
        return Evidence("kubectl -n kube-system get pods,events", answer)

    def reversal(self) -> Iterable[Step[Undo] | StaticPodEdit[Undo]]:
        """Restore the API server's manifest, then make the controllers try again at once."""
        yield StaticPodEdit(
            Undo.NODES,
            "restore the API server's manifest",
            "kube-apiserver",
            self._restored,
            is_done=lambda: self.runs_as_before("kube-apiserver"),
        )
        yield Step(Undo.OBJECTS, "restore the namespaces' labels", self._restore_labels)
        yield Step(Undo.OBJECTS, "bring the system pods back", self._bring_back)

    def _enforced(self) -> Mapping[str, str]:
        return {CONFIG_FILE: self.configuration, _MANIFEST: with_admission(self.node.read_file(_MANIFEST))}

    def _restored(self) -> Mapping[str, str]:
        return {_MANIFEST: self.baseline.nodes[self.node.name].files[_MANIFEST]}

    def _delete_system_pods(self, _: Progress) -> None:
        # Forced: once etcd is full, a graceful deletion never completes.
        grace = ["--force", "--grace-period=0"]
        own = ["delete", "pods", "-n", "kube-system", *grace, "--wait=false"]
        for selector in ("k8s-app in (kube-dns, kindnet)", "tier=control-plane"):
            api.kubectl(self.node, *own, "-l", selector).check()

    def _bring_back(self, _: Progress) -> None:
        # A controller notices a change of the object itself at once, even in back-off.
        nudge = "kubectl -n kube-system annotate --all replicasets,daemonsets kluster/nudge"
        self.node.run(["bash", "-c", f"rm -rf {FOLDER} && {nudge}=now && {nudge}-"]).check()

    def _restore_labels(self, _: Progress) -> None:
        for item in api.get(self.node, "namespaces")["items"]:
            name, labels = item["metadata"]["name"], item["metadata"].get("labels", {})
            added = [
                f"{label}-"
                for label in labels
                if label.startswith("pod-security.kubernetes.io/")
                and label not in self.baseline.namespaces.get(name, {})
            ]
            if added:
                api.kubectl(self.node, "label", "namespace", name, *added).check()


def _is_deleted(pod: Mapping[str, Any]) -> bool:
    return pod["metadata"].get("labels", {}).get("k8s-app") in {"kube-dns", "kindnet"}


def with_admission(manifest: str) -> str:
    """Return the API server's `manifest` (YAML as kubeadm writes it) with the admission configuration in use."""
    if CONFIG_FILE in manifest:
        return manifest
    flag = f"    - --admission-control-config-file={CONFIG_FILE}\n"
    mount = f"    volumeMounts:\n    - mountPath: {FOLDER}\n      name: admission\n      readOnly: true\n"
    volume = (
        f"  volumes:\n  - hostPath:\n      path: {FOLDER}\n      type: DirectoryOrCreate\n    name: admission\n"
    )
    changed = re.sub(r"^    - kube-apiserver\n", lambda m: m.group() + flag, manifest, count=1, flags=re.MULTILINE)
    changed = re.sub(r"^    volumeMounts:\n", mount, changed, count=1, flags=re.MULTILINE)
    changed = re.sub(r"^  volumes:\n", volume, changed, count=1, flags=re.MULTILINE)
    if changed.count(FOLDER) != 3:
        raise LabError(
            "The API server's manifest is not as kubeadm writes it.", "Its flags or volumes were not found."
        )
    return changed
