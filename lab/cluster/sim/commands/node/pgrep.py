"""pgrep and pkill: find processes by their names, and send them a signal."""

import re
from collections.abc import Callable, Sequence

from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.flags import Flags, parse
from lab.cluster.sim.commands.node.signal_delivery import deliver
from lab.cluster.sim.commands.node.visible_processes import visible_processes
from lab.cluster.sim.machine.processes import Process
from lab.cluster.sim.machine.signals import Signal

__all__ = ["pgrep"]

_VALUED = {"-u": "user", "--euid": "user", "-U": "user", "-P": "parent", "--parent": "parent", "-d": "delimiter",
           "--delimiter": "delimiter", "--signal": "signal"}  # fmt: skip
_SWITCHES = {"-c": "count", "--count": "count", "-l": "name", "--list-name": "name", "-a": "full-line",
             "--list-full": "full-line", "-f": "full", "--full": "full", "-x": "exact", "--exact": "exact",
             "-o": "oldest", "--oldest": "oldest", "-n": "newest", "--newest": "newest", "-v": "inverse",
             "--inverse": "inverse", "-i": "ignore-case", "--ignore-case": "ignore-case", "-e": "echo",
             "--echo": "echo"}  # fmt: skip


async def pgrep(call: Call) -> int:
    """Print the numbers of matching processes (pgrep), or send them a signal (pkill)."""
    killing = call.name == "pkill"
    argv, sent = _signal_of(call.argv) if killing else (list(call.argv), Signal.SIGTERM)
    try:
        flags = parse(argv, _VALUED, _SWITCHES, program=call.name)
        flags.words += flags.rest or []
        if flags.given("signal"):
            sent = _signal(flags.get("signal")) or sent
        found = _matching(call, flags)
        if killing:
            for process in found:
                deliver(call.place, process, sent, call.name)
    except Exit as stop:
        return await call.fail(stop.message, 2)
    if flags.on("count"):
        await call.line(str(len(found)))
    elif killing and flags.on("echo"):
        await call.out("".join(f"{process.name} killed (pid {process.pid})\n" for process in found))
    elif not killing:
        lines = [_listed(process, flags) for process in found]
        joined = flags.get("delimiter", "\n").join(lines)
        await call.out(f"{joined}\n" if lines else "")
    return 0 if found else 1


def _listed(process: Process, flags: Flags) -> str:
    more = process.args if flags.on("full-line") else process.name if flags.on("name") else ""
    return f"{process.pid} {more}".rstrip()


def _matching(call: Call, flags: Flags) -> list[Process]:
    if len(flags.words) > 1:
        raise Exit(2, f"{call.name}: only one pattern can be provided\n{_try(call)}")
    if not flags.words and not any(flags.given(one) for one in ("user", "parent", "oldest", "newest")):
        raise Exit(2, f"{call.name}: no matching criteria specified\n{_try(call)}")
    text = flags.words[0] if flags.words else ""
    try:
        case = re.IGNORECASE if flags.on("ignore-case") else 0
        pattern = re.compile(f"(?:{text})$" if flags.on("exact") else text, case)
    except re.error:
        raise Exit(2, f"{call.name}: regex error: Invalid preceding regular expression") from None
    look = pattern.match if flags.on("exact") else pattern.search
    users, parents = set(flags.get("user").split(",")) - {""}, set(flags.get("parent").split(",")) - {""}

    def fits(process: Process) -> bool:
        if (users and not users & {process.user, str(process.uid)}) or (
            parents and str(process.parent) not in parents
        ):
            return flags.on("inverse")
        return bool(look(process.args if flags.on("full") else process.name)) != flags.on("inverse")

    found = [process for process in visible_processes(call) if fits(process) and process.pid != call.process.pid]
    if flags.on("oldest") or flags.on("newest"):
        pick: Callable[..., Process] = min if flags.on("oldest") else max
        found = [pick(found, key=lambda process: (process.started, process.pid))] if found else []
    return found


def _try(call: Call) -> str:
    return f"Try `{call.name} --help' for more information."


def _signal(text: str) -> Signal | int | None:
    """Return the signal of that name or number; 0 only tests whether the process exists."""
    if text.isdigit():
        return 0 if text == "0" else next((one for one in Signal if one == int(text)), None)
    name = text.upper().removeprefix("SIG")
    return next((one for one in Signal if one.name == f"SIG{name}"), None)


def _signal_of(argv: Sequence[str]) -> tuple[list[str], Signal | int]:
    """Remove the signal (`-9`, `-HUP`) from the words of pkill."""
    left: list[str] = []
    sent: Signal | int = Signal.SIGTERM
    for word in argv:
        known = _signal(word[1:]) if re.fullmatch(r"-(\d+|[A-Z]{3,})", word) else None
        if known is None:
            left.append(word)
        else:
            sent = known
    return left, sent
