"""Where things are on the host: the lab's own folder, and the scenarios and hints that come with it."""

import os
from pathlib import Path

import platformdirs

__all__ = ["attempts_folder", "hints_folder", "lab_folder", "labs", "scenarios_folder", "state_folder"]

_PACKAGE = Path(__file__).resolve().parent


def state_folder() -> Path:
    """Return the folder all labs live in: `$KLUSTER_HOME`, or the platform's place for a user's state."""
    home = os.environ.get("KLUSTER_HOME")
    return Path(home).expanduser().resolve() if home else platformdirs.user_state_path("kluster")


def attempts_folder() -> Path:
    """Return the folder of the attempts on this machine, a file each; they outlive their labs."""
    return state_folder() / "attempts"


def lab_folder(name: str) -> Path:
    """Return the folder of the lab called `name` (which may not exist)."""
    return state_folder() / "labs" / name


def labs() -> list[str]:
    """Return the names of all labs that have a folder."""
    root = state_folder() / "labs"
    return sorted(folder.name for folder in root.iterdir() if folder.is_dir()) if root.is_dir() else []


def scenarios_folder() -> Path:
    """Return the folder of the scenarios that come with the lab."""
    return _shipped("scenarios")


def hints_folder() -> Path:
    """Return the folder of the hint files that come with the lab."""
    return _shipped("hints")


def _shipped(name: str) -> Path:
    """An installed wheel carries its data inside the package; a checkout has it at the top."""
    inside = _PACKAGE / "_data" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
