"""`kluster serve` and `kluster event`: checks that need no server run here, before the server is loaded."""

import importlib.util
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab.commands.invocation import Invocation, JsonOption, invocation
from lab.commands.numbers import whole
from lab.errors import LabError, UsageProblem

if TYPE_CHECKING:
    from lab.serve.event.folder import EventFolder
    from lab.serve.server.hall import Hall
    from lab.serve.server.run import Listening

__all__ = ["event", "serve"]

#: The packages of the extra `serve`, which the server needs beside the lab.
_NEEDS = ("starlette", "uvicorn", "websockets", "segno", "cryptography", "prometheus_client")

FolderArgument = Annotated[Path, typer.Argument(metavar="EVENT", help="The event's folder, with its event.yaml.")]
PortOption = Annotated[
    int, typer.Option(parser=whole(0, 65535), metavar="N", help="The port to listen on; 0 for any free port.")
]
LanOption = Annotated[bool, typer.Option("--lan", help="Let other machines of this network connect.")]
CertOption = Annotated[Path | None, typer.Option(metavar="FILE", help="A certificate, for TLS.")]
KeyOption = Annotated[Path | None, typer.Option(metavar="FILE", help="The certificate's key.")]
TlsOption = Annotated[
    bool, typer.Option("--tls", help="Create a certificate, and show its fingerprint on the board.")
]
WorkersOption = Annotated[
    int,
    typer.Option(
        parser=whole(0, 64), metavar="N", help="Number of worker processes for the seats; 0: one per processor."
    ),
]
PublicOption = Annotated[
    str,
    typer.Option(
        metavar="URL", help="The address of a proxy before the server, such as https://class.example.com."
    ),
]
MetricsTokenOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A file with the bearer token by which Prometheus reads /metrics."),
]
# For deploy/chart: nobody types these.
ApartOption = Annotated[list[str] | None, typer.Option(metavar="HOST:PORT", hidden=True)]
KeysOption = Annotated[Path | None, typer.Option(metavar="DIR", hidden=True)]


class Action(StrEnum):
    """What to do with an event."""

    NEW = "new"
    CHECK = "check"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    REVEAL = "reveal"
    CODES = "codes"
    REPORT = "report"
    VERIFY = "verify"
    REGRADE = "regrade"
    CERTIFY = "certify"
    FORGET = "forget"


def serve(  # noqa: PLR0917 -- the options of a command
    context: typer.Context,
    folder: FolderArgument,
    port: PortOption = 8005,
    lan: LanOption = False,
    cert: CertOption = None,
    key: KeyOption = None,
    tls: TlsOption = False,
    workers: WorkersOption = 0,
    public: PublicOption = "",
    metrics_token: MetricsTokenOption = None,
    worker: ApartOption = None,
    worker_keys: KeysOption = None,
) -> None:
    """Serve an event: people play in browsers, each at a seat, on the simulator.

    An event that was served before is resumed, with the same codes. Only this machine can connect, unless --lan
    is given. Ctrl-C ends the server; labs and attempts stay in the event's folder.
    """
    if (cert is None) != (key is None):
        raise UsageProblem(
            "A certificate and its key belong together.", remedy="Give both: --cert FILE --key FILE"
        )
    _require_server()
    from lab.serve.origin import origin_of  # noqa: PLC0415 -- --help does without
    from lab.serve.server.run import Listening  # noqa: PLC0415

    listening = Listening(
        port=port,
        lan=lan,
        cert=cert,
        key=key,
        tls=tls,
        workers=workers,
        public=origin_of(public) if public else "",
        metrics_token=metrics_token,
        apart=tuple(worker or ()),
        keys=worker_keys,
    )
    _listen(invocation(context), folder, listening)


def event(  # noqa: PLR0917 -- the options of a command
    context: typer.Context,
    action: Annotated[
        Action,
        typer.Argument(show_choices=False, show_default=False, help=f"What to do: {', '.join(Action)}."),
    ],
    folder: FolderArgument,
    who: Annotated[
        str,
        typer.Argument(
            metavar="[NAME|CODE]",
            help="forget: the person whose data to remove; regrade: the seat.",
            show_default=False,
        ),
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Folder for report or certificates; default: in the event."
        ),
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="regrade: let the new result count.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Create, check, start, pause, resume, stop and report an event.

    new writes an event.yaml that you can edit. start, pause, stop and reveal need a running server. reveal shows
    the ranking that was frozen near the end. resume ends a pause, and restarts a server that has ended. codes
    lists each code and the person who joins with it. verify says whether the attempts' files were changed.
    certify writes each person's result as signed JSON, with a page to print. regrade NAME grades a submitted
    cluster again, for an appeal. forget NAME removes a person's data, after
    the event.
    """
    from lab.serve import attempt_actions, event_actions  # noqa: PLC0415 -- --help does without

    run = invocation(context)
    if action is Action.NEW:
        event_actions.new(run, folder)
        return
    opened = event_actions.opened(folder)
    match action:
        case Action.CHECK:
            event_actions.check(run, opened)
        case Action.CODES:
            event_actions.codes(run, opened, as_json=as_json)
        case Action.REPORT:
            options = attempt_actions.ReportOptions(as_json=as_json)
            attempt_actions.report(run, folder, output, None, options)
        case Action.VERIFY:
            opened.load_state()
            attempt_actions.verify(run, folder, None, as_json=as_json)
        case Action.REGRADE:
            event_actions.regrade(run, opened, who, accept=accept, as_json=as_json)
        case Action.CERTIFY:
            opened.load_state()
            attempt_actions.certify(run, opened, output, as_json=as_json)
        case Action.FORGET:
            event_actions.forget(run, opened, who)
        case Action.RESUME if not event_actions.served(opened):
            opened.load_state()
            _resume(run, folder)
        case _:
            event_actions.ask(run, opened, action.value)


def _resume(run: Invocation, folder: Path) -> None:
    """Serve an event again at its previous address, so that open pages reconnect."""
    _require_server()
    from lab.serve.server.run import Listening  # noqa: PLC0415

    _listen(run, folder, Listening.before(folder))


def _listen(run: Invocation, folder: Path, listening: "Listening") -> None:
    from lab.serve import event_actions  # noqa: PLC0415
    from lab.serve.server.run import hold  # noqa: PLC0415

    opened = event_actions.opened(folder)
    if event_actions.served(opened):
        raise LabError(f"{folder} is being served already.", remedy="End that server first, with Ctrl-C.")

    def said(url: str, hall: "Hall") -> None:
        _say_address(run, opened, url, hall, lan=listening.lan)

    hold(opened, listening, said)


def _say_address(run: Invocation, folder: "EventFolder", url: str, hall: "Hall", *, lan: bool) -> None:
    import segno  # noqa: PLC0415 -- only here

    run.console.text(f"{folder.invited.event.title}: {len(hall.places)} seats")
    run.console.text(f"Address:            {url}")
    run.console.text(f"Instructor's code:  {hall.state.code}   (opens the board)")
    run.console.text(f"Codes of the seats: kluster event codes {folder.path}")
    if hall.fingerprint:
        run.console.text(f"Fingerprint:        {hall.fingerprint}")
        run.console.say("Browsers warn about this certificate: compare its SHA-256 fingerprint.")
    if lan:
        along = "" if hall.fingerprint else " Without TLS, others can read the traffic: --tls makes a certificate."
        run.console.say(f"Everybody in this network can reach this port.{along}")
        if run.console.stdout.isatty():
            segno.make(url, error="m").terminal(out=run.console.stdout, compact=True)
    else:
        run.console.say("Only this machine can connect. For others: --lan")
    run.console.say("Ctrl-C ends the server. The same command resumes the event.")


def _require_server() -> None:
    if sys.platform == "win32":
        raise LabError("An event can't be served on Windows yet.", remedy="Use WSL, Linux or macOS.")
    missing = [name for name in _NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        raise LabError(
            f"Serving needs {', '.join(missing)}.",
            remedy="Install the lab with its server: pipx install 'kluster005[serve]'; from a checkout: make lab",
        )
