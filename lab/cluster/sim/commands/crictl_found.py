"""What crictl finds by a word, and the tables and JSON it tells of it."""

import json
import re
from typing import Any

from lab.cluster.sim.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.runtime import Container, Sandbox, image_id

__all__ = [
    "FORMAT",
    "Fatal",
    "container_json",
    "container_labels",
    "cut_id",
    "find_container",
    "find_sandbox",
    "log_path",
    "needs_word",
    "print_as",
    "print_data",
    "sandbox_json",
    "sandboxes",
    "table",
]


FORMAT = {"-o": "output", "--output": "output", "--template": "template"}


class Fatal(Exit):
    """What crictl gives up with; `logged` is what its connection to the runtime has logged before."""

    def __init__(self, message: str, logged: str = "") -> None:
        super().__init__(1, message)
        self.logged = logged


def cut_id(identifier: str, flags: Flags) -> str:
    """Return an id as the tables show it."""
    return identifier if flags.on("no-trunc") else identifier[:13]


def table(rows: list[list[str]]) -> str:
    """Return rows as Go's tabwriter lays them out for crictl: cells at least 20 wide."""
    widths = [max(20, max(len(row[i]) for row in rows) + 3) for i in range(len(rows[0]) - 1)]
    lines = ["".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]]) for row in rows]
    return "\n".join(lines) + "\n"


def sandboxes(call: Call, flags: Flags) -> list[Sandbox]:
    """Return the sandboxes that the filters let through, newest first."""
    found = sorted(call.node.runtime.sandboxes.values(), key=lambda one: -one.created)
    wanted = flags.get("id")
    labels = [pair.partition("=") for pair in flags.all("label")]
    state = flags.get("state").lower()
    return [
        one
        for one in found
        if re.search(flags.get("name"), one.name)
        and re.search(flags.get("namespace"), one.namespace)
        and one.id.startswith(wanted)
        and (not state or one.ready == (state == "ready"))
        and all(_sandbox_labels(one).get(key) == value for key, _, value in labels)
    ]


def _sandbox_labels(one: Sandbox) -> dict[str, str]:
    return {
        **one.labels,
        "io.kubernetes.pod.name": one.name,
        "io.kubernetes.pod.namespace": one.namespace,
        "io.kubernetes.pod.uid": one.uid,
    }


def sandbox_json(one: Sandbox) -> dict[str, Any]:
    """Return a sandbox as `pods -o json` lists it."""
    return {
        "id": one.id,
        "metadata": {"name": one.name, "uid": one.uid, "namespace": one.namespace, "attempt": one.attempt},
        "state": "SANDBOX_READY" if one.ready else "SANDBOX_NOTREADY",
        "createdAt": str(int(one.created * 1e9)),
        "labels": _sandbox_labels(one),
        "annotations": {},
        "runtimeHandler": "",
    }


async def print_as(call: Call, flags: Flags, data: Any) -> None:  # noqa: ANN401 -- JSON
    """Print JSON or YAML, as the flags ask."""
    if flags.get("output") == "yaml":
        from lab.cluster.sim.commands.kubectl.output import as_yaml  # noqa: PLC0415 -- used here alone

        await call.out(as_yaml(data))
        return
    await call.out(json.dumps(data, indent=2, sort_keys=False) + "\n")


def container_labels(sandbox: Sandbox, container: Container) -> dict[str, str]:
    """Return the labels that the kubelet gives a container."""
    return {
        "io.kubernetes.container.name": container.name,
        "io.kubernetes.pod.name": sandbox.name,
        "io.kubernetes.pod.namespace": sandbox.namespace,
        "io.kubernetes.pod.uid": sandbox.uid,
    }


def container_json(call: Call, c: Container) -> dict[str, Any]:
    """Return a container as `ps -o json` lists it."""
    sandbox = call.node.runtime.sandboxes[c.sandbox]
    reference = f"sha256:{image_id(c.image)}"
    return {
        "id": c.id,
        "podSandboxId": c.sandbox,
        "metadata": {"name": c.name, "attempt": c.attempt},
        "image": {"image": reference, "annotations": {}, "userSpecifiedImage": c.image, "runtimeHandler": ""},
        "imageRef": reference,
        "state": f"CONTAINER_{c.state}",
        "createdAt": str(int(c.created * 1e9)),
        "labels": container_labels(sandbox, c),
        "annotations": {"io.kubernetes.container.restartCount": str(c.attempt)},
        "imageId": reference,
    }


def find_container(call: Call, word: str, doing: str = "") -> Container:
    """Return the container whose id begins with `word`; raise `Exit` with crictl's words if there is none."""
    found = call.node.runtime.find(word)
    if found is None:
        missing = f'rpc error: code = NotFound desc = an error occurred when try to find container \\"{word}\\": not found'  # noqa: E501 -- as it is printed
        stopping = doing.startswith("stopping")
        what = "StopContainer" if stopping else "ContainerStatus"
        logged = (
            f'remote_runtime.go:{459 if stopping else 569}] "{what} from runtime service failed" '
            f'err="{missing}" containerID="{word}"'
        )
        raise Fatal(f"{doing}{missing}", logged)
    return found


def find_sandbox(call: Call, word: str, doing: str = "") -> Sandbox:
    """Return the sandbox whose id begins with `word`; raise `Exit` with crictl's words if there is none."""
    found = [one for key, one in call.node.runtime.sandboxes.items() if word and key.startswith(word)]
    if not found:
        raise Fatal(
            f"{doing}rpc error: code = NotFound desc = an error occurred when try to find sandbox: not found"
        )
    return found[0]


def needs_word(flags: Flags) -> None:
    """Raise `Exit` unless an id was given."""
    if not flags.words:
        raise Fatal("ID cannot be empty")


def _template(template: str, data: Any) -> str:  # noqa: ANN401 -- JSON
    """Fill in a Go template of plain fields (`{{.status.network.ip}}`)."""

    def field(match: re.Match[str]) -> str:
        value = data
        for part in match.group(1).strip(".").split("."):
            value = value.get(part, "<no value>") if isinstance(value, dict) else "<no value>"
        return str(value)

    if re.search(r"\{\{\s*(range|if|index|json|with)", template):
        raise NotSimulated(f"go-template {template}")
    return re.sub(r"\{\{\s*(\.[\w.]+)\s*\}\}", field, template)


async def print_data(call: Call, flags: Flags, data: Any) -> None:  # noqa: ANN401 -- JSON
    """Print JSON, YAML, or what a template makes of it."""
    if flags.get("output") == "go-template" or flags.given("template"):
        await call.line(_template(flags.get("template"), data))
    else:
        await print_as(call, flags, data)


def log_path(sandbox: Sandbox, c: Container) -> str:
    """Return the path of a container's log."""
    return f"/var/log/pods/{sandbox.namespace}_{sandbox.name}_{sandbox.uid}/{c.name}/{c.attempt}.log"
