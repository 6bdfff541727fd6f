"""Shell arithmetic: 64-bit integers, C's operators, variables. The grammar begins with the lowest operator."""

from collections.abc import Callable

from lab.cluster.sim.bash.expansion.arithmetic_tokens import Kind, Lexer, Numbers, wrap
from lab.cluster.sim.bash.expansion.errors import Effect, ExpansionError

__all__ = ["Numbers", "calculate"]

_DEPTH = 30  # bash goes on to 1024

_LEVELS: tuple[dict[str, Callable[[int, int], int]], ...] = (
    {"|": lambda a, b: a | b},
    {"^": lambda a, b: a ^ b},
    {"&": lambda a, b: a & b},
    {"==": lambda a, b: int(a == b), "!=": lambda a, b: int(a != b)},
    {
        "<=": lambda a, b: int(a <= b),
        ">=": lambda a, b: int(a >= b),
        "<": lambda a, b: int(a < b),
        ">": lambda a, b: int(a > b),
    },
    {"<<": lambda a, b: a << (b & 63), ">>": lambda a, b: a >> (b & 63)},
    {"+": lambda a, b: a + b, "-": lambda a, b: a - b},
)


def calculate(expression: str, variables: Numbers, *, nounset: bool = False) -> int:
    """Return the value of an expression whose `$` expansions are already done.

    `let` and `declare -i` use it too. Raise `ExpansionError` with bash's text: `1/0: division by 0 (error token is
    "0")`.
    """
    if expression.isascii() and expression.isdigit() and len(expression) < 18 and expression[0] != "0":
        return int(expression)
    return _Evaluation(variables, nounset=nounset).value(expression)


class _Evaluation:
    """One calculation. Variables that hold expressions start nested calculations."""

    def __init__(self, variables: Numbers, *, nounset: bool) -> None:
        self.variables = variables
        self.nounset = nounset
        self.depth = 0

    def value(self, expression: str) -> int:
        """Calculate an expression. If it reads a variable, calculate the variable's value likewise."""
        if not expression.strip(" \t\n"):
            return 0
        self.depth += 1
        if self.depth > _DEPTH:
            text = expression.lstrip(" \t\n")
            raise ExpansionError(f'{text}: expression recursion level exceeded (error token is "{text}")')
        result = _Grammar(self, Lexer(expression, self.look_up)).result()
        self.depth -= 1
        return result

    def look_up(self, name: str, index: str | None) -> int:
        """Return a variable's value as a number."""
        text = self.variables.get(name) if index is None else self.variables.element(name, index)
        if text is None:
            if self.nounset:
                shown = name if index is None else f"{name}[{index}]"
                raise UnboundError(shown)
            return 0
        if text.isdigit() and text.isascii() and text[0] != "0" and len(text) < 18:
            return int(text)
        return self.value(text)


class UnboundError(ExpansionError):
    """An unset variable in an expression under `set -u`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: unbound variable", Effect.EXIT, status=127)


class _Grammar:
    """The grammar over one expression's tokens."""

    def __init__(self, evaluation: _Evaluation, lexer: Lexer) -> None:
        self.evaluation = evaluation
        self.lexer = lexer

    def result(self) -> int:
        """Return the value of the whole expression."""
        self.lexer.advance()
        value = self._comma()
        if not self.lexer.ended:
            raise self.lexer.error("syntax error in expression")
        return value

    def _comma(self) -> int:
        value = self._assignment()
        while self.lexer.is_operator(","):
            self.lexer.advance()
            value = self._assignment()
        return value

    def _assignment(self) -> int:
        lexer = self.lexer
        value = self._choice()
        if lexer.kind is not Kind.OPERATOR or not lexer.is_assignment():
            return value
        if lexer.last_kind is not Kind.NAME:
            raise lexer.error("attempted assignment to non-variable")
        operator, name, index, before = lexer.text[:-1], lexer.name, lexer.index, lexer.number
        place = lexer.place
        lexer.advance()
        value = self._assignment()
        if operator:
            value = self._combined(operator, before, value, place)
        self._store(name, index, value)
        return value

    def _combined(self, operator: str, before: int, value: int, place: int) -> int:
        """Return the value that `x op= value` assigns."""
        lexer = self.lexer
        if operator in {"/", "%"}:
            if value == 0:
                if not lexer.skipping:
                    raise lexer.error("division by 0", place=place)
                value = 1
            return _divided(operator, before, value)
        if operator == "*":
            return wrap(before * value)
        for level in _LEVELS:
            if operator in level:
                return wrap(level[operator](before, value))
        return value

    def _store(self, name: str, index: str | None, value: int) -> None:
        if self.lexer.skipping:
            return
        if index is None:
            self.evaluation.variables.set(name, str(value))
        else:
            self.evaluation.variables.set_element(name, index, str(value))

    def _choice(self) -> int:
        lexer = self.lexer
        condition = self._or()
        if not lexer.is_operator("?"):
            return condition
        lexer.advance()
        if lexer.ended or lexer.is_operator(":"):
            raise lexer.error("expression expected")
        lexer.skipping += not condition
        first = self._comma()
        lexer.skipping -= not condition
        if not lexer.is_operator(":"):
            raise lexer.error("`:' expected for conditional expression")
        lexer.skipping += bool(condition)
        lexer.advance()
        if lexer.ended:
            raise lexer.error("expression expected")
        second = self._choice()
        lexer.skipping -= bool(condition)
        lexer.last_kind = Kind.OPERATOR
        return first if condition else second

    def _or(self) -> int:
        value = self._and()
        while self.lexer.is_operator("||"):
            known = bool(value)
            self.lexer.skipping += known
            self.lexer.advance()
            value = int(bool(self._and()) or known)
            self.lexer.skipping -= known
            self.lexer.last_kind = Kind.OPERATOR
        return value

    def _and(self) -> int:
        value = self._level(0)
        while self.lexer.is_operator("&&"):
            known = not value
            self.lexer.skipping += known
            self.lexer.advance()
            value = int(bool(self._level(0)) and not known)
            self.lexer.skipping -= known
            self.lexer.last_kind = Kind.OPERATOR
        return value

    def _level(self, number: int) -> int:
        if number == len(_LEVELS):
            return self._product()
        operators = _LEVELS[number]
        value = self._level(number + 1)
        while self.lexer.kind is Kind.OPERATOR and self.lexer.text in operators:
            operator = self.lexer.text
            self.lexer.advance()
            value = wrap(operators[operator](value, self._level(number + 1)))
            self.lexer.last_kind = Kind.OPERATOR
        return value

    def _product(self) -> int:
        lexer = self.lexer
        value = self._power()
        while lexer.kind is Kind.OPERATOR and lexer.text in {"*", "/", "%"}:
            operator, place = lexer.text, lexer.pos
            lexer.advance()
            second = self._power()
            if operator == "*":
                value = wrap(value * second)
            else:
                if second == 0:
                    if not lexer.skipping:
                        raise lexer.error("division by 0", place=place)
                    second = 1
                value = _divided(operator, value, second)
            lexer.last_kind = Kind.OPERATOR
        return value

    def _power(self) -> int:
        value = self._unary()
        if self.lexer.is_operator("**"):
            self.lexer.advance()
            exponent = self._power()
            self.lexer.last_kind = Kind.OPERATOR
            if exponent < 0:
                raise self.lexer.error("exponent less than 0")
            return wrap(pow(value, exponent, 1 << 64))
        return value

    def _unary(self) -> int:
        lexer = self.lexer
        if lexer.kind is Kind.OPERATOR and lexer.text in {"!", "~", "-", "+"}:
            operator = lexer.text
            lexer.advance()
            value = self._unary()
            lexer.last_kind = Kind.OPERATOR
            match operator:
                case "!":
                    return int(not value)
                case "~":
                    return wrap(~value)
                case "-":
                    return wrap(-value)
                case _:
                    return value
        return self._primary()

    def _primary(self) -> int:
        lexer = self.lexer
        if lexer.kind is Kind.OPERATOR and lexer.text in {"pre++", "pre--"}:
            step = 1 if lexer.text == "pre++" else -1
            lexer.advance()
            value = wrap(lexer.number + step)
            self._store(lexer.name, lexer.index, value)
            lexer.kind, lexer.incremented = Kind.NUMBER, True
            lexer.advance()
            lexer.incremented = False
            return value
        if lexer.is_operator("("):
            lexer.advance()
            value = self._comma()
            if not lexer.is_operator(")"):
                raise lexer.error("missing `)'")
            lexer.advance()
            return value
        if lexer.kind is Kind.NUMBER:
            value = lexer.number
            lexer.advance()
            return value
        if lexer.kind is Kind.NAME:
            return self._named()
        raise lexer.error("syntax error: operand expected")

    def _named(self) -> int:
        lexer = self.lexer
        value, name, index = lexer.number, lexer.name, lexer.index
        lexer.advance()
        if lexer.kind is Kind.OPERATOR and lexer.text in {"post++", "post--"}:
            self._store(name, index, wrap(value + (1 if lexer.text == "post++" else -1)))
            lexer.kind = Kind.NUMBER
            lexer.advance()
        elif lexer.kind is Kind.OPERATOR and lexer.is_assignment():
            lexer.name, lexer.index, lexer.number = name, index, value
        return value


def _divided(operator: str, value: int, by: int) -> int:
    """Divide as C does: round towards zero; the remainder has the sign of the first number."""
    quotient = abs(value) // abs(by)
    if (value < 0) != (by < 0):
        quotient = -quotient
    return wrap(quotient) if operator == "/" else value - quotient * by
