"""`kluster debrief`: the debrief of an attempt, on the screen or as a file."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab.commands import candidates
from lab.commands.invocation import DEFAULT_LAB, Invocation, NameOption, invocation
from lab.commands.steps import steps
from lab.errors import LabError, UsageProblem
from lab.progress import step

if TYPE_CHECKING:
    from lab.debrief import Debrief
    from lab.lab import Lab

__all__ = ["Format", "debrief", "rendered"]


class Format(StrEnum):
    """The values of `--format`."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"
    CAST = "cast"


def debrief(
    context: typer.Context,
    *,
    name: NameOption = DEFAULT_LAB,
    kind: Annotated[
        Format, typer.Option("--format", "-f", help="cast: a terminal's recording, as an asciicast with markers.")
    ] = Format.TEXT,
    node: Annotated[
        str,
        typer.Option(
            metavar="N", help="For cast: the node whose terminal to write.", autocompletion=candidates.nodes
        ),
    ] = "control-plane",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file instead of the screen.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Show score, timeline, repairs and causes of an attempt that has ended.

    In a rehearsal it works at any time.
    """
    run = invocation(context)
    if output and output.exists() and not force:
        raise _there_already(output)
    lab = run.open(name)
    text = rendered(lab, _collected(run, lab), kind, node)
    if output:
        _write(output, text, force=force)
        run.console.say(f"Written: {output}")
    elif kind is Format.TEXT:
        run.console.markdown(text)
    else:
        run.console.stdout.write(text)
        run.console.stdout.flush()


def _collected(run: Invocation, lab: "Lab") -> "Debrief":
    from lab.core.modes import Act  # noqa: PLC0415 -- --help does without all that a lab needs
    from lab.core.score_view import view  # noqa: PLC0415
    from lab.core.session import State  # noqa: PLC0415
    from lab.debrief import collect  # noqa: PLC0415

    lab.require(Act.SEE_ALL)
    score = None
    if lab.session.state in {State.BROKEN, State.PAUSED}:
        with step(steps(run.console), "Look at the cluster"):
            found = lab.check()
        score = view(lab.scenario, lab.loaded.solution, lab.session, found)
    return collect(lab.session, lab.loaded, lab.store.timeline(), score=score)


def rendered(lab: "Lab", told: "Debrief", kind: Format, node: str = "control-plane") -> str:
    """Return the debrief in a format.

    Raises:
        UsageProblem: there is no recording of the node.

    """
    from lab.debrief import to_html, to_markdown  # noqa: PLC0415 -- --help does without
    from lab.debrief.recording import casts, with_markers  # noqa: PLC0415

    match kind:
        case Format.HTML:
            return to_html(told)
        case Format.JSON:
            return json.dumps(told.as_data(), indent=2) + "\n"
        case Format.CAST:
            found = casts(lab.store.folder, told.started)
            if node not in found:
                known = ", ".join(found) or "none: only `kluster play` records"
                raise UsageProblem(f"There is no recording of '{node}'.", remedy=f"There are: {known}.")
            return with_markers(found[node].read_text(encoding="ascii", errors="replace"), told.timeline)
    return to_markdown(told)


def _write(path: Path, text: str, *, force: bool) -> None:
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise _there_already(path) from error
    except OSError as error:
        raise LabError(
            f"{path} can't be written.", str(error.strerror), "Choose another file with: --output FILE"
        ) from error


def _there_already(path: Path) -> UsageProblem:
    return UsageProblem(f"{path} already exists.", remedy="Choose another file, or overwrite it: --force")
