"""Redirections: change the descriptors of a command."""

import errno
import os
from collections.abc import Iterable

from lab.cluster.sim.bash.expansion.errors import Effect, ExpansionError
from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.language.tree import HereDocument, Redirection, Word
from lab.cluster.sim.bash.running.open_files import OpenFile, StringInput
from lab.cluster.sim.bash.running.opening import open_file
from lab.cluster.sim.bash.running.shell import Shell

__all__ = ["RedirectionError", "Undo", "redirect", "restore"]

#: Changed descriptors and their previous files (None: closed). The last change is undone first.
Undo = list[tuple[int, OpenFile | None]]
_MODES = {"<": "r", ">": "w", ">|": "w", ">>": "a", "<>": "r+", "&>": "w", "&>>": "a"}
#: The lowest descriptor that the shell assigns by itself (`{name}>file`).
_FIRST_GIVEN = 10


class RedirectionError(ExpansionError):
    """A redirection failed, so the command does not run."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Effect.FAIL)


async def redirect(shell: Shell, redirections: Iterable[Redirection]) -> Undo:
    """Change the shell's own descriptors; return the undo list. Raise `RedirectionError` with all undone."""
    undo: Undo = []
    try:
        for each in redirections:
            await _one(shell, each, undo)
    except BaseException:
        restore(shell, undo)
        raise
    return undo


def restore(shell: Shell, undo: Undo) -> None:
    """Undo the changes of `redirect`."""
    process = shell.process
    for number, file in reversed(undo):
        process.close(number)
        if file is not None:
            process.descriptors[number] = file
    undo.clear()


def _put(shell: Shell, number: int, file: OpenFile | None, undo: Undo) -> None:
    before = shell.process.descriptors.pop(number, None)
    undo.append((number, before))
    if file is not None:
        shell.process.descriptors[number] = file


async def _one(shell: Shell, each: Redirection, undo: Undo) -> None:
    operator, target = each.operator, each.target
    if each.line:
        shell.line = each.line
    reads = operator in {"<", "<>", "<&", "<<", "<<-", "<<<"}
    number = each.descriptor if each.descriptor is not None else 0 if reads else 1
    if each.variable is not None:
        number = shell.process.free_descriptor(_FIRST_GIVEN)
    if isinstance(target, HereDocument):
        text = await shell.expander.here_document(target)
        _put(shell, number, StringInput(encode(text)), undo)
    elif operator == "<<<":
        text = await shell.expander.text(target)
        _put(shell, number, StringInput(f"{text}\n".encode(errors="surrogateescape")), undo)
    elif operator in {"<&", ">&"}:
        await _duplicate(shell, each, target, number, undo)
    else:
        path = await shell.expander.redirection_target(target)
        file = _opened(shell, path, operator)
        _put(shell, number, file, undo)
        if operator in {"&>", "&>>"}:
            _put(shell, 2, file.used(), undo)
    if each.variable is not None:
        shell.variables.set(each.variable, str(number))
        # The descriptor of `{name}>file` stays open until `exec {name}>&-`.
        undo.pop()


def _opened(shell: Shell, path: str, operator: str) -> OpenFile:
    try:
        if not path:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        noclobber = shell.options["noclobber"] and operator in {">", "&>"}
        return open_file(shell.process, shell.path(path), _MODES[operator], noclobber=noclobber)
    except OSError as problem:
        if problem.errno == errno.EEXIST:
            raise RedirectionError(f"{path}: cannot overwrite existing file") from None
        raise RedirectionError(f"{path}: {problem.strerror}") from None


async def _duplicate(shell: Shell, each: Redirection, target: Word, number: int, undo: Undo) -> None:
    text = await shell.expander.text(target)
    if text == "-":
        if each.variable is not None:
            given = shell.variables.text(each.variable)
            if given.isdigit():
                shell.process.close(int(given))
            undo.append((-1, None))
            return
        _put(shell, number, None, undo)
        return
    digits = text.removesuffix("-")
    if not digits.isdigit():
        if each.operator == ">&" and each.descriptor is None:
            path = await shell.expander.redirection_target(target)
            file = _opened(shell, path, "&>")
            _put(shell, 1, file, undo)
            _put(shell, 2, file.used(), undo)
            return
        raise RedirectionError(f"{target.source}: ambiguous redirect")
    known = shell.process.descriptors.get(int(digits))
    if known is None:
        raise RedirectionError(f"{digits}: Bad file descriptor")
    _put(shell, number, known.used(), undo)
    if text.endswith("-") and int(digits) != number:
        _put(shell, int(digits), None, undo)
