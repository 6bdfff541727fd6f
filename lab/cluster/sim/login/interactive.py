"""An interactive shell at a terminal: prompts, continued lines, history, completion, marks of commands."""

import itertools
import re
from urllib.parse import quote

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.filters import Always, is_searching
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import SearchBufferControl
from prompt_toolkit.search import accept_search

from lab.cluster.sim.bash.language.history import HistoryError, expand_history
from lab.cluster.sim.bash.language.reader import wants_more
from lab.cluster.sim.bash.running.endings import Interrupted
from lab.cluster.sim.bash.running.flow import Break, Continue, ExitShell, LineAborted, Return
from lab.cluster.sim.bash.running.shell import Shell
from lab.cluster.sim.login.completion import NodeCompleter
from lab.cluster.sim.login.prompts import prompt_text
from lab.cluster.sim.machine.signals import Signal
from lab.cluster.sim.shell.tty import Terminal

__all__ = ["Interactive"]

_numbers = itertools.count(1)
#: Commands that only leave the shell: they have no end mark.
_LEAVES = re.compile(r"(?:exit|logout)(?:\s+\d+)?\s*;?")
#: The two prompts of a node's shell, and of a container's.
_PROMPTS = (r"\u@\h:\w\$ ", r"\w $ ")


class _GivenUpError(Exception):
    """Ctrl-C at the prompt. A KeyboardInterrupt in a task would end the whole loop."""


class Interactive:
    """One interactive shell, from its first prompt to its end."""

    def __init__(self, terminal: Terminal, shell: Shell) -> None:
        self._terminal = terminal
        self._shell = shell
        self._id = f"sim.{next(_numbers)}"
        self._history = InMemoryHistory()

    async def run(self) -> int:
        """Read lines and run them; return the shell's exit code."""
        shell, terminal = self._shell, self._terminal
        process = shell.process
        before = terminal.foreground, terminal.table
        process.group = process.pid
        terminal.foreground, terminal.table = process.group, shell.place.table
        self._prepare()
        try:
            return await self._lines()
        except ExitShell as end:
            return end.code
        finally:
            terminal.foreground, terminal.table = before

    def _prepare(self) -> None:
        shell = self._shell
        for option in ("monitor", "history", "histexpand", "emacs"):
            shell.options.set(option, on=True)
        shell.options.shopts["expand_aliases"] = True
        shell.traps.interactive = True
        shell.traps.arm(shell.process)
        shell.took_size(self._terminal.rows, self._terminal.columns)
        for name, value in (("PS1", _PROMPTS[shell.place.sandbox is not None]), ("PS2", "> ")):
            if shell.variables.get(name) is None:
                shell.variables.set(name, value)

    async def _lines(self) -> int:
        shell = self._shell
        rc = shell.place.files.get("/root/.bashrc") if shell.place.sandbox is None else ""
        if rc:
            await self._run(rc)
        prompt: PromptSession[str] = PromptSession(
            history=self._history,
            key_bindings=self._keys(NodeCompleter(shell)),
            input=self._terminal.input,
            output=self._terminal.output,
            interrupt_exception=_GivenUpError,
        )
        _wrap_search(prompt)
        while True:
            await self._before_prompt()
            try:
                line = await self._line(prompt)
            except _GivenUpError:
                shell.status = 130
                continue
            except Interrupted:
                await self._signalled()
                continue
            except EOFError:
                self._terminal.emit(b"logout\r\n" if shell.login else b"exit\r\n")
                return await self._exit_trap(shell.status)
            if line.strip():
                left = await self._take(line)
                if left is not None:
                    return left

    async def _before_prompt(self) -> None:
        """Report changed jobs, run PROMPT_COMMAND, and report the folder."""
        shell = self._shell
        for line in shell.jobs.changes():
            await shell.err(line)
        command = shell.variables.get("PROMPT_COMMAND")
        if command:
            status = shell.status
            await self._run(command)
            shell.status = status
        self._terminal.emit(f"\x1b]7;file://{shell.place.node.name}{quote(shell.folder)}\x07".encode())

    async def _signalled(self) -> None:
        try:
            await self._shell.evaluator.handle_signals()
        except LineAborted as end:
            self._shell.status = end.code

    async def _line(self, prompt: PromptSession[str]) -> str:
        """Return the next line; an incomplete line continues in the next one."""
        shell = self._shell
        shown, text = await prompt_text(shell, "PS1"), ""
        while True:
            with self._terminal.prompting(prompt.app):
                shell.process.interruptible = True
                try:
                    more = await shell.process.outside(
                        prompt.prompt_async(ANSI(_counted(shown)), set_exception_handler=False)
                    )
                finally:
                    shell.process.interruptible = False
            text = f"{text}\n{more}" if text else more
            if not wants_more(f"{text}\n", shell.dialect):
                return text
            shown = await prompt_text(shell, "PS2")

    async def _take(self, line: str) -> int | None:
        """Expand a line's history, store it, run it; return the exit code if it leaves the shell."""
        shell, terminal = self._shell, self._terminal
        if shell.options["histexpand"] and ("!" in line or line.startswith("^")):
            try:
                expanded = expand_history(line, shell.history, first_number=shell.history_first)
            except HistoryError as problem:
                await shell.err(f"{shell.name}: {problem}\n")
                return None
            line = expanded.text
            if expanded.changed:
                terminal.emit(f"{line}\r\n".encode())
                strings = self._history.get_strings()
                if strings:
                    self._history._storage[-1:] = [line]  # noqa: SLF001 -- no other way to change what was typed
                    self._history._loaded_strings[:1] = [line]  # noqa: SLF001 -- likewise
            if expanded.print_only:
                self._remember(line)
                return None
        self._remember(line)
        if _LEAVES.fullmatch(line.strip()) is None:
            shell.jobs.warned = False
        marked = _LEAVES.fullmatch(line.strip()) is None
        if marked:
            self._begins(line)
        left = await self._run(line)
        # Changes by builtins and redirections are noticed like those of programs.
        shell.place.world.handled = True
        shell.place.world.poke()
        if marked or left is None:
            terminal.emit(f"\x1b]133;D;{shell.status};shell={self._id}\x07".encode())
        return left

    def _remember(self, line: str) -> None:
        """Store a line in the history, as HISTCONTROL says."""
        shell = self._shell
        control = set(shell.variables.text("HISTCONTROL").split(":"))
        if line.startswith(" ") and control & {"ignorespace", "ignoreboth"}:
            return
        if shell.history[-1:] == [line] and control & {"ignoredups", "ignoreboth"}:
            return
        shell.history.append(line)
        size = shell.variables.text("HISTSIZE")
        most = int(size) if size.isdigit() else 500
        while len(shell.history) > most:
            del shell.history[0]
            shell.history_first += 1

    async def _run(self, text: str) -> int | None:
        """Run a line; return the exit code if it leaves the shell."""
        shell, terminal = self._shell, self._terminal
        shell.took_size(terminal.rows, terminal.columns)
        terminal.run_ahead()
        with shell.place.clock.wanted():
            try:
                await shell.evaluator.run_text(f"{text}\n")
            except LineAborted as end:
                shell.status = end.code
                shell.loops = shell.guarded = 0
                shell.frames.clear()
            except (Break, Continue):
                pass
            except Return as end:
                shell.status = end.code
            except ExitShell as end:
                return await self._exit_trap(end.code)
            finally:
                # Whatever was in the foreground, the next line is for this shell.
                terminal.foreground = shell.process.group
                shell.place.world.handled = True
                shell.place.world.poke()
        return None

    async def _exit_trap(self, code: int) -> int:
        shell = self._shell
        command = shell.traps.commands.pop("EXIT", "")
        if command:
            shell.status = code
            with shell.place.clock.wanted():
                await shell.run_text(command)
        for job in shell.jobs.table.values():
            if job.stopped:
                shell.place.table.send_to_group(job.group, Signal.SIGHUP)
                shell.place.table.send_to_group(job.group, Signal.SIGCONT)
        return code

    def _begins(self, line: str) -> None:
        """Mark the begin of a command, as docs/terminal.md describes."""
        text = line.replace("\\", "\\\\").replace(";", "\\x3b").replace("\n", "\\x0a")
        text = re.sub(r"[\x00-\x1f\x7f]", " ", text)
        # As bash does behind the end of a pasted line: the output begins at the left edge.
        mark = f"\x1b]633;E;{text};{self._id}\x07\x1b]133;C;shell={self._id}\x07\r"
        self._terminal.emit(mark.encode())

    def _keys(self, completer: NodeCompleter) -> KeyBindings:
        """Bind Tab and Enter: Tab completes as in bash, at once if certain; Enter runs the match of a search."""
        keys = KeyBindings()

        @keys.add("enter", filter=is_searching)
        def run_found(event: KeyPressEvent) -> None:
            accept_search()
            event.app.current_buffer.validate_and_handle()

        @keys.add("c-c", filter=~is_searching)
        def give_up(event: KeyPressEvent) -> None:
            buffer = event.current_buffer
            buffer.cursor_position = len(buffer.text)
            buffer.insert_text("^C")
            event.app.exit(exception=_GivenUpError())

        @keys.add("tab")
        def complete(event: KeyPressEvent) -> None:
            buffer = event.current_buffer
            found = list(completer.get_completions(buffer.document, CompleteEvent()))
            if not found:
                return
            typed = -found[0].start_position
            common = _common([each.text for each in found])
            if len(found) == 1 and not common.endswith("/"):
                common += " "
            if len(common) > typed:
                buffer.insert_text(common[typed:])
            else:
                self._terminal.emit(b"\r\n" + "  ".join(each.text for each in found).encode() + b"\r\n")
                event.app.renderer.reset()
                event.app.invalidate()

        return keys


def _wrap_search(prompt: PromptSession[str]) -> None:
    """Let a line that Ctrl-R finds go on in the next row, as bash does, and not leave the screen."""
    for window in prompt.layout.find_all_windows():
        if isinstance(window.content, SearchBufferControl):
            window.wrap_lines = Always()


def _counted(text: str) -> str:
    r"""Return a prompt without the marks of `\[` and `\]`: the line editor recognises escapes itself."""
    return text.replace("\x01", "").replace("\x02", "")


def _common(words: list[str]) -> str:
    """Return the common beginning of all words."""
    first, last = min(words), max(words)
    length = next(
        (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last))
    )
    return first[:length]
