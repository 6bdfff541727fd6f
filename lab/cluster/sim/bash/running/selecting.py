"""`select`: a menu, and the line with the answer."""

from collections.abc import Sequence

from lab.cluster.sim.bash.running.lines import read_line
from lab.cluster.sim.bash.running.shell import Shell

__all__ = ["chosen"]


async def chosen(shell: Shell, name: str, words: Sequence[str], *, menu: bool) -> bool:
    """Read an answer into $REPLY and `name`; return whether there was one. Print `menu` before the first answer.

    An empty answer prints the menu again.
    """
    shown = menu
    while True:
        if shown:
            await shell.err(_menu(shell, words))
        await shell.err(shell.variables.text("PS3") or "#? ")
        line = await read_line(shell.process)
        if line is None:
            await shell.err("\n")
            return False
        reply = line.decode(errors="surrogateescape").strip()
        if not reply:
            shown = True
            continue
        shell.variables.set("REPLY", reply)
        number = int(reply) if reply.isdigit() else 0
        shell.variables.set(name, words[number - 1] if 0 < number <= len(words) else "")
        return True


def _menu(shell: Shell, words: Sequence[str]) -> str:
    """Return the numbered words, in columns if they fit."""
    digits = len(str(len(words)))
    widest = max(len(word) for word in words) + digits + 2
    columns = shell.variables.text("COLUMNS")
    width = int(columns) if columns.isdigit() and int(columns) else 80
    across = max(width // (widest + 2), 1)
    rows = -(-len(words) // across)
    if rows == 1:
        rows, across = len(words), 1
    lines = []
    for row in range(rows):
        cells = [
            f"{index + 1:>{digits}}) {words[index]}" for index in range(row, len(words), rows)
        ]  # fmt: skip
        lines.append(
            "  ".join(f"{cell:<{widest}}" for cell in cells[:-1]) + ("  " if len(cells) > 1 else "") + cells[-1]
        )
    return "".join(f"{line}\n" for line in lines)
