"""Variables that bash computes."""

from lab.cluster.sim.bash.expansion.variables import Dynamic, Variable
from lab.cluster.sim.bash.running.shell import Shell

__all__ = ["equip", "first_variables"]

_VERSION = ("5", "2", "15", "1", "release", "x86_64-pc-linux-gnu")


class _Random:
    """$RANDOM: bash's own generator, seeded by the world unless the script assigns a seed."""

    def __init__(self, seed: int) -> None:
        self._state = seed
        self._last = 0

    def seed(self, text: str) -> None:
        """Restart with this seed."""
        self._state = (int(text) if text.lstrip("-").isdigit() else 0) & 0xFFFFFFFF
        self._last = 0

    def next(self) -> str:
        """Return the next number, which always differs from the previous one."""
        while True:
            found = self._step()
            if found != self._last:
                self._last = found
                return str(found)

    def _step(self) -> int:
        # Park and Miller's minimal standard generator, as bash 5.1 and later have it.
        state = self._state or 123459876
        high, low = divmod(state, 127773)
        state = 16807 * low - 2836 * high
        self._state = state & 0xFFFFFFFF if state >= 0 else (state + 0x7FFFFFFF) & 0xFFFFFFFF
        return ((self._state >> 16) ^ (self._state & 0xFFFF)) & 32767


def equip(shell: Shell) -> None:
    """Give a shell its computed variables."""
    place = shell.place
    random = _Random(place.chance.getrandbits(32))
    began = [place.now()]

    def reset_seconds(text: str) -> None:
        began[0] = place.now() - (int(text) if text.lstrip("-").isdigit() else 0)

    def frames(pick: str) -> str:
        return str(getattr(shell.frames[-1], pick)) if shell.frames else ""

    shell.variables.dynamic.update(
        {
            "RANDOM": Dynamic(random.next, random.seed),
            "SRANDOM": Dynamic(lambda: str(place.chance.getrandbits(32))),
            "SECONDS": Dynamic(lambda: str(int(place.now() - began[0])), reset_seconds),
            "LINENO": Dynamic(lambda: str(shell.line)),
            "BASHPID": Dynamic(lambda: str(shell.process.pid)),
            "EPOCHSECONDS": Dynamic(lambda: str(int(place.now()))),
            "EPOCHREALTIME": Dynamic(lambda: f"{place.now():.6f}"),
            "BASH_SUBSHELL": Dynamic(lambda: str(shell.subshells)),
            "PPID": Dynamic(lambda: str(shell.parent_pid)),
            "SHELLOPTS": Dynamic(lambda: ":".join(sorted(shell.options.on))),
            "BASHOPTS": Dynamic(lambda: ":".join(sorted(k for k, on in shell.options.shopts.items() if on))),
            "HISTCMD": Dynamic(lambda: str(shell.history_first + len(shell.history))),
        }
    )


def first_variables(shell: Shell) -> None:
    """Set bash's own variables at its start, after those of the environment."""
    variables, process = shell.variables, shell.process
    user = str(shell.place.user_id)
    for name, value, readonly in (
        ("BASH", "/bin/bash", False), ("BASH_VERSION", "5.2.15(1)-release", False), ("EUID", user, True),
        ("HOSTNAME", shell.place.host, False), ("HOSTTYPE", "x86_64", False), ("IFS", " \t\n", False),
        ("MACHTYPE", "x86_64-pc-linux-gnu", False), ("OPTERR", "1", False), ("OPTIND", "1", False),
        ("OSTYPE", "linux-gnu", False), ("PS4", "+ ", False), ("UID", user, True),
    ):  # fmt: skip
        if name not in process.environment or name in {"IFS", "EUID", "UID"}:
            integer = name in {"UID", "EUID"}
            variables.scopes[0][name] = Variable(value, readonly=readonly, integer=integer)
    variables.set_array("BASH_VERSINFO", _VERSION)
    variables.made("BASH_VERSINFO").readonly = True
    variables.set_array("GROUPS", ["0"])
    variables.set("PWD", shell.folder)
    variables.made("PWD").exported = True
    level = variables.text("SHLVL")
    variables.set("SHLVL", str(int(level) + 1 if level.isdigit() else 1))
    variables.made("SHLVL").exported = True
    variables.declare_local("OLDPWD").exported = True
    variables.set("_", "/usr/bin/bash")
    if not variables.get("PATH"):
        variables.set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
