"""crictl stop, rm, rmp, rmi, ...: commands that change containers, sandboxes and images."""

from collections.abc import Awaitable, Callable, Sequence

import yaml

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.crictl.selection import (
    NOT_FOUND,
    Fatal,
    HelpShown,
    find_container,
    find_image,
    find_sandbox,
    log_path,
    logged,
    needs_word,
)
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.machine.image_pulls import failure
from lab.cluster.sim.plane.programs import code_when_stopped
from lab.cluster.sim.text.times import iso

__all__ = [
    "checkpoint",
    "create",
    "pull",
    "remove",
    "remove_images",
    "remove_pods",
    "run",
    "run_pod",
    "start",
    "stop",
    "stop_pods",
    "update",
    "update_runtime",
]


async def _told(call: Call, message: str) -> int:
    await call.err(f'time="{iso(call.now())[:19]}Z" level=info msg="{message}"\n')
    return 0


async def stop(call: Call, flags: Flags) -> int:
    """Stop containers."""
    every, words = flags.on("all"), flags.words
    if every and words:
        raise Exit(1, "cannot specify CONTAINER-ID(s) when using --all")
    if not every and not words:
        raise Exit(1, "you must specify at least one CONTAINER-ID or use --all")
    if every:
        words = [c.id for c in call.node.runtime.containers.values() if c.running]
        if not words:
            await call.line("No running containers found.")
    for word in words:
        container = find_container(call, word, f'stopping the container "{word}": ')
        call.node.runtime.stop(container, call.now(), code_when_stopped(container))
        await call.line(word)
    return 0


async def remove(call: Call, flags: Flags) -> int:
    """Remove containers. A running one must be stopped first, or with --force is stopped."""
    every = [container.id for container in call.node.runtime.containers.values()]
    return await _remove_each(call, flags, every, "No containers to remove", _remove)


async def _remove(call: Call, flags: Flags, word: str) -> None:
    runtime = call.node.runtime
    container = find_container(call, word, f'getting container status "{word}": ')
    if container.running:
        if not flags.on("force"):
            raise Fatal(f'container "{word}" is running, please stop it first')
        runtime.stop(container, call.now(), 0)
        await call.line(word)
    del runtime.containers[container.id]
    if not flags.on("keep-logs"):
        call.files.remove(log_path(runtime.sandboxes[container.sandbox], container))
    await call.line(word)


async def _remove_each(
    call: Call,
    flags: Flags,
    every: Sequence[str],
    none: str,
    remove_one: Callable[[Call, Flags, str], Awaitable[None]],
) -> int:
    """Remove the named ones, or with --all `every` one."""
    words = every if flags.on("all") else flags.words
    if not words:
        if flags.on("all"):
            return await _told(call, none)
        raise HelpShown
    wrong: list[Fatal] = []
    for word in words:
        try:
            await remove_one(call, flags, word)
        except Fatal as fatal:
            wrong.append(fatal)
    return _gathered(wrong)


def _gathered(wrong: list[Fatal]) -> int:
    """End the command with all errors, if there are any."""
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        told = ", ".join(fatal.message for fatal in wrong)
        raise Fatal(f"[{told}]", wrong[0].logged)
    return 0


async def stop_pods(call: Call, flags: Flags) -> int:
    """Stop sandboxes with all their containers."""
    if not flags.words:
        raise HelpShown
    for word in flags.words:
        sandbox = find_sandbox(call, word, f'stopping the pod sandbox "{word}": ')
        call.node.runtime.stop_sandbox(sandbox, call.now())
        await call.line(f"Stopped sandbox {word}")
    return 0


async def remove_pods(call: Call, flags: Flags) -> int:
    """Remove sandboxes. A ready one must be stopped first, or with --force is stopped."""
    return await _remove_each(call, flags, list(call.node.runtime.sandboxes), "No pods to remove", _remove_pod)


async def _remove_pod(call: Call, flags: Flags, word: str) -> None:
    runtime = call.node.runtime
    sandbox = find_sandbox(call, word, f'getting sandbox status of pod "{word}": ')
    if sandbox.ready:
        if not flags.on("force"):
            raise Fatal(f'pod sandbox "{word}" is running, please stop it first')
        await call.line(f"Stopped sandbox {word}")
    runtime.stop_sandbox(sandbox, call.now())
    runtime.remove_sandbox(sandbox)
    await call.line(f"Removed sandbox {word}")


async def remove_images(call: Call, flags: Flags) -> int:
    """Remove images: the named ones, all, or those that no container uses."""
    runtime = call.node.runtime
    words = flags.words
    if not words and not flags.on("all") and not flags.on("prune"):
        raise HelpShown
    if flags.on("all") or flags.on("prune"):
        used = {c.image for c in runtime.containers.values()} if flags.on("prune") else set()
        words = [image for image in runtime.images if image not in used]
        if not words:
            return await _told(call, "No images to remove")
    wrong: list[Fatal] = []
    for word in words:
        image = find_image(call, word)
        if image is None:
            wrong.append(Fatal(f"no such image {word}"))
            continue
        runtime.images.remove(image)
        await call.line(f"Deleted: {image}")
    return _gathered(wrong)


async def pull(call: Call, flags: Flags) -> int:
    """Fail to pull an image: there is no registry."""
    if not flags.words or not flags.words[0]:
        raise Fatal("image name cannot be empty")
    if len(flags.words) > 1:
        raise HelpShown
    word = flags.words[0]
    problem = failure(word, call.files)
    error = f"rpc error: code = Unknown desc = {problem}"
    raise Fatal(f"pulling image: {problem}", logged(250, "PullImage", error, image=word))


def _config(call: Call, path: str, lead: str, kind: str) -> None:
    """End the command unless `path` is a file that could describe a pod or a container."""
    try:
        found = yaml.safe_load(call.files.read(call.path(path)))
    except FileNotFoundError:
        raise Fatal(f"{lead}config at {path} not found") from None
    except yaml.YAMLError as wrong:
        raise NotSimulated(f"crictl with {path}, which is no YAML ({type(wrong).__name__})") from None
    if not isinstance(found, dict | None):
        name = {str: "string", list: "array", bool: "bool"}.get(type(found), "number")
        told = f"json: cannot unmarshal {name} into Go value of type v1.{kind}"
        raise Fatal(f"{lead}error unmarshaling JSON: while decoding JSON: {told}")


async def run_pod(call: Call, flags: Flags) -> int:
    """Refuse to create a sandbox: without a description as crictl does, otherwise as not simulated."""
    if len(flags.words) != 1:
        raise HelpShown
    _config(call, flags.words[0], "load podSandboxConfig: ", "PodSandboxConfig")
    raise NotSimulated("crictl runp")


async def run(call: Call, flags: Flags) -> int:
    """Refuse to run a container: without descriptions as crictl does, otherwise as not simulated."""
    if len(flags.words) != 2:
        raise HelpShown
    _config(call, flags.words[1], "running container: load podSandboxConfig: ", "PodSandboxConfig")
    raise NotSimulated("crictl run")


async def create(call: Call, flags: Flags) -> int:
    """Refuse to create a container: without descriptions as crictl does, otherwise as not simulated."""
    if len(flags.words) != 3:
        raise HelpShown
    _config(call, flags.words[1], "creating container: ", "ContainerConfig")
    raise NotSimulated("crictl create")


async def start(call: Call, flags: Flags) -> int:
    """Fail to start containers: a running one is started already, an ended one can't be started."""
    needs_word(flags)
    for word in flags.words:
        doing = f'starting the container "{word}": '
        container = find_container(call, word, doing)
        problem = (
            "rpc error: code = Unknown desc = failed to set starting state for container "
            f'"{container.id}": container is in CONTAINER_{container.state} state'
        )
        raise Fatal(f"{doing}{problem}", logged(435, "StartContainer", problem, containerID=word))
    return 0


async def update(call: Call, flags: Flags) -> int:
    """Update the limits of containers; the model has no limits."""
    needs_word(flags)
    for word in flags.words:
        if call.node.runtime.find(word) is None:
            missing = f"{NOT_FOUND}failed to find container: not found"
            line = logged(599, "UpdateContainerResources", missing, containerID=word)
            raise Fatal(f'updating container resources for "{word}": {missing}', line)
    raise NotSimulated("crictl update")


async def checkpoint(call: Call, flags: Flags) -> int:
    """Report that the runtime supports no checkpoints."""
    del call
    needs_word(flags)
    if not flags.get("export"):
        raise Fatal(
            "cannot checkpoint a container without specifying the checkpoint destination. "
            "Use --export=/path/to/checkpoint.tar"
        )
    word = flags.words[0]
    error = "rpc error: code = Unimplemented desc = method CheckpointContainer not implemented"
    line = logged(1049, "CheckpointContainer", error, containerID=word)
    raise Fatal(f'checkpointing the container "{word}" failed: {error}', line)


async def update_runtime(call: Call, flags: Flags) -> int:
    """Show the help: the command has flags that no node of a lab needs."""
    del call, flags
    raise HelpShown
