"""`kluster shell` and `exec`: a terminal on a node, and one command with its streams passed through."""

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from lab.commands import candidates
from lab.commands.deadline import TimeOverError, until_due
from lab.commands.invocation import DEFAULT_LAB, Invocation, NameOption, invocation
from lab.errors import LabError

if TYPE_CHECKING:
    from lab.cluster.base import Node
    from lab.lab import Lab

__all__ = ["exec_", "shell"]

NodeOption = Annotated[
    str,
    typer.Option("--node", "-n", metavar="N", help="The node, such as worker.", autocompletion=candidates.nodes),
]


def shell(context: typer.Context, node: NodeOption = "control-plane", name: NameOption = DEFAULT_LAB) -> None:
    """Open a root shell on a node; `exit` or Ctrl-D ends it. Several shells can be open.

    The shell shows a message when the lab is paused in another terminal. When the time of an exam is over, the
    shell ends and the
    exam is submitted.
    """
    if sys.platform == "win32":
        raise LabError(
            "A shell needs a POSIX terminal, and this system has none.",
            remedy="Play with terminals on the nodes: kluster play; or run one command: kluster exec -- CMD...",
        )
    from lab.commands.paused import pauses_told  # noqa: PLC0415 -- --help does without all that a lab needs
    from lab.commands.terminal import attach  # noqa: PLC0415 -- it is for POSIX systems only

    run = invocation(context)
    if not all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        raise LabError(
            "A shell needs a terminal, and there is none here.",
            remedy="Without a terminal, run one command: kluster exec -- CMD...",
        )
    lab, here = _node(run, name, node)
    screen = sys.stdout.fileno()
    size = os.get_terminal_size(screen)
    opened = here.shell(size.lines, size.columns)
    try:
        with (
            until_due(lab.session),
            pauses_told(lab.store, lambda line: os.write(screen, f"\r\n[{line}]\r\n".encode())),
        ):
            attach(opened, sys.stdin.fileno(), screen, command_ended=lab.store.stir)
    except TimeOverError as over:
        run.console.say(f"\n{over.title}")
        run.finish(lab)
    finally:
        opened.close()
        lab.store.stir()


def exec_(
    context: typer.Context,
    *,
    words: Annotated[list[str], typer.Argument(metavar="CMD", help="The command and its arguments.")],
    node: NodeOption = "control-plane",
    name: NameOption = DEFAULT_LAB,
) -> None:
    """Run a command on a node; its input, output and exit code are passed through.

    Put `--` before a command that begins with a dash.
    """
    run = invocation(context)
    lab, here = _node(run, name, node)
    stdin = sys.stdin.buffer if sys.stdin else None
    try:
        with until_due(lab.session):
            code = here.stream(words, stdin=stdin, stdout=sys.stdout.buffer, stderr=sys.stderr.buffer)
    except TimeOverError:
        run.finish(lab)
        raise
    finally:
        lab.store.stir()
    raise typer.Exit(code)


def _node(run: Invocation, name: str, node: str) -> "tuple[Lab, Node]":
    from lab.cluster.base import node_named  # noqa: PLC0415 -- --help does without all that a lab needs
    from lab.core.modes import Act  # noqa: PLC0415
    from lab.core.session import State  # noqa: PLC0415

    lab = run.open(name)
    lab.session.need(set(State) - {State.CREATING, State.PAUSED, State.DELETING}, "go to its nodes")
    lab.require(Act.ENTER)
    found = node_named(lab.cluster, node)
    lab.verify_cluster()
    return lab, found
