"""`kluster verify`, `kluster report` and `kluster witness`."""

from pathlib import Path
from typing import Annotated

import typer

from lab.commands.invocation import DEFAULT_LAB, JsonOption, NameOption, ServerCertOption, invocation

__all__ = ["report", "verify", "witness"]


def verify(
    context: typer.Context,
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="An attempt, a folder of attempts, an event, or a certificate.")
    ],
    key: Annotated[
        Path | None,
        typer.Option("--key", metavar="EVENT", help="The event that signed the receipts, or its witness.pub."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether an attempt's file or a certificate is unchanged, and which server confirms that.

    hosted: the server that ran the attempt; witnessed: a server that signed it; self-reported: none.
    """
    from lab.serve import attempt_actions  # noqa: PLC0415 -- --help does without

    attempt_actions.verify(invocation(context), path, key, as_json=as_json)


def report(  # noqa: PLR0917 -- the options of a command
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="EVENT", help="An event, or a folder of attempts.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Folder for the files; default: the same folder."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            "--key", metavar="EVENT", help="The event that signed the receipts of the folder's attempts."
        ),
    ] = None,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Replace names and ids with numbers.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the report: HTML, Markdown, CSV for spreadsheets, Moodle and Canvas, and JSON lines."""
    from lab.serve import attempt_actions  # noqa: PLC0415 -- --help does without

    options = attempt_actions.ReportOptions(anonymous=anonymous, as_json=as_json)
    attempt_actions.report(invocation(context), path, output, key, options)


def witness(
    context: typer.Context,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="The server of the event, such as http://10.0.0.5:8005")
    ],
    code: Annotated[str, typer.Option("--code", help="A seat's code at that event.", prompt="Your code")],
    name: NameOption = DEFAULT_LAB,
    cert: ServerCertOption = None,
) -> None:
    """Let an event's server sign an attempt while it runs on this machine."""
    from lab.serve import attempt_actions  # noqa: PLC0415 -- --help does without

    attempt_actions.witness(invocation(context), address, code, name, cert)
