"""ln, link, readlink and realpath."""

import posixpath

from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options
from lab.cluster.sim.bash.tools.places import is_folder, place_of, real_place, there

__all__ = ["link", "ln", "readlink", "realpath"]

_LONG = {
    "backup": "b", "force": "f", "interactive": "i", "logical": "L", "no-dereference": "n", "physical": "P",
    "relative": "r", "symbolic": "s", "suffix": "S", "target-directory": "t", "no-target-directory": "T",
    "verbose": "v", "directory": "d",
}  # fmt: skip
_HINT = "Try 'ln --help' for more information."


async def ln(call: Call) -> int:
    """Make links. A hard link is a copy here: a later write to one name does not change the other."""
    try:
        options = parse_options("ln", call.argv, "bdfFiLnPrsS:t:Tv", _LONG)
        words = list(options.operands)
        if not words:
            raise UsageError(f"ln: missing file operand\n{_HINT}")
        targets, folder, name = _split(call, words, options)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    code = 0
    for target in targets:
        base = posixpath.basename(target.rstrip("/")) or target
        shown = f"{folder.rstrip('/')}/{base}" if folder else name
        code = await _link(call, target, shown, options) or code
    return code


def _split(call: Call, words: list[str], options: Options) -> tuple[list[str], str, str]:
    """Return the targets, and the folder for the links or else the link's name."""
    if options.has("t"):
        if not is_folder(call, real_place(call, options.last("t"))):
            raise UsageError(f"ln: target directory '{options.last('t')}': No such file or directory")
        return words, options.last("t"), ""
    if len(words) == 1:
        return words, ".", ""
    last = words.pop()
    path = place_of(call, last)
    folder = is_folder(call, real_place(call, last)) and not options.has("T")
    if options.has("n") and call.files.exists(path) and call.files.kind(path) == "symlink":
        folder = False
    if folder:
        return words, last, ""
    if len(words) > 1:
        why = "Not a directory" if there(call, last) else "No such file or directory"
        raise UsageError(f"ln: target '{last}': {why}")
    return words, "", last


async def _link(call: Call, target: str, shown: str, options: Options) -> int:  # noqa: C901, PLR0911 -- one case after the other
    files, symbolic = call.files, options.has("s")
    path = place_of(call, shown)
    source = real_place(call, target)
    if not symbolic:
        if not files.exists(source):
            return await call.fail(f"ln: failed to access '{target}': No such file or directory")
        if is_folder(call, source):
            return await call.fail(f"ln: {target}: hard link not allowed for directory")
    if files.exists(path):
        if is_folder(call, path):
            return await call.fail(f"ln: {shown}: cannot overwrite directory")
        if not options.has("f"):
            kind = "symbolic" if symbolic else "hard"
            return await call.fail(f"ln: failed to create {kind} link '{shown}': File exists")
        if not symbolic and source == path:
            return await call.fail(f"ln: '{target}' and '{shown}' are the same file")
        files.remove(path)
    if not files.exists(posixpath.dirname(path)):
        kind = "symbolic" if symbolic else "hard"
        more = "" if symbolic else f" => '{target}'"
        return await call.fail(f"ln: failed to create {kind} link '{shown}'{more}: No such file or directory")
    if symbolic:
        text = posixpath.relpath(source, posixpath.dirname(path)) if options.has("r") else target
        files.system.symlink(text, path)
    else:
        files.system.copy(source, path)
    if options.has("v"):
        await call.out(f"'{shown}' {'->' if symbolic else '=>'} '{target}'\n")
    return 0


async def link(call: Call) -> int:
    """Make one hard link."""
    try:
        words = parse_options("link", call.argv, "").operands
        hint = "Try 'link --help' for more information."
        if len(words) < 2:
            more = f" after '{words[0]}'" if words else ""
            raise UsageError(f"link: missing operand{more}\n{hint}")
    except UsageError as error:
        return await call.fail(error.message, error.code)
    source, path = real_place(call, words[0]), place_of(call, words[1])
    why = "" if call.files.is_file(source) else "No such file or directory"
    why = "File exists" if not why and call.files.exists(path) else why
    if why:
        return await call.fail(f"link: cannot create link '{words[1]}' to '{words[0]}': {why}")
    call.files.system.copy(source, path)
    return 0


async def readlink(call: Call) -> int:
    """Print the targets of links."""
    longs = {"canonicalize": "f", "canonicalize-existing": "e", "canonicalize-missing": "m", "no-newline": "n",
             "quiet": "q", "silent": "s", "verbose": "v", "zero": "z"}  # fmt: skip
    try:
        options = parse_options("readlink", call.argv, "femnqsvz", longs)
        if not options.operands:
            raise UsageError("readlink: missing operand\nTry 'readlink --help' for more information.")
    except UsageError as error:
        return await call.fail(error.message, error.code)
    code = 0
    end = "\0" if options.has("z") else "" if options.has("n") and len(options.operands) == 1 else "\n"
    how = options.last_of("fem")
    for word in options.operands:
        if how:
            found = _canonical(call, word, how)
            why = "No such file or directory"
        else:
            path = place_of(call, word)
            is_link = there(call, word) and call.files.kind(path) == "symlink"
            found = call.files.system.read_link(path) if is_link else None
            why = "Invalid argument" if there(call, word) else "No such file or directory"
        if found is None:
            code = 1
            if options.has("v"):
                await call.err(f"readlink: {word}: {why}\n")
        else:
            await call.out(encode(found + end))
    return code


def _canonical(call: Call, word: str, how: str) -> str | None:
    """Return the real path of a word; None if a required part of it does not exist."""
    if not word:
        return None
    path = real_place(call, word)
    if how == "m" or call.files.exists(path):
        return path
    return path if how == "f" and call.files.exists(posixpath.dirname(path)) else None


async def realpath(call: Call) -> int:
    """Print real paths."""
    longs = {"canonicalize-existing": "e", "canonicalize-missing": "m", "logical": "L", "physical": "P",
        "quiet": "q",
             "relative-to": "to:", "relative-base": "base:", "strip": "s", "no-symlinks": "s",
             "zero": "z"}  # fmt: skip
    try:
        options = parse_options("realpath", call.argv, "emLPqsz", longs)
        if not options.operands:
            raise UsageError("realpath: missing operand\nTry 'realpath --help' for more information.")
    except UsageError as error:
        return await call.fail(error.message, error.code)
    code = 0
    end = "\0" if options.has("z") else "\n"
    for word in options.operands:
        found = _canonical(call, word, options.last_of("em", "f"))
        if found is None:
            code = 1
            if not options.has("q"):
                await call.err(f"realpath: {word}: No such file or directory\n".replace(": :", ": '':"))
            continue
        if options.has("s"):
            found = call.path(word)
        if options.has("to"):
            found = posixpath.relpath(found, real_place(call, options.last("to")))
        await call.out(encode(found + end))
    return code
