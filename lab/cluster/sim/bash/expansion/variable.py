"""One variable of a shell: its value, its attributes, its elements in bash's order."""

from dataclasses import dataclass, field

from lab.cluster.sim.bash.language.octets import encode

__all__ = ["Element", "Value", "Variable"]

# A string, an indexed array, an associative array; None if a variable has attributes and no value.
Value = str | dict[int, str] | dict[str, str] | None

# An element of a compound assignment: the index's text if there is one, the value, and whether it is `+=`.
Element = tuple[str | None, str, bool]

_BUCKETS = 1024


def _bucket(key: str) -> int:
    """Return the bucket of bash's hash table for a key: associative arrays are listed in this order."""
    found = 2166136261
    for byte in encode(key):
        found = (found * 16777619) & 0xFFFFFFFF ^ byte
    return found & (_BUCKETS - 1)


def _newest_first(held: dict[int | str, str]) -> list[tuple[int | str, str]]:
    found = list(held.items())
    found.reverse()
    return found


@dataclass(slots=True)
class Variable:
    """One variable. An array has `array` or `associative` set even if it has no element."""

    value: Value = None
    exported: bool = False
    readonly: bool = False
    integer: bool = False
    case: str = ""  # `u`, `l` or `c` (declare -u, -l, -c), or nothing
    reference: bool = False  # its value is the name of another variable (declare -n)
    array: bool = False
    associative: bool = False
    traced: bool = False
    #: The mark of the shell that alone has this variable. Other shells copy it before they change it.
    owner: object = field(default=None, compare=False, repr=False)

    def copy(self) -> "Variable":
        """Return an independent copy."""
        value = self.value.copy() if isinstance(self.value, dict) else self.value
        return Variable(
            value, self.exported, self.readonly, self.integer, self.case, self.reference, self.array,
            self.associative, self.traced,
        )  # fmt: skip

    @property
    def is_set(self) -> bool:
        """Whether it has a value."""
        return self.value is not None

    @property
    def scalar(self) -> str | None:
        """The value of `$name`: element 0 of an array; None if it is unset."""
        if isinstance(self.value, dict):
            held: dict[int | str, str] = self.value  # type: ignore[assignment]
            return held.get("0" if self.associative else 0)
        return self.value

    def elements(self) -> dict[int | str, str]:
        """Return the elements by their index or key, indexed ones in order; a string is element 0."""
        if isinstance(self.value, dict):
            held: dict[int | str, str] = self.value  # type: ignore[assignment]
            if self.associative:
                return dict(sorted(_newest_first(held), key=lambda item: _bucket(str(item[0]))))
            return dict(sorted(held.items()))
        return {} if self.value is None else {0: self.value}

    @property
    def letters(self) -> str:
        """The letters of the attributes in bash's order, as `declare -p` and `${x@a}` print them."""
        marks = (
            (self.array, "a"),
            (self.associative, "A"),
            (self.integer, "i"),
            (self.reference, "n"),
            (self.readonly, "r"),
            (self.traced, "t"),
            (self.exported, "x"),
            (bool(self.case), self.case),
        )
        return "".join(letter for held, letter in marks if held)
