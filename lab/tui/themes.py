"""The colours: dark, light and high contrast, and the sixteen terminal colours on each."""

from rich.terminal_theme import TerminalTheme
from textual.color import Color
from textual.theme import Theme

__all__ = ["ANSI_DARK", "ANSI_LIGHT", "NAMES", "THEMES"]

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


def _ansi(background: str, foreground: str, normal: str, bright: str) -> TerminalTheme:
    """Return the colours from black to white, as six hexadecimal digits each."""

    def rgb(colours: str) -> list[tuple[int, int, int]]:
        return [Color.parse(f"#{each}").rgb for each in colours.split()]

    ends = rgb(f"{background} {foreground}")
    return TerminalTheme(ends[0], ends[1], rgb(normal), rgb(bright))


#: On dark and on light backgrounds. Textual's own yellow and white are hard to read on light ones.
ANSI_DARK = _ansi(
    "11151c",
    "d8dee9",
    "1f2733 ff7a7a 7fd88f ffcf6b 6cabff d2a8ff 56d4dd d8dee9",
    "8b95a5 ff9a9a a3e8b0 ffe08a 9ccfff e2c5ff 8be9f0 ffffff",
)
ANSI_LIGHT = _ansi(
    "fbfcfd",
    "1c2430",
    "1c2430 b3261e 1b7a33 8a5a00 0b5cad 7a3e9d 00697a 646f7e",
    "5b6675 c62f26 1d7c36 8f5e00 1668c4 8a4bb0 00717f ffffff",
)

THEMES = (_DARK, _LIGHT, _CONTRAST)
#: The values of `--theme` -> the theme's name.
NAMES = {"dark": _DARK.name, "light": _LIGHT.name, "contrast": _CONTRAST.name}
