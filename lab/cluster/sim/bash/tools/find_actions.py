"""The actions of find on found files: print, run a program, delete."""

import posixpath
import stat
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.find_tests import Found, printed
from lab.cluster.sim.bash.tools.options import UsageError
from lab.cluster.sim.machine.file_sizes import inode

__all__ = ["State", "action"]

Test = Callable[[Found], Awaitable[bool]]
#: How many files one program gets at most (`-exec ... {} +`).
_MOST = 4000


class State:
    """The state of one find during its run."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.code = 0
        self.pruned = False
        self.over = False
        self._batches: list[_Batch] = []

    async def prune(self, found: Found) -> bool:
        """Don't descend here."""
        del found
        self.pruned = True
        return True

    async def quit(self, found: Found) -> bool:
        """Look at no further files."""
        del found
        self.over = True
        return True

    def batch(self, argv: list[str]) -> "_Batch":
        """Return a program that gets many files at once."""
        made = _Batch(self, argv)
        self._batches.append(made)
        return made

    async def finish(self) -> None:
        """Run the programs that wait for more files."""
        for batch in self._batches:
            await batch.run()


class _Batch:
    """The files for a program's next run."""

    def __init__(self, state: State, argv: list[str]) -> None:
        self._state = state
        self._argv = argv
        self._files: list[str] = []

    async def add(self, found: Found) -> bool:
        self._files.append(found.shown)
        if len(self._files) >= _MOST:
            await self.run()
        return True

    async def run(self) -> None:
        if self._files:
            argv = [*self._argv, *self._files]
            self._files = []
            if await _run(self._state, argv):
                self._state.code = 1


def action(state: State, word: str, rest: Sequence[str]) -> tuple[Test, int]:
    """Return the function of an action, and how many of the following words are its arguments."""
    match word:
        case "-print":
            return _prints(state, lambda found: (encode(found.shown) + b"\n", False)), 0
        case "-print0":
            return _prints(state, lambda found: (encode(found.shown) + b"\0", False)), 0
        case "-printf":
            if not rest:
                raise UsageError("find: missing argument to `-printf'")
            return _prints(state, lambda found: printed(rest[0], found)), 1
        case "-ls":
            return _prints(state, lambda found: (_listed(found), False)), 0
        case "-delete":
            return _deletes(state), 0
        case "-fprint" | "-fprint0" | "-fprintf":
            raise UsageError(f"not simulated: find {word} (use --backend kind)")
    return _runs(state, word, rest)


def _prints(state: State, text: Callable[[Found], tuple[bytes, bool]]) -> Test:
    async def test(found: Found) -> bool:
        data, _ = text(found)
        await state.call.out(data)
        return True

    return test


def _listed(found: Found) -> bytes:
    bits = {"d": stat.S_IFDIR, "l": stat.S_IFLNK}.get(found.kind, stat.S_IFREG) | found.mode
    when = datetime.fromtimestamp(found.changed, UTC)
    link = f" -> {found.call.files.system.read_link(found.path)}" if found.kind == "l" else ""
    blocks = 4 * ((found.size + 4095) // 4096)
    return encode(
        f"{inode(found.path):9d} {blocks:6d} {stat.filemode(bits)} {1 + (found.kind == 'd'):3d} root     root     "
        f"{found.size:8d} {when:%b %e %H:%M} {found.shown}{link}\n"
    )


def _deletes(state: State) -> Test:
    async def test(found: Found) -> bool:
        files = found.call.files
        if found.shown in {".", "/"}:
            return True
        if found.kind == "d" and files.names(found.path):
            await state.call.err(f"find: cannot delete ‘{found.shown}’: Directory not empty\n")
            state.code = 1
            return False
        files.system.remove(found.path, recursive=False)
        return True

    return test


def _runs(state: State, word: str, rest: Sequence[str]) -> tuple[Test, int]:
    argv: list[str] = []
    for used, each in enumerate(rest, 1):
        if each == ";":
            if not argv:
                break
            return _each(state, word, argv), used
        if each == "+" and argv[-1:] == ["{}"] and not word.startswith("-ok"):
            return state.batch(argv[:-1]).add, used
        argv.append(each)
    raise UsageError(f"find: missing argument to `{word}'")


def _each(state: State, word: str, argv: list[str]) -> Test:
    async def test(found: Found) -> bool:
        shown, folder = found.shown, None
        if word.endswith("dir"):
            shown, folder = f"./{found.name}", posixpath.dirname(found.path)
        words = [each.replace("{}", shown) for each in argv]
        if word.startswith("-ok"):
            await state.call.err(f"< {argv[0]} ... {found.shown} > ? ")
            if (await state.call.chunk(4096))[:1] not in {b"y", b"Y"}:
                return False
        return not await _run(state, words, folder)

    return test


async def _run(state: State, argv: list[str], folder: str | None = None) -> int:
    call = state.call
    if call.has_program(argv[0]) is None:
        there = "/" in argv[0] and call.files.exists(call.path(argv[0]))
        why = "Permission denied" if there else "No such file or directory"
        await call.err(f"find: ‘{argv[0]}’: {why}\n")
        return 1
    before, call.cwd = call.cwd, folder or call.cwd
    try:
        child = call.start(argv)
    finally:
        call.cwd = before
    return await call.wait(child)
