"""Tilde expansion: `~`, `~user`, `~+`, `~-`, `~2`."""

from lab.cluster.sim.bash.expansion.host import Host
from lab.cluster.sim.bash.expansion.variables import Variables
from lab.cluster.sim.bash.language.tree import Part, Quoted, Text

__all__ = ["expand_tildes"]


def expand_tildes(
    parts: tuple[Part, ...], variables: Variables, host: Host, *, assignment: bool = False
) -> tuple[Part, ...]:
    """Return the parts with the tilde at the word's start replaced; in an `assignment`, also behind colons."""
    if not parts or not (assignment or isinstance(parts[0], Text)):
        return parts
    found: list[Part] = []
    for place, part in enumerate(parts):
        if isinstance(part, Text) and "~" in part.text and (place == 0 or assignment):
            last = place == len(parts) - 1
            found += _expanded(part.text, variables, host, first=place == 0, last=last, assignment=assignment)
        else:
            found.append(part)
    return tuple(found)


def _expanded(
    text: str, variables: Variables, host: Host, *, first: bool, last: bool, assignment: bool
) -> list[Part]:
    pieces = text.split(":") if assignment else [text]
    found: list[Part] = []
    for place, piece in enumerate(pieces):
        if place:
            found.append(Text(":"))
        ended = last or place < len(pieces) - 1
        if piece.startswith("~") and (first or place):
            user, slash, rest = piece[1:].partition("/")
            home = _home(user, variables, host) if ended or slash else None
            if home is not None:
                found += [Quoted(home), Text(slash + rest)] if slash else [Quoted(home)]
                continue
        if piece:
            found.append(Text(piece))
    return found


def _home(user: str, variables: Variables, host: Host) -> str | None:
    if not user:
        home = variables.get("HOME")
        return host.home_of("") if home is None else home
    if user == "+":
        return variables.get("PWD")
    if user == "-":
        return variables.get("OLDPWD")
    sign, digits = (user[0], user[1:]) if user[0] in "+-" else ("+", user)
    if digits.isdigit():
        stack = host.directory_stack()
        number = int(digits) if sign == "+" else len(stack) - 1 - int(digits)
        return stack[number] if 0 <= number < len(stack) else None
    return host.home_of(user)
