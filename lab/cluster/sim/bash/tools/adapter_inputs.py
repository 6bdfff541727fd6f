"""Which library programs read stdin, and which of their words name descriptors and devices."""

import re
from collections.abc import Sequence

__all__ = ["reads_stdin", "touches_files", "words_for_library", "words_of"]

_SPECIAL = re.compile(r"/dev/fd/\d+|/dev/std(?:in)\b|/proc/self/fd/\d+|/dev/u?random\b|/dev/zero\b")
#: Program -> (letters and names of options with a value, the number of words before the files).
_READERS: dict[str, tuple[str, int]] = {
    "awk": ("Fvf", 1), "mawk": ("Fvf", 1), "nawk": ("Fvf", 1), "jq": ("fL", 1),
    "tac": ("s", 0), "rev": ("", 0), "nl": ("bdfhilnpsvw", 0), "base64": ("w", 0), "base32": ("w", 0),
    "basenc": ("w", 0), "md5sum": ("", 0), "b2sum": ("l", 0), "cksum": ("al", 0), "sum": ("", 0),
    "column": ("sotcNRHTEJ", 0), "paste": ("d", 0), "od": ("AjNStw", 0), "fold": ("w", 0), "fmt": ("wpg", 0),
    "expand": ("t", 0), "unexpand": ("t", 0), "pr": ("DehiNnoSsw", 0), "split": ("abCln", 0), "tsort": ("", 0),
    "gzip": ("S", 0), "gunzip": ("S", 0), "zcat": ("", 0), "iconv": ("fto", 0), "numfmt": ("d", 0),
    "factor": ("", 0), "shasum": ("a", 0), "cut": ("bcdf", 0), "uniq": ("fsw", 0), "sort": ("kotST", 0),
    "ptx": ("", 0), "csplit": ("", 0), "hexdump": ("ensf", 0),
    **dict.fromkeys(("sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum"), ("", 0)),
}  # fmt: skip
_JQ_VALUES = {"--arg": 2, "--argjson": 2, "--slurpfile": 2, "--rawfile": 2, "--from-file": 1, "--indent": 1}
#: Programs with several files that read stdin for the word `-`.
_DASH = {"diff", "comm", "join", "cmp", "tar", "diff3", "sdiff"}


def words_for_library(word: str) -> list[str]:
    """Return the paths of descriptors and devices in a word."""
    return _SPECIAL.findall(word)


#: Parts of an awk or jq script that may read or write a file, or run a program that does.
_TOUCHES = {
    "awk": re.compile(r"[>|]|getline|system"),
    "jq": re.compile(r"import|include"),
}


def touches_files(name: str, argv: Sequence[str]) -> bool:
    """Return whether a program with these words may read or write a file."""
    if name not in _READERS:
        return True
    letters, before = _READERS[name]
    operands = _operands(name, argv, letters)
    scripts = operands[:before]
    if len(operands) > before or len(operands) < before or any(word.startswith("--") for word in argv):
        return True
    if any(word.startswith(("-f", "-L", "-o", "-T")) for word in argv):
        return True
    touches = _TOUCHES.get(name)
    return touches is not None and any(touches.search(script) for script in scripts)


def reads_stdin(name: str, argv: Sequence[str]) -> bool:
    """Return whether a program with these words reads its stdin."""
    if name in _DASH:
        return "-" in argv or (name == "tar" and _tar_reads(argv))
    if name == "dd":
        return not any(word.startswith("if=") for word in argv)
    if name not in _READERS or (name == "jq" and _jq_reads_nothing(argv)):
        return False
    letters, before = _READERS[name]
    operands = _operands(name, argv, letters)
    if name in {"awk", "mawk", "nawk"}:
        operands = [word for word in operands if not re.match(r"[A-Za-z_]\w*=", word)]
        if _only_begins(argv, operands):
            return False
    if _has_file(argv, letters):
        before = 0
    if name == "jq" and "--from-file" in argv:
        before = 0
    files = operands[before:]
    return not files or "-" in files


def _only_begins(argv: Sequence[str], operands: Sequence[str]) -> bool:
    """Return whether an awk program has only BEGIN blocks, so that it reads nothing."""
    if any(word.startswith("-f") for word in argv) or not operands:
        return False
    return re.fullmatch(r"\s*BEGIN\s*\{[^}]*\}\s*", operands[0]) is not None and "getline" not in operands[0]


def _has_file(argv: Sequence[str], valued: str) -> bool:
    """Return whether the program is in a file (`-f`)."""
    for word in argv:
        if word == "--":
            return False
        if word.startswith("--"):
            if word.startswith("--file"):
                return True
            continue
        if not word.startswith("-"):
            continue
        for each in word[1:]:
            if each == "f":
                return True
            if each in valued:
                break
    return False


def _operands(name: str, argv: Sequence[str], valued: str) -> list[str]:
    found: list[str] = []
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        if word == "--":
            found.extend(rest)
            break
        if name == "jq" and word in _JQ_VALUES:
            del rest[: _JQ_VALUES[word]]
        elif name == "jq" and word in {"--args", "--jsonargs"}:
            return found[:1]
        elif word.startswith("--") or word == "-" or not word.startswith("-"):
            if not word.startswith("--"):
                found.append(word)
        else:
            at = next((at for at, letter in enumerate(word[1:], 1) if letter in valued), None)
            if at is not None and at == len(word) - 1 and rest:
                rest.pop(0)
    return found


def _jq_reads_nothing(argv: Sequence[str]) -> bool:
    return any(
        word == "--null-input" or (re.fullmatch(r"-[a-zA-Z]*n[a-zA-Z]*", word) is not None) for word in argv
    )


def words_of(name: str, argv: Sequence[str]) -> list[str]:
    """Return a program's words as the library takes them. Its tar has no -m (do not restore a file's time).

    kubectl cp says `tar -xmf -`. Options of tar that say what it does here anyway are left out.
    """
    words = [word for word in argv if name != "tar" or not re.fullmatch(r"-[hop]+", word)]
    if name == "tar" and words and not words[0].startswith("--"):
        words[0] = words[0].replace("m", "")
    return words


def _tar_reads(argv: Sequence[str]) -> bool:
    first = argv[0].lstrip("-") if argv else ""
    return ("x" in first or "t" in first) and "f" not in first
