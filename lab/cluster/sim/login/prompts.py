r"""Prompts: what `\u@\h:\w\$` in PS1 becomes."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.shell import Shell

__all__ = ["prompt_text"]

_ESCAPE = re.compile(r"\\(?:D\{([^}]*)\}|([0-7]{3})|(.))", re.DOTALL)


async def prompt_text(shell: "Shell", name: str) -> str:
    """Return the text of the prompt in the variable `name`, with its marks for uncounted characters."""
    text = _ESCAPE.sub(lambda match: _decoded(shell, match), shell.variables.text(name))
    return await shell.expander.prompt(text)


def _decoded(shell: "Shell", match: re.Match[str]) -> str:  # noqa: C901, PLR0911, PLR0912 -- a table
    form, octal, letter = match.groups()
    now = datetime.fromtimestamp(shell.place.now(), UTC)
    if form is not None:
        return f"{now:{form or '%H:%M:%S'}}"
    if octal is not None:
        return chr(int(octal, 8))
    match letter:
        case "u":
            return shell.place.user
        case "h":
            return shell.place.host.split(".")[0]
        case "H":
            return shell.place.host
        case "w":
            return _short(shell)
        case "W":
            short = _short(shell)
            return short if short in {"~", "/"} else short.rsplit("/", 1)[-1]
        case "$":
            return r"\$" if shell.place.user_id else "#"
        case "s":
            return "bash"
        case "v":
            return "5.2"
        case "V":
            return "5.2.15"
        case "j":
            return str(len(shell.jobs.table))
        case "!" | "#":
            return str(shell.history_first + len(shell.history))
        case "t":
            return f"{now:%H:%M:%S}"
        case "T":
            return f"{now:%I:%M:%S}"
        case "@":
            return f"{now:%I:%M %p}"
        case "A":
            return f"{now:%H:%M}"
        case "d":
            return f"{now:%a %b %d}"
        case "l":
            return shell.process.tty.rsplit("/", 1)[-1]
        case "n":
            return "\n"
        case "r":
            return "\r"
        case "a":
            return "\a"
        case "e":
            return "\x1b"
        case "[":
            return "\x01"
        case "]":
            return "\x02"
        case "\\":
            return "\\\\"
        case _:
            return f"\\{letter}"


def _short(shell: "Shell") -> str:
    """Return the current folder, with ~ for the home folder."""
    home, folder = shell.variables.text("HOME"), shell.folder
    if home not in {"", "/"} and (folder == home or folder.startswith(f"{home}/")):
        return "~" + folder[len(home) :]
    return folder
