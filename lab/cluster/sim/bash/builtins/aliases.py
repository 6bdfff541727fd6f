"""alias and unalias."""

import re
from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.usage import Usage, options
from lab.cluster.sim.bash.builtins.words import strings
from lab.cluster.sim.bash.expansion.quoting import plain_quote

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["alias", "alias_text", "unalias"]

_NO_NAME = re.compile(r"[\s$`'\"\\/|&;()<>]")


def alias_text(name: str, value: str) -> str:
    """Return the command that makes an alias."""
    return f"alias {'-- ' if name.startswith('-') else ''}{name}={plain_quote(value)}\n"


async def alias(shell: "Shell", arguments: "list[Argument]") -> int:
    """Make aliases, or print them."""
    given = options(strings(arguments), "p")
    if given.has("p") or not given.words:
        await shell.out("".join(alias_text(name, shell.aliases[name]) for name in sorted(shell.aliases)))
    code = 0
    for word in given.words:
        name, equals, value = word.partition("=")
        if equals and name:
            if _NO_NAME.search(name):
                code = await shell.complain(f"alias: `{name}': invalid alias name")
            else:
                shell.aliases[name] = value
        elif word in shell.aliases:
            await shell.out(alias_text(word, shell.aliases[word]))
        else:
            code = await shell.complain(f"alias: {word}: not found")
    return code


async def unalias(shell: "Shell", arguments: "list[Argument]") -> int:
    """Remove aliases."""
    given = options(strings(arguments), "a")
    if given.has("a"):
        shell.aliases.clear()
        return 0
    if not given.words:
        raise Usage
    code = 0
    for name in given.words:
        if shell.aliases.pop(name, None) is None:
            code = await shell.complain(f"unalias: {name}: not found")
    return code
