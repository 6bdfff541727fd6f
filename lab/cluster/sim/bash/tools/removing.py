"""rm, rmdir and unlink."""

import posixpath

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options
from lab.cluster.sim.bash.tools.places import is_folder, place_of, there

__all__ = ["rm", "rmdir", "unlink"]

_LONG = {
    "force": "f", "interactive": "interactive?", "recursive": "r", "dir": "d", "verbose": "v",
    "one-file-system": "x", "preserve-root": "preserve?", "no-preserve-root": "no-preserve-root",
}  # fmt: skip


async def rm(call: Call) -> int:
    """Remove files."""
    try:
        options = parse_options("rm", call.argv, "dfiIrRvx", _LONG)
        if not options.operands and not options.has("f"):
            raise UsageError("rm: missing operand\nTry 'rm --help' for more information.")
    except UsageError as error:
        return await call.fail(error.message, error.code)
    code = 0
    for word in options.operands:
        code = await _remove(call, word, options) or code
    return code


async def _remove(call: Call, word: str, options: Options) -> int:  # noqa: C901, PLR0911 -- one case after the other
    path = place_of(call, word)
    recursive = options.has("r", "R")
    if not there(call, word) or (word.endswith("/") and not is_folder(call, path)):
        if options.has("f") and not there(call, word):
            return 0
        why = "Not a directory" if there(call, word) else "No such file or directory"
        return await call.fail(f"rm: cannot remove '{word}': {why}")
    base = posixpath.basename(word.rstrip("/"))
    if base in {".", ".."} and recursive:
        return await call.fail(f"rm: refusing to remove '.' or '..' directory: skipping '{word}'")
    if path == "/" and recursive and not options.has("no-preserve-root"):
        return await call.fail(
            "rm: it is dangerous to operate recursively on '/'\n"
            "rm: use --no-preserve-root to override this failsafe"
        )
    if is_folder(call, path):
        if not recursive and not options.has("d"):
            return await call.fail(f"rm: cannot remove '{word}': Is a directory")
        if not recursive and call.files.names(path):
            return await call.fail(f"rm: cannot remove '{word}': Directory not empty")
    if options.last_of("fi") == "i" and not await _agreed(call, word, path):
        return 0
    try:
        if options.has("v"):
            await _tell(call, word, path)
        call.files.system.remove(path, recursive=is_folder(call, path))
    except RuntimeError:
        return await call.fail(f"rm: cannot remove '{word}': Operation not permitted")
    return 0


async def _agreed(call: Call, word: str, path: str) -> bool:
    kind = call.files.kind(path)
    empty = kind == "file" and not int(call.files.system.stat(path)["size"])
    names = {"directory": "directory", "symlink": "symbolic link"}
    shown = names.get(kind, "regular empty file" if empty else "regular file")
    await call.err(f"rm: remove {shown} '{word}'? ")
    answer = await call.chunk(4096)
    return answer[:1] in {b"y", b"Y"}


async def _tell(call: Call, word: str, path: str) -> None:
    if not is_folder(call, path):
        await call.out(f"removed '{word}'\n")
        return
    for name in call.files.names(path):
        await _tell(call, f"{word.rstrip('/')}/{name}", posixpath.join(path, name))
    await call.out(f"removed directory '{word}'\n")


async def rmdir(call: Call) -> int:
    """Remove empty folders."""
    longs = {"parents": "p", "verbose": "v", "ignore-fail-on-non-empty": "ignore"}
    try:
        options = parse_options("rmdir", call.argv, "pv", longs)
        if not options.operands:
            raise UsageError("rmdir: missing operand\nTry 'rmdir --help' for more information.")
    except UsageError as error:
        return await call.fail(error.message, error.code)
    code = 0
    for word in options.operands:
        names = [word]
        while options.has("p") and "/" in names[-1].rstrip("/"):
            names.append(names[-1].rstrip("/").rpartition("/")[0])
        for name in names:
            if not name:
                break
            if options.has("v"):
                await call.out(f"rmdir: removing directory, '{name}'\n")
            failed = await _remove_folder(call, name, options)
            if failed:
                code = 1
                break
    return code


async def _remove_folder(call: Call, word: str, options: Options) -> bool:
    path = place_of(call, word)
    if not there(call, word):
        why = "No such file or directory"
    elif not is_folder(call, path):
        why = "Not a directory"
    elif call.files.names(path):
        if options.has("ignore"):
            return False
        why = "Directory not empty"
    else:
        call.files.system.remove(path)
        return False
    await call.err(f"rmdir: failed to remove '{word}': {why}\n")
    return True


async def unlink(call: Call) -> int:
    """Remove one file."""
    try:
        words = parse_options("unlink", call.argv, "").operands
        if not words:
            raise UsageError("unlink: missing operand\nTry 'unlink --help' for more information.")
        if len(words) > 1:
            raise UsageError(f"unlink: extra operand '{words[1]}'\nTry 'unlink --help' for more information.")
    except UsageError as error:
        return await call.fail(error.message, error.code)
    path = place_of(call, words[0])
    if not there(call, words[0]):
        return await call.fail(f"unlink: cannot unlink '{words[0]}': No such file or directory")
    if is_folder(call, path):
        return await call.fail(f"unlink: cannot unlink '{words[0]}': Is a directory")
    call.files.system.remove(path)
    return 0
