"""One run of `kluster`: its console, its lab, and the options that commands share."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab.commands import candidates
from lab.commands.steps import counted, steps
from lab.console import Console
from lab.core.names import DEFAULT_LAB, require_name
from lab.errors import ExitCode, LabError, UsageProblem
from lab.progress import step

if TYPE_CHECKING:
    from lab.lab import Lab

__all__ = [
    "DEFAULT_LAB",
    "Invocation",
    "JsonOption",
    "NameOption",
    "ServerCertOption",
    "YesOption",
    "command",
    "invocation",
    "with_lab",
]

#: A command about a lab, as texts name it, without the lab's name.
_COMMAND = re.compile(
    r"\bkluster (?:play|create|break|status|pause|resume|check|submit|hint|diagnose|debrief|solve|reset|delete"
    r"|shell|exec)\b"
    r"(?![^;,.:`]* --name\b)"
)


@dataclass
class Invocation:
    """One run of `kluster`."""

    console: Console = field(default_factory=Console)
    verbose: bool = False
    #: The lab of the command; empty for commands without a lab.
    lab: str = ""

    def open(self, name: str) -> "Lab":
        """Return the lab called `name`. An exam whose time is over is submitted first.

        Raises:
            LabError: it does not exist, it can't be read, or the exam can't be submitted.

        """
        from lab.lab import Lab  # noqa: PLC0415 -- --help does without all that a lab needs

        lab = Lab.open(name)
        self.finish(lab)
        return lab

    def finish(self, lab: "Lab") -> None:
        """Submit the exam of `lab` if its time is over.

        Raises:
            LabError: it can't be submitted; a note lists the attempts.

        """
        if not lab.due:
            return
        progress = steps(self.console)
        try:
            with step(progress, "The time of the exam is over: submit it"):
                score = lab.submit(counted(lab, progress))
        except LabError as problem:
            if not lab.due:  # another command has submitted it meanwhile
                return
            problem.add_note("The time of the exam is over: it must be submitted before anything else.")
            raise
        self.console.say(
            f"The exam ended with {score.attempt:g} of {score.maximum:g} points. "
            f"All about it: {command('debrief', lab.store.name)}"
        )

    def require_yes(self, question: str, *, yes: bool) -> None:
        """Continue only if `yes`, or if a person at the terminal agrees.

        Raises:
            LabError: nobody can be asked, or the answer is no.

        """
        if yes:
            return
        if not self.console.interactive:
            raise UsageProblem(
                "This command asks you to confirm, and there is no terminal.",
                question,
                "Add the answer to the command: --yes",
            )
        if not self.console.confirm(question):
            raise LabError("You said no, so nothing was changed.", code=ExitCode.REFUSED)


def invocation(context: typer.Context) -> Invocation:
    """Return the run of `context`."""
    found = context.find_root().obj
    if not isinstance(found, Invocation):
        raise TypeError("a command was called without its invocation")
    return found


def command(what: str, lab: str) -> str:
    """Return the command line of a command about `lab`."""
    return with_lab(f"kluster {what}", lab)


def with_lab(text: str, lab: str) -> str:
    """Return `text` with `lab` in its commands, so that a copied command can't hit another lab."""
    return _COMMAND.sub(rf"\g<0> --name {lab}", text) if lab not in {"", DEFAULT_LAB} else text


def _note_lab(context: typer.Context, name: str) -> str:
    """Check the name before it becomes a path, and remember it for the message after an interrupt."""
    require_name(name)
    invocation(context).lab = name
    return name


NameOption = Annotated[
    str,
    typer.Option(
        "--name",
        metavar="LAB",
        help="The lab's name.",
        callback=_note_lab,
        show_default=True,
        autocompletion=candidates.labs,
    ),
]
ServerCertOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The server's certificate, if no public CA has signed it.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; needed without a terminal.")]
