"""Translate the error messages of the library's programs to those of the node's programs."""

import posixpath
import re
from collections.abc import Sequence

from lab.cluster.sim.bash.language.octets import decode, encode

__all__ = ["as_theirs", "in_their_words"]

_TRY = "Try '{0} --help' for more information."
_TAR = "Try 'tar --help' or 'tar --usage' for more information."
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^awk: fatal: loop iteration limit \(\d+\) exceeded", re.MULTILINE),
     "mawk: program limit exceeded: maximum number of loop iterations"),
    (re.compile(r"^awk: cmd\. line:\d+: ", re.MULTILINE), "awk: "),
    (re.compile(r"^awk: (?:fatal: )?can(?:no|')t open (?:source )?file `([^']+)'.*", re.MULTILINE),
     "awk: cannot open \\1 (No such file or directory)"),
    (re.compile(r"^tar: You must specify one of -c, -x, or -t$", re.MULTILINE),
     f"tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\n{_TAR}"),
    (re.compile(r": io error: "), ": "),
    (re.compile(r": execution error: \w+: "), ": "),
    (re.compile(r": file not found$", re.MULTILINE), ": No such file or directory"),
    (re.compile(r"command not found\. [^\n]*"), "command not found"),
)  # fmt: skip
_MISSING = re.compile(r": ([^:\n]+): No such file or directory$", re.MULTILINE)
#: Program -> its message for a missing file, if it differs from most programs' message.
_NO_FILE: dict[str, str] = {
    "tac": ": failed to open '{0}' for reading: No such file or directory",
    "rev": ": cannot open {0}: No such file or directory",
    "fmt": ": cannot open '{0}' for reading: No such file or directory",
    "split": ": cannot open '{0}' for reading: No such file or directory",
    "iconv": ": cannot open input file `{0}': No such file or directory",
}
#: Programs whose messages quote with ‘’ instead of ''.
_CURLY = {"numfmt", "factor", "fold", "expand", "unexpand", "nl", "od", "split", "shuf", "tsort", "paste"}


def as_theirs(name: str, out: bytes, err: bytes) -> tuple[bytes, bytes]:
    """Return a program's stdout and stderr, with each part moved to the stream that the node's program uses."""
    if name == "cmp":
        return out.replace(b" differ: char ", b" differ: byte "), err
    if name == "tar":
        lines = err.splitlines(keepends=True)
        listed = b"".join(line for line in lines if not line.startswith(b"tar: "))
        told = b"".join(line for line in lines if line.startswith(b"tar: "))
        if b": Cannot open: " in told:
            told += b"tar: Error is not recoverable: exiting now\n"
        return out + listed, told
    return out, err


def in_their_words(name: str, err: bytes, argv: Sequence[str], folder: str) -> bytes:
    """Return a program's stderr in the words of the node's program."""
    if not err:
        return err
    text = decode(err)
    for pattern, words in _RULES:
        text = pattern.sub(words, text)
    # The library names files by their full paths.
    for word in argv:
        if word and not word.startswith(("/", "-")):
            whole = posixpath.normpath(posixpath.join(folder, word))
            text = re.sub(rf"(?<![\w./-]){re.escape(whole)}(?![\w/-])", word.replace("\\", r"\\"), text)
    if name in _NO_FILE:
        text = _MISSING.sub(lambda found: _NO_FILE[name].format(found[1]), text)
    unknown = re.fullmatch(rf"{name}: (?:unknown|invalid|unrecognized) option:?(?: --)? ?'?([^'\n]*)'?\n", text)
    if unknown is not None:
        word = unknown[1]
        told = (
            f"unrecognized option '{word}'"
            if word.startswith("--")
            else f"invalid option -- '{word.lstrip('-')[:1]}'"
        )
        return encode(f"{name}: {told}\n{_TRY.format(name)}\n")
    if re.search(r": (?:missing operand|extra operand)[^\n]*\n\Z", text):
        text += f"{_TRY.format(name)}\n"
    if name in _CURLY:
        text = re.sub(r": '([^'\n]*)'$", ": ‘\\1’", text, flags=re.MULTILINE)
    return encode(text)
