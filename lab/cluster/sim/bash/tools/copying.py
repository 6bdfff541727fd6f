"""cp, mv and install: copy and move files."""

import posixpath
from dataclasses import dataclass

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.inputs import reason
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options
from lab.cluster.sim.bash.tools.places import (
    is_folder,
    mode_of,
    modified,
    place_of,
    real_place,
    set_modified,
    there,
)

__all__ = ["Targets", "cp", "mv", "targets_of"]

_LONG = {
    "archive": "a", "backup": "backup?", "force": "f", "interactive": "i", "no-clobber": "n", "update": "u",
    "verbose": "v", "target-directory": "t", "no-target-directory": "T", "recursive": "r", "dereference": "L",
    "no-dereference": "P", "preserve": "preserve?", "no-preserve": "no-preserve:", "parents": "parents",
    "link": "l", "symbolic-link": "s", "strip-trailing-slashes": "strip", "suffix": "S", "one-file-system": "x",
    "reflink": "reflink?", "sparse": "sparse:", "attributes-only": "attributes", "remove-destination": "remove",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Targets:
    """The sources of a copy or move, and the target: a folder or a name."""

    sources: list[str]
    target: str
    into: bool


def targets_of(call: Call, options: Options) -> Targets:
    """Return the targets of a cp or mv command line; raise `UsageError`."""
    name, words = call.name, list(options.operands)
    hint = f"Try '{name} --help' for more information."
    if options.has("t"):
        folder = options.last("t")
        if not words:
            raise UsageError(f"{name}: missing file operand\n{hint}")
        if not is_folder(call, real_place(call, folder)):
            why = "Not a directory" if there(call, folder) else "No such file or directory"
            raise UsageError(f"{name}: target directory '{folder}': {why}")
        return Targets(words, folder, into=True)
    if not words:
        raise UsageError(f"{name}: missing file operand\n{hint}")
    if len(words) == 1:
        raise UsageError(f"{name}: missing destination file operand after '{words[0]}'\n{hint}")
    if options.has("T"):
        if len(words) > 2:
            raise UsageError(f"{name}: extra operand '{words[2]}'\n{hint}")
        return Targets(words[:1], words[1], into=False)
    last = words.pop()
    folder_there = is_folder(call, real_place(call, last))
    if len(words) > 1 and not folder_there:
        why = "Not a directory" if there(call, last) else "No such file or directory"
        raise UsageError(f"{name}: target '{last}': {why}")
    return Targets(words, last, into=folder_there)


def _inside(target: Targets, source: str) -> str:
    """Return the name for a source in the target folder, as messages show it."""
    if not target.into:
        return target.target
    base = posixpath.basename(source.rstrip("/"))
    lead = target.target if target.target.endswith("/") else f"{target.target}/"
    return lead + base


async def cp(call: Call) -> int:
    """Copy files."""
    try:
        options = parse_options("cp", call.argv, "abdfiHlLnPpRrsS:t:TuvxZ", _LONG)
        target = targets_of(call, options)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    code = 0
    for source in target.sources:
        shown = _inside(target, source)
        if options.has("parents") and target.into:
            shown = f"{target.target.rstrip('/')}/{source.lstrip('/')}"
            call.files.mkdir(posixpath.dirname(real_place(call, shown)))
        code = await _Copy(call, options).one(source, shown, top=True) or code
    return code


class _Copy:
    """One cp, with its options."""

    def __init__(self, call: Call, options: Options) -> None:
        self._call = call
        self._options = options
        self._recursive = options.has("r", "R", "a")
        self._keeps_links = options.has("P", "d", "a") or (self._recursive and not options.has("L", "H"))
        self._keeps = options.has("p", "a", "preserve")

    async def one(self, source: str, shown: str, *, top: bool = False) -> int:
        """Copy one file, or a folder with its whole content."""
        call = self._call
        if not there(call, source):
            return await call.fail(f"cp: cannot stat '{source}': No such file or directory")
        path = place_of(call, source)
        if call.files.kind(path) == "symlink" and self._keeps_links:
            return await self._link(path, shown)
        path = real_place(call, source)
        if not call.files.exists(path) and not path.startswith("/dev/"):
            return await call.fail(f"cp: cannot stat '{source}': No such file or directory")
        if is_folder(call, path):
            return await self._folder(source, path, shown, top=top)
        return await self._file(source, path, shown)

    async def _link(self, path: str, shown: str) -> int:
        call = self._call
        place = place_of(call, shown)
        if call.files.exists(place):
            call.files.remove(place)
        call.files.system.symlink(call.files.system.read_link(path), place)
        return 0

    async def _folder(self, source: str, path: str, shown: str, *, top: bool) -> int:
        call = self._call
        if not self._recursive:
            return await call.fail(f"cp: -r not specified; omitting directory '{source}'")
        place = real_place(call, shown)
        if place == path or place.startswith(f"{path.rstrip('/')}/"):
            if top:
                return await call.fail(f"cp: cannot copy a directory, '{source}', into itself, '{shown}'")
            return 0
        if call.files.exists(place) and not is_folder(call, place):
            return await call.fail(f"cp: cannot overwrite non-directory '{shown}' with directory '{source}'")
        if not call.files.exists(posixpath.dirname(place)):
            return await call.fail(f"cp: cannot create directory '{shown}': No such file or directory")
        fresh = not call.files.exists(place)
        if fresh:
            call.files.mkdir(place, mode_of(call, path))
        if self._options.has("v") and fresh:
            await call.out(f"'{source}' -> '{shown}'\n")
        code = 0
        for name in call.files.names(path):
            below = f"{source.rstrip('/')}/{name}"
            code = await self.one(below, f"{shown.rstrip('/')}/{name}") or code
            await call.step()
        return code

    async def _file(self, source: str, path: str, shown: str) -> int:  # noqa: PLR0911 -- one case after the other
        call, options = self._call, self._options
        place = real_place(call, shown)
        exists = call.files.exists(place)
        if exists and place == path:
            return await call.fail(f"cp: '{source}' and '{shown}' are the same file")
        if is_folder(call, place):
            return await call.fail(f"cp: cannot overwrite directory '{shown}' with non-directory '{source}'")
        parent = posixpath.dirname(place)
        if not call.files.exists(parent) or shown.endswith("/"):
            why = "Not a directory" if shown.endswith("/") and exists else "No such file or directory"
            return await call.fail(f"cp: cannot create regular file '{shown}': {why}")
        if not is_folder(call, parent):
            return await call.fail(f"cp: cannot stat '{shown}': Not a directory")
        if exists and not await self._replaces(path, place, shown):
            return 0
        try:
            data = await call.read_file(source)
        except OSError as error:
            return await call.fail(f"cp: cannot open '{source}' for reading: {reason(error)}")
        special = not call.files.exists(path)
        mode = 0o644 if special else mode_of(call, path)
        kept = None if exists and not self._keeps else mode if self._keeps else mode & ~call.process.umask
        if options.has("s"):
            call.files.system.symlink(source, place)
        else:
            call.files.write(place, data, kept)
        if self._keeps and not special:
            set_modified(call, place, modified(call, path))
        if options.has("v"):
            await call.out(f"'{source}' -> '{shown}'\n")
        return 0

    async def _replaces(self, path: str, place: str, shown: str) -> bool:
        call, options = self._call, self._options
        if options.has("n"):
            return False
        if options.has("u") and modified(call, place) >= modified(call, path):
            return False
        if options.has("i"):
            await call.err(f"cp: overwrite '{shown}'? ")
            return (await call.chunk(4096))[:1] in {b"y", b"Y"}
        if options.has("b", "backup"):
            call.files.system.copy(place, f"{place}{options.last('S', '~')}")
        if options.has("remove"):
            call.files.remove(place)
        return True


async def mv(call: Call) -> int:
    """Move files."""
    try:
        options = parse_options("mv", call.argv, "bfinS:t:TuvZ", _LONG)
        target = targets_of(call, options)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    code = 0
    for source in target.sources:
        code = await _move(call, source, _inside(target, source), options) or code
    return code


async def _move(call: Call, source: str, shown: str, options: Options) -> int:  # noqa: C901, PLR0911, PLR0912 -- one case after the other
    if not there(call, source):
        return await call.fail(f"mv: cannot stat '{source}': No such file or directory")
    path, place = place_of(call, source), place_of(call, shown)
    if path == place:
        return await call.fail(f"mv: '{source}' and '{shown}' are the same file")
    folder = is_folder(call, path)
    if folder and place.startswith(f"{path.rstrip('/')}/"):
        return await call.fail(f"mv: cannot move '{source}' to a subdirectory of itself, '{shown}'")
    why = ""
    if call.files.exists(place):
        if is_folder(call, place) and not folder:
            return await call.fail(f"mv: cannot overwrite directory '{shown}' with non-directory")
        if folder and not is_folder(call, place):
            return await call.fail(f"mv: cannot overwrite non-directory '{shown}' with directory '{source}'")
        if folder and call.files.names(place):
            why = "Directory not empty"
        elif not await _clears(call, path, place, shown, options):
            return 0
    elif not call.files.exists(posixpath.dirname(place)):
        why = "No such file or directory"
    elif not is_folder(call, posixpath.dirname(place)) or (shown.endswith("/") and not folder):
        why = "Not a directory"
    if why:
        return await call.fail(f"mv: cannot move '{source}' to '{shown}': {why}")
    try:
        call.files.system.rename(path, place)
    except RuntimeError:
        return await call.fail(f"mv: cannot move '{source}' to '{shown}': Device or resource busy")
    if options.has("v"):
        await call.out(f"renamed '{source}' -> '{shown}'\n")
    return 0


async def _clears(call: Call, path: str, place: str, shown: str, options: Options) -> bool:
    """Make room at a target that exists; return whether the move may go ahead."""
    how = options.last_of("fin")
    if how == "n" or (options.has("u") and modified(call, place) >= modified(call, path)):
        return False
    if how == "i":
        await call.err(f"mv: overwrite '{shown}'? ")
        if (await call.chunk(4096))[:1] not in {b"y", b"Y"}:
            return False
    if options.has("b", "backup"):
        call.files.system.rename(place, f"{place}{options.last('S', '~')}")
    else:
        call.files.remove(place)
    return True
