"""The cycle of sed: the script runs on the pattern space, and the pattern space is printed."""

from collections.abc import Mapping, Sequence

from lab.cluster.sim.bash.language.octets import decode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.inputs import whole
from lab.cluster.sim.bash.tools.sed_input import Input
from lab.cluster.sim.bash.tools.sed_output import Output, unambiguous
from lab.cluster.sim.bash.tools.sed_reader import ScriptError
from lab.cluster.sim.bash.tools.sed_regex import Regex
from lab.cluster.sim.bash.tools.sed_script import Address, Command, Substitution
from lab.cluster.sim.text import bounded_regex

__all__ = ["Cycle", "Quit"]

#: The most characters of the pattern space and the hold space: a line that grows in an endless loop ends there.
_MOST = 1 << 20
#: A command's processor time, in s, and after how many commands it is charged.
_COST, _ROUND = 5e-7, 64


class Quit(Exception):  # noqa: N818 -- it ends the run, and is no error
    """The script ends sed with an exit code."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


class _Again(Exception):  # noqa: N818
    """The script runs again on the rest of the pattern space, without reading a line."""


class _Next(Exception):  # noqa: N818
    """The cycle ends without printing the pattern space."""


class Cycle:
    """Runs the script on lines. The hold space lasts from one file to the next, unless files are separate."""

    def __init__(
        self,
        call: Call,
        commands: Sequence[Command],
        lines: Input,
        files: Mapping[str, Output],
        end: str,
        *,
        quiet: bool,
        width: int,
    ) -> None:
        self._call = call
        self._commands = commands
        self._input = lines
        self._files = files
        self._end = end
        self._quiet = quiet
        self._width = width
        self._out = Output(end)
        #: The parts of the pattern space: `N` adds one.
        self._space = [""]
        self._length = 0
        self._hold = ""
        self._replaced = False
        #: What is written after the cycle: a text, or the name of a file with its letter, `r` or `R`.
        self._after: list[tuple[str, str]] = []
        self._read: dict[str, list[str]] = {}
        self._last_regex: bounded_regex.Regex | None = None
        self._ran = 0

    def begin_file(self) -> None:
        """Forget the lines and the ranges of the file before."""
        self._input.number = 0
        self._hold = ""
        for command in self._commands:
            command.active = command.first is not None and (command.first.kind, command.first.number) == (
                "line",
                0,
            )

    async def run(self, out: Output) -> None:
        """Run the script on all lines."""
        self._out = out
        again = False
        while again or await self._read_line():
            again = False
            try:
                await self._script()
                self._print()
            except _Next:
                pass
            except _Again:
                again = True
            await self._end_cycle()

    # --- the pattern space ---

    @property
    def _text(self) -> str:
        if len(self._space) > 1:
            self._space = ["".join(self._space)]
        return self._space[0]

    @_text.setter
    def _text(self, text: str) -> None:
        self._space, self._length = [text], len(text)
        self._check_size(self._length)

    async def _read_line(self, *, append: bool = False) -> bool:
        line = await self._input.next_line()
        if line is None:
            return False
        self._replaced = False
        if append:
            self._space += [self._end, line]
            self._length += 1 + len(line)
            self._check_size(self._length)
        else:
            self._text = line
        return True

    def _check_size(self, size: int) -> None:
        if size > _MOST:
            raise ScriptError("sed: memory exhausted", 4)

    def _print(self) -> None:
        if not self._quiet:
            self._line(self._text)

    def _line(self, text: str, out: Output | None = None) -> None:
        (out or self._out).line(text, self._end, ended=self._input.ended)

    async def _end_cycle(self) -> None:
        after, self._after = self._after, []
        for letter, what in after:
            if letter == "a":
                self._out.add(what)
            elif letter == "r":
                self._out.add(await self._content(what))
            else:
                await self._line_of(what)
        if self._out.full:
            await self._out.write()

    async def _content(self, name: str) -> str:
        try:
            return decode(await whole(self._call, "-" if name == "/dev/stdin" else name))
        except OSError:
            return ""

    async def _line_of(self, name: str) -> None:
        """Write the next line of a file of `R`."""
        if name not in self._read:
            self._read[name] = (await self._content(name)).splitlines(keepends=True)[::-1]
        if lines := self._read[name]:
            text = lines.pop()
            self._out.line(text.removesuffix("\n"), "\n", ended=text.endswith("\n"))

    # --- addresses ---

    async def _chosen(self, command: Command) -> bool:
        if command.first is None:
            return not command.negated
        if command.second is None:
            return await self._is_at(command.first) != command.negated
        return await self._in_range(command, command.first, command.second) != command.negated

    async def _is_at(self, address: Address) -> bool:
        number = self._input.number
        if address.kind == "line":
            return number == address.number
        if address.kind == "regex":
            return self._found(address.regex).search(self._text) is not None
        if address.kind == "last":
            return not await self._input.another_line()
        if address.step <= 0:
            return number == address.number
        return number >= address.number and (number - address.number) % address.step == 0

    async def _in_range(self, command: Command, first: Address, second: Address) -> bool:
        number = self._input.number
        if command.active:
            if second.kind in {"line", "plus", "multiple"}:
                command.active = number < command.end
                return number <= command.end or await self._begins(command, first, second)
            if await self._is_at(second):
                command.active = False
            return True
        return await self._begins(command, first, second)

    async def _begins(self, command: Command, first: Address, second: Address) -> bool:
        if not await self._is_at(first):
            return False
        number = self._input.number
        if second.kind == "line":
            command.end = second.number
        elif second.kind == "plus":
            command.end = number + second.number
        elif second.kind == "multiple":
            step = second.number
            command.end = number + step - number % step if step else number
        else:
            command.active = True
            return True
        command.active = command.end > number
        return True

    def _found(self, regex: Regex) -> bounded_regex.Regex:
        if regex.pattern is not None:
            self._last_regex = regex.pattern
        if self._last_regex is None:
            raise ScriptError("sed: -e expression #1, char 0: no previous regular expression")
        return self._last_regex

    # --- commands ---

    async def _script(self) -> None:
        commands, at = self._commands, 0
        while at < len(commands):
            command = commands[at]
            at += 1
            self._ran += 1
            if self._ran % _ROUND == 0:
                await self._call.step(_COST * _ROUND)
            chosen = command.first is None or await self._chosen(command)
            if command.letter == "{":
                at = at if chosen else command.to
            elif not chosen:
                continue
            elif command.letter in "btT":
                if command.letter == "b" or self._replaced == (command.letter == "t"):
                    at = command.to
                if command.letter != "b":
                    self._replaced = False
            elif command.substitution:
                await self._substitute(command.substitution)
            elif await self._do(command):
                return

    async def _do(self, command: Command) -> bool:  # noqa: C901, PLR0912, PLR0915 -- one letter after the other
        """Do one command; return whether the script ends here."""
        letter = command.letter
        if letter == "p":
            self._line(self._text)
        elif letter == "d":
            raise _Next
        elif letter == "D":
            _, newline, rest = self._text.partition(self._end)
            if not newline:
                raise _Next
            self._text = rest
            raise _Again
        elif letter == "P":
            self._out.add(self._text.partition(self._end)[0], self._end)
        elif letter in "nN":
            if not await self._input.another_line():
                return True
            if letter == "n":
                self._print()
            await self._end_cycle()
            await self._read_line(append=letter == "N")
        elif letter == "g":
            self._text = self._hold
        elif letter == "G":
            self._text += self._end + self._hold
        elif letter == "h":
            self._hold = self._text
        elif letter == "H":
            self._hold += self._end + self._text
            self._check_size(len(self._hold))
        elif letter == "x":
            self._text, self._hold = self._hold, self._text
        elif letter == "y":
            self._text = self._text.translate(command.table)
        elif letter == "z":
            self._text = ""
        elif letter == "=":
            self._out.add(f"{self._input.number}\n")
        elif letter == "F":
            self._out.add(f"{self._input.name}\n")
        elif letter == "l":
            self._out.add(unambiguous(self._text, self._width if command.number is None else command.number))
        elif letter == "a":
            self._after.append(("a", command.text))
        elif letter == "i":
            self._out.add(command.text)
        elif letter == "c":
            if not command.active or command.second is None:
                self._out.add(command.text)
            raise _Next
        elif letter in "rR":
            self._after.append((letter, command.text))
        elif letter == "w":
            self._line(self._text, self._to(command.text))
        elif letter == "W":
            self._to(command.text).add(self._text.partition(self._end)[0], self._end)
        elif letter == "e":
            await self._run_program(command.text)
        elif letter in "qQ":
            if letter == "q":
                self._print()
                await self._end_cycle()
            raise Quit(command.number or 0)
        return False

    def _to(self, name: str) -> Output:
        return self._files[name]

    async def _run_program(self, text: str) -> None:
        """Run a program, and put its output before the pattern space, or in its place."""
        await self._out.write()
        said, _ = await self._call.capture(["sh", "-c", text or self._text])
        if text:
            self._out.add(said)
        else:
            self._text = said.removesuffix("\n")

    async def _substitute(self, how: Substitution) -> None:
        result = self._replace(how)
        if result is None:
            return
        self._replaced = True
        self._text = result
        if how.runs:
            await self._run_program("")
        if how.prints:
            self._line(self._text)
        if how.file:
            self._line(self._text, self._to(how.file))

    def _replace(self, how: Substitution) -> str | None:
        """Return the pattern space with its matches replaced; None if nothing matches."""
        pattern, text = self._found(how.regex), self._text
        if how.by.most > pattern.groups:
            raise ScriptError(
                f"sed: -e expression #1, char 0: invalid reference \\{how.by.most} on `s' command's RHS"
            )
        out: list[str] = []
        at = copied = count = 0
        before = -1
        while at <= len(text) and (match := pattern.search(text, at)) is not None:
            if match.start() == match.end() == before:
                # An empty match right behind another one does not count.
                at = match.end() + 1
                before = -1
                continue
            count += 1
            if count >= how.number:
                out += [text[copied : match.start()], how.by.of(match)]
                copied = match.end()
                if not how.every:
                    break
            before = match.end()
            at = match.end() if match.end() > match.start() else match.end() + 1
        return "".join([*out, text[copied:]]) if out else None
