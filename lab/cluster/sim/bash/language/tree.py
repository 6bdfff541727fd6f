"""The syntax tree: words as parts, commands, redirections. Every node is frozen and compared by identity.

Line numbers begin with 1 at the first line of the script. They serve $LINENO and error messages.
"""

from dataclasses import dataclass, field

from lab.cluster.sim.bash.language.tree_words import (
    Arithmetic,
    ArrayElement,
    ArrayValue,
    Assignment,
    BadSubstitution,
    Commands,
    CommandSubstitution,
    DoubleQuoted,
    Parameter,
    Part,
    ProcessSubstitution,
    Quoted,
    Text,
    Word,
)

__all__ = [
    "AndOr",
    "Arithmetic",
    "ArithmeticCommand",
    "ArithmeticFor",
    "ArrayElement",
    "ArrayValue",
    "Assignment",
    "BadSubstitution",
    "Case",
    "CaseClause",
    "Command",
    "CommandList",
    "CommandSubstitution",
    "CondAnd",
    "CondBinary",
    "CondGroup",
    "CondNot",
    "CondOr",
    "CondUnary",
    "CondWord",
    "Condition",
    "Conditional",
    "Coprocess",
    "DoubleQuoted",
    "For",
    "FunctionDefinition",
    "Group",
    "HereDocument",
    "If",
    "Parameter",
    "Part",
    "Pipeline",
    "ProcessSubstitution",
    "Quoted",
    "Redirection",
    "Select",
    "SimpleCommand",
    "Statement",
    "Subshell",
    "Text",
    "While",
    "Word",
    "commands_of",
]


@dataclass(slots=True)
class HereDocument:
    """A here-document. The reader fills in `body` at the end of the line on which it begins.

    `body` is expanded as within double quotes (its double quotes are text), or is one `Quoted` when the
    delimiter was quoted. Leading tabs are already removed for `<<-`. `text` is the body as it was typed.
    """

    delimiter: str
    quoted: bool
    strip_tabs: bool
    line: int
    body: Word = field(default_factory=lambda: Word((), ""))
    text: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Redirection:
    """A redirection.

    `operator` is one of `<` `>` `>>` `>|` `<>` `<&` `>&` `&>` `&>>` `<<<` `<<` `<<-`.
    `descriptor` is None when no number stands before the operator. `variable` is the name in `{name}>file`.
    `target` is a here-document for `<<` and `<<-`, else a word.
    """

    operator: str
    target: Word | HereDocument
    line: int
    descriptor: int | None = None
    variable: str | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SimpleCommand:
    """Assignments, words and redirections.

    An `Assignment` among `words` is an argument of a declaration command (`declare`, `local`, `export`,
    `readonly`, `typeset`): it is neither split nor globbed.
    """

    assignments: tuple[Assignment, ...]
    words: tuple[Word | Assignment, ...]
    redirections: tuple[Redirection, ...]
    line: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Enclosed:
    """A list of commands between brackets."""

    body: "CommandList"
    redirections: tuple[Redirection, ...]
    line: int


class Group(_Enclosed):
    """`{ ...; }`."""

    __slots__ = ()


class Subshell(_Enclosed):
    """`( ... )`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class If:
    """`if`: pairs of condition and body for `if` and each `elif`, then the body of `else`."""

    branches: tuple[tuple["CommandList", "CommandList"], ...]
    otherwise: "CommandList | None"
    redirections: tuple[Redirection, ...]
    line: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Each:
    """A body for each of some words; `words` is None when there is no `in` (the positional parameters)."""

    name: str
    words: tuple[Word, ...] | None
    body: "CommandList"
    redirections: tuple[Redirection, ...]
    line: int


class For(_Each):
    """`for name in words`."""

    __slots__ = ()


class Select(_Each):
    """`select name in words`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ArithmeticFor:
    """`for ((initial; condition; step))`; an empty condition is true."""

    initial: Word
    condition: Word
    step: Word
    body: "CommandList"
    redirections: tuple[Redirection, ...]
    line: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class While:
    """`while` or `until`."""

    condition: "CommandList"
    body: "CommandList"
    until: bool
    redirections: tuple[Redirection, ...]
    line: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CaseClause:
    """One clause of `case`; `end` is `;;`, `;&` (run the next body too) or `;;&` (test the next patterns too)."""

    patterns: tuple[Word, ...]
    body: "CommandList"
    end: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Case:
    """`case word in ... esac`."""

    word: Word
    clauses: tuple[CaseClause, ...]
    redirections: tuple[Redirection, ...]
    line: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ArithmeticCommand:
    """`((...))`: status 0 when the result is not zero. `expression` is expanded as within double quotes."""

    expression: Word
    redirections: tuple[Redirection, ...]
    line: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CondWord:
    """A lone word within `[[ ]]`: true when it is not empty."""

    word: Word


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CondUnary:
    """`-f word`, `-z word`, `-v name`, ..."""

    operator: str
    word: Word


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CondBinary:
    """`left == right`, `left =~ right`, `left -eq right`, `left -nt right`, `left < right`."""

    operator: str
    left: Word
    right: Word


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CondNot:
    """`! condition`."""

    condition: "Condition"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _CondPair:
    """Two conditions, of which the second may not count."""

    left: "Condition"
    right: "Condition"


class CondAnd(_CondPair):
    """`left && right`."""

    __slots__ = ()


class CondOr(_CondPair):
    """`left || right`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CondGroup:
    """`( condition )`."""

    condition: "Condition"


Condition = CondGroup | CondWord | CondUnary | CondBinary | CondNot | CondAnd | CondOr


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Conditional:
    """`[[ ... ]]`."""

    condition: Condition
    redirections: tuple[Redirection, ...]
    line: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FunctionDefinition:
    """`name() body` or `function name body`.

    The body's own redirections apply at each call. `source` is the definition as it was typed.
    """

    name: str
    body: "Command"
    source: str
    line: int
    redirections: tuple[Redirection, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Coprocess:
    """`coproc [NAME] command`."""

    name: str
    body: "Command"
    line: int
    redirections: tuple[Redirection, ...] = ()


Command = (
    SimpleCommand
    | Group
    | Subshell
    | If
    | For
    | ArithmeticFor
    | Select
    | While
    | Case
    | ArithmeticCommand
    | Conditional
    | FunctionDefinition
    | Coprocess
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pipeline:
    """One or more commands joined by `|`.

    `|&` is `|` with `2>&1` added to the left command's redirections.

    `timed` is "" or `time` or `time -p`. A pipeline with no command is a lone `time` or `!`.
    """

    commands: tuple[Command, ...]
    line: int
    negated: bool = False
    timed: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AndOr:
    """A later pipeline of a statement and the operator before it, `&&` or `||`."""

    operator: str
    pipeline: Pipeline


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Statement:
    """Pipelines joined by `&&` and `||`, ended by `;`, a newline, or `&` (`background`)."""

    first: Pipeline
    rest: tuple[AndOr, ...]
    background: bool
    line: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CommandList(Commands):
    """Statements in their order."""

    statements: tuple[Statement, ...]


def commands_of(body: Commands) -> CommandList:
    """Return the commands of a substitution."""
    if not isinstance(body, CommandList):
        raise TypeError(body)
    return body
