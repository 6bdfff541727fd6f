"""A trainee's terminal on a simulated node: a line editor in front of the node's shell."""

import asyncio
import contextlib
import posixpath
import queue
import re
import shlex
from typing import TYPE_CHECKING, TextIO, cast

from prompt_toolkit import PromptSession
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.data_structures import Size
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output.vt100 import Vt100_Output

from lab.cluster.sim.clock import Waiter, background_loop
from lab.cluster.sim.commands.registry import NODE_COMMANDS
from lab.cluster.sim.completion import NodeCompleter
from lab.cluster.sim.continuation import wants_more
from lab.cluster.sim.editor import Editor
from lab.cluster.sim.session import Session

if TYPE_CHECKING:
    from lab.cluster.sim.node import NodeModel
    from lab.cluster.sim.world import World

__all__ = ["SimShell"]

_SETUP = (
    "shopt -s expand_aliases login_shell 2>/dev/null; shopt -s expand_aliases; [ -f ~/.bashrc ] && . ~/.bashrc"
)
_INTERRUPT = 0x03
_EDITORS = {"vi", "vim", "nano"}
_ERROR_LEAD = re.compile(rb"^bash: line \d+: ", re.MULTILINE)
_ERROR_HINT = re.compile(rb"command not found\. Did you mean: [^\n]*")


class _Stream:
    """What the line editor writes to: text that goes to the terminal as bytes."""

    encoding = "utf-8"

    def __init__(self, shell: "SimShell") -> None:
        self._shell = shell

    def write(self, text: str) -> int:
        """Pass `text` on."""
        self._shell.emit(text.encode())
        return len(text)

    def flush(self) -> None:
        """Do nothing: everything is passed on at once."""

    def isatty(self) -> bool:
        """It is a terminal to whoever writes."""
        return True

    def fileno(self) -> int:
        """There is no file."""
        raise OSError("a simulated terminal has no file")


class SimShell:
    """Bytes in, bytes out; one shell that keeps its state."""

    def __init__(self, world: "World", node: "NodeModel", rows: int, cols: int) -> None:
        self._world = world
        self._node = node
        self._size = Size(rows=rows, columns=cols)
        self._out: queue.Queue[bytes] = queue.Queue()
        self._ended = False
        self._status = 0
        self._input: PipeInput | None = None
        self._running: asyncio.Task[int] | None = None
        self._session: Session | None = None
        self._loop = background_loop()
        self._ready = asyncio.run_coroutine_threadsafe(self._begin(), self._loop).result()

    # The protocol

    def read(self, timeout: float | None = None) -> bytes | None:
        """Return what was printed: None if nothing came in time, nothing at all once the shell has ended."""
        if self._ended and self._out.empty():
            return b""
        try:
            data = self._out.get(timeout=timeout)
        except queue.Empty:
            return None
        while data and not self._out.empty():
            more = self._out.get_nowait()
            if not more:
                self._ended = True
                break
            data += more
        return data

    def write(self, data: bytes) -> None:
        """Send `data` as typed."""
        self._loop.call_soon_threadsafe(self._typed, data)

    def resize(self, rows: int, cols: int) -> None:
        """Take note of the window's size."""
        self._size = Size(rows=rows, columns=cols)
        if self._session is not None:
            self._session.size = (rows, cols)

    def close(self) -> None:
        """End the shell."""
        if not self._ended:
            self._loop.call_soon_threadsafe(self._hang_up)

    # On the loop

    def emit(self, data: bytes) -> None:
        """Print `data`."""
        if data:
            self._out.put(data)

    async def _begin(self) -> "asyncio.Task[None]":
        return asyncio.get_running_loop().create_task(self._live())

    def _typed(self, data: bytes) -> None:
        if self._running is not None and _INTERRUPT in data:
            self.emit(b"^C")
            self._running.cancel()
            data = data.rpartition(b"\x03")[2]
        if self._input is not None and data:
            self._input.send_bytes(data)

    def _hang_up(self) -> None:
        if self._running is not None:
            self._running.cancel()
        self._ready.cancel()

    async def _live(self) -> None:
        session = Session(
            self._world,
            self._node,
            commands=NODE_COMMANDS,
            waiter=Waiter(),
            cwd="/root",
            env={"TERM": "xterm-256color"},
        )
        session.size = (self._size.rows, self._size.columns)
        self._session = session
        output = Vt100_Output(
            cast("TextIO", _Stream(self)),
            lambda: self._size,
            term="xterm-256color",
            enable_cpr=False,
            enable_bell=False,
        )
        try:
            with create_pipe_input() as pipe, create_app_session(input=pipe, output=output):
                self._input = pipe
                await self._run(_SETUP, session)
                await self._lines(session)
        except asyncio.CancelledError:
            pass
        finally:
            self._ended = True
            self._input = None
            self._out.put(b"")
            session.close()

    async def _lines(self, session: Session) -> None:
        prompt: PromptSession[str] = PromptSession(
            history=InMemoryHistory(), key_bindings=self._keys(NodeCompleter(session))
        )
        typed = ""
        while True:
            asked = "> " if typed else self._prompt(session)
            try:
                line = typed + await prompt.prompt_async(ANSI(asked), set_exception_handler=False)
                if wants_more(session.bash, line):
                    typed = f"{line}\n"
                    continue
                typed = ""
            except KeyboardInterrupt:
                typed = ""
                continue
            except EOFError:
                self.emit(b"exit\r\n")
                return
            if line.strip() in {"exit", "logout"}:
                return
            if line.strip():
                self.emit(_begins(line))
                if not await self._edited(line, session):
                    # As bash does behind the end of a pasted line: what follows begins at the left edge.
                    self.emit(b"\r")
                    await self._run(line, session)
                self.emit(f"\x1b]133;D;{self._status};shell=sim\x07".encode())

    async def _edited(self, line: str, session: Session) -> bool:
        """Open an editor, if that is what the line asks for: it needs the terminal itself."""
        try:
            words = shlex.split(line)
        except ValueError:
            return False
        if words[0] in _EDITORS and len(words) == 2 and not words[1].startswith(("-", "$")):
            typed = words[1].replace("~", "/root", 1) if words[1].startswith("~/") else words[1]
            path = posixpath.normpath(posixpath.join(session.bash.shell_state().cwd, typed))
            await self._edit(path, vi=words[0] != "nano")
            self._world.poke()
            return True
        if words[0] in {"kubectl", "k"} and "edit" in words[1:3]:
            await self._edit_object(words, session)
            return True
        return False

    async def _edit(self, path: str, *, vi: bool) -> None:
        files = self._node.files
        text = files.get(path)
        await Editor(path, text, lambda new: files.write(path, new), vi=vi).run()

    async def _edit_object(self, words: list[str], session: Session) -> None:
        """Do what `kubectl edit` does: the object as YAML in an editor, and a replacement if it was changed."""
        path = "/tmp/kubectl-edit.yaml"  # noqa: S108 -- on the simulated node
        rest = [word for word in words[1:] if word != "edit"]
        asked = shlex.join(["kubectl", "get", *rest, "-o", "yaml"])
        await self._run(f"{asked} > {path}", session)
        before = self._node.files.get(path)
        if not before:
            return
        await self._edit(path, vi=True)
        if self._node.files.get(path) == before:
            self.emit(b"Edit cancelled, no changes made.\r\n")
            return
        await self._run(f"kubectl replace -f {path} | sed 's/replaced$/edited/'", session)

    def _keys(self, completer: NodeCompleter) -> KeyBindings:
        """Complete with Tab as bash does: what is certain at once, the choices at the second Tab."""
        keys = KeyBindings()

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
                self.emit(b"\r\n" + "  ".join(each.text for each in found).encode() + b"\r\n")
                event.app.renderer.reset()
                event.app.invalidate()

        return keys

    def _prompt(self, session: Session) -> str:
        cwd = session.bash.shell_state().cwd
        shown = "~" + cwd.removeprefix("/root") if cwd == "/root" or cwd.startswith("/root/") else cwd
        return f"root@{self._node.name}:{shown}# "

    async def _run(self, line: str, session: Session) -> None:
        async def show(chunk: bytes) -> None:
            self.emit(chunk.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

        async def show_error(chunk: bytes) -> None:
            await show(_ERROR_LEAD.sub(b"-bash: ", _ERROR_HINT.sub(b"command not found", chunk)))

        # Each line is an execution of its own, which has to be told how the one before ended.
        script = f"{{ (exit {self._status}); }}\n{line}"
        self._running = asyncio.get_running_loop().create_task(session.run(script, show, show_error))
        try:
            self._status = await self._running
        except asyncio.CancelledError:
            if self._ready.cancelling():
                raise
            self._status = 130
            self.emit(b"\r\n")
            with contextlib.suppress(Exception):
                session.bash.clear_cancel()
        finally:
            self._running = None


def _begins(line: str) -> bytes:
    """Return the marks of a command that begins, as lab/cluster/integration.bash prints them."""
    text = line.strip().replace("\\", "\\\\").replace(";", "\\x3b").replace("\n", "\\x0a")
    return f"\x1b]633;E;{text};sim\x07\x1b]133;C;shell=sim\x07".encode()


def _common(words: list[str]) -> str:
    """Return what all words begin with."""
    first, last = min(words), max(words)
    length = next(
        (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last))
    )
    return first[:length]
