"""The syntax tree's words: their parts, quotes, substitutions, and assignments."""

from dataclasses import dataclass

__all__ = [
    "Arithmetic",
    "ArrayElement",
    "ArrayValue",
    "Assignment",
    "BadSubstitution",
    "CommandSubstitution",
    "Commands",
    "DoubleQuoted",
    "Parameter",
    "Part",
    "ProcessSubstitution",
    "Quoted",
    "Text",
    "Word",
]


class Commands:
    """The commands of a substitution. `tree.CommandList` is the only kind; it consists of words itself."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Text:
    """Plain text with no quotes: braces, tildes and glob characters in it are active."""

    text: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Quoted:
    r"""Text that stands for itself: from '...', $'...' (already decoded) or a backslash (`\x`)."""

    text: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DoubleQuoted:
    """A "..." string. Its text parts are `Quoted`."""

    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Parameter:
    """A parameter expansion: `$x`, `${x[3]:-word}`, `${#x}`, `${!x}`, `${x@Q}`.

    `operator` is "" for none, or one of
    `-` `:-` `=` `:=` `?` `:?` `+` `:+` (word in `argument`),
    `#` `##` `%` `%%` (pattern in `argument`),
    `/` `//` `/#` `/%` (pattern in `argument`, replacement in `second`, None when there is no second slash),
    `:` (offset in `argument`, length in `second`, both arithmetic),
    `^` `^^` `,` `,,` `~` `~~` (pattern in `argument`, may be empty),
    `@` (the letter in `argument`),
    `length` (`${#x}`), `names*` and `names@` (`${!prefix*}`), `keys` (`${!a[@]}`: `index` is `*` or `@`).
    """

    name: str
    operator: str = ""
    argument: "Word | None" = None
    second: "Word | None" = None
    index: "Word | None" = None
    indirect: bool = False
    source: str = ""

    @property
    def plain(self) -> bool:
        """Whether it is only the value of a variable."""
        if self.operator or self.index is not None or self.indirect:
            return False
        return self.name[0] == "_" or self.name[0].isalpha()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BadSubstitution:
    """A `${...}` that bash rejects as a bad substitution at its expansion.

    `whole` is the text that the error names: the word, or the text within the double quotes.
    """

    source: str
    whole: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CommandSubstitution:
    """`$(...)` or backquotes.

    `body` is None for backquotes: bash parses their text only when they are expanded (`parse(source)`).
    `source` is the text between the parentheses or, without its backslashes, between the backquotes.
    """

    source: str
    body: Commands | None
    line: int
    backquoted: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ProcessSubstitution:
    """`<(...)` or `>(...)`; `direction` is `<` or `>`."""

    direction: str
    source: str
    body: Commands
    line: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Arithmetic:
    """`$((...))`: `expression` is expanded as within double quotes and then calculated."""

    expression: "Word"
    source: str


Part = (
    Text
    | Quoted
    | DoubleQuoted
    | Parameter
    | BadSubstitution
    | CommandSubstitution
    | ProcessSubstitution
    | Arithmetic
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Word:
    """One word; `source` is the word as typed, with its quotes."""

    parts: tuple[Part, ...]
    source: str
    line: int = 0

    @property
    def literal(self) -> str | None:
        """The word's text if nothing in it is quoted or expanded, else None."""
        if not self.parts:
            return ""
        if len(self.parts) == 1 and isinstance(self.parts[0], Text):
            return self.parts[0].text
        return None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ArrayElement:
    """An element of `(a [3]=b [k]+=c)`; `index` is None when none is given."""

    value: Word
    index: Word | None = None
    append: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ArrayValue:
    """The value of a compound assignment: `(a b [3]=c)`."""

    elements: tuple[ArrayElement, ...]
    source: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Assignment:
    """`name=value`, `name+=value`, `name[index]=value`, `name=(...)`."""

    name: str
    value: Word | ArrayValue
    source: str
    line: int
    index: Word | None = None
    append: bool = False
