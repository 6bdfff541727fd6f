"""Opening the folder of an event."""

from pathlib import Path

from lab.catalog import CATALOG
from lab.errors import UsageProblem
from lab.places import hints_folder, scenarios_folder
from lab.serve.event.folder import EventFolder
from lab.serve.event.model import EVENT, load_event

__all__ = ["opened"]


def opened(folder: Path) -> EventFolder:
    """Return the event in `folder`; raise `LabError` if there is none or if it is invalid."""
    if not EventFolder.is_event(folder):
        raise UsageProblem(
            f"There is no event in {folder}.", f"It has no {EVENT}.", f"Make one: kluster event new {folder}"
        )
    return EventFolder(folder.resolve(), load_event(folder, scenarios_folder(), hints_folder(), CATALOG))
