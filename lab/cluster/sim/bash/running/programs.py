"""Run programs: a modelled program gets its call, a shell its words, a builtin a shell of its own."""

import asyncio

from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.bash.running.finding import Program
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.running.shell_program import new_shell, shell_program
from lab.cluster.sim.text.bounded_regex import EndlessSearchError

__all__ = ["run_program"]

#: The processor time of a program's start, in s.
_START = 0.0005
#: Programs that change nothing but files and objects of the API, and end often: shells, readers, text programs.
_LIGHT = frozenset({
    "bash", "sh", "dash", "rbash", "[", "awk", "basename", "cat", "chmod", "cp", "curl", "cut", "date", "dd",
    "dirname", "echo", "egrep", "false", "fgrep", "find", "getent", "grep", "head", "jq", "kubectl", "ln", "ls",
    "md5sum", "mkdir", "mv", "printf", "readlink", "rm", "sed", "seq", "sha256sum", "sleep", "sort", "stat",
    "tail", "tee", "test", "touch", "tr", "true", "uniq", "wc", "wget", "xargs",
})  # fmt: skip


async def run_program(process: Process, program: Program) -> int:
    """Run a program in its process; return its exit code."""
    if program.shown is not None:
        process.arguments = program.shown
    await process.step(_START)
    # All programs of a pipeline have begun before the first one acts.
    await asyncio.sleep(0)
    call = Call(process, program.name, program.argv)
    place = process.place
    try:
        if program.is_shell:
            return await shell_program(process, program.name, program.argv)
        if program.name not in place.programs:
            shell = new_shell(process, name=program.name)
            return await place.builtins[program.name](shell, list(program.argv))
        return await place.programs[program.name](call)
    except BrokenPipeError:
        raise
    except OSError as problem:  # a disk that is full, for example, in a program that does not expect it
        where = f"{problem.filename}: " if problem.filename else ""
        return await call.fail(f"{program.name}: {where}{problem.strerror}")
    except EndlessSearchError as problem:
        return await call.fail(str(problem), 2)
    except Exit as end:
        return await call.fail(end.message, end.code) if end.message else end.code
    finally:
        place.world.handled |= not process.service
        if program.name in _LIGHT:
            place.world.glance()
        else:
            place.world.poke()
