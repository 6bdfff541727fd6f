"""mkdir, touch, truncate and mktemp."""

import posixpath
import re

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.modes import BadMode, changed_mode
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options
from lab.cluster.sim.bash.tools.places import is_folder, modified, place_of, real_place, set_modified, there
from lab.cluster.sim.bash.tools.sizes import parse_size
from lab.cluster.sim.bash.tools.time_words import moment

__all__ = ["mkdir", "mktemp", "touch", "truncate"]

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


async def mkdir(call: Call) -> int:
    """Make folders."""
    longs = {"mode": "m", "parents": "p", "verbose": "v", "context": "context?"}
    try:
        options = parse_options("mkdir", call.argv, "m:pvZ", longs)
        if not options.operands:
            raise UsageError("mkdir: missing operand\nTry 'mkdir --help' for more information.")
        mode = None
        if options.has("m"):
            try:
                mode = changed_mode(options.last("m"), 0o777, folder=True, umask=call.process.umask)
            except BadMode:
                raise UsageError(f"mkdir: invalid mode ‘{options.last('m')}’") from None
    except UsageError as error:
        return await call.fail(error.message, error.code)
    code = 0
    for word in options.operands:
        code = await _make(call, word, options, mode) or code
    return code


async def _make(call: Call, word: str, options: Options, mode: int | None) -> int:
    files = call.files
    path = place_of(call, word)
    lead = f"mkdir: cannot create directory ‘{word}’"
    if there(call, word) or path == "/":
        if options.has("p") and is_folder(call, real_place(call, word)):
            return 0
        return await call.fail(f"{lead}: File exists")
    parents = []
    parent = posixpath.dirname(path)
    while not files.exists(parent):
        parents.append(parent)
        parent = posixpath.dirname(parent)
    if not is_folder(call, parent):
        blocked = word if not options.has("p") or not parents else posixpath.relpath(parent, call.cwd)
        return await call.fail(f"mkdir: cannot create directory ‘{blocked}’: Not a directory")
    if parents and not options.has("p"):
        return await call.fail(f"{lead}: No such file or directory")
    for each in [*reversed(parents), path]:
        last = each == path
        files.mkdir(each, mode if mode is not None and last else 0o777 & ~call.process.umask)
        if options.has("v"):
            shown = word if last else posixpath.relpath(each, call.cwd) if not word.startswith("/") else each
            await call.out(f"mkdir: created directory '{shown}'\n")
    return 0


async def touch(call: Call) -> int:
    """Create missing files, and set modification times."""
    longs = {"no-create": "c", "date": "d", "no-dereference": "h", "reference": "r", "time": "time:"}
    try:
        options = parse_options("touch", call.argv, "acd:fhmr:t:", longs)
        if not options.operands:
            raise UsageError("touch: missing file operand\nTry 'touch --help' for more information.")
        when = _when(call, options)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    code = 0
    for word in options.operands:
        path = real_place(call, word)
        if not call.files.exists(path):
            if options.has("c"):
                continue
            parent = posixpath.dirname(path)
            if not call.files.exists(parent) or not word or word.endswith("/"):
                code = await call.fail(f"touch: cannot touch '{word}': No such file or directory")
                continue
            if not is_folder(call, parent):
                code = await call.fail(f"touch: cannot touch '{word}': Not a directory")
                continue
            call.files.write(path, b"", 0o666 & ~call.process.umask)
        set_modified(call, path, when)
    return code


def _when(call: Call, options: Options) -> float:
    if options.has("r"):
        path = real_place(call, options.last("r"))
        if not call.files.exists(path):
            raise UsageError(
                f"touch: failed to get attributes of '{options.last('r')}': No such file or directory"
            )
        return modified(call, path)
    if options.has("t"):
        text = options.last("t")
        found = re.fullmatch(r"((?:\d\d)?\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d\d))?", text)
        at = None
        if found is not None:
            year = found[1] or moment("now", call.now())[0]
            year = f"20{year}" if len(year) == 2 else year
            stamp = f"{year}-{found[2]}-{found[3]} {found[4]}:{found[5]}:{found[6] or '00'}"
            at = moment(stamp, call.now())[1]
        if at is None:
            raise UsageError(f"touch: invalid date format ‘{text}’")
        return at
    if options.has("d"):
        at = moment(options.last("d"), call.now())[1]
        if at is None:
            raise UsageError(f"touch: invalid date format ‘{options.last('d')}’")
        return at
    return call.now()


async def truncate(call: Call) -> int:
    """Set the size of files."""
    longs = {"no-create": "c", "io-blocks": "o", "reference": "r", "size": "s"}
    hint = "Try 'truncate --help' for more information."
    try:
        options = parse_options("truncate", call.argv, "cor:s:", longs)
        if not options.has("s", "r"):
            raise UsageError(f"truncate: you must specify either ‘--size’ or ‘--reference’\n{hint}")
        if not options.operands:
            raise UsageError(f"truncate: missing file operand\n{hint}")
        sign, size = _size(call, options)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    code = 0
    for word in options.operands:
        path = real_place(call, word)
        exists = call.files.exists(path)
        if not exists and options.has("c"):
            continue
        if not call.files.exists(posixpath.dirname(path)):
            code = await call.fail(f"truncate: cannot open '{word}' for writing: No such file or directory")
            continue
        if is_folder(call, path):
            code = await call.fail(f"truncate: cannot open '{word}' for writing: Is a directory")
            continue
        data = call.files.read_bytes(path) if exists else b""
        wanted = {"+": len(data) + size, "-": max(len(data) - size, 0), "<": min(len(data), size),
                  ">": max(len(data), size)}.get(sign, size)  # fmt: skip
        call.files.write(path, data[:wanted].ljust(wanted, b"\0"))
    return code


def _size(call: Call, options: Options) -> tuple[str, int]:
    if not options.has("s"):
        path = real_place(call, options.last("r"))
        if not call.files.exists(path):
            raise UsageError(f"truncate: cannot stat '{options.last('r')}': No such file or directory")
        return "", len(call.files.read_bytes(path))
    text = options.last("s").strip()
    sign = text[0] if text[:1] and text[0] in "+-<>" else ""
    size = parse_size(text[len(sign) :])
    if size is None:
        raise UsageError(f"truncate: Invalid number: ‘{text}’")
    return sign, size


async def mktemp(call: Call) -> int:
    """Create a file or a folder with an unused name."""
    longs = {"directory": "d", "dry-run": "u", "quiet": "q", "tmpdir": "p?", "suffix": "suffix:"}
    hint = "Try 'mktemp --help' for more information."
    try:
        options = parse_options("mktemp", call.argv, "dp:qtuV", {**longs, "tmpdir": "tmpdir?"})
        if len(options.operands) > 1:
            raise UsageError(f"mktemp: too many templates\n{hint}")
    except UsageError as error:
        return await call.fail(error.message, error.code)
    template = options.operands[0] if options.operands else "tmp.XXXXXXXXXX"
    suffix = options.last("suffix")
    template, rest = template + suffix, len(suffix)
    body = template[: len(template) - rest] if rest else template
    found = re.search(r"X+(?=[^X/]*$)", body) if not rest else re.search(r"X+$", body)
    if found is None or len(found[0]) < 3:
        shown = body if rest else template
        return await _failed(call, options, f"mktemp: too few X's in template ‘{shown}’")
    folder = _folder(call, options, named=bool(options.operands))
    path = posixpath.join(folder, template) if folder else template
    start = len(path) - len(template) + found.start()
    chance = call.place.chance
    while True:
        name = path[:start] + "".join(chance.choices(_LETTERS, k=len(found[0]))) + path[start + len(found[0]) :]
        if not call.files.exists(place_of(call, name)):
            break
    full = place_of(call, name)
    if not options.has("u"):
        if not call.files.exists(posixpath.dirname(full)):
            kind = "directory" if options.has("d") else "file"
            why = f"mktemp: failed to create {kind} via template ‘{path}’: No such file or directory"
            return await _failed(call, options, why)
        if options.has("d"):
            call.files.mkdir(full, 0o700)
        else:
            call.files.write(full, b"", 0o600)
    await call.line(name)
    return 0


async def _failed(call: Call, options: Options, why: str) -> int:
    await call.err("" if options.has("q") and "create" in why else f"{why}\n")
    return 1


def _folder(call: Call, options: Options, *, named: bool) -> str:
    if options.has("p", "tmpdir"):
        return options.last("p") or options.last("tmpdir") or call.env.get("TMPDIR", "/tmp")  # noqa: S108
    if options.has("t") or not named:
        return call.env.get("TMPDIR", "/tmp")  # noqa: S108 -- of the simulated node
    return ""
