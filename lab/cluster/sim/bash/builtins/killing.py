"""kill: signals for processes and jobs."""

import re
from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.signal_lists import numbered_list, signal_name, signal_number
from lab.cluster.sim.bash.builtins.usage import BuiltinError, HelpAsked, Usage
from lab.cluster.sim.bash.builtins.words import strings
from lab.cluster.sim.bash.running.call import Exit
from lab.cluster.sim.bash.running.jobs import NoJobError
from lab.cluster.sim.machine.signals import Signal

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["kill"]

_PID = re.compile(r"-?\d+")
#: Exit codes above this are 128 and a signal's number.
_SIGNALLED = 128


async def kill(shell: "Shell", arguments: "list[Argument]") -> int:
    """Send a signal to processes and jobs, or list the signals."""
    words = strings(arguments)
    if not words:
        raise Usage
    if words[0] == "--help":
        raise HelpAsked
    if words[0] in {"-l", "-L"}:
        return await _list(shell, words[1:])
    number, targets = _signal(words)
    if not targets:
        raise Usage
    sent = 0
    for target in targets:
        sent += await _send(shell, target, number)
    return 0 if sent else 1


def _signal(words: list[str]) -> tuple[int, list[str]]:
    """Parse the signal in front of the targets."""
    first = words[0]
    if first in {"-s", "-n"}:
        if len(words) < 2:
            raise BuiltinError(f"{first}: option requires an argument")
        return _known(words[1]), _targets(words[2:])
    if first == "--":
        return Signal.SIGTERM, words[1:]
    if re.match(r"-[sn].", first) and signal_number(first[1:]) is None and signal_number(first[2:]) is not None:
        return _known(first[2:]), _targets(words[1:])
    if first.startswith("-") and len(first) > 1:
        return _known(first[1:]), _targets(words[1:])
    return Signal.SIGTERM, words


def _targets(words: list[str]) -> list[str]:
    return words[1:] if words[:1] == ["--"] else words


def _known(text: str) -> int:
    number = signal_number(text)
    if number is None:
        raise BuiltinError(f"{text}: invalid signal specification")
    return number


async def _send(shell: "Shell", target: str, number: int) -> bool:
    """Send a signal to one process or job; return whether that succeeded."""
    if target.startswith("%"):
        try:
            job = shell.jobs.find(target)
        except NoJobError as error:
            await shell.complain(f"kill: {error}")
            return False
        for process in job.processes:
            process.send(number)
            if job.stopped and number in {Signal.SIGTERM, Signal.SIGHUP}:
                process.send(Signal.SIGCONT)
        return True
    if _PID.fullmatch(target) is None:
        await shell.complain(f"kill: {target}: arguments must be process or job IDs")
        return False
    try:
        shell.place.send_signal(int(target), number)
    except ProcessLookupError:
        await shell.complain(f"kill: ({target}) - No such process")
        return False
    except Exit as end:
        await shell.err(f"{end.message}\n")
    return True


async def _list(shell: "Shell", words: list[str]) -> int:
    if not words:
        await shell.out(numbered_list())
        return 0
    code = 0
    for word in words:
        number = signal_number(word)
        if word.isdigit():
            wanted = int(word) - _SIGNALLED if int(word) > _SIGNALLED else int(word)
            name = "EXIT" if wanted == 0 else signal_name(wanted)
            if name is not None:
                await shell.out(f"{name}\n")
                continue
        elif number is not None:
            await shell.out(f"{number}\n")
            continue
        code = await shell.complain(f"kill: {word}: invalid signal specification")
    return code
