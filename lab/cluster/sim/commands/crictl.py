"""crictl: a client of the node's container runtime."""

import re
from collections.abc import Awaitable, Callable

from lab.cluster.sim.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.containers import NOT_FOUND, entries_of, execute, not_started
from lab.cluster.sim.commands.crictl_found import (
    FORMAT,
    Fatal,
    container_json,
    container_labels,
    cut_id,
    find_container,
    find_sandbox,
    needs_word,
    print_as,
    sandbox_json,
    sandboxes,
    table,
)
from lab.cluster.sim.commands.crictl_inspect import images, info, inspect, inspectp, stats, versions
from lab.cluster.sim.commands.flags import Flags, UnknownFlag, parse
from lab.cluster.sim.commands.pages import has_page, page
from lab.cluster.sim.durations import short_human
from lab.cluster.sim.runtime import image_id
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
_QUIET = {"-q": "quiet", "--quiet": "quiet", "--no-trunc": "no-trunc"}


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
    except Fatal as fatal:
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
        raise Fatal(
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
        raise Fatal(told)


async def _pods(call: Call, flags: Flags) -> int:
    found = sandboxes(call, flags)
    if flags.on("quiet"):
        await call.out("".join(f"{one.id}\n" for one in found))
        return 0
    if flags.get("output") in {"json", "yaml"}:
        await print_as(call, flags, {"items": [sandbox_json(one) for one in found]})
        return 0
    rows = [["POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME"]]
    for one in found:
        state = "Ready" if one.ready else "NotReady"
        age = short_human(call.now() - one.created)
        rows.append([cut_id(one.id, flags), age, state, one.name, one.namespace, str(one.attempt), "(default)"])
    await call.out(table(rows))
    return 0


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
            container_labels(runtime.sandboxes[c.sandbox], c).get(k) == v
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
        await print_as(call, flags, {"containers": [container_json(call, c) for c in found]})
        return 0
    rows = [["CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD", "NAMESPACE"]]
    for c in found:
        sandbox = runtime.sandboxes[c.sandbox]
        rows.append(
            [
                cut_id(c.id, flags),
                image_id(c.image)[:13],
                short_human(call.now() - c.created),
                c.state.capitalize(),
                c.name,
                str(c.attempt),
                cut_id(c.sandbox, flags),
                sandbox.name,
                sandbox.namespace,
            ]
        )
    await call.out(table(rows))
    return 0


async def _logs(call: Call, flags: Flags) -> int:
    needs_word(flags)
    container = find_container(call, flags.words[0])
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
    needs_word(flags)
    word, argv = flags.words[0], [*flags.words[1:], *(flags.rest or [])]
    container = call.node.runtime.find(word)
    doing = f"execing command in container {word}: "
    if container is None:
        missing = f'rpc error: code = NotFound desc = failed to find container \\"{word}\\" in store: not found'
        said = " ".join(f'"{part}"' for part in argv).replace(" ", ",")
        logged = 'remote_runtime.go:672] "Exec cmd from runtime service failed"'
        raise Fatal(f"{doing}{missing}", f'{logged} err="{missing}" containerID="{word}" cmd=[{said}]')
    if not argv:
        raise Fatal("command is required")
    if not container.running:
        problem = "rpc error: code = Unknown desc = container is in CONTAINER_EXITED state"
        said = ",".join(f'"{part}"' for part in argv)
        logged = f'remote_runtime.go:672] "Exec cmd from runtime service failed" err="{problem}"'
        raise Fatal(f"{doing}{problem}", f'{logged} containerID="{container.id}" cmd=[{said}]')
    sandbox = call.node.runtime.sandboxes[container.sandbox]
    code = await execute(
        call, call.node, sandbox, container, argv, stdin=flags.on("interactive"), tty=flags.on("tty")
    )
    if code == NOT_FOUND and argv[0].rsplit("/", 1)[-1] not in {"sh", "bash"}:
        told = not_started(container, argv[0]).partition(": ")[2]
        problem = f"rpc error: code = Unknown desc = {told}".replace('"', '\\\\"')
        raise Fatal(f"{doing}{problem}")
    if code:
        raise Fatal(f"execing command in container {container.id}: command terminated with exit code {code}")
    return 0


async def _each(call: Call, flags: Flags, action: Callable[[Call, Flags, str], None]) -> int:
    needs_word(flags)
    words = flags.words
    for word in words:
        action(call, flags, word)
        await call.line(word)
    return 0


def _stop_one(call: Call, _flags: Flags, word: str) -> None:
    container = find_container(call, word, f'stopping the container \\"{word}\\": ')
    call.node.runtime.stop(container, call.now(), 0)


async def _stop(call: Call, flags: Flags) -> int:
    return await _each(call, flags, _stop_one)


def _remove_one(call: Call, flags: Flags, word: str) -> None:
    container = find_container(call, word, f'getting container status \\"{word}\\": ')
    if container.running and not flags.on("force"):
        raise Fatal(
            f'removing the container \\"{word}\\": rpc error: code = Unknown desc = container \\"{container.id}\\" is running'  # noqa: E501 -- as it is printed
        )
    del call.node.runtime.containers[container.id]


async def _rm(call: Call, flags: Flags) -> int:
    if flags.on("all"):
        flags.words = [c.id for c in call.node.runtime.containers.values() if not c.running or flags.on("force")]
    return await _each(call, flags, _remove_one)


async def _stopp(call: Call, flags: Flags) -> int:
    needs_word(flags)
    for word in flags.words:
        call.node.runtime.stop_sandbox(find_sandbox(call, word), call.now())
        await call.line(f"Stopped sandbox {word}")
    return 0


async def _rmp(call: Call, flags: Flags) -> int:
    if flags.on("all"):
        flags.words = list(call.node.runtime.sandboxes)
    needs_word(flags)
    for word in flags.words:
        sandbox = find_sandbox(call, word, f'getting sandbox status of pod \\"{word}\\": ')
        if sandbox.ready and not flags.on("force"):
            raise Fatal(
                f'removing the pod sandbox \\"{word}\\": rpc error: code = Unknown desc = failed to forcibly stop sandbox'  # noqa: E501 -- as it is printed
            )
        call.node.runtime.stop_sandbox(sandbox, call.now())
        call.node.runtime.remove_sandbox(sandbox)
        await call.line(f"Removed sandbox {word}")
    return 0


_Command = Callable[[Call, Flags], Awaitable[int]]
_FILTERS = {
    "--name": "name",
    "--namespace": "namespace",
    "--id": "id",
    "--label": "label",
    "-s": "state",
    "--state": "state",
    **FORMAT,
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
    "images": (images, FORMAT, _QUIET),
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
    "inspect": (inspect, FORMAT, {}),
    "inspectp": (inspectp, FORMAT, {}),
    "stop": (_stop, {"-t": "timeout", "--timeout": "timeout"}, {}),
    "rm": (_rm, {}, {"-f": "force", "--force": "force", "-a": "all", "--all": "all"}),
    "stopp": (_stopp, {}, {}),
    "rmp": (_rmp, {}, {"-f": "force", "--force": "force", "-a": "all", "--all": "all"}),
    "version": (versions, {}, {}),
    "info": (info, FORMAT, {}),
    "stats": (stats, FORMAT, {"-a": "all", "--all": "all"}),
}
_COMMANDS["img"] = _COMMANDS["image"] = _COMMANDS["images"]
