"""grep on one file: its lines as they arrive, their context, and the output format."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.bash.tools.grep_options import Wanted
from lab.cluster.sim.bash.tools.inputs import by_lines

__all__ = ["Found", "search"]


@dataclass(slots=True)
class Found:
    """State that lasts from one file to the next: whether a group of lines was printed. `--` separates groups."""

    want: Wanted
    grouped: bool = False


@dataclass(slots=True)
class _Place:
    """The position of a search in one file."""

    name: str
    #: The number of the next line, and the byte at which it begins.
    number: int = 1
    offset: int = 0
    matches: int = 0
    #: How many more lines to print as context behind a match.
    owed: int = 0
    #: The number of the last printed line.
    printed: int = 0
    before: deque[tuple[int, int, bytes]] = field(default_factory=deque)
    binary: bool = False


async def search(call: Call, file: OpenFile, name: str, found: Found) -> int:
    """Print the matches in one file; return how many lines match."""
    want = found.want
    options = want.options
    silent = options.has("q", "l", "L", "c")
    place = _Place(name, before=deque(maxlen=want.before))
    if want.most == 0:
        return 0
    end = b"\0" if options.has("z") else b"\n"
    text = options.has("a") or options.last("binary-files") == "text"
    async for lines in by_lines(call, file, end):
        if not text and not place.binary and _is_binary(lines, end):
            place.binary = True
            if options.has("I") or options.last("binary-files") == "without-match":
                return 0
        printed: list[bytes] = []
        over = False
        for line in lines:
            over = _take(line, place, found, printed, silent=silent or place.binary)
            if over:
                break
        if place.binary and place.matches and not silent:
            await call.out(b"".join(printed))
            await call.err(f"{call.name}: {name}: binary file matches\n")
            return place.matches
        await call.out(b"".join(printed))
        if over or (place.matches and options.has("q", "l", "L")):
            break
    return place.matches


def _is_binary(lines: list[bytes], end: bytes) -> bool:
    if end == b"\0":
        return False
    data = b"".join(lines)
    if b"\0" in data:
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return False


def _take(line: bytes, place: _Place, found: Found, printed: list[bytes], *, silent: bool) -> bool:
    """Process one line; return whether the search of this file is over."""
    want = found.want
    number, offset = place.number, place.offset
    place.number += 1
    place.offset += len(line)
    end = b"\0" if want.options.has("z") else b"\n"
    body = line.removesuffix(end)
    text = body.decode("utf-8", "surrogateescape")
    done = want.most is not None and place.matches >= want.most
    if not done and (want.pattern.search(text) is not None) != want.options.has("v"):
        place.matches += 1
        if not silent:
            printed.extend(_match(text, body, (number, offset), place, found))
        place.owed = want.after
        at_most = want.most is not None and place.matches >= want.most
        return at_most and (silent or not want.after)
    if silent:
        return False
    if place.owed:
        place.owed -= 1
        printed.extend(_context(body, number, offset, place, found))
    elif done:
        return True
    else:
        place.before.append((number, offset, body))
    return done and not place.owed


def _match(text: str, body: bytes, at: tuple[int, int], place: _Place, found: Found) -> Iterator[bytes]:
    want = found.want
    number, offset = at
    end = b"\0" if want.options.has("z") else b"\n"
    if want.options.has("o"):
        yield from _group(number, place, found)
        place.printed = number
        if not want.options.has("v"):
            for match in want.pattern.finditer(text):
                if match[0]:
                    shift = len(encode(text[: match.start()]))
                    yield _lead(place, found, number, offset + shift, b":") + encode(match[0]) + end
        return
    first = place.before[0][0] if place.before else number
    yield from _group(first, place, found)
    for before, where, line in place.before:
        yield _lead(place, found, before, where, b"-") + line + end
    place.before.clear()
    place.printed = number
    yield _lead(place, found, number, offset, b":") + body + end


def _context(body: bytes, number: int, offset: int, place: _Place, found: Found) -> Iterator[bytes]:
    if not found.want.options.has("o"):
        yield _lead(place, found, number, offset, b"-") + body + (b"\0" if found.want.options.has("z") else b"\n")
    place.printed = number


def _group(first: int, place: _Place, found: Found) -> Iterator[bytes]:
    """Separate groups of lines if context is printed and lines between are left out."""
    want = found.want
    if not (want.before or want.after):
        return
    apart = place.printed + 1 != first if place.printed else found.grouped
    found.grouped = True
    if apart and not want.options.has("no-group-separator"):
        yield encode(want.options.last("group-separator", "--")) + b"\n"


def _lead(place: _Place, found: Found, number: int, offset: int, mark: bytes) -> bytes:
    want = found.want
    parts = b""
    if want.names:
        parts += encode(place.name) + (b"\0" if want.options.has("Z") else mark)
    if want.options.has("n"):
        parts += b"%d" % number + mark
    if want.options.has("b"):
        parts += b"%d" % offset + mark
    if want.options.has("T") and parts:
        parts += b"\t"
    return parts
