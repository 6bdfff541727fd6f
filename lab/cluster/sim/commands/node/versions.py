"""The version texts of a node's programs."""

import functools
from collections.abc import Sequence
from pathlib import Path

from lab.cluster.sim.bash.running.call import Call, Command

__all__ = ["has_version", "version_text", "versioned"]

#: A text begins with a record separator and a list of the words (program and option) that print it.
_FILE = Path(__file__).parents[2] / "data" / "program_versions.txt"


@functools.cache
def _texts() -> dict[str, str]:
    found: dict[str, str] = {}
    for part in _FILE.read_text(encoding="utf-8").split("\036")[1:]:
        asked, _, text = part.partition("\n")
        found |= dict.fromkeys(asked.split(", "), text)
    return found


def has_version(name: str) -> bool:
    """Whether `NAME --version` prints a text."""
    return f"{name} --version" in _texts()


def version_text(name: str) -> str:
    """Return the output of `NAME --version`."""
    return _texts()[f"{name} --version"]


def _told(name: str, argv: Sequence[str]) -> str | None:
    return _texts().get(f"{name} {argv[0]}") if len(argv) == 1 else None


def versioned(command: Command, *, by_first_word: bool = False) -> Command:
    """Return `command` with a version option; its name may be the first of its words."""

    async def told(call: Call) -> int:
        words = call.argv if by_first_word else [call.name, *call.argv]
        text = _told(words[0], words[1:]) if words else None
        if text is None:
            return await command(call)
        await call.out(text)
        return 0

    return told
