"""A shell's jobs: background or stopped pipelines, and bash's messages about them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lab.cluster.sim.bash.running.endings import State
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.running.signals import described
from lab.cluster.sim.machine.signals import Signal

__all__ = ["Job", "Jobs", "NoJobError"]

_WIDTH = 24
#: How many exit codes of forgotten jobs a shell keeps for `wait PID`.
_KEPT = 4096


class NoJobError(Exception):
    """No job matches: the text is bash's (`%3: no such job`)."""


@dataclass(slots=True, eq=False)
class Job:
    """One job: the processes of a pipeline."""

    number: int
    processes: list[Process]
    text: str
    folder: str
    #: The number of its process group, if the shell has job control.
    group: int
    background: bool = True
    #: The status that the user saw last: a change is reported at the next prompt.
    told: str = ""
    #: Whether the job gets no SIGHUP (`disown -h`).
    no_hangup: bool = False
    texts: list[str] = field(default_factory=list)

    @property
    def running(self) -> bool:
        """Whether one of its processes is running."""
        return any(process.state is State.RUNNING for process in self.processes)

    @property
    def stopped(self) -> bool:
        """Whether the job is stopped: no process is running, and not all have ended."""
        return not self.running and any(process.state is State.STOPPED for process in self.processes)

    @property
    def done(self) -> bool:
        """Whether all its processes have ended."""
        return all(process.state is State.ZOMBIE for process in self.processes)

    @property
    def code(self) -> int:
        """The exit code: that of the last process; for a stopped job, 128 + the signal."""
        last = self.processes[-1]
        if self.stopped:
            signal = next((one.signal for one in self.processes if one.state is State.STOPPED), None)
            return 128 + (signal or Signal.SIGTSTP)
        return last.code

    @property
    def status(self) -> str:
        """Return the job's state in bash's words."""
        if self.running:
            return "Running"
        if self.stopped:
            return "Stopped"
        last = self.processes[-1]
        if last.signal is not None:
            return described(last.signal)
        return "Done" if last.code == 0 else f"Exit {last.code}"

    @property
    def long_status(self) -> str:
        """Return the job's state in the words of `jobs -l`, with the signal that stopped it."""
        signal = next((one.signal for one in self.processes if one.state is State.STOPPED), None)
        return described(signal) if self.stopped and signal is not None else self.status


class Jobs:
    """The jobs of one shell."""

    def __init__(self, where: Callable[[], tuple[str, str]]) -> None:
        #: Returns the shell's folder and its home folder.
        self._where = where
        self.table: dict[int, Job] = {}
        #: The numbers of jobs, the most recently used or stopped one last: `%+` and `%-`.
        self._order: list[int] = []
        #: Exit codes of background processes by their numbers, for `wait PID`.
        self.codes: dict[int, int] = {}
        #: Whether `exit` was just refused because of stopped jobs. The next `exit` leaves.
        self.warned = False
        #: Processes that the shell may still wait for, by number.
        self.known: dict[int, Process] = {}

    def add(self, processes: Sequence[Process], texts: Sequence[str], *, background: bool) -> Job:
        """Add a job; `texts` are the texts of its commands."""
        number = max(self.table, default=0) + 1
        folder = self._where()[0]
        job = Job(
            number, list(processes), " | ".join(texts), folder, processes[0].group, background, texts=list(texts)
        )  # fmt: skip
        self.table[number] = job
        self._order.append(number)
        for process in processes:
            self.known[process.pid] = process
        return job

    def note(self, process: Process) -> None:
        """Remember a background process for `wait` and `$!`."""
        self.known[process.pid] = process

    def touch(self, job: Job) -> None:
        """Make a job the current one."""
        self._order = [number for number in self._order if number != job.number] + [job.number]

    def remove(self, job: Job) -> None:
        """Forget a job; its exit codes are kept for `wait`."""
        self.table.pop(job.number, None)
        self._order = [number for number in self._order if number != job.number]
        for process in job.processes:
            if process.state is State.ZOMBIE:
                self.codes[process.pid] = process.code
                self.known.pop(process.pid, None)
        while len(self.codes) > _KEPT:
            del self.codes[next(iter(self.codes))]

    @property
    def current(self) -> Job | None:
        """The job `%+`: the one that was stopped last, else the one that began last."""
        return self._ranked(0)

    @property
    def previous(self) -> Job | None:
        """The job `%-`."""
        return self._ranked(1) or self._ranked(0)

    def _ranked(self, place: int) -> Job | None:
        found = [self.table[number] for number in reversed(self._order) if number in self.table]
        ranked = [job for job in found if job.stopped] + [job for job in found if not job.stopped]
        return ranked[place] if len(ranked) > place else None

    def mark(self, job: Job) -> str:
        """Return `+` for the current job, `-` for the previous job, else a blank."""
        if job is self._ranked(0):
            return "+"
        return "-" if job is self._ranked(1) else " "

    def find(self, spec: str) -> Job:
        """Return the job of `%1`, `%+`, `%-`, `%str`, `%?str`; raise `NoJobError` with bash's text behind SPEC."""
        word = spec.removeprefix("%")
        if word in {"", "%", "+", "-"}:
            found = self.previous if word == "-" else self.current
            if found is None:
                raise NoJobError(f"{spec}: no such job" if word == "-" or spec else "current: no such job")
            return found
        if word.isdigit():
            if int(word) not in self.table:
                raise NoJobError(f"{spec}: no such job")
            return self.table[int(word)]
        fits = [
            job for job in self.table.values()
            if (word[1:] in job.text if word.startswith("?") else job.text.startswith(word))
        ]  # fmt: skip
        if len(fits) > 1:
            raise NoJobError(f"{word.removeprefix('?')}: ambiguous job spec")
        if not fits:
            raise NoJobError(f"{spec}: no such job")
        return fits[0]

    def line(self, job: Job, *, numbers: bool = False) -> str:
        """Return a job's line of `jobs` (`-l`: with process numbers), with its newline."""
        suffix = " &" if job.background and job.running else ""
        away = "" if job.folder == self._where()[0] else f"  (wd: {self._short(job.folder)})"
        lead = f"[{job.number}]{self.mark(job)} "
        if not numbers or len(job.processes) == 1 or not job.texts:
            pid = f"{job.processes[0].pid:>5} " if numbers else " "
            status = job.long_status if numbers else job.status
            return f"{lead}{pid}{status:<{_WIDTH}}{job.text}{suffix}{away}\n"
        lines = []
        for index, (process, text) in enumerate(zip(job.processes, job.texts, strict=False)):
            head = lead if not index else "     "
            bar = "" if not index else "| "
            state = f"{job.long_status:<{_WIDTH}}" if not index else " " * (_WIDTH - len(bar))
            last = index == len(job.processes) - 1
            lines.append(f"{head}{process.pid:>5} {state}{bar}{text}{(suffix + away) if last else ''}\n")
        return "".join(lines)

    def _short(self, folder: str) -> str:
        home = self._where()[1]
        if home not in {"", "/"} and (folder == home or folder.startswith(f"{home}/")):
            return "~" + folder[len(home) :]
        return folder

    def changes(self) -> list[str]:
        """Return the messages for a prompt: jobs that ended or stopped since the last one. Forget ended jobs."""
        lines = []
        for job in list(self.table.values()):
            if job.running:
                continue
            status = job.status
            if job.told != status:
                lines.append("\n" + self.line(job) if job.stopped else self.line(job))
                job.told = status
            if job.done:
                self.remove(job)
        return lines

    def sweep(self) -> None:
        """Forget ended jobs without a message: in a script."""
        for job in list(self.table.values()):
            if job.done:
                self.remove(job)
