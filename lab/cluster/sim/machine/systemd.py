"""systemd on a node: units from files, running services, and timers."""

from dataclasses import dataclass

from lab.cluster.sim.machine.calendar import next_calendar, parse_span
from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.journal import Journal
from lab.cluster.sim.machine.service_programs import Job, Launcher, NativeService
from lab.cluster.sim.machine.signals import Signal
from lab.cluster.sim.machine.unit_checks import bad_setting, described, refusal, unmet
from lab.cluster.sim.machine.unit_commands import missing_environment, refused, script
from lab.cluster.sim.machine.unit_files import ETC, Unit, load_unit, unit_names
from lab.cluster.sim.machine.unit_warnings import warnings
from lab.cluster.sim.state.declared import Derived, Given, stateful
from lab.cluster.sim.timing.clock import Clock

__all__ = ["Job", "Launcher", "NativeService", "State", "Systemd"]
#: Exit codes with the names that systemd gives them; from 129 on, a shell's code for a signal.
_STATUSES = {
    1: "FAILURE", 2: "INVALIDARGUMENT", 3: "NOTIMPLEMENTED", 4: "NOPERMISSION", 5: "NOTINSTALLED",
    6: "NOTCONFIGURED", 7: "NOTRUNNING", 200: "CHDIR", 203: "EXEC", 217: "USER",
}  # fmt: skip
_BY_SIGNAL = 128


@dataclass(slots=True)
class State:
    """The state of a unit."""

    active: str = "inactive"
    sub: str = "dead"
    since: float = 0.0
    pid: int = 0
    code: int = 0
    result: str = "success"
    restarts: int = 0
    triggered: float = 0.0
    next: float = float("inf")
    started_by_hand: bool = False


@stateful
class Systemd:
    """Units of one machine."""

    _files: Given[Files]
    _journal: Given[Journal]
    _clock: Given[Clock]
    #: The time of the last boot, in s since the epoch.
    boot_time: float
    #: Service -> its program, if that is a part of the model.
    services: Derived[dict[str, NativeService]]
    due: float
    states: dict[str, State]
    launch: Given[Launcher | None]
    next_pid: int
    #: Service -> its process. It ends with the simulator's process, and `resume` starts it again.
    _jobs: Derived[dict[str, Job]]
    #: Service -> the time of its restart.
    _restarts: dict[str, float]
    #: The units that it keeps in memory: those that run or have failed.
    _loaded: set[str]

    def __init__(self, files: Files, journal: Journal, clock: Clock) -> None:
        self._files = files
        self._journal = journal
        self._clock = clock
        self.boot_time = clock.now()
        self.services = {}
        self.due = float("inf")
        self.states = {}
        self.launch = None
        self.next_pid = 1200
        self._jobs = {}
        self._restarts = {}
        self._loaded = set()

    # Asking

    def unit(self, name: str) -> Unit | None:
        """Return the unit called `name`, from its file."""
        return load_unit(self._files, name)

    def names(self) -> list[str]:
        """Return the names of all units with a file or a state."""
        living = {name for name, state in self.states.items() if state.active != "inactive"}
        return sorted({*unit_names(self._files), *living})

    def state(self, name: str) -> State:
        """Return the state of `name`."""
        return self.states.setdefault(name, State())

    def is_active(self, name: str) -> bool:
        """Whether `name` is active, as `systemctl is-active` says it."""
        return name in self.states and self.states[name].active == "active"

    def load(self, name: str) -> None:
        """Read a unit that somebody asks for, unless it is in memory, and say what is wrong with its file."""
        unit = self.unit(name)
        if (
            unit is None
            or (name in self._loaded and self._kept(name))
            or not unit.path.startswith(ETC)
            or unit.native
            or unit.masked
        ):
            return
        if unit.kind == "timer":
            self.load(unit.get("Timer", "Unit") or name.removesuffix(".timer") + ".service")
        for told in (*warnings(self._files, unit), *filter(None, [bad_setting(unit)])):
            self._say(told, name)
        self._loaded.add(name)

    def _kept(self, name: str) -> bool:
        """Whether a unit stays in memory: it runs or has failed, or so does its timer."""
        timer = name.removesuffix(".service") + ".timer"
        return any(self.state(each).active != "inactive" for each in (name, timer) if each in self.states)

    def reload(self) -> None:
        """Read again what is in memory."""
        names, self._loaded = sorted(self._loaded), set()
        for name in names:
            if self._kept(name):
                self.load(name)

    # Doing

    def boot(self, native: tuple[str, ...]) -> None:
        """Start the enabled units."""
        for name in native:
            unit = self.unit(name)
            if unit and unit.enablement(self._files) != "disabled":
                self.start(name)
        for name in self.names():
            unit = self.unit(name)
            if unit and unit.enabled(self._files) and self.state(name).active != "active":
                self.start(name)

    def start(self, name: str) -> bool:
        """Start a unit; return whether it came up."""
        unit, state, now = self.unit(name), self.state(name), self._clock.now()
        if unit is None:
            return False
        state.restarts = 0
        self.load(name)
        if found := refusal(self._files, unit):
            for line in found.said:
                self._say(line, name)
            return False
        if told := unmet(self._files, unit, "Condition"):
            self._say(f"{described(unit)} was skipped because of an unmet condition check ({told}).", name)
            return True
        if (state.active == "active" and (unit.kind != "service" or unit.native)) or name in self._jobs:
            return True
        if unit.kind == "timer":
            self._start_timer(unit, state, now)
        elif unit.kind == "service":
            self._start_service(unit, state, now)
        else:
            state.active, state.sub, state.since = "active", "active", now
        self._schedule()
        return True

    def activate(self, name: str, idle: float | None) -> None:
        """Start a service on demand; with `idle` it ends after this many seconds without a request."""
        self.start(name)
        if idle is not None:
            self.state(name).next = self._clock.now() + idle
        self._schedule()

    def stop(self, name: str) -> None:
        """Stop a unit."""
        state = self.state(name)
        job = self._jobs.pop(name, None)
        self._restarts.pop(name, None)
        was = state.active
        if was == "failed":
            return  # until somebody resets or starts it
        state.active, state.sub, state.since, state.next = "inactive", "dead", self._clock.now(), float("inf")
        state.pid, state.restarts = 0, 0
        if job is not None:
            job.end()
        if service := self.services.get(name):
            service.stop()
        if was in {"active", "activating"}:
            state.result, state.code = "success", 0
            unit = self.unit(name)
            called = described(unit) if unit else name
            self._say(f"Stopping {called}...", name)
            self._say(f"{name}: Deactivated successfully.", name)
            self._say(f"Stopped {called}.", name)
        self._schedule()

    def run(self, now: float) -> None:
        """Start the services whose timers or restarts are due."""
        for name, at in list(self._restarts.items()):
            if at <= now:
                del self._restarts[name]
                count = self.state(name).restarts + 1
                self.start(name)
                self.state(name).restarts = count
        for name, state in list(self.states.items()):
            if state.active == "active" and state.next <= now:
                self._fire(name, state, now)
        self._schedule()

    def _fire(self, name: str, state: State, now: float) -> None:
        unit = self.unit(name)
        if unit is None:
            state.next = float("inf")
            return
        if unit.kind == "service":
            self.stop(name)
            return
        state.triggered = now
        state.next = self._elapse(unit, state, now)
        target = unit.get("Timer", "Unit") or name.removesuffix(".timer") + ".service"
        self.start(target)

    def _start_timer(self, unit: Unit, state: State, now: float) -> None:
        state.active, state.sub, state.since = "active", "waiting", now
        state.next = self._elapse(unit, state, now)
        self._say(f"Started {described(unit)}.", unit.name)

    def _elapse(self, unit: Unit, state: State, now: float) -> float:
        found = [float("inf")]
        target = unit.get("Timer", "Unit") or unit.name.removesuffix(".timer") + ".service"
        last = max(state.triggered, self.state(target).since if self.state(target).active == "active" else 0.0)
        for key, value in unit.sections.get("Timer", []):
            span = parse_span(value)
            if key == "OnActiveSec":
                found.append(state.since + span)
            elif key in {"OnBootSec", "OnStartupSec"}:
                found.append(self.boot_time + span)
            elif key in {"OnUnitActiveSec", "OnUnitInactiveSec"} and last:
                found.append(last + span)
            elif key == "OnCalendar":
                found.append(next_calendar(value, now))
        later = [at for at in found if at > max(state.triggered, 0.0) and (at > now or not state.triggered)]
        return min(later, default=float("inf"))

    def _start_service(self, unit: Unit, state: State, now: float) -> None:
        if said := missing_environment(self._files, unit):
            for line in (*said, f"Failed to start {described(unit)}."):
                self._say(line, unit.name)
            state.active, state.sub, state.result, state.pid = "failed", "failed", "resources", 0
            return
        # A simple service has started at once, unless something runs before its program.
        early = {"", "simple", "exec", "idle"}
        if unit.every("Service", "ExecStartPre") or unit.get("Service", "Type") not in early:
            self._say(f"Starting {described(unit)}...", unit.name)
        self.next_pid += 7
        state.pid, state.since, state.code, state.result = self.next_pid, now, 0, "success"
        if unit.first() and self.launch is not None:
            state.active, state.sub = "activating", "start-pre"
            before = script(self._files, unit, unit.first(), self._journal.host)
            self._jobs[unit.name] = self.launch(
                before, state.pid, lambda code, said: self._prepared(unit.name, code, said)
            )
            return
        self._run_service(unit, state)

    def _prepared(self, name: str, code: int, said: str) -> None:
        """Handle the end of the commands before a service's program."""
        if self._jobs.pop(name, None) is None:
            return
        unit = self.unit(name)
        if code or unit is None:
            self._over(name, code, said)
            return
        self._keep(name, said)
        self._run_service(unit, self.state(name))
        self._schedule()

    def _run_service(self, unit: Unit, state: State) -> None:
        oneshot = unit.get("Service", "Type") == "oneshot"
        state.active, state.sub = ("activating", "start") if oneshot else ("active", "running")
        service = self.services.get(unit.name)
        if (code := service.start() if service else None) and oneshot:
            self._over(unit.name, code, "")
            return
        if oneshot and unit.native:
            # Its program has done its work at once.
            state.active, state.sub, state.pid = "active", "exited", 0
            self._say(f"Finished {described(unit)}.", unit.name)
            return
        if not oneshot:
            self._say(f"Started {described(unit)}.", unit.name)
        if not unit.native:
            self._launch(unit)

    def _launch(self, unit: Unit) -> None:
        if self.launch is not None:
            commands = unit.every("Service", "ExecStart")
            for found in (refused(self._files, unit, each, self._journal.host) for each in commands):
                if found is not None:
                    for line in found.said:
                        self._say(f"{unit.name}: {line}", unit.name)
                    self._over(unit.name, found.code, "")
                    return
            line = script(self._files, unit, commands, self._journal.host)
            self._jobs[unit.name] = self.launch(
                line, self.state(unit.name).pid, lambda code, said: self._ended(unit.name, code, said)
            )

    def _ended(self, name: str, code: int, said: str) -> None:
        """Handle the end of a service's process that nobody stopped."""
        if self._jobs.pop(name, None) is not None:
            self._over(name, code, said)

    def ended(self, name: str, code: int) -> None:
        """Handle the end of a service whose program is a part of the model: it has ended by itself."""
        self._over(name, code, "")

    def kill(self, name: str, number: Signal) -> None:
        """End a service's process by a signal."""
        job = self._jobs.pop(name, None)
        if job is not None:
            job.end()
        if service := self.services.get(name):
            service.stop()
        self._over(name, 0 if number != Signal.SIGKILL else int(number), "", killed=number == Signal.SIGKILL)

    def _over(self, name: str, code: int, said: str, *, killed: bool = False) -> None:
        state, unit, now = self.state(name), self.unit(name), self._clock.now()
        self._keep(name, said)
        if _BY_SIGNAL < code <= _BY_SIGNAL + 64 and not killed:
            # SIGHUP, SIGINT, SIGPIPE and SIGTERM are clean ends.
            killed, code = True, 0 if code - _BY_SIGNAL in {1, 2, 13, 15} else code - _BY_SIGNAL
        if unit and str(code) in " ".join(unit.every("Service", "SuccessExitStatus")).split():
            code = 0
        starting, control = state.sub in {"start", "start-pre"}, state.sub == "start-pre"
        state.code, state.since, state.pid = code, now, 0
        state.active, state.sub = ("inactive", "dead") if code == 0 else ("failed", "failed")
        state.result = "success" if code == 0 else "signal" if killed else "exit-code"
        if code:
            how = f"code=killed, status={code}/{Signal(code).name.removeprefix('SIG')}" if killed else ""
            how = how or f"code=exited, status={code}/{_STATUSES.get(code, 'n/a')}"
            self._say(f"{name}: {'Control' if control else 'Main'} process exited, {how}", name)
            self._say(f"{name}: Failed with result '{state.result}'.", name)
            if starting:
                self._say(f"Failed to start {described(unit) if unit else name}.", name)
        elif unit and unit.get("Service", "Type") == "oneshot":
            if unit.get("Service", "RemainAfterExit") in {"yes", "true"}:
                state.active, state.sub = "active", "exited"
            self._say(f"{name}: Deactivated successfully.", name)
            self._say(f"Finished {described(unit)}.", name)
        else:
            self._say(f"{name}: Deactivated successfully.", name)
        wish = unit.get("Service", "Restart") if unit else ""
        if wish == "always" or (wish == "on-failure" and code):
            pause = parse_span(unit.get("Service", "RestartSec") or "100ms") if unit else 1.0
            state.active, state.sub = "activating", "auto-restart"
            self._restarts[name] = now + max(pause, 0.1)
        self._schedule()

    def _keep(self, name: str, said: str) -> None:
        """Keep the last words of a service's process."""
        pid = self.state(name).pid
        for line in said.splitlines()[-20:]:
            self._journal.write(self._clock.now(), name, line, identifier=name.removesuffix(".service"), pid=pid)

    def _say(self, message: str, unit: str = "init.scope") -> None:
        self._journal.write(self._clock.now(), unit, message, identifier="systemd", pid=1)

    def _schedule(self) -> None:
        found = [state.next for state in self.states.values() if state.active == "active"]
        self.due = min([float("inf"), *found, *self._restarts.values()])

    def end_all(self) -> None:
        """End all processes without messages, since the model stops."""
        for job in self._jobs.values():
            job.end()
        self._jobs.clear()

    # Keeping

    def resume(self) -> None:
        """Restart the processes of services that ran when the state was saved or copied."""
        self._jobs.clear()
        for name, state in self.states.items():
            unit = self.unit(name)
            if unit and state.sub == "start-pre":
                self._start_service(unit, state, self._clock.now())
            elif unit and unit.kind == "service" and not unit.native and state.sub in {"running", "start"}:
                self._launch(unit)
