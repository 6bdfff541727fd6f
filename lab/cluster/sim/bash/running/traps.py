"""Traps: commands for a signal, for the exit, and for each failing command."""

from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.running.signals import name_of, number_of
from lab.cluster.sim.machine.signals import Signal

__all__ = ["PSEUDO", "Traps", "condition_of"]

#: Conditions that are not signals, in the order of `trap -l` and `trap`.
PSEUDO = ("EXIT", "DEBUG", "ERR", "RETURN")
#: Signals that do not end an interactive shell.
_KEPT_AWAY = (Signal.SIGTERM, Signal.SIGQUIT, Signal.SIGTSTP, Signal.SIGTTIN, Signal.SIGTTOU)


def condition_of(word: str) -> str | None:
    """Return a trap's condition from its word (`SIGINT`, `2`, `0`, `err`): `INT`, `EXIT`, `ERR`; else None."""
    upper = word.upper()
    if upper.removeprefix("SIG") in PSEUDO:
        return upper.removeprefix("SIG")
    number = number_of(word)
    return "EXIT" if number == 0 else None if number is None else name_of(number)


class Traps:
    """The traps of one shell: condition (`INT`, `EXIT`) -> command; an empty command ignores the signal."""

    def __init__(self) -> None:
        self.commands: dict[str, str] = {}
        #: The condition whose command is running.
        self.running: str | None = None
        #: Signals that were ignored when the shell began: a script can't trap them.
        self.fixed: frozenset[Signal] = frozenset()
        self.interactive = False

    def set(self, process: Process, condition: str, command: str | None) -> None:
        """Set a trap; None resets the condition to its default."""
        if condition not in PSEUDO and Signal[f"SIG{condition}"] in self.fixed:
            return
        if command is None:
            self.commands.pop(condition, None)
        else:
            self.commands[condition] = command
        self.arm(process)

    def arm(self, process: Process) -> None:
        """Set the handled and ignored signals from the traps.

        A shell always handles SIGINT, to end in order.
        """
        handled = {Signal.SIGINT, Signal.SIGHUP} if self.interactive else {Signal.SIGINT}
        # A shell ignores SIGQUIT; its programs do not.
        ignored = {*self.fixed, Signal.SIGQUIT}
        if self.interactive:
            ignored |= set(_KEPT_AWAY)
        for condition, command in self.commands.items():
            if condition in PSEUDO:
                continue
            signal = Signal[f"SIG{condition}"]
            (handled if command else ignored).add(signal)
            (ignored if command else handled).discard(signal)
        process.handled, process.ignored = handled - self.fixed, ignored

    def inherited(self) -> "Traps":
        """Return the traps of a subshell: ignored signals stay; DEBUG, ERR and RETURN are dropped."""
        made = Traps()
        made.commands = {name: command for name, command in self.commands.items() if not command}
        made.fixed = self.fixed
        return made

    def for_children(self) -> frozenset[Signal]:
        """Return the signals that programs ignore from their start."""
        return self.fixed | {
            Signal[f"SIG{name}"] for name, text in self.commands.items() if not text and name not in PSEUDO
        }
