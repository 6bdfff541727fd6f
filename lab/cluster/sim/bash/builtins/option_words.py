"""getopts: a script's own options."""

from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.usage import BuiltinError, Usage, options
from lab.cluster.sim.bash.builtins.words import is_name, strings

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["getopts"]


async def getopts(shell: "Shell", arguments: "list[Argument]") -> int:
    """Take the next option off the positional parameters; return 1 if none is left."""
    words = options(strings(arguments), "").words
    if len(words) < 2:
        raise Usage
    letters, name, *given = words
    reader = _Reader(shell, letters, given if len(words) > 2 else list(shell.positional))
    code, found = await reader.next()
    if not is_name(name):
        raise BuiltinError(f"`{name}': not a valid identifier")
    shell.variables.set(name, found)
    return code


class _Reader:
    """One call of getopts."""

    def __init__(self, shell: "Shell", letters: str, words: list[str]) -> None:
        self._shell = shell
        self._quiet = letters.startswith(":")
        self._letters = letters.removeprefix(":")
        self._words = words
        text = shell.variables.text("OPTIND")
        self._index = int(text) if text.isdigit() and int(text) > 0 else 1

    async def next(self) -> tuple[int, str]:  # noqa: PLR0911 -- one case after the other
        shell = self._shell
        at = max(1, shell.getopts_at)
        if self._index > len(self._words):
            return self._over(len(self._words) + 1)
        word = self._words[self._index - 1]
        if at == 1:
            if word == "--":
                return self._over(self._index + 1)
            if len(word) < 2 or word[0] != "-":
                return self._over(self._index)
        if at >= len(word):
            shell.getopts_at = 1
            return await self.next()
        letter = word[at]
        kind = self._letters.find(letter) if letter != ":" else -1
        if kind < 0:
            self._step(word, at)
            return await self._unknown(letter)
        if self._letters[kind + 1 : kind + 2] != ":":
            self._step(word, at)
            shell.variables.unset("OPTARG")
            return 0, letter
        return await self._valued(word, at, letter)

    async def _valued(self, word: str, at: int, letter: str) -> tuple[int, str]:
        shell = self._shell
        shell.getopts_at = 1
        if at + 1 < len(word):
            self._set_index(self._index + 1)
            shell.variables.set("OPTARG", word[at + 1 :])
            return 0, letter
        if self._index < len(self._words):
            self._set_index(self._index + 2)
            shell.variables.set("OPTARG", self._words[self._index])
            return 0, letter
        self._set_index(self._index + 1)
        if self._quiet:
            shell.variables.set("OPTARG", letter)
            return 0, ":"
        shell.variables.unset("OPTARG")
        await self._tell(f"option requires an argument -- {letter}")
        return 0, "?"

    def _step(self, word: str, at: int) -> None:
        if at + 1 < len(word):
            self._shell.getopts_at = at + 1
            self._set_index(self._index)
        else:
            self._shell.getopts_at = 1
            self._set_index(self._index + 1)

    def _set_index(self, index: int) -> None:
        at = self._shell.getopts_at
        self._shell.variables.set("OPTIND", str(index))
        # A script that assigns OPTIND restarts the parsing; this assignment does not.
        self._shell.getopts_at = at

    async def _unknown(self, letter: str) -> tuple[int, str]:
        if self._quiet:
            self._shell.variables.set("OPTARG", letter)
        else:
            self._shell.variables.unset("OPTARG")
            await self._tell(f"illegal option -- {letter}")
        return 0, "?"

    async def _tell(self, text: str) -> None:
        if self._shell.variables.text("OPTERR", "1") != "0":
            await self._shell.err(f"{self._shell.name}: {text}\n")

    def _over(self, index: int) -> tuple[int, str]:
        self._shell.getopts_at = 1
        self._set_index(index)
        self._shell.variables.unset("OPTARG")
        return 1, "?"
