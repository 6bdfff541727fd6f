"""grep on one file: its lines as they arrive, their context, and the output format."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from lab.cluster.sim.bash.language.octets import decode, encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.open_files import OpenFile, RegularFile
from lab.cluster.sim.bash.tools.grep_colours import Colours
from lab.cluster.sim.bash.tools.grep_options import Wanted
from lab.cluster.sim.bash.tools.inputs import by_lines

__all__ = ["Found", "search"]

#: The width of numbers with -T where the size of the input is not known.
_WIDEST = 19


@dataclass(slots=True)
class Found:
    """State that lasts from one file to the next: whether a group of lines was printed. `--` separates groups."""

    want: Wanted
    grouped: bool = False
    #: The colours; None to write none.
    colours: Colours | None = None

    def painted(self, text: bytes, what: str) -> bytes:
        """Return a part of the output in its colour, by its name in `GREP_COLORS`."""
        return self.colours.painted(text, what) if self.colours else text

    def line(self, body: bytes, *, selected: bool) -> bytes:
        """Return a line that was `selected`, or is context, with its colours."""
        if not self.colours:
            return body
        text = decode(body)
        matches = (
            (len(encode(text[: match.start()])), len(encode(text[: match.end()])))
            for match in self.want.pattern.finditer(text)
        )
        return self.colours.line(body, matches, selected=selected, inverted=self.want.options.has("v"))


@dataclass(slots=True)
class _Place:
    """The position of a search in one file."""

    name: str
    #: The least width of its numbers.
    width: int
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
    place = _Place(name, _width(file, found), before=deque(maxlen=want.before))
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


def _width(file: OpenFile, found: Found) -> int:
    """Return the least width of numbers: with -T, that of the last one that the input may have."""
    options = found.want.options
    if not options.has("T"):
        return 0
    if not isinstance(file, RegularFile):
        return _WIDEST
    return len(str(len(file.files.read_bytes(file.path)) + options.has("n")))


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
                        + found.painted(encode(match[0]), "ms")
                        + end
                    )
        return
    first = place.before[0][0] if place.before else number
    yield from _group(first, place, found)
    for before, where, line in place.before:
        yield _lead(place, found, before, where, b"-") + found.line(line, selected=False) + end
    place.before.clear()
    place.printed = number
    yield _lead(place, found, number, offset, b":") + found.line(body, selected=True) + end


def _context(body: bytes, number: int, offset: int, place: _Place, found: Found) -> Iterator[bytes]:
    options = found.want.options
    if not options.has("o"):
        shown = found.line(body, selected=False)
        yield _lead(place, found, number, offset, b"-") + shown + (b"\0" if options.has("z") else b"\n")
    place.printed = number


def _group(first: int, place: _Place, found: Found) -> Iterator[bytes]:
    """Separate groups of lines if context is printed and lines between are left out."""
    want = found.want
    if not want.options.has("A", "B", "C"):
        return
    apart = place.printed + 1 != first if place.printed else found.grouped
    found.grouped = True
    if apart and not want.options.has("no-group-separator"):
        yield found.painted(encode(want.options.last("group-separator", "--")), "se") + b"\n"


def _lead(place: _Place, found: Found, number: int, offset: int, mark: bytes) -> bytes:
    want = found.want
    separator = found.painted(mark, "se")
    parts = b""
    if want.names:
        parts += found.painted(encode(place.name), "fn") + (b"\0" if want.options.has("Z") else separator)
    if want.options.has("n"):
        parts += found.painted(b"%*d" % (place.width, number), "ln") + separator
    if want.options.has("b"):
        parts += found.painted(b"%*d" % (place.width, offset), "bn") + separator
    if want.options.has("T") and parts:
        parts += b"\t"
    return parts
