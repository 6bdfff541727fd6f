"""grep on one file: its lines as they arrive, their context, and the output format."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from lab.cluster.sim.bash.language.octets import decode, encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.bash.tools.grep_options import Wanted
from lab.cluster.sim.bash.tools.inputs import by_lines

__all__ = ["Found", "search"]

_COLOURS = {"match": b"01;31", "name": b"35", "number": b"32", "separator": b"36"}


@dataclass(slots=True)
class Found:
    """State that lasts from one file to the next: whether a group of lines was printed. `--` separates groups."""

    want: Wanted
    grouped: bool = False
    #: Whether to write colours.
    coloured: bool = False

    def painted(self, text: bytes, what: str) -> bytes:
        """Return a part of the output in its colour: a match, a name, a number or a separator."""
        if not self.coloured or not text:
            return text
        return b"\x1b[%sm\x1b[K%s\x1b[m\x1b[K" % (_COLOURS[what], text)

    def matches_painted(self, body: bytes) -> bytes:
        """Return a line with its matches in their colour."""
        if not self.coloured:
            return body
        text, out, at = decode(body), [], 0
        for match in self.want.pattern.finditer(text):
            if match[0]:
                out += [encode(text[at : match.start()]), self.painted(encode(match[0]), "match")]
                at = match.end()
        return b"".join([*out, encode(text[at:])])


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
    text = decode(body)
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
                    yield (
                        _lead(place, found, number, offset + shift, b":")
                        + found.painted(encode(match[0]), "match")
                        + end
                    )
        return
    first = place.before[0][0] if place.before else number
    yield from _group(first, place, found)
    for before, where, line in place.before:
        shown = found.matches_painted(line) if want.options.has("v") else line
        yield _lead(place, found, before, where, b"-") + shown + end
    place.before.clear()
    place.printed = number
    shown = body if want.options.has("v") else found.matches_painted(body)
    yield _lead(place, found, number, offset, b":") + shown + end


def _context(body: bytes, number: int, offset: int, place: _Place, found: Found) -> Iterator[bytes]:
    options = found.want.options
    if not options.has("o"):
        shown = found.matches_painted(body) if options.has("v") else body
        yield _lead(place, found, number, offset, b"-") + shown + (b"\0" if options.has("z") else b"\n")
    place.printed = number


def _group(first: int, place: _Place, found: Found) -> Iterator[bytes]:
    """Separate groups of lines if context is printed and lines between are left out."""
    want = found.want
    if not (want.before or want.after):
        return
    apart = place.printed + 1 != first if place.printed else found.grouped
    found.grouped = True
    if apart and not want.options.has("no-group-separator"):
        yield found.painted(encode(want.options.last("group-separator", "--")), "separator") + b"\n"


def _lead(place: _Place, found: Found, number: int, offset: int, mark: bytes) -> bytes:
    want = found.want
    separator = found.painted(mark, "separator")
    parts = b""
    if want.names:
        parts += found.painted(encode(place.name), "name") + (b"\0" if want.options.has("Z") else separator)
    if want.options.has("n"):
        parts += found.painted(b"%d" % number, "number") + separator
    if want.options.has("b"):
        parts += found.painted(b"%d" % offset, "number") + separator
    if want.options.has("T") and parts:
        parts += b"\t"
    return parts
