"""`kluster completion`: the script that makes a shell's Tab key complete the command line of kluster."""

from enum import StrEnum
from typing import Annotated

import typer

from lab.commands.invocation import invocation

__all__ = ["VARIABLE", "completion"]

#: The environment variable by which the script asks kluster for candidates.
VARIABLE = "_KLUSTER_COMPLETE"


class Shell(StrEnum):
    """The shells that there is a script for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(
    context: typer.Context,
    *,
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.", show_default=False)],
) -> None:
    """Print a script that makes the Tab key complete commands, options and names of labs, symptoms and nodes.

    Put the line for your shell (see the examples) into its start-up file.
    """
    from typer.completion import (  # type: ignore[attr-defined]  # noqa: PLC0415 -- not re-exported; not for --help
        get_completion_script,
    )

    script = get_completion_script(prog_name="kluster", complete_var=VARIABLE, shell=shell.value)
    invocation(context).console.text(script)
