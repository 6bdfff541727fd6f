"""The objects that crictl finds by a word or by filters, and their formats."""

import json
import re
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.golang import gotemplate
from lab.cluster.sim.machine.runtime import Container, Sandbox, image_id
from lab.cluster.sim.text.bounded_regex import EndlessSearchError, Regex
from lab.cluster.sim.text.json_text import indented

__all__ = [
    "NOT_FOUND",
    "Fatal",
    "HelpShown",
    "annotations_of",
    "container_labels",
    "containers",
    "cut_id",
    "find_container",
    "find_image",
    "find_sandbox",
    "log_path",
    "logged",
    "needs_word",
    "nothing",
    "print_answer",
    "print_status",
    "sandbox_labels",
    "sandboxes",
    "table",
]

NOT_FOUND = "rpc error: code = NotFound desc = "


class Fatal(Exit):
    """A fatal error of crictl; `logged` is what its connection to the runtime logged before."""

    def __init__(self, message: str, logged: str = "") -> None:
        super().__init__(1, message)
        self.logged = logged


class HelpShown(Exit):
    """Too few or too many words: crictl shows the command's help and exits with 0."""

    def __init__(self) -> None:
        super().__init__(0)


def logged(line: int, what: str, error: str, **fields: object) -> str:
    """Return what the connection to the runtime logs for a failed call."""
    more = "".join(f" {key}={value if key == 'cmd' else json.dumps(value)}" for key, value in fields.items())
    where = "remote_image.go" if what.endswith("Image") else "remote_runtime.go"
    kind = "image" if what.endswith("Image") else "runtime"
    return f'{where}:{line}] "{what} from {kind} service failed" err={json.dumps(error)}{more}'


def cut_id(identifier: str, flags: Flags) -> str:
    """Return an id as tables show it."""
    return identifier if flags.on("no-trunc") else identifier[:13]


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows in the layout of Go's tabwriter for crictl: cells at least 20 wide."""
    widths = [max(20, max(len(row[i]) for row in rows) + 3) for i in range(len(rows[0]) - 1)]
    lines = ["".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]]) for row in rows]
    return "\n".join(lines) + "\n"


def _matches(pattern: str, text: str) -> bool:
    """Whether a pattern matches in `text`; an invalid pattern never matches."""
    try:
        return Regex(pattern).search(text) is not None
    except (re.error, EndlessSearchError):
        return False


def _labels(flags: Flags) -> dict[str, str]:
    pairs = [pair for told in flags.all("label") for pair in told.split(",")]
    for pair in pairs:
        if pair.count("=") != 1:
            raise Fatal(f"incorrectly specified label: {pair}")
    return dict(pair.split("=") for pair in pairs)


def _newest(found: list[Any], flags: Flags) -> list[Any]:
    found = sorted(found, key=lambda one: -one.created)
    if int(flags.get("last", "0")) > 0:
        return found[: int(flags.get("last"))]
    return found[:1] if flags.on("latest") else found


def nothing(call: Call) -> str:
    """Return the log line for neither ids nor matching filters."""
    stamp = datetime.fromtimestamp(call.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f'time="{stamp}" level=error msg="No IDs provided or nothing found per filter"\n'


async def _state(call: Call, flags: Flags, states: Sequence[str], told: str) -> str:
    state = flags.get("state").lower()
    if state and state not in states:
        stamp = datetime.fromtimestamp(call.now(), UTC).strftime("%Y/%m/%d %H:%M:%S")
        raise Exit(1, f"{stamp} --state should be {told}")
    return state


async def sandboxes(call: Call, flags: Flags) -> list[Sandbox]:
    """Return the sandboxes that match the filters, newest first."""
    state = await _state(call, flags, ("ready", "notready"), "ready or notready")
    labels = _labels(flags)
    found = [
        one
        for one in call.node.runtime.sandboxes.values()
        if _matches(flags.get("name"), one.name)
        and _matches(flags.get("namespace"), one.namespace)
        and one.id.startswith(flags.get("id"))
        and (not state or one.ready == (state == "ready"))
        and labels.items() <= sandbox_labels(one).items()
    ]
    return _newest(found, flags)


async def containers(call: Call, flags: Flags, *, every: bool = False) -> list[Container]:
    """Return the containers that match the filters, newest first; only running ones unless `every`."""
    runtime = call.node.runtime
    state = await _state(
        call, flags, ("created", "running", "exited", "unknown"), "one of created, running, exited or unknown"
    )
    if flags.on("latest") or int(flags.get("last", "0")) > 0:
        every, state = True, ""
    labels = _labels(flags)
    image = find_image(call, flags.get("image")) if flags.get("image") else ""
    found = [
        c
        for c in runtime.containers.values()
        if (c.state.lower() == state if state else every or flags.on("all") or c.running)
        and _matches(flags.get("name"), c.name)
        and c.id.startswith(flags.get("id"))
        and c.sandbox.startswith(flags.get("pod"))
        and _matches(flags.get("namespace"), runtime.sandboxes[c.sandbox].namespace)
        and image in {"", c.image}
        and labels.items() <= container_labels(runtime.sandboxes[c.sandbox], c).items()
    ]
    return _newest(found, flags)


def find_image(call: Call, word: str) -> str | None:
    """Return the image with this name or id (or the beginning of it), or None."""
    images = call.node.runtime.images
    bare = word.removeprefix("sha256:")
    named = word if ":" in word.rsplit("/", 1)[-1] else f"{word}:latest"
    return next(
        (one for one in images if one == named or (len(bare) > 3 and image_id(one).startswith(bare))), None
    )


def sandbox_labels(one: Sandbox) -> dict[str, str]:
    """Return a pod's labels with those that the kubelet adds."""
    return dict(
        sorted(
            {
                **one.labels,
                "io.kubernetes.pod.name": one.name,
                "io.kubernetes.pod.namespace": one.namespace,
                "io.kubernetes.pod.uid": one.uid,
            }.items()
        )
    )


def container_labels(sandbox: Sandbox, container: Container) -> dict[str, str]:
    """Return the labels that the kubelet gives a container."""
    return {
        "io.kubernetes.container.name": container.name,
        "io.kubernetes.pod.name": sandbox.name,
        "io.kubernetes.pod.namespace": sandbox.namespace,
        "io.kubernetes.pod.uid": sandbox.uid,
    }


def annotations_of(sandbox: Sandbox, c: Container) -> dict[str, str]:
    """Return the annotations that the kubelet gives a container."""
    spec = c.spec
    found = {"io.kubernetes.container.hash": f"{zlib.crc32(json.dumps(spec, sort_keys=True).encode()):x}"}
    if spec.get("ports"):
        ports = [_port(port, host=sandbox.host_network) for port in spec["ports"]]
        found["io.kubernetes.container.ports"] = json.dumps(ports, separators=(",", ":"))
    return {
        **found,
        "io.kubernetes.container.restartCount": str(c.attempt),
        "io.kubernetes.container.terminationMessagePath": spec.get(
            "terminationMessagePath", "/dev/termination-log"
        ),
        "io.kubernetes.container.terminationMessagePolicy": spec.get("terminationMessagePolicy", "File"),
        "io.kubernetes.pod.terminationGracePeriod": str(sandbox.grace),
    }


def _port(port: dict[str, Any], *, host: bool) -> dict[str, Any]:
    number = port.get("containerPort")
    told = {"name": port.get("name"), "hostPort": port.get("hostPort") or (number if host else None)}
    told |= {"containerPort": number, "protocol": port.get("protocol", "TCP")}
    return {key: value for key, value in told.items() if value}


def find_container(call: Call, word: str, doing: str = "") -> Container:
    """Return the container whose id begins with `word`; raise `Exit` with crictl's message if there is none."""
    found = call.node.runtime.find(word)
    if found is None:
        missing = f'{NOT_FOUND}an error occurred when try to find container "{word}": not found'
        line, what = 569, "ContainerStatus"
        for lead, one in (("stopping", (459, "StopContainer")), ("starting", (435, "StartContainer"))):
            line, what = one if doing.startswith(lead) else (line, what)
        raise Fatal(f"{doing}{missing}", logged(line, what, missing, containerID=word))
    return found


def find_sandbox(call: Call, word: str, doing: str = "") -> Sandbox:
    """Return the sandbox whose id begins with `word`; raise `Exit` with crictl's message if there is none."""
    found = [one for key, one in call.node.runtime.sandboxes.items() if word and key.startswith(word)]
    if found:
        return found[0]
    if doing.startswith("stopping"):
        missing = f'{NOT_FOUND}an error occurred when try to find sandbox "{word}": not found'
        raise Fatal(f"{doing}{missing}", logged(267, "StopPodSandbox", missing, podSandboxID=word))
    raise Fatal(f"{doing}{NOT_FOUND}an error occurred when try to find sandbox: not found")


def needs_word(flags: Flags) -> None:
    """Raise `Exit` unless an id was given."""
    if not flags.words:
        raise Fatal("ID cannot be empty")


async def print_answer(call: Call, flags: Flags, data: Any) -> None:  # noqa: ANN401 -- JSON
    """Print an answer of the runtime as JSON or YAML."""
    if flags.get("output") == "yaml":
        await call.out(_yaml(data) + "\n")
    else:
        await call.out(indented(data) + "\n")


def _yaml(data: Any) -> str:  # noqa: ANN401 -- JSON
    from lab.cluster.sim.commands.golang.goyaml import as_yaml  # noqa: PLC0415 -- used here alone

    return as_yaml(data)


async def print_status(call: Call, flags: Flags, found: list[dict[str, Any]], doing: str) -> None:
    """Print the details of one object, or a list of several, in the requested format."""
    if not found:
        return
    if flags.on("quiet"):
        found = [{"status": one["status"]} for one in found]
    data: Any = found[0] if len(found) == 1 else found
    form = flags.get("output") or "json"
    if form == "json":
        await call.out(indented(data, sort_keys=True) + "\n")
    elif form == "yaml":
        await call.out(_yaml(data) + "\n")
    elif form == "go-template":
        await call.line(gotemplate.render(flags.get("template"), data, _FUNCTIONS))
    else:
        raise Fatal(f'{doing}unsupported format: "{form}"')


#: Functions of crictl's templates beyond the usual ones.
_FUNCTIONS = {
    "json": lambda value: json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n",
    "title": lambda text: re.sub(r"\b\w", lambda match: match[0].upper(), text),
    "lower": lambda text: text.lower(),
    "upper": lambda text: text.upper(),
}


def log_path(sandbox: Sandbox, c: Container) -> str:
    """Return the path of a container's log."""
    return f"/var/log/pods/{sandbox.namespace}_{sandbox.name}_{sandbox.uid}/{c.name}/{c.attempt}.log"
