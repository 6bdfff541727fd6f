"""`kluster delete`: removes a lab, whole or damaged, and nothing else."""

from typing import TYPE_CHECKING

import typer

from lab.commands.invocation import DEFAULT_LAB, Invocation, NameOption, YesOption, invocation
from lab.commands.steps import steps
from lab.errors import LabError
from lab.progress import step

if TYPE_CHECKING:
    from lab.cluster.base import Cluster
    from lab.lab import Lab
    from lab.store import Store

__all__ = ["delete", "remove"]


def delete(context: typer.Context, *, name: NameOption = DEFAULT_LAB, yes: YesOption = False) -> None:
    """Remove the lab with its cluster, in any state. Other clusters are not touched.

    On a terminal it asks you to confirm; without a terminal it needs --yes. Removing a lab with a running exam
    withdraws from the exam.
    """
    from lab.places import labs  # noqa: PLC0415 -- --help does without all that a lab needs
    from lab.store import Store  # noqa: PLC0415

    run = invocation(context)
    store = Store(name)
    if name not in labs():
        store.load()  # raises an error that lists the existing labs
    lab = _open(name)
    if lab:
        _finish(run, lab)
    withdraws = " This withdraws from the exam, and counts as an attempt with no points."
    withdrawn = withdraws if lab and lab.session.bound else ""
    run.require_yes(f"Delete lab {name} ({_what(store)}) with its cluster?{withdrawn}", yes=yes)
    with step(steps(run.console), f"Delete lab {name}"):
        remove(name)


def remove(name: str) -> None:
    """Remove the lab called `name`. If its files are damaged, remove the known parts.

    Raises:
        LabError: its cluster can't be removed (then its folder stays), or another command works on it.
    """
    from lab.store import Store  # noqa: PLC0415 -- --help does without

    lab = _open(name)
    if lab:
        lab.delete()
        return
    store = Store(name)
    with store.alone():
        for cluster in _remains(store):
            cluster.delete()
    store.discard()


def _open(name: str) -> "Lab | None":
    from lab.lab import Lab  # noqa: PLC0415 -- --help does without

    try:
        return Lab.open(name)
    except LabError:
        return None


def _finish(run: Invocation, lab: "Lab") -> None:
    """Submit an exam whose time is over. If that fails, the lab is removed all the same."""
    try:
        run.finish(lab)
    except LabError as problem:
        run.console.say(f"The exam can't be submitted. {problem.title}", "yellow")


def _what(store: "Store") -> str:
    try:
        session = store.load()
    except LabError:
        return "damaged"
    return f"{session.backend}, {session.mode.value}, {session.words}"


def _remains(store: "Store") -> "list[Cluster]":
    """Return the possible clusters of a lab whose session or scenario can't be read.

    Only kind has anything outside of the lab's folder, and only once its mark exists. Nodes are found by name and
    mark, so their roles do not matter.
    """
    from lab.backends import open_cluster  # noqa: PLC0415 -- --help does without

    try:
        backend = store.load().backend
    except LabError:
        if not (store.folder / "mark").exists():
            return []
        backend = "kind"
    return [open_cluster(backend, store.name, store.folder, nodes=["control-plane", "worker"])]
