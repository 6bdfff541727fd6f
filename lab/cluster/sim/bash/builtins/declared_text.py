"""Variables as `declare -p`, `set` and `export -p` print them."""

import re
from typing import TYPE_CHECKING

from lab.cluster.sim.bash.expansion.quoting import array_quote, value_quote

if TYPE_CHECKING:
    from lab.cluster.sim.bash.expansion.variables import Variable

__all__ = ["assignment_text", "declared_text"]

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_./:@%+,=^~-]+")


def _array(variable: "Variable") -> str:
    parts = []
    for key, value in variable.elements().items():
        shown = str(key)
        if variable.associative and not _PLAIN_KEY.fullmatch(shown):
            shown = array_quote(shown)
        parts.append(f"[{shown}]={array_quote(value)}")
    return f"({' '.join(parts)}{' ' if variable.associative and parts else ''})"


def declared_text(name: str, variable: "Variable") -> str:
    """Return the command that declares a variable with its value and attributes, without a newline."""
    letters = variable.letters
    lead = f"declare -{letters or '-'} {name}"
    if variable.value is None:
        return lead
    if isinstance(variable.value, dict):
        return f"{lead}={_array(variable)}"
    return f"{lead}={array_quote(variable.value)}"


def assignment_text(name: str, variable: "Variable") -> str:
    """Return the assignment that `set` prints for a variable, without a newline."""
    if isinstance(variable.value, dict):
        return f"{name}={_array(variable)}"
    return f"{name}={value_quote(variable.value or '')}"
