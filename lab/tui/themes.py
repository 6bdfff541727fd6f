"""The colours: dark, light and high contrast."""

from textual.theme import Theme

__all__ = ["NAMES", "THEMES"]

_DARK = Theme(
    name="kluster-dark",
    primary="#5fb3ff",
    secondary="#b48ead",
    accent="#ffb454",
    foreground="#d8dee9",
    background="#11151c",
    surface="#161b24",
    panel="#1f2733",
    success="#7fd88f",
    warning="#ffcf6b",
    error="#ff7a7a",
    dark=True,
    variables={"border-blurred": "#3d4b60"},
)
_LIGHT = Theme(
    name="kluster-light",
    primary="#0b5cad",
    secondary="#7a3e9d",
    accent="#a65400",
    foreground="#1c2430",
    background="#fbfcfd",
    surface="#f1f4f8",
    panel="#e2e8f0",
    success="#1b7a33",
    warning="#8a5a00",
    error="#b3261e",
    dark=False,
    variables={"border-blurred": "#b4c0cf"},
)
_CONTRAST = Theme(
    name="kluster-contrast",
    primary="#ffff00",
    secondary="#00ffff",
    accent="#ffff00",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#262626",
    success="#00ff00",
    warning="#ffff00",
    error="#ff6060",
    dark=True,
    variables={"border-blurred": "#9a9a9a"},
)

THEMES = (_DARK, _LIGHT, _CONTRAST)
#: What `--theme` takes -> the theme's name.
NAMES = {"dark": _DARK.name, "light": _LIGHT.name, "contrast": _CONTRAST.name}
