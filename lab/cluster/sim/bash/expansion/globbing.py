"""Pathname expansion: patterns become the names of files."""

import re
from collections.abc import Iterator

from lab.cluster.sim.bash.expansion.host import Files
from lab.cluster.sim.bash.expansion.patterns import compiled, is_pattern

__all__ = ["glob"]

_SLASH = re.compile(r"(/+)")


def glob(
    pattern: str,
    files: Files,
    *,
    extglob: bool = False,
    dotglob: bool = False,
    ignore_case: bool = False,
    globstar: bool = False,
) -> list[str]:
    """Return the paths that match, sorted. A backslash in the pattern quotes the next character."""
    search = _Search(files, extglob=extglob, dotglob=dotglob, ignore_case=ignore_case, globstar=globstar)
    pieces = _split(pattern)
    return sorted(set(search.found("", pieces)) - {""})


def _split(pattern: str) -> list[str]:
    """Return the pattern's components and the slashes between them; slashes within groups do not count."""
    pieces = [""]
    depth = 0
    pos = 0
    while pos < len(pattern):
        char = pattern[pos]
        if char == "\\":
            pieces[-1] += pattern[pos : pos + 2]
            pos += 2
            continue
        depth += char == "("
        depth -= char == ")" and depth > 0
        if char == "/" and not depth:
            end = pos
            while end < len(pattern) and pattern[end] == "/":
                end += 1
            pieces += [pattern[pos:end], ""]
            pos = end
            continue
        pieces[-1] += char
        pos += 1
    return pieces


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


class _Search:
    """One search with its options."""

    def __init__(self, files: Files, *, extglob: bool, dotglob: bool, ignore_case: bool, globstar: bool) -> None:
        self.files = files
        self.extglob = extglob
        self.dotglob = dotglob
        self.ignore_case = ignore_case
        self.globstar = globstar

    def found(self, folder: str, pieces: list[str]) -> Iterator[str]:
        """Yield the paths below `folder` that match the pieces. `folder` is "" or ends with a slash."""
        piece, rest = pieces[0], pieces[1:]
        if self.globstar and piece == "**":
            yield from self._everything(folder, rest)
            return
        if not is_pattern(piece, extglob=self.extglob):
            path = folder + _plain(piece)
            if rest:
                if not piece or self.files.is_folder(path):
                    yield from self._below(path, rest)
            elif self.files.exists(path) if piece else self.files.is_folder(path):
                yield path
            return
        for name in self._names(folder, piece):
            path = folder + name
            if not rest:
                yield path
            elif self.files.is_folder(path):
                yield from self._below(path, rest)

    def _below(self, path: str, rest: list[str]) -> Iterator[str]:
        """Continue behind the slash at the start of `rest`."""
        yield from self.found(path + rest[0], rest[1:])

    def _names(self, folder: str, piece: str) -> Iterator[str]:
        matcher = compiled(piece, extglob=self.extglob, ignore_case=self.ignore_case)
        dots = piece.startswith((".", "\\."))
        for name in self.files.entries(folder or "."):
            if name.startswith(".") and not (dots or self.dotglob):
                continue
            if matcher.matches(name):
                yield name

    def _everything(self, folder: str, rest: list[str]) -> Iterator[str]:
        """Walk all folders below, for `**`; as the last piece, `**` matches files too."""
        if rest:
            yield from self.found(folder, rest[1:])
        elif folder:
            yield folder
        for name in self.files.entries(folder or "."):
            if name.startswith(".") and not self.dotglob:
                continue
            path = folder + name
            if not rest:
                yield path
            if self.files.is_folder(path):
                inner = path + "/"
                if rest:
                    yield from self._everything(inner, rest)
                else:
                    yield from (found for found in self._everything(inner, rest) if found != inner)
