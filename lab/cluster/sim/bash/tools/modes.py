"""chmod, chown and chgrp, and the parsing of modes."""

import re
import stat
from collections.abc import Iterator, Sequence

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options
from lab.cluster.sim.bash.tools.places import is_folder, mode_of, real_place, there

__all__ = ["BadMode", "changed_mode", "chgrp", "chmod", "chown"]

_CLAUSE = re.compile(r"([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)")
_ACTION = re.compile(r"([-+=])([rwxXst]*|[ugo])(?=[-+=]|$)")
_SHIFTS = {"u": 6, "g": 3, "o": 0}
_BITS = {"r": 4, "w": 2, "x": 1}
_LONG = {
    "changes": "c", "silent": "f", "quiet": "f", "verbose": "v", "recursive": "R", "reference": "reference:",
    "no-dereference": "h", "dereference": "dereference", "from": "from:", "preserve-root": "preserve",
    "no-preserve-root": "no-preserve",
}  # fmt: skip


class BadMode(ValueError):  # noqa: N818 -- what it is
    """An invalid mode."""


def changed_mode(text: str, before: int, *, folder: bool, umask: int) -> int:
    """Return the mode that results from `before` and the change `text`; raise `BadMode`."""
    if re.fullmatch(r"[0-7]{1,5}", text):
        return int(text, 8) & 0o7777
    mode = before
    for clause in text.split(","):
        found = _CLAUSE.fullmatch(clause)
        if found is None:
            raise BadMode(text)
        who = found[1]
        for action in _ACTION.finditer(found[2]):
            mode = _applied(mode, who, action[1], action[2], folder=folder, umask=umask)
    return mode


def _applied(mode: int, who: str, sign: str, what: str, *, folder: bool, umask: int) -> int:
    everyone = "ugo" if not who or "a" in who else who
    bits = 0
    for each in everyone:
        part = sum(_BITS.get(letter, 0) for letter in set(what))
        if "X" in what and (folder or mode & 0o111):
            part |= 1
        if what in _SHIFTS and what:
            part = (mode >> _SHIFTS[what]) & 7
        bits |= part << _SHIFTS[each]
        if "s" in what:
            bits |= {"u": 0o4000, "g": 0o2000}.get(each, 0)
    if "t" in what and (not who or "a" in who or "o" in who):
        bits |= 0o1000
    if not who:
        bits &= ~umask
    if sign == "+":
        return mode | bits
    if sign == "-":
        return mode & ~bits
    cleared = sum(7 << _SHIFTS[each] for each in everyone)
    return (mode & ~cleared) | bits


def _walk(call: Call, word: str, *, recursive: bool) -> Iterator[tuple[str, str]]:
    """Yield a file and, if requested, everything below it: (name as shown, path)."""
    path = real_place(call, word)
    yield word, path
    if recursive and is_folder(call, path):
        for name in call.files.names(path):
            below = f"{word.rstrip('/')}/{name}"
            if call.files.kind(f"{path.rstrip('/')}/{name}") != "symlink":
                yield from _walk(call, below, recursive=True)


async def chmod(call: Call) -> int:  # noqa: C901 -- one case after the other
    """Change the permission bits of files."""
    hint = "Try 'chmod --help' for more information."
    # A mode may begin with a minus, like an option.
    argv, mode = _mode_word(call.argv)
    try:
        options = parse_options("chmod", argv, "cfvRh", _LONG)
        words = options.operands
        if options.has("reference"):
            mode = f"{mode_of(call, real_place(call, options.last('reference'))):o}"
        elif mode is None:
            if not words:
                raise UsageError(f"chmod: missing operand\n{hint}")
            mode = words.pop(0)
        if not words:
            raise UsageError(f"chmod: missing operand after ‘{mode}’\n{hint}")
        try:
            changed_mode(mode, 0, folder=False, umask=0)
        except BadMode:
            raise UsageError(f"chmod: invalid mode: ‘{mode}’\n{hint}") from None
    except UsageError as error:
        return await call.fail(error.message, error.code)
    code = 0
    for word in words:
        if not call.files.exists(real_place(call, word)):
            code = 1
            if not options.has("f"):
                dangling = "operate on dangling symlink" if there(call, word) else "access"
                why = "" if there(call, word) else ": No such file or directory"
                await call.err(f"chmod: cannot {dangling} '{word}'{why}\n")
            continue
        for shown, path in _walk(call, word, recursive=options.has("R")):
            before = mode_of(call, path)
            after = changed_mode(mode, before, folder=is_folder(call, path), umask=call.process.umask)
            call.files.system.chmod(path, after)
            await _tell_mode(call, options, shown, before, after)
    return code


def _mode_word(argv: Sequence[str]) -> tuple[list[str], str | None]:
    for index, word in enumerate(argv):
        if word == "--":
            break
        if re.fullmatch(r"-[rwxXst]+(,.*)?", word):
            return [*argv[:index], *argv[index + 1 :]], word
    return list(argv), None


def _both(mode: int) -> str:
    return f"{mode:04o} ({stat.filemode(mode)[1:]})"


async def _tell_mode(call: Call, options: Options, shown: str, before: int, after: int) -> None:
    if before != after and options.has("c", "v"):
        await call.out(f"mode of '{shown}' changed from {_both(before)} to {_both(after)}\n")
    elif options.has("v"):
        await call.out(f"mode of '{shown}' retained as {_both(after)}\n")


def _known(call: Call, path: str, name: str) -> bool:
    return name.isdigit() or any(line.split(":")[0] == name for line in call.files.get(path).splitlines())


async def chown(call: Call) -> int:
    """Change the owner of files. All files here belong to root, so only errors are printed."""
    return await _own(call, group_only=False)


async def chgrp(call: Call) -> int:
    """Change the group of files."""
    return await _own(call, group_only=True)


async def _own(call: Call, *, group_only: bool) -> int:
    name = call.name
    hint = f"Try '{name} --help' for more information."
    try:
        options = parse_options(name, call.argv, "cfvRhHLP", _LONG)
        words = list(options.operands)
        owner = "" if options.has("reference") else words.pop(0) if words else ""
        if not words:
            raise UsageError(f"{name}: missing operand after ‘{owner}’\n{hint}" if owner else
                             f"{name}: missing operand\n{hint}")  # fmt: skip
        user, colon, group = ("", ":", owner) if group_only else owner.partition(":")
        if user and not _known(call, "/etc/passwd", user) and user != "root":
            raise UsageError(f"{name}: invalid user: ‘{owner}’")
        if colon and group and not _known(call, "/etc/group", group) and group != "root":
            raise UsageError(f"{name}: invalid group: ‘{owner}’")
    except UsageError as error:
        return await call.fail(error.message, error.code)
    code = 0
    for word in words:
        if not there(call, word):
            code = 1
            if not options.has("f"):
                await call.err(f"{name}: cannot access '{word}': No such file or directory\n")
        elif options.has("v"):
            for shown, _ in _walk(call, word, recursive=options.has("R")):
                what = "group" if group_only else "ownership"
                await call.out(f"{what} of '{shown}' retained as {owner}\n")
    return code
