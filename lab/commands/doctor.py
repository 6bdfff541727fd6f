"""`kluster doctor`: what this machine lacks for a real cluster, and how to get it."""

from typing import TYPE_CHECKING, Annotated

import typer

from lab.commands.create import ImageOption
from lab.commands.invocation import DEFAULT_LAB, Invocation, JsonOption, NameOption, invocation
from lab.commands.steps import steps
from lab.errors import ExitCode
from lab.progress import step

if TYPE_CHECKING:
    from lab.cluster.base import Finding

__all__ = ["doctor"]


def doctor(
    context: typer.Context,
    *,
    live: Annotated[
        bool,
        typer.Option("--live", help="Also test whether the network of a healthy lab enforces policies."),
    ] = False,
    name: NameOption = DEFAULT_LAB,
    image: ImageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check whether a real cluster can be created here. Each finding has its remedy.

    The last line says what you can play now. The exit code is 0 if a real cluster is possible, otherwise 3.
    """
    from lab.doctor import examine  # noqa: PLC0415 -- it needs the Docker SDK, and --help does not

    run = invocation(context)
    findings = list(examine(image=image))
    if live:
        findings.append(_live(run, name))
    _show(run, findings, as_json=as_json)
    wrong = any(not finding.ok and not finding.advisory for finding in findings)
    raise typer.Exit(ExitCode.ENVIRONMENT if wrong else ExitCode.DONE)


def _live(run: Invocation, name: str) -> "Finding":
    """Only on a healthy lab: in a broken one, the pods of the test would turn forwarding on again."""
    from lab.core.session import State  # noqa: PLC0415 -- see doctor
    from lab.deny_test import live_deny_test  # noqa: PLC0415

    lab = run.open(name)
    lab.session.need([State.HEALTHY], "try policies on it")
    lab.verify_cluster()
    with step(steps(run.console), "Try a policy on the cluster"):
        return live_deny_test(lab.cluster)


def _show(run: Invocation, findings: "list[Finding]", *, as_json: bool) -> None:
    if as_json:
        run.console.data(
            [
                {
                    "name": finding.name,
                    "ok": finding.ok,
                    "advisory": finding.advisory,
                    "found": finding.found,
                    "remedy": "" if finding.ok else finding.remedy,
                }
                for finding in findings
            ]
        )
        return
    from lab.doctor import playable  # noqa: PLC0415 -- see doctor

    for finding in findings:
        word = "ok" if finding.ok else "note" if finding.advisory else "WRONG"
        run.console.text(f"{word:5}  {finding.name}: {finding.found}")
        if not finding.ok and finding.remedy:
            run.console.text(f"       -> {finding.remedy}")
    run.console.text(playable(findings))
