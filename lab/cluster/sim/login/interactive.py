"""A shell at a terminal: prompts, lines that go on, history, completion, and marks around each command."""

import asyncio
import contextlib
import itertools
import re
from urllib.parse import quote

from bashkit import BashError, CommandContext
from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.filters import is_searching
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.search import accept_search

from lab.cluster.sim.login.completion import NodeCompleter
from lab.cluster.sim.login.continuation import wants_more
from lab.cluster.sim.shell.input_feed import Feed
from lab.cluster.sim.shell.input_needs import reads_input
from lab.cluster.sim.shell.session import Session
from lab.cluster.sim.shell.tty import Terminal

__all__ = ["Interactive"]

_ERROR_LEAD = re.compile(rb"^bash: line \d+: ", re.MULTILINE)
_BY_KEY = re.compile(r"\bread\s+(-\w+\s+)*-\w*n")
_SILENT = re.compile(r"\bread\s+(-\w+\s+)*-\w*s")
_LEAVES = re.compile(r"(?:exit|logout)(?:\s+(\d+))?\s*;?")
_MAY_LEAVE = re.compile(r"\b(?:exit|logout|set|exec)\b")
#: The shell's own name of a command that tells whether the shell is still there.
_STAY = ".stay"
_numbers = itertools.count(1)


class Interactive:
    """One shell, from its first prompt until it is left."""

    def __init__(self, terminal: Terminal, session: Session) -> None:
        self._terminal = terminal
        self._session = session
        self._id = f"sim.{next(_numbers)}"
        self._status = 0
        self._left = False
        self._came_to_its_end = False
        session.bash.add_command(_STAY, self._stays)
        session.terminal = terminal
        session.size = (terminal.size.rows, terminal.size.columns)

    async def run(self, setup: str = "") -> int:
        """Read lines and run them; return the exit code of the shell."""
        if setup:
            await self._execute(setup)
        prompt: PromptSession[str] = PromptSession(
            history=InMemoryHistory(),
            key_bindings=self._keys(NodeCompleter(self._session)),
            input=self._terminal.input,
            output=self._terminal.output,
        )
        while True:
            self._told_folder()
            try:
                line = await self._line(prompt)
            except KeyboardInterrupt:
                self._status = 130
                continue
            except EOFError:
                self._terminal.emit(b"exit\r\n")
                return self._status
            left = _LEAVES.fullmatch(line.strip())
            if left:
                return int(left[1]) if left[1] else self._status
            if line.strip():
                self._begins(line)
                await self._execute(line)
                self._terminal.emit(f"\x1b]133;D;{self._status};shell={self._id}\x07".encode())
                if self._left:
                    return self._status

    async def _line(self, prompt: PromptSession[str]) -> str:
        """Return the next line; one that is not complete goes on in the next."""
        shown = self._prompt()
        text = ""
        while True:
            with self._terminal.prompting(prompt.app):
                more = await prompt.prompt_async(ANSI(shown), set_exception_handler=False)
            text = f"{text}\n{more}" if text else more
            if not wants_more(self._session.bash, text):
                return text
            shown = "> "

    async def _stays(self, context: CommandContext) -> int:
        """Note that the line came to its end: no `exit` in it was reached."""
        self._came_to_its_end = len(context.argv) > 1
        return int(context.argv[0])

    def _prompt(self) -> str:
        if self._session.sandbox is not None:
            return "/ $ "
        cwd = self._cwd
        shown = "~" + cwd.removeprefix("/root") if cwd == "/root" or cwd.startswith("/root/") else cwd
        return f"root@{self._session.node.name}:{shown}# "

    @property
    def _cwd(self) -> str:
        return self._session.bash.shell_state().cwd

    def _told_folder(self) -> None:
        self._terminal.emit(f"\x1b]7;file://{self._session.node.name}{quote(self._cwd)}\x07".encode())

    def _begins(self, line: str) -> None:
        """Mark that a command begins, as docs/terminal.md has it."""
        text = line.replace("\\", "\\\\").replace(";", "\\x3b").replace("\n", "\\x0a")
        text = re.sub(r"[\x00-\x1f\x7f]", " ", text)
        # As bash does behind the end of a pasted line: what follows begins at the left edge.
        mark = f"\x1b]633;E;{text};{self._id}\x07\x1b]133;C;shell={self._id}\x07\r"
        self._terminal.emit(mark.encode())

    async def _execute(self, line: str) -> None:
        terminal, session = self._terminal, self._session

        async def show(chunk: bytes) -> None:
            terminal.emit(chunk.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

        async def show_error(chunk: bytes) -> None:
            await show(_ERROR_LEAD.sub(b"-bash: ", chunk))

        session.size = (terminal.size.rows, terminal.size.columns)
        feed = _Keys(terminal) if reads_input(line) else None
        terminal.by_key = _BY_KEY.search(line) is not None
        terminal.echo = _SILENT.search(line) is None
        # Each line is an execution of its own, which has to be told how the one before ended.
        lead = f"{_STAY} {self._status} </dev/null;"
        script = line
        leaves = _MAY_LEAVE.search(line) is not None and _parses(session, line)
        if leaves:
            script += f"\n{_STAY} $? end"
        # Keys that come before a shell within this one has begun are for that shell.
        shell_within = line.rsplit(maxsplit=1)[-1].rsplit("/", 1)[-1] in {"bash", "sh"}
        with terminal.running_line(None if shell_within else feed):
            task = asyncio.get_running_loop().create_task(
                session.run(script, show, show_error, source=feed, lead=lead)
            )
            terminal.running.append(task)
            try:
                self._status = await task
            except asyncio.CancelledError:
                if (me := asyncio.current_task()) is not None and me.cancelling():
                    raise
                self._status = 130
                terminal.emit(b"\r\n")
                with contextlib.suppress(Exception):
                    session.bash.clear_cancel()
            else:
                self._left = leaves and not self._came_to_its_end
            finally:
                terminal.running.remove(task)

    def _keys(self, completer: NodeCompleter) -> KeyBindings:
        """Complete with Tab as bash does, what is certain at once, and run with Enter what a search has found."""
        keys = KeyBindings()

        @keys.add("enter", filter=is_searching)
        def run_found(event: KeyPressEvent) -> None:
            accept_search()
            event.app.current_buffer.validate_and_handle()

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


class _Keys(Feed):
    """What is typed while a program reads; what it leaves is for the next prompt."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(asyncio.get_running_loop())
        self._terminal = terminal

    def put_back(self, data: bytes) -> None:
        """Take back what was not read."""
        self._terminal.put_back(data + self.rest())


def _parses(session: Session, line: str) -> bool:
    try:
        session.bash.analyze(line)
    except BashError:
        return False
    return True


def _common(words: list[str]) -> str:
    """Return what all words begin with."""
    first, last = min(words), max(words)
    length = next(
        (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last))
    )
    return first[:length]
