"""A shell: its state, and the interface for its builtins and its expansion."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from lab.cluster.sim.bash.expansion.errors import ExpansionError
from lab.cluster.sim.bash.expansion.expander import ArrayArgument, Expander
from lab.cluster.sim.bash.expansion.variables import Variables
from lab.cluster.sim.bash.language.errors import ShellSyntaxError
from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.language.printing import function_text
from lab.cluster.sim.bash.language.reader import Dialect
from lab.cluster.sim.bash.language.tree import (
    Command,
    CommandList,
    CommandSubstitution,
    FunctionDefinition,
    ProcessSubstitution,
    SimpleCommand,
    Statement,
)
from lab.cluster.sim.bash.running.finding import find_program, find_programs
from lab.cluster.sim.bash.running.frames import Frame, show
from lab.cluster.sim.bash.running.jobs import Job, Jobs
from lab.cluster.sim.bash.running.open_files import absolute
from lab.cluster.sim.bash.running.options import Options
from lab.cluster.sim.bash.running.place import Place
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.running.session import ControllingTerminal
from lab.cluster.sim.bash.running.shell_files import ShellFiles
from lab.cluster.sim.bash.running.traps import Traps
from lab.cluster.sim.bash.running.weights import Weights

__all__ = ["Argument", "Builtin", "Frame", "Interpreter", "Shell"]

#: The arguments of a builtin: strings, and compound assignments if it declares variables.
Argument = str | ArrayArgument
#: A command of the shell itself. It runs in the shell's own process; its redirections are already applied.
Builtin = Callable[["Shell", list[Argument]], Awaitable[int]]


class Interpreter(Protocol):
    """The interface of `evaluator.Evaluator`, which runs trees in a shell. Its methods return the exit code."""

    shell: "Shell"
    #: Descriptors of process substitutions, which are closed when their command is over.
    substituted_descriptors: list[int]

    @property
    def terminal(self) -> ControllingTerminal | None:
        """The terminal whose foreground group this shell sets; None without job control."""

    def of(self, shell: "Shell") -> "Interpreter":
        """Return an interpreter for another shell."""

    async def run_text(
        self, text: str, *, source: str = "", first_line: int = 1, resumes: bool = False, name: str | None = None
    ) -> int:
        """Run a script's text, a line at a time."""

    async def run_sourced(self, text: str, path: str) -> int:
        """Run a file's text in this shell (`source`)."""

    async def run_list(self, tree: CommandList) -> int:
        """Run statements in their order."""

    async def run_statement(self, statement: Statement) -> int:
        """Run pipelines joined by && and ||."""

    async def syntax_error(self, problem: ShellSyntaxError, source: str, name: str | None = None) -> int:
        """Print a syntax error as bash does."""

    async def run_guarded(self, tree: CommandList) -> int:
        """Run a condition, in which `set -e` has no effect."""

    async def run_command(self, command: Command, *, replaces: bool = False) -> int:
        """Run one command. A command that `replaces` is the last action of this process."""

    async def run_words(
        self, words: "list[Argument]", *, functions: bool = True, builtins: bool = True, programs: bool = True
    ) -> int:
        """Run a command whose words are expanded."""

    async def become(self, words: list[str], environment: Mapping[str, str], name: str | None) -> int:
        """Replace the shell by a program."""

    async def run_trap(self, name: str) -> None:
        """Run the command of a trap; restore `$?` afterwards."""

    async def handle_signals(self) -> None:
        """Handle the pending signals."""

    async def expansion_failed(self, problem: ExpansionError) -> int:
        """Print the error; return the command's exit code, or give up the line or the shell."""

    async def foreground(self, job: Job) -> int:
        """Bring a job to the foreground (`fg`): resume it and wait for it."""

    def resume(self, job: Job) -> None:
        """Resume the processes of a stopped job (`bg`, `fg`)."""

    async def substituted(self, part: CommandSubstitution) -> str:
        """Run `$(...)`."""

    async def process_substituted(self, part: ProcessSubstitution) -> str:
        """Start `<(...)`."""

    def close_substituted(self, kept: int) -> None:
        """Close the descriptors of process substitutions, except the first `kept`."""

    def interrupted_by(self, child: Process) -> None:
        """Give up a terminal's line if Ctrl-C ended the child."""

    def set_codes(self, codes: Sequence[int]) -> None:
        """Set PIPESTATUS."""


class Shell:
    """One shell, or one subshell: a copy in a process of its own."""

    def __init__(self, process: Process, *, name: str = "bash", interactive: bool = False) -> None:
        self.process = process
        #: `$0`, with which messages begin.
        self.name = name
        self.interactive = interactive
        self.login = False
        #: Whether its messages are dash's, which is Debian's sh.
        self.dash = False
        self.variables = Variables()
        #: The memory of its variables and functions.
        self.weights = Weights(process)
        self.functions: dict[str, FunctionDefinition] = {}
        #: Function -> the file that defines it.
        self.function_sources: dict[str, str] = {}
        self.readonly_functions: set[str] = set()
        self.exported_functions: set[str] = set()
        self.aliases: dict[str, str] = {}
        self.options = Options()
        #: `$1` and on.
        self.positional: Sequence[str] = []
        #: `$?`, `$!` (none before the first job) and `$_`.
        self.status = 0
        self.last_background: int | None = None
        self.last_word = "/usr/bin/bash"
        #: `$$`: the number of the outermost shell, from which subshells were copied.
        self.pid = process.pid
        self._parent_pid = process.parent.pid if process.parent is not None else 1
        self.subshells = 0
        #: The nesting of `$(...)` and `eval`: `set -x` repeats the first letter of PS4 for each level.
        self.indirection = 0
        self.jobs = self.no_jobs()
        self.traps = Traps()
        #: The folders of pushd and popd below the current one.
        self.folders: list[str] = []
        #: Program -> [its path, the number of its calls] (`hash`).
        self.hashed: dict[str, list[object]] = {}
        self.history: list[str] = []
        self.history_first = 1
        #: How many lines of the history are in the history file (`history -a`).
        self.history_saved = 0
        #: The settings of `ulimit` and `complete`.
        self.limits: dict[str, str] = {}
        self.completions: dict[str, str] = {}
        self.disabled: set[str] = set()
        #: The running line, and the line at which the current text begins.
        self.line = 1
        self.frames: list[Frame] = []
        self.loops = 0
        #: The nesting of functions, eval and source.
        self.depth = 0
        #: The file or shell of the main text; empty for `-c`.
        self.source = ""
        self.command_string: str | None = None
        #: How many conditions of `if`, `&&`, `!` contain the running command: `set -e` has no effect in them.
        self.guarded = 0
        #: The position of `getopts` within a word.
        self.getopts_at = 1
        self.substitution_status: int | None = None
        #: The running simple command.
        self.command: SimpleCommand | None = None
        #: Warnings of an expansion that are not printed yet.
        self.warnings: list[str] = []
        self.files = ShellFiles(process)
        self.expander = Expander(self.variables, self)
        #: The interpreter of this shell, set by the shell's creator.
        self.interpreter: Interpreter | None = None
        self.variables.changed = self.variable_changed

    def no_jobs(self) -> Jobs:
        """Return the empty jobs of a new shell."""
        return Jobs(lambda: (self.folder, self.variables.text("HOME")))

    def variable_changed(self, name: str) -> None:
        """Update the state that depends on a variable whose value has changed."""
        if name == "OPTIND":
            self.getopts_at = 1
        elif name == "PATH":
            self.hashed.clear()

    # Place

    @property
    def place(self) -> Place:
        """The node or container."""
        return self.process.place

    @property
    def builtins(self) -> Mapping[str, Builtin]:
        """The shell's own commands by name, without those that `enable -n` turned off."""
        return self.place.builtins

    @property
    def folder(self) -> str:
        """The current folder."""
        return self.process.folder

    def path(self, path: str) -> str:
        """Return `path` as an absolute path."""
        return absolute(self.process.folder, path)

    @property
    def evaluator(self) -> Interpreter:
        """The interpreter of this shell."""
        if self.interpreter is None:
            raise RuntimeError("nothing runs trees in this shell")
        return self.interpreter

    @property
    def dialect(self) -> Dialect:
        """The current dialect for reading text."""
        expands = self.options.shopt("expand_aliases") or self.options["posix"]
        return Dialect(
            aliases=self.aliases if expands else None, extglob=self.options.shopt("extglob"),
            posix=self.options["posix"],
        )  # fmt: skip

    # Output

    async def out(self, text: str | bytes) -> None:
        """Write to stdout."""
        if text:
            await self.process.write(encode(text) if isinstance(text, str) else text, 1)

    async def err(self, text: str | bytes) -> None:
        """Write to stderr; if it is closed, drop the text."""
        if text:
            data = encode(text) if isinstance(text, str) else text
            if 2 in self.process.descriptors:
                await self.process.write(data, 2)

    @property
    def prefix(self) -> str:
        """Return the prefix of the shell's messages: `bash: line 3: `, in a terminal's shell `-bash: `."""
        if self.interactive and not self.subshells:
            return f"{self.name}: "
        source = self.frames[-1].source if self.frames and self.frames[-1].source else self.source or self.name
        return f"{source}: {self.line}: " if self.dash else f"{source}: line {self.line}: "

    @property
    def source_now(self) -> str:
        """Return the file that contains the running text; empty for -c and stdin."""
        return self.frames[-1].source if self.frames else self.source

    @property
    def not_found(self) -> str:
        """Return the message for a command that does not exist."""
        return "not found" if self.dash else "command not found"

    @property
    def parent_pid(self) -> int:
        """Return $PPID: the number of the outermost shell's parent."""
        return self._parent_pid

    def enter(self, name: str, source: str, *, sourced: bool = False) -> None:
        """Begin a function or a sourced script: set `FUNCNAME` and its like."""
        self.frames.append(Frame(name, source, self.line, sourced=sourced))
        self._show_frames()

    def leave(self) -> Frame:
        """End the innermost function or sourced script."""
        frame = self.frames.pop()
        self._show_frames()
        return frame

    def _show_frames(self) -> None:
        show(self.frames, self.source, self.variables.scopes[0])

    async def trace(self, text: str) -> None:
        """Print a command as `set -x` does."""
        prefix = await self.expander.prompt(self.variables.text("PS4"))
        await self.err(f"{prefix[:1] * self.indirection}{prefix}{text}\n")

    def took_size(self, rows: int, columns: int) -> None:
        """Set LINES and COLUMNS."""
        self.variables.set("LINES", str(rows))
        self.variables.set("COLUMNS", str(columns))

    async def complain(self, text: str, code: int = 1) -> int:
        """Write a message with the shell's prefix; return `code`."""
        await self.err(f"{self.prefix}{text}\n")
        return code

    # Text and trees

    async def run_text(self, text: str, *, source: str = "", first_line: int = 1) -> int:
        """Run a script's text in this shell, line by line (`eval`, `source`, traps); return the exit code.

        Syntax errors are printed in bash's words, and name `source` (`eval`). `Return`, `ExitShell`, `Break` and
        `Continue` are not caught.
        """
        self.indirection += source == "eval"
        try:
            return await self.evaluator.run_text(text, source=source, first_line=first_line)
        finally:
            self.indirection -= source == "eval"

    async def run_words(
        self, words: Sequence[Argument], *, functions: bool = True, builtins: bool = True, programs: bool = True
    ) -> int:
        """Run a command whose words are expanded, in this shell (`command`, `builtin`); return its code."""
        return await self.evaluator.run_words(
            list(words), functions=functions, builtins=builtins, programs=programs
        )

    async def become(
        self, words: Sequence[str], *, environment: Mapping[str, str], name: str | None = None
    ) -> int:
        """Replace this shell by a program (`exec`); the program's exit code ends the shell."""
        return await self.evaluator.become(list(words), environment, name)

    def find_program(self, name: str) -> str | None:
        """Return the path of a program along the shell's PATH; None if there is none."""
        return find_program(self.place, name, self.variables.text("PATH"), self.folder)

    def find_programs(self, name: str) -> list[str]:
        """Return the paths of all programs of that name, in the order of PATH (`type -a`)."""
        return find_programs(self.place, name, self.variables.text("PATH"), self.folder)

    # The interface for expansion

    def option(self, name: str) -> bool:
        """Whether an option of `set -o` is on."""
        return name in self.options.on

    def shopt(self, name: str) -> bool:
        """Whether an option of `shopt` is on."""
        return self.options.shopt(name)

    def special(self, name: str) -> str | None:
        """Return `$?`, `$$`, `$!`, `$-` or `$0`."""
        match name:
            case "?":
                return str(self.status)
            case "$":
                return str(self.pid)
            case "!":
                return None if self.last_background is None else str(self.last_background)
            case "-":
                return self.flags
            case "0":
                return self.name
            case _:
                return self.last_word

    @property
    def flags(self) -> str:
        """Return `$-`."""
        mine = self.options.letters
        if self.interactive:
            lower = "".join(letter for letter in mine if letter.islower())
            mine = "".join(sorted(lower + "i")) + "".join(letter for letter in mine if letter.isupper())
        return mine + ("c" if self.command_string is not None else "" if self.source else "s")

    def environment(self) -> dict[str, str]:
        """Return the environment of a program: exported variables and functions."""
        found = self.variables.exported()
        for name in self.exported_functions & self.functions.keys():
            found[f"BASH_FUNC_{name}%%"] = function_text(self.functions[name]).removeprefix(f"{name} ")
        return found

    def home_of(self, user: str) -> str | None:
        """Return the home folder of a user of the node."""
        for line in self.place.files.get("/etc/passwd").splitlines():
            parts = line.split(":")
            if parts[0] == user and len(parts) > 5:
                return parts[5]
        return "/root" if user == "root" else None

    def directory_stack(self) -> Sequence[str]:
        """Return the folders that `dirs` lists, the current folder first."""
        return [self.folder, *self.folders]

    async def command_substitution(self, part: CommandSubstitution) -> str:
        """Run commands in a subshell and return their output."""
        return await self.evaluator.substituted(part)

    async def process_substitution(self, part: ProcessSubstitution) -> str:
        """Start commands at the other end of a pipe and return its path."""
        return await self.evaluator.process_substituted(part)

    def warn(self, message: str) -> None:
        """Write a warning with the shell's prefix."""
        self.warnings.append(message)
