"""Print the conditions of `[[ ]]`."""

from lab.cluster.sim.bash.language.tree import (
    CondAnd,
    CondBinary,
    CondGroup,
    Condition,
    CondNot,
    CondOr,
    CondUnary,
    CondWord,
)

__all__ = ["condition_text"]


def condition_text(condition: Condition) -> str:  # noqa: PLR0911 -- one for each kind
    """Return a condition as bash prints it."""
    match condition:
        case CondWord(word):
            return f"-n {word.source}"
        case CondUnary(operator, word):
            return f"{operator} {word.source}"
        case CondBinary(operator, left, right):
            return f"{left.source} {operator} {right.source}"
        case CondNot(inner):
            return f"! {condition_text(inner)}"
        case CondAnd(first, second):
            return f"{condition_text(first)} && {condition_text(second)}"
        case CondOr(first, second):
            return f"{condition_text(first)} || {condition_text(second)}"
        case CondGroup(inner):
            return f"( {condition_text(inner)} )"
