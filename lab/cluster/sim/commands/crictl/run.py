"""crictl exec, logs, attach, port-forward, events, completion: access to running containers."""

import json
import re
from datetime import UTC, datetime

from lab.cluster.sim.bash.running.call import Call, NotSimulated
from lab.cluster.sim.bash.running.open_files import Sink
from lab.cluster.sim.commands import containers as inside
from lab.cluster.sim.commands.crictl.selection import (
    NOT_FOUND,
    Fatal,
    HelpShown,
    containers,
    find_container,
    logged,
    needs_word,
)
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.machine.runtime import Container
from lab.cluster.sim.text.times import iso
from lab.cluster.sim.timing.durations import parse_duration

__all__ = ["attach", "completion", "events", "execute_in", "logs", "port_forward"]

_FILTERS = ("image", "label", "name", "pod", "state", "latest", "last")
#: Seconds between two looks of a command that follows a log.
_LOOK = 0.5


async def logs(call: Call, flags: Flags) -> int:
    """Print a container's log, and with -f its new lines."""
    needs_word(flags)
    if len(flags.words) > 1:
        raise HelpShown
    stamp = f'time="{iso(call.now())[:19]}Z"'
    if flags.on("reopen"):
        find_container(call, flags.words[0], "reopen container logs: ")
        await call.err(f'{stamp} level=info msg="Container logs reopened"\n')
    since = _since(call, flags.get("since"))
    stream = flags.get("stream")
    if stream not in {"", "stdout", "stderr"}:
        raise Fatal(f'invalid stream "{stream}", must be "stdout" or "stderr"')
    if flags.given("tail") and stream:
        raise Fatal("--tail and --stream are mutually exclusive")
    container = find_container(call, flags.words[0])
    if flags.on("previous"):
        container = _previous(call, container)
    entries = [one for one in inside.entries_of(call, container, int(flags.get("tail", "-1"))) if one[0] >= since]
    room = int(flags.get("limit-bytes", "-1"))
    seen = len(container.log)
    while True:
        for at, kind, line in entries:
            text = f"{iso(at)} {line}\n" if flags.on("timestamps") else f"{line}\n"
            text = text if room < 0 else text[:room]
            room -= len(text) if room > 0 else 0
            if stream in {"", kind}:
                await (call.err if kind == "stderr" else call.out)(text)
        if not flags.on("follow") or not container.running:
            return 0
        await call.sleep(_LOOK)
        entries = list(container.log[seen:])
        seen = len(container.log)


def _since(call: Call, text: str) -> float:
    """Return the time of `--since`: a duration, a date, or seconds since the epoch."""
    if not text:
        return 0.0
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    try:
        return call.now() - parse_duration(text)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Fatal(f'failed to parse value as time or duration: "{text}"') from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _previous(call: Call, container: Container) -> Container:
    if not container.attempt:
        raise Fatal(f"previous terminated container {container.name} not found")
    found = [
        c
        for c in call.node.runtime.containers.values()
        if (c.sandbox, c.name, c.attempt) == (container.sandbox, container.name, container.attempt - 1)
    ]
    if not found:
        raise NotSimulated("crictl logs --previous, of a container that was removed")
    return found[0]


async def execute_in(call: Call, flags: Flags) -> int:
    """Run a command in a container, or in all that match the filters."""
    if any(flags.given(name) for name in _FILTERS):
        return await _in_each(call, flags)
    if len(flags.words) < 2:
        raise HelpShown
    return await _in_one(call, flags, flags.words[0], flags.words[1:])


async def _in_each(call: Call, flags: Flags) -> int:
    if not flags.words:
        raise HelpShown
    found = await containers(call, flags)
    if not found:
        stamp = iso(call.now())[:19] + "Z"
        await call.err(f'time="{stamp}" level=error msg="No containers found per filter flags"\n')
        raise HelpShown
    for c in found:
        if not flags.on("quiet"):
            await call.line(f"{c.id}:")
        try:
            await _in_one(call, flags, c.id, flags.words)
        except Fatal:
            if not flags.on("ignore-errors"):
                raise
    return 0


async def _in_one(call: Call, flags: Flags, word: str, argv: list[str]) -> int:
    runtime = call.node.runtime
    container = runtime.find(word)
    sync = flags.on("sync")
    doing = f"execing command in container {word}{' synchronously' if sync else ''}: "
    told = {"containerID": word, "cmd": f"[{','.join(json.dumps(part) for part in argv)}]"}
    line, what = (636, "ExecSync cmd") if sync else (672, "Exec cmd")
    lead = "failed to exec in container: " if sync else ""
    if container is None:
        missing = f'{NOT_FOUND}{lead}failed to find container "{word}" in store: not found'
        raise Fatal(f"{doing}{missing}", logged(line, what, missing, **told))
    if not container.running:
        problem = f"rpc error: code = Unknown desc = {lead}container is in CONTAINER_{container.state} state"
        raise Fatal(f"{doing}{problem}", logged(line, what, problem, **told))
    tty, stdin = flags.on("tty"), flags.on("interactive")
    wrong = "" if sync else _unfit(call, flags)
    if wrong:
        raise Fatal(f"{doing}{wrong}")
    if sync:
        raise_for = await _synchronously(call, flags, container, argv)
        if raise_for:
            problem, own = raise_for
            raise Fatal(f"{doing}{own or problem}", logged(line, what, problem, **told) if problem else "")
        return 0
    code = await _execute(call, container, argv, stdin=stdin, tty=tty)
    if code == inside.NOT_FOUND:
        raise Fatal(f"{doing}Internal error occurred: {inside.not_started(container, argv[0])}")
    if code:
        raise Fatal(f"{doing}command terminated with exit code {code}")
    return 0


def _unfit(call: Call, flags: Flags) -> str:
    """Return the reason why keys can't be passed on, or an empty string."""
    if flags.on("tty") and not flags.on("interactive"):
        return "tty=true must be specified with interactive=true"
    if flags.on("tty") and call.controlling is None:
        return "input is not a terminal"
    transport = flags.get("transport", "websocket")
    return "" if transport in {"spdy", "websocket"} else f"get executor: unknown transport: {transport}"


async def _execute(call: Call, container: Container, argv: list[str], *, stdin: bool, tty: bool) -> int:
    sandbox = call.node.runtime.sandboxes[container.sandbox]
    return await inside.execute(call, call.node, sandbox, container, argv, stdin=stdin, tty=tty)


async def _synchronously(
    call: Call, flags: Flags, container: Container, argv: list[str]
) -> tuple[str, str] | None:
    """Run a command whose output comes at its end; return its error in the words of the runtime and of crictl."""
    if int(flags.get("timeout", "0")) > 0:
        raise NotSimulated("crictl exec --sync --timeout")
    spoken, complained = bytearray(), bytearray()
    given = dict(call.process.descriptors)
    call.process.descriptors |= {1: Sink(spoken.extend), 2: Sink(complained.extend)}
    try:
        code = await _execute(call, container, argv, stdin=False, tty=False)
    finally:
        call.process.descriptors.update(given)
    wrong = complained.decode(errors="replace")
    if code == inside.NOT_FOUND:
        told = inside.not_started(container, argv[0]).removeprefix("error executing command in container: ")
        return f"rpc error: code = Unknown desc = {told}", ""
    if code:
        return "", f"command '{' '.join(argv)}' exited with {code}: {wrong}"
    # crictl prints both on stdout, each with a line end.
    await call.out(bytes(spoken) + b"\n" + wrong.encode() + b"\n")
    return None


async def attach(call: Call, flags: Flags) -> int:
    """Print a container's new output."""
    needs_word(flags)
    container = call.node.runtime.find(flags.words[0])
    doing = "attaching running container failed: "
    if container is None:
        missing = f"{NOT_FOUND}failed to find container in store: not found"
        line = logged(701, "Attach container", missing, containerID=flags.words[0])
        raise Fatal(f"{doing}{missing}", line)
    if not container.running:
        problem = f"rpc error: code = Unknown desc = container is in CONTAINER_{container.state} state"
        line = logged(701, "Attach container", problem, containerID=flags.words[0])
        raise Fatal(f"{doing}{problem}", line)
    if flags.on("tty") and call.controlling is None:
        raise Fatal(f"{doing}input is not a terminal")
    seen = len(container.log)
    while container.running:
        await call.sleep(_LOOK)
        for _, kind, line in container.log[seen:]:
            await (call.err if kind == "stderr" else call.out)(f"{line}\n")
        seen = len(container.log)
    return 0


async def port_forward(call: Call, flags: Flags) -> int:
    """Report errors in forwarded ports; forwarding itself is not simulated."""
    if len(flags.words) < 2:
        raise HelpShown
    word, ports = flags.words[0], flags.words[1:]
    found = [key for key in call.node.runtime.sandboxes if word and key.startswith(word)]
    if not found:
        missing = f'{NOT_FOUND}failed to find sandbox "{word}": not found'
        raise Fatal(f"port forward: {missing}", logged(730, "PortForward", missing, podSandboxID=word))
    for port in ports:
        local, _, remote = port.partition(":")
        for which, number in (("local", local), ("remote", remote or local)):
            if number and not number.isdigit():
                why = f'strconv.ParseUint: parsing "{number}": invalid syntax'
                raise Fatal(f"port forward: error parsing {which} port '{number}': {why}")
    raise NotSimulated("crictl port-forward")


async def events(call: Call, flags: Flags) -> int:
    """Report that the runtime sends no events."""
    del call
    if flags.words:
        raise HelpShown
    if flags.get("output", "json") not in {"json", "yaml", "go-template"}:
        raise Fatal(f'don\'t support "{flags.get("output")}" format')
    error = "rpc error: code = Unimplemented desc = method GetContainerEvents not implemented"
    where = 'remote_runtime.go:1086] "failed to receive streaming container event"'
    raise Fatal(f"getting container events: {error}", f"{where} err={json.dumps(error)}")


async def completion(call: Call, flags: Flags) -> int:
    """Report that completion code is not simulated, or that the shell is unknown."""
    del call
    if len(flags.words) > 1:
        raise HelpShown
    if flags.words and flags.words[0] not in {"bash", "zsh", "fish"}:
        raise Fatal("only bash, zsh or fish are supported")
    raise NotSimulated("crictl completion")
