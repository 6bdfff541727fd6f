"""The options of `kluster play`."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["PlayOptions", "ThemeName"]

ThemeName = Literal["dark", "light", "contrast"]


@dataclass(frozen=True, slots=True)
class PlayOptions:
    """What to play and how; without a `scenario`, the app begins at home."""

    scenario: str = ""
    name: str = "kluster005"
    backend: str = "auto"
    mode: str = "training"
    team: str = ""
    faults: tuple[str, ...] = ()
    image: str | None = None
    seed: int = 0
    prefix: str = "ctrl+g"
    theme: ThemeName = "dark"
    animation: bool = True
    #: Whether colours may be shown.
    colour: bool = True
