"""The commands of a code block, ready for a terminal's line: without their comments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Snippet", "are_commands", "snippets"]

#: Blocks without a language are for the shell.
_SHELL = {"", "bash", "sh", "shell", "console"}
#: Two blanks or more separate a command from its comment, as in our hints.
_REMARK = re.compile(r"(?:^|\s{2,})#\s+(?P<words>.*)$")
_HERE_DOCUMENT = re.compile(r"<<-?\s*(['\"]?)(?P<end>\w+)\1")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A command, which may have several lines, and the comment behind it."""

    command: str
    remark: str = ""


def are_commands(language: str) -> bool:
    """Whether a block of `language` (the word behind its fence) holds shell commands."""
    return language.strip().lower() in _SHELL


def snippets(code: str) -> Iterator[Snippet]:
    """Return the commands in `code`, in order; lines that belong together are one command."""
    lines = iter(code.rstrip().splitlines())
    for first in lines:
        found = _REMARK.search(first)
        whole = [first[: found.start()] if found else first]
        if document := _HERE_DOCUMENT.search(whole[0]):
            for line in lines:
                whole.append(line)
                if line.strip() == document["end"]:
                    break
        while whole[-1].endswith("\\"):
            whole.append(next(lines, ""))
        command = "\n".join(whole).rstrip()
        if command or found:
            yield Snippet(command, found["words"] if found else "")
