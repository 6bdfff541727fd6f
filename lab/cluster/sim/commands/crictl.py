"""crictl: a client of the node's container runtime."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from lab.cluster.sim.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.containers import NOT_FOUND, entries_of, execute, not_started
from lab.cluster.sim.commands.flags import Flags, UnknownFlag, parse
from lab.cluster.sim.commands.pages import has_page, page
from lab.cluster.sim.durations import short_human
from lab.cluster.sim.runtime import Container, Sandbox, image_id
from lab.cluster.sim.world import World

__all__ = ["crictl"]

_GLOBAL = {
    "-r": "endpoint",
    "--runtime-endpoint": "endpoint",
    "-t": "timeout",
    "--timeout": "timeout",
    "-c": "config",
    "--config": "config",
    "-i": "image-endpoint",
}
_FORMAT = {"-o": "output", "--output": "output", "--template": "template"}
_QUIET = {"-q": "quiet", "--quiet": "quiet", "--no-trunc": "no-trunc"}
_VERSION = "1.6.20~ds1"


async def crictl(call: Call) -> int:
    """Run crictl."""
    argv = list(call.argv)
    while argv and argv[0].startswith("-"):
        word = argv.pop(0)
        if word in _GLOBAL and argv:
            argv.pop(0)
        elif word.partition("=")[0] not in _GLOBAL and word not in {"-D", "--debug"}:
            return await call.fail(f"not simulated: crictl {word} (use --backend kind)")
    if not argv or argv[0] in {"-h", "--help", "help", "h"}:
        about = f"crictl {argv[1]}" if argv[:1] in (["help"], ["h"]) and len(argv) > 1 else "crictl"
        await call.out(page(about if has_page(about) else "crictl"))
        return 0
    try:
        return await _dispatch(call, argv)
    except _Fatal as fatal:
        stamp = World.iso(call.now())[:19] + "Z"
        if fatal.logged:
            at = World.iso(call.now())
            await call.err(f"E{at[5:7]}{at[8:10]} {at[11:26]} {1000 + int(call.now()) % 9000:>7} {fatal.logged}\n")
        return await call.fail(f'time="{stamp}" level=fatal msg="{fatal.message}"')
    except Exit as end:
        return await call.fail(end.message, end.code)


async def _dispatch(call: Call, argv: list[str]) -> int:
    entry, name = _COMMANDS.get(argv[0]), f"crictl {argv[0]}"
    if has_page(name) and ({"-h", "--help"} & set(argv[1:2]) or argv in (["exec"], ["inspect"])):
        await call.out(page(name, unasked=len(argv) == 1))
        return 0
    if entry is None:
        raise NotSimulated(name) if has_page(name) else Exit(3, f"No help topic for '{argv[0]}'")
    function, valued, switches = entry
    try:
        flags = parse(argv[1:], valued, switches, interspersed=argv[0] != "exec", program=name)
    except UnknownFlag as unknown:
        await _require_flag(call, name, unknown)
        raise
    if call.node.systemd.state("containerd.service").active != "active":
        raise _Fatal(
            "validate service connection: validate CRI v1 runtime API for endpoint "
            '\\"unix:///run/containerd/containerd.sock\\": rpc error: code = Unavailable desc = connection error'
        )
    return await function(call, flags)


async def _require_flag(call: Call, name: str, unknown: UnknownFlag) -> None:
    """End the command as crictl does, if the flag is not one of crictl's either."""
    flag = unknown.word if unknown.word.startswith("--") else unknown.word[:2]
    if has_page(name) and not re.search(rf"(?<![\w-]){re.escape(flag)}(?![\w-])", page(name)):
        told = f"flag provided but not defined: -{flag.lstrip('-')}"
        await call.out(f"Incorrect Usage: {told}\n\n{page(name, unasked=True)}")
        raise _Fatal(told)


class _Fatal(Exit):
    """What crictl gives up with; `logged` is what its connection to the runtime has logged before."""

    def __init__(self, message: str, logged: str = "") -> None:
        super().__init__(1, message)
        self.logged = logged


def _short(identifier: str, flags: Flags) -> str:
    return identifier if flags.on("no-trunc") else identifier[:13]


def _rows(rows: list[list[str]]) -> str:
    """Return rows as Go's tabwriter lays them out for crictl: cells at least 20 wide."""
    widths = [max(20, max(len(row[i]) for row in rows) + 3) for i in range(len(rows[0]) - 1)]
    lines = ["".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]]) for row in rows]
    return "\n".join(lines) + "\n"


def _sandboxes(call: Call, flags: Flags) -> list[Sandbox]:
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


async def _pods(call: Call, flags: Flags) -> int:
    found = _sandboxes(call, flags)
    if flags.on("quiet"):
        await call.out("".join(f"{one.id}\n" for one in found))
        return 0
    if flags.get("output") in {"json", "yaml"}:
        await _structured(call, flags, {"items": [_sandbox_json(one) for one in found]})
        return 0
    rows = [["POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME"]]
    for one in found:
        state = "Ready" if one.ready else "NotReady"
        age = short_human(call.now() - one.created)
        rows.append([_short(one.id, flags), age, state, one.name, one.namespace, str(one.attempt), "(default)"])
    await call.out(_rows(rows))
    return 0


def _sandbox_json(one: Sandbox) -> dict[str, Any]:
    return {
        "id": one.id,
        "metadata": {"name": one.name, "uid": one.uid, "namespace": one.namespace, "attempt": one.attempt},
        "state": "SANDBOX_READY" if one.ready else "SANDBOX_NOTREADY",
        "createdAt": str(int(one.created * 1e9)),
        "labels": _sandbox_labels(one),
        "annotations": {},
        "runtimeHandler": "",
    }


async def _structured(call: Call, flags: Flags, data: Any) -> None:  # noqa: ANN401 -- JSON
    if flags.get("output") == "yaml":
        from lab.cluster.sim.commands.kubectl.output import as_yaml  # noqa: PLC0415 -- used here alone

        await call.out(as_yaml(data))
        return
    await call.out(json.dumps(data, indent=2, sort_keys=False) + "\n")


async def _ps(call: Call, flags: Flags) -> int:
    runtime = call.node.runtime
    every = flags.on("all") or flags.given("state") or flags.on("latest") or flags.given("last")
    found = [c for c in runtime.containers.values() if every or c.running]
    pod, name = flags.get("pod"), flags.get("name")
    found = [
        c
        for c in sorted(found, key=lambda c: -c.created)
        if re.search(name, c.name)
        and c.id.startswith(flags.get("id"))
        and c.sandbox.startswith(pod)
        and re.search(flags.get("namespace"), runtime.sandboxes[c.sandbox].namespace)
        and flags.get("image") in c.image
        and (not flags.given("state") or c.state == flags.get("state").upper())
        and all(
            _labels(runtime.sandboxes[c.sandbox], c).get(k) == v
            for k, _, v in (p.partition("=") for p in flags.all("label"))
        )
    ]
    if flags.on("latest"):
        found = found[:1]
    if flags.given("last"):
        found = found[: int(flags.get("last"))]
    if flags.on("quiet"):
        await call.out("".join(f"{c.id}\n" for c in found))
        return 0
    if flags.get("output") in {"json", "yaml"}:
        await _structured(call, flags, {"containers": [_container_json(call, c) for c in found]})
        return 0
    rows = [["CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD", "NAMESPACE"]]
    for c in found:
        sandbox = runtime.sandboxes[c.sandbox]
        rows.append(
            [
                _short(c.id, flags),
                image_id(c.image)[:13],
                short_human(call.now() - c.created),
                c.state.capitalize(),
                c.name,
                str(c.attempt),
                _short(c.sandbox, flags),
                sandbox.name,
                sandbox.namespace,
            ]
        )
    await call.out(_rows(rows))
    return 0


def _labels(sandbox: Sandbox, container: Container) -> dict[str, str]:
    return {
        "io.kubernetes.container.name": container.name,
        "io.kubernetes.pod.name": sandbox.name,
        "io.kubernetes.pod.namespace": sandbox.namespace,
        "io.kubernetes.pod.uid": sandbox.uid,
    }


def _container_json(call: Call, c: Container) -> dict[str, Any]:
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
        "labels": _labels(sandbox, c),
        "annotations": {"io.kubernetes.container.restartCount": str(c.attempt)},
        "imageId": reference,
    }


def _container(call: Call, word: str, doing: str = "") -> Container:
    found = call.node.runtime.find(word)
    if found is None:
        missing = f'rpc error: code = NotFound desc = an error occurred when try to find container \\"{word}\\": not found'  # noqa: E501 -- as it is printed
        stopping = doing.startswith("stopping")
        what = "StopContainer" if stopping else "ContainerStatus"
        logged = (
            f'remote_runtime.go:{459 if stopping else 569}] "{what} from runtime service failed" '
            f'err="{missing}" containerID="{word}"'
        )
        raise _Fatal(f"{doing}{missing}", logged)
    return found


def _sandbox(call: Call, word: str, doing: str = "") -> Sandbox:
    found = [one for key, one in call.node.runtime.sandboxes.items() if word and key.startswith(word)]
    if not found:
        raise _Fatal(
            f"{doing}rpc error: code = NotFound desc = an error occurred when try to find sandbox: not found"
        )
    return found[0]


def _needs_word(flags: Flags) -> None:
    if not flags.words:
        raise _Fatal("ID cannot be empty")


async def _logs(call: Call, flags: Flags) -> int:
    _needs_word(flags)
    container = _container(call, flags.words[0])
    tail = int(flags.get("tail", "-1"))
    entries = entries_of(call, container, tail)
    for at, stream, line in list(entries):
        text = f"{World.iso(at)} {line}\n" if flags.on("timestamps") else f"{line}\n"
        await (call.err if stream == "stderr" else call.out)(text)
    seen = len(container.log)
    while flags.on("follow") and container.running:
        await call.sleep(0.5)
        for _, _, line in container.log[seen:]:
            await call.err(f"{line}\n")
        seen = len(container.log)
    return 0


async def _exec(call: Call, flags: Flags) -> int:
    _needs_word(flags)
    word, argv = flags.words[0], [*flags.words[1:], *(flags.rest or [])]
    container = call.node.runtime.find(word)
    doing = f"execing command in container {word}: "
    if container is None:
        missing = f'rpc error: code = NotFound desc = failed to find container \\"{word}\\" in store: not found'
        said = " ".join(f'"{part}"' for part in argv).replace(" ", ",")
        logged = 'remote_runtime.go:672] "Exec cmd from runtime service failed"'
        raise _Fatal(f"{doing}{missing}", f'{logged} err="{missing}" containerID="{word}" cmd=[{said}]')
    if not argv:
        raise _Fatal("command is required")
    if not container.running:
        problem = "rpc error: code = Unknown desc = container is in CONTAINER_EXITED state"
        said = ",".join(f'"{part}"' for part in argv)
        logged = f'remote_runtime.go:672] "Exec cmd from runtime service failed" err="{problem}"'
        raise _Fatal(f"{doing}{problem}", f'{logged} containerID="{container.id}" cmd=[{said}]')
    sandbox = call.node.runtime.sandboxes[container.sandbox]
    code = await execute(
        call, call.node, sandbox, container, argv, stdin=flags.on("interactive"), tty=flags.on("tty")
    )
    if code == NOT_FOUND and argv[0].rsplit("/", 1)[-1] not in {"sh", "bash"}:
        told = not_started(container, argv[0]).partition(": ")[2]
        problem = f"rpc error: code = Unknown desc = {told}".replace('"', '\\\\"')
        raise _Fatal(f"{doing}{problem}")
    if code:
        raise _Fatal(f"execing command in container {container.id}: command terminated with exit code {code}")
    return 0


async def _each(call: Call, flags: Flags, action: Callable[[Call, Flags, str], None]) -> int:
    _needs_word(flags)
    words = flags.words
    for word in words:
        action(call, flags, word)
        await call.line(word)
    return 0


def _stop_one(call: Call, _flags: Flags, word: str) -> None:
    container = _container(call, word, f'stopping the container \\"{word}\\": ')
    call.node.runtime.stop(container, call.now(), 0)


async def _stop(call: Call, flags: Flags) -> int:
    return await _each(call, flags, _stop_one)


def _remove_one(call: Call, flags: Flags, word: str) -> None:
    container = _container(call, word, f'getting container status \\"{word}\\": ')
    if container.running and not flags.on("force"):
        raise _Fatal(
            f'removing the container \\"{word}\\": rpc error: code = Unknown desc = container \\"{container.id}\\" is running'  # noqa: E501 -- as it is printed
        )
    del call.node.runtime.containers[container.id]


async def _rm(call: Call, flags: Flags) -> int:
    if flags.on("all"):
        flags.words = [c.id for c in call.node.runtime.containers.values() if not c.running or flags.on("force")]
    return await _each(call, flags, _remove_one)


async def _stopp(call: Call, flags: Flags) -> int:
    _needs_word(flags)
    for word in flags.words:
        call.node.runtime.stop_sandbox(_sandbox(call, word), call.now())
        await call.line(f"Stopped sandbox {word}")
    return 0


async def _rmp(call: Call, flags: Flags) -> int:
    if flags.on("all"):
        flags.words = list(call.node.runtime.sandboxes)
    _needs_word(flags)
    for word in flags.words:
        sandbox = _sandbox(call, word, f'getting sandbox status of pod \\"{word}\\": ')
        if sandbox.ready and not flags.on("force"):
            raise _Fatal(
                f'removing the pod sandbox \\"{word}\\": rpc error: code = Unknown desc = failed to forcibly stop sandbox'  # noqa: E501 -- as it is printed
            )
        call.node.runtime.stop_sandbox(sandbox, call.now())
        call.node.runtime.remove_sandbox(sandbox)
        await call.line(f"Removed sandbox {word}")
    return 0


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


async def _inspect(call: Call, flags: Flags) -> int:
    _needs_word(flags)
    for word in flags.words:
        c = _container(call, word, "get the status of containers: get container status: ")
        base = _container_json(call, c)
        iso = World.iso
        status = {
            "annotations": base["annotations"],
            "createdAt": iso(c.created),
            "exitCode": c.exit_code,
            "finishedAt": iso(c.finished) if c.finished else "0001-01-01T00:00:00Z",
            "id": c.id,
            "image": base["image"],
            "imageId": base["imageId"],
            "imageRef": base["imageRef"],
            "labels": base["labels"],
            "logPath": _log_path(call.node.runtime.sandboxes[c.sandbox], c),
            "message": "",
            "metadata": base["metadata"],
            "mounts": [],
            "reason": c.reason,
            "startedAt": iso(c.started),
            "state": base["state"],
        }
        info = {"sandboxID": c.sandbox, "pid": 1000 + int(c.id[:3], 16) if c.running else 0,
                "config": {"metadata": base["metadata"], "image": base["image"], "command": c.spec.get("command"),
                           "args": c.spec.get("args"), "labels": base["labels"]}}  # fmt: skip
        await _told(call, flags, {"info": info, "status": status})
    return 0


async def _told(call: Call, flags: Flags, data: Any) -> None:  # noqa: ANN401 -- JSON
    if flags.get("output") == "go-template" or flags.given("template"):
        await call.line(_template(flags.get("template"), data))
    else:
        await _structured(call, flags, data)


def _log_path(sandbox: Sandbox, c: Container) -> str:
    return f"/var/log/pods/{sandbox.namespace}_{sandbox.name}_{sandbox.uid}/{c.name}/{c.attempt}.log"


async def _inspectp(call: Call, flags: Flags) -> int:
    _needs_word(flags)
    for word in flags.words:
        one = _sandbox(call, word)
        base = _sandbox_json(one)
        options = {
            "ipc": "POD",
            "network": "NODE" if one.host_network else "POD",
            "pid": "CONTAINER",
            "targetId": "",
        }
        status = {
            "annotations": {},
            "createdAt": World.iso(one.created),
            "id": one.id,
            "labels": base["labels"],
            "linux": {"namespaces": {"options": options}},
            "metadata": base["metadata"],
            "network": {"additionalIps": [], "ip": "" if one.host_network else one.ip},
            "runtimeHandler": "",
            "state": base["state"],
        }
        await _told(call, flags, {"info": {"image": "registry.k8s.io/pause:3.10.1"}, "status": status})
    return 0


async def _images(call: Call, flags: Flags) -> int:
    images = call.node.runtime.images
    if flags.on("quiet"):
        await call.out("".join(f"sha256:{image_id(image)}\n" for image in images))
        return 0
    if flags.get("output") in {"json", "yaml"}:
        items = [
            {
                "id": f"sha256:{image_id(i)}",
                "repoTags": [i],
                "repoDigests": [],
                "size": "50000000",
                "pinned": False,
            }
            for i in images
        ]
        await _structured(call, flags, {"images": items})
        return 0
    rows = [["IMAGE", "TAG", "IMAGE ID", "SIZE"]]
    for image in images:
        name, _, tag = image.rpartition(":")
        rows.append([name, tag, image_id(image)[:13], f"{20 + int(image_id(image)[:2], 16) / 3:.1f}MB"])
    widths = [max(len(row[i]) for row in rows) + 3 for i in range(3)]
    widths = [max(width, 20) for width in widths]
    lines = ["".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]]) for row in rows]
    await call.out("\n".join(lines) + "\n")
    return 0


async def _version_(call: Call, _flags: Flags) -> int:
    await call.out(
        f"Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  {_VERSION}\nRuntimeApiVersion:  v1\n"
    )
    return 0


async def _info(call: Call, flags: Flags) -> int:
    good = [
        {"message": "", "reason": "", "status": True, "type": kind} for kind in ("RuntimeReady", "NetworkReady")
    ]
    await _structured(call, flags, {"status": {"conditions": good}, "cniconfig": {"PluginDirs": ["/opt/cni/bin"]}})
    return 0


async def _stats(call: Call, flags: Flags) -> int:
    runtime = call.node.runtime
    rows = [["CONTAINER", "NAME", "CPU %", "MEM", "DISK", "INODES"]]
    for c in sorted((c for c in runtime.containers.values() if c.running), key=lambda c: c.id):
        share = int(c.id[:4], 16)
        rows.append(
            [
                _short(c.id, flags),
                c.name,
                f"{share % 300 / 100:.2f}",
                f"{10 + share % 60}.{share % 97:02d}MB",
                f"{12 + share % 40}.{share % 89:02d}kB",
                str(4 + share % 12),
            ]
        )
    await call.out(_rows(rows))
    return 0


_Command = Callable[[Call, Flags], Awaitable[int]]
_FILTERS = {
    "--name": "name",
    "--namespace": "namespace",
    "--id": "id",
    "--label": "label",
    "-s": "state",
    "--state": "state",
    **_FORMAT,
}
_COMMANDS: dict[str, tuple[_Command, dict[str, str], dict[str, str]]] = {
    "ps": (
        _ps,
        {**_FILTERS, "--pod": "pod", "-p": "pod", "--image": "image", "-n": "last", "--last": "last"},
        {
            **_QUIET,
            "-a": "all",
            "--all": "all",
            "-l": "latest",
            "--latest": "latest",
            "-r": "resolve",
            "-v": "verbose",
        },
    ),
    "pods": (_pods, _FILTERS, {**_QUIET, "-v": "verbose", "-l": "latest", "--latest": "latest"}),
    "images": (_images, _FORMAT, _QUIET),
    "logs": (
        _logs,
        {"--tail": "tail", "--since": "since"},
        {
            "-f": "follow",
            "--follow": "follow",
            "-t": "timestamps",
            "--timestamps": "timestamps",
            "-p": "previous",
            "--previous": "previous",
        },
    ),
    "exec": (
        _exec,
        {"--timeout": "timeout"},
        {
            "-i": "interactive",
            "--interactive": "interactive",
            "-t": "tty",
            "--tty": "tty",
            "-s": "sync",
            "--sync": "sync",
        },
    ),
    "inspect": (_inspect, _FORMAT, {}),
    "inspectp": (_inspectp, _FORMAT, {}),
    "stop": (_stop, {"-t": "timeout", "--timeout": "timeout"}, {}),
    "rm": (_rm, {}, {"-f": "force", "--force": "force", "-a": "all", "--all": "all"}),
    "stopp": (_stopp, {}, {}),
    "rmp": (_rmp, {}, {"-f": "force", "--force": "force", "-a": "all", "--all": "all"}),
    "version": (_version_, {}, {}),
    "info": (_info, _FORMAT, {}),
    "stats": (_stats, _FORMAT, {"-a": "all", "--all": "all"}),
}
_COMMANDS["img"] = _COMMANDS["image"] = _COMMANDS["images"]
