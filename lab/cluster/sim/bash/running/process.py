"""A simulated process: its numbers, its descriptors, its signals, and its ways to wait."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from lab.cluster.sim.bash.running.descriptors import Descriptors
from lab.cluster.sim.bash.running.endings import Interrupted, Killed, State
from lab.cluster.sim.bash.running.memory import Memory
from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.bash.running.place import Place
from lab.cluster.sim.bash.running.signals import STOPS, TERMINAL_STOPS, ignored_by_default
from lab.cluster.sim.machine.signals import Signal
from lab.cluster.sim.timing.counting import Pause
from lab.cluster.sim.timing.rationing import rest

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.session import Session
    from lab.cluster.sim.timing.clock import Alarm

__all__ = ["Main", "Process"]

T = TypeVar("T")
#: The body of a process; its result is the exit code.
Main = Callable[["Process"], Awaitable[int]]
#: How much processor time a process takes before others get a turn, in s of the cluster's time.
_SLICE = 0.01


class Process(Descriptors, Memory):
    """One process: an asyncio task that the clock counts from its creation.

    A process waits only by `pause`, `sleep`, `wait_for` and its open files. The clock does not count a waiting
    process.
    """

    def __init__(
        self,
        place: Place,
        arguments: Sequence[str],
        *,
        parent: "Process | None" = None,
        group: int | None = None,
        environment: Mapping[str, str] | None = None,
        folder: str = "/",
        descriptors: Mapping[int, OpenFile] | None = None,
        pid: int | None = None,
    ) -> None:
        super().__init__(descriptors if descriptors is not None else parent.descriptors if parent else {})
        Memory.__init__(self, place.table)
        self.place = place
        self._clock = place.clock
        self._count = place.count
        self.arguments = list(arguments)
        self.parent = parent
        self.pid = place.table.new_pid() if pid is None else pid
        inherited = parent.group if parent is not None else self.pid
        self.group: int = inherited if group is None else group or self.pid
        self.session: Session | None = parent.session if parent else None
        given = environment if environment is not None else parent.environment if parent is not None else {}
        self.environment: dict[str, str] = dict(given)
        self.folder = folder
        self.umask: int = parent.umask if parent else 0o022
        self.started = self._clock.now()
        #: Whether the process was started from outside the node.
        self.from_outside = False
        #: Whether the process belongs to a service, so that its actions are nobody's.
        self.service: bool = parent.service if parent else False
        self.state = State.RUNNING
        #: The exit code after the end; 128 + the signal's number if a signal ended the process.
        self.code = 0
        #: The signal that ended the process, or that stopped it last.
        self.signal: Signal | None = None
        #: Ignored signals, which its children inherit, and handled signals.
        self.ignored: set[Signal] = set(parent.ignored) if parent else set()
        self.handled: set[Signal] = set()
        #: Pending handled signals, the oldest first. The handler takes them from here.
        self.pending: list[Signal] = []
        #: Whether a handled signal interrupts a wait by `Interrupted`. Otherwise the signal waits until the wait
        #: is over.
        self.interruptible = False
        self.children: list[Process] = []
        #: Called each time the process ends, stops or resumes: a shell's jobs.
        self.changed: Callable[[Process], None] | None = None
        self.task: asyncio.Task[None] | None = None
        self._pause: Pause | None = None
        #: When it last went on after a wait, in s of `perf_counter`.
        self._resumed = time.perf_counter()
        #: When others get a turn at the latest, however little its work counts for on the cluster's clock.
        self._turn_ends = self._resumed + _SLICE
        self._resume: Pause | None = None
        self._fate: Killed | None = None
        self._expired: TimeoutError | None = None
        self._spent = 0.0
        self._waiting_for: list[Pause] = []
        if parent is not None:
            parent.children.append(self)
        place.table.add(self)

    # The view of others

    @property
    def parent_pid(self) -> int:
        """The number of the parent; that of the first process if the parent has ended."""
        return self.parent.pid if self.parent is not None else 0 if self.from_outside else 1

    @property
    def tty(self) -> str:
        """The name of its terminal."""
        terminal = self.session.terminal if self.session is not None else None
        return terminal.name if terminal is not None else "?"

    @property
    def letters(self) -> str:
        """The state as `ps` prints it, with letters for a session leader and for the foreground."""
        session = self.session
        lead = "s" if session is not None and session.leader == self.pid else ""
        terminal = session.terminal if session is not None else None
        return (
            self.state.value + lead + ("+" if terminal is not None and terminal.foreground == self.group else "")
        )

    # Its life

    def start(self, main: Main) -> "Process":
        """Begin to run `main`. The clock counts the process from now on."""
        self._count.add()
        self.task = asyncio.get_running_loop().create_task(self._live(main))
        self._count.tasks.add(self.task)
        return self

    def spawn(self, main: Main, arguments: Sequence[str], **more: Any) -> "Process":  # noqa: ANN401 -- passed on
        """Start a child that runs `main`. The child inherits whatever `more` does not give (see `__init__`)."""
        more.setdefault("folder", self.folder)
        place = more.pop("place", self.place)
        return Process(place, arguments, parent=self, **more).start(main)

    async def _live(self, main: Main) -> None:
        try:
            self.code = await main(self)
            self.check()
        except Killed as end:
            self.code, self.signal = 128 + end.signal, end.signal
        except BrokenPipeError:
            self.code, self.signal = 128 + Signal.SIGPIPE, Signal.SIGPIPE
        except MemoryError:
            self.code, self.signal = 128 + Signal.SIGKILL, Signal.SIGKILL
        except RecursionError:
            self.code, self.signal = 128 + Signal.SIGSEGV, Signal.SIGSEGV
        except asyncio.CancelledError:
            # The lab is closed.
            self.code, self.signal = 128 + Signal.SIGKILL, Signal.SIGKILL
        except Exception as mistake:  # noqa: BLE001 -- the simulator's own: the loop tells it, the cluster lives on
            self.code = 70
            about = {"message": f"a mistake in {self.arguments}", "exception": mistake}
            asyncio.get_running_loop().call_exception_handler(about)
        finally:
            self._over()

    def _over(self) -> None:
        self.close_all()
        self.state = State.ZOMBIE
        for child in self.children:
            child.parent = None
        self.children.clear()
        if self.parent is not None:
            self.parent.children.remove(self)
        self.place.table.remove(self)
        self._tell()
        if self.task is not None:
            self._count.tasks.discard(self.task)
        self._count.remove()

    def _tell(self) -> None:
        waiting, self._waiting_for = self._waiting_for, []
        for pause in waiting:
            pause.end()
        if self.changed is not None:
            self.changed(self)

    # Waiting

    async def pause(self, register: Callable[[Pause], object]) -> Any:  # noqa: ANN401 -- what it is given
        """Wait until `register`'s pause is ended; return the pause's result.

        A signal that ends the process raises `Killed` here. A signal that it handles raises `Interrupted` if the
        process is `interruptible`.
        """
        if self._hindered:
            await self._checked()
        if self.interruptible and self.pending:
            raise Interrupted(self.pending[0])
        if self._expired is not None:
            raise self._expired
        pause = Pause(self._count)
        register(pause)
        self._pause = pause
        try:
            result = await pause
        finally:
            self._pause = None
            self._resumed = time.perf_counter()
            self._turn_ends = self._resumed + _SLICE
        if self._hindered:
            await self._checked()
        return result

    def check(self) -> None:
        """Raise the exception of a signal that came while the process was busy."""
        if self._fate is not None:
            raise self._fate

    @property
    def _hindered(self) -> bool:
        """Whether there is a reason for `_checked`."""
        return self._fate is not None or self.state is State.STOPPED or self._clock.held

    async def _checked(self) -> None:
        """Wait while the process is stopped or the clock is held; raise the exception of a pending signal."""
        if self._clock.held:
            await self._clock.going()
        while self.state is State.STOPPED and self._fate is None:
            self._resume = Pause(self._count)
            try:
                await self._resume
            finally:
                self._resume = None
        if self._fate is not None:
            raise self._fate

    async def sleep(self, seconds: float) -> None:
        """Wait for some of the cluster's time."""
        if seconds <= 0:
            return
        alarms: list[Alarm] = []
        try:
            until = self._clock.now() + seconds
            await self.pause(lambda pause: alarms.append(self._clock.call_at(until, pause.end)))
        finally:
            for alarm in alarms:
                alarm.cancel()

    async def step(self, seconds: float = 0.0) -> None:
        """Charge `seconds` of processor time, and give others a turn now and then.

        A loop that does not wait calls this in each round. Then time passes, signals arrive, and other processes
        run.
        """
        self._spent += seconds
        if self._spent >= _SLICE or (not self._clock.turned and time.perf_counter() > self._turn_ends):
            spent, self._spent = self._spent, 0.0
            if self._clock.turned:
                await self.sleep(spent)
            else:
                await self._give_way()
                self._turn_ends = time.perf_counter() + _SLICE
        if self._hindered:
            await self._checked()

    async def _give_way(self) -> None:
        """Give others a turn, for as long as this process has to rest."""
        computed = time.perf_counter() - self._resumed
        if seconds := rest(self.place.count, self.pid, computed):
            await self.sleep(seconds)
        else:
            await asyncio.sleep(0)
        self._resumed = time.perf_counter()

    @contextlib.contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """While the body runs, raise `TimeoutError` in a wait once `seconds` have passed."""
        expired = TimeoutError()

        def expire() -> None:
            self._expired = expired
            if self._pause is not None:
                self._pause.fail(expired)

        alarm = self._clock.call_at(self._clock.now() + seconds, expire)
        try:
            yield
        finally:
            alarm.cancel()
            self._expired = None

    async def outside(self, work: Coroutine[Any, Any, T]) -> T:
        """Await something outside of the world, such as keys: the clock does not count the process meanwhile."""
        task = asyncio.get_running_loop().create_task(work)
        try:
            await self.pause(lambda pause: task.add_done_callback(lambda _: pause.end()))
        finally:
            if not task.done():
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await task
        return task.result()

    def tell(self, pause: Pause) -> None:
        """End `pause` when the process ends, stops or resumes."""
        self._waiting_for.append(pause)

    async def wait_for(self, child: "Process", *, untraced: bool = False) -> State:
        """Wait until `child` has ended, or has stopped if `untraced`; return its state."""
        while child.state is State.RUNNING or (child.state is State.STOPPED and not untraced):
            await self.pause(child.tell)
        return child.state

    async def wait_end(self, child: "Process") -> int:
        """Wait until `child` has ended; return its exit code."""
        await self.wait_for(child)
        return child.code

    async def wait_any(self, children: "Sequence[Process]", *, untraced: bool = False) -> "Process":
        """Wait until one of `children` has ended, or has stopped if `untraced`; return the first one."""
        settled = {State.ZOMBIE, State.STOPPED} if untraced else {State.ZOMBIE}
        while True:
            for child in children:
                if child.state in settled:
                    return child

            def register(pause: Pause) -> None:
                for child in children:
                    child.tell(pause)

            await self.pause(register)

    # Signals

    def send(self, signal: Signal | int) -> None:
        """Send the process a signal; signal 0 does nothing."""
        if not signal or self.state is State.ZOMBIE:
            return
        signal = Signal(signal)
        if signal == Signal.SIGCONT:
            self._go_on()
        if signal == Signal.SIGKILL:
            self._end(signal)
        elif signal == Signal.SIGSTOP or (
            signal in TERMINAL_STOPS and signal not in self.ignored and signal not in self.handled
        ):
            self._stop(signal)
        elif signal in self.handled:
            self.pending.append(signal)
            if self._pause is not None and self.interruptible:
                self._pause.fail(Interrupted(signal))
        elif signal not in self.ignored and not ignored_by_default(signal) and signal not in STOPS:
            self._end(signal)

    def _end(self, signal: Signal) -> None:
        if self._fate is not None:
            return
        self._fate = Killed(signal)
        if self._resume is not None:
            self._resume.end()
        elif self._pause is not None:
            self._pause.fail(self._fate)

    def _stop(self, signal: Signal) -> None:
        if self.state is State.RUNNING:
            self.state, self.signal = State.STOPPED, signal
            self._tell()

    def _go_on(self) -> None:
        if self.state is State.STOPPED:
            self.state, self.signal = State.RUNNING, None
            if self._resume is not None:
                self._resume.end()
            self._tell()

    # Descriptors

    async def read(self, size: int = 1 << 16, descriptor: int = 0) -> bytes:
        """Return the next bytes, at most `size`; nothing at the end. A closed descriptor raises `OSError`."""
        return await self.file(descriptor).read(self, size)

    async def write(self, data: bytes, descriptor: int = 1) -> None:
        """Write all of `data`. A pipe with no reader raises `BrokenPipeError`, a closed descriptor `OSError`."""
        if self._clock.held:
            await self._clock.going()
        await self.file(descriptor).write(self, data)

    @contextlib.contextmanager
    def handling(self, *signals: Signal) -> Iterator[None]:
        """While the body runs, let `signals` raise `Interrupted` when the process waits."""
        handled, interruptible = set(self.handled), self.interruptible
        self.handled |= set(signals)
        self.interruptible = True
        try:
            yield
        finally:
            self.handled, self.interruptible = handled, interruptible
