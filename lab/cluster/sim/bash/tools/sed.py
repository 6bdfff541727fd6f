"""sed: the script runs on each line as it arrives."""

import posixpath
from collections.abc import Sequence

from lab.cluster.sim.bash.language.octets import decode
from lab.cluster.sim.bash.running.call import Call, NotSimulated
from lab.cluster.sim.bash.tools.inputs import reason, whole
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options
from lab.cluster.sim.bash.tools.sed_cycle import Cycle, Quit
from lab.cluster.sim.bash.tools.sed_input import Input
from lab.cluster.sim.bash.tools.sed_output import FileOutput, Output, StdOutput
from lab.cluster.sim.bash.tools.sed_reader import ScriptError
from lab.cluster.sim.bash.tools.sed_script import Command, parse

__all__ = ["sed"]

_LONG = {
    "quiet": "n", "silent": "n", "debug": "debug", "expression": "e", "file": "f", "follow-symlinks": "follow",
    "in-place": "i", "line-length": "l", "posix": "posix", "regexp-extended": "E", "separate": "s",
    "sandbox": "sandbox", "unbuffered": "u", "null-data": "z", "zero-terminated": "z", "binary": "b",
}  # fmt: skip
_USAGE = """\
Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...

  -n, --quiet, --silent
                 suppress automatic printing of pattern space
      --debug
                 annotate program execution
  -e script, --expression=script
                 add the script to the commands to be executed
  -f script-file, --file=script-file
                 add the contents of script-file to the commands to be executed
  --follow-symlinks
                 follow symlinks when processing in place
  -i[SUFFIX], --in-place[=SUFFIX]
                 edit files in place (makes backup if SUFFIX supplied)
  -l N, --line-length=N
                 specify the desired line-wrap length for the `l' command
  --posix
                 disable all GNU extensions.
  -E, -r, --regexp-extended
                 use extended regular expressions in the script
                 (for portability use POSIX -E).
  -s, --separate
                 consider files as separate rather than as a single,
                 continuous long stream.
      --sandbox
                 operate in sandbox mode (disable e/r/w commands).
  -u, --unbuffered
                 load minimal amounts of data from the input files and flush
                 the output buffers more often
  -z, --null-data
                 separate lines by NUL characters
      --help     display this help and exit
      --version  output version information and exit

If no -e, --expression, -f, or --file option is given, then the first
non-option argument is taken as the sed script to interpret.  All
remaining arguments are names of input files; if no input files are
specified, then the standard input is read.

GNU sed home page: <https://www.gnu.org/software/sed/>.
General help using GNU software: <https://www.gnu.org/gethelp/>.
"""


async def sed(call: Call) -> int:
    """Edit a stream, or files in place."""
    try:
        options = parse_options("sed", call.argv, "bsnrzuEe:f:l:i?", _LONG, hint=_USAGE)
        if options.has("help"):
            await call.out(f"{_USAGE}E-mail bug reports to: <bug-sed@gnu.org>.\n")
            return 0
        if options.has("debug"):
            return await call.fail(NotSimulated("sed --debug").message)
        scripts, names = await _scripts(call, options)
        commands = parse(scripts, extended=options.has("E", "r"), sandbox=options.has("sandbox"))
        return await _Run(call, options, commands, names).all()
    except (UsageError, ScriptError) as error:
        return await call.fail(error.message.rstrip("\n"), error.code)


async def _scripts(call: Call, options: Options) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the scripts, each with the file that it is from, and the files to edit."""
    scripts: list[tuple[str, str]] = []
    for key, value in options.given:
        if key == "e":
            scripts.append((value, ""))
        elif key == "f":
            try:
                text = decode(await whole(call, value))
            except OSError as error:
                raise ScriptError(f"sed: couldn't open file {value}: {reason(error)}", 4) from None
            scripts.append((text.removesuffix("\n"), value))
    names = list(options.operands)
    if not scripts:
        if not names:
            raise UsageError(_USAGE)
        scripts.append((names.pop(0), ""))
    if scripts[0][0].split("\n", 1)[0] == "#n":
        options.given.append(("n", ""))
    return scripts, names


class _Run:
    """One run of a script over all files."""

    def __init__(self, call: Call, options: Options, commands: Sequence[Command], names: Sequence[str]) -> None:
        self._call = call
        self._options = options
        self._commands = commands
        self._end = end = "\0" if options.has("z") else "\n"
        self._out: Output = StdOutput(call, end)
        self._in_place = options.has("i")
        separate = self._in_place or options.has("s")
        self._names = list(names)
        streamed = [] if self._in_place else self._names or ["-"]
        self._input = Input(call, streamed, end, separate=separate, before_wait=self._before_wait)
        self._files: dict[str, Output] = {"/dev/stdout": self._out, "/dev/stderr": StdOutput(call, end, 2)}
        self._cycle = Cycle(
            call, commands, self._input, self._files, end, quiet=options.has("n"), width=self._width()
        )

    def _width(self) -> int:
        given = self._options.last("l", "70")
        if not given.isdigit():
            raise UsageError(f"sed: invalid line length: {given}\n{_USAGE}")
        return int(given)

    async def all(self) -> int:
        code = 0
        try:
            self._open_files()
            code = await (self._edit_each() if self._in_place else self._stream())
        finally:
            self._input.close()
            for file in self._files.values():
                await file.write()
                if isinstance(file, FileOutput):
                    file.close()
        return code or self._input.code

    async def _before_wait(self) -> None:
        """Write what is ready, as far as others may wait for it."""
        for file in self._files.values():
            await file.write()
        if not self._in_place:
            await self._out.write()

    def _open_files(self) -> None:
        for command in self._commands:
            name = command.text if command.letter in "wW" else ""
            name = command.substitution.file if command.substitution else name
            if not name or name in self._files:
                continue
            try:
                self._files[name] = FileOutput(self._call, self._end, self._call.open(name, "w"))
            except OSError as error:
                raise ScriptError(f"sed: couldn't open file {name}: {reason(error)}", 4) from None

    async def _stream(self) -> int:
        """Write the result of all files to stdout."""
        try:
            while await self._input.open_next():
                self._begin_file()
                await self._cycle.run(self._out)
        except Quit as end:
            return end.code
        return 0

    def _begin_file(self) -> None:
        if self._input.separate:
            self._cycle.begin_file()

    async def _edit_each(self) -> int:
        """Put the result of each file in its place."""
        if not self._names:
            return await self._call.fail("sed: no input files", 4)
        for name in self._names:
            path = self._call.path(name)
            if self._call.files.exists(path) and not self._call.files.is_file(path):
                return await self._call.fail(f"sed: couldn't edit {name}: not a regular file", 4)
            if not self._call.files.exists(path):
                self._input.code = await self._call.fail(f"sed: can't read {name}: No such file or directory", 2)
                continue
            self._input.add(name)
            if not await self._input.open_next():
                continue
            self._begin_file()
            out = Output(self._end)
            quit_code: int | None = None
            try:
                await self._cycle.run(out)
            except Quit as end:
                quit_code = end.code
            self._put(name, path, out.taken())
            if quit_code is not None:
                return quit_code
        return 0

    def _put(self, name: str, path: str, content: bytes) -> None:
        """Write a result in the place of its file; keep the old content under another name if that is asked."""
        files = self._call.files
        if files.kind(path) == "symlink" and self._options.has("follow"):
            path = files.resolved(path)
        try:
            self._call.open(path, "r+").release()
        except OSError as error:
            folder = posixpath.dirname(name)
            new = f"{folder or '.'}/sed{self._call.place.chance.getrandbits(24):06x}"
            raise ScriptError(f"sed: couldn't open temporary file {new}: {reason(error)}", 4) from None
        if suffix := self._options.last("i"):
            base = posixpath.basename(path)
            kept = suffix.replace("*", base) if "*" in suffix else base + suffix
            files.write(posixpath.join(posixpath.dirname(path), kept), files.read_bytes(path))
        if files.kind(path) == "symlink":
            files.remove(path)
        files.write(path, content)
