"""The protocols of the shell around expansion."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from lab.cluster.sim.bash.language.tree import CommandSubstitution, ProcessSubstitution

__all__ = ["ExpansionOptions", "Files", "Host"]


class Files(Protocol):
    """The files that patterns match and `[[ ]]` tests. Relative paths begin at the shell's folder."""

    def entries(self, folder: str) -> Iterable[str]:
        """Return the names in `folder` without `.` and `..`; none when the folder can't be read."""

    def is_folder(self, path: str) -> bool:
        """Return whether `path`, with links followed, is a folder."""

    def exists(self, path: str) -> bool:
        """Return whether there is anything at `path`, even a dangling link."""

    def test(self, operator: str, path: str) -> bool:
        """Answer `[[ -f path ]]` and its kind: -a -b -c -d -e -f -g -h -k -p -r -s -t -u -w -x -G -L -N -O -S."""

    def compare(self, operator: str, left: str, right: str) -> bool:
        """Evaluate `-nt`, `-ot` and `-ef`."""


class ExpansionOptions(Protocol):
    """The options of `set` and `shopt` that expansion reads."""

    def option(self, name: str) -> bool:
        """Return whether a `set -o` option is on: `nounset`, `noglob`, `braceexpand`, `posix`."""

    def shopt(self, name: str) -> bool:
        """Return whether a `shopt` option is on.

        Expansion reads `extglob`, `nullglob`, `failglob`, `dotglob`, `nocaseglob`, `nocasematch`, `globstar`,
        `patsub_replacement`.
        """


class Host(ExpansionOptions, Protocol):
    """The shell as expansion sees it."""

    @property
    def files(self) -> Files:
        """The files as this shell sees them."""

    @property
    def positional(self) -> Sequence[str]:
        """`$1` and on, without `$0`."""

    def special(self, name: str) -> str | None:
        """Return `$?`, `$$`, `$!`, `$-` or `$0`; None when it is unset (`$!` before any job)."""

    def home_of(self, user: str) -> str | None:
        """Return the home folder of `user` for `~user`, or None."""

    def directory_stack(self) -> Sequence[str]:
        """Return the folders that `dirs` lists, for `~+`, `~-`, `~2`; the first is the current folder."""

    async def command_substitution(self, part: CommandSubstitution) -> str:
        """Run the commands and return their output; expansion strips the last newlines.

        The shell remembers the exit code for `$?` in case a command has no name (`x=$(false)`).
        """

    async def process_substitution(self, part: ProcessSubstitution) -> str:
        """Start the commands and return the path that stands for the pipe: `/dev/fd/63`."""

    async def trace(self, text: str) -> None:
        """Print a command as `set -x` does, behind `$PS4`."""

    def warn(self, message: str) -> None:
        """Write `bash: line 3: MESSAGE` to stderr, with the prefix of the shell's current state."""
