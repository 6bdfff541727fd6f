"""jobs, fg, bg, wait, disown and suspend."""

from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.usage import BuiltinError, Given, options
from lab.cluster.sim.bash.builtins.words import strings
from lab.cluster.sim.bash.running.endings import Interrupted
from lab.cluster.sim.bash.running.jobs import Job, NoJobError
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.machine.signals import Signal

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["background", "disown", "foreground", "jobs", "suspend", "wait"]

_NO_CHILD = 127


async def jobs(shell: "Shell", arguments: "list[Argument]") -> int:
    """List jobs."""
    given = options(strings(arguments), "lpnxrs")
    if given.has("x"):
        return await shell.run_words([_pid_of(shell, word) for word in given.words])
    code = 0
    shown: list[Job] = []
    for word in given.words:
        try:
            shown.append(shell.jobs.find(word))
        except NoJobError as error:
            code = await shell.complain(f"jobs: {error}")
    if not given.words:
        shown = [shell.jobs.table[number] for number in sorted(shell.jobs.table)]
    for job in shown:
        if (given.has("r") and not job.running) or (given.has("s") and not job.stopped):
            continue
        if given.has("n") and job.told == job.status:
            continue
        if given.has("p"):
            await shell.out(f"{job.processes[0].pid}\n")
        else:
            await shell.out(shell.jobs.line(job, numbers=given.has("l")))
        job.told = job.status
        if job.done:
            shell.jobs.remove(job)
    return code


def _pid_of(shell: "Shell", word: str) -> str:
    if not word.startswith("%"):
        return word
    try:
        return str(shell.jobs.find(word).group)
    except NoJobError:
        return word


def _controlled(shell: "Shell") -> None:
    if not shell.option("monitor"):
        raise BuiltinError("no job control")


def _job(shell: "Shell", word: str) -> Job:
    """Return the job that fg's or bg's argument names; raise `BuiltinError` if there is none."""
    if not word:
        if shell.jobs.current is None:
            raise BuiltinError("current: no such job")
        return shell.jobs.current
    try:
        return shell.jobs.find(word)
    except NoJobError as error:
        raise BuiltinError(str(error)) from None


async def foreground(shell: "Shell", arguments: "list[Argument]") -> int:
    """Resume a job in the foreground and wait for it."""
    given = options(strings(arguments), "")
    _controlled(shell)
    job = _job(shell, given.words[0] if given.words else "")
    if job.done:
        shell.jobs.remove(job)
        raise BuiltinError("job has terminated")
    await shell.out(f"{job.text}\n")
    return await shell.evaluator.foreground(job)


async def background(shell: "Shell", arguments: "list[Argument]") -> int:
    """Resume stopped jobs in the background."""
    given = options(strings(arguments), "")
    _controlled(shell)
    code = 0
    for word in given.words or [""]:
        try:
            job = _job(shell, word)
        except BuiltinError as error:
            code = await shell.complain(f"bg: {error.message}")
            continue
        if job.running:
            await shell.complain(f"bg: job {job.number} already in background")
            continue
        if job.done:
            code = await shell.complain("bg: job has terminated")
            continue
        mark = shell.jobs.mark(job)
        shell.evaluator.resume(job)
        await shell.out(f"[{job.number}]{mark} {job.text} &\n")
    return code


async def disown(shell: "Shell", arguments: "list[Argument]") -> int:
    """Forget jobs, so that the end of the shell does not end them."""
    given = options(strings(arguments), "ahr")
    code = 0
    chosen: list[Job] = []
    if given.words:
        for word in given.words:
            found = _by_pid(shell, word)
            if found is None:
                code = await shell.complain(f"disown: {word}: no such job")
            else:
                chosen.append(found)
    elif given.has("a", "r"):
        chosen = [job for job in shell.jobs.table.values() if not given.has("r") or job.running]
    elif shell.jobs.current is None:
        raise BuiltinError("current: no such job")
    else:
        chosen = [shell.jobs.current]
    for job in chosen:
        if given.has("h"):
            job.no_hangup = True
        else:
            shell.jobs.remove(job)
            for process in job.processes:
                shell.jobs.known.pop(process.pid, None)
    return code


def _by_pid(shell: "Shell", word: str) -> Job | None:
    if word.isdigit():
        pid = int(word)
        return next((job for job in shell.jobs.table.values() if any(p.pid == pid for p in job.processes)), None)
    try:
        return shell.jobs.find(word)
    except NoJobError:
        return None


async def wait(shell: "Shell", arguments: "list[Argument]") -> int:
    """Wait for jobs and processes; return the exit code of the last."""
    given = options(strings(arguments), "fnp:")
    if given.has("p"):
        shell.variables.unset(given.value("p"))
    before, shell.process.interruptible = shell.process.interruptible, True
    try:
        if given.has("n"):
            return await _wait_any(shell, given)
        if not given.words:
            await _wait_all(shell)
            return 0
        codes = [await _wait_one(shell, word, given) for word in given.words]
        return codes[-1]
    except Interrupted as end:
        return 128 + end.signal
    finally:
        shell.process.interruptible = before


async def _wait_all(shell: "Shell") -> None:
    for process in list(shell.jobs.known.values()):
        await shell.process.wait_end(process)
        _forget(shell, process)
    for job in [job for job in shell.jobs.table.values() if job.done and job.processes[-1].signal is None]:
        await _tell(shell, job)
    shell.jobs.sweep()


async def _tell(shell: "Shell", job: Job) -> None:
    """Report at a terminal that an awaited job has ended."""
    if shell.interactive and not shell.subshells and job.done:
        await shell.err(shell.jobs.line(job))


def _forget(shell: "Shell", process: Process) -> None:
    """Keep only the exit code of a process that has ended."""
    shell.jobs.known.pop(process.pid, None)
    shell.jobs.codes[process.pid] = process.code


async def _wait_one(shell: "Shell", word: str, given: Given) -> int:
    if word.startswith("%"):
        try:
            job = shell.jobs.find(word)
        except NoJobError as error:
            return await shell.complain(f"wait: {error}", _NO_CHILD)
        for process in job.processes:
            await shell.process.wait_end(process)
        await _tell(shell, job)
        shell.jobs.remove(job)
        _assign(shell, given, job.processes[-1].pid)
        return job.code
    if not word.isdigit():
        return await shell.complain(f"wait: `{word}': not a pid or valid job spec")
    pid = int(word)
    known = shell.jobs.known.get(pid)
    if known is not None:
        await shell.process.wait_end(known)
        await _settle(shell, known)
        _assign(shell, given, pid)
        return known.code
    if pid in shell.jobs.codes:
        _assign(shell, given, pid)
        return shell.jobs.codes[pid]
    return await shell.complain(f"wait: pid {pid} is not a child of this shell", _NO_CHILD)


async def _settle(shell: "Shell", process: Process) -> None:
    """Forget an awaited process, and its job once all the job's processes have ended."""
    _forget(shell, process)
    for job in list(shell.jobs.table.values()):
        if process in job.processes and job.done:
            await _tell(shell, job)
            shell.jobs.remove(job)


def _assign(shell: "Shell", given: Given, pid: int) -> None:
    if given.has("p"):
        shell.variables.set(given.value("p"), str(pid))


async def _wait_any(shell: "Shell", given: Given) -> int:
    wanted: list[Process] = []
    if given.words:
        for word in given.words:
            job = _by_pid(shell, word)
            known = shell.jobs.known.get(int(word)) if word.isdigit() else None
            if job is not None:
                wanted.append(job.processes[-1])
            elif known is not None:
                wanted.append(known)
            else:
                await shell.complain(f"wait: {word}: no such job")
    else:
        jobs_of_it = shell.jobs.table.values()
        wanted = [job.processes[-1] for job in jobs_of_it] or list(shell.jobs.known.values())
    if not wanted:
        return _NO_CHILD
    process = await shell.process.wait_any(wanted)
    await _settle(shell, process)
    _assign(shell, given, process.pid)
    return process.code


async def suspend(shell: "Shell", arguments: "list[Argument]") -> int:
    """Stop this shell until a signal resumes it."""
    given = options(strings(arguments), "f")
    if not shell.option("monitor"):
        raise BuiltinError("cannot suspend: no job control")
    if shell.login and not given.has("f"):
        raise BuiltinError("cannot suspend a login shell")
    shell.process.send(Signal.SIGSTOP)
    await shell.process.step()
    return 0
