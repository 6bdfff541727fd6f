"""timeout: runs a program with a time limit."""

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.endings import Interrupted
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.running.signals import number_of
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options
from lab.cluster.sim.bash.tools.pace import interval
from lab.cluster.sim.machine.signals import Signal

__all__ = ["timeout"]

_LONG = {"kill-after": "k", "signal": "s", "foreground": "foreground", "preserve-status": "p", "verbose": "v"}
_TRY = "Try 'timeout --help' for more information."
_TIMED_OUT = 124
_PASSED_ON = (Signal.SIGTERM, Signal.SIGINT, Signal.SIGHUP, Signal.SIGQUIT)


async def timeout(call: Call) -> int:
    """Run a program and end it after its time limit."""
    try:
        options = parse_options("timeout", call.argv, "k:s:v", _LONG, stop_at_operand=True, code=125)
        if len(options.operands) < 2:
            raise UsageError(_TRY, 125)
        seconds = _seconds(options.operands[0])
        kill_after = _seconds(options.last("k", "0"))
        sent = number_of(options.last("s", "TERM"))
        if sent is None:
            raise UsageError(f"timeout: ‘{options.last('s')}’: invalid signal\n{_TRY}", 125)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    argv = options.operands[1:]
    if call.has_program(argv[0]) is None:
        there = "/" in argv[0] and call.files.exists(call.path(argv[0]))
        why, code = ("Permission denied", 126) if there else ("No such file or directory", 127)
        return await call.fail(f"timeout: failed to run command ‘{argv[0]}’: {why}", code)
    return await _Run(call, options, Signal(sent) if sent else None).all(argv, seconds, kill_after)


def _seconds(text: str) -> float:
    found = interval(text)
    if found is None:
        raise UsageError(f"timeout: invalid time interval ‘{text}’\n{_TRY}", 125)
    return found


class _Run:
    """One program and its alarms."""

    def __init__(self, call: Call, options: Options, sent: Signal | None) -> None:
        self._call = call
        self._options = options
        self._sent = sent
        self._timed_out = False
        self._child: Process | None = None

    async def all(self, argv: list[str], seconds: float, kill_after: float) -> int:
        call = self._call
        process, clock = call.process, call.place.clock
        if not self._options.has("foreground"):
            process.group = process.pid
        self._child = child = call.start(argv)
        alarms = []
        if seconds:
            alarms.append(clock.call_at(call.now() + seconds, self._end))
            if kill_after:
                alarms.append(clock.call_at(call.now() + seconds + kill_after, self._kill))
        try:
            with process.handling(*_PASSED_ON):
                code = await self._waited(child)
        finally:
            for alarm in alarms:
                alarm.cancel()
        if not self._timed_out:
            await self._share_fate(child)
            return code
        if self._options.has("v"):
            await call.err(f"timeout: sending signal {self._name()} to command ‘{argv[0]}’\n")
        if child.signal is Signal.SIGKILL:
            await self._share_fate(child)
        return code if self._options.has("p") else _TIMED_OUT

    async def _share_fate(self, child: Process) -> None:
        """End by the signal that ended the program."""
        if child.signal is not None:
            self._call.process.send(child.signal)
            await self._call.step()

    def _name(self) -> str:
        return self._sent.name.removeprefix("SIG") if self._sent is not None else "EXIT"

    async def _waited(self, child: Process) -> int:
        while True:
            try:
                return await self._call.wait(child)
            except Interrupted as signal:
                pending = self._call.process.pending
                if signal.signal in pending:
                    pending.remove(signal.signal)
                child.send(signal.signal)

    def _end(self) -> None:
        self._timed_out = True
        if self._sent is not None:
            self._to_all(self._sent)

    def _kill(self) -> None:
        self._timed_out = True
        self._to_all(Signal.SIGKILL)

    def _to_all(self, signal: Signal) -> None:
        """Send a signal to the program and, unless it is in the foreground, to its whole process group."""
        call, child = self._call, self._child
        if child is None:
            return
        child.send(signal)
        child.send(Signal.SIGCONT)
        if not self._options.has("foreground"):
            for process in call.place.table.group(call.process.group):
                if process is not call.process and process is not child:
                    process.send(signal)
