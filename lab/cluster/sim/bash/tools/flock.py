"""flock: runs a program under a file lock."""

from weakref import WeakKeyDictionary

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.endings import State
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options
from lab.cluster.sim.bash.tools.pace import interval
from lab.cluster.sim.bash.tools.runners import become
from lab.cluster.sim.machine.process_table import ProcessTable

__all__ = ["flock"]

_LONG = {
    "shared": "s", "exclusive": "x", "unlock": "u", "nonblock": "n", "nb": "n", "timeout": "w", "wait": "w",
    "conflict-exit-code": "E", "close": "o", "command": "c", "no-fork": "F", "verbose": "verbose",
}  # fmt: skip
#: How often a wait for a taken lock retries, in s.
_AGAIN = 0.05
#: The locks of each node: path -> holder.
_held: WeakKeyDictionary[ProcessTable[Process], dict[str, Process]] = WeakKeyDictionary()


async def flock(call: Call) -> int:  # noqa: C901, PLR0911 -- one case after the other
    """Run a program while holding a file's lock, or take a descriptor's lock."""
    try:
        options = parse_options("flock", call.argv, "sxeunw:E:oc:F", _LONG, stop_at_operand=True, code=64)
        words = options.operands
        if not words:
            raise UsageError("flock: not enough arguments\nTry 'flock --help' for more information.", 64)
        seconds = interval(options.last("w", "0")) or 0.0
    except UsageError as error:
        return await call.fail(error.message, error.code)
    number = words[0].isdigit() and len(words) == 1 and not options.has("c")
    if number and int(words[0]) not in call.process.descriptors:
        return await call.fail(f"flock: {words[0]}: Bad file descriptor", 65)
    path = call.process.descriptors[int(words[0])].path if number else call.path(words[0])
    if not number and not call.files.exists(path):
        call.open(words[0], "w").release()
    locks = _held.setdefault(call.place.table, {})
    if options.has("u"):
        locks.pop(path, None)
        return 0
    holder = (call.process.parent or call.process) if number else call.process
    if not await _taken(call, locks, path, options, (seconds, holder)):
        return int(options.last("E", "1"))
    if number:
        return 0
    argv = ["sh", "-c", options.last("c")] if options.has("c") else words[1:]
    if argv[:1] == ["-c"]:
        argv = ["sh", "-c", *argv[1:]]
    if not argv:
        return 0
    try:
        if call.has_program(argv[0]) is None:
            return await become(call, argv, shown="failed to execute {0}")
        return await call.wait(call.start(argv))
    finally:
        locks.pop(path, None)


async def _taken(
    call: Call, locks: dict[str, Process], path: str, options: Options, wish: tuple[float, Process]
) -> bool:
    """Take the lock for a process; wait for it as long as the options say."""
    seconds, holder = wish
    until = call.now() + seconds
    while (owner := locks.get(path)) is not None and owner is not holder and owner.state is not State.ZOMBIE:
        if options.has("n") or (options.has("w") and call.now() >= until):
            return False
        await call.sleep(_AGAIN)
    locks[path] = holder
    return True
