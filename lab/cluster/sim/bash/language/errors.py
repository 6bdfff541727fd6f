"""Syntax errors, with bash's texts."""

from dataclasses import dataclass

__all__ = ["Complaint", "ShellSyntaxError"]


@dataclass(frozen=True, slots=True)
class Complaint:
    """One line of a syntax error: the script's line and the text after the prefix."""

    line: int
    text: str


class ShellSyntaxError(Exception):
    """A script that bash's grammar does not accept.

    `incomplete` says that more input may complete the command: a terminal shows its second prompt. `status` is the
    exit code. None leaves `$?` unchanged, as bash does for errors within `[[ ]]`. `effect` is what a
    non-interactive shell gives up: `end` the text being read (a script, an eval), `line` only the line (status 1,
    within an array's parentheses), `exit` the whole shell (within `$(...)`; the exit code of `-c` is then 127). A
    `silent` error is printed only at a terminal.
    """

    def __init__(
        self,
        complaints: tuple[Complaint, ...],
        *,
        incomplete: bool = False,
        status: int | None = 2,
        silent: bool = False,
    ) -> None:
        super().__init__("; ".join(complaint.text for complaint in complaints))
        self.complaints = complaints
        self.incomplete = incomplete
        self.status = status
        self.silent = silent
        self.effect = "line" if status == 1 else "end"

    def lines(self, shell: str, source: str = "", *, interactive: bool = False) -> list[str]:
        """Return the error's lines as bash writes them.

        `shell` is the shell's or script's name (`bash`, `./run.sh`). `source` is `-c`, `eval`, `command
        substitution` or "" (a script, a terminal). A terminal's messages have no line number, and do not quote the
        line behind the error.
        """
        where = f"{shell}: {source}: " if source else f"{shell}: "
        if self.silent and not interactive:
            return []
        if interactive and not source:
            return [where + complaint.text for complaint in self.complaints if not complaint.text.startswith("`")]
        return [f"{where}line {complaint.line}: {complaint.text}" for complaint in self.complaints]
