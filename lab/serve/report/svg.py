"""Plots as static SVG, in the colours of the surrounding page, readable without colours.

Marks differ by shape and by the digits in them. Each plot has a title and a description for screen readers, and a
table with the same numbers beside it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Bar", "Mark", "Titled", "Track", "bars", "grid", "tracks"]

_WIDTH = 640
#: The right edge of the labels, where the plot begins, and the right margin.
_LEFT, _RIGHT = 130, 20
_TOP = 8
_AXIS = 34
_LANE = 20


@dataclass(frozen=True, slots=True)
class Titled:
    """The id of a plot in its page, its title, and its description in words."""

    ident: str
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A horizontal bar: a value out of a maximum, with the range of all values behind it."""

    label: str
    value: float
    maximum: float
    low: float
    high: float
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark at a time in seconds: a digit in a box, or a circle without a digit."""

    seconds: float
    digit: str = ""


@dataclass(frozen=True, slots=True)
class Track:
    """Marks along the time, in one row; `middle` is drawn as a line across the row."""

    label: str
    marks: Sequence[Mark]
    middle: float | None = None


def _svg(titled: Titled, height: float, parts: Sequence[str]) -> str:
    ident = titled.ident
    return (
        f'<svg role="img" aria-labelledby="{ident}-t {ident}-d" viewBox="0 0 {_WIDTH} {height:g}">'
        f'<title id="{ident}-t">{escape(titled.title)}</title><desc id="{ident}-d">{escape(titled.about)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{named}>{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _box(x: float, y: float, size: tuple[float, float], kind: str, shade: float | None = None) -> str:
    width, height = size
    opacity = "" if shade is None else f' fill-opacity="{shade:.2f}"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" class="{kind}"{opacity}/>'


def _steps(most: float, count: int = 6) -> list[float]:
    """Return round values from 0 to `most`, about `count` of them."""
    if most <= 0:
        return [0.0]
    rough = most / count
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= rough)
    return [step * number for number in range(int(most / step) + 1)]


def _axis(most: float, y: float, height: float, unit: str) -> list[str]:
    """Return vertical lines with their values below, and the unit."""
    width = _WIDTH - _LEFT - _RIGHT
    parts = []
    for value in _steps(most):
        x = _LEFT + (value / most * width if most else 0)
        parts += [_line(x, y, x, y + height, "rule"), _text(x, y + height + 14, f"{value:g}", anchor="middle")]
    return [*parts, _text(_WIDTH - _RIGHT, y + height + 29, unit, anchor="end")]


def bars(titled: Titled, given: Sequence[Bar], unit: str) -> str:
    """Return a plot with one bar for each of `given`: outlined up to its maximum, filled up to its value."""
    most = max((bar.maximum for bar in given), default=0.0)
    scale = (_WIDTH - _LEFT - _RIGHT) / most if most else 0.0
    height = 40.0 * len(given)
    parts = _axis(most, _TOP, height, unit)
    for row, bar in enumerate(given):
        y = _TOP + 40 * row
        parts += [
            _text(_LEFT - 8, y + 18, bar.label, anchor="end"),
            _box(_LEFT, y + 5, (bar.maximum * scale, 16), "frame"),
            _box(_LEFT, y + 5, (max(0.0, bar.value) * scale, 16), "fill"),
            _line(_LEFT + bar.low * scale, y + 26, _LEFT + bar.high * scale, y + 26, "whisker"),
        ]
        parts += [
            _line(_LEFT + at * scale, y + 22, _LEFT + at * scale, y + 30, "whisker") for at in (bar.low, bar.high)
        ]
        parts.append(_text(_LEFT + 6, y + 18, bar.text, kind="on"))
    return _svg(titled, _TOP + height + _AXIS, parts)


def tracks(titled: Titled, given: Sequence[Track], seconds: float) -> str:
    """Return a plot with one row for each of `given`, from the start to `seconds`; marks are stacked."""
    minutes = max(seconds, 60.0) / 60
    scale = (_WIDTH - _LEFT - _RIGHT) / minutes
    rows: list[str] = []
    y = float(_TOP)
    for track in given:
        placed = _lanes([_LEFT + mark.seconds / 60 * scale for mark in track.marks])
        height = _LANE * (max((lane for _, lane in placed), default=0) + 1) + 12.0
        rows += [
            _text(_LEFT - 8, y + height / 2 + 4, track.label, anchor="end"),
            _line(_LEFT, y + height, _WIDTH - _RIGHT, y + height, "rule"),
        ]
        for mark, (x, lane) in zip(track.marks, placed, strict=True):
            rows += _mark(x, y + 6 + _LANE * lane + _LANE / 2, mark.digit)
        if track.middle is not None:
            x = _LEFT + track.middle / 60 * scale
            rows.append(_line(x, y + 2, x, y + height - 2, "middle"))
        y += height
    return _svg(titled, y + _AXIS, _axis(minutes, _TOP, y - _TOP, "minutes") + rows)


def _lanes(xs: Sequence[float]) -> list[tuple[float, int]]:
    """Return the place of each mark: its x, and the first lane where it covers no other mark."""
    ends: list[float] = []
    found = []
    for x in xs:
        lane = next((number for number, end in enumerate(ends) if end <= x), len(ends))
        ends[lane : lane + 1] = [x + 16]
        found.append((x, lane))
    return found


def _mark(x: float, y: float, digit: str) -> list[str]:
    if not digit:
        return [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" class="dot"/>']
    return [_box(x - 7, y - 8, (14, 16), "frame paper"), _text(x, y + 4, digit, anchor="middle", kind="digit")]


def grid(titled: Titled, rows: Sequence[tuple[str, Sequence[int]]], ends: Sequence[float]) -> str:
    """Return a plot with a number in each cell: larger numbers are darker. `ends` are the columns' ends, in s."""
    width = (_WIDTH - _LEFT - _RIGHT) / max(1, len(ends))
    most = max((value for _, values in rows for value in values), default=0)
    parts: list[str] = []
    for number, (label, values) in enumerate(rows):
        y = _TOP + 26 * number
        parts.append(_text(_LEFT - 8, y + 17, label, anchor="end"))
        for column, value in enumerate(values):
            x = _LEFT + width * column
            parts += [
                _box(x, y, (width, 26), "cell", 0.45 * value / most if most else 0.0),
                _text(x + width / 2, y + 17, str(value), anchor="middle"),
            ]
    y = _TOP + 26 * len(rows)
    parts += [
        _text(_LEFT + width * (column + 1), y + 14, f"{end / 60:.0f}", anchor="middle")
        for column, end in enumerate(ends)
    ]
    parts.append(_text(_WIDTH - _RIGHT, y + 29, "up to this minute", anchor="end"))
    return _svg(titled, y + _AXIS, parts)
