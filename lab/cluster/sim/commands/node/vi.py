"""vi, vim.tiny, view and rview: Vim at a simulated terminal."""

import posixpath
from dataclasses import dataclass, field

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.node.editor_host import CallHost, edit

__all__ = ["vi"]

_VI_ERROR = (
    'VIM - Vi IMproved 9.0 (2022 Jun 28, compiled Feb 16 2025 05:23:41)\n{said}\nMore info with: "vim -h"\n'
)
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
    return await edit(call, editor)


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
