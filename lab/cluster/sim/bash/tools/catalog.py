"""A node's text programs by name. A program's module is loaded at the first call."""

from dataclasses import dataclass

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.deferred import Deferred
from lab.cluster.sim.bash.running.place import Command

__all__ = ["TOOLS"]

_MODULES = {
    "awk": {"awk": "awk", "mawk": "awk", "nawk": "awk"},
    "dd": {"dd": "dd"},
    "cat": {"cat": "cat", "tee": "tee"},
    "cut": {"cut": "cut"},
    "wc": {"wc": "wc"},
    "diff": {"diff": "diff"},
    "gzip": {"gzip": "gzip", "gunzip": "gzip", "zcat": "gzip"},
    "copying": {"cp": "cp", "mv": "mv"},
    "digests": dict.fromkeys(
        ("md5sum", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "b2sum"), "digest"
    ),
    "encoding": {"base64": "encoded", "base32": "encoded"},
    "expr": {"expr": "expr"},
    "find": {"find": "find"},
    "grep": {"grep": "grep", "egrep": "grep", "fgrep": "grep"},
    "head": {"head": "head"},
    "kill": {"kill": "kill"},
    "links": {"ln": "ln", "link": "link", "readlink": "readlink", "realpath": "realpath"},
    "flock": {"flock": "flock"},
    "making": {"mkdir": "mkdir", "touch": "touch", "truncate": "truncate", "mktemp": "mktemp"},
    "modes": {"chmod": "chmod", "chown": "chown", "chgrp": "chgrp"},
    "sort": {"sort": "sort"},
    "pace": {"sleep": "sleep", "seq": "seq", "yes": "yes"},
    "plain": {"true": "true", "false": "false", "echo": "echo", "printf": "printf", "test": "test", "[": "bracket",
              "pwd": "pwd", "printenv": "printenv", "tty": "tty", "logname": "logname", "basename": "basename",
              "dirname": "dirname"},
    "removing": {"rm": "rm", "rmdir": "rmdir", "unlink": "unlink"},
    "uniq": {"uniq": "uniq"},
    "runners": {"env": "env", "nohup": "nohup", "nice": "nice", "stdbuf": "stdbuf", "setsid": "setsid",
                "ionice": "ionice"},
    "sed": {"sed": "sed"},
    "shuf": {"shuf": "shuf"},
    "tail": {"tail": "tail"},
    "timeout": {"timeout": "timeout"},
    "tr": {"tr": "tr"},
    "xargs": {"xargs": "xargs"},
}  # fmt: skip
#: The node's other programs, which the library provides.
_ADAPTED = [
    "arch",
    "basenc",
    "cksum",
    "clear",
    "cmp",
    "comm",
    "expand",
    "factor",
    "fmt",
    "fold",
    "getconf",
    "groups",
    "hostid",
    "iconv",
    "install",
    "join",
    "jq",
    "locale",
    "mkfifo",
    "nl",
    "nproc",
    "numfmt",
    "od",
    "paste",
    "pr",
    "rev",
    "shasum",
    "split",
    "sum",
    "sync",
    "tac",
    "tar",
    "tsort",
    "unexpand",
]


@dataclass(frozen=True, slots=True)
class _Adapted:
    """A program of the library."""

    name: str

    async def __call__(self, call: Call) -> int:
        """Run the program."""
        from lab.cluster.sim.bash.tools.adapter import adapted  # noqa: PLC0415 -- with the library, when it is used

        return await adapted(self.name)(call)


TOOLS: dict[str, Command] = {name: _Adapted(name) for name in _ADAPTED} | {
    name: Deferred(f"{__package__}.{module}", function)
    for module, functions in _MODULES.items()
    for name, function in functions.items()
}
