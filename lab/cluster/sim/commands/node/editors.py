"""vi, view, nano and their other names: editors at a simulated terminal."""

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.node.versions import version_text
from lab.cluster.sim.shell.editing.shell import Shell, ShellResult

if TYPE_CHECKING:
    from lab.cluster.sim.shell.tty import Terminal

__all__ = ["nano", "vi"]

_VI_ERROR = (
    'VIM - Vi IMproved 9.0 (2022 Jun 28, compiled Feb 16 2025 05:23:41)\n{said}\nMore info with: "vim -h"\n'
)
_NANO_HELP = "Type 'nano -h' for a list of available options."
#: Options of vi without an effect here, and those among them that take a value.
_IGNORED = {"-", "-n", "-v", "-f", "-b", "-l", "-Z", "-o", "-O", "-p", "-m", "-M", "-L"}
_WITH_VALUE = {"-c", "--cmd", "-u", "-U", "-i", "-T", "-s", "-w", "-W", "-t", "-q"}


@dataclass(slots=True)
class _Wanted:
    """The parsed arguments of an editor's call."""

    files: list[str] = field(default_factory=list)
    #: Ex commands that run first.
    commands: list[str] = field(default_factory=list)
    readonly: bool = False
    compatible: bool | None = None
    settings: bool = True


class CallHost:
    """The files and the clock of the node on which an editor was called."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def read(self, path: str) -> str | None:
        """Return a file's text, or None."""
        try:
            return self._call.files.read(self._call.path(path))
        except FileNotFoundError:
            return None

    def write(self, path: str, text: str) -> None:
        """Write a file, and notify the file's watchers at once."""
        whole = self._call.path(path)
        if not self.is_folder(posixpath.dirname(whole)):
            raise FileNotFoundError(path)
        self._call.files.write(whole, text)
        self._call.world.poke()

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder at `path`."""
        whole = self._call.path(path)
        return self._call.files.exists(whole) and not self._call.files.is_file(whole)

    def may_write(self, path: str) -> bool:
        """Whether the file's mode allows writing: root may write anyway, but is warned."""
        about = self._call.files.about(posixpath.dirname(self._call.path(path)))
        mode = about.get(posixpath.basename(path), {}).get("mode", 0o644)
        return bool(int(str(mode)) & 0o222)

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder."""
        whole = self._call.path(folder)
        return [name + "/" * self.is_folder(posixpath.join(whole, name)) for name in self._call.files.names(whole)]

    def now(self) -> float:
        """Return the time."""
        return self._call.now()

    def folder(self) -> str:
        """Return the folder of the call."""
        return self._call.cwd

    def version(self) -> str:
        """Return what `vi --version` prints."""
        return version_text("vi")


async def vi(call: Call) -> int:
    """Edit files in vi: `vi`, `vim.tiny`, `view`."""
    try:
        wanted = _vi_words(call)
    except ValueError as error:
        return await call.fail(_VI_ERROR.format(said=error).rstrip("\n"))
    terminal = call.controlling
    if terminal is None:
        await call.err("Vim: Warning: Output is not to a terminal\nVim: Warning: Input is not from a terminal\n")
        return await call.fail("Vim: Error reading input, exiting...\nVim: Finished.")
    # Slow to load, and only for users at a terminal.
    from lab.cluster.sim.shell.editing.stage import perform  # noqa: PLC0415
    from lab.cluster.sim.shell.editing.vi.editor import ViEditor  # noqa: PLC0415

    host = CallHost(call)
    compatible = call.name == "vi" if wanted.compatible is None else wanted.compatible
    editor = ViEditor(
        host,
        wanted.files,
        compatible=compatible,
        rows=terminal.rows,
        cols=terminal.columns,
        settings=_settings(call, host) if wanted.settings else ("", ""),
        commands=wanted.commands,
        readonly=wanted.readonly or call.name in {"view", "rview"},
    )
    return await perform(cast("Terminal", terminal), editor, lambda asked: _run(call, asked), call.process.outside)


def _vi_words(call: Call) -> _Wanted:
    """Parse the words of a call. Raise `ValueError` for words that vi does not know."""
    wanted = _Wanted()
    words = list(call.argv)
    while words:
        word = words.pop(0)
        if word == "--":
            wanted.files += words
            break
        if word.startswith("+"):
            wanted.commands.append(word[1:] or "$")
        elif not word.startswith("-"):
            wanted.files.append(word)
        else:
            _vi_option(wanted, word, words)
    return wanted


def _vi_option(wanted: _Wanted, word: str, words: list[str]) -> None:
    """Take an option, with its value from `words` if it has one."""
    if word in _WITH_VALUE:
        if not words:
            raise ValueError(f'Argument missing after: "{word}"')
        value = words.pop(0)
        if word in {"-c", "--cmd"}:
            wanted.commands.append(value)
        wanted.settings = wanted.settings and not (word == "-u" and value in {"NONE", "NORC"})
    elif word in {"-C", "-N"}:
        wanted.compatible = word == "-C"
    elif word == "-R":
        wanted.readonly = True
    elif word not in _IGNORED:
        raise ValueError(f'Unknown option argument: "{word}"')


def _settings(call: Call, host: CallHost) -> tuple[str, str]:
    """Return vi's initial commands and their source: the environment, or a file in the home folder."""
    home = call.env.get("HOME", "/root")
    places = [("VIMINIT", ""), ("", ".vimrc"), ("", ".vim/vimrc"), ("EXINIT", ""), ("", ".exrc")]
    for variable, name in places:
        path = posixpath.join(home, name)
        text = call.env.get(variable) if variable else host.read(path)
        if text is not None:
            return (variable or path), text
    return "", ""


async def nano(call: Call) -> int:
    """Edit a file in nano: `nano`, `pico`, `editor`."""
    name, line, column, readonly = "", 1, 1, call.name == "rnano"
    for word in call.argv:
        if match := re.fullmatch(r"\+(\d+)(?:,(\d+))?", word):
            line, column = int(match[1]), int(match[2] or 1)
        elif word in {"-v", "--view"}:
            readonly = True
        elif word.startswith("--") and word != "--":
            return await call.fail(f"nano: unrecognized option '{word}'\n{_NANO_HELP}")
        elif not word.startswith(("-", "+")):
            name = name or word
    terminal = call.controlling
    if terminal is None:
        return await call.fail("Standard input is not a terminal")
    from lab.cluster.sim.shell.editing.nano.editor import NanoEditor  # noqa: PLC0415 -- as above
    from lab.cluster.sim.shell.editing.stage import perform  # noqa: PLC0415

    editor = NanoEditor(
        CallHost(call),
        name,
        rows=terminal.rows,
        cols=terminal.columns,
        line=line,
        column=column,
        readonly=readonly,
    )
    return await perform(cast("Terminal", terminal), editor, lambda asked: _run(call, asked), call.process.outside)


async def _run(call: Call, asked: Shell) -> ShellResult:
    """Run a command for an editor, and return its output."""
    stdin = None if asked.stdin is None else asked.stdin.encode()
    return ShellResult(*await call.capture(["bash", "-c", asked.command], stdin=stdin))
