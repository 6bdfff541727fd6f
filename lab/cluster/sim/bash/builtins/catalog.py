"""The shell's own commands by name. A command's module is loaded at the first call."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.usage import BuiltinError, HelpAsked, Usage, synopses
from lab.cluster.sim.bash.expansion.errors import ExpansionError

if TYPE_CHECKING:
    from lab.cluster.sim.bash.running.shell import Argument, Builtin, Shell

__all__ = ["BUILTINS", "SPECIAL", "LazyBuiltin"]


@dataclass(frozen=True, slots=True)
class LazyBuiltin:
    """One builtin: its module and its function."""

    name: str
    module: str
    function: str

    def load(self) -> "Builtin":
        """Return the builtin itself."""
        return _loaded(self.module, self.function)

    async def __call__(self, shell: "Shell", arguments: "list[Argument]") -> int:
        """Run the builtin; report refused arguments as bash does."""
        try:
            return await self.load()(shell, arguments)
        except HelpAsked:
            synopsis, description = synopses()[self.name]
            await shell.out(f"{self.name}: {synopsis}\n    {description}\n    \n")
            return 2
        except BuiltinError as error:
            if error.message:
                await shell.complain(f"{self.name}: {error.message}")
            if isinstance(error, Usage):
                await shell.err(f"{self.name}: usage: {synopses()[self.name][0]}\n")
            return error.code
        except ExpansionError as error:
            return await shell.complain(error.message, error.status)
        except BrokenPipeError:
            raise
        except OSError as error:
            if error.errno != _BAD_DESCRIPTOR:
                raise
            await shell.complain(f"{self.name}: write error: Bad file descriptor")
            return 1


@cache
def _loaded(module: str, function: str) -> "Builtin":
    found: Builtin = getattr(import_module(f"{__package__}.{module}"), function)
    return found


_BAD_DESCRIPTOR = 9
_MODULES = {
    "output": {"echo": "echo", "printf": "printf"},
    "conditions": {"test": "test", "[": "bracket"},
    "folders": {"cd": "cd", "pwd": "pwd", "pushd": "pushd", "popd": "popd", "dirs": "dirs"},
    "reading": {"read": "read"},
    "line_arrays": {"mapfile": "mapfile", "readarray": "mapfile"},
    "declaring": {"declare": "declare", "typeset": "typeset", "local": "local", "export": "export",
                  "readonly": "readonly"},
    "unsetting": {"unset": "unset", "shift": "shift"},
    "setting": {"set": "set_options", "shopt": "shopt"},
    "aliases": {"alias": "alias", "unalias": "unalias"},
    "finding": {"type": "type_of", "command": "command", "hash": "hash_programs", "builtin": "builtin",
                "enable": "enable"},
    "leaving": {"exit": "exit_shell", "logout": "logout", "return": "return_code", "break": "break_loop",
                "continue": "continue_loop"},
    "scripts": {"eval": "evaluate", "source": "source", ".": "source", "exec": "execute"},
    "trapping": {"trap": "trap"},
    "job_control": {"jobs": "jobs", "fg": "foreground", "bg": "background", "wait": "wait", "disown": "disown",
                    "suspend": "suspend"},
    "killing": {"kill": "kill"},
    "remembering": {"history": "history", "fc": "fix_command"},
    "option_words": {"getopts": "getopts"},
    "limits": {"ulimit": "ulimit", "umask": "umask", "times": "times"},
    "simple": {":": "nothing", "true": "nothing", "false": "failure", "let": "let", "caller": "caller",
               "help": "help_texts"},
    "completing": {"compgen": "compgen", "complete": "complete", "compopt": "compopt", "bind": "bind"},
}  # fmt: skip
BUILTINS: dict[str, LazyBuiltin] = {
    name: LazyBuiltin(name, module, function)
    for module, functions in _MODULES.items()
    for name, function in functions.items()
}
#: POSIX's special builtins. In posix mode, an assignment before one of them outlasts the command.
SPECIAL = frozenset(
    {".", ":", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift",
    "source",
     "times", "trap", "unset"}
)  # fmt: skip
