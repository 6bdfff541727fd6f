"""Syntax errors, with the texts that bash writes for them."""

from dataclasses import dataclass

__all__ = ["Complaint", "ShellSyntaxError"]


@dataclass(frozen=True, slots=True)
class Complaint:
    """One line of a syntax error: the script's line and the text after the prefix."""

    line: int
    text: str


class ShellSyntaxError(Exception):
    """A script that bash's grammar does not accept.

    `incomplete` says that only more input is missing: a terminal answers with its second prompt.
    `status` is the exit code; None: `$?` stays what it was, as bash has it for errors within `[[ ]]`.
    `effect` is what a shell that is not interactive gives up: `end` the text that is read (a script, an eval),
    `line` the line alone (status 1, in an array's parentheses), `exit` the whole shell (in `$(...)`; the exit code
    of a `-c` is 127 then). A `silent` one is told at a terminal alone.
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
        """Return the error as bash writes it.

        `shell` is the shell's or script's name (`bash`, `./run.sh`). `source` is `-c`, `eval`,
        `command substitution` or "" (a script, a terminal). A terminal's messages have no line number
        and leave out the line quoted after the error.
        """
        where = f"{shell}: {source}: " if source else f"{shell}: "
        if self.silent and not interactive:
            return []
        if interactive and not source:
            return [where + complaint.text for complaint in self.complaints if not complaint.text.startswith("`")]
        return [f"{where}line {complaint.line}: {complaint.text}" for complaint in self.complaints]
