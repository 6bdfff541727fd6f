"""Whether a command line may change a cluster. Only programs that are known to read count as harmless."""

import shlex

__all__ = ["may_change"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Programs that change nothing, whatever their arguments.
_READERS = _words(
    "basename cat cd cmp cut df diff dig dirname du echo egrep env false fgrep file free getent grep head history"
    " host id jq less ls lsblk lsof man md5sum more nproc nslookup pgrep ping printenv ps pwd readlink realpath"
    " sha256sum ss stat strings tail test top tr true type uname uniq uptime wc which who whoami zcat zgrep"
)
#: Program -> its subcommands that change nothing. The subcommand is the first word that is not an option.
_SUBCOMMANDS = {
    "kubectl": _words(
        "api-resources api-versions auth cluster-info describe diff events explain get logs top version wait"
    ),
    "crictl": _words("images img info inspect inspecti inspectp logs pods ps stats statsp version"),
    "etcdctl": _words("endpoint get version"),
    "systemctl": _words(
        "cat is-active is-enabled is-failed list-dependencies list-timers list-unit-files list-units show status"
    ),
    "journalctl": frozenset(),
}
#: Options of these programs that are followed by a value.
_WITH_VALUE = _words(
    "-n --namespace --context --kubeconfig -s --server --request-timeout --as --as-group -v -r -i -t --timeout"
    " --endpoints --cacert --cert --key -w -u --unit --runtime-endpoint --image-endpoint -H --type --state"
)
#: Arguments with which a program that reads may write (they begin so).
_WRITES = ("--vacuum", "--rotate", "--flush", "--sync", "--setup-keys", "--output-directory", "--raw", "reconcile")
_NOWHERE = _words("/dev/null &1 &2 1 2")
_BEFORE_A_COMMAND = _words("sudo time watch command")


def may_change(line: str) -> bool:
    """Return whether the command line `line` may change a cluster: true unless it only reads."""
    if "`" in line or "$(" in line or "<(" in line or ">(" in line:
        return True
    try:
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError:
        return True
    command: list[str] = []
    redirected = ""
    for word in [*words, ";"]:
        if redirected:
            if ">" in redirected and word not in _NOWHERE:
                return True
            redirected = ""
        elif set(word) <= set("<>&") and set(word) & set("<>"):
            redirected = word
        elif set(word) <= set("();|&"):
            if command and not _only_reads(command):
                return True
            command = []
        else:
            command.append(word)
    return bool(redirected)


def _only_reads(command: list[str]) -> bool:
    while command and command[0] in _BEFORE_A_COMMAND:
        command = command[1:]
    if not command:
        return True
    program, *rest = command
    program = "kubectl" if program == "k" else program.rpartition("/")[2]
    if any(word.startswith(_WRITES) for word in rest):
        return False
    if program in _READERS:
        return program != "env" or not rest
    known = _SUBCOMMANDS.get(program)
    if known is None:
        return False
    first = _first_argument(rest)
    return not known or first is None or first in known


def _first_argument(words: list[str]) -> str | None:
    """Return the first of `words` that is neither an option nor the value of one."""
    value = False
    for word in words:
        if not value and not word.startswith("-"):
            return word
        value = not value and word in _WITH_VALUE
    return None
