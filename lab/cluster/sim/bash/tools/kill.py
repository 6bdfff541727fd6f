"""/usr/bin/kill: signals for processes."""

from lab.cluster.sim.bash.builtins.signal_lists import signal_name, signal_number
from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.machine.signals import Signal

__all__ = ["kill"]


async def kill(call: Call) -> int:  # noqa: C901 -- one case after the other
    """Send a signal to processes."""
    words = list(call.argv)
    number: int | None = Signal.SIGTERM
    if words[:1] in (["-s"], ["--signal"], ["-n"]) and len(words) > 1:
        number, words = signal_number(words[1]), words[2:]
    elif words[:1] in (["-l"], ["-L"], ["--list"], ["--table"]):
        names = [name for name in map(signal_name, range(1, 65)) if name is not None]
        await call.line(" ".join(names))
        return 0
    elif words and words[0].startswith("-") and len(words[0]) > 1 and words[0] != "--":
        number, words = signal_number(words[0][1:]), words[1:]
    if words[:1] == ["--"]:
        words = words[1:]
    if number is None:
        return await call.fail(f"kill: invalid argument {call.argv[0].lstrip('-')}")
    if not words:
        return await call.fail("kill: not enough arguments")
    code = 0
    for word in words:
        if not word.lstrip("-").isdigit():
            code = await call.fail(f'kill: cannot find process "{word}"')
            continue
        try:
            call.place.send_signal(int(word), number)
        except ProcessLookupError:
            code = await call.fail(f"kill: sending signal to {word} failed: No such process")
        except Exit as end:
            await call.err(f"{end.message}\n")
    return code
