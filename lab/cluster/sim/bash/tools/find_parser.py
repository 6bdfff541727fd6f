"""Parse find's expressions into tests and actions."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import translate as glob_regex

from lab.cluster.sim.bash.expansion.posix_regex import RegexError, translate
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.find_actions import State, action
from lab.cluster.sim.bash.tools.find_tests import Found
from lab.cluster.sim.bash.tools.modes import BadMode, changed_mode
from lab.cluster.sim.bash.tools.options import UsageError
from lab.cluster.sim.bash.tools.places import modified, real_place
from lab.cluster.sim.bash.tools.time_words import moment
from lab.cluster.sim.text.bounded_regex import Regex

__all__ = ["Expression", "Plan", "parse"]

Test = Callable[[Found], Awaitable[bool]]
_UNITS = {"c": 1, "w": 2, "b": 512, "": 512, "k": 1024, "M": 1024**2, "G": 1024**3}
_PRINTS = {
    "-print",
    "-print0",
    "-printf",
    "-exec",
    "-execdir",
    "-ok",
    "-okdir",
    "-delete",
    "-ls",
    "-fprint",
    "-fprint0",
    "-fprintf",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A part of an expression."""

    test: Test


@dataclass(slots=True)
class Plan:
    """The parsed command line of find."""

    starts: list[str]
    expression: Expression
    state: State
    follows: str = "P"
    least: int = 0
    most: int = 1 << 30
    contents_first: bool = False
    warnings: list[str] = field(default_factory=list)


def parse(call: Call, argv: Sequence[str]) -> Plan:
    """Parse a command line; raise `UsageError` in find's words."""
    words = list(argv)
    follows = "P"
    while words and words[0] in {"-P", "-L", "-H"}:
        follows = words.pop(0)[1]
    starts: list[str] = []
    while words and not words[0].startswith("-") and words[0] not in {"(", ")", "!", ","}:
        starts.append(words.pop(0))
    parser = _Parser(call, words, Plan(starts or ["."], Expression(_always), State(call), follows))
    return parser.plan()


async def _always(found: Found) -> bool:
    del found
    return True


class _Parser:
    """Reads an expression from left to right: `-o` binds least, then `-a`, then `!`."""

    def __init__(self, call: Call, words: list[str], plan: Plan) -> None:
        self._call = call
        self._words = words
        self._plan = plan
        self._at = 0
        self._acts = False

    def plan(self) -> Plan:
        if self._words:
            tests = self._either()
            if self._at < len(self._words):
                word = self._words[self._at]
                raise UsageError("find: you have too many ')'" if word == ")" else
                                 f"find: paths must precede expression: `{word}'")  # fmt: skip
        else:
            tests = _always
        if not self._acts:
            tests = _both(tests, action(self._plan.state, "-print", [])[0])
        self._plan.expression = Expression(tests)
        return self._plan

    def _peek(self) -> str | None:
        return self._words[self._at] if self._at < len(self._words) else None

    def _either(self) -> Test:
        found = self._both()
        while self._peek() in {"-o", "-or", ","}:
            comma = self._words[self._at] == ","
            self._at += 1
            if self._peek() is None:
                raise UsageError("find: expected an expression after '-o'")
            found = (_comma if comma else _or)(found, self._both())
        return found

    def _both(self) -> Test:
        found = self._term()
        while self._peek() not in {None, "-o", "-or", ")", ","}:
            if self._peek() in {"-a", "-and"}:
                self._at += 1
            found = _both(found, self._term())
        return found

    def _term(self) -> Test:
        word = self._peek()
        if word is None:
            raise UsageError("find: expected an expression")
        self._at += 1
        if word in {"!", "-not"}:
            return _not(self._term())
        if word == "(":
            if self._peek() == ")":
                raise UsageError("find: invalid expression; empty parentheses are not allowed.")
            found = self._either()
            if self._peek() != ")":
                raise UsageError("find: invalid expression; I was expecting to find a ')' somewhere but did not "
                                 "see one.")  # fmt: skip
            self._at += 1
            return found
        if word in _PRINTS:
            self._acts = True
            test, used = action(self._plan.state, word, self._words[self._at :])
            self._at += used
            if word == "-delete":
                self._plan.contents_first = True
            return test
        return self._primary(word)

    def _value(self, word: str) -> str:
        value = self._peek()
        if value is None:
            raise UsageError(f"find: missing argument to `{word}'")
        self._at += 1
        return value

    def _depth(self, word: str) -> int:
        value = self._value(word)
        if not value.isdigit():
            raise UsageError(f"find: Expected a positive decimal integer argument to {word}, but got ‘{value}’")
        return int(value)

    def _primary(self, word: str) -> Test:  # noqa: C901, PLR0911, PLR0912 -- a table of tests
        plan, call = self._plan, self._call
        match word:
            case "-maxdepth":
                plan.most = self._depth(word)
                return _always
            case "-mindepth":
                plan.least = self._depth(word)
                return _always
            case "-depth" | "-d":
                plan.contents_first = True
                return _always
            case "-follow":
                plan.follows = "L"
                return _always
            case (
                "-xdev"
                | "-mount"
                | "-noleaf"
                | "-warn"
                | "-nowarn"
                | "-ignore_readdir_race"
                | "-true"
                | "-daystart"
            ):
                return _always
            case "-false":
                return _not(_always)
            case "-prune" | "-quit":
                return plan.state.prune if word == "-prune" else plan.state.quit
            case "-name" | "-iname":
                pattern = Regex(glob_regex(self._value(word)), re.IGNORECASE * (word == "-iname"))
                return _asks(lambda found: pattern.match(found.name) is not None)
            case "-path" | "-wholename" | "-ipath" | "-iwholename":
                pattern = Regex(glob_regex(self._value(word)), re.IGNORECASE * word.startswith("-i"))
                return _asks(lambda found: pattern.match(found.shown) is not None)
            case "-lname" | "-ilname":
                pattern = Regex(glob_regex(self._value(word)), re.IGNORECASE * (word == "-ilname"))
                return _asks(lambda found: found.kind == "l" and bool(
                    pattern.match(found.call.files.system.read_link(found.path))))  # fmt: skip
            case "-regex" | "-iregex":
                return self._regex(word)
            case "-regextype":
                self._value(word)
                return _always
            case "-type" | "-xtype":
                return self._type(word)
            case "-empty":
                return _asks(lambda found: found.empty)
            case "-size":
                return self._size(word)
            case "-perm":
                return self._perm(word)
            case "-user" | "-group" | "-uid" | "-gid":
                return self._owner(word)
            case "-nouser" | "-nogroup":
                return _not(_always)
            case "-newer" | "-anewer" | "-cnewer":
                return self._newer(self._value(word))
            case "-mtime" | "-atime" | "-ctime":
                return self._age(word, 86400)
            case "-mmin" | "-amin" | "-cmin":
                return self._age(word, 60)
            case "-links":
                compare = _number(word, self._value(word))
                return _asks(lambda found: compare(2 if found.kind == "d" else 1))
            case "-inum":
                compare = _number(word, self._value(word))
                return _asks(lambda found: compare(int(printed_inode(found))))
            case "-readable" | "-writable":
                return _always
            case "-executable":
                return _asks(lambda found: found.kind == "d" or bool(found.mode & 0o111))
        if word.startswith("-newer") and len(word) == 8 and word[7] == "t":
            value = self._value(word)
            at = moment(value, call.now())[1]
            if at is None:
                raise UsageError(f"find: I cannot figure out how to interpret ‘{value}’ as a date or time")
            return _asks(lambda found: found.changed > at)
        if word.startswith("-newer") and len(word) == 8:
            return self._newer(self._value(word))
        if not word.startswith("-"):
            raise UsageError(f"find: paths must precede expression: `{word}'")
        raise UsageError(f"find: unknown predicate `{word}'")

    def _regex(self, word: str) -> Test:
        try:
            text = translate(self._value(word).replace("\\|", "\\|"), extended=False).pattern
        except RegexError as error:
            raise UsageError(f"find: {error}") from None
        pattern = Regex(text, re.IGNORECASE * (word == "-iregex"))
        return _asks(lambda found: pattern.fullmatch(found.shown) is not None)

    def _type(self, word: str) -> Test:
        value = self._value(word)
        for letter in value.split(","):
            if letter not in {"b", "c", "d", "p", "f", "l", "s", "D"}:
                raise UsageError(f"find: Unknown argument to {word}: {letter[:1]}" if len(letter) == 1 else
                                 f"find: Must separate multiple arguments to {word} using: ','")  # fmt: skip
        wanted = set(value.split(","))
        return _asks(lambda found: found.kind in wanted)

    def _size(self, word: str) -> Test:
        value = self._value(word)
        found_size = re.fullmatch(r"([-+]?)(\d+)([cwbkMG]?)", value)
        if found_size is None:
            raise UsageError(f"find: invalid {word} type `{value[-1:]}'" if value[-1:].isalpha() else
                             f"find: Invalid argument `{value}' to {word}")  # fmt: skip
        sign, count, unit = found_size[1], int(found_size[2]), _UNITS[found_size[3]]
        compare = _compares(sign, count)
        return _asks(lambda found: compare((found.size + unit - 1) // unit))

    def _perm(self, word: str) -> Test:
        value = self._value(word)
        sign = value[0] if value[:1] in {"-", "/"} else ""
        try:
            mode = changed_mode(value[len(sign) :], 0, folder=False, umask=0)
        except BadMode:
            raise UsageError(f"find: invalid mode ‘{value}’") from None
        if sign == "-":
            return _asks(lambda found: found.mode & mode == mode)
        if sign == "/":
            return _asks(lambda found: not mode or bool(found.mode & mode))
        return _asks(lambda found: found.mode == mode)

    def _owner(self, word: str) -> Test:
        value = self._value(word)
        files = self._call.files
        known = files.get("/etc/passwd" if "u" in word[:3] else "/etc/group")
        if (
            not value.isdigit()
            and value != "root"
            and not re.search(rf"^{re.escape(value)}:", known, re.MULTILINE)
        ):
            what = "user" if word == "-user" else "group"
            raise UsageError(f"find: ‘{value}’ is not the name of a known {what}")
        mine = value in {"root", "0"}
        return _asks(lambda _found: mine)

    def _newer(self, value: str) -> Test:
        path = real_place(self._call, value)
        if not self._call.files.exists(path):
            raise UsageError(f"find: ‘{value}’: No such file or directory")
        at = modified(self._call, path)
        return _asks(lambda found: found.changed > at)

    def _age(self, word: str, unit: int) -> Test:
        compare = _number(word, self._value(word))
        now = self._call.now()
        if unit == 60:
            return _asks(lambda found: compare(-(-(now - found.changed) // unit)))
        return _asks(lambda found: compare((now - found.changed) // unit))


def printed_inode(found: Found) -> str:
    """Return the number of a file's inode."""
    from lab.cluster.sim.machine.file_sizes import inode  # noqa: PLC0415 -- for few

    return str(inode(found.path))


def _compares(sign: str, count: float) -> Callable[[float], bool]:
    if sign == "+":
        return lambda value: value > count
    if sign == "-":
        return lambda value: value < count
    return lambda value: value == count


def _number(word: str, value: str) -> Callable[[float], bool]:
    found = re.fullmatch(r"([-+]?)(\d+(?:\.\d+)?)", value)
    if found is None:
        raise UsageError(f"find: invalid argument `{value}' to `{word}'")
    return _compares(found[1], float(found[2]))


def _asks(question: Callable[[Found], bool]) -> Test:
    async def test(found: Found) -> bool:
        return question(found)

    return test


def _not(inner: Test) -> Test:
    async def test(found: Found) -> bool:
        return not await inner(found)

    return test


def _both(left: Test, right: Test) -> Test:
    async def test(found: Found) -> bool:
        return await left(found) and await right(found)

    return test


def _or(left: Test, right: Test) -> Test:
    async def test(found: Found) -> bool:
        return await left(found) or await right(found)

    return test


def _comma(left: Test, right: Test) -> Test:
    async def test(found: Found) -> bool:
        await left(found)
        return await right(found)

    return test
