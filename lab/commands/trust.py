"""Scenarios from strangers on a real cluster: the person is asked first."""

from pathlib import Path

from lab.commands.invocation import Invocation

__all__ = ["is_strange", "require_trust"]


def is_strange(folder: Path) -> bool:
    """Return whether the scenario in `folder` did not come with kluster."""
    from lab.places import scenarios_folder  # noqa: PLC0415 -- --help does without

    return not folder.resolve().is_relative_to(scenarios_folder().resolve())


def require_trust(run: Invocation, folder: Path, backend: str, *, yes: bool) -> None:
    """Ask before a stranger's scenario gets a real cluster; the simulator keeps it from the machine.

    Raises:
        LabError: nobody can be asked, the answer is no, or the scenario has errors.
    """
    if backend != "kind" or not is_strange(folder):
        return
    from lab.catalog import CATALOG  # noqa: PLC0415
    from lab.core.load import load  # noqa: PLC0415 -- likewise
    from lab.core.reach import reach  # noqa: PLC0415
    from lab.places import hints_folder  # noqa: PLC0415

    loaded = load(folder, hints_folder(), CATALOG)
    asked = reach(loaded.manifests.values())
    pods = f" Its pods ask for: {', '.join(asked)}." if asked else ""
    run.require_yes(
        f"The scenario in {folder} did not come with kluster. Its faults and its solution run commands as root on "
        f"the nodes, which are privileged containers on this machine.{pods} Use it on a real cluster?",
        yes=yes,
    )
