"""The kind backend: a real cluster whose nodes are Docker containers.

Three things mark what the lab created: kind's own label, a read-only mount of the lab's mark file in every node,
and the container ids in the lab's session. Anything without them is never touched.
"""

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

from lab.cluster.base import ClusterGoneError, CommandError, NodeDownError, NodeState, Role
from lab.cluster.kind import config, process
from lab.cluster.kind.engine import Container, Engine, Network
from lab.cluster.kind.node import KindNode
from lab.cluster.tools import toolbox
from lab.errors import LabError, UsageProblem
from lab.progress import Progress, step

__all__ = ["OFFLINE_IMAGE", "KindCluster", "choose_image"]

#: The node image of `make node-image`, for machines that reach no image registry.
OFFLINE_IMAGE = "kindest/node:v1.34.4-offline"

_CLUSTER_LABEL = "io.x-k8s.kind.cluster"
_ROLE_LABEL = "io.x-k8s.kind.role"
_NETWORK_LABEL = "kluster.lab"
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?")

_CREATE_LIMIT = 600
_READY_LIMIT = 120
_START_LIMIT = 120
_GONE_LIMIT = 30


def choose_image(engine: Engine, asked: str | None, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the node image: `asked`, `KLUSTER_NODE_IMAGE`, the offline one, or `None` for kind's default.

    The offline image is used if it exists and kind's default image does not.
    """
    if chosen := asked or environ.get("KLUSTER_NODE_IMAGE"):
        return chosen
    if not engine.has_image(OFFLINE_IMAGE):
        return None
    default = process.default_image()
    return None if default and engine.has_image(default) else OFFLINE_IMAGE


class KindCluster:
    """A cluster made by kind. `folder` is the lab's own: it holds config, kubeconfig, mark and kind's log."""

    backend: Literal["kind"] = "kind"

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        image: str | None = None,
        nodes: Sequence[Role] = ("control-plane", "worker"),
        network: str | None = None,
        engine: Engine | None = None,
    ) -> None:
        if not _NAME.fullmatch(name):
            raise UsageProblem(
                f"'{name}' can't be a lab's name.",
                remedy="Use lower-case letters, digits and dashes, at most 40, not a dash at either end.",
            )
        if nodes.count("control-plane") != 1:
            raise UsageProblem("A lab has one control-plane node.", f"asked for: {', '.join(nodes)}")
        self.name = name
        self.folder = folder
        self.network = network or f"kluster-{name}"
        self._image = image
        #: The same engine for kind and the SDK.
        self.engine = engine or Engine()
        self.nodes: Sequence[KindNode] = self._named_nodes(nodes)

    def _named_nodes(self, roles: Sequence[Role]) -> list[KindNode]:
        """Names as kind gives them: the second node of a role and later ones have a number."""
        named, seen = [], dict.fromkeys(roles, 0)
        for role in sorted(roles):
            seen[role] += 1
            number = "" if seen[role] == 1 else str(seen[role])
            named.append(KindNode(self.engine, f"{self.name}-{role}{number}", role, self._container_id))
        return named

    @property
    def control_plane(self) -> KindNode:
        """The node that etcd and the API server run on."""
        return self.nodes[0]

    @property
    def kubeconfig(self) -> Path:
        """The lab's own kubeconfig; the user's is neither read nor written."""
        return self.folder / "kubeconfig"

    @property
    def mark(self) -> Path:
        """The file whose mount marks the lab's own nodes."""
        return self.folder / "mark"

    def create(self, progress: Progress) -> None:
        """Make the cluster and wait until its nodes are Ready, or leave nothing behind and raise `LabError`."""
        with step(progress, "Looking for a free place"):
            for program in ("kind", "docker"):
                process.find_program(program)
            self._require_free()
            image = choose_image(self.engine, self._image)
        try:
            config = self._write_files()
            self._make_network()
            self._run_kind(config, image, progress)
            with step(progress, "Equipping the nodes"), ThreadPoolExecutor(1) as waiting:
                ready = waiting.submit(self._wait_until_ready)
                for warning in toolbox.install(self.nodes):
                    progress.note(warning)
                ready.result()
            self._note_addresses()
        except BaseException as problem:
            self._clean_up_after(problem, progress)
            raise

    def delete(self) -> None:
        """Remove everything that `create` made, and nothing else. It is safe to call this again.

        Nodes are removed by container id. `kind delete` would use only the cluster's name.
        """
        process.end_left_over(self.folder)
        deadline = time.monotonic() + _GONE_LIMIT
        while True:
            self._remove_nodes()
            try:
                for network in self._our_networks():
                    self.engine.remove_network(network.id)
                break
            except LabError:
                # Docker may still be creating a node for a killed kind.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
        for name in ("kubeconfig", "mark", "addresses", *config.FILES):
            (self.folder / name).unlink(missing_ok=True)
        for node in self.nodes:
            node.forget()

    def _remove_nodes(self) -> None:
        ours = self._ours()
        if ours:
            with ThreadPoolExecutor(len(ours)) as pool:
                list(pool.map(lambda node: self.engine.remove(node.id), ours))

    def exists(self) -> bool:
        """Whether any part of the cluster is there."""
        return bool(self._ours() or self._our_networks())

    def identity(self) -> Mapping[str, str]:
        """Return the container ids by node name."""
        return {node.name: node.id for node in self._ours()}

    def verify_ownership(self, expected: Mapping[str, str]) -> None:
        """Raise `LabError` unless every node of the cluster is the lab's and matches `expected`."""
        found = self._labelled()
        strangers = [node.name for node in found if not self._is_ours(node)]
        changed = [node.name for node in found if expected.get(node.name, node.id) != node.id]
        unknown = [node.name for node in found if node.name not in expected]
        missing = [name for name in expected if name not in {node.name for node in found}]
        if missing and not found:
            raise ClusterGoneError(
                f"The cluster '{self.name}' does not exist any more.",
                remedy="`kluster delete` removes the lab's record of it; `kluster create` creates a new one.",
            )
        for names, what in (
            (strangers, "not made by this lab (they lack its mark)"),
            (changed, "not the containers that this lab made (their ids differ)"),
            (unknown, "not known to this lab"),
            (missing, "gone"),
        ):
            if names:
                raise LabError(
                    f"The cluster '{self.name}' is not as this lab created it, so nothing was changed.",
                    f"{', '.join(names)}: {what}.",
                    "If a cluster of that name is yours, leave it and use another name (--name); "
                    "`kluster delete` removes what is left of the lab's own.",
                )

    def node_states(self, expected: Mapping[str, str]) -> Mapping[str, NodeState]:
        """Return the states of the containers of the identity `expected`, as Docker reports them."""
        found = {node.id: node.state for node in self._ours()}
        return {name: _node_state(found.get(id_)) for name, id_ in expected.items()}

    def start_stopped_nodes(self) -> Iterable[str]:
        """Start nodes that do not run, and wait until containerd and the kubelet are back; return their names.

        In the order of their addresses, so that each gets its own again.
        """
        addresses = self._noted_addresses()
        stopped = [node for node in self._ours() if not node.running]
        stopped.sort(key=lambda node: addresses.get(node.name, ()))
        for node in stopped:
            self.engine.start(node.id)
        names = [node.name for node in stopped]
        for started in self.nodes:
            if started.name in names:
                self._wait_until_booted(started)
        return names

    def _wait_until_booted(self, node: KindNode) -> None:
        """Docker also restarts a node that rebooted: a node that has just started may stop once more."""
        script = (
            "until systemctl is-active -q containerd kubelet && crictl info >/dev/null 2>&1; do sleep 0.2; done"
        )
        deadline = time.monotonic() + _START_LIMIT
        while True:
            left = deadline - time.monotonic()
            try:
                node.run(["bash", "-c", script], timeout=max(left, 1)).check()
            except NodeDownError:
                if left <= 0:
                    raise
                time.sleep(0.2)
                self.engine.start(self._container_id(node.name))
            else:
                return

    def hurried(self) -> contextlib.AbstractContextManager[None]:
        """Do nothing: a real cluster can't be hurried."""
        return contextlib.nullcontext()

    def hold(self) -> bool:
        """Do nothing: a real cluster keeps running."""
        return False

    def release(self) -> None:
        """Do nothing."""

    def client_config(self) -> str:
        """Return the lab's own kubeconfig, which kind has written."""
        try:
            return self.kubeconfig.read_text(encoding="utf-8")
        except OSError as error:
            raise LabError("The lab's kubeconfig can't be read.", f"{self.kubeconfig}: {error.strerror}") from None

    def changes(self) -> None:
        """Return None: a real cluster would have to be asked."""

    def snapshot(self) -> contextlib.AbstractContextManager["KindCluster"]:
        """Have this cluster: a real one can't be copied."""
        return contextlib.nullcontext(self)

    def close(self) -> None:
        """Close idle connections to Docker."""
        self.engine.close()

    def _container_id(self, name: str) -> str:
        for node in self._ours():
            if node.name == name:
                return node.id
        raise ClusterGoneError(f"The node {name} does not exist.")

    def _labelled(self) -> list[Container]:
        return self.engine.containers(label=f"{_CLUSTER_LABEL}={self.name}")

    def _ours(self) -> list[Container]:
        return [node for node in self._labelled() if self._is_ours(node)]

    def _our_networks(self) -> list[Network]:
        label = str(self.mark.resolve())
        return [each for each in self.engine.networks(self.network) if each.labels.get(_NETWORK_LABEL) == label]

    def _is_ours(self, container: Container) -> bool:
        source = f"{self.mark.resolve()}:{config.MARK_ON_NODE}:"
        return container.labels.get(_CLUSTER_LABEL) == self.name and any(
            bind.startswith(source) for bind in container.binds
        )

    def _require_free(self) -> None:
        """Raise `LabError` if anybody uses the name already."""
        names = {node.name for node in self._labelled()}
        if self._ours():
            raise LabError(
                f"The lab '{self.name}' has a cluster already.",
                f"Its nodes: {', '.join(sorted(names))}.",
                "Continue with it, or remove it with `kluster delete`.",
            )
        names |= {node.name for node in self.nodes if self.engine.container_named(node.name)}
        if names:
            raise LabError(
                f"The name '{self.name}' is taken by containers that this lab did not create.",
                f"Found: {', '.join(sorted(names))}. Nothing was touched.",
                "Choose another name with --name.",
            )
        if len(self.engine.networks(self.network)) > len(self._our_networks()):
            raise LabError(
                f"There is a Docker network '{self.network}' that this lab did not make.",
                "Nothing was touched.",
                f"Choose another name with --name, or remove it by `docker network rm {self.network}`.",
            )

    def _write_files(self) -> Path:
        """Write the mark and kind's configuration; return the path of the configuration."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.mark.unlink(missing_ok=True)  # it is read-only
            self.mark.write_text(f"lab {self.name}\nid {secrets.token_hex(16)}\n", encoding="utf-8")
            self.mark.chmod(0o444)
            return config.write(self.folder, self.name, [node.role for node in self.nodes], self.mark)
        except OSError as problem:
            raise LabError(
                "The lab's own folder can't be written.",
                f"{problem.filename or self.folder}: {problem.strerror}",
                "Free disk space, or choose another place with KLUSTER_HOME.",
            ) from problem

    def _make_network(self) -> None:
        """Created here and not by kind, so that it has a label with its owner."""
        if not self._our_networks():
            self.engine.create_network(self.network, {_NETWORK_LABEL: str(self.mark.resolve())})

    def _run_kind(self, config: Path, image: str | None, progress: Progress) -> None:
        argv = ["create", "cluster", "--name", self.name, "--config", str(config)]
        argv += ["--kubeconfig", str(self.kubeconfig), "--wait", "0s", "--retain"]
        argv += ["--image", image] if image else []
        env = self.engine.host.environment(os.environ) | {
            "KIND_EXPERIMENTAL_DOCKER_NETWORK": self.network,
            "KIND_EXPERIMENTAL_PROVIDER": "docker",
            "KUBECONFIG": str(self.kubeconfig),
        }
        process.run_kind(argv, env=env, folder=self.folder, progress=progress, timeout=_CREATE_LIMIT)

    def _wait_until_ready(self) -> None:
        limit = f"--timeout={_READY_LIMIT}s"
        result = self.control_plane.run(
            ["kubectl", "wait", "--for=condition=Ready", "nodes", "--all", limit], timeout=_READY_LIMIT + 5
        )
        if not result.ok:
            raise CommandError(result)

    def _note_addresses(self) -> None:
        noted = [f"{node.name} {node.address}\n" for node in self._ours()]
        (self.folder / "addresses").write_text("".join(noted), encoding="utf-8")

    def _noted_addresses(self) -> dict[str, tuple[int, ...]]:
        try:
            noted = (self.folder / "addresses").read_text(encoding="utf-8").split()
        except OSError:
            return {}
        return {
            name: tuple(int(part) for part in address.split("."))
            for name, address in zip(noted[::2], noted[1::2], strict=False)
            if re.fullmatch(r"[0-9.]+", address)
        }

    def _keep_journal(self) -> None:
        """Save the kubelet's log: if a node does not start, the log has the reason."""
        with contextlib.suppress(LabError, OSError):
            said = self.control_plane.run(["journalctl", "-u", "kubelet", "-n", "200", "--no-pager"], timeout=10)
            (self.folder / "kubelet.log").write_text(said.stdout, encoding="utf-8")

    def _clean_up_after(self, problem: BaseException, progress: Progress) -> None:
        """Remove what was created. If that fails too, report `problem` with what is left."""
        if isinstance(problem, LabError):
            self._keep_journal()
        try:
            self.delete()
        except LabError as second:
            left = f"The created parts could not be removed: {second.title} `kluster delete` removes them later."
            progress.note(left)
            if isinstance(problem, LabError):
                problem.detail += f"\n{left}"


def _node_state(state: str | None) -> NodeState:
    """Docker's words for a container's state, of which several mean that it does not run."""
    if state is None:
        return "gone"
    return "running" if state == "running" else "paused" if state == "paused" else "stopped"
