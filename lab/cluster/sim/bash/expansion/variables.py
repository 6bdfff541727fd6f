"""A shell's variables: the scopes of functions, assignments with attributes, the environment."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from lab.cluster.sim.bash.expansion.arithmetic import calculate
from lab.cluster.sim.bash.expansion.errors import Effect, ExpansionError
from lab.cluster.sim.bash.expansion.variable import Element, Value, Variable

__all__ = ["Dynamic", "Element", "ReadonlyError", "Value", "Variable", "Variables"]

_REFERENCES = 8  # bash gives up after this many namerefs in a row


class ReadonlyError(ExpansionError):
    """An assignment to a read-only variable."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: readonly variable", Effect.DISCARD)
        self.name = name


@dataclass(slots=True)
class Dynamic:
    """A variable that is computed on each read: RANDOM, SECONDS, BASHPID."""

    read: Callable[[], str]
    # Handles an assignment. Without it, an assignment is ignored.
    assign: Callable[[str], None] | None = None


@dataclass(slots=True)
class Variables:
    """All variables that a shell sees: the globals, then those of the running functions, the innermost last."""

    scopes: list[dict[str, Variable]] = field(default_factory=lambda: [{}])
    dynamic: dict[str, Dynamic] = field(default_factory=dict)
    # Called with a name (PATH, HISTSIZE, LINES) after its value has changed, since the shell caches values.
    changed: Callable[[str], None] | None = None
    # The mark of the variables that no other shell shares: a new one after each copy.
    _owner: object = field(default_factory=object)

    # Reading

    def find(self, name: str) -> Variable | None:
        """Return the variable that is visible as `name`, without following references."""
        if self.dynamic and (dynamic := self.dynamic.get(name)) is not None:
            return Variable(dynamic.read())
        for scope in reversed(self.scopes):
            if (found := scope.get(name)) is not None:
                return found
        return None

    def resolve(self, name: str) -> str:
        """Return the name that a reference (declare -n) leads to; `name` itself if it is not a reference.

        The result may have an index: `array[3]`.
        """
        for _ in range(_REFERENCES):
            found = self.find(name)
            if found is None or not found.reference or not isinstance(found.value, str):
                return name
            name = found.value
        return name

    def get(self, name: str) -> str | None:
        """Return the value of `$name`; None if it is unset."""
        found = self.find(name)
        if found is not None and found.reference:
            name = self.resolve(name)
            if name.endswith("]"):
                base, index = name[:-1].split("[", 1)
                return self.element(base, index)
            found = self.find(name)
        return None if found is None else found.scalar

    def text(self, name: str, default: str = "") -> str:
        """Return the value of `$name`, or `default` if it is unset."""
        value = self.get(name)
        return default if value is None else value

    def element(self, name: str, index: str) -> str | None:
        """Return `${name[index]}`; None if it is unset."""
        found = self.find(self.resolve(name))
        if found is None:
            return None
        key: int | str = index if found.associative else self.index(name, found, index, reading=True)
        if isinstance(found.value, dict):
            held: dict[int | str, str] = found.value  # type: ignore[assignment]
            return held.get(key)
        return found.value if key == 0 else None

    def index(self, name: str, variable: Variable | None, text: str, *, reading: bool = False) -> int:
        """Calculate the index of an indexed array; a negative one counts from the end."""
        number = calculate(text, self)
        if number < 0:
            elements = variable.elements() if variable is not None else {}
            number += max((key for key in elements if isinstance(key, int)), default=-1) + 1
            if number < 0:
                raise ExpansionError(
                    f"{name}: bad array subscript" if reading else f"{name}[{text}]: bad array subscript"
                )
        return number

    def names(self, prefix: str = "") -> list[str]:
        """Return the names of all visible variables, sorted."""
        found = {name for scope in self.scopes for name in scope} | self.dynamic.keys()
        return sorted(name for name in found if name.startswith(prefix))

    def all(self) -> dict[str, Variable]:
        """Return every visible variable by its name, sorted (for `declare -p`, `set`)."""
        found = ((name, self.find(name)) for name in self.names())
        return {name: variable for name, variable in found if variable is not None}

    def exported(self) -> dict[str, str]:
        """Return the environment of a program: exported variables that are strings."""
        found: dict[str, str] = {}
        for scope in self.scopes:
            for name, variable in scope.items():
                if variable.exported and isinstance(variable.value, str):
                    found[name] = variable.value
                else:
                    found.pop(name, None)
        return found

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self.names())

    # Changing

    def made(self, name: str) -> Variable:
        """Return the variable that an assignment to `name` changes; create a global one if there is none."""
        if name not in self.dynamic:
            for scope in reversed(self.scopes):
                if name in scope:
                    return self._own(scope, name)
        found = self.scopes[0][name] = Variable(owner=self._owner)
        return found

    def made_global(self, name: str) -> Variable:
        """Return the global variable `name`, to change it; if there is none, the variable as `made` returns it."""
        return self._own(self.scopes[0], name) if name in self.scopes[0] else self.made(name)

    def _own(self, scope: dict[str, Variable], name: str) -> Variable:
        """Return a variable of a scope to change it: first copy it if another shell shares it."""
        found = scope[name]
        if found.owner is not self._owner:
            found = scope[name] = found.copy()
            found.owner = self._owner
        return found

    def take(self, environment: Iterable[tuple[str, str]]) -> None:
        """Make exported variables of the environment of a new shell."""
        for name, value in environment:
            if name.endswith("]") and "[" in name:
                self.set(name, value)
                self.made(name).exported = True
            elif name not in self.dynamic:
                self.scopes[0][name] = Variable(value, exported=True, owner=self._owner)

    def set(self, name: str, value: str, *, append: bool = False) -> None:
        """Assign as `name=value` does: an array gets the value as element 0; attributes (-i, -u, -l) apply.

        `name` may be a reference. Raise `ReadonlyError` if the variable is read-only.
        """
        name = self.resolve(name)
        if name.endswith("]") and "[" in name:
            base, index = name[:-1].split("[", 1)
            self.set_element(base, index, value, append=append)
            return
        if (dynamic := self.dynamic.get(name)) is not None:
            if dynamic.assign is not None:
                dynamic.assign(value)
            return
        variable = self.made(name)
        if variable.array or variable.associative:
            self._put(name, variable, "0" if variable.associative else 0, value, append=append)
        else:
            if variable.readonly:
                raise ReadonlyError(name)
            before = variable.value if append and isinstance(variable.value, str) else ""
            variable.value = self._fitted(variable, value, before, append=append)
        if self.changed is not None:
            self.changed(name)

    def set_element(self, name: str, index: str, value: str, *, append: bool = False) -> None:
        """Assign `name[index]=value`; the index is calculated unless the array is associative."""
        name = self.resolve(name)
        if not index:
            raise ExpansionError(f"{name}[]: bad array subscript")
        variable = self.made(name)
        if variable.associative:
            self._put(name, variable, index, value, append=append)
            return
        key = self.index(name, variable, index)
        if variable.readonly:
            raise ReadonlyError(name)
        self.to_indexed(variable)
        self._put(name, variable, key, value, append=append)

    def assign_array(self, name: str, elements: Iterable[Element], *, append: bool = False) -> None:
        """Assign `name=(...)` from expanded elements. An element without an index follows the previous one."""
        name = self.resolve(name)
        variable = self.made(name)
        if variable.readonly:
            raise ReadonlyError(name)
        if variable.associative:
            self._assign_keys(name, variable, list(elements), append=append)
            return
        self.to_indexed(variable)
        before = variable.elements() if append else {}
        indexed = {key: text for key, text in before.items() if isinstance(key, int)}
        following = max(indexed, default=-1) + 1
        found = replace(variable, value=indexed)
        for index, value, added in elements:
            if index is not None:
                following = self.index(name, found, index)
            indexed[following] = self._fitted(variable, value, indexed.get(following, ""), append=added)
            following += 1
        variable.value = indexed

    def _assign_keys(self, name: str, variable: Variable, elements: list[Element], *, append: bool) -> None:
        """Assign a compound value to an associative array: `[key]=value`, or alternating keys and values."""
        before = variable.value if append and isinstance(variable.value, dict) else {}
        found: dict[str, str] = {str(key): text for key, text in before.items()}
        waiting: str | None = None
        pairs = bool(elements) and elements[0][0] is None
        for index, value, added in elements:
            if index is not None:
                found[index] = self._fitted(variable, value, found.get(index, ""), append=added)
            elif not pairs:
                raise ExpansionError(
                    f"{name}: {value}: must use subscript when assigning associative array", Effect.FAIL
                )
            elif waiting is None:
                waiting = value
            else:
                found[waiting] = self._fitted(variable, value, "", append=False)
                waiting = None
        if waiting is not None:
            found[waiting] = ""
        variable.value = found

    def set_array(self, name: str, values: Iterable[str]) -> None:
        """Make `name` an indexed array of these values (`read -a`, `mapfile`, BASH_REMATCH, PIPESTATUS)."""
        name = self.resolve(name)
        variable = self.made(name)
        if variable.readonly:
            raise ReadonlyError(name)
        variable.array, variable.associative = True, False
        variable.value = {
            number: self._fitted(variable, value, "", append=False) for number, value in enumerate(values)
        }

    def _put(self, name: str, variable: Variable, key: int | str, value: str, *, append: bool) -> None:
        if variable.readonly:
            raise ReadonlyError(name)
        if not isinstance(variable.value, dict):
            variable.value = {}
        held: dict[int | str, str] = variable.value  # type: ignore[assignment]
        held[key] = self._fitted(variable, value, held.get(key, ""), append=append)

    def _fitted(self, variable: Variable, value: str, before: str, *, append: bool) -> str:
        """Return a value as the variable's attributes change it, appended to the old value for `+=`."""
        if variable.integer:
            number = calculate(value, self)
            return str(calculate(f"{calculate(before, self)}+({number})", self) if append else number)
        if append:
            value = before + value
        match variable.case:
            case "u":
                return value.upper()
            case "l":
                return value.lower()
            case "c":
                return value[:1].upper() + value[1:].lower()
            case _:
                return value

    @staticmethod
    def to_indexed(variable: Variable) -> None:
        """Make a variable an indexed array; its string becomes element 0 (`declare -a`)."""
        variable.array = True
        if isinstance(variable.value, str):
            variable.value = {0: variable.value}

    @staticmethod
    def to_associative(name: str, variable: Variable) -> None:
        """Make a variable an associative array (`declare -A`). Raise `ExpansionError` for an indexed one."""
        if variable.array:
            raise ExpansionError(f"{name}: cannot convert indexed to associative array", Effect.FAIL)
        variable.associative = True
        if isinstance(variable.value, str):
            variable.value = {"0": variable.value}

    def unset(self, name: str) -> bool:
        """Remove the visible variable `name`; return whether there was one. Raise `ReadonlyError`."""
        self.dynamic.pop(name, None)
        for scope in reversed(self.scopes):
            if name in scope:
                if scope[name].readonly:
                    raise ReadonlyError(name)
                if scope is self.scopes[0] or scope is not self.scopes[-1]:
                    del scope[name]
                else:
                    scope[name] = Variable()  # an unset local hides the outer variable
                if self.changed is not None:
                    self.changed(name)
                return True
        return False

    def unset_element(self, name: str, index: str) -> None:
        """Remove `name[index]`; `*` and `@` remove all of an indexed array. Raise `ReadonlyError`."""
        name = self.resolve(name)
        variable = self.find(name)
        if variable is None:
            return
        if variable.readonly:
            raise ReadonlyError(name)
        if index in {"*", "@"} and not variable.associative:
            self.unset(name)
            return
        if not isinstance(variable.value, dict):
            if calculate(index, self) != 0:
                raise ExpansionError(f"{name}: not an array variable", Effect.FAIL)
            self.unset(name)
            return
        held: dict[int | str, str] = self.made(name).value  # type: ignore[assignment]
        held.pop(index if variable.associative else self.index(name, variable, index), None)

    # Scopes

    def declare_local(self, name: str) -> Variable:
        """Return a variable of the innermost scope; create it if needed."""
        scope = self.scopes[-1]
        if name not in scope:
            scope[name] = Variable()
        return self._own(scope, name)

    @contextmanager
    def scope(self, assignments: Iterable[tuple[str, str]] = ()) -> Iterator[None]:
        """Keep a scope open: a function call, or the `x=1` before a builtin, whose variables are exported."""
        inner: dict[str, Variable] = {name: Variable(value, exported=True) for name, value in assignments}
        self.scopes.append(inner)
        try:
            yield
        finally:
            # Not always the last scope: a `return` may leave several at once.
            del self.scopes[next(n for n, scope in enumerate(self.scopes) if scope is inner) :]

    def copy(self) -> "Variables":
        """Return an independent copy for a subshell. The caller renews `dynamic`.

        Both share the variables until one of them changes one.
        """
        self._owner = object()
        return Variables([dict(scope) for scope in self.scopes], {})
