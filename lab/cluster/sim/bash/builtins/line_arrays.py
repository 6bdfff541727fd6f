"""mapfile: lines into an array."""

from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.reading import descriptor_of, read_until
from lab.cluster.sim.bash.builtins.usage import BuiltinError, Given, options
from lab.cluster.sim.bash.builtins.words import is_name, strings
from lab.cluster.sim.bash.expansion.quoting import single_quote
from lab.cluster.sim.bash.language.octets import decode, encode
from lab.cluster.sim.bash.running.weighing import weigh
from lab.cluster.sim.bash.running.weights import ELEMENT

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.shell import Argument, Shell

__all__ = ["mapfile"]


def _count(given: Given, letter: str, default: int, what: str) -> int:
    text = given.value(letter, str(default))
    if not text.strip().isdigit():
        raise BuiltinError(f"{text}: invalid {what}")
    return int(text)


async def mapfile(shell: "Shell", arguments: "list[Argument]") -> int:
    """Read lines into an array."""
    given = options(strings(arguments), "d:u:n:O:tC:c:s:")
    most = _count(given, "n", 0, "line count")
    origin = _count(given, "O", 0, "array origin")
    skipped = _count(given, "s", 0, "line count")
    quantum = _count(given, "c", 5000, "callback quantum")
    name = given.words[0] if given.words else "MAPFILE"
    if not is_name(name):
        raise BuiltinError(f"`{name}': not a valid identifier")
    file = descriptor_of(shell, given)
    delimiter = encode(given.value("d", "\n")[:1])[:1] or b"\0"
    variable = shell.variables.find(shell.variables.resolve(name))
    if variable is not None and variable.associative:
        raise BuiltinError(f"{name}: not an indexed array")
    if not given.has("O"):
        shell.variables.set_array(name, [])
    found = 0
    with shell.process.holding():
        while not most or found < most:
            data, whole = await read_until(shell, file, delimiter)
            if not data:
                break
            if skipped:
                skipped -= 1
                continue
            text = (data[:-1] if whole and given.has("t") else data).replace(b"\0", b"")
            value = decode(text)
            found += 1
            shell.process.hold(len(data) + ELEMENT)
            if given.has("C") and found % max(quantum, 1) == 0:
                await shell.run_text(f"{given.value('C')} {origin + found - 1} {single_quote(value)}")
            shell.variables.set_element(name, str(origin + found - 1), value)
            await shell.process.step()
    await weigh(shell, name)
    return 0
