"""One vi: keys go in; a screen and files come out."""

from collections.abc import Sequence
from functools import partial

from lab.cluster.sim.shell.editing.canvas import Frame
from lab.cluster.sim.shell.editing.host import Host
from lab.cluster.sim.shell.editing.shell import Shell, ShellResult
from lab.cluster.sim.shell.editing.vi.errors import Beep, Failure
from lab.cluster.sim.shell.editing.vi.ex import execute, run_file
from lab.cluster.sim.shell.editing.vi.files import open_file
from lab.cluster.sim.shell.editing.vi.keyboard import Typing
from lab.cluster.sim.shell.editing.vi.normal import normal_command
from lab.cluster.sim.shell.editing.vi.screen import Screen
from lab.cluster.sim.shell.editing.vi.state import Vi

__all__ = ["ViEditor"]


class ViEditor:
    """A vi on some files, with Vi's defaults if `compatible`, otherwise with those of Debian's Vim."""

    def __init__(
        self,
        host: Host,
        paths: Sequence[str],
        *,
        compatible: bool,
        rows: int,
        cols: int,
        settings: tuple[str, str] = ("", ""),
        commands: Sequence[str] = (),
        readonly: bool = False,
    ) -> None:
        self.vi = vi = Vi(host, compatible=compatible, height=rows, width=cols)
        #: The name and the text of the initial file of commands.
        self._settings = settings
        self._commands = commands
        vi.run_line = partial(execute, vi)
        vi.run_command = partial(normal_command, vi)
        vi.readonly = readonly
        vi.arguments = list(paths)
        if not compatible:
            for word in ("backspace=indent,eol,start", "ruler", "nomodeline"):
                vi.options.set(word)
        self._screen = Screen(vi)
        self._life = self._live()
        self._asked: Shell | None = None
        self._advance(None)

    @property
    def exit_code(self) -> int | None:
        """The exit code; None while it runs."""
        return self.vi.exit_code

    @property
    def asks(self) -> Shell | None:
        """The command whose result it waits for; `answer` gets the result."""
        return self._asked

    def type(self, keys: str) -> None:
        """Process keys, as a terminal sends them."""
        self.vi.keyboard.type(keys)
        if self._asked is None:
            self._advance(None)

    def answer(self, result: ShellResult) -> None:
        """Continue with the result of a command."""
        self._asked = None
        self._advance(result)

    def resize(self, rows: int, cols: int) -> None:
        """Adapt to another size of the terminal."""
        vi = self.vi
        vi.screen_height = rows
        vi.window.height, vi.window.width = max(rows - 1, 1), cols
        vi.options.put("lines", value=rows)
        vi.options.put("columns", value=cols)
        vi.messages.end()
        vi.window.follow()

    def _advance(self, answer: ShellResult | None) -> None:
        try:
            wish = self._life.send(answer)
            while wish is None and self.vi.keyboard.waiting:
                wish = self._life.send(None)
        except StopIteration:
            return
        self._asked = wish

    # Its life

    def _live(self) -> Typing[None]:
        vi = self.vi
        wrong = yield from run_file(vi, self._settings[1])
        if vi.arguments:
            open_file(vi, vi.arguments[0])
        for command in self._commands:
            yield from self._guarded(execute(vi, command))
        if wrong:
            vi.print(f"Error detected while processing {self._settings[0]}:", "error")
            for number, text in wrong:
                vi.print(f"line {number:4d}:", "number")
                vi.print(text, "error")
            yield from self._settle()
        while vi.exit_code is None:
            vi.window.follow()
            yield from self._guarded(normal_command(vi))
            if not vi.keyboard.playing:
                vi.buffer.history.close()
            yield from self._settle()

    def _guarded(self, command: Typing[None]) -> Typing[None]:
        vi = self.vi
        try:
            yield from command
        except Failure as failure:
            self._failed()
            vi.say(str(failure), "error")
        except Beep:
            self._failed()

    def _failed(self) -> None:
        vi = self.vi
        vi.keyboard.flush()
        vi.bell = True
        vi.window.inserting = False
        vi.mode = vi.ghost = ""
        vi.clamp()

    def _settle(self) -> Typing[None]:
        """Wait for a key after output that does not fit into the last row."""
        vi = self.vi
        messages = vi.messages
        while messages.waits and vi.exit_code is None:
            key = yield from vi.keyboard.get()
            vi.keyboard.play(key if key not in "\r\n \x1b" else "", mapped=False)
            if key not in ":/?":
                messages.end()
                break
            # Output stays while a command is typed, and the command's own output follows below.
            before = len(messages.printed or ())
            messages.pressing = False
            messages.row = ()
            yield from self._guarded(normal_command(vi))
            vi.buffer.history.close()
            if len(messages.printed or ()) <= before:
                row = messages.row
                messages.end()
                messages.row = row
        messages.settle()

    def frame(self) -> Frame:
        """Return the screen."""
        return self._screen.frame()
