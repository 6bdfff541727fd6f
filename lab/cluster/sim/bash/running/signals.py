"""The default effects of signals on a process, and bash's words for them."""

from lab.cluster.sim.machine.signals import Signal

__all__ = ["STOPS", "TERMINAL_STOPS", "described", "ignored_by_default", "name_of", "number_of"]

#: Signals that stop a process, and those among them that a process may handle or ignore.
TERMINAL_STOPS = frozenset({Signal.SIGTSTP, Signal.SIGTTIN, Signal.SIGTTOU})
STOPS = TERMINAL_STOPS | {Signal.SIGSTOP}
_IGNORED = frozenset({Signal.SIGCHLD, Signal.SIGCONT, Signal.SIGURG, Signal.SIGWINCH})
_DESCRIBED = {
    Signal.SIGHUP: "Hangup", Signal.SIGINT: "Interrupt", Signal.SIGQUIT: "Quit",
    Signal.SIGILL: "Illegal instruction",
    Signal.SIGTRAP: "Trace/breakpoint trap", Signal.SIGABRT: "Aborted", Signal.SIGBUS: "Bus error",
    Signal.SIGFPE: "Floating point exception", Signal.SIGKILL: "Killed", Signal.SIGUSR1: "User defined signal 1",
    Signal.SIGSEGV: "Segmentation fault", Signal.SIGUSR2: "User defined signal 2", Signal.SIGPIPE: "Broken pipe",
    Signal.SIGALRM: "Alarm clock", Signal.SIGTERM: "Terminated", Signal.SIGSTKFLT: "Stack fault",
    Signal.SIGXCPU: "CPU time limit exceeded", Signal.SIGXFSZ: "File size limit exceeded",
    Signal.SIGVTALRM: "Virtual timer expired", Signal.SIGPROF: "Profiling timer expired",
    Signal.SIGIO: "I/O possible", Signal.SIGPWR: "Power failure", Signal.SIGSYS: "Bad system call",
    Signal.SIGSTOP: "Stopped (signal)", Signal.SIGTSTP: "Stopped", Signal.SIGTTIN: "Stopped (tty input)",
    Signal.SIGTTOU: "Stopped (tty output)",
}  # fmt: skip


def ignored_by_default(signal: Signal) -> bool:
    """Return whether a signal has no effect on a process that does not handle it."""
    return signal in _IGNORED


def described(signal: Signal) -> str:
    """Return bash's word for a job that this signal ended or stopped."""
    return _DESCRIBED.get(signal, f"Unknown signal {int(signal)}")


def name_of(number: int) -> str | None:
    """Return the name of a signal without its SIG."""
    return next((one.name.removeprefix("SIG") for one in Signal if one == number), None)


def number_of(text: str) -> int | None:
    """Return the number of a signal by its name, with or without SIG, or by its number; 0 is EXIT."""
    if text.isdigit():
        number = int(text)
        return number if 0 <= number <= 64 else None
    name = text.upper().removeprefix("SIG")
    if name == "EXIT":
        return 0
    return next((int(one) for one in Signal if one.name == f"SIG{name}"), None)
