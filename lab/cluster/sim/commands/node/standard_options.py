"""The options of a node's programs as getopt_long reads them: help pages, versions, and errors for wrong options.

`data/program_options.json.gz` has for each program what a real node's program showed: its letters (`n:` takes a
value, `i::` may have one), its long names, the letters that show its help or its version, letters that it reads in
its own way (`free`), words that it takes out before (`own`, a pattern), its help page, its exit codes, and what it
prints after an error (`more`, `out`; null: its help page).
"""

import functools
import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.cluster.sim.bash.running.call import Call, Command
from lab.cluster.sim.commands.node.versions import has_version, version_text

__all__ = ["help_page", "standard"]

_FILE = Path(__file__).parents[2] / "data" / "program_options.json.gz"


class Refused(Exception):  # noqa: N818 -- getopt's own message for a wrong option
    """A wrong option, with getopt's message."""


class _Unclear(Exception):  # noqa: N818 -- no error: the program itself reads the word
    pass


@functools.cache
def _programs() -> Mapping[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = json.loads(gzip.decompress(_FILE.read_bytes()))
    return found


def help_page(name: str) -> str:
    """Return what `NAME --help` prints."""
    return str(_programs()[name]["help"])


@dataclass(frozen=True, slots=True)
class _Grammar:
    """A program's options: name -> `` (no value), `:` (a value) or `::` (perhaps a value)."""

    letters: Mapping[str, str]
    names: Mapping[str, str]
    free: str
    in_order: bool
    #: Whether errors are in the words of curl instead of getopt's.
    curl: bool

    def read(self, argv: Sequence[str]) -> Iterator[str]:
        """Yield the options in `argv`, in order; raise `Refused` at a wrong one."""
        words = list(argv)
        while words:
            word = words.pop(0)
            if word == "--":
                return
            if word.startswith("--"):
                yield self._long(word, words)
            elif word.startswith("-") and word != "-":
                yield from self._short(word[1:], words)
            elif self.in_order:
                return

    def _long(self, word: str, words: list[str]) -> str:
        typed, equals, _ = word[2:].partition("=")
        fitting = [typed] if typed in self.names else [name for name in self.names if name.startswith(typed)]
        if not fitting:
            raise Refused(f"option {word}: is unknown" if self.curl else f"unrecognized option '{word}'")
        if len(fitting) > 1:
            # Which names are one option under two names is not known here.
            raise _Unclear
        takes = self.names[fitting[0]]
        if equals and not takes:
            raise Refused(f"option '--{fitting[0]}' doesn't allow an argument")
        if takes == ":" and not equals:
            if not words:
                told = f"option '--{fitting[0]}' requires an argument"
                raise Refused(f"option {word}: requires parameter" if self.curl else told)
            words.pop(0)
        return f"--{fitting[0]}"

    def _short(self, letters: str, words: list[str]) -> Iterator[str]:
        word = f"-{letters}"
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter in self.free:
                raise _Unclear
            if letter not in self.letters:
                raise Refused(f"option {word}: is unknown" if self.curl else f"invalid option -- '{letter}'")
            takes = self.letters[letter]
            if takes == ":" and not letters:
                if not words:
                    told = f"option requires an argument -- '{letter}'"
                    raise Refused(f"option {word}: requires parameter" if self.curl else told)
                words.pop(0)
            yield f"-{letter}"
            if takes:
                return


@functools.cache
def _grammar(name: str) -> _Grammar | None:
    known = _programs().get(name)
    if known is None:
        return None
    names = {word.rstrip(":"): ":" * word.count(":") for word in known["long"].split()}
    letters = dict(re.findall(r"([^:])(:*)", known["short"]))
    curl = known.get("style") == "curl"
    return _Grammar(letters, names, known.get("free", ""), known.get("in_order", False), curl)


def _event(name: str, argv: Sequence[str]) -> tuple[str, str]:
    """Return what comes first in `argv`: (`help`, ``), (`version`, ``), (`error`, message), or two empty texts."""
    grammar = _grammar(name)
    if grammar is None:
        return "", ""
    shows = {"--help": "help", "--version": "version", **_programs()[name].get("shows", {})}
    own = _programs()[name].get("own", "(?!)")
    try:
        for option in grammar.read([word for word in argv if not re.fullmatch(own, word)]):
            if option in shows and (option[:2] != "--" or option[2:] in grammar.names):
                return shows[option], ""
    except Refused as refused:
        return "error", str(refused)
    except _Unclear:
        pass
    return "", ""


def standard(name: str, command: Command) -> Command:
    """Return `command` with the help page, the version and the errors of the program `name`."""

    async def told(call: Call) -> int:
        what, message = _event(name, call.argv) if any(word[:1] == "-" for word in call.argv) else ("", "")
        known = _programs()[name] if what else {}
        page: str = known.get("help", "")
        if what == "help":
            await (call.err if known.get("help_is_error") else call.out)(page)
            return int(known["help_code"])
        if what == "version" and has_version(name):
            await call.out(version_text(name))
            return 0
        if what == "error":
            more, out = known.get("more", ""), known.get("out", "")
            await call.err(f"{name}: {message}\n{page if more is None else more}")
            await call.out(page if out is None else out)
            return int(known["code"])
        return await command(call)

    return told
