"""Runs the tree of a script in a shell."""

from collections.abc import Mapping, Sequence

from lab.cluster.sim.bash.expansion.errors import Effect, ExpansionError
from lab.cluster.sim.bash.expansion.variables import Variable
from lab.cluster.sim.bash.language.errors import ShellSyntaxError
from lab.cluster.sim.bash.language.printing import statement_text
from lab.cluster.sim.bash.language.reader import ScriptReader
from lab.cluster.sim.bash.language.tree import (
    ArithmeticCommand,
    Command,
    CommandList,
    CommandSubstitution,
    Conditional,
    FunctionDefinition,
    Pipeline,
    ProcessSubstitution,
    SimpleCommand,
    Statement,
    Subshell,
)
from lab.cluster.sim.bash.running import compound, pipelines, simple
from lab.cluster.sim.bash.running.endings import Killed
from lab.cluster.sim.bash.running.flow import ExitShell, LineAborted, Return
from lab.cluster.sim.bash.running.forks import fork
from lab.cluster.sim.bash.running.jobs import Job
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.running.redirections import RedirectionError, redirect, restore
from lab.cluster.sim.bash.running.session import ControllingTerminal
from lab.cluster.sim.bash.running.shell import Argument, Interpreter, Shell
from lab.cluster.sim.bash.running.signals import name_of
from lab.cluster.sim.bash.running.substitutions import command_substituted, process_substituted
from lab.cluster.sim.machine.signals import Signal

__all__ = ["Evaluator"]

#: How deep functions, eval and source may be nested.
_DEEPEST = 800

#: Commands whose failure `set -e` notices; for the others, the inner command was already checked.
_JUDGED = (SimpleCommand, Subshell, ArithmeticCommand, Conditional)


class Evaluator:
    """Runs trees in one shell. Its methods return the exit code, and also set the shell's `$?`."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        #: Descriptors of process substitutions, which are closed when their command is over.
        self.substituted_descriptors: list[int] = []
        #: The exit codes in PIPESTATUS, and the variable.
        self._codes: tuple[Sequence[int], Variable] | None = None

    def of(self, shell: Shell) -> Interpreter:
        """Return an evaluator for another shell."""
        return Evaluator(shell)

    # Text

    async def run_text(
        self, text: str, *, source: str = "", first_line: int = 1, resumes: bool = False, name: str | None = None
    ) -> int:
        """Run a script's text; see `Shell.run_text`. With `resumes`, a failing line does not end the text."""
        shell = self.shell
        # Nested functions, eval and source: bash dies of SIGSEGV when its stack is full.
        if shell.depth >= _DEEPEST:
            raise Killed(Signal.SIGSEGV)
        shell.depth += 1
        try:
            return await self._run_lines(text, source, first_line, name, resumes=resumes)
        finally:
            shell.depth -= 1

    async def _run_lines(self, text: str, source: str, first_line: int, name: str | None, *, resumes: bool) -> int:
        shell = self.shell
        reader = ScriptReader(text, shell.dialect, first_line=first_line)
        status = 0
        while True:
            try:
                tree = reader.next(shell.dialect)
            except ShellSyntaxError as problem:
                shell.status = status = await self.syntax_error(problem, source, name)
                if problem.effect == "line" and resumes:
                    continue
                return status
            for line, warning in reader.warnings:
                await shell.err(f"{name or shell.name}: line {line}: {warning}\n")
            if tree is None:
                return status
            if shell.options["verbose"]:
                await shell.err(reader.source if reader.source.endswith("\n") else f"{reader.source}\n")
            try:
                status = await self.run_list(tree)
            except LineAborted as end:
                if not resumes:
                    raise
                shell.status = status = end.code

    async def run_sourced(self, text: str, path: str) -> int:
        """Run a file's text in this shell (`source`); `return` ends it."""
        shell = self.shell
        line = shell.line
        shell.enter(path, path, sourced=True)
        try:
            return await self.run_text(text)
        except Return as end:
            return end.code
        finally:
            shell.leave()
            shell.line = line
            if shell.traps.commands.get("RETURN"):
                await self.run_trap("RETURN")

    async def syntax_error(self, problem: ShellSyntaxError, source: str, name: str | None = None) -> int:
        """Print a syntax error as bash does; return the exit code, or end the shell if the error ends it."""
        shell = self.shell
        where = name or (shell.frames[-1].source if shell.frames and shell.frames[-1].sourced else shell.name)
        told = problem.lines(where, source, interactive=shell.interactive and not shell.subshells)
        await shell.err("".join(f"{line}\n" for line in told))
        status = shell.status if problem.status is None else problem.status
        interactive = shell.interactive and not shell.subshells
        if problem.effect == "exit" and not interactive:
            raise ExitShell(1 if shell.subshells else 127 if shell.command_string is not None else 2)
        if problem.effect == "line" and source == "-c":
            raise LineAborted(status)
        return status

    # Lists

    async def run_list(self, tree: CommandList) -> int:
        """Run statements in their order."""
        status = self.shell.status if not tree.statements else 0
        for statement in tree.statements:
            if self.shell.options["noexec"] and not self.shell.interactive:
                return status
            status = await self.run_statement(statement)
        return status

    async def run_statement(self, statement: Statement) -> int:
        """Run pipelines joined by && and ||."""
        if statement.background:
            return await self.begin(statement)
        if not statement.rest:
            return await self.run_pipeline(statement.first)
        status = await self.run_pipeline(statement.first, guarded=True)
        last = statement.rest[-1]
        for each in statement.rest:
            if (status == 0) == (each.operator == "&&"):
                status = await self.run_pipeline(each.pipeline, guarded=each is not last)
        return status

    async def run_guarded(self, tree: CommandList) -> int:
        """Run a condition, in which `set -e` has no effect."""
        self.shell.guarded += 1
        try:
            return await self.run_list(tree)
        finally:
            self.shell.guarded -= 1

    async def run_pipeline(self, pipeline: Pipeline, *, guarded: bool = False) -> int:
        """Run a pipeline, with `!`, `time`, `set -e` and the ERR trap."""
        shell = self.shell
        guarded = guarded or pipeline.negated
        shell.guarded += guarded
        try:
            if pipeline.timed:
                status = await pipelines.timed(self, pipeline)
            else:
                status = await pipelines.run(self, pipeline)
        finally:
            shell.guarded -= guarded
        shell.status = status
        shell.process.check()
        if pipeline.negated:
            shell.status = status = int(status == 0)
        elif status and not shell.guarded and not guarded and self._judged(pipeline):
            await self._failed(status)
        if shell.process.pending:
            await self.handle_signals()
            status = shell.status
        if shell.jobs.table and not (shell.interactive and not shell.subshells):
            await pipelines.tell_ended(shell)
        return status

    @staticmethod
    def _judged(pipeline: Pipeline) -> bool:
        return len(pipeline.commands) > 1 or (
            bool(pipeline.commands) and isinstance(pipeline.commands[0], _JUDGED)
        )

    async def _failed(self, status: int) -> None:
        """Handle a command that failed outside of a condition: run the ERR trap, or end the shell by `set -e`."""
        shell = self.shell
        inside = bool(shell.frames) and not shell.options["errtrace"] and not shell.frames[-1].sourced
        if shell.traps.commands.get("ERR") and shell.traps.running is None and not inside:
            await self.run_trap("ERR")
            shell.status = status
        if shell.options["errexit"]:
            raise ExitShell(status)

    # Commands

    async def run_command(self, command: Command, *, replaces: bool = False) -> int:
        """Run one command. A command that `replaces` is the last action of this process."""
        if isinstance(command, SimpleCommand):
            return await simple.run(self, command, replaces=replaces)
        shell = self.shell
        if not command.redirections or isinstance(command, FunctionDefinition):
            return await compound.run(self, command, replaces=replaces)
        opened = len(self.substituted_descriptors)
        try:
            undo = await redirect(shell, command.redirections)
        except RedirectionError as problem:
            return await shell.complain(problem.message, 1)
        except ExpansionError as problem:
            return await self.expansion_failed(problem)
        try:
            return await compound.run(self, command, replaces=replaces)
        finally:
            restore(shell, undo)
            self.close_substituted(opened)

    def close_substituted(self, kept: int) -> None:
        """Close the descriptors of process substitutions, except the first `kept`."""
        for number in self.substituted_descriptors[kept:]:
            self.shell.process.close(number)
        del self.substituted_descriptors[kept:]

    async def expansion_failed(self, problem: ExpansionError) -> int:
        """Print the error; return the command's exit code, or give up the line or the shell."""
        shell = self.shell
        if problem.message:
            await shell.complain(problem.message)
        shell.status = problem.status
        if problem.effect is Effect.FAIL:
            return problem.status
        if problem.effect is Effect.EXIT and not (shell.interactive and not shell.subshells):
            raise ExitShell(127 if shell.command_string is not None and not shell.subshells else 1)
        raise LineAborted(1 if problem.effect is Effect.EXIT else problem.status)

    async def run_words(
        self, words: list[Argument], *, functions: bool = True, builtins: bool = True, programs: bool = True
    ) -> int:
        """Run a command whose words are expanded; see `Shell.run_words`."""
        return await simple.run_words(
            self, words, functions=functions, builtins=builtins, programs=programs, replaces=False
        )

    async def become(self, words: list[str], environment: Mapping[str, str], name: str | None) -> int:
        """Replace the shell by a program; see `Shell.become`."""
        return await simple.become(self, words, environment, name)

    # Background

    async def begin(self, statement: Statement) -> int:
        """Start a statement in the background. The clock counts it before this returns."""
        shell = self.shell
        if statement.rest or statement.first.timed or statement.first.negated:
            plain = Statement(statement.first, statement.rest, background=False, line=statement.line)

            async def body(copy: Shell) -> int:
                return await copy.evaluator.run_statement(plain)

            group = 0 if shell.options["monitor"] else None
            processes = [fork(shell, body, group=group, background=True)]
            texts = [statement_text(statement)]
        else:
            processes = pipelines.start(self, statement.first, background=True)
            texts = pipelines.texts_of(statement.first.commands)
        job = shell.jobs.add(processes, texts, background=True)
        shell.last_background = processes[-1].pid
        if shell.interactive and not shell.subshells:
            await shell.err(f"[{job.number}] {processes[-1].pid}\n")
        shell.status = 0
        self.set_codes([0])
        return 0

    async def foreground(self, job: Job) -> int:
        """Bring a job to the foreground (`fg`): resume it and wait for it."""
        job.background = False
        shell = self.shell
        shell.jobs.touch(job)
        if (terminal := self.terminal) is not None:
            terminal.foreground = job.group
        self.resume(job)
        return (await pipelines.attend(self, job.processes, lambda: job.texts, job))[-1]

    def resume(self, job: Job) -> None:
        """Resume the processes of a stopped job (`bg`, `fg`)."""
        job.told = ""
        for process in job.processes:
            process.send(Signal.SIGCONT)
        self.shell.place.table.send_to_group(job.group, Signal.SIGCONT)

    @property
    def terminal(self) -> ControllingTerminal | None:
        """The terminal whose foreground group this shell sets; None without job control."""
        shell = self.shell
        session = shell.process.session
        return session.terminal if session is not None and shell.options["monitor"] else None

    # Signals

    async def handle_signals(self) -> None:
        """Handle the pending signals: run traps; on Ctrl-C, give up the line or end the shell."""
        shell = self.shell
        process = shell.process
        while process.pending:
            signal = process.pending.pop(0)
            name = name_of(signal) or ""
            if shell.traps.commands.get(name):
                await self.run_trap(name)
            elif shell.interactive and not shell.subshells:
                if signal == Signal.SIGHUP:
                    raise ExitShell(128 + Signal.SIGHUP)
                await shell.err("\n")
                raise LineAborted(128 + signal)
            else:
                raise Killed(signal)

    async def run_trap(self, name: str) -> None:
        """Run the command of a trap; restore `$?` afterwards."""
        shell = self.shell
        command = shell.traps.commands.get(name)
        if not command:
            return
        status, line, before = shell.status, shell.line, shell.traps.running
        shell.traps.running = name
        try:
            await self.run_text(command, first_line=line if name in {"ERR", "DEBUG"} else 1)
        finally:
            shell.traps.running = before
            shell.status, shell.line = status, line

    def interrupted_by(self, child: Process) -> None:
        """Give up a terminal's line if Ctrl-C ended the child; else settle the shell's own SIGINT."""
        shell = self.shell
        pending = shell.process.pending
        if child.signal is Signal.SIGINT:
            if shell.interactive and not shell.subshells and not shell.traps.commands.get("INT"):
                shell.process.pending = [one for one in pending if one != Signal.SIGINT]
                raise LineAborted(128 + Signal.SIGINT)
        elif Signal.SIGINT in pending and not shell.traps.commands.get("INT"):
            # The child has handled the signal, so the script counts it as handled.
            shell.process.pending = [one for one in pending if one != Signal.SIGINT]

    # `$?` and its like

    def set_codes(self, codes: Sequence[int]) -> None:
        """Set PIPESTATUS."""
        scope, last = self.shell.variables.scopes[0], self._codes
        # Whoever changes the variable copies it first.
        if last is not None and scope.get("PIPESTATUS") is last[1] and last[0] == tuple(codes):
            return
        variable = Variable({index: str(code) for index, code in enumerate(codes)}, array=True)
        scope["PIPESTATUS"] = variable
        self._codes = tuple(codes), variable

    async def substituted(self, part: CommandSubstitution) -> str:
        """Run `$(...)`."""
        return await command_substituted(self.shell, part)

    async def process_substituted(self, part: ProcessSubstitution) -> str:
        """Start `<(...)`."""
        return await process_substituted(self.shell, part)
