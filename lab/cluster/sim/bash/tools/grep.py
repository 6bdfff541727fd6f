"""grep, egrep and fgrep: matching lines, as they arrive."""

import errno
import posixpath
from collections.abc import Iterator
from fnmatch import fnmatchcase

from lab.cluster.sim.bash.language.octets import decode, encode
from lab.cluster.sim.bash.running.call import Call, NotSimulated
from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.bash.tools.colours import wants_colour
from lab.cluster.sim.bash.tools.grep_colours import Colours, colours_of
from lab.cluster.sim.bash.tools.grep_lines import Found, search
from lab.cluster.sim.bash.tools.grep_options import Wanted, wanted
from lab.cluster.sim.bash.tools.inputs import open_input, reason, whole
from lab.cluster.sim.bash.tools.options import Options, UsageError

__all__ = ["grep"]


async def grep(call: Call) -> int:
    """Print matching lines; return 0 if there is one, 1 if not, 2 for trouble."""
    try:
        want = await _wanted(call)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    when = (want.options.last("color") or "auto") if want.options.has("color") else "never"
    try:
        coloured = wants_colour(call, when)
    except ValueError:
        return await call.fail(NotSimulated(f"{call.name} --color={when}").message, 2)
    colours, outdated = colours_of(call.env) if coloured else (None, [])
    for warning in (*outdated, *want.warnings):
        await call.err(f"{call.name}: warning: {warning}\n")
    return await _Run(call, want, colours).all()


async def _wanted(call: Call) -> Wanted:
    async def read(name: str) -> str:
        try:
            return decode(await whole(call, name))
        except OSError as error:
            raise UsageError(f"{call.name}: {name}: {reason(error)}", 2) from None

    return await wanted(call.name, call.argv, read)


class _Run:
    """One grep over all its files."""

    def __init__(self, call: Call, want: Wanted, colours: Colours | None) -> None:
        self._call = call
        self._want = want
        self._matched = False
        self._trouble = False
        self._found = Found(want, colours=colours)

    async def all(self) -> int:
        options = self._want.options
        names = self._want.files or (["."] if self._want.recursive else ["-"])
        implied = self._want.recursive and not self._want.files
        for name in names:
            for path in self._paths(name):
                await self._one(posixpath.normpath(path) if implied else path)
                if self._matched and options.has("q"):
                    return 0
        return 2 if self._trouble and not (self._matched and options.has("q")) else int(not self._matched)

    def _paths(self, name: str) -> Iterator[str]:
        """Yield a file, or all files of a folder with -r."""
        call, options = self._call, self._want.options
        folder = name != "-" and _is_folder(call, call.path(name))
        if not folder or not self._want.recursive:
            chosen = self._want.recursive or options.has("include", "exclude")
            if not chosen or self._included(name):
                yield name
            return
        for entry in call.files.names(call.path(name)):
            path = f"{name.rstrip('/')}/{entry}" if name != "/" else f"/{entry}"
            where = call.path(path)
            if call.files.kind(where) == "symlink" and not options.has("R"):
                continue
            if _is_folder(call, where):
                if not any(fnmatchcase(entry, each) for each in options.every("exclude-dir")):
                    yield from self._paths(path)
            elif self._included(path):
                yield path

    def _included(self, path: str) -> bool:
        options = self._want.options
        base = posixpath.basename(path)
        include, exclude = options.every("include"), options.every("exclude")
        if any(fnmatchcase(base, each) or fnmatchcase(path, each) for each in exclude):
            return False
        return not include or any(fnmatchcase(base, each) or fnmatchcase(path, each) for each in include)

    async def _one(self, name: str) -> None:
        call = self._call
        try:
            file = open_input(call, name)
        except OSError as error:
            await self._complain(name, error)
            return
        try:
            await self._search(name, file)
        except BrokenPipeError:
            raise
        except OSError as error:
            await self._complain(name, error)
        finally:
            file.release()

    async def _search(self, name: str, file: OpenFile) -> None:
        options = self._want.options
        shown = options.last("label", "(standard input)") if name == "-" else name
        count = await search(self._call, file, shown, self._found)
        listed = options.last_of("lL")
        self._matched = self._matched or (bool(count) if listed != "L" else not count)
        if options.has("q"):
            return
        end = b"\0" if options.has("Z") else b"\n"
        if listed:
            if bool(count) == (listed == "l"):
                await self._call.out(self._found.painted(encode(shown), "fn") + end)
        elif options.has("c"):
            lead_name = self._found.painted(encode(shown), "fn")
            between = b"\0" if options.has("Z") else self._found.painted(b":", "se")
            lead = lead_name + between if self._want.names else b""
            await self._call.out(lead + b"%d\n" % count)

    async def _complain(self, name: str, error: OSError) -> None:
        options: Options = self._want.options
        if error.errno == errno.EISDIR and (self._want.recursive or options.last("d") == "skip"):
            return
        self._trouble = True
        if not options.has("s"):
            await self._call.err(f"{self._call.name}: {name}: {reason(error)}\n")


def _is_folder(call: Call, path: str) -> bool:
    return call.files.exists(path) and not call.files.is_file(path)
