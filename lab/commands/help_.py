"""`kluster help`: the same as `--help`."""

from typing import Annotated

import typer
from typer.core import TyperGroup

from lab.commands import candidates
from lab.commands.invocation import invocation

__all__ = ["help_"]


def help_(
    context: typer.Context,
    *,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="COMMAND",
            help="A command; without one, all commands are listed.",
            autocompletion=candidates.commands,
        ),
    ] = None,
) -> None:
    """Show the help of a command, or the list of all commands."""
    root = context.find_root()
    if name is None:
        invocation(context).console.text(root.get_help())
        return
    if isinstance(root.command, TyperGroup):
        _, command, _ = root.command.resolve_command(root, [name])
        if command:
            command.make_context(name, ["--help"], parent=root)
