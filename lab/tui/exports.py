"""The debrief as files: Markdown, HTML, JSON, a picture, and the recordings with the timeline as markers."""

import json
from pathlib import Path

from lab.debrief import Debrief, to_html, to_markdown
from lab.debrief.recording import casts, with_markers
from lab.lab import Lab
from lab.places import state_folder

__all__ = ["export"]


def export(lab: Lab, told: Debrief, picture: str) -> Path:
    """Write all files into a new folder, and return the folder.

    Raises:
        OSError: a file can't be written.
    """
    folder = state_folder() / "debriefs" / f"{told.lab}-{told.started:%Y%m%d-%H%M%S}"
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "debrief.md": to_markdown(told),
        "debrief.html": to_html(told),
        "debrief.json": json.dumps(told.as_data(), indent=2) + "\n",
        "debrief.svg": picture,
    }
    for node, path in casts(lab.store.folder, told.started).items():
        files[f"{node}.cast"] = with_markers(path.read_text(encoding="utf-8"), told.timeline)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
