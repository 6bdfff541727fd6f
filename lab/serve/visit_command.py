"""`kluster join` and `kluster board`."""

from typing import Annotated

import typer

from lab.commands.invocation import ServerCertOption, invocation
from lab.errors import UsageProblem

__all__ = ["board", "join"]

FingerprintOption = Annotated[
    str, typer.Option(metavar="SHA256", help="The fingerprint of the server's certificate, shown on the board.")
]


def join(
    context: typer.Context,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="The server of the event, such as http://10.0.0.5:8005")
    ],
    code: Annotated[str, typer.Option("--code", help="Your code at that event.")] = "",
    cert: ServerCertOption = None,
    fingerprint: FingerprintOption = "",
) -> None:
    """Play at a seat of an event in this terminal, without a browser.

    Several people can play on one machine. Ctrl+] leaves. The seat stays, and the same code leads back to it.
    """
    from lab.serve.visit.address import found, trusted  # noqa: PLC0415 -- --help does without
    from lab.serve.visit.look import play  # noqa: PLC0415

    door, behind = found(address, cert)
    typed = code or behind or typer.prompt("Your code")
    with trusted(door, fingerprint) as known:
        joined = known.join(typed)
        invocation(context).console.say("Ctrl+] leaves.")
        play(joined)


def board(
    context: typer.Context,
    event: Annotated[str, typer.Argument(metavar="EVENT", help="The folder of an event, or its address.")],
    code: Annotated[
        str, typer.Option("--code", help="The instructor's code; needed if EVENT is an address.")
    ] = "",
    cert: ServerCertOption = None,
    fingerprint: FingerprintOption = "",
) -> None:
    """Show the instructor's board of an event in this terminal: the same as in a browser."""
    from lab.serve.visit.address import found, trusted  # noqa: PLC0415 -- --help does without
    from lab.serve.visit.board import BoardApp  # noqa: PLC0415

    run = invocation(context)
    door, behind = found(event, cert)
    with trusted(door, fingerprint) as known:
        if not run.console.stdout.isatty():
            raise UsageProblem("This is not a terminal.", remedy=f"Open the board in a browser: {door.url}/board")
        joined = known if known.secret else known.join(code or behind or typer.prompt("The instructor's code"))
        BoardApp(joined).run()
