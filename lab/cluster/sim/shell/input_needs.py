"""Whether a command line reads its terminal: only then it is given the keys, and has to be ended by Ctrl-D."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

__all__ = ["KEYWORDS", "SHELL", "TOKEN", "behind", "guarded", "opened", "reads_input"]

#: The shell's own name of the shells that read as they go.
SHELL = ".bash"

_ALWAYS = {"read", "mapfile", "readarray", "select", "tee", "tr", "xargs"}
#: Programs that read when they are given fewer words than this (flags aside).
_WITHOUT_FILES = {
    "cat": 1, "wc": 1, "sort": 1, "uniq": 1, "head": 1, "tail": 1, "tac": 1, "rev": 1, "nl": 1, "base64": 1,
    "md5sum": 1, "sha1sum": 1, "sha256sum": 1, "cut": 1, "column": 1, "xxd": 1, "less": 1, "more": 1, "paste": 1,
    "grep": 2, "egrep": 2, "fgrep": 2, "sed": 2, "awk": 2, "jq": 2, "yq": 2,
}  # fmt: skip
#: Flags of those that take a value.
_VALUED = {
    "head": {"-n", "-c"}, "tail": {"-n", "-c"}, "cut": {"-d", "-f", "-c", "-b"}, "sort": {"-k", "-t", "-o"},
    "grep": {"-m", "-A", "-B", "-C"}, "awk": {"-F", "-v"}, "nl": {"-b", "-w"}, "base64": {"-w"},
}  # fmt: skip
_SHELLS = {"bash", "sh", "/bin/bash", "/bin/sh"}
_PREFIXES = {"sudo", "time", "env", "nohup", "command", "builtin", "nice", "timeout", "strace"}
#: Words that a command follows.
KEYWORDS = {"if", "then", "else", "elif", "while", "until", "do", "!", "{", "time"}
#: Words that no command follows, up to the end of their line.
_HEADS = {"for", "select", "case", "function"}
#: Commands that are the shell itself: they leave its input alone.
_OWN = {
    ":", "[", "[[", "break", "cd", "continue", "declare", "done", "echo", "esac", "export", "false", "fi", "local",
    "printf", "read", "set", "shift", "test", "true", "typeset", "unset", "}",
}  # fmt: skip
#: What a script is made of; `end` is what ends a command, `opaque` arithmetic and lists.
TOKEN = re.compile(
    r"""(?P<space>[ \t]+|\\\n)|(?P<comment>(?<![^\s;&|()])\#[^\n]*)"""
    r"""|(?P<opaque>\(\((?:[^()]|\([^()]*\))*\)\)|\w+\+?=\((?:[^()]|\([^()]*\))*\))"""
    r"""|(?P<redirect>\d*(?:<<<|<<-?|<>|<&|>&|&>>?|>>|>\||<|>))"""
    r"""|(?P<end>\n|;;|;|&&|&|\|\||\|&|\||\(|\))|(?P<word>(?:[^\s;&|()<>'"\\$`]|\\.|'[^']*'"""
    r"""|"(?:[^"\\]|\\.)*"|\$\((?:[^()]|\([^()]*\))*\)|\$\{[^}]*\}|\$|`[^`]*`)+)""",
    re.DOTALL,
)
_ENDS_SHELL = {"exit", "logout", "exec", "return"}


@dataclass(slots=True)
class _Command:
    """A command's words, where its name stands, and whether its input comes from a pipe or a file."""

    at: int
    piped: bool
    words: list[str] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)


def reads_input(script: str, *, depth: int = 0) -> bool:
    """Whether some command of `script` reads the standard input that the script was given.

    A guess from its words. One that is too kind costs nothing; one that is too strict gives the command no input.
    """
    found = False
    for command in _commands(script):
        name, arguments = command.words[0], command.words[1:]
        if name in _ENDS_SHELL and depth == 0:
            return False
        found = found or (not command.piped and _reads(name, arguments, depth))
    return found


def guarded(script: str, *, depth: int = 0) -> str:
    """Return `script` with the input kept for those commands that read it.

    The library gives a pipe to whatever command comes next, and closes it behind. And its `read -p` is silent
    where it reads a pipe.
    """
    for command in reversed(list(_commands(script))):
        name, arguments = command.words[0], command.words[1:]
        if name == "read" and not command.piped:
            script = _prompted(script, command)
        elif name in _SHELLS and not command.piped and _reads(name, arguments, depth):
            script = f"{script[: command.at]}{SHELL}{script[command.spans[0][1] :]}"
        elif not command.piped and name not in _OWN and not _reads(name, arguments, depth):
            script = f"{script[: command.at]}</dev/null {script[command.at :]}"
    return script


def opened(script: str) -> str:
    """Return `script` with the shells that run a file as those that look into it first; they get no input."""
    for command in reversed(list(_commands(script))):
        if command.words[0] in _SHELLS and not command.piped and _runs_file(command.words[1:]):
            script = f"{script[: command.at]}{SHELL}{script[command.spans[0][1] :]}"
    return script


def _runs_file(arguments: Sequence[str]) -> bool:
    rest = list(arguments)
    while rest and rest[0][:1] in {"-", "+"}:
        word = rest.pop(0)
        if "c" in word or word == "-":
            return False
        if word[1:2] != "-" and word.endswith("o") and rest:
            rest.pop(0)
    return bool(rest)


def _prompted(script: str, command: _Command) -> str:
    """Return `script` with the prompt of a `read -p` printed ahead of it."""
    for index, word in enumerate(command.words[1:-1], 1):
        if re.fullmatch(r"-[re]*p", word):
            start, end = command.spans[index][0], command.spans[index + 1][1]
            prompt = script[slice(*command.spans[index + 1])]
            flags = word.removesuffix("p") if len(word) > 2 else ""
            read = f"{script[command.at : start]}{flags}{script[end:]}"
            return f"{script[: command.at]}printf %s {prompt} >&2 && {read}"
    return script


def _commands(script: str) -> Iterator[_Command]:  # noqa: C901, PLR0912 -- one kind of word after the other
    """Return the commands of `script`, as far as its words tell."""
    command: _Command | None = None
    piped = skip = head = False
    depth = 0
    here: list[str] = []
    at = 0
    while at < len(script):
        token = TOKEN.match(script, at)
        if token is None:
            return
        at = token.end()
        kind, text = token.lastgroup, token.group()
        if kind == "end":
            depth += (text == "(") - (text == ")")
            # Where a parenthesis closes that was not opened, a pattern of `case` ends.
            if command is not None and text != "(" and depth >= 0:
                yield command
            depth = max(depth, 0)
            command, piped, skip, head = None, text in {"|", "|&"}, False, False
            if text == "\n" and here:
                at = behind(script, at, here)
                here = []
        elif kind == "redirect":
            skip = True
            if "<" in text:
                piped = True
                if command is not None:
                    command.piped = True
        elif kind == "word" and skip:
            skip = False
            if script[: token.start()].rstrip().endswith(("<<", "<<-")):
                here.append(text.strip("'\""))
        elif kind == "word" and command is not None:
            command.words.append(_plain_word(text))
            command.spans.append(token.span())
        elif kind == "word" and text in _HEADS:
            head = True
        elif kind == "word" and not head and text not in KEYWORDS and not re.match(r"\w+\+?=", text):
            command = _Command(token.start(), piped, [_plain_word(text)], [token.span()])
    if command is not None:
        yield command


def behind(script: str, at: int, words: Sequence[str]) -> int:
    """Return where the here-documents that begin at `at` are over."""
    for word in words:
        end = re.compile(rf"^\t*{re.escape(word)}$", re.MULTILINE).search(script, at)
        at = end.end() if end else len(script)
    return at


def _plain_word(text: str) -> str:
    return re.sub(r"\\(.)|['\"]", r"\1", text)


def _reads(name: str, arguments: Sequence[str], depth: int) -> bool:
    if name in _WITHOUT_FILES:
        plain = _plain(name, arguments)
        return len([word for word in plain if word != "-"]) < _WITHOUT_FILES[name]
    if name in _SHELLS:
        return _shell_reads(arguments, depth)
    if name in _PREFIXES:
        rest = list(arguments)
        while rest and (rest[0].startswith("-") or rest[0][:1].isdigit() or "=" in rest[0]):
            rest.pop(0)
        return bool(rest) and _reads(rest[0], rest[1:], depth)
    if name in {"kubectl", "k"}:
        return _kubectl_reads(arguments)
    if name == "crictl":
        return "exec" in arguments and any(word in {"-i", "-it", "-ti", "--interactive"} for word in arguments)
    return name in _ALWAYS


def _plain(name: str, arguments: Sequence[str]) -> list[str]:
    plain: list[str] = []
    valued = _VALUED.get(name, set())
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word in valued and rest:
            rest.pop(0)
        elif not word.startswith("-") or word == "-":
            plain.append(word)
    return plain


def _shell_reads(arguments: Sequence[str], depth: int) -> bool:
    for index, word in enumerate(arguments):
        if word.startswith("-") and not word.startswith("--") and "c" in word:
            script = arguments[index + 1] if index + 1 < len(arguments) else ""
            return depth < 3 and reads_input(script, depth=depth + 1)
        if word in {"-o", "+o"}:
            continue
        if not word.startswith("-") and (index == 0 or arguments[index - 1] not in {"-o", "+o"}):
            # A script in a file may ask for anything.
            return True
    return True


def _kubectl_reads(arguments: Sequence[str]) -> bool:
    before = list(arguments[: arguments.index("--")]) if "--" in arguments else list(arguments)
    if any(word in {"-i", "-it", "-ti", "--stdin"} or word.startswith("--stdin=t") for word in before):
        return True
    files = [word for flag, word in pairwise(before) if flag in {"-f", "--filename"}]
    files += [word.partition("=")[2] for word in before if word.startswith(("--filename=", "-f="))]
    return any(word in {"-", "/dev/stdin"} for word in files) or "-f-" in before
