"""`kluster kubeconfig`: what clients on this machine (kubectl, libraries) need to reach the lab."""

import typer

from lab.commands.invocation import DEFAULT_LAB, NameOption, invocation

__all__ = ["kubeconfig"]


def kubeconfig(context: typer.Context, name: NameOption = DEFAULT_LAB) -> None:
    """Print a kubeconfig for the lab's cluster.

    A simulated lab then listens on this machine, on a port of its own, for the holder of this kubeconfig alone. It
    stops listening when the lab is deleted, or ten minutes after its last use; print the kubeconfig again then. An
    exam refuses it unless its scenario allows clients.
    """
    from lab.core.modes import Act  # noqa: PLC0415 -- --help does without all that a lab needs
    from lab.core.session import State  # noqa: PLC0415

    run = invocation(context)
    lab = run.open(name)
    lab.session.need(set(State) - {State.CREATING, State.PAUSED, State.DELETING}, "connect to its cluster")
    lab.require(Act.ENTER)
    if not lab.scenario.clients_in_exams:
        lab.require(Act.CONNECT)
    lab.verify_cluster()
    typer.echo(lab.cluster.client_config(), nl=False)
