"""The words that xargs reads: separated by blanks, with quotes and backslashes, or by one delimiter."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from lab.cluster.sim.bash.language.octets import decode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.bash.tools.inputs import by_lines
from lab.cluster.sim.bash.tools.options import UsageError

__all__ = ["Item", "items"]

_UNMATCHED = "xargs: unmatched {0} quote; by default quotes are special to xargs unless you use the -0 option"


@dataclass(frozen=True, slots=True)
class Item:
    """One word, and whether its line ends behind it. A line that ends in a blank continues."""

    text: str
    ends_line: bool = False


async def items(  # noqa: C901 -- one case after the other
    call: Call, file: OpenFile, delimiter: bytes | None, *, by_line: bool, end: str
) -> AsyncIterator[Item]:
    """Yield the words as they arrive; raise `UsageError` for a quote without an end."""
    if delimiter is not None:
        async for lines in by_lines(call, file, delimiter):
            for line in lines:
                yield Item(decode(line.removesuffix(delimiter)), ends_line=True)
        return
    rest = ""
    async for lines in by_lines(call, file):
        for line in lines:
            text = rest + decode(line)
            rest = ""
            if text.endswith("\\\n") and not text.endswith("\\\\\n"):
                rest = text
                continue
            for item in _line(text, by_line=by_line):
                if end and item.text == end:
                    return
                yield item
    if rest:
        for item in _line(rest, by_line=by_line):
            yield item


def _line(text: str, *, by_line: bool) -> Iterator[Item]:  # noqa: C901 -- one case after the other
    words: list[str] = []
    word: list[str] | None = None
    quote = ""
    rest = iter(text.removesuffix("\n"))
    for letter in rest:
        if quote:
            if letter == quote:
                quote = ""
            elif word is not None:
                word.append(letter)
        elif letter in "'\"":
            quote = letter
            word = word if word is not None else []
        elif letter == "\\":
            word = word if word is not None else []
            word.append(next(rest, "\n"))
        elif letter in " \t" and not (by_line and word is not None):
            if word is not None:
                words.append("".join(word))
            word = None
        else:
            word = word if word is not None else []
            word.append(letter)
    if quote:
        yield from (Item(each) for each in words)
        raise UsageError(_UNMATCHED.format("single" if quote == "'" else "double"))
    if word is not None:
        words.append("".join(word))
    goes_on = not by_line and text.removesuffix("\n").endswith((" ", "\t"))
    yield from (Item(each, ends_line=index == len(words) - 1 and not goes_on) for index, each in enumerate(words))
