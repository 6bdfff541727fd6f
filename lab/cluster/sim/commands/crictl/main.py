"""crictl: a client of the node's container runtime."""

import json
from collections.abc import Awaitable, Callable

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.bash.running.deferred import Deferred
from lab.cluster.sim.commands.crictl.config import config, configured
from lab.cluster.sim.commands.crictl.flags import GLOBAL, OWN
from lab.cluster.sim.commands.crictl.listing import images, pods, ps
from lab.cluster.sim.commands.crictl.selection import Fatal, HelpShown
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.golang.command_line import CommandLineError, HelpAsked
from lab.cluster.sim.commands.golang.urfave import parse
from lab.cluster.sim.commands.node.help_pages import has_page, page
from lab.cluster.sim.machine.runtime import SOCKET
from lab.cluster.sim.text.times import iso

__all__ = ["crictl"]

_VERSION = "v1.36.0"
_ALIASES = {"img": "images", "image": "images", "event": "events", "h": "help"}


async def crictl(call: Call) -> int:
    """Run crictl."""
    name = "crictl"
    try:
        flags = parse(call.argv, GLOBAL)
        if flags.words:
            name = f"crictl {_ALIASES.get(flags.words[0], flags.words[0])}"
        return await _dispatch(call, flags)
    except HelpAsked:
        topic = _topic(call.argv)
        if topic and (name == "crictl" or topic != name.split()[1]):
            return await _die(call, Fatal(f"No help topic for '{topic}'"))
        return await _help(call, [] if name == "crictl" else [name.split()[1]])
    except Exit as end:
        return await _ended(call, name, end)


def _topic(argv: list[str]) -> str:
    """Return the first word behind the flag that asks for help."""
    asked = next(
        (index for index, word in enumerate(argv) if word.lstrip("-") in {"h", "help"} and word[:1] == "-"), 0
    )
    return next((word for word in argv[asked:] if not word.startswith("-")), "")


async def _ended(call: Call, name: str, end: Exit) -> int:
    """Print the message of a command that ended early."""
    if isinstance(end, HelpShown):
        await call.out(page(name, unasked=True))
        return 0
    if isinstance(end, CommandLineError):
        await call.out(f"Incorrect Usage: {end.message}\n\n{page(name, unasked=name != 'crictl')}")
        end = Fatal(end.message)
    if isinstance(end, Fatal):
        return await _die(call, end)
    return await call.fail(end.message, end.code)


async def _dispatch(call: Call, flags: Flags) -> int:
    if flags.on("version"):
        await call.line(f"crictl version {_VERSION}")
        return 0
    command = _ALIASES.get(flags.words[0], flags.words[0]) if flags.words else "help"
    if command == "help":
        return await _help(call, flags.words[1:])
    if command not in _COMMANDS:
        raise Exit(3, f"No help topic for '{command}'")
    return await _run(call, flags, command)


async def _die(call: Call, fatal: Fatal) -> int:
    """Log the error that ended the command."""
    stamp = iso(call.now())[:19] + "Z"
    if fatal.logged:
        at = iso(call.now())
        await call.err(f"E{at[5:7]}{at[8:10]} {at[11:26]} {1000 + int(call.now()) % 9000:>7} {fatal.logged}\n")
    return await call.fail(f'time="{stamp}" level=fatal msg={json.dumps(fatal.message, ensure_ascii=False)}')


async def _help(call: Call, words: list[str]) -> int:
    words = [word for word in words if not word.startswith("-")]
    about = f"crictl {_ALIASES.get(words[0], words[0])}" if words else "crictl"
    if not has_page(about):
        raise Exit(3, f"No help topic for '{words[0]}'")
    await call.out(page(about))
    return 0


async def _run(call: Call, outer: Flags, command: str) -> int:
    settings = await configured(call, outer)
    flags = parse(outer.words[1:], OWN.get(command, {}))
    run = _COMMANDS[command]
    flags.values["file"] = [settings["file"]]
    if command in _OFFLINE:
        return await run(call, flags)
    if settings["debug"] == "true":
        raise NotSimulated("crictl --debug")
    kind = "image" if command in _OF_IMAGES else "runtime"
    if command in _LATER and not flags.words:
        # These commands check their words before they contact the runtime.
        return await run(call, flags)
    for one in dict.fromkeys([kind, "image"] if command == "ps" else [kind]):
        await _connected(call, one, settings[f"{one}-endpoint"])
    return await run(call, flags)


async def _connected(call: Call, kind: str, endpoint: str) -> None:
    """End the command unless the runtime answers on its socket."""
    if not endpoint:
        raise Fatal(f"--{kind}-endpoint is not set")
    path = endpoint.removeprefix("unix://")
    if path == SOCKET and call.node.systemd.state("containerd.service").active == "active":
        return
    why = "no such file or directory"
    if path != SOCKET and call.files.exists(path):
        why = "connection refused"
    raise Fatal(
        f'validate service connection: validate CRI v1 {kind} API for endpoint "unix://{path}": rpc error: '
        f'code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix {path}: '
        f'connect: {why}"'
    )


#: Commands that need no runtime.
_OFFLINE = {"config", "completion"}
_OF_IMAGES = {"images", "inspecti", "imagefsinfo", "pull", "rmi"}
_LATER = {
    "logs",
    "exec",
    "attach",
    "port-forward",
    "runp",
    "run",
    "create",
    "start",
    "update",
    "checkpoint",
    "pull",
}
_COMMANDS: dict[str, Callable[[Call, Flags], Awaitable[int]]] = {
    "attach": Deferred("lab.cluster.sim.commands.crictl.run", "attach"),
    "checkpoint": Deferred("lab.cluster.sim.commands.crictl.change", "checkpoint"),
    "completion": Deferred("lab.cluster.sim.commands.crictl.run", "completion"),
    "config": config,
    "create": Deferred("lab.cluster.sim.commands.crictl.change", "create"),
    "events": Deferred("lab.cluster.sim.commands.crictl.run", "events"),
    "exec": Deferred("lab.cluster.sim.commands.crictl.run", "execute_in"),
    "imagefsinfo": Deferred("lab.cluster.sim.commands.crictl.stats", "image_file_systems"),
    "images": images,
    "info": Deferred("lab.cluster.sim.commands.crictl.inspect", "info"),
    "inspect": Deferred("lab.cluster.sim.commands.crictl.inspect", "inspect"),
    "inspecti": Deferred("lab.cluster.sim.commands.crictl.inspect", "inspect_images"),
    "inspectp": Deferred("lab.cluster.sim.commands.crictl.inspect", "inspect_pods"),
    "logs": Deferred("lab.cluster.sim.commands.crictl.run", "logs"),
    "metricdescs": Deferred("lab.cluster.sim.commands.crictl.stats", "unknown"),
    "metricsp": Deferred("lab.cluster.sim.commands.crictl.stats", "unknown"),
    "pods": pods,
    "port-forward": Deferred("lab.cluster.sim.commands.crictl.run", "port_forward"),
    "ps": ps,
    "pull": Deferred("lab.cluster.sim.commands.crictl.change", "pull"),
    "rm": Deferred("lab.cluster.sim.commands.crictl.change", "remove"),
    "rmi": Deferred("lab.cluster.sim.commands.crictl.change", "remove_images"),
    "rmp": Deferred("lab.cluster.sim.commands.crictl.change", "remove_pods"),
    "run": Deferred("lab.cluster.sim.commands.crictl.change", "run"),
    "runp": Deferred("lab.cluster.sim.commands.crictl.change", "run_pod"),
    "runtime-config": Deferred("lab.cluster.sim.commands.crictl.stats", "unknown"),
    "start": Deferred("lab.cluster.sim.commands.crictl.change", "start"),
    "stats": Deferred("lab.cluster.sim.commands.crictl.stats", "containers"),
    "statsp": Deferred("lab.cluster.sim.commands.crictl.stats", "pods"),
    "stop": Deferred("lab.cluster.sim.commands.crictl.change", "stop"),
    "stopp": Deferred("lab.cluster.sim.commands.crictl.change", "stop_pods"),
    "update": Deferred("lab.cluster.sim.commands.crictl.change", "update"),
    "update-runtime-config": Deferred("lab.cluster.sim.commands.crictl.change", "update_runtime"),
    "version": Deferred("lab.cluster.sim.commands.crictl.inspect", "versions"),
}
